"""Money in answers."""

from decimal import Decimal

import pytest
from pydantic import BaseModel

from projections.money import Money, Number


class Answer(BaseModel):
    """An answer with money in it."""

    paid: Money
    years: Number | None = None


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1.3E+5", "130000.00"),
        ("0", "0.00"),
        ("0E+4", "0.00"),
        ("12.3456", "12.3456"),
        ("12.3000", "12.30"),
        ("-7.5", "-7.50"),
        ("999999999999.9999", "999999999999.9999"),
    ],
)
def test_two_to_four_decimals_and_no_exponent(amount: str, text: str) -> None:
    assert Answer(paid=Decimal(amount)).model_dump_json() == f'{{"paid":"{text}","years":null}}'


def test_other_numbers_are_written_out() -> None:
    assert Answer(paid=Decimal(), years=Decimal("1E+1")).model_dump(mode="json")["years"] == "10"
