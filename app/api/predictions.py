"""Prediction of purchases: fitting the models, the fits there were, and what the one in force says of all clients."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import COMMAND_HEADERS, REPLAYED_HEADER, Caller, services_of
from app.api.documented import problems_documented
from app.api.people import EmployeeRef, employee_ref, optional_ref
from app.api.reading import Reading, reader, wait_for
from app.api.reports import ListPage, cursors_checked, dimension_filters, of_employee, page_by
from app.auth import authorize
from app.prediction.lists import PredictionBy, Wanted, predicted_by_segment, predicted_clients
from app.prediction.making import FitOrder, make_fit
from app.problems import Problem
from domain.prediction.state import Fit, Prediction, prediction_id
from domain.types import Currency
from projections.money import Money
from projections.value import ValueView

router = APIRouter(tags=["Prediction"])
CREATED, REFUSED = 201, 409
ValueReading = Annotated[Reading, reader(ValueView.name)]
_NO_FIT = problems_documented({}, "no_fit")


class MadeFit(BaseModel):
    """A fit was made and recorded: the stream of the currency's predictions, its version, and the fit's own id."""

    id: UUID
    version: int
    position: int
    fit_id: UUID


@router.post(
    "/predictions/fits",
    status_code=CREATED,
    responses=problems_documented({REFUSED: ["too_few_purchases"]}, "view_behind", "forbidden"),
    openapi_extra={"parameters": COMMAND_HEADERS},
)
async def fit_predictions(request: Request, response: Response, call: Caller, order: FitOrder) -> MadeFit:
    """Fit the models to all purchases in a currency; the answer comes when they are fitted, after some seconds.

    How often clients buy and when they are lost: BG/NBD (Fader, Hardie, Lee 2005). For how much: gamma-gamma (Fader,
    Hardie 2013). The parameters are recorded, so that every answer can be explained later.
    """
    services = services_of(request)
    authorize(call.actor, "administer")
    await wait_for(services, (ValueView.name,), await services.store.head())
    outcome = await make_fit(services, order, call)
    response.headers["ETag"] = f'"{outcome.answer["version"]}"'
    if outcome.replayed:
        response.headers[REPLAYED_HEADER] = "true"
    return MadeFit(**outcome.answer)


class FitBody(BaseModel):
    """A fit. Times are in weeks, amounts in the currency."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    recorded_at: datetime
    actor: EmployeeRef
    until: Annotated[datetime, Field(description="Purchases after it were left out")]
    clients: Annotated[int, Field(description="Clients that had bought")]
    repeating: Annotated[int, Field(description="Of these, who had bought on more days than one")]
    purchases: Annotated[dict[str, float], Field(description="BG/NBD: r, alpha, a, b")]
    log_likelihood: float
    spend: Annotated[dict[str, float], Field(description="Gamma-gamma: p, q, gamma")]
    correlation: Annotated[float, Field(description="Of number and mean amount of repeats; the model supposes none")]


class FitList(BaseModel):
    """The fits for a currency, the one in force first."""

    items: list[FitBody]
    next_cursor: str | None


@router.get("/predictions/{currency}/fits", responses=_NO_FIT)
async def list_fits(reading: ValueReading, page: ListPage, currency: Currency) -> FitList:
    """All fits there were for a currency, with their parameters."""
    await reading.services.directory.refresh()
    fits = fitted_in(reading, currency).fits
    if not fits:
        raise _no_fit(currency)
    items, next_cursor = page_by([_fit_body(reading, fit) for fit in reversed(fits)], page, "id")
    return FitList(items=items, next_cursor=next_cursor)


def fitted_in(reading: Reading, currency: str) -> Prediction:
    """The fits there were for a currency."""
    key = prediction_id(currency)
    return reading.services.directory.known(Prediction, key) or Prediction(key)


def _no_fit(currency: str | None) -> Problem:
    return Problem("no_fit", facts={"currency": currency})


def _fit_body(reading: Reading, fit: Fit) -> FitBody:
    facts = fit.facts
    return FitBody(
        id=facts.fit_id,
        recorded_at=fit.recorded_at,
        actor=employee_ref(reading.services, fit.actor),
        until=facts.until,
        clients=facts.clients,
        repeating=facts.repeating,
        purchases=fit.purchases._asdict(),
        log_likelihood=facts.log_likelihood,
        spend=fit.spend._asdict(),
        correlation=facts.correlation,
    )


class PredictedFigures(BaseModel):
    """What a client is expected to buy in so many days."""

    alive: Annotated[float, Field(description="The probability that it is still a client", ge=0, le=1)]
    purchases: Annotated[float, Field(description="Expected days with a purchase")]
    average_purchase: Money
    revenue: Money
    margin: Annotated[Money | None, Field(description="By the share of margin so far; null where no cost is known")]


class PredictedSums(BaseModel):
    """Sums over clients that have bought, for the 365 days after `until` of the fit."""

    clients: int
    alive: Annotated[float | None, Field(description="How many of them are expected to be clients still")]
    purchases: float | None
    revenue: Money | None
    margin: Money | None


class PredictedSegment(PredictedSums):
    """A segment; null is the value of clients where it is not known."""

    industry: str | None = None
    region: str | None = None
    category: str | None = None
    origin: str | None = None
    size: str | None = None
    employee: EmployeeRef | None = None


class PredictionReport(BaseModel):
    """What all clients are expected to buy, by segment, and the fit that says so."""

    fit: FitBody
    currency: str
    items: list[PredictedSegment]
    next_cursor: str | None
    total: PredictedSums


InCurrency = Annotated[Currency, Query(description="The currency of the fit")]


@router.get("/reports/prediction", response_model_exclude_unset=True, responses=_NO_FIT)
async def report_prediction(
    reading: ValueReading, page: ListPage, currency: InCurrency, by: PredictionBy = PredictionBy.INDUSTRY
) -> PredictionReport:
    """What is expected of the segments by the fit in force, as of the moment it looked back from."""
    fit = await _in_force(reading, currency)
    items, total = await predicted_by_segment(reading.connection, Wanted(fit.facts.fit_id), by)
    shown, next_cursor = page_by([PredictedSegment(**of_employee(reading, item)) for item in items], page, by.value)
    sums = PredictedSums(**total)
    fitted = _fit_body(reading, fit)
    return PredictionReport(fit=fitted, currency=currency, items=shown, next_cursor=next_cursor, total=sums)


async def _in_force(reading: Reading, currency: str) -> Fit:
    await reading.services.directory.refresh()
    fits = fitted_in(reading, currency).fits
    if not fits:
        raise _no_fit(currency)
    return fits[-1]


class PredictedClient(PredictedFigures):
    """A client, as of the moment the fit looked back from, for the 365 days after it."""

    id: UUID
    name: str | None
    employee: Annotated[EmployeeRef | None, Field(description="Who works it, or worked it last")]


class PredictedClientPage(BaseModel):
    """Clients that have bought."""

    fit_id: UUID
    until: datetime
    items: list[PredictedClient]
    next_cursor: str | None


Value = Annotated[str | None, Query(description="Only clients with this value; empty: those where it is not known")]
Sort = Literal["-revenue", "revenue", "-alive", "alive"]


@router.get("/reports/prediction/clients", responses=_NO_FIT)
async def list_predicted_clients(
    reading: ValueReading,
    currency: InCurrency,
    page: ListPage,
    most_alive: Annotated[
        float, Query(ge=0, le=1, description="0.5: only those that are lost more likely than not")
    ] = 1,
    sort: Annotated[Sort, Query(description="- is the largest first")] = "-revenue",
    industry: Value = None,
    region: Value = None,
    category: Value = None,
    origin: Value = None,
    size: Value = None,
    employee_id: Value = None,
) -> PredictedClientPage:
    """The clients behind a figure of the report: the most valuable first, or the most likely lost first."""
    fit = await _in_force(reading, currency)
    sent = {"industry": industry, "region": region, "category": category, "origin": origin, "size": size}
    wanted = Wanted(fit.facts.fit_id, dimension_filters(sent, employee_id), most_alive, sort)
    with cursors_checked():
        found = await predicted_clients(reading.connection, wanted, page)
    items = [
        PredictedClient(employee=optional_ref(reading.services, item.pop("employee")), **item) for item in found.items
    ]
    return PredictedClientPage(
        fit_id=fit.facts.fit_id, until=fit.facts.until, items=items, next_cursor=found.next_cursor
    )
