"""What won deals left: profitability, with the deals behind each figure."""

from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import and_, false, func
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.client.terms import share_percent
from projections.deals import DEALS
from projections.paging import Listed, Page
from projections.terms_split import PER_CENT, Sales, Split, TermsQuestion, WantedTerms, allowed, sales_behind, split

ZERO = Decimal()
_LIST_PRICE = DEALS.c.amount + DEALS.c.discount
_WON = Sales(DEALS, (DEALS.c.state == "won",))
UNPROFITABLE = DEALS.c.profit < 0
"""Of won deals only: the others have no profit."""
BELOW_MINIMUM = and_(
    DEALS.c.needed_margin_percent.is_not(None),
    DEALS.c.profit * PER_CENT < DEALS.c.needed_margin_percent * DEALS.c.amount,
)
"""Below the minimum margin of the day on which it was won."""


_ALLOWED = allowed(DEALS.c.discount_limit_percent, _LIST_PRICE)
_JUDGED = (
    _LIST_PRICE.label("list_price"),
    BELOW_MINIMUM.label("below_minimum"),
    func.coalesce(DEALS.c.discount > _ALLOWED, false()).label("above_limit"),
    _ALLOWED.label("allowed"),
)


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


_MEASURES = (
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


async def profitability(connection: AsyncConnection, question: TermsQuestion) -> Split:
    """`ProfitFigures`, the least profit of a currency first, months in order."""
    return await split(connection, question, _WON, _MEASURES, ProfitFigures, lambda figures: figures.profit)


async def deals_behind(connection: AsyncConnection, wanted: WantedTerms, page: Page) -> Listed:
    """Won deals with their client and each summand of the profit, the least profit of a currency first.

    Raises:
        BadCursor: the cursor is not of such a list.
    """
    shown = (*DEALS.c, *_JUDGED)
    return await sales_behind(connection, _WON, wanted, shown, (DEALS.c.profit, DEALS.c.deal_id), page)
