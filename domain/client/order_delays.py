"""A client is told that what it ordered comes on other days than promised."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from domain.catalogue.codes import stock_id
from domain.client.order_changes import OnOrder
from domain.client.order_events import DelayTold, PromisedPart, ToldLine
from domain.client.order_state import Line, Order
from domain.client.reserving import slices_by_article
from domain.kernel import Consequence, Event, Refused
from domain.regulation.state import RuleContext
from domain.stock.orders import RenewDays
from domain.stock.promises import promise
from domain.stock.shelf import LineOfOrder
from domain.stock.state import Stock
from domain.types import Day

if TYPE_CHECKING:
    from domain.client.state import Client


class TellDelay(OnOrder):
    """Record that the client was told when it gets what it still awaits of an order.

    The days that it was told are the promise from now on: the order leaves the worklist of broken promises until it is
    to come later than that. Who was told that no day is known is promised the first day that there will be. A later day
    than the one that holds may be told, as agreed with the client, though nothing is late. To tell no other days than
    it was told last is refused, except that there is none: one may have been known, and lost, since.
    """

    line: Annotated[int | None, Field(ge=1, le=1000, description="All that await goods, when absent")] = None
    promised_on: Annotated[
        Day | None, Field(description="The day for which all of it was promised; the days that hold now, when absent")
    ] = None

    refusals: ClassVar = (
        "unknown_order",
        "order_cancelled",
        "before_its_cause",
        "unknown_line",
        "nothing_open",
        "day_has_passed",
        "nothing_to_change",
    )
    examples: ClassVar = ({}, {"line": 1, "promised_on": "2030-05-20"})

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        order = client.orders.get(self.order_id, context)
        if self.promised_on and self.promised_on < context.today:
            raise Refused("day_has_passed", promised_on=self.promised_on, today=context.today)
        if self.line and self.line > len(order.lines):
            raise Refused("unknown_line", order_id=self.order_id, line=self.line, lines=len(order.lines))
        told = tuple(ToldLine(line=number, promised=days) for number, days in self._told(order, context))
        if not told:
            raise Refused("nothing_open", order_id=self.order_id)
        if all(_holds(each.promised, order.lines[each.line - 1]) for each in told):
            raise Refused("nothing_to_change", order_id=self.order_id)
        return [DelayTold(order_id=self.order_id, lines=told)]

    def _told(self, order: Order, context: RuleContext) -> Iterator[tuple[int, tuple[PromisedPart, ...]]]:
        for number, line in enumerate(order.lines, 1):
            if line.warehouse and line.open and self.line in {None, number}:
                yield number, self._days(LineOfOrder(self.order_id, number), line, context)

    def _days(self, who: LineOfOrder, line: Line, context: RuleContext) -> tuple[PromisedPart, ...]:
        if self.promised_on:
            return (PromisedPart(quantity=line.open, promised_on=self.promised_on),)
        stock = context.known(Stock, stock_id(line.article))
        parts = stock.shelf(line.warehouse or "").served(context.today).promised_to(who) if stock else ()
        return tuple(PromisedPart(**promise(part)) for part in parts)

    def consequences(self, state: "Client", events: Sequence[Event]) -> Iterable[Consequence]:
        for event in events:
            if isinstance(event, DelayTold):
                yield from _renewed(state.orders.by_id[self.order_id], event)


def _holds(days: tuple[PromisedPart, ...], line: Line) -> bool:
    """Whether the client knows these days. It need not, where there is none: those that came up since are not here."""
    return days == (line.told or line.promised) and not any(part.undated for part in days)


def _renewed(order: Order, event: DelayTold) -> Iterator[Consequence]:
    told = ((each.line, order.lines[each.line - 1], each.promised) for each in event.lines)
    for article, slices in slices_by_article(told).items():
        renew = RenewDays(article=article, order_id=event.order_id, slices=slices)
        yield Consequence(Stock, stock_id(article), renew)
