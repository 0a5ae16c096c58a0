"""The clients behind a figure of the cohort report."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.cohorts import Bought, same_currency, since_cohort
from projections.paging import Listed, Page, cursor_of, place, values_of
from projections.value_tables import CLIENTS, ENTRIES, SUMS

_SUMMED = Bought._fields[1:]


class CohortMember(NamedTuple):
    """Which clients to list: of a cohort, and of a month since, if given, only those that bought in it, or did not.

    `filters`: values by dimension, None where it is not known.
    """

    cohort: date
    currency: str
    since: int | None = None
    bought: bool | None = None
    filters: Mapping[str, Any] = {}


async def cohort_clients(connection: AsyncConnection, wanted: CohortMember, page: Page) -> Listed:
    """Clients with id, name, employee, purchases, revenue, margin and revenue_without_cost, the largest revenue first.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    found = _behind(wanted).subquery()
    query, order = select(found), [found.c.revenue, found.c.id]
    if wanted.bought is not None:
        query = query.where(found.c.purchases > 0 if wanted.bought else found.c.purchases == 0)
    if page.cursor:
        query = query.where(tuple_(*order) < place(order, values_of(page.cursor, (Decimal, UUID))))
    query = query.order_by(*(column.desc() for column in order)).limit(page.limit + 1)
    rows = [dict(row) for row in (await connection.execute(query)).mappings()]
    items = rows[: page.limit]
    more = len(rows) > page.limit
    return Listed(items, cursor_of([items[-1]["revenue"], items[-1]["id"]]) if more else None)


def _behind(wanted: CohortMember) -> Select[Any]:
    entries = and_(same_currency(), ENTRIES.c.kind != "payment")
    if wanted.since is not None:
        entries = and_(entries, since_cohort() == wanted.since)
    shown = [CLIENTS.c.id, CLIENTS.c.name, CLIENTS.c.employee]
    sums = [func.coalesce(func.sum(ENTRIES.c[name]), 0).label(name) for name in _SUMMED]
    query = select(*shown, *sums).join_from(SUMS, CLIENTS, CLIENTS.c.id == SUMS.c.client_id)
    query = query.outerjoin(ENTRIES, entries).group_by(*shown)
    query = query.where(SUMS.c.currency == wanted.currency, SUMS.c.cohort == wanted.cohort)
    return query.where(*(CLIENTS.c[name] == value for name, value in wanted.filters.items()))
