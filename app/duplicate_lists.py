"""The worklist of duplicates: pairs of the last search that nobody has merged or told apart since."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.tables import duplicate_pairs as pairs
from app.tables import jobs
from projections.duplicates import DISMISSALS, DUPLICATES, DuplicatesView, Identity
from projections.paging import Page, cursor_of, place, values_of

LAST_DONE = (
    select(jobs.c.id)
    .where(jobs.c.kind == "duplicates", jobs.c.state == "done")
    .order_by(jobs.c.started_at.desc(), jobs.c.id)
    .limit(1)
)
"""The run whose pairs are the worklist."""


class Wanted(NamedTuple):
    """Which pairs to list; None does not restrict. `client_id`: one of the two."""

    min_score: float = 0.0
    reason: str | None = None
    client_id: UUID | None = None


class ListedPair(NamedTuple):
    """Two clients that may be one."""

    client: Identity
    other: Identity
    score: float
    reason: str


class PairPage(NamedTuple):
    """Pairs, and the cursor of the next page if there is one."""

    items: list[ListedPair]
    next_cursor: str | None


_VIEW = DuplicatesView()
_ONE, _OTHER = DUPLICATES.alias("one"), DUPLICATES.alias("another")
_ORDER = [pairs.c.score, pairs.c.client_id, pairs.c.other_id]
_DISMISSED = exists().where(
    or_(
        and_(DISMISSALS.c.client_id == pairs.c.client_id, DISMISSALS.c.other_id == pairs.c.other_id),
        and_(DISMISSALS.c.client_id == pairs.c.other_id, DISMISSALS.c.other_id == pairs.c.client_id),
    )
)


async def pair_page(connection: AsyncConnection, wanted: Wanted, page: Page) -> PairPage:
    """A page of the worklist, the most alike first.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query = (
        select(pairs, _ONE.c.state.label("one"), _OTHER.c.state.label("another"))
        .join(_ONE, _ONE.c.id == pairs.c.client_id)
        .join(_OTHER, _OTHER.c.id == pairs.c.other_id)
        .where(_ONE.c.merged_into.is_(None), _OTHER.c.merged_into.is_(None))
        .where(pairs.c.run_id == LAST_DONE.scalar_subquery(), ~_DISMISSED, *_conditions(wanted))
    )
    if page.cursor:
        last = place(_ORDER, values_of(page.cursor, (float, UUID, UUID)))
        query = query.where(tuple_(*_ORDER) < last)
    query = query.order_by(*(column.desc() for column in _ORDER)).limit(page.limit + 1)
    rows = (await connection.execute(query)).all()
    items = [_pair(row) for row in rows[: page.limit]]
    if len(rows) <= page.limit:
        return PairPage(items, None)
    return PairPage(items, cursor_of((items[-1].score, items[-1].client.id, items[-1].other.id)))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [pairs.c.score >= wanted.min_score]
    if wanted.reason:
        conditions.append(pairs.c.reason == wanted.reason)
    if wanted.client_id:
        conditions.append(or_(pairs.c.client_id == wanted.client_id, pairs.c.other_id == wanted.client_id))
    return conditions


def _pair(row: Any) -> ListedPair:
    read = _VIEW.from_json
    return ListedPair(read(row.one), read(row.another), row.score, row.reason)
