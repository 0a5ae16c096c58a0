"""The clients behind a figure of the conversion report."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.types import Step
from projections.conversion import CLIENTS, PASSAGES
from projections.conversion_facts import Basis
from projections.conversion_filters import EVERYBODY, Filters
from projections.paging import Page, cursor_of, instant, place, values_of
from projections.passages import CONVERTED, LOST
from projections.period import Period


class Figure(StrEnum):
    """A figure of the report."""

    ENTERED = "entered"
    CONVERTED = "converted"
    LOST = "lost"
    RETURNED = "returned"
    IN_STEP = "in_step"


class Behind(NamedTuple):
    """Which figure to open. Without `step` the figure is of the whole conveyor."""

    figure: Figure = Figure.ENTERED
    step: Step | None = None
    basis: Basis = Basis.COHORT
    period: Period = Period()
    filters: Filters = EVERYBODY


class ClientPage(NamedTuple):
    """A page of clients, and the cursor of the next one if there is one."""

    items: list[dict[str, Any]]
    next_cursor: str | None


async def clients(connection: AsyncConnection, behind: Behind, page: Page) -> ClientPage:
    """Clients with id, name, entered_at, left_at, outcome and employee; those that entered last come first.

    A client that passed a step twice is there twice, as it is in the figure.

    Raises:
        BadCursor: the cursor is not of such a list.
    """
    table = PASSAGES if behind.step else CLIENTS
    order = [table.c.entered_at, *table.primary_key.columns]
    query = _passages(behind) if behind.step else _ways(behind)
    query = query.where(*behind.filters.hold(table))
    if page.cursor:
        kinds = (instant, UUID, int)[: len(order)]
        query = query.where(tuple_(*order) < place(order, values_of(page.cursor, kinds)))
    query = query.order_by(*(column.desc() for column in order)).limit(page.limit + 1)
    rows: Sequence[Any] = (await connection.execute(query)).mappings().all()
    items = [dict(row) for row in rows[: page.limit]]
    places = [(item["entered_at"].isoformat(), item["id"], item.pop("number"))[: len(order)] for item in items]
    return ClientPage(items, cursor_of(places[-1]) if len(rows) > page.limit else None)


def _passages(behind: Behind) -> Select[Any]:
    ended = PASSAGES.c.left_at, PASSAGES.c.outcome
    shown = [CLIENTS.c.id, CLIENTS.c.name, PASSAGES.c.entered_at, *ended, PASSAGES.c.employee, PASSAGES.c.number]
    query = select(*shown).join(CLIENTS, CLIENTS.c.id == PASSAGES.c.client_id)
    return query.where(PASSAGES.c.step == behind.step, *_conditions(behind, PASSAGES.c.entered_at, *ended))


def _ways(behind: Behind) -> Select[Any]:
    """The whole conveyor: a client has left it when it converted or, without that, when it was lost.

    A merged client entered nothing: its row is there for its name.
    """
    converted_at, lost_at = CLIENTS.c.converted_at, CLIENTS.c.lost_at
    if behind.figure is Figure.LOST:
        left_at, outcome = lost_at, case((lost_at.is_not(None), LOST))
    else:
        left_at = func.coalesce(converted_at, lost_at)
        outcome = case((converted_at.is_not(None), CONVERTED), (lost_at.is_not(None), LOST))
    known = [CLIENTS.c.id, CLIENTS.c.name, CLIENTS.c.entered_at, CLIENTS.c.employee]
    shown = [*known, left_at.label("left_at"), outcome.label("outcome"), literal(1).label("number")]
    entered_at = CLIENTS.c.entered_at
    return select(*shown).where(entered_at.is_not(None), *_conditions(behind, entered_at, left_at, outcome))


def _conditions(
    behind: Behind, entered_at: ColumnElement[Any], left_at: ColumnElement[Any], outcome: ColumnElement[Any]
) -> list[ColumnElement[bool]]:
    figure, period = behind.figure, behind.period
    if figure is Figure.ENTERED:
        return period.covers(entered_at)
    if behind.basis is Basis.COHORT:
        reached = outcome.is_(None) if figure is Figure.IN_STEP else outcome == figure.value
        return [reached, *period.covers(entered_at)]
    if figure is Figure.IN_STEP:
        if period.end is None:
            return [left_at.is_(None)]
        return [entered_at < period.end, or_(left_at.is_(None), left_at >= period.end)]
    return [outcome == figure.value, *period.covers(left_at)]
