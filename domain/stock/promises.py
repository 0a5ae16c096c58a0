"""How facts say for which day something is promised: at once, for a day, or without one that is known yet."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from domain.stock.events import PromisedSlice
from domain.stock.shelf import NOW, UNDATED, Part, Parts


class Promised(Protocol):
    """A fact, or a part of one, that says for which day something is promised."""

    @property
    def quantity(self) -> Decimal: ...
    @property
    def promised_on(self) -> date | None: ...
    @property
    def undated(self) -> bool: ...


def promise(part: Part) -> dict[str, Any]:
    """A part in the words of facts."""
    return {
        "quantity": part.quantity,
        "promised_on": None if part.day in {NOW, UNDATED} else part.day,
        "undated": part.day == UNDATED,
    }


def day_of(promised: Promised) -> date:
    """The day for which something is promised."""
    return UNDATED if promised.undated else promised.promised_on or NOW


def parts_of(promised: Iterable[Promised]) -> Parts:
    """What facts say as parts, each day once."""
    days: defaultdict[date, Decimal] = defaultdict(Decimal)
    for each in promised:
        days[day_of(each)] += each.quantity
    return tuple(Part(day, days[day]) for day in sorted(days))


def by_line(slices: Iterable[PromisedSlice]) -> Mapping[tuple[str, int], Parts]:
    """The parts by warehouse and line."""
    found: defaultdict[tuple[str, int], list[PromisedSlice]] = defaultdict(list)
    for part in slices:
        found[part.warehouse, part.line].append(part)
    return {who: parts_of(own) for who, own in found.items()}
