"""The queue of a warehouse, and the promises that cannot be kept."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.client.order_events import PromisedPart
from domain.stock.promises import promise
from domain.stock.shelf import NOW, UNDATED, Part
from domain.stock.warehouses import AwaitedOrders
from projections.paging import Listed, Page, instant, listed
from projections.promises import ARRIVALS, BROKEN, PROMISES
from projections.warehouse import CLIENTS, QUEUE

MOST_NAMED = 10
"""How many orders a refusal names."""


class WantedOrders(NamedTuple):
    """Which orders to list; None does not restrict.

    `promised_by`: of which something is there or comes by this day; `undated`: of which something waits without a day.
    """

    warehouse: str | None = None
    confirmed: bool | None = None
    promised_by: date | None = None
    undated: bool | None = None


async def queue(connection: AsyncConnection, wanted: WantedOrders, page: Page) -> Listed:
    """Orders with something to be shipped, those placed first going first.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query = select(*QUEUE.c, CLIENTS.c.name.label("client_name")).where(*_conditions(wanted))
    query = query.join_from(QUEUE, CLIENTS, CLIENTS.c.id == QUEUE.c.client_id)
    ordering = (QUEUE.c.placed_at, QUEUE.c.order_id, QUEUE.c.warehouse)
    found = await listed(connection, query, ordering, page, (instant, UUID, str))
    parts = await _parts(connection, {item["order_id"] for item in found.items})
    return Listed([_with_parts(item, parts) for item in found.items], found.next_cursor)


def _conditions(wanted: WantedOrders) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.warehouse is not None:
        conditions.append(QUEUE.c.warehouse == wanted.warehouse)
    if wanted.confirmed is not None:
        conditions.append(QUEUE.c.confirmed.is_(wanted.confirmed))
    if wanted.promised_by is not None:
        conditions.append(_has(PROMISES.c.expected <= wanted.promised_by))
    if wanted.undated is not None:
        waits = _has(PROMISES.c.expected == UNDATED)
        conditions.append(waits if wanted.undated else ~waits)
    return conditions


def _has(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    of_order = and_(PROMISES.c.order_id == QUEUE.c.order_id, PROMISES.c.warehouse == QUEUE.c.warehouse)
    return exists().where(of_order, condition)


LineKey = tuple[UUID, int]


async def _parts(connection: AsyncConnection, orders: Collection[UUID]) -> Mapping[LineKey, list[Part]]:
    columns = (PROMISES.c.order_id, PROMISES.c.line, PROMISES.c.expected, PROMISES.c.quantity)
    query = select(*columns).where(PROMISES.c.order_id.in_(orders)).order_by(PROMISES.c.expected)
    days: defaultdict[LineKey, dict[date, Decimal]] = defaultdict(dict)
    for row in await connection.execute(query):
        of_line = days[row.order_id, row.line]
        of_line[row.expected] = of_line.get(row.expected, Decimal()) + row.quantity
    return {key: [Part(*each) for each in of_line.items()] for key, of_line in days.items()}


def _with_parts(item: dict[str, Any], parts: Mapping[LineKey, list[Part]]) -> dict[str, Any]:
    """The order with when each part of its lines can go out, and the last day of them all."""
    lines = [line | _days(parts.get((item["order_id"], line["line"]), ())) for line in json.loads(item["lines"])]
    days = [line["promised_on"] for line in lines if line["promised_on"]]
    return item | {
        "lines": lines,
        "promised_on": max(days, default=None),
        "undated": any(line["undated"] for line in lines),
    }


def _days(parts: Iterable[Part]) -> dict[str, Any]:
    said = [PromisedPart(**promise(part)) for part in parts]
    days = [part.promised_on for part in said if part.promised_on]
    return {"parts": said, "promised_on": max(days, default=None), "undated": any(part.undated for part in said)}


class WantedPromises(NamedTuple):
    """Which broken promises to list; None does not restrict. `owners`: who works the client."""

    owners: Collection[UUID] | None = None
    client_id: UUID | None = None
    article: str | None = None
    warehouse: str | None = None


def _has_passed(today: date) -> ColumnElement[bool]:
    """It was to come by now; nothing says when it comes instead."""
    return and_(PROMISES.c.expected > NOW, PROMISES.c.expected < today)


async def broken_promises(connection: AsyncConnection, wanted: WantedPromises, page: Page, today: date) -> Listed:
    """Parts of lines that come later than promised, or on no day that is known, those promised first going first.

    `promised_on` is None for what was promised at once, `expected_on` for what has no day now.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    columns = (*PROMISES.c, QUEUE.c.number, QUEUE.c.placed_at, CLIENTS.c.name.label("client_name"), CLIENTS.c.owner_id)
    same = and_(QUEUE.c.order_id == PROMISES.c.order_id, QUEUE.c.warehouse == PROMISES.c.warehouse)
    joined = PROMISES.join(QUEUE, same).join(CLIENTS, CLIENTS.c.id == PROMISES.c.client_id)
    query = select(*columns).select_from(joined).where(or_(BROKEN, _has_passed(today)), *_of(wanted))
    ordering = (PROMISES.c.promised, PROMISES.c.order_id, PROMISES.c.line, PROMISES.c.part)
    found = await listed(connection, query, ordering, page, (date.fromisoformat, UUID, int, int))
    return Listed([_dated(item, today) for item in found.items], found.next_cursor)


def _of(wanted: WantedPromises) -> list[ColumnElement[bool]]:
    said = wanted._asdict()
    columns = (PROMISES.c.client_id, PROMISES.c.article, PROMISES.c.warehouse)
    conditions = [column == said[column.name] for column in columns if said[column.name] is not None]
    return conditions if wanted.owners is None else [*conditions, CLIENTS.c.owner_id.in_(wanted.owners)]


def _dated(item: dict[str, Any], today: date) -> dict[str, Any]:
    promised, expected = item["promised"], item["expected"]
    known = expected == NOW or today <= expected < UNDATED
    return item | {"promised_on": None if promised == NOW else promised, "expected_on": expected if known else None}


async def awaited_orders(connection: AsyncConnection, warehouse: str) -> AwaitedOrders:
    """How many orders still await something from a warehouse, and those of them that are named."""
    orders = select(PROMISES.c.order_id).where(PROMISES.c.warehouse == warehouse).distinct().subquery()
    count = (await connection.execute(select(func.count()).select_from(orders))).scalar_one()
    named = await connection.execute(select(orders.c.order_id).order_by(orders.c.order_id).limit(MOST_NAMED))
    return AwaitedOrders(count, tuple(named.scalars()))


async def stock_of_arrival(connection: AsyncConnection, arrival_id: UUID) -> UUID | None:
    """The stock that an arrival belongs to, as far as it is known yet."""
    query = select(ARRIVALS.c.stock_id).where(ARRIVALS.c.arrival_id == arrival_id)
    return (await connection.execute(query)).scalar_one_or_none()


async def overdue_articles(connection: AsyncConnection, today: date, limit: int) -> list[str]:
    """Articles of which something is promised for a day that has passed, those that wait longest first."""
    query = select(PROMISES.c.article).where(_has_passed(today)).group_by(PROMISES.c.article)
    query = query.order_by(func.min(PROMISES.c.expected), PROMISES.c.article).limit(limit)
    return list((await connection.execute(query)).scalars())
