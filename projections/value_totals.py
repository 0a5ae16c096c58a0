"""Sums over the purchases and payments of one client, per currency."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

K = TypeVar("K")

ZERO = Decimal()


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase. `kind`: deal or order; `cost` is None where it is not known."""

    id: UUID
    kind: str
    at: datetime
    currency: str
    revenue: Decimal
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received."""

    id: UUID
    at: datetime
    currency: str
    amount: Decimal


class Sums(NamedTuple):
    """Amounts of one currency. Margin is revenue less cost over the purchases whose cost is known.

    `revenue_without_cost` is the revenue of the others.
    """

    purchases: int = 0
    revenue: Decimal = ZERO
    margin: Decimal = ZERO
    revenue_without_cost: Decimal = ZERO
    paid: Decimal = ZERO

    def plus(self, other: "Sums") -> "Sums":
        """Both together."""
        return Sums(
            self.purchases + other.purchases,
            self.revenue + other.revenue,
            self.margin + other.margin,
            self.revenue_without_cost + other.revenue_without_cost,
            self.paid + other.paid,
        )


def sums_by(
    key: Callable[[Purchase | Payment], K], purchases: Iterable[Purchase], payments: Iterable[Payment]
) -> dict[K, Sums]:
    """The sums of purchases and payments, by a key of each."""
    found: defaultdict[K, list[Any]] = defaultdict(lambda: [0, ZERO, ZERO, ZERO, ZERO])
    for purchase in purchases:
        row = found[key(purchase)]
        row[0] += 1
        row[1] += purchase.revenue
        if purchase.cost is None:
            row[3] += purchase.revenue
        else:
            row[2] += purchase.revenue - purchase.cost
    for payment in payments:
        found[key(payment)][4] += payment.amount
    return {group: Sums(*row) for group, row in found.items()}


class Rhythm(NamedTuple):
    """The purchases of one currency: how many, for how much, the first and the last."""

    purchases: int
    revenue: Decimal
    first_at: datetime
    last_at: datetime

    @property
    def span_seconds(self) -> int:
        """From the first purchase to the last, in whole seconds."""
        return int((self.last_at - self.first_at).total_seconds())


def rhythms(purchases: Iterable[Purchase]) -> dict[str, Rhythm]:
    """The rhythm of the purchases, by currency."""
    groups: defaultdict[str, list[Purchase]] = defaultdict(list)
    for purchase in purchases:
        groups[purchase.currency].append(purchase)
    return {currency: _rhythm(group) for currency, group in groups.items()}


def _rhythm(group: Sequence[Purchase]) -> Rhythm:
    moments = [purchase.at for purchase in group]
    return Rhythm(len(group), sum((purchase.revenue for purchase in group), ZERO), min(moments), max(moments))
