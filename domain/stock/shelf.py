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


class Promises(NamedTuple):
    """What is promised to lines of orders, in the order in which these were placed, and how much that is by day."""

    by_line: Mapping[LineOfOrder, Parts] = {}
    by_day: Mapping[date, Decimal] = {}

    @staticmethod
    def of(by_line: Mapping[LineOfOrder, Parts]) -> "Promises":
        """These promises, added up by day."""
        return Promises(by_line, _by_day({}, (part for parts in by_line.values() for part in parts)))

    def with_line(self, who: LineOfOrder, parts: Parts) -> "Promises":
        """With this promised to a line of an order instead of what was; nothing takes it off the list."""
        was = [Part(day, -quantity) for day, quantity in self.by_line.get(who, ())]
        by_line = {**self.by_line, who: parts}
        if not parts:
            del by_line[who]
        return Promises(by_line, _by_day(self.by_day, [*was, *parts]))


def _by_day(before: Mapping[date, Decimal], parts: Iterable[Part]) -> Mapping[date, Decimal]:
    sums = defaultdict(Decimal, before)
    for day, quantity in parts:
        sums[day] += quantity
    return {day: quantity for day, quantity in sums.items() if quantity}


NOBODY = Promises()
"""Nothing is promised to anybody."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """An article in a warehouse, and what of it is promised."""

    on_hand: Decimal = ZERO
    arrivals: Mapping[UUID, Arrival] = field(default_factory=dict[UUID, Arrival])
    promises: Promises = NOBODY

    @property
    def promised(self) -> Mapping[LineOfOrder, Parts]:
        """What is promised to lines of orders, in the order in which these were placed."""
        return self.promises.by_line

    @property
    def reserved(self) -> Decimal:
        """All that is promised, for whatever day or for none."""
        return sum(self.promises.by_day.values(), ZERO)

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
        """The shelf with everybody promised the earliest goods that those before him leave.

        There may be thousands of promises, and most of what happens moves none of them: that is seen by the days alone.
        """
        supply = self._supply(today)
        if _accounts_for(supply, self.promises.by_day):
            return self
        left = deque(supply)
        by_line = {who: _taken(left, total(parts)) for who, parts in self.promised.items()}
        return replace(self, promises=Promises.of(by_line))

    def _supply(self, today: date) -> list[Part]:
        """What lies there, and what comes by day. One that is overdue is not counted on until it has a new day."""
        comes: defaultdict[date, Decimal] = defaultdict(Decimal)
        for arrival in self.arrivals.values():
            if arrival.expected_on >= today:
                comes[arrival.expected_on] += arrival.quantity
        return [Part(NOW, self.on_hand), *(Part(day, comes[day]) for day in sorted(comes))]

    def promising(self, who: LineOfOrder, parts: Iterable[Part]) -> "Shelf":
        """The shelf with this promised to a line of an order instead of what was; nothing takes it off the list."""
        return replace(self, promises=self.promises.with_line(who, tuple(parts)))

    def ordered(self, who: LineOfOrder, quantity: Decimal, today: date) -> "Shelf":
        """The shelf with so much promised to a new line of an order, which comes after all others."""
        served = self.served(today)
        taken = served.promises.by_day
        left = deque(Part(day, there - taken.get(day, ZERO)) for day, there in self._supply(today))
        return served.promising(who, _taken(left, quantity))

    def promised_to(self, who: LineOfOrder) -> Parts:
        """What is promised to a line of an order."""
        return self.promised.get(who, ())


def _accounts_for(supply: Iterable[Part], by_day: Mapping[date, Decimal]) -> bool:
    """Whether the promises by day are what serving all of them from the supply comes to: the earliest is used up first.

    That they stand in the order of the lines is taken for granted, as each was served in its turn.
    """
    outstanding = sum(by_day.values(), ZERO)
    for day, there in supply:
        used = min(there, outstanding)
        if by_day.get(day, ZERO) != used:
            return False
        outstanding -= used
    return by_day.get(UNDATED, ZERO) == outstanding


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
