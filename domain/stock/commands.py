"""Goods come in, are counted, are expected: what the warehouse and the buyers record on an article's stock."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field

from domain.catalogue.articles import Article
from domain.catalogue.codes import Code, article_id
from domain.kernel import Command, Consequence, Event, JointCommand, Reach, Refused
from domain.regulation.state import RuleContext
from domain.stock.events import ArrivalCancelled, ArrivalChanged, ArrivalExpected, StockCorrected, StockReceived
from domain.stock.shelf import Arrival
from domain.stock.state import Stock
from domain.stock.warehouses import known_warehouse, open_warehouse
from domain.types import Day, OptionalText, OptionalWord, Quantity

Counted = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=3, description="How many lie there")]
ExpectedOn = Annotated[Day, Field(description="On which day it is to come; not in the past")]


class _OnStock(JointCommand):
    """A command on the stock of an article, which has to exist. It may be retired: what there is of it still moves."""

    article: Code

    def reach(self, state: Any) -> Collection[Reach]:
        return (Reach(Article, article_id(self.article)),)

    def consequences(self, state: Any, events: Sequence[Event]) -> Iterable[Consequence]:
        return ()

    def moving(self, stock: Stock, article: Article, event: Event, context: RuleContext) -> list[Event]:
        """What happens to the stock, and which promises it moves to other days."""
        return stock.with_moves(article.code, [event], context.today)

    def known_article(self, context: RuleContext) -> Article:
        """The article."""
        article = context.known(Article, article_id(self.article))
        if article is None or not article.code:
            raise Refused("unknown_article", article=self.article)
        return article


class ReceiveStock(_OnStock):
    """Take goods in; those of an expected arrival name it. More than was expected may come."""

    warehouse: Code
    quantity: Quantity
    arrival_id: UUID | None = None
    document: OptionalWord = None

    refusals: ClassVar = (
        "in_future",
        "unknown_article",
        "unknown_warehouse",
        "warehouse_closed",
        "unknown_arrival",
        "arrival_elsewhere",
    )
    examples: ClassVar = ({"article": "BROOM-GREEN-T", "warehouse": "main", "quantity": "100"},)

    def decide(self, stock: Stock, context: RuleContext) -> list[Event]:
        article, warehouse = self.known_article(context), open_warehouse(self.warehouse, context)
        if self.arrival_id is not None:
            expected_at, _ = expected_arrival(stock, self.arrival_id)
            if expected_at != warehouse.code:
                raise Refused("arrival_elsewhere", arrival_id=self.arrival_id, warehouse=expected_at)
        received = StockReceived(
            article=article.code,
            warehouse=warehouse.code,
            quantity=self.quantity,
            arrival_id=self.arrival_id,
            document=self.document,
        )
        return self.moving(stock, article, received, context)


class CorrectStock(_OnStock):
    """Record what was counted in a warehouse, where it is not what is on record.

    Where there is not enough any more, those who ordered last wait longer.
    """

    warehouse: Code
    counted: Counted
    note: OptionalText = None

    refusals: ClassVar = ("in_future", "unknown_article", "unknown_warehouse", "nothing_to_change")
    examples: ClassVar = ({"article": "BROOM-GREEN-T", "warehouse": "main", "counted": "97", "note": "Three broken"},)

    def decide(self, stock: Stock, context: RuleContext) -> list[Event]:
        article, warehouse = self.known_article(context), known_warehouse(self.warehouse, context)
        before = stock.shelf(warehouse.code).on_hand
        if self.counted == before:
            raise Refused("nothing_to_change", on_hand=before)
        corrected = StockCorrected(
            article=article.code,
            warehouse=warehouse.code,
            counted=self.counted,
            before=before,
            note=self.note or None,
        )
        return self.moving(stock, article, corrected, context)


class ExpectArrival(_OnStock):
    """Say that goods are to come in on a day. Those who wait are promised it first, then others."""

    warehouse: Code
    quantity: Quantity
    expected_on: ExpectedOn

    refusals: ClassVar = ("in_future", "unknown_article", "unknown_warehouse", "warehouse_closed", "day_has_passed")
    examples: ClassVar = (
        {"article": "BROOM-GREEN-T", "warehouse": "main", "quantity": "200", "expected_on": "2030-05-12"},
    )

    def decide(self, stock: Stock, context: RuleContext) -> list[Event]:
        article, warehouse = self.known_article(context), open_warehouse(self.warehouse, context)
        _refuse_past(self.expected_on, context)
        expected = ArrivalExpected(
            arrival_id=context.new_id(),
            article=article.code,
            warehouse=warehouse.code,
            quantity=self.quantity,
            expected_on=self.expected_on,
        )
        return self.moving(stock, article, expected, context)


class OfArrival(Command):
    """A command on an expected arrival, which knows its article."""

    arrival_id: UUID
    article: Annotated[Code | None, Field(description="The arrival's own; not needed")] = None


class ChangeArrival(OfArrival):
    """Say how much of an expected arrival is still to come, and on which day. What was promised of it moves with it."""

    quantity: Quantity | None = None
    expected_on: ExpectedOn | None = None

    refusals: ClassVar = ("in_future", "unknown_arrival", "day_has_passed", "nothing_to_change")
    examples: ClassVar = ({"expected_on": "2030-05-20"},)

    def decide(self, stock: Stock, context: RuleContext) -> list[Event]:
        _, before = expected_arrival(stock, self.arrival_id)
        after = Arrival(self.quantity or before.quantity, self.expected_on or before.expected_on)
        if after == before:
            raise Refused("nothing_to_change", **before._asdict())
        if self.expected_on:
            _refuse_past(self.expected_on, context)
        changed = ArrivalChanged(arrival_id=self.arrival_id, **after._asdict())
        return stock.with_moves(stock.article, [changed], context.today)


class CancelArrival(OfArrival):
    """Say that what was expected is not going to come. What was promised of it waits for another arrival."""

    note: OptionalText = None

    refusals: ClassVar = ("in_future", "unknown_arrival")
    examples: ClassVar = ({"note": "The supplier has none"},)

    def decide(self, stock: Stock, context: RuleContext) -> list[Event]:
        expected_arrival(stock, self.arrival_id)
        cancelled = ArrivalCancelled(arrival_id=self.arrival_id, note=self.note or None)
        return stock.with_moves(stock.article, [cancelled], context.today)


def expected_arrival(stock: Stock, arrival_id: UUID) -> tuple[str, Arrival]:
    """The warehouse of an expected arrival of which something is outstanding, and the arrival."""
    warehouse = stock.arrivals.get(arrival_id)
    if warehouse is None:
        raise Refused("unknown_arrival", arrival_id=arrival_id)
    return warehouse, stock.shelf(warehouse).arrivals[arrival_id]


def _refuse_past(day: date, context: RuleContext) -> None:
    today = context.today
    if day < today:
        raise Refused("day_has_passed", expected_on=day, today=today)
