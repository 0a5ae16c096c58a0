"""How the reports on terms are split and opened: by whom, by what is known of the client, by month, and by currency."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, Text, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.deals import CLIENTS
from projections.paging import Listed, Page, cursor_of, place, values_of
from projections.period import Period

PER_CENT = 100


class TermsBy(StrEnum):
    """What the reports are split by: who worked the client when it was sold, what is known of the client, months.

    Months are those in which it was sold, in UTC.
    """

    EMPLOYEE = "employee"
    ORIGIN = "origin"
    CATEGORY = "category"
    MONTH = "month"


def allowed(limit_percent: ColumnElement[Any], list_price: ColumnElement[Any]) -> ColumnElement[Any]:
    """What may be given at this limit, rounded up to a hundredth, as `Terms.within` does; null where none was set."""
    return func.ceil(limit_percent * list_price) / PER_CENT


class TermsQuestion(NamedTuple):
    """What is asked: the dimension, the period in which it was sold, one currency or all."""

    by: TermsBy = TermsBy.EMPLOYEE
    sold: Period = Period()
    currency: str | None = None


class WantedTerms(NamedTuple):
    """Which sales to list. `filters`: values of employee, origin and category, None where it is not known.

    `conditions` are of the columns of the sales.
    """

    sold: Period = Period()
    currency: str | None = None
    filters: Mapping[str, Any] = {}
    conditions: Sequence[ColumnElement[bool]] = ()


class Split(NamedTuple):
    """The figures by value of the dimension (None where it is not known) and currency, and by currency in all."""

    items: dict[tuple[str | None, str], Any]
    total: dict[str, Any]


class Sales(NamedTuple):
    """What was sold, with its clients: rows with `client_id`, `closed_by`, `since` and `currency`, and which count."""

    rows: FromClause
    conditions: Sequence[ColumnElement[bool]] = ()

    @property
    def joined(self) -> FromClause:
        """The rows with their clients."""
        return self.rows.join(CLIENTS, CLIENTS.c.id == self.rows.c.client_id)

    @property
    def dimensions(self) -> Mapping[str, ColumnElement[Any]]:
        """What may be filtered by."""
        return {"employee": self.rows.c.closed_by, "origin": CLIENTS.c.origin, "category": CLIENTS.c.category}

    def value(self, by: TermsBy) -> ColumnElement[Any]:
        """The value of a dimension, as text."""
        if by is TermsBy.MONTH:
            return func.to_char(func.timezone("UTC", self.rows.c.since), "YYYY-MM")
        return cast(self.dimensions[by.value], Text)

    def within(self, sold: Period, currency: str | None) -> list[ColumnElement[bool]]:
        """That it was sold then, in this currency if one is named."""
        conditions = [*self.conditions, *sold.covers(self.rows.c.since)]
        return [*conditions, self.rows.c.currency == currency] if currency else conditions


async def split(
    connection: AsyncConnection,
    question: TermsQuestion,
    sales: Sales,
    measures: Sequence[ColumnElement[Any]],
    kind: Callable[..., Any],
    rank: Callable[[Any], Decimal],
) -> Split:
    """The measures as figures of this kind, the least by `rank` first in each currency, months in order."""
    value = sales.value(question.by).label("value")
    query = select(*[value, sales.rows.c.currency, *measures]).select_from(sales.joined)
    query = query.where(*sales.within(question.sold, question.currency)).group_by("value", sales.rows.c.currency)
    rows: Sequence[Any] = (await connection.execute(query)).all()
    items = {(found, currency): kind(*numbers) for found, currency, *numbers in rows}
    return Split(_ordered(question, items, rank), _totals(items, kind))


_Cells = Mapping[tuple[str | None, str], Any]


def _ordered(question: TermsQuestion, items: _Cells, key: Callable[[Any], Decimal]) -> dict[Any, Any]:
    def rank(item: tuple[tuple[str | None, str], Any]) -> tuple[Any, ...]:
        (value, currency), figures = item
        if question.by is TermsBy.MONTH:
            return (value or "", currency)
        return (currency, key(figures), value or "")

    return dict(sorted(items.items(), key=rank))


def _totals(items: _Cells, kind: Callable[..., Any]) -> dict[str, Any]:
    totals: dict[str, Any] = {}
    for (_, currency), figures in items.items():
        added = totals.get(currency, kind())
        totals[currency] = kind(*(one + other for one, other in zip(added, figures, strict=True)))
    return dict(sorted(totals.items()))


async def sales_behind(
    connection: AsyncConnection,
    sales: Sales,
    wanted: WantedTerms,
    shown: Sequence[ColumnElement[Any]],
    order: Sequence[ColumnElement[Any]],
    page: Page,
) -> Listed:
    """These columns of the sales and their clients, by currency and then by `order`: an amount and an id.

    Raises:
        BadCursor: the cursor is not of such a list.
    """
    amount, key = order
    by: list[ColumnElement[Any]] = [sales.rows.c.currency, amount, key]
    columns = [*shown, amount.label("place"), key.label("id")]
    query = _selected(sales, wanted, columns)
    if page.cursor:
        query = query.where(tuple_(*by) > place(by, values_of(page.cursor, (str, Decimal, UUID))))
    rows = (await connection.execute(query.order_by(*by).limit(page.limit + 1))).mappings().all()
    items = [dict(row) for row in rows[: page.limit]]
    places = [(item["currency"], item.pop("place"), item["id"]) for item in items]
    return Listed(items, cursor_of(places[-1]) if len(rows) > page.limit else None)


def _selected(sales: Sales, wanted: WantedTerms, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    known = [CLIENTS.c.name.label("client_name"), CLIENTS.c.origin, CLIENTS.c.category]
    filters = [sales.dimensions[name] == value for name, value in wanted.filters.items()]
    conditions = (*sales.within(wanted.sold, wanted.currency), *filters, *wanted.conditions)
    return select(*[*columns, *known]).select_from(sales.joined).where(*conditions)
