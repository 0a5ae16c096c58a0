"""What the fit in force says of the clients: a list to work through, and its sums by segment."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Double, Numeric, Select, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.tables import predictions
from domain.prediction.answers import PLACES
from projections.paging import Listed, Page, cursor_of, place, values_of
from projections.value_tables import CLIENTS

FIGURES = ("alive", "purchases", "average_purchase", "revenue", "margin")
SUMMED = ("alive", "purchases", "revenue", "margin")


class PredictionBy(StrEnum):
    """What the report is split by: what is known of the client now, and who works it now."""

    INDUSTRY = "industry"
    REGION = "region"
    CATEGORY = "category"
    ORIGIN = "origin"
    SIZE = "size"
    EMPLOYEE = "employee"


class Wanted(NamedTuple):
    """Which clients of a fit. `filters`: values by dimension, None where it is not known. `sort`: - is descending."""

    fit_id: UUID
    filters: Mapping[str, Any] = {}
    most_alive: float = 1.0
    sort: str = "-revenue"


def _scored(wanted: Wanted, columns: Sequence[ColumnElement[Any]]) -> Select[*tuple[Any, ...]]:
    query = select(*columns).join_from(predictions, CLIENTS, CLIENTS.c.id == predictions.c.client_id)
    query = query.where(predictions.c.fit_id == wanted.fit_id, predictions.c.alive <= wanted.most_alive)
    return query.where(*(CLIENTS.c[name] == value for name, value in wanted.filters.items()))


async def predicted_clients(connection: AsyncConnection, wanted: Wanted, page: Page) -> Listed:
    """Clients with id, name, employee and figures.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    descending, key = wanted.sort.startswith("-"), predictions.c[wanted.sort.removeprefix("-")]
    shown = [CLIENTS.c.id, CLIENTS.c.name, CLIENTS.c.employee, *(predictions.c[name] for name in FIGURES)]
    query, order = _scored(wanted, shown), [key, predictions.c.client_id]
    if page.cursor:
        kind = Decimal if key.name == "revenue" else float
        row, last = tuple_(*order), place(order, values_of(page.cursor, (kind, UUID)))
        query = query.where(row < last if descending else row > last)
    query = query.order_by(*(column.desc() if descending else column for column in order)).limit(page.limit + 1)
    rows = [dict(row) for row in (await connection.execute(query)).mappings()]
    items = rows[: page.limit]
    more = len(rows) > page.limit
    return Listed(items, cursor_of([items[-1][key.name], items[-1]["id"]]) if more else None)


def _sum(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The sum; that of probabilities and expected numbers is rounded as they are."""
    total = func.sum(column)
    return cast(func.round(cast(total, Numeric), PLACES), Double) if isinstance(column.type, Double) else total


async def predicted_by_segment(
    connection: AsyncConnection, wanted: Wanted, by: PredictionBy
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The sums of each value of the dimension, the largest revenue first, and those of everything."""
    sums = [func.count().label("clients"), *(_sum(predictions.c[name]).label(name) for name in SUMMED)]
    value = CLIENTS.c[by.value]
    split = _scored(wanted, [value, *sums]).group_by(value).order_by(func.sum(predictions.c.revenue).desc(), value)
    items = [dict(row) for row in (await connection.execute(split)).mappings()]
    total = (await connection.execute(_scored(wanted, sums))).mappings().one()
    return items, dict(total)
