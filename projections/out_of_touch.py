"""The clients whose next contact is overdue by the communication standard of their category."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, literal, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.regulation.categories import LONGEST_INTERVAL_DAYS, CommunicationStandard
from domain.types import EARLIEST, LATEST, Category, Channel, Step
from projections.clients import CLIENTS, CONTACT_BEFORE, ClientEntry, ClientsView
from projections.paging import Page, cursor_of, instant, values_of
from projections.place import Status

_VIEW = ClientsView()
Standards = Mapping[Category, CommunicationStandard]
LATEST_DUE = LATEST + timedelta(days=LONGEST_INTERVAL_DAYS)


class OutOfTouch(NamedTuple):
    """Which clients to list; no steps, no categories and None for the owners do not restrict.

    None among the owners stands for clients without one.
    """

    owners: Sequence[UUID | None] | None = None
    steps: Sequence[Step] = ()
    categories: Sequence[Category] = ()


class OverdueClient(NamedTuple):
    """A client, its last contact by a channel of the standard, and since when its next one is due."""

    client: ClientEntry
    last_contact_at: datetime | None
    due_at: datetime


class OverduePage(NamedTuple):
    """A page of clients, and the cursor of the next one if there is one."""

    items: list[OverdueClient]
    next_cursor: str | None


async def overdue_contacts(
    connection: AsyncConnection, wanted: OutOfTouch, standards: Standards, page: Page, now: datetime
) -> OverduePage:
    """Active clients whose last contact (or registration, without one) is longer ago than their standard allows.

    Contacts by the channels that the standard names count; by any, where it names none. The longest overdue come first.
    Categories without a standard are never overdue.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    place = values_of(page.cursor, (_due_time, UUID)) if page.cursor else None
    asked = [category for category in standards if not wanted.categories or category in wanted.categories]
    if not asked:
        return OverduePage([], None)
    parts = [_one_category(wanted, category, standards[category], place, page.limit, now) for category in asked]
    found = union_all(*(select(part.subquery()) for part in parts)).subquery()
    query = select(found).order_by(found.c.due_at, found.c.id).limit(page.limit + 1)
    rows = (await connection.execute(query)).all()
    items = [_overdue(row, standards) for row in rows[: page.limit]]
    more = len(rows) > page.limit
    return OverduePage(items, cursor_of((items[-1].due_at.isoformat(), items[-1].client.id)) if more else None)


def _overdue(row: Row[Any], standards: Standards) -> OverdueClient:
    client = _VIEW.from_json(row.state)
    channels = standards[Category(client.profile.category or "")].channels
    counted = [at for channel, at in client.contacted.items() if not channels or channel in channels]
    return OverdueClient(client, max(counted, default=None), row.due_at)


def _due_time(text: str) -> datetime:
    due_at = instant(text)
    if not EARLIEST <= due_at <= LATEST_DUE:
        raise ValueError("no contact is due then")
    return due_at


def _counted_from(channels: Sequence[Channel]) -> ColumnElement[datetime]:
    """From when the time to the next contact counts: the last one by these channels, or the registration."""
    if not channels:
        return CONTACT_BEFORE
    last = [CLIENTS.c.contacted[channel.value].astext.cast(CONTACT_BEFORE.type) for channel in channels]
    return func.coalesce(func.greatest(*last, type_=CONTACT_BEFORE.type), CLIENTS.c.registered_at)


def _one_category(
    wanted: OutOfTouch,
    category: Category,
    standard: CommunicationStandard,
    place: tuple[Any, ...] | None,
    limit: int,
    now: datetime,
) -> Select[Any, Any, Any]:
    """The first overdue clients of a category: in it, those to contact are in the order of their last contacts."""
    interval, counted_from = timedelta(days=standard.contact_every_days), _counted_from(standard.channels)
    conditions = [CLIENTS.c.category == category, CLIENTS.c.status == Status.ACTIVE, now - interval > counted_from]
    if place:
        due_at, client_id = place
        last = tuple_(literal(due_at - interval, CONTACT_BEFORE.type), literal(client_id, CLIENTS.c.id.type))
        conditions.append(tuple_(counted_from, CLIENTS.c.id) > last)
    if wanted.owners is not None:
        conditions.append(_any_owner(wanted.owners))
    if wanted.steps:
        conditions.append(CLIENTS.c.step.in_(wanted.steps))
    due_at = (counted_from + literal(interval)).label("due_at")
    query = select(CLIENTS.c.id, CLIENTS.c.state, due_at).where(*conditions)
    return query.order_by(counted_from, CLIENTS.c.id).limit(limit + 1)


def _any_owner(owners: Sequence[UUID | None]) -> ColumnElement[bool]:
    named = CLIENTS.c.owner_id.in_([owner for owner in owners if owner])
    return named | CLIENTS.c.owner_id.is_(None) if None in owners else named
