"""Exchange rates as they are recorded, day by day. Reports convert by them where they are asked to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple, Self

from pydantic import Field, model_validator

from domain.kernel import Command, Event, Refused
from domain.types import Currency, Day

if TYPE_CHECKING:
    from domain.regulation.state import Regulation, RuleContext

PLACES = Decimal("0.00000001")


class ExchangeRateSet(Event, topic="regulation.exchange_rate_set"):
    """On this day, one unit of a currency is worth so many of another."""

    currency: str
    to: str
    day: date
    rate: Decimal

    def evolve(self, before: "ExchangeRates") -> "ExchangeRates":
        """The rates with this one."""
        pair = Pair(self.currency, self.to)
        days = {**before.by_pair.get(pair, {}), self.day: self.rate}
        return ExchangeRates({**before.by_pair, pair: days})


class Pair(NamedTuple):
    """Two currencies; a rate is what a unit of the first is worth in the second."""

    currency: str
    to: str


class Rate(NamedTuple):
    """A rate, and the day for which it was recorded."""

    rate: Decimal
    day: date


@dataclass(frozen=True, slots=True)
class ExchangeRates:
    """All recorded rates, by pair and day."""

    by_pair: Mapping[Pair, Mapping[date, Decimal]] = field(default_factory=dict[Pair, Mapping[date, Decimal]])

    def on(self, currency: str, to: str, day: date) -> Rate | None:
        """The last rate recorded for this day or one before; the inverse of the opposite one, where that is later.

        None where there is none.
        """
        if currency == to:
            return Rate(Decimal(1), day)
        direct, opposite = self._last(Pair(currency, to), day), self._last(Pair(to, currency), day)
        if opposite and (direct is None or opposite.day > direct.day):
            return Rate((1 / opposite.rate).quantize(PLACES), opposite.day)
        return direct

    def _last(self, pair: Pair, day: date) -> Rate | None:
        days = self.by_pair.get(pair, {})
        last = max((known for known in days if known <= day), default=None)
        return Rate(days[last], last) if last else None


class SetExchangeRate(Command):
    """Record what a unit of a currency is worth in another on a day.

    A rate that is recorded again replaces the old one. A day without a rate has that of the last day before with one.
    """

    currency: Currency
    to: Currency
    day: Day
    rate: Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=8)]

    refusals: ClassVar = ("in_future", "nothing_to_change")
    examples: ClassVar = ({"currency": "USD", "to": "EUR", "day": "2030-05-12", "rate": "0.92"},)

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.currency == self.to:
            raise ValueError("send two different currencies")
        return self

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        days = regulation.exchange_rates.by_pair.get(Pair(self.currency, self.to), {})
        if days.get(self.day) == self.rate:
            raise Refused("nothing_to_change", day=self.day, rate=self.rate)
        return [ExchangeRateSet(currency=self.currency, to=self.to, day=self.day, rate=self.rate)]
