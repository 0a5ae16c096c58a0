"""Lists of deals, the forecast by month, and why deals are won and lost."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.api.parameters import NOTHING_FOR_NONE
from app.api.people import EmployeeRef, optional_ref
from app.api.reading import Reading, reader
from app.api.reports import ListPage, ReportPeriod, cursors_checked, dimension_filters, of_employee, page_by
from app.problems import invalid
from app.services import Services
from domain.client.deal_reasons import LossReason, WinReason
from domain.types import Category, Currency, Day, Step
from projections.deals import DealsView
from projections.deals_query import (
    CloseDays,
    DealState,
    ForecastBy,
    OutcomeBy,
    WantedDeals,
    deals,
    forecast,
    outcomes,
)
from projections.money import Money

router = APIRouter(tags=["Reports"])
DealsReading = Annotated[Reading, reader(DealsView.name, in_time=True)]
InCurrency = Annotated[Currency | None, Query(description="Only in this currency")]
Reason = WinReason | LossReason
_EMPLOYEE: JsonValue = {"id": "5d3c2a10-91a4-5b0e-8c57-3b1f6c2f4e01", "code": "ivanova", "name": "Anna Ivanova"}


async def _close_days(
    first: Annotated[
        Day | None, Query(alias="close_from", description="Expected to close on this day or later")
    ] = None,
    last: Annotated[Day | None, Query(alias="close_to", description="Expected to close on this day or earlier")] = None,
) -> CloseDays:
    if first and last and first > last:
        raise invalid("close_to", "Send a day that is not before `close_from`.", "before_from")
    return CloseDays(first, last)


Closing = Annotated[CloseDays, Depends(_close_days)]


class ListedDeal(BaseModel):
    """A deal with its client. `stage`: the client's step while it is open, then that in which it was closed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "7d8b0a54-8a55-4b8e-9a3f-2c6d7e8f9a01",
                    "client_id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11",
                    "client_name": "Ural Steel",
                    "origin": "exhibition",
                    "category": "A",
                    "title": "Trial delivery",
                    "amount": "12000.00",
                    "currency": "EUR",
                    "close_on": "2026-03-31",
                    "probability": 60,
                    "opened_at": "2026-03-05T09:00:00Z",
                    "state": "open",
                    "since": "2026-03-05T09:00:00Z",
                    "stage": "first_deal",
                    "employee": _EMPLOYEE,
                    "reason": None,
                }
            ]
        }
    )

    id: UUID
    client_id: UUID
    client_name: str | None
    origin: str | None
    category: Category | None
    title: str | None
    amount: Annotated[Money, Field(description="What is expected of it; the revenue once it is won")]
    currency: str
    close_on: date | None
    probability: Annotated[int | None, Field(description="Per cent")]
    opened_at: datetime
    state: DealState
    since: Annotated[datetime, Field(description="When it came into its state")]
    stage: Step
    employee: Annotated[EmployeeRef | None, Field(description="Who works the client, or worked it at the close")]
    reason: Annotated[Reason | None, Field(description="Why it was won or lost; null: open, or nobody said")]


class DealPage(BaseModel):
    """Deals, those first that are in their state for the longest time."""

    items: list[ListedDeal]
    next_cursor: str | None


@router.get("/deals")
async def list_deals(
    reading: DealsReading,
    page: ListPage,
    since: ReportPeriod,
    close: Closing,
    state: Annotated[
        DealState | None, Query(description="`open` leaves out clients that are given up, archived or merged")
    ] = None,
    employee_id: Annotated[str | None, Query(description=f"Who works it, or worked it; {NOTHING_FOR_NONE}")] = None,
    stage: Step | None = None,
    origin: Annotated[str | None, Query(description=NOTHING_FOR_NONE)] = None,
    category: Annotated[Category | Literal[""] | None, Query(description=NOTHING_FOR_NONE)] = None,
    reason: Annotated[Reason | Literal[""] | None, Query(description=NOTHING_FOR_NONE)] = None,
    currency: InCurrency = None,
    client_id: UUID | None = None,
    has_close_on: bool | None = None,
    has_probability: bool | None = None,
) -> DealPage:
    """Deals, among them those behind a figure of the forecast or of the outcomes.

    `from` and `to`: when they came into their state.
    """
    by = dimension_filters({"stage": stage, "origin": origin, "category": category, "reason": reason}, employee_id)
    sent = {"close_on": has_close_on, "probability": has_probability}
    has = {name: there for name, there in sent.items() if there is not None}
    wanted = WantedDeals(state, by, has, currency, client_id, close, since)
    with cursors_checked():
        found = await deals(reading.connection, wanted, page)
    items = [ListedDeal(**_named(reading.services, item)) for item in found.items]
    return DealPage(items=items, next_cursor=found.next_cursor)


def _named(services: Services, item: dict[str, Any]) -> dict[str, Any]:
    return item | {"id": item["deal_id"], "employee": optional_ref(services, item["employee_id"])}


class ExpectedFigures(BaseModel):
    """What open deals let expect. Those whose probability nobody said weigh nothing, and are counted apart."""

    model_config = ConfigDict(from_attributes=True)

    deals: int
    amount: Money
    weighted: Annotated[Money, Field(description="Each amount times its probability")]
    unweighted: Annotated[int, Field(description="Deals among them without a probability")]
    unweighted_amount: Annotated[Money, Field(description="What these are worth")]
    late: Annotated[int, Field(description="Deals among them that were expected to close before today")]


class UndatedItem(ExpectedFigures):
    """Open deals without a day to close on, in one currency; of one value where the forecast is split."""

    currency: str
    employee: EmployeeRef | None = None
    origin: str | None = None
    category: Category | None = None
    stage: Step | None = None


class ForecastItem(UndatedItem):
    """The deals that are expected to close in a month, in one currency."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "month": "2026-03",
                    "currency": "EUR",
                    "deals": 3,
                    "amount": "30000.00",
                    "weighted": "14000.00",
                    "unweighted": 1,
                    "unweighted_amount": "6000.00",
                    "late": 0,
                }
            ]
        }
    )

    month: Annotated[str, Field(examples=["2026-03"], description="In which they are expected to close")]


class ForecastReport(BaseModel):
    """The forecast by month and currency, and apart from it the deals that no month can be said of."""

    items: list[ForecastItem]
    next_cursor: str | None
    undated: list[UndatedItem]
    total: Annotated[dict[str, ExpectedFigures], Field(description="By currency, with the undated ones")]


@router.get("/reports/forecast", response_model_exclude_unset=True)
async def report_forecast(
    reading: DealsReading,
    close: Closing,
    page: ListPage,
    by: Annotated[ForecastBy | None, Query(description="What each month is split by")] = None,
    currency: InCurrency = None,
) -> ForecastReport:
    """What the open deals let expect by month of their close: amounts, and amounts weighted by probability.

    Deals of clients that are given up, archived or merged are left out; so are undated ones, where days are asked for.
    """
    found = await forecast(reading.connection, by, close, currency, reading.today)
    items = [ForecastItem(**of_employee(reading, item)) for item in found.months]
    shown, next_cursor = page_by(items, page, "month", "currency", *([by.value] if by else []))
    return ForecastReport(
        items=shown,
        next_cursor=next_cursor,
        undated=[UndatedItem(**of_employee(reading, item)) for item in found.undated],
        total={name: ExpectedFigures.model_validate(figures) for name, figures in found.total.items()},
    )


class OutcomeAmounts(BaseModel):
    """The revenue of won deals, and what was expected of lost ones."""

    won: Money
    lost: Money


ByReason = Annotated[dict[str, int], Field(description="How many for each reason; the empty text: nobody said why")]


class OutcomeFigures(BaseModel):
    """The deals that were closed within the period."""

    won: int
    lost: int
    win_rate: Annotated[float | None, Field(description="Won, of those closed; to 4 places")]
    won_by_reason: ByReason
    lost_by_reason: ByReason
    amounts: Annotated[dict[str, OutcomeAmounts], Field(description="By currency")]


class OutcomeItem(OutcomeFigures):
    """The figures of a reason, stage, origin, employee or category; null: of none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "stage": "first_deal",
                    "won": 3,
                    "lost": 2,
                    "win_rate": 0.6,
                    "won_by_reason": {"": 1, "speed": 2},
                    "lost_by_reason": {"price": 2},
                    "amounts": {"EUR": {"won": "36000.00", "lost": "9000.00"}},
                }
            ]
        }
    )

    reason: Reason | None = None
    stage: Step | None = None
    origin: str | None = None
    category: Category | None = None
    employee: EmployeeRef | None = None


class OutcomeReport(BaseModel):
    """Why deals are won and lost."""

    items: list[OutcomeItem]
    next_cursor: str | None
    total: OutcomeFigures


@router.get("/reports/deal-outcomes", response_model_exclude_unset=True)
async def report_deal_outcomes(
    reading: DealsReading,
    period: ReportPeriod,
    page: ListPage,
    by: Annotated[OutcomeBy, Query(description="What the figures are split by")] = OutcomeBy.REASON,
    currency: InCurrency = None,
) -> OutcomeReport:
    """The deals that were won and lost within the period, and why. A deal that was reopened is in it no more."""
    found = await outcomes(reading.connection, by, period, currency)
    items = [OutcomeItem(**of_employee(reading, item)) for item in found.items]
    shown, next_cursor = page_by(items, page, by.value)
    return OutcomeReport(items=shown, next_cursor=next_cursor, total=OutcomeFigures(**found.total))
