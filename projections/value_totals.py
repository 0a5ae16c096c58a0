"""Sums over the purchases and payments of one client, per currency."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

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


def of_purchase(purchase: Purchase) -> Sums:
    """What a purchase adds."""
    if purchase.cost is None:
        return Sums(1, purchase.revenue, ZERO, purchase.revenue)
    return Sums(1, purchase.revenue, purchase.revenue - purchase.cost)


def of_payment(payment: Payment) -> Sums:
    """What a payment adds."""
    return Sums(paid=payment.amount)


class Rhythm(NamedTuple):
    """When the purchases of one currency began and ended, and how many there are."""

    purchases: int
    first_at: datetime
    last_at: datetime

    @property
    def span_seconds(self) -> int:
        """From the first purchase to the last, in whole seconds."""
        return int((self.last_at - self.first_at).total_seconds())


def rhythms(purchases: Iterable[Purchase]) -> Mapping[str, Rhythm]:
    """The rhythm of the purchases, by currency."""
    found: dict[str, Rhythm] = {}
    for purchase in purchases:
        known = found.get(purchase.currency) or Rhythm(0, purchase.at, purchase.at)
        first, last = min(known.first_at, purchase.at), max(known.last_at, purchase.at)
        found[purchase.currency] = Rhythm(known.purchases + 1, first, last)
    return found
