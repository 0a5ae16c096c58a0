"""The part of a card that is about money: deals, orders and payments, summed per currency as they come."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from domain.client.deals import DealLost, DealOpened, DealReopened, DealWon
from domain.client.fulfilment import OrderCancelled, OrderPlaced, PaymentReceived
from domain.kernel import Event, Recorded


class Money(NamedTuple):
    """Sums in one currency: of won deals (revenue and cost), of orders that stand, of payments."""

    won: int = 0
    revenue: Decimal = Decimal()
    cost: Decimal = Decimal()
    orders: int = 0
    ordered: Decimal = Decimal()
    paid: Decimal = Decimal()


NOTHING = Money()


class CardDeal(NamedTuple):
    """A deal that is open, or lost and may be reopened. The amount is what is expected; probability in per cent."""

    id: UUID
    title: str | None
    amount: Decimal
    currency: str
    close_on: date | None
    probability: int | None
    step: str
    opened_at: datetime
    lost_at: datetime | None = None


class Purchase(NamedTuple):
    """A won deal or an order that stands: when it was signed or placed, and its amount."""

    kind: str
    id: UUID
    at: datetime
    amount: Decimal
    currency: str


class Trade(NamedTuple):
    """Deals that are not won, orders that stand, the last won deal, and the sums by currency."""

    deals: Mapping[UUID, CardDeal] = {}
    orders: Mapping[UUID, Purchase] = {}
    last_won: Purchase | None = None
    money: Mapping[str, Money] = {}

    def evolve(self, recorded: Recorded) -> "Trade":
        """After a deal, an order or a payment. A cause that is not known here is passed over."""
        at = recorded.occurred_at
        match recorded.event:
            case OrderPlaced() as event:
                return self._placed(Purchase("order", event.order_id, at, event.amount, event.currency))
            case OrderCancelled(order_id=key) if key in self.orders:
                return self._cancelled(self.orders[key])
            case PaymentReceived(amount=amount, currency=currency):
                return self._paid(amount, currency)
            case event:
                return self._after_deal(event, at)

    def _after_deal(self, event: Event, at: datetime) -> "Trade":
        match event:
            case DealOpened():
                return self._with_deal(_opened(event, at))
            case DealWon():
                return self._won(event, at)
            case DealLost(deal_id=key) if key in self.deals:
                return self._with_deal(self.deals[key]._replace(lost_at=at))
            case DealReopened(deal_id=key) if key in self.deals:
                return self._with_deal(self.deals[key]._replace(lost_at=None))
            case _:
                return self

    def _with_deal(self, deal: CardDeal) -> "Trade":
        return self._replace(deals={**self.deals, deal.id: deal})

    def _won(self, event: DealWon, at: datetime) -> "Trade":
        deals = {key: deal for key, deal in self.deals.items() if key != event.deal_id}
        sums = self._sums(event.currency)
        sums = sums._replace(won=sums.won + 1, revenue=sums.revenue + event.revenue, cost=sums.cost + event.cost)
        won = Purchase("deal", event.deal_id, at, event.revenue, event.currency)
        last = self.last_won if self.last_won and self.last_won.at > at else won
        return Trade(deals, self.orders, last, {**self.money, event.currency: sums})

    def _placed(self, order: Purchase) -> "Trade":
        return self._replace(orders={**self.orders, order.id: order}, money=self._with_order(order, 1))

    def _cancelled(self, order: Purchase) -> "Trade":
        orders = {key: other for key, other in self.orders.items() if key != order.id}
        return self._replace(orders=orders, money=self._with_order(order, -1))

    def _with_order(self, order: Purchase, sign: int) -> dict[str, Money]:
        sums = self._sums(order.currency)
        sums = sums._replace(orders=sums.orders + sign, ordered=sums.ordered + sign * order.amount)
        return {**self.money, order.currency: sums}

    def _paid(self, amount: Decimal, currency: str) -> "Trade":
        sums = self._sums(currency)
        return self._replace(money={**self.money, currency: sums._replace(paid=sums.paid + amount)})

    def _sums(self, currency: str) -> Money:
        return self.money.get(currency, NOTHING)

    @property
    def open_deals(self) -> list[CardDeal]:
        """The open deals, the oldest first."""
        return sorted((d for d in self.deals.values() if d.lost_at is None), key=lambda deal: (deal.opened_at, deal.id))

    @property
    def last_purchase(self) -> Purchase | None:
        """The last of the orders that stand and the won deals, by business time."""
        return max(self._purchases(), key=lambda purchase: purchase.at, default=None)

    @property
    def currencies(self) -> list[str]:
        """Every currency with a sum or an open deal, in alphabetical order."""
        return sorted({*self.money, *(deal.currency for deal in self.open_deals)})

    def _purchases(self) -> Iterator[Purchase]:
        yield from self.orders.values()
        if self.last_won:
            yield self.last_won


def _opened(event: DealOpened, at: datetime) -> CardDeal:
    return CardDeal(
        event.deal_id,
        event.title,
        event.amount,
        event.currency,
        event.close_on,
        event.probability,
        event.step,
        at,
    )
