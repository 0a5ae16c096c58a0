"""Segments: how clients, their revenue and expected value are spread, and the leads not yet worked in each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Numeric, Select, and_, case, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.paging import Listed, Page, cursor_of, instant, place, values_of
from projections.period import Period
from projections.value_expected import CENT, SEGMENT_CLIENTS, rounded
from projections.value_report import ValueBy, ValueQuestion, value_by_segment
from projections.value_tables import ANY_CURRENCY, BASE, CLIENTS, SEGMENTS, SUMS
from projections.value_totals import ENOUGH_SECONDS, SECONDS_IN_YEAR, ZERO


class SegmentBy(StrEnum):
    """What clients are divided by: what is known of them now."""

    INDUSTRY = "industry"
    REGION = "region"
    SIZE = "size"
    CATEGORY = "category"
    ORIGIN = "origin"


class Expected(NamedTuple):
    """The expected value of the clients of a segment that bought in a currency; of how many it is not known."""

    value: Decimal = ZERO
    unknown: int = 0


class SegmentMoney(NamedTuple):
    """A segment in one currency. `clients` bought in it within the period; `expected` is of all times."""

    currency: str
    clients: int
    revenue: Decimal
    margin: Decimal
    revenue_without_cost: Decimal
    expected: Expected


class SegmentFigures(NamedTuple):
    """A segment (None: the clients whose value is not known). `clients` have ever bought; `not_begun` are leads."""

    value: str | None
    registered: int
    not_begun: int
    clients: int
    money: Sequence[SegmentMoney]

    def revenue(self, currency: str) -> Decimal:
        """The revenue in a currency."""
        return sum((money.revenue for money in self.money if money.currency == currency), ZERO)


async def segments(
    connection: AsyncConnection, by: SegmentBy, period: Period, currency: str | None = None
) -> list[SegmentFigures]:
    """Every segment; with a currency the one with the largest revenue in it first, else that with most clients."""
    base = (await connection.execute(select(BASE).where(BASE.c.dimension == by.value))).all()
    registered: dict[str, tuple[int, int]] = {value: (all_, idle) for _, value, all_, idle in base}
    clients = await _clients(connection, by)
    money = await _money(connection, by, period, currency)
    found = [
        SegmentFigures(value or None, *registered.get(value, (0, 0)), clients.get(value, 0), money.get(value, ()))
        for value in {*registered, *clients, *money}
    ]
    return sorted(found, key=lambda item: (*_rank(item, currency), item.value or ""))


def _rank(item: SegmentFigures, currency: str | None) -> tuple[Any, ...]:
    revenue = item.revenue(currency) if currency else ZERO
    return (-revenue, -item.clients, -item.registered)


async def _clients(connection: AsyncConnection, by: SegmentBy) -> dict[str, int]:
    query = select(SEGMENTS.c.value, SEGMENTS.c.clients)
    query = query.where(SEGMENTS.c.dimension == by.value, SEGMENTS.c.currency == ANY_CURRENCY)
    rows: Sequence[Any] = (await connection.execute(query)).all()
    return {value: count for value, count in rows if count}


async def _money(
    connection: AsyncConnection, by: SegmentBy, period: Period, currency: str | None
) -> dict[str, list[SegmentMoney]]:
    expected = await _expected(connection, by, currency)
    report = await value_by_segment(connection, ValueQuestion(ValueBy(by.value), period, currency))
    sums = {(item[by.value] or "", item["currency"]): item for item in report.items}
    found: dict[str, list[SegmentMoney]] = {}
    for value, each in sorted({*sums, *expected}):
        item = sums.get((value, each), {})
        money = SegmentMoney(
            each,
            item.get("clients", 0),
            item.get("revenue", ZERO),
            item.get("margin", ZERO),
            item.get("revenue_without_cost", ZERO),
            expected.get((value, each), Expected()),
        )
        found.setdefault(value, []).append(money)
    return found


async def _expected(
    connection: AsyncConnection, by: SegmentBy, currency: str | None
) -> dict[tuple[str, str], Expected]:
    """The expected values of all clients that have bought, added up; by the formula that each client has of its own."""
    bought = _bought(currency).subquery()
    value = func.coalesce(CLIENTS.c[by.value], "").label("value")
    unknown = func.count().filter(bought.c.expected.is_(None))
    query = select(*[value, bought.c.currency, func.coalesce(func.sum(bought.c.expected), 0), unknown])
    query = query.join_from(bought, CLIENTS, CLIENTS.c.id == bought.c.client_id).group_by(value, bought.c.currency)
    rows: Sequence[Any] = (await connection.execute(query)).all()
    return {(value, each): Expected(rounded(total, CENT) or ZERO, count) for value, each, total, count in rows}


def _bought(currency: str | None) -> Select[*tuple[Any, ...]]:
    """The expected value of each client in each currency it bought in: of its own, its industry's or its card's."""
    buying, planning = SEGMENTS.alias(), SEGMENTS.alias()
    many = buying.c.clients >= SEGMENT_CLIENTS
    average = case((many, cast(buying.c.revenue, Numeric) / func.nullif(buying.c.purchases, 0)))
    spans = and_(many, buying.c.span_seconds >= ENOUGH_SECONDS)
    rhythm = case((spans, cast(buying.c.intervals, Numeric) * SECONDS_IN_YEAR / func.nullif(buying.c.span_seconds, 0)))
    planned = planning.c.planned_years / func.nullif(planning.c.planned_clients, 0)
    years = case((planning.c.planned_clients >= SEGMENT_CLIENTS, planned))
    per_year = func.coalesce(average, SUMS.c.card_purchase) * func.coalesce(rhythm, SUMS.c.card_per_year)
    expected = func.coalesce(SUMS.c.own_per_year, per_year) * func.coalesce(SUMS.c.retained_years, years)
    query = select(SUMS.c.client_id, SUMS.c.currency, expected.label("expected"))
    query = query.join_from(SUMS, CLIENTS, CLIENTS.c.id == SUMS.c.client_id)
    query = query.outerjoin(buying, _of_its_industry(buying, SUMS.c.currency))
    query = query.outerjoin(planning, _of_its_industry(planning, ANY_CURRENCY)).where(SUMS.c.cohort.is_not(None))
    return query.where(SUMS.c.currency == currency) if currency else query


def _of_its_industry(segment: Any, currency: ColumnElement[Any] | str) -> ColumnElement[bool]:
    named = and_(segment.c.dimension == "industry", segment.c.value == CLIENTS.c.industry, CLIENTS.c.industry != "")
    return and_(named, segment.c.currency == currency)


class Lead(NamedTuple):
    """A lead that nobody has contacted, in the segment of this rank; 1 is the strongest."""

    rank: int
    segment: str
    id: UUID
    name: str | None
    category: str | None
    employee: UUID | None
    registered_at: datetime


def strongest(found: Sequence[SegmentFigures], currency: str | None, most: int) -> list[str]:
    """The values of so many segments, the strongest first: with most revenue in the currency, else with most clients.

    A segment in which nobody has bought is not strong, and one whose value is not known is none.
    """
    strong = [item for item in found if item.value and (item.revenue(currency) if currency else item.clients)]
    return [item.value for item in strong[:most] if item.value]


async def leads_not_begun(connection: AsyncConnection, by: SegmentBy, values: Sequence[str], page: Page) -> Listed:
    """The leads in these segments, in their order, that nobody has contacted, as fields of `Lead`; the oldest first.

    Raises:
        BadCursor: the cursor is not of such a list.
    """
    value = CLIENTS.c[by.value]
    rank = case(_ranks(values), value=value, else_=0).label("rank")
    shown = (CLIENTS.c[name] for name in ("id", "name", "category", "employee", "registered_at"))
    query = select(rank, value.label("segment"), *shown).where(CLIENTS.c.not_begun, value.in_(values))
    order = [rank, CLIENTS.c.registered_at, CLIENTS.c.id]
    if page.cursor:
        query = query.where(tuple_(*order) > place(order, values_of(page.cursor, (int, instant, UUID))))
    query = query.order_by(*order).limit(page.limit + 1)
    rows = [dict(row) for row in (await connection.execute(query)).mappings()] if values else []
    items = rows[: page.limit]
    if len(rows) <= page.limit:
        return Listed(items, None)
    last = items[-1]
    return Listed(items, cursor_of([last["rank"], last["registered_at"].isoformat(), last["id"]]))


def _ranks(values: Sequence[str]) -> Mapping[str, int]:
    return {value: rank for rank, value in enumerate(values, 1)}
