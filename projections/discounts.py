"""What was given away with won deals and by orders beyond them, against the rules; with what is behind each figure."""

from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Numeric,
    Select,
    Text,
    Uuid,
    and_,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.client.terms import share_percent
from projections.deals import CLIENTS, DEALS
from projections.order_discounts import ORDER_DISCOUNTS
from projections.paging import Listed, Page
from projections.terms_split import Sales, Split, TermsQuestion, WantedTerms, allowed, sales_behind, split

ZERO = Decimal()


class SaleKind(StrEnum):
    """What was sold with a discount: a deal that was won, or an order that gives more than the deal it fulfils."""

    DEAL = "deal"
    ORDER = "order"


def _of_deals() -> Select[Any]:
    columns: list[ColumnElement[Any]] = [
        literal(SaleKind.DEAL.value, Text).label("kind"),
        DEALS.c.client_id,
        DEALS.c.deal_id.label("id"),
        DEALS.c.title,
        cast(null(), Text).label("number"),
        DEALS.c.since,
        DEALS.c.closed_by,
        DEALS.c.won_by.label("given_by"),
        DEALS.c.currency,
        DEALS.c.amount.label("revenue"),
        DEALS.c.discount_limit_percent,
        DEALS.c.discount_approved_by,
        (DEALS.c.amount + DEALS.c.discount).label("list_price"),
        DEALS.c.discount,
        DEALS.c.implied_discount,
        DEALS.c.lowered,
        cast(null(), Uuid).label("fulfils"),
        literal(ZERO, Numeric).label("given_with_deal"),
    ]
    return select(*columns).where(DEALS.c.state == "won", or_(DEALS.c.discount > 0, DEALS.c.lowered > 0))


def _of_orders() -> Select[Any]:
    orders = ORDER_DISCOUNTS.c
    columns: list[ColumnElement[Any]] = [
        literal(SaleKind.ORDER.value, Text).label("kind"),
        orders.client_id,
        orders.order_id.label("id"),
        cast(null(), Text).label("title"),
        orders.number,
        orders.placed_at,
        orders.worked_by,
        orders.placed_by,
        orders.currency,
        orders.amount,
        orders.discount_limit_percent,
        orders.discount_approved_by,
        orders.list_price,
        orders.discount,
        literal(ZERO, Numeric),
        literal(ZERO, Numeric),
        orders.deal_id,
        orders.given_with_deal,
    ]
    return select(*columns)


GIVEN = union_all(_of_deals(), _of_orders()).subquery("given")
"""Everything with something given away."""
_GIVEN, _DEALS = Sales(GIVEN), Sales(DEALS)
_ALLOWED = allowed(GIVEN.c.discount_limit_percent, GIVEN.c.list_price)
DISCOUNTED = GIVEN.c.discount > 0
_BEYOND = GIVEN.c.discount + GIVEN.c.given_with_deal - _ALLOWED
ABOVE_LIMIT = and_(GIVEN.c.discount_limit_percent.is_not(None), _BEYOND > 0)
"""Above what whoever won the deal or placed the order might give on that day, be it with a deal or beyond it."""
APPROVED = and_(ABOVE_LIMIT, GIVEN.c.discount_approved_by.is_not(None))
WITHOUT_LIMIT = and_(DISCOUNTED, GIVEN.c.discount_limit_percent.is_(None))
"""Given while nothing was ruled."""
IMPLIED = GIVEN.c.implied_discount > 0
LOWERED = GIVEN.c.lowered > 0
"""A deal whose list price had been lowered before it was won."""
OF_DEALS = GIVEN.c.kind == SaleKind.DEAL.value


class DiscountFigures(NamedTuple):
    """Won `deals` with a discount and `orders` with one beyond their deal, in one currency, and what the rules say.

    The list price is without that of orders whose deal is in the report with a discount: it is in the deal's. Where
    that deal is in another item than the order, it is `listed_elsewhere`. `excess` is what the discounts above the
    limit had beyond it, `implied` what nobody named. By `lowered` the list prices of `lowered_deals` were lowered
    before they were won, which is in no discount.
    """

    deals: int = 0
    orders: int = 0
    list_price: Decimal = ZERO
    discount: Decimal = ZERO
    above_limit: int = 0
    approved: int = 0
    excess: Decimal = ZERO
    without_limit: int = 0
    implied: Decimal = ZERO
    lowered_deals: int = 0
    lowered: Decimal = ZERO
    listed_elsewhere: Decimal = ZERO

    @property
    def discount_percent(self) -> Decimal | None:
        """The discounts in per cent of the list prices of all that they were given on."""
        return share_percent(self.discount, self.list_price + self.listed_elsewhere)


def _measures(question: TermsQuestion) -> tuple[ColumnElement[Any], ...]:
    beyond, reported = GIVEN.c.given_with_deal > 0, question.sold.covers(DEALS.c.since)
    other_item = _DEALS.value(question.by).is_distinct_from(_GIVEN.value(question.by))
    return (
        func.count().filter(and_(DISCOUNTED, OF_DEALS)),
        func.count().filter(and_(DISCOUNTED, ~OF_DEALS)),
        _list_price(~and_(beyond, _deal_is(*reported))),
        func.sum(GIVEN.c.discount),
        func.count().filter(ABOVE_LIMIT),
        func.count().filter(APPROVED),
        func.coalesce(func.sum(func.least(GIVEN.c.discount, _BEYOND)).filter(ABOVE_LIMIT), 0),
        func.count().filter(WITHOUT_LIMIT),
        func.sum(GIVEN.c.implied_discount),
        func.count().filter(LOWERED),
        func.sum(GIVEN.c.lowered),
        _list_price(beyond, _deal_is(*reported, other_item)),
    )


def _list_price(*conditions: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(GIVEN.c.list_price).filter(DISCOUNTED, *conditions), 0)


def _deal_is(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the deal that the order fulfils is such a one."""
    same = (DEALS.c.client_id == GIVEN.c.client_id, DEALS.c.deal_id == GIVEN.c.fulfils)
    return select(literal(1)).select_from(DEALS).where(*same, *conditions).correlate(GIVEN, CLIENTS).exists()


async def discounts(connection: AsyncConnection, question: TermsQuestion) -> Split:
    """`DiscountFigures` of what was given away, the largest discounts of a currency first. Months are in order."""
    measures = _measures(question)
    found = await split(connection, question, _GIVEN, measures, DiscountFigures, lambda figures: -figures.discount)
    total = {currency: figures._replace(listed_elsewhere=ZERO) for currency, figures in found.total.items()}
    return found._replace(total=total)


async def discounts_behind(connection: AsyncConnection, wanted: WantedTerms, page: Page) -> Listed:
    """Deals and orders with something given away and what the rules said, the largest discount of a currency first.

    Raises:
        BadCursor: the cursor is not of such a list.
    """
    columns = (column for column in GIVEN.c if column is not GIVEN.c.id)
    shown = (*columns, ABOVE_LIMIT.label("above_limit"), _ALLOWED.label("allowed"))
    return await sales_behind(connection, _GIVEN, wanted, shown, (-GIVEN.c.discount, GIVEN.c.id), page)
