"""The rows of the part of a card that is about money, and how many of them are kept."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from domain.client.deal_events import DealOpened


class Money(NamedTuple):
    """Sums in one currency: of won deals (revenue and cost), of orders that stand, less what came back, of payments.

    `ordered_apart` is of the orders that fulfil no deal, less what came back of any.
    """

    won: int = 0
    revenue: Decimal = Decimal()
    cost: Decimal = Decimal()
    orders: int = 0
    ordered: Decimal = Decimal()
    paid: Decimal = Decimal()
    ordered_apart: Decimal = Decimal()

    def plus(self, other: "Money") -> "Money":
        """Both together."""
        return Money(
            self.won + other.won,
            self.revenue + other.revenue,
            self.cost + other.cost,
            self.orders + other.orders,
            self.ordered + other.ordered,
            self.paid + other.paid,
            self.ordered_apart + other.ordered_apart,
        )


NOTHING = Money()


DEALS_ON_CARD = 20
ORDERS_ON_CARD = 5


class CardDeal(NamedTuple):
    """A deal: open, won or lost, `since` when. The amount is the revenue once it is won; probability in per cent.

    The direct cost is known once it is won.
    """

    id: UUID
    title: str | None
    amount: Decimal
    currency: str
    close_on: date | None
    probability: int | None
    step: str
    opened_at: datetime
    since: datetime
    state: str = "open"
    discount: Decimal = Decimal()
    cost: Decimal | None = None


class CardOrder(NamedTuple):
    """An order and whether it was cancelled; its amount is without what was cancelled of it or came back.

    `deal_id` is the deal that it fulfils, with which it is one purchase.
    """

    id: UUID
    number: str | None
    amount: Decimal
    currency: str
    placed_at: datetime
    cancelled: bool = False
    deal_id: UUID | None = None


class Purchase(NamedTuple):
    """A won deal or an order that stands: when it was signed or placed, and its amount."""

    kind: str
    id: UUID
    at: datetime
    amount: Decimal
    currency: str


def opened(event: DealOpened, at: datetime) -> CardDeal:
    """A deal as it was opened."""
    return CardDeal(
        event.deal_id,
        event.title,
        event.amount,
        event.currency,
        event.close_on,
        event.probability,
        event.step,
        at,
        at,
        discount=event.discount,
    )


def age_of_deal(deal: CardDeal) -> tuple[datetime, UUID]:
    """By when it changed last."""
    return deal.since, deal.id


def age_of_order(order: CardOrder) -> tuple[datetime, UUID]:
    """By when it was placed."""
    return order.placed_at, order.id


def without_old_won(deals: dict[UUID, CardDeal]) -> dict[UUID, CardDeal]:
    """Without the won deals that the card does not show."""
    if len(deals) > DEALS_ON_CARD:
        won = sorted((deal for deal in deals.values() if deal.state == "won"), key=age_of_deal)
        for deal in won[:-DEALS_ON_CARD]:
            del deals[deal.id]
    return deals


def without_old_cancelled(orders: dict[UUID, CardOrder]) -> dict[UUID, CardOrder]:
    """Without the cancelled orders that the card does not show."""
    if len(orders) > ORDERS_ON_CARD:
        cancelled = sorted((order for order in orders.values() if order.cancelled), key=age_of_order)
        for order in cancelled[:-ORDERS_ON_CARD]:
            del orders[order.id]
    return orders


def left(brought: Decimal, taken_off: Decimal) -> Decimal:
    """What is left of a revenue."""
    return max(brought - taken_off, Decimal())
