"""One order as later decisions need it: its lines, what became of each, and what they are worth and cost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple, TypeVar
from uuid import UUID

from domain.client.order_events import LinePart, PromisedPart
from domain.types import AMOUNT_UNIT

D = TypeVar("D", Decimal, Decimal | None)
CENT = Decimal("0.01")
ZERO, ONE = Decimal(), Decimal(1)
Parts = Mapping[int, Decimal]
"""Quantities by line; lines count from 1."""


def as_money(total: D) -> D:
    """The total in the smallest unit that amounts are kept in, half up; with two decimals where they are enough."""
    if total is None:
        return total
    exact = total.quantize(AMOUNT_UNIT, ROUND_HALF_UP)
    short = exact.quantize(CENT)
    return short if short == exact else exact


def line_parts(parts: Parts) -> tuple[LinePart, ...]:
    """The parts as facts have them, in the order of the lines."""
    return tuple(LinePart(line=number, quantity=quantity) for number, quantity in sorted(parts.items()))


class Line(NamedTuple):
    """A line: what was ordered of an article, and what became of it. Of articles of no warehouse none is named.

    `promised` is by when it was to be there when it was ordered, `told` what the client was told last when that had
    changed; `list_price` what an article of the catalogue was on its list then.
    """

    article: str
    quantity: Decimal
    price: Decimal
    cost: Decimal | None = None
    warehouse: str | None = None
    shipped: Decimal = ZERO
    cancelled: Decimal = ZERO
    returned: Decimal = ZERO
    promised: tuple[PromisedPart, ...] = ()
    list_price: Decimal | None = None
    told: tuple[PromisedPart, ...] = ()

    @property
    def open(self) -> Decimal:
        """What is still to be shipped."""
        return self.quantity - self.shipped - self.cancelled

    @property
    def standing(self) -> Decimal:
        """What was ordered and not cancelled."""
        return self.quantity - self.cancelled

    @property
    def kept(self) -> Decimal:
        """What was shipped and did not come back."""
        return self.shipped - self.returned


class Shipment(NamedTuple):
    """A shipment: when it went out or was delivered, which was last; and what it is worth."""

    amount: Decimal
    since: datetime
    delivered: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """An order. `amount` is what it is worth without what was cancelled, `returned` what came back of it.

    An order of an amount only has one line with one unit. `since` is the business time of its last change; `deal_id`
    the won deal that it fulfils, if any. The limit of discounts is that by which it was placed.
    """

    currency: str
    placed_at: datetime
    since: datetime
    lines: tuple[Line, ...]
    amount: Decimal
    ordered: Decimal
    cost: Decimal | None = None
    number: str | None = None
    deal_id: UUID | None = None
    confirmed: bool = False
    cancelled: bool = False
    returned: Decimal = ZERO
    discount_limit_percent: Decimal | None = None
    approvals: tuple[UUID, ...] = ()
    shipments: Mapping[UUID, Shipment] = field(default_factory=dict[UUID, Shipment])
    returns: Mapping[UUID, Decimal] = field(default_factory=dict[UUID, Decimal])

    @property
    def is_purchase(self) -> bool:
        """Whether it stands and has revenue of its own; that of an order which fulfils a deal is the deal's."""
        return not (self.cancelled or self.deal_id)

    @property
    def shipped(self) -> Decimal:
        """What was shipped of it is worth."""
        return sum((shipment.amount for shipment in self.shipments.values()), ZERO)

    @property
    def open(self) -> Parts:
        """What is still to be shipped, by line."""
        return {number: line.open for number, line in enumerate(self.lines, 1) if line.open}

    @property
    def awaits_goods(self) -> bool:
        """Whether anything is still to be shipped from a warehouse."""
        return any(line.warehouse and line.open for line in self.lines)

    def worth(self, name: str, parts: Parts) -> Decimal:
        """How much more the `shipped` or `returned` quantities are worth with these parts added.

        Rounding is of the whole, so that the parts always add up to it.
        """
        after = replace(self, lines=self.with_parts(name, line_parts(parts)))
        return after.total(name) - self.total(name)

    def worth_open(self, parts: Parts) -> Decimal:
        """How much less the order is worth with these parts cancelled."""
        after = replace(self, lines=self.with_parts("cancelled", line_parts(parts)))
        return self.total("standing") - after.total("standing")

    def without(self, parts: Parts) -> "Order":
        """The order as if only what stands once these parts are cancelled, too, had been ordered."""
        lines = self.with_parts("cancelled", line_parts(parts))
        amount = replace(self, lines=lines).total("standing")
        cost = self.costs({number: line.standing for number, line in enumerate(lines, 1) if line.standing}, amount)
        standing = tuple(line._replace(quantity=line.standing, cancelled=ZERO) for line in lines)
        return replace(self, lines=standing, amount=amount, cost=cost)

    def total(self, name: str) -> Decimal:
        """What the lines are worth by one of their quantities."""
        return as_money(sum((getattr(line, name) * line.price for line in self.lines), ZERO))

    def costs(self, parts: Parts, amount: Decimal) -> Decimal | None:
        """What these parts cost: by their lines where the cost of all is known, else their share in the whole."""
        if self.cost is None:
            return None
        lines = [(self.lines[number - 1].cost, quantity) for number, quantity in parts.items()]
        if all(cost is not None for cost, _ in lines):
            return as_money(sum(((cost or ZERO) * quantity for cost, quantity in lines), ZERO))
        return as_money(self.cost * amount / self.ordered) if self.ordered else ZERO

    def with_parts(self, name: str, parts: Iterable[LinePart]) -> tuple[Line, ...]:
        """The lines with these quantities added to what was `shipped`, `cancelled` or `returned`."""
        lines = list(self.lines)
        for part in parts:
            line = lines[part.line - 1]
            lines[part.line - 1] = line._replace(**{name: getattr(line, name) + part.quantity})
        return tuple(lines)
