"""One article in one warehouse: what lies there, what is expected, what is promised, and what can still be promised."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple
from uuid import UUID

ZERO = Decimal()
NOW = date.min
"""The day of what is promised from what lies there."""


class Arrival(NamedTuple):
    """Goods that are to come: how much is still outstanding, and on which day."""

    quantity: Decimal
    expected_on: date


class Promise(NamedTuple):
    """What a promise is to: a line of an order, for a day."""

    order_id: UUID
    line: int
    day: date


class Free(NamedTuple):
    """So much can be promised from this day on."""

    day: date
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Shelf:
    """An article in a warehouse. Nothing is promised beyond what lies there and what comes by the promised day."""

    on_hand: Decimal = ZERO
    arrivals: Mapping[UUID, Arrival] = field(default_factory=dict[UUID, Arrival])
    promised: Mapping[Promise, Decimal] = field(default_factory=dict[Promise, Decimal])

    @property
    def reserved(self) -> Decimal:
        """All that is promised, for whatever day."""
        return sum(self.promised.values(), ZERO)

    def free(self, today: date) -> list[Free]:
        """What can be promised from now on and from each day of an arrival on, without breaking any other promise.

        What is free on a day is what lies there and comes by then, less what is promised by then; it can be promised
        as far as it stays free on every later day. An arrival that is overdue promises nothing until it has a new day.
        """
        found: list[Free] = []
        least: Decimal | None = None
        for day, on_day in reversed(self._balances(today)):
            least = on_day if least is None else min(least, on_day)
            found.append(Free(day, max(least, ZERO)))
        return found[::-1]

    def is_overpromised(self, today: date, since: date = NOW) -> bool:
        """Whether more is promised by this day or a later one than there will be by then."""
        return any(balance.quantity < 0 for balance in self._balances(today) if balance.day >= since)

    def _balances(self, today: date) -> list[Free]:
        """What lies there and comes by each day, less what is promised by then."""
        changes: defaultdict[date, Decimal] = defaultdict(Decimal, {NOW: self.on_hand})
        for arrival in self.arrivals.values():
            if arrival.expected_on >= today:
                changes[arrival.expected_on] += arrival.quantity
        for promise, quantity in self.promised.items():
            changes[promise.day] -= quantity
        days = sorted(changes)
        return list(map(Free, days, accumulate(changes[day] for day in days)))

    def available(self, today: date) -> Decimal:
        """What can be promised from what lies there."""
        return self.free(today)[0].quantity

    def day_for(self, quantity: Decimal, today: date) -> date | None:
        """The first day on which so much can be promised as a whole; None where it is not foreseeable."""
        return next((free.day for free in self.free(today) if free.quantity >= quantity), None)

    def split(self, quantity: Decimal, today: date) -> list[Free] | None:
        """How a quantity can be promised: what there is now, and the rest for a day; None where it cannot."""
        now = min(quantity, self.available(today))
        parts = [Free(NOW, now)] if now else []
        if now < quantity:
            rest = quantity - now
            held = self.promise({Promise(UUID(int=0), 0, NOW): now}) if now else self
            day = held.day_for(rest, today)
            if day is None:
                return None
            parts.append(Free(day, rest))
        return parts

    def promise(self, added: Mapping[Promise, Decimal]) -> "Shelf":
        """The shelf with more promised."""
        promised = dict(self.promised)
        for key, quantity in added.items():
            promised[key] = promised.get(key, ZERO) + quantity
        return replace(self, promised=promised)

    def promised_to(self, order_id: UUID, line: int) -> list[tuple[Promise, Decimal]]:
        """What is promised to a line of an order, the earliest day first."""
        own = [(key, n) for key, n in self.promised.items() if (key.order_id, key.line) == (order_id, line)]
        return sorted(own, key=lambda item: item[0].day)

    def without(self, order_id: UUID, line: int, quantity: Decimal, *, latest_first: bool) -> "Shelf":
        """The shelf with so much less promised to a line of an order."""
        promised = dict(self.promised)
        own = self.promised_to(order_id, line)
        for key, held in reversed(own) if latest_first else own:
            taken = min(held, quantity)
            quantity -= taken
            promised[key] = held - taken
            if not promised[key]:
                del promised[key]
        return replace(self, promised=promised)
