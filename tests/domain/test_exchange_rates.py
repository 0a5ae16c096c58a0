"""Exchange rates, and which currencies there are."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.regulation.exchange_rates import ExchangeRateSet, Rate, SetExchangeRate
from domain.types import Currency
from tests.spec import Refusal, given_regulation, refusal

DAY = date(2026, 3, 2)
USD = ExchangeRateSet(currency="USD", to="EUR", day=DAY, rate=Decimal("0.8"))
SET = SetExchangeRate(currency="USD", to="EUR", day=DAY, rate=Decimal("0.8"))
REFUSALS = [refusal("nothing_to_change", given_regulation(USD), SET, {"day": DAY})]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_a_rate_holds_until_the_next_one_and_both_ways() -> None:
    rates = given_regulation().when(SET).then(USD).exchange_rates
    later = DAY + timedelta(days=3)
    assert rates.on("USD", "EUR", later) == Rate(Decimal("0.8"), DAY)
    assert rates.on("EUR", "USD", DAY) == Rate(Decimal("1.25"), DAY)
    assert rates.on("USD", "EUR", DAY - timedelta(days=1)) is None
    assert rates.on("USD", "RUB", later) is None
    assert rates.on("RUB", "RUB", later) == Rate(Decimal(1), later)
    opposite = ExchangeRateSet(currency="EUR", to="USD", day=later, rate=Decimal(2)).evolve(rates)
    assert opposite.on("USD", "EUR", later) == Rate(Decimal("0.5"), later)
    again = USD.model_copy(update={"rate": Decimal("0.9")}).evolve(rates)
    assert again.on("USD", "EUR", DAY) == Rate(Decimal("0.9"), DAY)


@pytest.mark.parametrize("change", [{"to": "USD"}, {"rate": "0"}, {"rate": "NaN"}, {"currency": "ABC"}])
def test_malformed(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SetExchangeRate.model_validate({"currency": "USD", "to": "EUR", "day": "2026-03-02", "rate": "1"} | change)


@pytest.mark.parametrize("code", ["ABC", "XXX", "DEM", "eur", "EURO", ""])
def test_no_currencies(code: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter[str](Currency).validate_python(code)
