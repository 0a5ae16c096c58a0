"""The value report: revenue, margin and payments per segment and currency, within a period.

Whole months are summed from the counters, a part of a month from its purchases and payments. How many clients bought is
kept for all times, and counted from the purchases within a period.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, Text, cast, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.period import Period
from projections.value_expected import CENT, Segment, rounded
from projections.value_tables import ANY_CURRENCY, CLIENTS, ENTRIES, MEASURES, MONTHS, OVERALL, SEGMENTS
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
    clients = await _clients(connection, question)
    expected = {} if question.by is ValueBy.YEAR else await _expected(connection, question)
    totals = _totals(sums)
    items = [
        {
            question.by.value: key[0] or None,
            **_figures(key[1], figures, clients.get(key, 0)),
            "expected_per_year": expected.get(key),
            "share_of_revenue": _share(figures.revenue, totals[key[1]].revenue),
        }
        for key, figures in sorted(sums.items(), key=lambda item: _order(question, *item))
    ]
    everybody = await _everybody(connection, question, clients)
    currencies = {key: _figures(key, figures, everybody.get(key, 0)) for key, figures in totals.items()}
    return Segments(items, {"clients": everybody[ANY_CURRENCY], "currencies": currencies})


def _figures(currency: str, sums: Sums, clients: int) -> dict[str, Any]:
    average = sums.revenue / sums.purchases if sums.purchases else None
    return {
        "currency": currency,
        "clients": clients,
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
    facts = union_all(_months(question), *(_entries(question, part) for part in _parts(question.period))).subquery()
    added = [func.sum(facts.c[name]) for name in MEASURES]
    query = select(*[facts.c.value, facts.c.currency, *added]).group_by(facts.c.value, facts.c.currency)
    rows: Sequence[Any] = (await connection.execute(query)).all()
    return {(value, currency): Sums(int(purchases), *sums) for value, currency, purchases, *sums in rows}


def _parts(period: Period) -> Iterator[Period]:
    """The parts of months at both ends of the period."""
    if period.begun_month:
        yield period.begun_month
    if period.last_month:
        yield Period(max(filter(None, (period.start, period.last_month.start))), period.end)


def _months(question: ValueQuestion) -> Select[Any]:
    by_year = question.by is ValueBy.YEAR
    value = func.to_char(MONTHS.c.month, "YYYY") if by_year else MONTHS.c.value
    query = select(value.label("value"), MONTHS.c.currency, *(MONTHS.c[name] for name in MEASURES))
    query = query.where(MONTHS.c.dimension == (OVERALL if by_year else question.by.value))
    return query.where(*question.period.whole_months.covers(MONTHS.c.month), *_in_currency(question, MONTHS.c.currency))


def _entries(question: ValueQuestion, part: Period) -> Select[Any]:
    if question.by is ValueBy.YEAR:
        value = _YEAR_OF_ENTRY
    else:
        value = func.coalesce(cast(CLIENTS.c[question.by.value], Text), "")
    query = select(value.label("value"), ENTRIES.c.currency, *(ENTRIES.c[name] for name in MEASURES))
    query = query.join_from(ENTRIES, CLIENTS, CLIENTS.c.id == ENTRIES.c.client_id)
    return query.where(*part.covers(ENTRIES.c.occurred_at), *_in_currency(question, ENTRIES.c.currency))


def _in_currency(question: ValueQuestion, column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    return [column == question.currency] if question.currency else []


_YEAR_OF_ENTRY = func.to_char(func.timezone("UTC", ENTRIES.c.occurred_at), "YYYY")


async def _clients(connection: AsyncConnection, question: ValueQuestion) -> dict[_Key, int]:
    """How many clients bought, by value and currency."""
    if question.period == Period():
        query = select(SEGMENTS.c.value, SEGMENTS.c.currency, SEGMENTS.c.clients)
        query = query.where(SEGMENTS.c.dimension == question.by.value)
    elif question.by is ValueBy.YEAR:
        bought = _bought(question, _YEAR_OF_ENTRY.label("value"), ENTRIES.c.currency)
        query = select(*[bought.c.value, bought.c.currency, func.count()]).group_by(bought.c.value, bought.c.currency)
    else:
        bought = _bought(question, ENTRIES.c.currency)
        value = func.coalesce(cast(CLIENTS.c[question.by.value], Text), "").label("value")
        query = select(*[value, bought.c.currency, func.count()]).join_from(
            bought, CLIENTS, CLIENTS.c.id == bought.c.id
        )
        query = query.group_by("value", bought.c.currency)
    rows: Sequence[Any] = (await connection.execute(query)).all()
    return {(value, currency): count for value, currency, count in rows}


def _bought(question: ValueQuestion, *columns: ColumnElement[Any]) -> Subquery:
    """Each client that bought within the period, once for each value of the columns."""
    conditions = [ENTRIES.c.purchases > 0, *question.period.covers(ENTRIES.c.occurred_at)]
    query = select(ENTRIES.c.client_id.label("id"), *columns).distinct()
    return query.where(*conditions, *_in_currency(question, ENTRIES.c.currency)).subquery()


async def _everybody(
    connection: AsyncConnection, question: ValueQuestion, clients: Mapping[_Key, int]
) -> dict[str, int]:
    """How many clients bought, by currency and, under `ANY_CURRENCY`, in any that is asked for.

    `clients` are those by value: they can be added up, because a client has one value only, except of the year.
    """
    if question.period == Period():
        query = select(*[SEGMENTS.c.currency, func.sum(SEGMENTS.c.clients)]).where(SEGMENTS.c.dimension == OVERALL)
        found = await _counted(connection, query.group_by(SEGMENTS.c.currency))
        return found | {ANY_CURRENCY: found.get(question.currency or ANY_CURRENCY, 0)}
    if question.by is ValueBy.YEAR:
        bought = _bought(question, ENTRIES.c.currency)
        query = select(*[bought.c.currency, func.count()]).group_by(bought.c.currency)
        found = await _counted(connection, query)
    else:
        found = {key: sum(n for (_, currency), n in clients.items() if currency == key) for _, key in clients}
    if len(found) <= 1:
        return found | {ANY_CURRENCY: sum(found.values())}
    anybody = select(func.count()).select_from(_bought(question))
    return found | {ANY_CURRENCY: await connection.scalar(anybody) or 0}


async def _counted(connection: AsyncConnection, query: Select[Any]) -> dict[str, int]:
    rows: Sequence[Any] = (await connection.execute(query)).all()
    return {currency: int(count) for currency, count in rows}


async def _expected(connection: AsyncConnection, question: ValueQuestion) -> dict[_Key, Decimal | None]:
    columns = [SEGMENTS.c[name] for name in Segment._fields]
    query = select(SEGMENTS.c.value, SEGMENTS.c.currency, *columns).where(
        SEGMENTS.c.dimension == question.by.value, SEGMENTS.c.currency != ANY_CURRENCY
    )
    rows: Sequence[Any] = (await connection.execute(query)).all()
    return {(value, currency): rounded(Segment(*numbers).per_year) for value, currency, *numbers in rows}
