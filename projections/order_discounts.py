"""Discounts of orders: what their articles are below their list prices.

Of an order that fulfils a won deal, what was given with the deal is the deal's; here is what it gives beyond that.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Numeric, Table, Text, Uuid

from domain.client.approvals import ApprovalGiven
from domain.client.order_events import LinePart, OrderCancelled, OrderPlaced, OrderReduced
from domain.client.order_state import as_money
from domain.client.terms import Terms
from domain.kernel import Event, Recorded
from projections.kernel import Row, metadata

ZERO = Decimal()
ORDER_DISCOUNT_EVENTS: frozenset[type[Event]] = frozenset({OrderPlaced, OrderReduced, OrderCancelled, ApprovalGiven})
ORDER_DISCOUNTS = Table(
    "order_discounts",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("order_id", Uuid, primary_key=True),
    Column("number", Text),
    Column("placed_at", DateTime(timezone=True), nullable=False),
    Column("worked_by", Uuid, nullable=False),
    Column("placed_by", Uuid, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("discount_limit_percent", Numeric),
    Column("discount_approved_by", Uuid),
    Column("list_price", Numeric, nullable=False),
    Column("discount", Numeric, nullable=False),
    Column("deal_id", Uuid),
    Column("given_with_deal", Numeric, nullable=False),
    Index("order_discounts_placed", "placed_at", "order_id"),
)
"""Amounts without what was cancelled. `list_price` is of the articles that have one, `amount` of the whole order.

`discount` is without what was `given_with_deal`.
"""


class ListedLine(NamedTuple):
    """A line of the catalogue: so much stands of it, its list price, and how far below it is sold, per unit."""

    quantity: Decimal
    list_price: Decimal
    below: Decimal


class DiscountedOrder(NamedTuple):
    """An order with a discount, its lines of the catalogue by number, and the limit of whoever placed it.

    It fulfils the deal with `deal_id`, if there is one. `worked_by` had the client then. Whoever approved a discount
    above the limit is `discount_approved_by`.
    """

    id: UUID
    number: str | None
    placed_at: datetime
    worked_by: UUID
    placed_by: UUID
    currency: str
    amount: Decimal
    discount_limit_percent: Decimal | None
    discount_approved_by: UUID | None
    lines: Mapping[int, ListedLine]
    deal_id: UUID | None = None

    @property
    def list_price(self) -> Decimal:
        """What stands of its articles at their list prices."""
        return as_money(sum((line.quantity * line.list_price for line in self.lines.values()), ZERO))

    @property
    def discount(self) -> Decimal:
        """What that is below the list prices."""
        return as_money(sum((line.quantity * line.below for line in self.lines.values()), ZERO))

    @property
    def exceeds_limit(self) -> bool:
        """Whether the discount is above the limit."""
        limit, discount = self.discount_limit_percent, self.discount
        return limit is not None and not Terms(self.list_price - discount, discount).within(limit)

    def given_with(self, deal: Terms | None) -> Decimal:
        """What of the discount was given with the deal: as large a share of the list price as the deal gave."""
        if deal is None or not deal.list_price:
            return ZERO
        return min(self.discount, as_money(deal.discount * self.list_price / deal.list_price))

    def less(self, event: OrderReduced) -> "DiscountedOrder":
        """Without the parts that were cancelled."""
        lines = {**self.lines, **dict(_lessened(self.lines, event.lines))}
        return self._replace(amount=self.amount - event.amount, lines=lines)


class OrderDiscounts(NamedTuple):
    """The orders with a discount that stand, by id, and which head gave which approval."""

    by_id: Mapping[UUID, DiscountedOrder] = {}
    approved_by: Mapping[UUID, UUID] = {}

    def evolve(self, recorded: Recorded, owner: UUID | None) -> "OrderDiscounts":
        """After an approval was given, or an order was placed or cancelled; the same where nothing is given away."""
        match recorded.event:
            case ApprovalGiven(approval_id=key):
                return self._replace(approved_by={**self.approved_by, key: recorded.actor})
            case OrderPlaced(discount=discount) as event if discount:
                return self._with(_placed(event, recorded, owner), event.approvals)
            case OrderReduced(order_id=key) as event if key in self.by_id:
                return self._with(self.by_id[key].less(event), event.approvals)
            case OrderCancelled(order_id=key) if key in self.by_id:
                return self._replace(by_id={other: order for other, order in self.by_id.items() if other != key})
            case _:
                return self

    def _with(self, order: DiscountedOrder, approvals: tuple[UUID, ...]) -> "OrderDiscounts":
        """With an order by these approvals: the first for its discount, where that needs one, others for its margin."""
        if approvals and order.exceeds_limit and order.discount_approved_by is None:
            order = order._replace(discount_approved_by=self.approved_by.get(approvals[0]))
        return self._replace(by_id={**self.by_id, order.id: order})

    def rows(self, deals: Mapping[UUID, Terms]) -> Iterator[Row]:
        """Rows of the table after the client, of the orders that give something away beyond these deals, by id."""
        for order in self.by_id.values():
            with_deal = order.given_with(deals.get(order.deal_id) if order.deal_id else None)
            if order.discount > with_deal:
                *said, _, deal_id = order
                yield (*said, order.list_price, order.discount - with_deal, deal_id, with_deal)


def _placed(event: OrderPlaced, recorded: Recorded, owner: UUID | None) -> DiscountedOrder:
    return DiscountedOrder(
        event.order_id,
        event.number,
        recorded.occurred_at,
        owner or recorded.actor,
        recorded.actor,
        event.currency,
        event.amount,
        event.discount_limit_percent,
        None,
        dict(_listed(event)),
        event.deal_id,
    )


def _listed(event: OrderPlaced) -> Iterator[tuple[int, ListedLine]]:
    for number, line in enumerate(event.lines, 1):
        if line.list_price is not None:
            yield number, ListedLine(line.quantity, line.list_price, max(line.list_price - line.price, ZERO))


def _lessened(lines: Mapping[int, ListedLine], parts: tuple[LinePart, ...]) -> Iterator[tuple[int, ListedLine]]:
    for part in parts:
        if part.line in lines:
            line = lines[part.line]
            yield part.line, line._replace(quantity=line.quantity - part.quantity)
