"""Reports in one currency: the rates of the regulation by which they were converted, named in the answer."""

from collections.abc import Collection
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from app.problems import Problem
from app.services import Services
from domain.types import Currency
from projections.money import Money

CENT = Decimal("0.01")
In = Annotated[
    Currency | None,
    Query(alias="in", description="Converted into this currency by the recorded rates; each for itself, when absent"),
]


class RateBody(BaseModel):
    """A rate that was used: what one unit of the currency is worth, and the day for which it was recorded."""

    currency: str
    to: str
    rate: Money
    day: date


class Converter:
    """Converts amounts into one currency by the rates of a day, and remembers which it used."""

    def __init__(self, services: Services, to: str, day: date, currencies: Collection[str]) -> None:
        self.to = to
        self.rates: dict[str, RateBody] = {}
        known = services.directory.regulation.exchange_rates
        missing: list[str] = []
        for currency in sorted(currencies):
            rate = known.on(currency, to, day)
            if rate is None:
                missing.append(currency)
            elif currency != to:
                self.rates[currency] = RateBody(currency=currency, to=to, rate=rate.rate, day=rate.day)
        if missing:
            raise Problem("no_rate", facts={"currencies": missing, "to": to, "day": day})

    def __call__(self, amount: Decimal, currency: str) -> Decimal:
        """The amount in the currency of the report, half up to the cent; one that is in it already stays as it is."""
        return amount if currency == self.to else (amount * self.rates[currency].rate).quantize(CENT, ROUND_HALF_UP)


Rates = Annotated[list[RateBody], Field(description="By which rates it was converted, if it was")]
