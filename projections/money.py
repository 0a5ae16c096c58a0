"""How answers show numbers: money always with two to four decimals, and never in scientific notation."""

from decimal import Decimal
from typing import Annotated

from pydantic import PlainSerializer

CENTS, MOST_DECIMALS = 2, 4


def shown(amount: Decimal) -> str:
    """The amount with at least two and at most four decimals, as "130000.00" or "12.3456"."""
    whole, _, decimals = f"{amount:.{MOST_DECIMALS}f}".partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(CENTS, '0')}"


Money = Annotated[Decimal, PlainSerializer(shown, return_type=str, when_used="json")]
"""An amount in an answer. The database forgets zeros at the end: without this 130000 would read 1.3E+5."""


Number = Annotated[Decimal, PlainSerializer(lambda number: f"{number:f}", return_type=str, when_used="json")]
"""A number that is no money, written out."""
