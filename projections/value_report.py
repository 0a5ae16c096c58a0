"""The value report: revenue, margin and payments per segment and currency, within a period.

Whole days are summed from the counters by day; a period that begins or ends within a day, from the purchases and
payments themselves. How many clients bought is kept for all times, and counted from the purchases within a period.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, Text, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.period import Period
from projections.value import ANY_CURRENCY, CLIENTS, DAYS, DIMENSIONS, ENTRIES, MEASURES, OVERALL, SEGMENTS
from projections.value_expected import CENT, Segment, rounded
from projections.value_totals import Sums


class ValueBy(StrEnum):
    """What the report is split by: what is known of the client now, who works it now, or the year (UTC)."""

    INDUSTRY = "industry"
    REGION = "region"
    CATEGORY = "category"
    ORIGIN = "origin"
    SIZE = "size"
    EMPLOYEE = "employee"
    YEAR = "year"


class ValueQuestion(NamedTuple):
    """What is asked: the dimension, the period of the purchases and payments, one currency or all."""

    by: ValueBy
    period: Period = Period()
    currency: str | None = None


class Segments(NamedTuple):
    """The figures of each value and currency, the largest revenue first (years in order), and of everything."""

    items: list[dict[str, Any]]
    total: dict[str, Any]


_Key = tuple[str, str]
"""The value of the dimension (the empty text where it is not known) and the currency."""


async def value_by_segment(connection: AsyncConnection, question: ValueQuestion) -> Segments:
    """Clients that bought, purchases, revenue, margin, paid, average_purchase, expected_per_year, share_of_revenue.

    `expected_per_year` is what one client of the segment brings in a year, from all its purchases; absent by year.
    """
    sums = await _sums(connection, question)
    clients = await _clients(connection, question, question.by)
    expected = {} if question.by is ValueBy.YEAR else await _expected(connection, question)
    totals = _totals(sums)
    items = [
        {
            question.by.value: key[0] or None,
            **_figures(key, figures, clients),
            "expected_per_year": expected.get(key),
            "share_of_revenue": _share(figures.revenue, totals[key[1]].revenue),
        }
        for key, figures in sorted(sums.items(), key=lambda item: _order(question, *item))
    ]
    everybody = await _clients(connection, question, OVERALL)
    currencies = {currency: _figures(("", currency), figures, everybody) for currency, figures in totals.items()}
    all_clients = everybody.get(("", question.currency or ANY_CURRENCY), 0)
    return Segments(items, {"clients": all_clients, "currencies": currencies})


def _figures(key: _Key, sums: Sums, clients: Mapping[_Key, int]) -> dict[str, Any]:
    average = sums.revenue / sums.purchases if sums.purchases else None
    return {
        "currency": key[1],
        "clients": clients.get(key, 0),
        **sums._asdict(),
        "average_purchase": rounded(average, CENT),
    }


def _share(part: Decimal, whole: Decimal) -> float | None:
    return float(round(part / whole, 4)) if whole else None


def _totals(sums: Mapping[_Key, Sums]) -> dict[str, Sums]:
    totals: dict[str, Sums] = {}
    for (_, currency), added in sorted(sums.items()):
        totals[currency] = totals.get(currency, Sums()).plus(added)
    return totals


def _order(question: ValueQuestion, key: _Key, sums: Sums) -> tuple[Any, ...]:
    value, currency = key
    return (value, currency) if question.by is ValueBy.YEAR else (currency, -sums.revenue, value)


async def _sums(connection: AsyncConnection, question: ValueQuestion) -> dict[_Key, Sums]:
    facts = _days(question) if question.period.is_whole_days else _entries(question)
    added = [func.sum(facts.c[name]) for name in MEASURES]
    query = select(*[facts.c.value, facts.c.currency, *added]).group_by(facts.c.value, facts.c.currency)
    rows: Sequence[Any] = (await connection.execute(query)).all()
    return {(value, currency): Sums(int(purchases), *sums) for value, currency, purchases, *sums in rows}


def _days(question: ValueQuestion) -> Subquery:
    by_year = question.by is ValueBy.YEAR
    value = func.to_char(DAYS.c.day, "YYYY") if by_year else DAYS.c.value
    query = select(value.label("value"), DAYS.c.currency, *(DAYS.c[name] for name in MEASURES))
    query = query.where(DAYS.c.dimension == (OVERALL if by_year else question.by.value))
    return query.where(*question.period.covers_day(DAYS.c.day), *_in_currency(question, DAYS.c.currency)).subquery()


def _entries(question: ValueQuestion) -> Subquery:
    value = _value_of_entry(question.by).label("value")
    query = select(value, ENTRIES.c.currency, *(ENTRIES.c[name] for name in MEASURES))
    return _within(query, question).subquery()


def _within(query: Select[Any], question: ValueQuestion) -> Select[Any]:
    joined = query.join_from(ENTRIES, CLIENTS, CLIENTS.c.id == ENTRIES.c.client_id)
    conditions = _in_currency(question, ENTRIES.c.currency)
    return joined.where(*question.period.covers(ENTRIES.c.occurred_at), *conditions)


def _in_currency(question: ValueQuestion, column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    return [column == question.currency] if question.currency else []


def _value_of_entry(dimension: str) -> ColumnElement[Any]:
    if dimension == ValueBy.YEAR:
        return func.to_char(func.timezone("UTC", ENTRIES.c.occurred_at), "YYYY")
    return func.coalesce(cast(CLIENTS.c[dimension], Text), "") if dimension in DIMENSIONS else literal("")


async def _clients(connection: AsyncConnection, question: ValueQuestion, dimension: str) -> dict[_Key, int]:
    """How many clients bought, by value and currency; under `ANY_CURRENCY` in any."""
    if question.period == Period():
        query = select(SEGMENTS.c.value, SEGMENTS.c.currency, SEGMENTS.c.clients)
        rows: Sequence[Any] = (await connection.execute(query.where(SEGMENTS.c.dimension == dimension))).all()
        return {(value, currency): count for value, currency, count in rows}
    value, count = _value_of_entry(dimension).label("value"), func.count(ENTRIES.c.client_id.distinct())
    bought = _within(select(*[value, ENTRIES.c.currency, count]).where(ENTRIES.c.purchases > 0), question)
    rows = (await connection.execute(bought.group_by("value", ENTRIES.c.currency))).all()
    found = {(value, currency): count for value, currency, count in rows}
    if dimension == OVERALL:
        anywhere = _within(select(count).where(ENTRIES.c.purchases > 0), question)
        found["", ANY_CURRENCY] = (await connection.execute(anywhere)).scalar_one()
    return found


async def _expected(connection: AsyncConnection, question: ValueQuestion) -> dict[_Key, Decimal | None]:
    columns = [SEGMENTS.c[name] for name in Segment._fields]
    query = select(SEGMENTS.c.value, SEGMENTS.c.currency, *columns).where(
        SEGMENTS.c.dimension == question.by.value, SEGMENTS.c.currency != ANY_CURRENCY
    )
    rows: Sequence[Any] = (await connection.execute(query)).all()
    return {(value, currency): rounded(Segment(*numbers).per_year) for value, currency, *numbers in rows}
