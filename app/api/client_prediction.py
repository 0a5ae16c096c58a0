"""What one client will buy by the fit in force, or why nothing is predicted."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.documented import problems_documented
from app.api.predictions import PredictedFigures, fitted_in
from app.api.reading import Reading, reader
from app.problems import Problem
from domain.prediction.answers import predicted
from domain.prediction.state import Fit
from projections.purchase_history import PurchaseHistory, currencies_of, purchase_histories
from projections.value import ValueView

router = APIRouter(tags=["Prediction"])
NOT_FOUND = 404
MOST_DAYS = 1_825


class ClientPrediction(PredictedFigures):
    """The prediction for a client in one currency, and what it follows from."""

    currency: str
    days: int
    fit_id: Annotated[UUID, Field(description="The fit whose parameters were used")]
    repeats: Annotated[int, Field(description="Days with a purchase, after the first")]
    first_purchase_on: Annotated[date, Field(description="In UTC")]
    last_purchase_on: Annotated[date, Field(description="In UTC")]


class WhyNone(StrEnum):
    """Why nothing is predicted."""

    NO_PURCHASE = "no_purchase"
    NO_FIT = "no_fit"


class NotPredicted(BaseModel):
    """A currency in which nothing is predicted for a client, and why."""

    currency: Annotated[str | None, Field(description="Null: it has neither bought nor paid in any")]
    reason: Annotated[
        WhyNone,
        Field(
            description="`no_purchase`: it has bought nothing in the currency, or nothing that stands. `no_fit`: the "
            "models were not fitted to the currency yet; `POST /predictions/fits` does that, and says so where too few "
            "clients have bought"
        ),
    ]


class ClientPredictions(BaseModel):
    """The predictions for a client, one for each currency that it buys in, and why there is none in the others."""

    id: UUID
    items: list[ClientPrediction]
    not_predicted: list[NotPredicted]


Days = Annotated[int, Query(ge=1, le=MOST_DAYS, description="How far to look ahead")]
ReadingInTime = Annotated[Reading, reader(ValueView.name, in_time=True)]


@router.get("/clients/{client_id}/prediction", responses=problems_documented({NOT_FOUND: ["unknown_client"]}))
async def read_client_prediction(reading: ReadingInTime, client_id: UUID, days: Days = 365) -> ClientPredictions:
    """Whether the client is still one and what it will buy in the days to come, by the fit in force.

    Computed when asked, from the purchases up to now; with `as_of`, from what was known then, by the fit of then.
    """
    currencies = await currencies_of(reading.connection, client_id)
    if currencies is None:
        raise Problem("unknown_client", status=NOT_FOUND, facts={"id": client_id})
    await reading.services.directory.refresh()
    found = [await _predicted(reading, client_id, currency, days) for currency in currencies]
    nothing = [] if currencies else [NotPredicted(currency=None, reason=WhyNone.NO_PURCHASE)]
    return ClientPredictions(
        id=client_id,
        items=[each for each in found if isinstance(each, ClientPrediction)],
        not_predicted=[each for each in found if isinstance(each, NotPredicted)] or nothing,
    )


async def _predicted(reading: Reading, client_id: UUID, currency: str, days: int) -> ClientPrediction | NotPredicted:
    history = await purchase_histories(reading.connection, currency, reading.now, client_id)
    if not history:
        return NotPredicted(currency=currency, reason=WhyNone.NO_PURCHASE)
    fit = fitted_in(reading, currency).fit_by(reading.now)
    if fit is None:
        return NotPredicted(currency=currency, reason=WhyNone.NO_FIT)
    return _prediction_body(reading, fit, history[0], days)


def _prediction_body(reading: Reading, fit: Fit, history: PurchaseHistory, days: int) -> ClientPrediction:
    figures = predicted(fit.purchases, fit.spend, history.by(reading.now), days, history.margin_share)
    return ClientPrediction(
        currency=fit.facts.currency,
        days=days,
        fit_id=fit.facts.fit_id,
        repeats=history.repeats,
        first_purchase_on=history.first_on,
        last_purchase_on=history.last_on,
        **figures._asdict(),
    )
