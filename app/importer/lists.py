"""What became of imports: whether they were undone, and of each of their rows."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.tables import import_records as records
from app.tables import jobs
from projections.paging import Page, cursor_of, values_of

UNDO = "import_undo"
_IMPORT = jobs.c.order["import_id"].astext


class RecordPage(NamedTuple):
    """Rows of an import, and the cursor of the next page if there is one."""

    items: Sequence[Row[Any]]
    next_cursor: str | None


async def undoings(connection: AsyncConnection, import_ids: Iterable[UUID]) -> dict[UUID, Row[Any]]:
    """The job that takes each of these imports back, where there is one; the last, if one has failed."""
    query = select(jobs).where(jobs.c.kind == UNDO, _IMPORT.in_([str(import_id) for import_id in import_ids]))
    found = (await connection.execute(query.order_by(jobs.c.started_at))).all()
    return {UUID(job.order["import_id"]): job for job in found}


async def record_page(connection: AsyncConnection, import_id: UUID, state: str | None, page: Page) -> RecordPage:
    """A page of the rows that went in, by line.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query = select(records).where(records.c.import_id == import_id)
    if state:
        query = query.where(records.c.state == state)
    if page.cursor:
        query = query.where(records.c.line > values_of(page.cursor, (int,))[0])
    found = (await connection.execute(query.order_by(records.c.line).limit(page.limit + 1))).all()
    items = found[: page.limit]
    return RecordPage(items, cursor_of((items[-1].line,)) if len(found) > page.limit else None)
