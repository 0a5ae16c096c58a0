"""The columns of the board: counters of the whole step, and the clients that have waited longest."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.types import STEPS, Step
from projections.board import BOARD, BOARD_COUNTS, NO_CATEGORY, NO_CURRENCY, NOBODY, BoardCard, BoardView
from projections.paging import cursor_of, instant, place, values_of


class BoardFilter(NamedTuple):
    """Which clients the board shows: of these owners and of these categories, any where there are none.

    `unassigned` adds clients that nobody works to those of the named owners, `NO_CATEGORY` those without a category.
    """

    owner_ids: Sequence[UUID] = ()
    unassigned: bool = False
    categories: Sequence[str] = ()

    @property
    def owners(self) -> list[UUID]:
        """The owners as the counters name them."""
        return [*self.owner_ids, NOBODY] if self.unassigned else list(self.owner_ids)


class OpenAmount(NamedTuple):
    """Open deals in one currency: how many, and what is expected of them."""

    currency: str
    deals: int
    amount: Decimal


class BoardColumn(NamedTuple):
    """One step: how many clients it has, their open deals, and the page of clients asked for."""

    step: Step
    clients: int
    open_amounts: list[OpenAmount]
    cards: list[BoardCard]
    next_cursor: str | None


class _Total(NamedTuple):
    clients: int
    open_amounts: list[OpenAmount]


async def board(
    connection: AsyncConnection,
    wanted: BoardFilter,
    steps: Sequence[Step] = STEPS,
    limit: int = 20,
    cursor: str | None = None,
) -> list[BoardColumn]:
    """The columns of these steps. With a cursor, a further page of the one step that is asked for.

    Raises:
        BadCursor: the cursor was not given out for this step.
    """
    after = None if cursor is None else _read_cursor(cursor, steps)
    totals = await _totals(connection, wanted, steps)
    rows: dict[str, list[Any]] = {step: [] for step in steps}
    pages = union_all(*(_page(step, wanted, limit, after) for step in steps)).order_by("step_since", "id")
    for row in await connection.execute(pages):
        rows[row.step].append(row)
    return [_column(step, totals[step], rows[step], limit) for step in steps]


def _read_cursor(cursor: str, steps: Sequence[Step]) -> tuple[datetime, UUID]:
    known = {str(step): step for step in steps}
    _, since, client_id = values_of(cursor, (known.__getitem__, instant, UUID))
    return since, client_id


async def _totals(connection: AsyncConnection, wanted: BoardFilter, steps: Sequence[Step]) -> dict[Step, _Total]:
    counts = BOARD_COUNTS.c
    sums = [func.sum(column).label(column.name) for column in (counts.clients, counts.deals, counts.amount)]
    query = select(counts.step, counts.currency, *sums).where(*_counted(wanted))
    query = query.group_by(counts.step, counts.currency).order_by(counts.currency)
    totals = {step: _Total(0, []) for step in steps}
    for row in await connection.execute(query):
        total = totals.get(row.step)
        if total is None:
            continue
        if row.currency == NO_CURRENCY:
            totals[row.step] = _Total(int(row.clients), total.open_amounts)
        elif row.deals:
            total.open_amounts.append(OpenAmount(row.currency, int(row.deals), row.amount))
    return totals


def _counted(wanted: BoardFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.owners:
        yield BOARD_COUNTS.c.owner_id.in_(wanted.owners)
    if wanted.categories:
        yield BOARD_COUNTS.c.category.in_(wanted.categories)


def _page(step: Step, wanted: BoardFilter, limit: int, after: tuple[datetime, UUID] | None) -> Select[Any]:
    ordering = [BOARD.c.step_since, BOARD.c.id]
    query = select(BOARD.c.step, BOARD.c.step_since, BOARD.c.id, BOARD.c.state).where(BOARD.c.step == step.value)
    query = query.where(*_shown(wanted))
    if after:
        query = query.where(tuple_(*ordering) > place(ordering, after))
    return select(query.order_by(*ordering).limit(limit + 1).subquery())


def _shown(wanted: BoardFilter) -> Iterator[ColumnElement[bool]]:
    owned = [BOARD.c.owner_id.in_(wanted.owner_ids)] if wanted.owner_ids else []
    if wanted.unassigned:
        owned.append(BOARD.c.owner_id.is_(None))
    if owned:
        yield or_(*owned)
    if wanted.categories:
        yield func.coalesce(BOARD.c.category, NO_CATEGORY).in_(wanted.categories)


def _column(step: Step, total: _Total, rows: Sequence[Any], limit: int) -> BoardColumn:
    cards = [_VIEW.from_json(row.state) for row in rows[:limit]]
    more = cursor_of((step, rows[limit - 1].step_since.isoformat(), rows[limit - 1].id)) if len(rows) > limit else None
    return BoardColumn(step, total.clients, total.open_amounts, cards, more)


_VIEW = BoardView()
