"""The fits of the prediction models to what clients bought, as facts: one stream for each currency.

A fit is recorded so that an answer can be explained later: with the same parameters the same purchases give the same
prediction.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID, uuid5

from pydantic import Field, FiniteFloat

from domain.kernel import Command, Event, Recorded, Refused
from domain.prediction.models import LEAST_ALPHA, PurchaseModel, SpendModel
from domain.regulation.state import RuleContext
from domain.types import Currency, Moment

_PREDICTIONS = UUID("1c1f6f1e-7f07-5a51-8a7b-0f6a3e1d9c42")
LEAST_CLIENTS = 50
"""So many clients have to have bought for a fit, and"""
LEAST_REPEATING = 20
"""so many of them again: with fewer, four parameters describe chance."""
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Number = Annotated[int, Field(ge=0)]


def prediction_id(currency: str) -> UUID:
    """The stream of the fits for a currency."""
    return uuid5(_PREDICTIONS, currency)


class PredictionFitted(Event, topic="predictions.fitted", begins="fit_id"):
    """The models were fitted to all purchases in a currency that had happened by `until`.

    `r`, `alpha`, `a` and `b` are those of BG/NBD, in weeks; `p`, `q` and `gamma` those of gamma-gamma, in the currency.
    `log_likelihood` is that of BG/NBD. `clients` had bought, `repeating` of them on more days than one.
    `correlation` is that of number and mean amount of the repeats; gamma-gamma supposes none.
    """

    fit_id: UUID
    currency: str
    until: datetime
    clients: int
    repeating: int
    r: FiniteFloat
    alpha: FiniteFloat
    a: FiniteFloat
    b: FiniteFloat
    log_likelihood: FiniteFloat
    p: FiniteFloat
    q: FiniteFloat
    gamma: FiniteFloat
    correlation: FiniteFloat


PREDICTION_EVENTS: tuple[type[Event], ...] = (PredictionFitted,)
"""All events of the stream of a currency's predictions."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One fit; see `PredictionFitted`. `recorded_at` is when it was made, `actor` who asked for it."""

    facts: PredictionFitted
    recorded_at: datetime
    actor: UUID

    @property
    def purchases(self) -> PurchaseModel:
        """How often clients buy."""
        return PurchaseModel(self.facts.r, self.facts.alpha, self.facts.a, self.facts.b)

    @property
    def spend(self) -> SpendModel:
        """For how much."""
        return SpendModel(self.facts.p, self.facts.q, self.facts.gamma)


@dataclass(frozen=True, slots=True)
class Prediction:
    """The fits for one currency, in the order in which they were made."""

    id: UUID
    version: int = 0
    fits: tuple[Fit, ...] = ()

    @staticmethod
    def empty(stream_id: UUID) -> "Prediction":
        """Before the first fit."""
        return Prediction(stream_id)

    def evolve(self, recorded: Recorded) -> "Prediction":
        """The predictions after one more event."""
        fits = self.fits
        if isinstance(recorded.event, PredictionFitted):
            fits = (*fits, Fit(recorded.event, recorded.recorded_at, recorded.actor))
        return replace(self, version=recorded.version, fits=fits)

    def fit_by(self, moment: datetime) -> Fit | None:
        """The fit that was in force at a moment: the last one recorded by then."""
        return next((fit for fit in reversed(self.fits) if fit.recorded_at <= moment), None)


class RecordFit(Command):
    """Record what the models came to. The service sends it once it has fitted them; see `PredictionFitted`."""

    currency: Currency
    until: Moment
    clients: Number
    repeating: Number
    r: Positive
    alpha: Annotated[float, Field(ge=LEAST_ALPHA, allow_inf_nan=False)]
    a: Positive
    b: Positive
    log_likelihood: FiniteFloat
    p: Positive
    q: Annotated[float, Field(gt=1, allow_inf_nan=False)]
    gamma: Positive
    correlation: Annotated[float, Field(ge=-1, le=1)]

    refusals: ClassVar = ("too_few_purchases", "in_future")

    def decide(self, prediction: Prediction, context: RuleContext) -> list[Event]:
        refuse_too_few(self.currency, self.clients, self.repeating)
        if self.until > context.now:
            raise Refused("in_future", occurred_at=self.until, now=context.now)
        values = self.model_dump(exclude={"occurred_at"})
        return [PredictionFitted(fit_id=context.new_id(), **values)]


def are_too_few(clients: int, repeating: int) -> bool:
    """Whether the parameters of a fit to so few clients would describe chance."""
    return clients < LEAST_CLIENTS or repeating < LEAST_REPEATING


def refuse_too_few(currency: str, clients: int, repeating: int) -> None:
    """Refuse a fit to so few clients that its parameters would describe chance."""
    if are_too_few(clients, repeating):
        raise Refused(
            "too_few_purchases",
            currency=currency,
            clients=clients,
            repeating=repeating,
            least_clients=LEAST_CLIENTS,
            least_repeating=LEAST_REPEATING,
        )
