"""One article in one warehouse, and who gets what of it: goods go to the lines of orders in the order of their placing.

Who ordered first is served first, from what comes first. What no expected arrival covers waits without a day.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple
from uuid import UUID

ZERO = Decimal()
NOW, UNDATED = date.min, date.max
"""The days of what lies in the warehouse, and of what nothing is expected for."""


class Arrival(NamedTuple):
    """Goods that are to come: how much is still outstanding, and on which day."""

    quantity: Decimal
    expected_on: date


class LineOfOrder(NamedTuple):
    """Whom goods are promised to."""

    order_id: UUID
    line: int


class Part(NamedTuple):
    """So much, on a day."""

    day: date
    quantity: Decimal


Parts = tuple[Part, ...]
"""The earliest day first, each day once."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """An article in a warehouse. `promised` is in the order in which the orders were placed."""

    on_hand: Decimal = ZERO
    arrivals: Mapping[UUID, Arrival] = field(default_factory=dict[UUID, Arrival])
    promised: Mapping[LineOfOrder, Parts] = field(default_factory=dict[LineOfOrder, Parts])

    @property
    def reserved(self) -> Decimal:
        """All that is promised, for whatever day or for none."""
        return total(part for parts in self.promised.values() for part in parts)

    def free(self, today: date) -> list[Part]:
        """What can be promised from now on and from each day of an arrival on, when all that is promised is served."""
        supply, reserved = self._supply(today), self.reserved
        comes = accumulate(part.quantity for part in supply)
        return [Part(part.day, max(so_far - reserved, ZERO)) for part, so_far in zip(supply, comes, strict=True)]

    def available(self, today: date) -> Decimal:
        """What can be promised from what lies there."""
        return self.free(today)[0].quantity

    def day_for(self, quantity: Decimal, today: date) -> date | None:
        """The first day on which so much can be promised as a whole; None where it is not foreseeable."""
        return next((free.day for free in self.free(today) if free.quantity >= quantity), None)

    def served(self, today: date) -> "Shelf":
        """The shelf with everybody promised the earliest goods that those before him leave."""
        supply = deque(self._supply(today))
        return replace(self, promised={who: _taken(supply, total(parts)) for who, parts in self.promised.items()})

    def _supply(self, today: date) -> list[Part]:
        """What lies there, and what comes by day. One that is overdue is not counted on until it has a new day."""
        comes: defaultdict[date, Decimal] = defaultdict(Decimal)
        for arrival in self.arrivals.values():
            if arrival.expected_on >= today:
                comes[arrival.expected_on] += arrival.quantity
        return [Part(NOW, self.on_hand), *(Part(day, comes[day]) for day in sorted(comes))]

    def promising(self, who: LineOfOrder, parts: Iterable[Part]) -> "Shelf":
        """The shelf with this promised to a line of an order instead of what was; nothing takes it off the list."""
        kept = tuple(parts)
        if kept:
            return replace(self, promised={**self.promised, who: kept})
        return replace(self, promised={other: each for other, each in self.promised.items() if other != who})

    def ordered(self, who: LineOfOrder, quantity: Decimal, today: date) -> "Shelf":
        """The shelf with so much more promised to a line of an order, which comes after all others."""
        return self.promising(who, [*self.promised.get(who, ()), Part(UNDATED, quantity)]).served(today)

    def promised_to(self, who: LineOfOrder) -> Parts:
        """What is promised to a line of an order."""
        return self.promised.get(who, ())


def _taken(supply: deque[Part], quantity: Decimal) -> Parts:
    """So much of the supply, which is left with the rest; what it does not cover is for no day."""
    taken: list[Part] = []
    while quantity and supply:
        day, there = supply.popleft()
        part = min(there, quantity)
        quantity -= part
        if part:
            taken.append(Part(day, part))
        if part < there:
            supply.appendleft(Part(day, there - part))
    return (*taken, Part(UNDATED, quantity)) if quantity else tuple(taken)


def total(parts: Iterable[Part]) -> Decimal:
    """The quantity of all parts."""
    return sum((part.quantity for part in parts), ZERO)


def less(parts: Iterable[Part], quantity: Decimal, *, latest_first: bool = False) -> Parts:
    """The parts without so much of them, taken from the earliest or from the latest on."""
    kept: list[Part] = []
    in_turn = sorted(parts, reverse=latest_first)
    for day, held in in_turn:
        taken = min(held, quantity)
        quantity -= taken
        if held > taken:
            kept.append(Part(day, held - taken))
    return tuple(sorted(kept))
