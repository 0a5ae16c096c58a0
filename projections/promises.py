"""What is promised of each article to whom, for which day; which promises cannot be kept; and of what arrivals are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Column, Date, Index, Integer, Numeric, Table, Text, Uuid

from domain.kernel import Event, Recorded
from domain.stock.events import ArrivalExpected, DaysRenewed, PromiseMoved, StockIssued, StockReleased, StockReserved
from domain.stock.promises import by_line
from domain.stock.shelf import UNDATED, Part, Parts, less
from projections.kernel import Row, View, metadata, view_table


class Piece(NamedTuple):
    """So much, promised for one day and to be had on another; see `domain.stock.shelf` for the days of no date."""

    quantity: Decimal
    promised: date
    expected: date


class PromisedLine(NamedTuple):
    """A line of an order: for which days it was promised, and for which it is now. Both are of all that is open of it.

    Promised is what its client was told last. What was ordered without a day is promised for the first one that it
    gets.
    """

    order_id: UUID
    client_id: UUID
    line: int
    warehouse: str
    promised: Parts
    expected: Parts

    def moved(self, expected: Parts) -> "PromisedLine":
        """The line with these days now."""
        pieces = list(matched(self.promised, expected))
        days = (each.expected if each.promised == UNDATED else each.promised for each in pieces)
        promised = _each_day_once(zip(days, (each.quantity for each in pieces), strict=True))
        return self._replace(promised=promised, expected=expected)

    def less(self, quantity: Decimal, *, latest_first: bool) -> "PromisedLine":
        """The line with so much less open of it."""
        return self._replace(
            promised=less(self.promised, quantity, latest_first=latest_first),
            expected=less(self.expected, quantity, latest_first=latest_first),
        )


def matched(promised: Parts, expected: Parts) -> Iterator[Piece]:
    """Pieces of both together: what was promised for the earliest day gets what comes first."""
    waiting, left = list(promised), Decimal()
    day = UNDATED
    for part in expected:
        there = part.quantity
        while there:
            if not left:
                day, left = waiting.pop(0)
            quantity = min(there, left)
            yield Piece(quantity, day, part.day)
            there, left = there - quantity, left - quantity


def _each_day_once(parts: Iterable[tuple[date, Decimal]]) -> Parts:
    days: dict[date, Decimal] = {}
    for day, quantity in parts:
        days[day] = days.get(day, Decimal()) + quantity
    return tuple(Part(day, days[day]) for day in sorted(days))


class ArticlePromises(NamedTuple):
    """The open lines of an article, in the order in which they are served."""

    id: UUID
    article: str = ""
    lines: tuple[PromisedLine, ...] = ()


ARTICLES = view_table("promised_articles", Column("article", Text, nullable=False))
PROMISES = Table(
    "promises",
    metadata,
    Column("stock_id", Uuid, primary_key=True),
    Column("order_id", Uuid, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("article", Text, nullable=False),
    Column("warehouse", Text, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("promised", Date, nullable=False),
    Column("expected", Date, nullable=False),
    Index("promises_of_order", "order_id", "line", "part"),
    Index("promises_expected", "expected"),
)
"""Parts of open lines: for which day each was promised, and for which it is now."""
ARRIVALS = Table(
    "arrivals",
    metadata,
    Column("stock_id", Uuid, primary_key=True),
    Column("arrival_id", Uuid, primary_key=True),
    Index("arrivals_by_id", "arrival_id"),
)
"""To the stock of which article each arrival belongs."""
BROKEN = PROMISES.c.expected > PROMISES.c.promised
Index("promises_broken", PROMISES.c.promised, PROMISES.c.order_id, postgresql_where=BROKEN)


class PromisesView(View[ArticlePromises]):
    """Promises, one part row for each part of a line."""

    name: ClassVar = "promises"
    revision: ClassVar = 3
    reads: ClassVar[frozenset[type[Event]]] = frozenset(
        {ArrivalExpected, StockReserved, PromiseMoved, DaysRenewed, StockReleased, StockIssued}
    )
    table: ClassVar = ARTICLES
    part_tables: ClassVar = (PROMISES,)
    growing_tables: ClassVar = (ARRIVALS,)
    state_type = ArticlePromises

    def start(self, stream_id: UUID) -> ArticlePromises:
        return ArticlePromises(stream_id)

    def evolve(self, state: ArticlePromises, recorded: Recorded) -> ArticlePromises:
        match recorded.event:
            case ArrivalExpected(article=article):
                return state._replace(article=article)
            case StockReserved() as event:
                return state._replace(article=event.article, lines=(*state.lines, *_reserved(event)))
            case PromiseMoved() | DaysRenewed() as event:
                return state._replace(lines=tuple(_moved(state.lines, event)))
            case StockReleased() | StockIssued() as event:
                return state._replace(lines=tuple(_lessened(state.lines, event)))
            case _:
                return state

    def columns(self, state: ArticlePromises) -> Row:
        return (state.article,)

    def parts(self, state: ArticlePromises) -> Mapping[Table, Sequence[Row]]:
        return {PROMISES: [row for line in state.lines for row in _rows(state, line)]}

    def grown(self, recorded: Recorded) -> Mapping[Table, Row]:
        event = recorded.event
        return {ARRIVALS: (recorded.stream_id, event.arrival_id)} if isinstance(event, ArrivalExpected) else {}


def _reserved(event: StockReserved) -> Iterator[PromisedLine]:
    for (warehouse, line), parts in by_line(event.slices).items():
        yield PromisedLine(event.order_id, event.client_id, line, warehouse, parts, parts)


def _moved(lines: Iterable[PromisedLine], event: PromiseMoved | DaysRenewed) -> Iterator[PromisedLine]:
    moved = by_line(event.slices)
    for line in lines:
        parts = moved.get((line.warehouse, line.line)) if line.order_id == event.order_id else None
        if not parts:
            yield line
        else:
            yield line.moved(parts) if isinstance(event, PromiseMoved) else line._replace(promised=parts)


def _lessened(lines: Iterable[PromisedLine], event: StockReleased | StockIssued) -> Iterator[PromisedLine]:
    gone = {part.line: part.quantity for part in event.slices}
    for line in lines:
        if line.order_id != event.order_id or line.line not in gone:
            yield line
        elif (left := line.less(gone[line.line], latest_first=isinstance(event, StockReleased))).expected:
            yield left


def _rows(state: ArticlePromises, line: PromisedLine) -> Iterator[Row]:
    for number, piece in enumerate(matched(line.promised, line.expected), 1):
        key = (state.id, line.order_id, line.line, number)
        yield (*key, line.client_id, state.article, line.warehouse, *piece)
