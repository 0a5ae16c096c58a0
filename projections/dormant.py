"""Dormant clients: active ones that have bought, but not for twice the interval that is expected of them.

The interval is that on the card, else that of the client's own purchases, else the mean one of its industry in the
currency in which it bought last.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Numeric, Select, and_, case, cast, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.client.dormancy import DORMANT_AFTER_INTERVALS, Source
from domain.types import Step
from projections.clients import CLIENTS as LISTED
from projections.clients import ClientsView
from projections.handoffs import OFFERS, HandoffsView
from projections.paging import Page, cursor_of, instant, place, values_of
from projections.place import Status
from projections.value import ValueView
from projections.value_expected import SEGMENT_CLIENTS
from projections.value_tables import CLIENTS, SEGMENTS, SUMS
from projections.value_totals import ENOUGH_SECONDS

VIEWS = (ValueView.name, ClientsView.name, HandoffsView.name)
"""The views that this reads."""
_SECOND = timedelta(seconds=1)


class DormantSort(StrEnum):
    """In which order to list; by revenue only within a currency."""

    LONGEST = "dormant_from"
    SHORTEST = "-dormant_from"
    MOST_REVENUE = "-revenue"
    LEAST_REVENUE = "revenue"

    @property
    def by_revenue(self) -> bool:
        """Whether by what the clients brought."""
        return self in {DormantSort.MOST_REVENUE, DormantSort.LEAST_REVENUE}


class Dormant(NamedTuple):
    """Which clients to list. `owners`: None does not restrict; None among them stands for clients without one.

    With `currency`: those that have bought in it.
    """

    owners: Sequence[UUID | None] | None = None
    steps: Sequence[Step] = ()
    currency: str | None = None
    sort: DormantSort = DormantSort.LONGEST


class DormantPage(NamedTuple):
    """A page of clients, and the cursor of the next one if there is one."""

    items: list[dict[str, Any]]
    next_cursor: str | None


async def dormant_clients(connection: AsyncConnection, wanted: Dormant, page: Page, now: datetime) -> DormantPage:
    """Clients with id, name, step, owner_id, last_purchase_at, interval, interval_source, dormant_from, and `sums`.

    `offer`: the handoff that waits for an answer, or None.

    Raises:
        BadCursor: the cursor is not of a list in this order.
    """
    found = _dormant(wanted, now).subquery()
    key = found.c.revenue if wanted.sort.by_revenue else found.c.dormant_from
    query, order = select(found), [key, found.c.id]
    descending = wanted.sort.startswith("-")
    if page.cursor:
        kinds = (Decimal if wanted.sort.by_revenue else instant, UUID)
        row, last = tuple_(*order), place(order, values_of(page.cursor, kinds))
        query = query.where(row < last if descending else row > last)
    query = query.order_by(*(column.desc() if descending else column for column in order)).limit(page.limit + 1)
    rows = [dict(row) for row in (await connection.execute(query)).mappings()]
    items = rows[: page.limit]
    sums = await _sums(connection, (item["id"] for item in items))
    shown = [item | {"sums": sums.get(item["id"], [])} for item in items]
    if len(rows) <= page.limit:
        return DormantPage(shown, None)
    last_key = items[-1][key.name]
    return DormantPage(
        shown, cursor_of([last_key if wanted.sort.by_revenue else last_key.isoformat(), items[-1]["id"]])
    )


def _dormant(wanted: Dormant, now: datetime) -> Select[Any]:
    seconds = func.coalesce(CLIENTS.c.interval_seconds, _segment_seconds())
    twice = cast(DORMANT_AFTER_INTERVALS * seconds, Numeric) * literal(_SECOND)
    dormant_from = func.coalesce(CLIENTS.c.dormant_from, CLIENTS.c.last_purchase_at + twice)
    source = func.coalesce(CLIENTS.c.interval_source, Source.SEGMENT.value)
    revenue = func.coalesce(SUMS.c.revenue, 0)
    query = select(
        CLIENTS.c.id,
        CLIENTS.c.name,
        LISTED.c.step,
        LISTED.c.owner_id,
        CLIENTS.c.last_purchase_at,
        (seconds * literal(_SECOND)).label("interval"),
        source.label("interval_source"),
        dormant_from.label("dormant_from"),
        revenue.label("revenue"),
        *(OFFERS.c[name].label(f"offer_{name}") for name in ("handoff_id", "to_step", "to_employee_id", "due_at")),
    )
    query = query.join_from(CLIENTS, LISTED, LISTED.c.id == CLIENTS.c.id)
    query = query.outerjoin(SEGMENTS, _of_its_industry())
    query = query.outerjoin(OFFERS, and_(OFFERS.c.client_id == CLIENTS.c.id, OFFERS.c.state == "waiting"))
    in_currency = and_(SUMS.c.client_id == CLIENTS.c.id, SUMS.c.currency == wanted.currency)
    query = query.outerjoin(SUMS, in_currency)
    conditions = [CLIENTS.c.last_purchase_at.is_not(None), dormant_from <= now]
    return query.where(*conditions, *_conditions(wanted))


def _segment_seconds() -> ColumnElement[Any]:
    enough = and_(
        SEGMENTS.c.clients >= SEGMENT_CLIENTS, SEGMENTS.c.span_seconds >= ENOUGH_SECONDS, SEGMENTS.c.intervals > 0
    )
    return case((enough, SEGMENTS.c.span_seconds / func.nullif(SEGMENTS.c.intervals, 0)))


def _of_its_industry() -> ColumnElement[bool]:
    return and_(
        SEGMENTS.c.dimension == "industry",
        SEGMENTS.c.value == CLIENTS.c.industry,
        SEGMENTS.c.currency == CLIENTS.c.last_currency,
    )


def _conditions(wanted: Dormant) -> list[ColumnElement[bool]]:
    conditions = [LISTED.c.status == Status.ACTIVE.value]
    if wanted.owners is not None:
        named = LISTED.c.owner_id.in_([owner for owner in wanted.owners if owner])
        conditions.append(named | LISTED.c.owner_id.is_(None) if None in wanted.owners else named)
    if wanted.steps:
        conditions.append(LISTED.c.step.in_(wanted.steps))
    return [*conditions, SUMS.c.cohort.is_not(None)] if wanted.currency else conditions


async def _sums(connection: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """What clients have brought, by currency."""
    query = select(SUMS.c.client_id, SUMS.c.currency, SUMS.c.revenue, SUMS.c.margin)
    query = query.where(SUMS.c.client_id.in_(list(ids))).order_by(SUMS.c.currency)
    found: dict[UUID, list[dict[str, Any]]] = {}
    rows: Sequence[Any] = (await connection.execute(query)).all()
    for client_id, currency, revenue, margin in rows:
        found.setdefault(client_id, []).append({"currency": currency, "revenue": revenue, "margin": margin})
    return found
