"""What is known of the previews of category rules: their states, how many clients move from where to where, which."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.tables import category_moves as moves
from app.tables import category_previews as previews
from domain.types import Category
from projections.clients import CLIENTS, ClientsView
from projections.paging import Page, cursor_of, instant, place, values_of

_CLIENTS = ClientsView()


class Rows(NamedTuple):
    """A page of rows, and the cursor of the next one if there is one."""

    items: list[dict[str, Any]]
    next_cursor: str | None


async def preview_page(connection: AsyncConnection, page: Page) -> Rows:
    """Previews with the counts of their moves, the newest first.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    order = [previews.c.requested_at, previews.c.id]
    query = select(previews).order_by(*(column.desc() for column in order)).limit(page.limit + 1)
    if page.cursor:
        query = query.where(tuple_(*order) < place(order, values_of(page.cursor, (instant, UUID))))
    rows = [dict(row) for row in (await connection.execute(query)).mappings()]
    items = rows[: page.limit]
    counts = await _counts(connection, [item["id"] for item in items])
    for item in items:
        item["moves"] = counts.get(item["id"], [])
    more = len(rows) > page.limit
    return Rows(items, cursor_of((items[-1]["requested_at"].isoformat(), items[-1]["id"])) if more else None)


async def preview(connection: AsyncConnection, preview_id: UUID) -> dict[str, Any] | None:
    """One preview with the counts of its moves."""
    row = (await connection.execute(select(previews).where(previews.c.id == preview_id))).mappings().one_or_none()
    if row is None:
        return None
    return dict(row) | {"moves": (await _counts(connection, [preview_id])).get(preview_id, [])}


async def _counts(connection: AsyncConnection, preview_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    key = (moves.c.preview_id, moves.c.from_category, moves.c.to_category)
    numbers = [func.count().filter(moves.c.state == state).label(state) for state in ("planned", "applied", "skipped")]
    query = select(*key, func.count().label("clients"), *numbers).where(moves.c.preview_id.in_(preview_ids))
    query = query.group_by(*key).order_by(func.count().desc(), *key)
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in (await connection.execute(query)).mappings():
        found.setdefault(row["preview_id"], []).append(dict(row))
    return found


class Moves(NamedTuple):
    """Which moves of a preview to list; None does not restrict. An empty text is "from no category"."""

    from_category: Category | str | None = None
    to_category: Category | None = None
    state: str | None = None


async def move_page(connection: AsyncConnection, preview_id: UUID, wanted: Moves, page: Page) -> Rows:
    """Moves of a preview by client id, each with the client as the database of clients shows it.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    conditions = [moves.c.preview_id == preview_id, *_conditions(wanted)]
    if page.cursor:
        conditions.append(moves.c.client_id > values_of(page.cursor, (UUID,))[0])
    query = select(moves, CLIENTS.c.state.label("client")).join(
        CLIENTS, CLIENTS.c.id == moves.c.client_id, isouter=True
    )
    query = query.where(*conditions).order_by(moves.c.client_id).limit(page.limit + 1)
    rows = (await connection.execute(query)).mappings().all()
    items = [{**row, "client_name": _name(row["client"])} for row in rows[: page.limit]]
    return Rows(items, cursor_of([items[-1]["client_id"]]) if len(rows) > page.limit else None)


def _name(state: str | None) -> str | None:
    return None if state is None else _CLIENTS.from_json(state).profile.name


def _conditions(wanted: Moves) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.from_category is not None:
        column = moves.c.from_category
        conditions.append(column == wanted.from_category if wanted.from_category else column.is_(None))
    if wanted.to_category is not None:
        conditions.append(moves.c.to_category == wanted.to_category)
    if wanted.state is not None:
        conditions.append(moves.c.state == wanted.state)
    return conditions
