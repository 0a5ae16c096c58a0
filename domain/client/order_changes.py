"""Orders are confirmed, or cancelled as a whole or in part; and what a change of an order does to the stock."""

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, ClassVar, Protocol
from uuid import UUID

from pydantic import Field

from domain.catalogue.codes import stock_id
from domain.client.order_events import LinePart, OrderCancelled, OrderConfirmed, OrderReduced
from domain.client.order_state import Order, Parts, line_parts
from domain.client.order_terms import allowed_without
from domain.client.orders import wanted_parts
from domain.kernel import Command, Consequence, Event, JointCommand, Reach, Refused
from domain.regulation.state import RuleContext
from domain.stock.events import Slice
from domain.stock.orders import ReleaseStock
from domain.stock.state import Stock
from domain.types import OptionalText, Quantity

if TYPE_CHECKING:
    from domain.client.state import Client


class PartOfLine(LinePart):
    """So much of a line, by its number in the order; lines count from 1."""

    line: Annotated[int, Field(ge=1, le=1000)]
    quantity: Quantity


PartsOfLines = Annotated[tuple[PartOfLine, ...], Field(max_length=1000)]


class OnOrder(JointCommand):
    """A command that changes an order, and with it the stock of its articles."""

    order_id: UUID

    def reach(self, state: "Client") -> Collection[Reach]:
        order = state.orders.by_id.get(self.order_id)
        articles = {line.article for line in order.lines if line.warehouse} if order else set[str]()
        return [Reach(Stock, stock_id(article)) for article in sorted(articles)]


class _Make(Protocol):
    """Makes a command on the stock of an article."""

    def __call__(self, *, article: str, slices: tuple[Slice, ...]) -> Command: ...


def on_stock(order: Order, parts: Parts, make: _Make) -> Iterable[Consequence]:
    """One command for the stock of each article that these parts are of."""
    slices: dict[str, list[Slice]] = {}
    for number, quantity in sorted(parts.items()):
        line = order.lines[number - 1]
        if line.warehouse is not None:
            part = Slice(line=number, warehouse=line.warehouse, quantity=quantity)
            slices.setdefault(line.article, []).append(part)
    for article, taken in slices.items():
        yield Consequence(Stock, stock_id(article), make(article=article, slices=tuple(taken)))


def quantities(lines: Iterable[LinePart]) -> Parts:
    """The quantities by line."""
    return {part.line: part.quantity for part in lines}


class CancelOrder(OnOrder):
    """Cancel an order, or parts of it. What was shipped already stays; what was reserved is free again.

    What stands may be beyond the rules of discounts and margins no further than before, unless a head approved an order
    of just that.
    """

    lines: Annotated[PartsOfLines, Field(description="All that is not shipped yet, when absent")] = ()
    reason: OptionalText = None

    refusals: ClassVar = (
        "unknown_order",
        "order_cancelled",
        "before_its_cause",
        "unknown_line",
        "exceeds_open",
        "nothing_open",
        "approval_required",
    )
    examples: ClassVar = ({"reason": "Placed twice"}, {"lines": [{"line": 1, "quantity": "2"}]})

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        order = client.orders.get(self.order_id, context)
        parts = wanted_parts(order, self.order_id, self.lines, order.open, "exceeds_open")
        if not parts:
            raise Refused("nothing_open", order_id=self.order_id)
        if not order.shipments and parts == order.open:
            return [OrderCancelled(order_id=self.order_id, reason=self.reason or None)]
        amount = order.worth_open(parts)
        return [
            OrderReduced(
                order_id=self.order_id,
                lines=line_parts(parts),
                amount=amount,
                cost=order.costs(parts, amount),
                currency=order.currency,
                approvals=allowed_without(client, order, parts, context),
                reason=self.reason or None,
            )
        ]

    def consequences(self, state: "Client", events: Sequence[Event]) -> Iterable[Consequence]:
        order = state.orders.by_id[self.order_id]
        for event in events:
            parts = quantities(event.lines) if isinstance(event, OrderReduced) else order.open
            yield from on_stock(order, parts, partial(ReleaseStock, order_id=self.order_id))


class ConfirmOrder(Command):
    """Confirm that the order can be fulfilled as it was placed."""

    order_id: UUID

    refusals: ClassVar = ("unknown_order", "order_cancelled", "before_its_cause", "order_confirmed")
    examples: ClassVar = ({},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if client.orders.get(self.order_id, context).confirmed:
            raise Refused("order_confirmed", order_id=self.order_id)
        return [OrderConfirmed(order_id=self.order_id)]
