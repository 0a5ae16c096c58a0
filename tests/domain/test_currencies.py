"""Currencies: what can be paid in each."""

from decimal import Decimal

import pytest

from domain.currencies import CURRENCIES, payable, unit_of


@pytest.mark.parametrize(
    ("currency", "expected"), [("EUR", "1234.56"), ("JPY", "1234"), ("KWD", "1234.567"), ("UYU", "1234.56")]
)
def test_what_can_be_paid_of_an_amount(currency: str, expected: str) -> None:
    assert str(payable(Decimal("1234.5678"), currency)) == expected
    assert payable(Decimal(expected), currency) == Decimal(expected)


def test_what_can_be_paid_stays_as_it_was_written() -> None:
    assert [str(payable(Decimal(amount), "EUR")) for amount in ("7", "7.5", "7.500")] == ["7", "7.5", "7.500"]


def test_less_than_the_smallest_unit_is_nothing() -> None:
    assert payable(Decimal("0.009"), "EUR") == payable(Decimal("-0.009"), "EUR") == 0


def test_every_currency_has_a_unit() -> None:
    assert {unit_of(currency) for currency in CURRENCIES} == {Decimal(1), Decimal("0.01"), Decimal("0.001")}
