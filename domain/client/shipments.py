"""Orders are shipped in parts, shipments are delivered, goods come back."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from domain.client.order_changes import OnOrder, PartsOfLines, on_stock, quantities
from domain.client.order_events import GoodsReturned, OrderShipped, ShipmentDelivered
from domain.client.order_state import Order, line_parts
from domain.client.orders import wanted_parts
from domain.kernel import Command, Consequence, Event, Refused
from domain.regulation.state import RuleContext
from domain.stock.orders import IssueStock, TakeBackStock
from domain.stock.state import Stock
from domain.types import OptionalText, OptionalWord

if TYPE_CHECKING:
    from domain.client.state import Client


class ShipOrder(OnOrder):
    """Ship a confirmed order, or parts of it. The goods leave their warehouses, where they have to lie."""

    lines: Annotated[PartsOfLines, Field(description="All that is not shipped yet, when absent")] = ()
    document: OptionalWord = None

    refusals: ClassVar = (
        "unknown_order",
        "order_cancelled",
        "before_its_cause",
        "order_not_confirmed",
        "unknown_line",
        "exceeds_open",
        "nothing_open",
        "not_in_stock",
    )
    examples: ClassVar = ({}, {"lines": [{"line": 1, "quantity": "4"}], "document": "W-118"})

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        order = client.orders.get(self.order_id, context)
        if not order.confirmed:
            raise Refused("order_not_confirmed", order_id=self.order_id)
        parts = wanted_parts(order, self.order_id, self.lines, order.open, "exceeds_open")
        if not parts:
            raise Refused("nothing_open", order_id=self.order_id)
        shipped = OrderShipped(
            shipment_id=context.new_id(),
            order_id=self.order_id,
            lines=line_parts(parts),
            amount=order.worth("shipped", parts),
            currency=order.currency,
            document=self.document,
        )
        for _, stock_id, issue in _issues(order, shipped):
            assert isinstance(issue, IssueStock)
            issue.refuse_unless_there(context.known(Stock, stock_id) or Stock.empty(stock_id), context)
        return [shipped]

    def consequences(self, state: "Client", events: Sequence[Event]) -> Iterable[Consequence]:
        for event in events:
            if isinstance(event, OrderShipped):
                yield from _issues(state.orders.by_id[self.order_id], event)


def _issues(order: Order, event: OrderShipped) -> Iterable[Consequence]:
    issue = partial(IssueStock, order_id=event.order_id, shipment_id=event.shipment_id)
    return on_stock(order, quantities(event.lines), issue)


class DeliverShipment(Command):
    """Record that the client has got a shipment."""

    order_id: UUID
    shipment_id: UUID

    refusals: ClassVar = (
        "unknown_order",
        "order_cancelled",
        "unknown_shipment",
        "shipment_delivered",
        "before_its_cause",
    )
    examples: ClassVar = ({},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        shipment = client.orders.get(self.order_id, context).shipments.get(self.shipment_id)
        if shipment is None:
            raise Refused("unknown_shipment", shipment_id=self.shipment_id)
        if shipment.delivered:
            raise Refused("shipment_delivered", shipment_id=self.shipment_id)
        return [ShipmentDelivered(shipment_id=self.shipment_id, order_id=self.order_id)]


class TakeBackGoods(OnOrder):
    """Take back goods that were shipped. Those that can be sold again lie in their warehouse again.

    The client bought so much less. What it owes is changed by a credit note, what it paid by a refund.
    """

    lines: Annotated[PartsOfLines, Field(description="All that was shipped, when absent")] = ()
    restocked: Annotated[bool, Field(description="Whether they can be sold again")] = True
    reason: OptionalText = None

    refusals: ClassVar = (
        "unknown_order",
        "order_cancelled",
        "before_its_cause",
        "unknown_line",
        "exceeds_shipped",
        "nothing_shipped",
    )
    examples: ClassVar = ({"lines": [{"line": 1, "quantity": "1"}], "restocked": False, "reason": "Broken"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        order = client.orders.get(self.order_id, context)
        kept = {number: line.kept for number, line in enumerate(order.lines, 1) if line.kept}
        parts = wanted_parts(order, self.order_id, self.lines, kept, "exceeds_shipped")
        if not parts:
            raise Refused("nothing_shipped", order_id=self.order_id)
        amount = order.worth("returned", parts)
        return [
            GoodsReturned(
                return_id=context.new_id(),
                order_id=self.order_id,
                lines=line_parts(parts),
                amount=amount,
                cost=order.costs(parts, amount) if self.restocked else None,
                currency=order.currency,
                restocked=self.restocked,
                reason=self.reason or None,
            )
        ]

    def consequences(self, state: "Client", events: Sequence[Event]) -> Iterable[Consequence]:
        order = state.orders.by_id[self.order_id]
        for event in events:
            if isinstance(event, GoodsReturned) and event.restocked:
                take_back = partial(TakeBackStock, order_id=self.order_id, return_id=event.return_id)
                yield from on_stock(order, quantities(event.lines), take_back)
