"""What won deals left, and what was given away: profitability and discounts, with the deals behind each figure."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Label, Select, Text, and_, case, cast, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.client.terms import share_percent
from projections.deals import CLIENTS, DEALS
from projections.paging import Listed, Page, cursor_of, place, values_of
from projections.period import Period

ZERO = Decimal()
PER_CENT = 100
_JOINED = DEALS.join(CLIENTS, CLIENTS.c.id == DEALS.c.client_id)
_LIST_PRICE = DEALS.c.amount + DEALS.c.discount
UNPROFITABLE = DEALS.c.profit < 0
"""Of won deals only: the others have no profit."""
BELOW_MINIMUM = and_(
    DEALS.c.needed_margin_percent.is_not(None),
    DEALS.c.profit * PER_CENT < DEALS.c.needed_margin_percent * DEALS.c.amount,
)
"""Below the minimum margin of the day on which it was won."""
_ALLOWED = func.ceil(DEALS.c.discount_limit_percent * _LIST_PRICE) / PER_CENT
ABOVE_LIMIT = and_(DEALS.c.discount_limit_percent.is_not(None), DEALS.c.discount > _ALLOWED)
"""Above what whoever won the deal might give on that day."""
DISCOUNTED = DEALS.c.discount > 0
LOWERED = DEALS.c.lowered > 0
"""Its list price had been lowered before it was won."""
GIVEN_AWAY = or_(DISCOUNTED, LOWERED)


class TermsBy(StrEnum):
    """What the reports are split by: who worked the client when the deal was won, what is known of the client, months.

    Months are those in which the deals were won, in UTC.
    """

    EMPLOYEE = "employee"
    ORIGIN = "origin"
    CATEGORY = "category"
    MONTH = "month"


_VALUES: Mapping[TermsBy, ColumnElement[Any]] = {
    TermsBy.EMPLOYEE: cast(DEALS.c.closed_by, Text),
    TermsBy.ORIGIN: CLIENTS.c.origin,
    TermsBy.CATEGORY: CLIENTS.c.category,
    TermsBy.MONTH: func.to_char(func.timezone("UTC", DEALS.c.since), "YYYY-MM"),
}
_FILTERS: Mapping[str, ColumnElement[Any]] = {
    "employee": DEALS.c.closed_by,
    "origin": CLIENTS.c.origin,
    "category": CLIENTS.c.category,
}


class TermsQuestion(NamedTuple):
    """What is asked: the dimension, the period in which the deals were won, one currency or all."""

    by: TermsBy = TermsBy.EMPLOYEE
    won: Period = Period()
    currency: str | None = None


class ProfitFigures(NamedTuple):
    """Won deals in one currency. `loss` is of the `unprofitable` ones, below zero."""

    deals: int = 0
    list_price: Decimal = ZERO
    discount: Decimal = ZERO
    revenue: Decimal = ZERO
    cost: Decimal = ZERO
    obligations: Decimal = ZERO
    profit: Decimal = ZERO
    unprofitable: int = 0
    loss: Decimal = ZERO
    below_minimum: int = 0

    @property
    def margin_percent(self) -> Decimal | None:
        """The profit in per cent of the revenue."""
        return share_percent(self.profit, self.revenue)


class DiscountFigures(NamedTuple):
    """Won deals with a discount, in one currency. `excess` is what the discounts above the limit had beyond it.

    `implied` is of the discounts what nobody named. By `lowered` the list prices of `lowered_deals` were lowered before
    they were won, which is in no discount.
    """

    deals: int = 0
    list_price: Decimal = ZERO
    discount: Decimal = ZERO
    above_limit: int = 0
    approved: int = 0
    excess: Decimal = ZERO
    without_limit: int = 0
    implied: Decimal = ZERO
    lowered_deals: int = 0
    lowered: Decimal = ZERO

    @property
    def discount_percent(self) -> Decimal | None:
        """The discounts in per cent of the list prices."""
        return share_percent(self.discount, self.list_price)


Figures = ProfitFigures | DiscountFigures
_PROFIT = (
    func.count(),
    func.sum(_LIST_PRICE),
    func.sum(DEALS.c.discount),
    func.sum(DEALS.c.amount),
    func.sum(DEALS.c.cost),
    func.sum(DEALS.c.obligations),
    func.sum(DEALS.c.profit),
    func.count().filter(UNPROFITABLE),
    func.coalesce(func.sum(DEALS.c.profit).filter(UNPROFITABLE), 0),
    func.count().filter(BELOW_MINIMUM),
)
_DISCOUNT = (
    func.count().filter(DISCOUNTED),
    func.coalesce(func.sum(_LIST_PRICE).filter(DISCOUNTED), 0),
    func.sum(DEALS.c.discount),
    func.count().filter(ABOVE_LIMIT),
    func.count().filter(and_(ABOVE_LIMIT, DEALS.c.discount_approved_by.is_not(None))),
    func.coalesce(func.sum(DEALS.c.discount - _ALLOWED).filter(ABOVE_LIMIT), 0),
    func.count().filter(and_(DISCOUNTED, DEALS.c.discount_limit_percent.is_(None))),
    func.sum(DEALS.c.implied_discount),
    func.count().filter(LOWERED),
    func.sum(DEALS.c.lowered),
)


class Split(NamedTuple):
    """The figures by value of the dimension (None where it is not known) and currency, and by currency in all."""

    items: dict[tuple[str | None, str], Any]
    total: dict[str, Any]


async def profitability(connection: AsyncConnection, question: TermsQuestion) -> Split:
    """`ProfitFigures`, the least profit of a currency first, months in order."""
    items = await _figures(connection, question, ProfitFigures, _PROFIT)
    return Split(_ordered(question, items, lambda figures: figures.profit), _totals(items, ProfitFigures))


async def discounts(connection: AsyncConnection, question: TermsQuestion) -> Split:
    """`DiscountFigures` of the deals with something given away, the largest discounts of a currency first.

    Months are in order.
    """
    items = await _figures(connection, question, DiscountFigures, _DISCOUNT, GIVEN_AWAY)
    return Split(_ordered(question, items, lambda figures: -figures.discount), _totals(items, DiscountFigures))


async def _figures(
    connection: AsyncConnection,
    question: TermsQuestion,
    kind: type[Any],
    measures: Sequence[ColumnElement[Any]],
    *conditions: ColumnElement[bool],
) -> dict[tuple[str | None, str], Any]:
    value: Label[Any] = _VALUES[question.by].label("value")
    query = select(*[value, DEALS.c.currency, *measures]).select_from(_JOINED)
    query = query.where(*_won(question.won, question.currency), *conditions).group_by("value", DEALS.c.currency)
    rows: Sequence[Any] = (await connection.execute(query)).all()
    return {(found, currency): kind(*numbers) for found, currency, *numbers in rows}


def _won(period: Period, currency: str | None) -> list[ColumnElement[bool]]:
    conditions = [DEALS.c.state == "won", *period.covers(DEALS.c.since)]
    return [*conditions, DEALS.c.currency == currency] if currency else conditions


_Cells = Mapping[tuple[str | None, str], Any]


def _ordered(question: TermsQuestion, items: _Cells, key: Callable[[Any], Decimal]) -> dict[Any, Any]:
    def rank(item: tuple[tuple[str | None, str], Any]) -> tuple[Any, ...]:
        (value, currency), figures = item
        if question.by is TermsBy.MONTH:
            return (value or "", currency)
        return (currency, key(figures), value or "")

    return dict(sorted(items.items(), key=rank))


def _totals(items: Mapping[tuple[str | None, str], Any], kind: type[Any]) -> dict[str, Any]:
    totals: dict[str, Any] = {}
    for (_, currency), figures in items.items():
        added = totals.get(currency, kind())
        totals[currency] = kind(*(one + other for one, other in zip(added, figures, strict=True)))
    return dict(sorted(totals.items()))


class WantedTerms(NamedTuple):
    """Which won deals to list. `filters`: values of employee, origin and category, None where it is not known.

    `conditions` are of the columns of the deals; `largest_discount_first` or else the least profit first.
    """

    won: Period = Period()
    currency: str | None = None
    filters: Mapping[str, Any] = {}
    conditions: Sequence[ColumnElement[bool]] = ()
    largest_discount_first: bool = False


async def deals_behind(connection: AsyncConnection, wanted: WantedTerms, page: Page) -> Listed:
    """Won deals with their client, each summand of the profit, and what the rules said of their terms.

    Raises:
        BadCursor: the cursor is not of such a list.
    """
    least = -DEALS.c.discount if wanted.largest_discount_first else DEALS.c.profit
    order: list[ColumnElement[Any]] = [DEALS.c.currency, least, DEALS.c.deal_id]
    query = _behind(wanted, least)
    if page.cursor:
        query = query.where(tuple_(*order) > place(order, values_of(page.cursor, (str, Decimal, UUID))))
    rows = (await connection.execute(query.order_by(*order).limit(page.limit + 1))).mappings().all()
    items = [dict(row) for row in rows[: page.limit]]
    places = [(item["currency"], item.pop("place"), item["deal_id"]) for item in items]
    return Listed(items, cursor_of(places[-1]) if len(rows) > page.limit else None)


def _behind(wanted: WantedTerms, least: ColumnElement[Any]) -> Select[Any]:
    known = [CLIENTS.c.name.label("client_name"), CLIENTS.c.origin, CLIENTS.c.category]
    judged = [
        _LIST_PRICE.label("list_price"),
        BELOW_MINIMUM.label("below_minimum"),
        ABOVE_LIMIT.label("above_limit"),
        case((DEALS.c.discount_limit_percent.is_not(None), _ALLOWED)).label("allowed"),
    ]
    query = select(*[*DEALS.c, *known, *judged, least.label("place")]).select_from(_JOINED)
    filters = [_FILTERS[name] == value for name, value in wanted.filters.items()]
    return query.where(*_won(wanted.won, wanted.currency), *filters, *wanted.conditions)
