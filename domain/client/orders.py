"""Orders as later decisions need them: what of each line was shipped, cancelled and returned, and what it is worth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple, TypeVar
from uuid import UUID

from domain.client.order_events import (
    GoodsReturned,
    LinePart,
    OrderCancelled,
    OrderConfirmed,
    OrderPlaced,
    OrderReduced,
    OrderShipped,
    PromisedPart,
    ShipmentDelivered,
)
from domain.kernel import Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
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


class Line(NamedTuple):
    """A line: what was ordered of an article, and what became of it. Of articles of no warehouse none is named.

    `promised` is by when it was to be there when it was ordered; `list_price` what an article of the catalogue was on
    its list then.
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


@dataclass(frozen=True, slots=True)
class Orders:
    """The client's orders by id."""

    by_id: Mapping[UUID, Order] = field(default_factory=dict[UUID, Order])

    def evolve(self, recorded: Recorded) -> "Orders":
        """After something happened to an order."""
        event, at = recorded.event, recorded.occurred_at
        if isinstance(event, OrderPlaced):
            return Orders({**self.by_id, event.order_id: _placed(event, at)})
        key: UUID = getattr(event, "order_id")  # noqa: B009 - every event of an order has it
        order = _after(self.by_id[key], event, at)
        return Orders({**self.by_id, key: replace(order, since=max(order.since, at))})

    @property
    def standing(self) -> list[Order]:
        """The orders that were not cancelled."""
        return [order for order in self.by_id.values() if not order.cancelled]

    def refuse_awaited(self) -> None:
        """Refuse where goods of a warehouse are still to be shipped: nobody could ship them or let them go any more.

        What lies in no warehouse keeps nothing from others; of a history that was imported nothing is shipped at all.
        """
        awaited = [key for key, order in self.by_id.items() if not order.cancelled and order.awaits_goods]
        if awaited:
            raise Refused("orders_open", order_ids=awaited)

    @property
    def last_ordered_at(self) -> datetime | None:
        """When the last order that stands was placed."""
        return max((order.placed_at for order in self.standing), default=None)

    def of_deal(self, deal_id: UUID) -> dict[UUID, Order]:
        """The orders by id that fulfil this deal, cancelled ones as well."""
        return {key: order for key, order in self.by_id.items() if order.deal_id == deal_id}

    def purchase(self, order_id: UUID) -> UUID:
        """The deal that an order fulfils, whose the revenue is; else the order itself."""
        return self.by_id[order_id].deal_id or order_id

    def ordered_of(self, deal_id: UUID) -> Decimal:
        """The amount of the orders that stand and fulfil this deal, in its currency."""
        return sum((order.amount for order in self.standing if order.deal_id == deal_id), ZERO)

    def get(self, order_id: UUID, context: RuleContext) -> Order:
        """The order with this id, if it stands and nothing happened to it after the decision."""
        order = self.by_id.get(order_id)
        if order is None:
            raise Refused("unknown_order", order_id=order_id)
        if order.cancelled:
            raise Refused("order_cancelled", order_id=order_id)
        refuse_before(order.since, context, order_id=order_id)
        return order


_OF_LINE = ("article", "quantity", "price", "cost", "warehouse", "promised", "list_price")


def _placed(event: OrderPlaced, at: datetime) -> Order:
    lines = tuple(Line(**{name: getattr(each, name) for name in _OF_LINE}) for each in event.lines)
    return Order(
        event.currency,
        at,
        at,
        lines or (Line("", ONE, event.amount, event.cost),),
        event.amount,
        event.amount,
        event.cost,
        event.number,
        event.deal_id,
        discount_limit_percent=event.discount_limit_percent,
        approvals=event.approvals,
    )


def _after(order: Order, event: object, at: datetime) -> Order:
    match event:
        case OrderConfirmed():
            return replace(order, confirmed=True)
        case OrderReduced(lines=parts, amount=amount, approvals=used):
            lines, approvals = order.with_parts("cancelled", parts), (*order.approvals, *used)
            return replace(order, lines=lines, amount=order.amount - amount, approvals=approvals)
        case OrderCancelled():
            return replace(order, cancelled=True)
        case _:
            return _after_moving(order, event, at)


def _after_moving(order: Order, event: object, at: datetime) -> Order:
    """After goods went out, arrived or came back."""
    match event:
        case OrderShipped(shipment_id=key, lines=lines, amount=amount):
            shipments = {**order.shipments, key: Shipment(amount, at)}
            return replace(order, lines=order.with_parts("shipped", lines), shipments=shipments)
        case ShipmentDelivered(shipment_id=key):
            delivered = order.shipments[key]._replace(since=at, delivered=True)
            return replace(order, shipments={**order.shipments, key: delivered})
        case GoodsReturned(return_id=key, lines=lines, amount=amount):
            returns = {**order.returns, key: amount}
            lines = order.with_parts("returned", lines)
            return replace(order, lines=lines, returns=returns, returned=order.returned + amount)
        case _:
            return order


def line_parts(parts: Parts) -> tuple[LinePart, ...]:
    """The parts as facts have them, in the order of the lines."""
    return tuple(LinePart(line=number, quantity=quantity) for number, quantity in sorted(parts.items()))


def wanted_parts(order: Order, order_id: UUID, sent: Sequence[LinePart], most: Parts, code: str) -> Parts:
    """What was sent of the lines, or all there is, where nothing was sent; refused by `code` beyond what there is."""
    if not sent:
        return most
    wanted: dict[int, Decimal] = {}
    for part in sent:
        if part.line > len(order.lines):
            raise Refused("unknown_line", order_id=order_id, line=part.line, lines=len(order.lines))
        wanted[part.line] = wanted.get(part.line, ZERO) + part.quantity
    for number, quantity in wanted.items():
        if quantity > most.get(number, ZERO):
            left = most.get(number, ZERO)
            raise Refused(code, order_id=order_id, line=number, quantity=quantity, left=left)
    return wanted
