"""The part of a card that is about money: deals, orders and payments, summed per currency as they come."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from domain.client.deals import DealLost, DealOpened, DealReopened, DealWon
from domain.client.fulfilment import OrderCancelled, OrderPlaced, PaymentReceived
from domain.kernel import Event, Recorded


@dataclass(frozen=True, slots=True)
class Money:
    """Sums in one currency: of won deals (revenue and cost), of orders that stand, of payments."""

    won: int = 0
    revenue: Decimal = Decimal()
    cost: Decimal = Decimal()
    orders: int = 0
    ordered: Decimal = Decimal()
    paid: Decimal = Decimal()


NOTHING = Money()


@dataclass(frozen=True, slots=True)
class CardDeal:
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


@dataclass(frozen=True, slots=True)
class Purchase:
    """A won deal or an order that stands: when it was signed or placed, and its amount."""

    kind: str
    id: UUID
    at: datetime
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Trade:
    """Deals that are not won, orders that stand, the last won deal, and the sums by currency."""

    deals: Mapping[UUID, CardDeal] = field(default_factory=dict[UUID, CardDeal])
    orders: Mapping[UUID, Purchase] = field(default_factory=dict[UUID, Purchase])
    last_won: Purchase | None = None
    money: Mapping[str, Money] = field(default_factory=dict[str, Money])

    def evolve(self, recorded: Recorded) -> "Trade":
        """After a deal, an order or a payment. A cause that is not known here is passed over."""
        at = recorded.occurred_at
        match recorded.event:
            case OrderPlaced() as event:
                return self._placed(Purchase("order", event.order_id, at, event.amount, event.currency))
            case OrderCancelled(order_id=key) if key in self.orders:
                return self._cancelled(self.orders[key])
            case PaymentReceived(amount=amount, currency=currency):
                return replace(self, money=self._with_money(currency, paid=amount))
            case event:
                return self._after_deal(event, at)

    def _after_deal(self, event: Event, at: datetime) -> "Trade":
        match event:
            case DealOpened():
                return self._with_deal(_opened(event, at))
            case DealWon():
                return self._won(event, at)
            case DealLost(deal_id=key) if key in self.deals:
                return self._with_deal(replace(self.deals[key], lost_at=at))
            case DealReopened(deal_id=key) if key in self.deals:
                return self._with_deal(replace(self.deals[key], lost_at=None))
            case _:
                return self

    def _with_deal(self, deal: CardDeal) -> "Trade":
        return replace(self, deals={**self.deals, deal.id: deal})

    def _won(self, event: DealWon, at: datetime) -> "Trade":
        deals = {key: deal for key, deal in self.deals.items() if key != event.deal_id}
        money = self._with_money(event.currency, won=1, revenue=event.revenue, cost=event.cost)
        won = Purchase("deal", event.deal_id, at, event.revenue, event.currency)
        last = self.last_won if self.last_won and self.last_won.at > at else won
        return Trade(deals, self.orders, last, money)

    def _placed(self, order: Purchase) -> "Trade":
        money = self._with_money(order.currency, orders=1, ordered=order.amount)
        return Trade(self.deals, {**self.orders, order.id: order}, self.last_won, money)

    def _cancelled(self, order: Purchase) -> "Trade":
        orders = {key: other for key, other in self.orders.items() if key != order.id}
        money = self._with_money(order.currency, orders=-1, ordered=-order.amount)
        return Trade(self.deals, orders, self.last_won, money)

    def _with_money(
        self,
        currency: str,
        won: int = 0,
        revenue: Decimal = Decimal(),
        cost: Decimal = Decimal(),
        orders: int = 0,
        ordered: Decimal = Decimal(),
        paid: Decimal = Decimal(),
    ) -> dict[str, Money]:
        old = self.money.get(currency, NOTHING)
        new = Money(
            old.won + won,
            old.revenue + revenue,
            old.cost + cost,
            old.orders + orders,
            old.ordered + ordered,
            old.paid + paid,
        )
        return {**self.money, currency: new}

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
        event.step.value,
        at,
    )
