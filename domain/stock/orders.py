"""What orders do to the stock of an article: reserve, release, take out, bring back.

Each follows from what happens to a client's order. They are decided together with the order, and recorded
with it or not at all.
"""

from typing import ClassVar
from uuid import UUID

from domain.kernel import Command, Event, Refused
from domain.regulation.state import RuleContext
from domain.stock.events import Slice, StockIssued, StockReleased, StockReserved, StockReturned
from domain.stock.shelf import NOW, ZERO, Shelf
from domain.stock.state import Stock


class _OfOrder(Command):
    """Parts of an order's lines, in the order of the lines."""

    article: str
    order_id: UUID
    slices: tuple[Slice, ...]


class ReserveStock(_OfOrder):
    """Promise parts of the article to an order; never more than there will be on the promised days and after them.

    What was promised for earlier days and is not there, as it is overdue or was miscounted, does not stand in the way.
    """

    client_id: UUID

    refusals: ClassVar = ("in_future", "not_enough_stock")

    def decide(self, stock: Stock, context: RuleContext) -> list[Event]:
        after = stock.with_slices(self.order_id, self.slices)
        for warehouse in {part.warehouse for part in self.slices}:
            parts = [part for part in self.slices if part.warehouse == warehouse]
            first = min(part.promised_on or NOW for part in parts)
            if after.shelf(warehouse).is_overpromised(context.today, first):
                wanted = sum((part.quantity for part in parts), ZERO)
                raise not_enough(self.article, warehouse, wanted, stock.shelf(warehouse), context)
        return [
            StockReserved(article=self.article, order_id=self.order_id, client_id=self.client_id, slices=self.slices)
        ]


def not_enough(article: str, warehouse: str, wanted: object, shelf: Shelf, context: RuleContext) -> Refused:
    """The refusal of more than can be promised, with what can be: now, and by the days of expected arrivals."""
    free = shelf.free(context.today)
    return Refused(
        "not_enough_stock",
        article=article,
        warehouse=warehouse,
        wanted=wanted,
        available_now=free[0].quantity,
        by_day={each.day.isoformat(): each.quantity for each in free if each.day >= context.today},
    )


class ReleaseStock(_OfOrder):
    """Free parts of what was promised to an order."""

    refusals: ClassVar = ("in_future",)

    def decide(self, stock: Stock, context: RuleContext) -> list[Event]:
        return [StockReleased(article=self.article, order_id=self.order_id, slices=self.slices)]


class IssueStock(_OfOrder):
    """Take parts of what was promised to an order out of the warehouse.

    They have to lie there, and what is promised to others for today has to stay.
    """

    shipment_id: UUID

    refusals: ClassVar = ("in_future", "not_in_stock")

    def decide(self, stock: Stock, context: RuleContext) -> list[Event]:
        self.refuse_unless_there(stock, context)
        return [
            StockIssued(article=self.article, order_id=self.order_id, shipment_id=self.shipment_id, slices=self.slices)
        ]

    def refuse_unless_there(self, stock: Stock, context: RuleContext) -> None:
        """Refuse what does not lie there, or is promised to others for today."""
        for warehouse in {part.warehouse for part in self.slices}:
            self._check(warehouse, stock.shelf(warehouse), context)

    def _check(self, warehouse: str, shelf: Shelf, context: RuleContext) -> None:
        parts = [part for part in self.slices if part.warehouse == warehouse]
        wanted, lines = sum((part.quantity for part in parts), ZERO), {part.line for part in parts}
        own, others = ZERO, ZERO
        for promise, quantity in shelf.promised.items():
            if promise.day <= context.today:
                if promise.order_id == self.order_id and promise.line in lines:
                    own += quantity
                else:
                    others += quantity
        early = max(wanted - own, ZERO)
        if wanted > shelf.on_hand or early > max(shelf.on_hand - own - others, ZERO):
            raise Refused(
                "not_in_stock",
                article=self.article,
                warehouse=warehouse,
                wanted=wanted,
                on_hand=shelf.on_hand,
                promised_to_others=others,
            )


class TakeBackStock(_OfOrder):
    """Take goods of an order back into the warehouse, to be sold again."""

    return_id: UUID

    refusals: ClassVar = ("in_future",)

    def decide(self, stock: Stock, context: RuleContext) -> list[Event]:
        return [
            StockReturned(article=self.article, order_id=self.order_id, return_id=self.return_id, slices=self.slices)
        ]
