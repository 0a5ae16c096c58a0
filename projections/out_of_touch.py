"""The clients whose next contact is overdue by the communication standard of their category."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, literal, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.regulation.categories import LONGEST_INTERVAL_DAYS
from domain.types import EARLIEST, LATEST, Category, Step
from projections.clients import CLIENTS, CONTACT_BEFORE, ClientEntry, ClientsView
from projections.paging import Page, cursor_of, instant, values_of
from projections.place import Status

_VIEW = ClientsView()
LATEST_DUE = LATEST + timedelta(days=LONGEST_INTERVAL_DAYS)


class OutOfTouch(NamedTuple):
    """Which clients to list; no steps, no categories and None for the owners do not restrict.

    None among the owners stands for clients without one.
    """

    owners: Sequence[UUID | None] | None = None
    steps: Sequence[Step] = ()
    categories: Sequence[Category] = ()


class OverdueClient(NamedTuple):
    """A client and since when its next contact is due."""

    client: ClientEntry
    due_at: datetime


class OverduePage(NamedTuple):
    """A page of clients, and the cursor of the next one if there is one."""

    items: list[OverdueClient]
    next_cursor: str | None


async def overdue_contacts(
    connection: AsyncConnection, wanted: OutOfTouch, intervals: Mapping[Category, timedelta], page: Page, now: datetime
) -> OverduePage:
    """Active clients whose last contact (or registration, without one) is longer ago than their category's interval.

    The longest overdue come first. Categories without an interval are never overdue.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    place = values_of(page.cursor, (_due_time, UUID)) if page.cursor else None
    asked = [category for category in intervals if not wanted.categories or category in wanted.categories]
    if not asked:
        return OverduePage([], None)
    parts = [_one_category(wanted, category, intervals[category], place, page.limit, now) for category in asked]
    found = union_all(*(select(part.subquery()) for part in parts)).subquery()
    query = select(found).order_by(found.c.due_at, found.c.id).limit(page.limit + 1)
    rows = (await connection.execute(query)).all()
    items = [OverdueClient(_VIEW.from_json(row.state), row.due_at) for row in rows[: page.limit]]
    more = len(rows) > page.limit
    return OverduePage(items, cursor_of((items[-1].due_at.isoformat(), items[-1].client.id)) if more else None)


def _due_time(text: str) -> datetime:
    due_at = instant(text)
    if not EARLIEST <= due_at <= LATEST_DUE:
        raise ValueError("no contact is due then")
    return due_at


def _one_category(
    wanted: OutOfTouch,
    category: Category,
    interval: timedelta,
    place: tuple[Any, ...] | None,
    limit: int,
    now: datetime,
) -> Select[Any, Any, Any]:
    """The first overdue clients of a category: in it, those to contact are in the order of their last contacts."""
    conditions = [CLIENTS.c.category == category, CLIENTS.c.status == Status.ACTIVE, now - interval > CONTACT_BEFORE]
    if place:
        due_at, client_id = place
        last = tuple_(literal(due_at - interval, CONTACT_BEFORE.type), literal(client_id, CLIENTS.c.id.type))
        conditions.append(tuple_(CONTACT_BEFORE, CLIENTS.c.id) > last)
    if wanted.owners is not None:
        conditions.append(_any_owner(wanted.owners))
    if wanted.steps:
        conditions.append(CLIENTS.c.step.in_(wanted.steps))
    due_at = (CONTACT_BEFORE + literal(interval)).label("due_at")
    query = select(CLIENTS.c.id, CLIENTS.c.state, due_at).where(*conditions)
    return query.order_by(CONTACT_BEFORE, CLIENTS.c.id).limit(limit + 1)


def _any_owner(owners: Sequence[UUID | None]) -> ColumnElement[bool]:
    named = CLIENTS.c.owner_id.in_([owner for owner in owners if owner])
    return named | CLIENTS.c.owner_id.is_(None) if None in owners else named
