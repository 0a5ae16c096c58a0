"""Lists of distributions."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.distribution.state import Stage
from projections.distributions import DISTRIBUTIONS
from projections.paging import Page, cursor_of, instant, place, values_of

_ORDER = [DISTRIBUTIONS.c.planned_at, DISTRIBUTIONS.c.id]


class DistributionPage(NamedTuple):
    """A page of distributions, and the cursor of the next one if there is one."""

    items: list[dict[str, Any]]
    next_cursor: str | None


class Wanted(NamedTuple):
    """Which distributions; None does not restrict."""

    stage: Stage | None = None
    team_id: UUID | None = None


async def distributions(connection: AsyncConnection, wanted: Wanted, page: Page) -> DistributionPage:
    """Distributions, the newest first.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query = select(*(column for column in DISTRIBUTIONS.c if column.name != "state"))
    if wanted.stage:
        query = query.where(DISTRIBUTIONS.c.stage == wanted.stage)
    if wanted.team_id:
        query = query.where(DISTRIBUTIONS.c.team_id == wanted.team_id)
    if page.cursor:
        query = query.where(tuple_(*_ORDER) < place(_ORDER, values_of(page.cursor, (instant, UUID))))
    query = query.order_by(*(column.desc() for column in _ORDER)).limit(page.limit + 1)
    rows = (await connection.execute(query)).mappings().all()
    items = [dict(row) for row in rows[: page.limit]]
    last = items[-1] if len(rows) > page.limit else None
    return DistributionPage(items, cursor_of((last["planned_at"].isoformat(), last["id"])) if last else None)


async def unfinished(connection: AsyncConnection) -> list[UUID]:
    """The distributions that are being applied, as far as the view knows; the oldest first."""
    query = select(DISTRIBUTIONS.c.id).where(DISTRIBUTIONS.c.stage == Stage.APPLYING).order_by(*_ORDER)
    return list(await connection.scalars(query))
