"""The orders of a client as later decisions need them: after each thing that happened, and those that are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.client.order_events import (
    DelayTold,
    GoodsReturned,
    LinePart,
    OrderCancelled,
    OrderConfirmed,
    OrderPlaced,
    OrderReduced,
    OrderShipped,
    ShipmentDelivered,
)
from domain.client.order_state import ONE, ZERO, Line, Order, Parts, Shipment
from domain.kernel import Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext


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
        case DelayTold(lines=told):
            days = {each.line: each.promised for each in told}
            lines = (line._replace(told=days.get(n, line.told)) for n, line in enumerate(order.lines, 1))
            return replace(order, lines=tuple(lines))
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
