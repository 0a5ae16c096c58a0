"""The clients behind the value report: their sums in a currency, within a period if one is given."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import FromClause, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.paging import Page, cursor_of, place, values_of
from projections.period import Period
from projections.value_tables import CLIENTS, ENTRIES, MEASURES, SUMS


class Buyers(NamedTuple):
    """Which clients to list. `filters`: values by dimension, None where it is not known.

    `bought`: whether it has a purchase among its sums; None does not restrict.
    """

    filters: Mapping[str, Any] = {}
    currency: str | None = None
    period: Period = Period()
    sort: str = "-revenue"
    bought: bool | None = None


class BuyerPage(NamedTuple):
    """A page of clients, and the cursor of the next one if there is one."""

    items: list[dict[str, Any]]
    next_cursor: str | None


async def buyers(connection: AsyncConnection, wanted: Buyers, page: Page) -> BuyerPage:
    """Clients with id, name, currency and sums; one with several currencies is there once for each.

    Raises:
        BadCursor: the cursor is not of such a list.
    """
    sums = SUMS if wanted.period == Period() else _within(wanted.period)
    descending, key = wanted.sort.startswith("-"), sums.c[wanted.sort.removeprefix("-")]
    shown = [CLIENTS.c.id, CLIENTS.c.name, sums.c.currency, *(sums.c[name] for name in MEASURES)]
    query = select(*shown).join_from(sums, CLIENTS, CLIENTS.c.id == sums.c.client_id)
    query = query.where(*(CLIENTS.c[name] == value for name, value in wanted.filters.items()))
    if wanted.currency:
        query = query.where(sums.c.currency == wanted.currency)
    if wanted.bought is not None:
        query = query.where((sums.c.purchases > 0) == wanted.bought)
    order = [sums.c.currency, key, sums.c.client_id]
    if page.cursor:
        row, last = tuple_(*order), place(order, values_of(page.cursor, (str, Decimal, UUID)))
        query = query.where(row < last if descending else row > last)
    query = query.order_by(*(column.desc() if descending else column for column in order)).limit(page.limit + 1)
    rows: Sequence[Any] = (await connection.execute(query)).mappings().all()
    items = [dict(row) for row in rows[: page.limit]]
    if len(rows) <= page.limit:
        return BuyerPage(items, None)
    return BuyerPage(items, cursor_of([items[-1][name] for name in ("currency", key.name, "id")]))


def _within(period: Period) -> FromClause:
    added = [func.sum(ENTRIES.c[name]).label(name) for name in MEASURES]
    query = select(ENTRIES.c.client_id, ENTRIES.c.currency, *added).where(*period.covers(ENTRIES.c.occurred_at))
    return query.group_by(ENTRIES.c.client_id, ENTRIES.c.currency).subquery()
