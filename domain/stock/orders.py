"""What orders do to the stock of an article: reserve, release, take out, bring back.

Each follows from what happens to a client's order. They are decided together with the order, and recorded
with it or not at all.
"""

from typing import ClassVar
from uuid import UUID

from domain.kernel import Command, Event, Refused
from domain.regulation.state import RuleContext
from domain.stock.events import (
    DaysRenewed,
    PromisedSlice,
    Slice,
    StockIssued,
    StockReleased,
    StockReserved,
    StockReturned,
)
from domain.stock.shelf import NOW, ZERO, LineOfOrder, Shelf, total
from domain.stock.state import Stock


class _OfOrder(Command):
    """Parts of an order's lines, in the order of the lines."""

    article: str
    order_id: UUID
    slices: tuple[Slice, ...]


class ReserveStock(Command):
    """Promise parts of the article to an order, which comes after all that were placed before it.

    What it is promised is what those before it leave, as `Shelf.ordered` says.
    """

    article: str
    order_id: UUID
    client_id: UUID
    slices: tuple[PromisedSlice, ...]

    refusals: ClassVar = ("in_future",)

    def decide(self, stock: Stock, context: RuleContext) -> list[Event]:
        reserved = StockReserved(
            article=self.article, order_id=self.order_id, client_id=self.client_id, slices=self.slices
        )
        return stock.with_moves(self.article, [reserved], context.today)


def not_enough(article: str, warehouse: str | None, wanted: object, shelf: Shelf, context: RuleContext) -> Refused:
    """The refusal of more than can be promised, with what can be: now, and by the days of expected arrivals."""
    now, *later = shelf.free(context.today)
    return Refused(
        "not_enough_stock",
        article=article,
        warehouse=warehouse,
        wanted=wanted,
        available_now=now.quantity,
        by_day={each.day.isoformat(): each.quantity for each in later},
    )


class RenewDays(Command):
    """Promise what an order awaits for the days that its client was told.

    He is told by what is expected today: days that have passed are moved in the same decision.
    """

    article: str
    order_id: UUID
    slices: tuple[PromisedSlice, ...]

    refusals: ClassVar = ("in_future",)

    def decide(self, stock: Stock, context: RuleContext) -> list[Event]:
        renewed = DaysRenewed(article=self.article, order_id=self.order_id, slices=self.slices)
        return stock.with_moves(self.article, [renewed], context.today)


class ReleaseStock(_OfOrder):
    """Free parts of what was promised to an order. Those who wait are served with them."""

    refusals: ClassVar = ("in_future",)

    def decide(self, stock: Stock, context: RuleContext) -> list[Event]:
        released = StockReleased(article=self.article, order_id=self.order_id, slices=self.slices)
        return stock.with_moves(self.article, [released], context.today)


class IssueStock(_OfOrder):
    """Take parts of what was promised to an order out of the warehouse, where they have to lie for this order."""

    shipment_id: UUID

    refusals: ClassVar = ("in_future", "not_in_stock")

    def decide(self, stock: Stock, context: RuleContext) -> list[Event]:
        self.refuse_unless_there(stock, context)
        issued = StockIssued(
            article=self.article, order_id=self.order_id, shipment_id=self.shipment_id, slices=self.slices
        )
        return stock.with_moves(self.article, [issued], context.today)

    def refuse_unless_there(self, stock: Stock, context: RuleContext) -> None:
        """Refuse what does not lie there, or lies there for orders that were placed before."""
        for part in self.slices:
            self._check(part, stock.shelf(part.warehouse).served(context.today))

    def _check(self, part: Slice, shelf: Shelf) -> None:
        who = LineOfOrder(self.order_id, part.line)
        there = {other: total(each for each in parts if each.day == NOW) for other, parts in shelf.promised.items()}
        own = there.pop(who, ZERO)
        if part.quantity > own:
            raise Refused(
                "not_in_stock",
                article=self.article,
                warehouse=part.warehouse,
                wanted=part.quantity,
                on_hand=shelf.on_hand,
                promised_now=own,
                promised_to_others=sum(there.values(), ZERO),
            )


class TakeBackStock(_OfOrder):
    """Take goods of an order back into the warehouse, to be sold again."""

    return_id: UUID

    refusals: ClassVar = ("in_future",)

    def decide(self, stock: Stock, context: RuleContext) -> list[Event]:
        returned = StockReturned(
            article=self.article, order_id=self.order_id, return_id=self.return_id, slices=self.slices
        )
        return stock.with_moves(self.article, [returned], context.today)


class RenewPromises(Command):
    """Promise what is promised for days that have passed, as an arrival is overdue, for the days that hold now."""

    article: str

    refusals: ClassVar = ("in_future", "nothing_to_change")

    def decide(self, stock: Stock, context: RuleContext) -> list[Event]:
        moved = stock.with_moves(self.article, [], context.today)
        if not moved:
            raise Refused("nothing_to_change", article=self.article)
        return moved
