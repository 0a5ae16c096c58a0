"""Sums over the purchases and payments of one client, per currency."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from domain.client.dormancy import DAYS_IN_YEAR, OWN_PURCHASES, OWN_SPAN

K = TypeVar("K")

ZERO = Decimal()
SECONDS_IN_YEAR = DAYS_IN_YEAR * 86_400
ENOUGH_SECONDS = int(OWN_SPAN.total_seconds())
"""Purchases have a rhythm if they span so long."""


class Purchase(NamedTuple):
    """A purchase. `kind`: deal or order; cost: of a won deal without revenue, which is none.

    Nor is `returned` one: an order or a deal of which nothing is left.
    `cost` is None where it is not known.
    """

    id: UUID
    kind: str
    at: datetime
    currency: str
    revenue: Decimal
    cost: Decimal | None

    @property
    def number(self) -> int:
        """How many purchases this is: one, or none where it brought nothing."""
        return 0 if self.kind in {"cost", "returned"} else 1

    @property
    def was_bought(self) -> bool:
        """Whether the client bought, even if all of it came back: it was in touch, and meant to."""
        return self.kind != "cost"

    def less(self, revenue: Decimal, cost: Decimal | None) -> "Purchase":
        """The purchase with so much less revenue and cost, of both at most what there is.

        One of which nothing is left was `returned`.

        Without a cost that went down with the revenue, it stays what it is.
        """
        left = max(self.revenue - revenue, ZERO)
        costs = None if self.cost is None else max(self.cost - (cost or ZERO), ZERO)
        kind = self.kind if left or self.kind == "cost" else "returned"
        return self._replace(kind=kind, revenue=left, cost=costs)


class Payment(NamedTuple):
    """Money received."""

    id: UUID
    at: datetime
    currency: str
    amount: Decimal


class Sums(NamedTuple):
    """Amounts of one currency. Margin is revenue less cost over the purchases whose cost is known.

    What won deals without revenue cost is taken off as well. `revenue_without_cost` is the revenue of the others.
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
        row[0] += purchase.number
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

    @property
    def is_enough(self) -> bool:
        """Whether there are enough purchases over a long enough time to expect more like them."""
        return self.purchases >= OWN_PURCHASES and self.span_seconds >= ENOUGH_SECONDS

    @property
    def expected_per_year(self) -> Decimal | None:
        """Average purchase times purchases per year; None where they are not enough."""
        if not self.is_enough:
            return None
        return self.revenue / self.purchases * per_year(self.purchases - 1, self.span_seconds)


def per_year(intervals: int, span_seconds: int) -> Decimal:
    """So many intervals took so long: how many of them there are in a year."""
    return Decimal(intervals) * SECONDS_IN_YEAR / span_seconds


def rhythms(purchases: Iterable[Purchase]) -> dict[str, Rhythm]:
    """The rhythm of the purchases, by currency."""
    groups: defaultdict[str, list[Purchase]] = defaultdict(list)
    for purchase in purchases:
        if purchase.number:
            groups[purchase.currency].append(purchase)
    return {currency: _rhythm(group) for currency, group in groups.items()}


def _rhythm(group: Sequence[Purchase]) -> Rhythm:
    moments = [purchase.at for purchase in group]
    return Rhythm(len(group), sum((purchase.revenue for purchase in group), ZERO), min(moments), max(moments))
