"""The part of a card that is about money: deals, orders and payments, summed per currency as they come."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from domain.client.account_events import CreditKind, InvoiceCredited, PaymentCorrected, PaymentReceived, RefundMade
from domain.client.deal_events import DealChanged, DealCorrected, DealLost, DealOpened, DealReopened, DealWon
from domain.client.dormancy import Rhythm
from domain.client.order_events import GoodsReturned, OrderCancelled, OrderPlaced, OrderReduced
from domain.kernel import Event, Recorded
from projections.card_trade_rows import (
    DEALS_ON_CARD,
    NOTHING,
    ORDERS_ON_CARD,
    CardDeal,
    CardOrder,
    Money,
    Purchase,
    age_of_deal,
    age_of_order,
    left,
    opened,
    without_old_cancelled,
    without_old_won,
)


class Trade(NamedTuple):
    """Deals and orders by id, the sums by currency, and the won deals that brought something, by id.

    What may still change is kept: deals that are not won, orders that stand. Of the others, won deals and cancelled
    orders, only as many as the card shows. `taken_off` is what came back or was let down, by won deal, even beyond what
    that brought.
    """

    deals: Mapping[UUID, CardDeal] = {}
    orders: Mapping[UUID, CardOrder] = {}
    money: Mapping[str, Money] = {}
    sold: Mapping[UUID, Purchase] = {}
    taken_off: Mapping[UUID, Decimal] = {}

    def evolve(self, recorded: Recorded) -> "Trade":
        """After a deal, an order or a payment. A cause that is not known here is passed over."""
        at = recorded.occurred_at
        match recorded.event:
            case OrderPlaced() as event:
                order = CardOrder(event.order_id, event.number, event.amount, event.currency, at)
                return self._placed(order._replace(deal_id=event.deal_id))
            case OrderCancelled(order_id=key) if key in self.orders:
                return self._cancelled(self.orders[key])
            case OrderReduced(order_id=key, amount=amount) if key in self.orders:
                return self._less(self.orders[key], amount)
            case GoodsReturned(order_id=key, amount=amount) if key in self.orders:
                return self._lost(self.orders[key], amount)
            case PaymentReceived() | PaymentCorrected() | RefundMade() | InvoiceCredited() as event:
                return self._after_money(event)
            case event:
                return self._after_deal(event, at)

    def _after_money(self, event: Event) -> "Trade":
        match event:
            case PaymentReceived(amount=amount, currency=currency):
                return self._paid(amount, currency)
            case PaymentCorrected(amount=amount, before=before, currency=currency):
                return self._paid(amount - before, currency)
            case RefundMade(amount=amount, currency=currency):
                return self._paid(-amount, currency)
            case InvoiceCredited(kind=CreditKind.ALLOWANCE) as allowance:
                return self._allowed(allowance)
            case _:
                return self

    def _allowed(self, event: InvoiceCredited) -> "Trade":
        """What is let down of an order or a deal is taken off it."""
        order = self.orders.get(event.order_id) if event.order_id else None
        if order:
            return self._lost(order, event.amount)
        return self.less_of_deal(event.deal_id, event.amount, event.currency, "revenue") if event.deal_id else self

    def _after_deal(self, event: Event, at: datetime) -> "Trade":
        match event:
            case DealOpened():
                return self._with_deal(opened(event, at))
            case DealChanged(deal_id=key, changed=changed) if key in self.deals:
                values = {name: getattr(event, name) for name in changed}
                return self._with_deal(self.deals[key]._replace(**values))
            case DealWon():
                return self._won(event, at)
            case DealCorrected():
                return self._corrected(event)
            case DealLost(deal_id=key) | DealReopened(deal_id=key) if key in self.deals:
                state = "lost" if isinstance(event, DealLost) else "open"
                return self._with_deal(self.deals[key]._replace(state=state, since=at))
            case _:
                return self

    def _with_deal(self, deal: CardDeal) -> "Trade":
        return self._replace(deals={**self.deals, deal.id: deal})

    def _won(self, event: DealWon, at: datetime) -> "Trade":
        deals = {**self.deals, event.deal_id: self._won_deal(event, at)}
        sums = self._sums(event.currency)
        sums = sums._replace(won=sums.won + 1, revenue=sums.revenue + event.revenue, cost=sums.cost + event.cost)
        money = {**self.money, event.currency: sums}
        return self._replace(deals=without_old_won(deals), money=money, sold=self._sold(event, at))

    def _sold(self, event: DealWon | DealCorrected, at: datetime) -> dict[UUID, Purchase]:
        others = {key: purchase for key, purchase in self.sold.items() if key != event.deal_id}
        if not event.revenue:
            return others
        return {**others, event.deal_id: Purchase("deal", event.deal_id, at, event.revenue, event.currency)}

    def _corrected(self, event: DealCorrected) -> "Trade":
        known, sums = self.deals.get(event.deal_id), self._sums(event.currency)
        taken = self.taken_off.get(event.deal_id, Decimal())
        sums = sums._replace(
            revenue=sums.revenue + left(event.revenue, taken) - left(event.previous_revenue, taken),
            cost=sums.cost + event.cost - event.previous_cost,
        )
        deals = self.deals
        if known:
            corrected = known._replace(amount=event.revenue, cost=event.cost, discount=event.discount)
            deals = {**deals, known.id: corrected}
        money = {**self.money, event.currency: sums}
        return self._replace(deals=deals, money=money, sold=self._sold(event, event.won_at))

    def _won_deal(self, event: DealWon, at: datetime) -> CardDeal:
        known = self.deals.get(event.deal_id)
        if known is None:
            known = CardDeal(event.deal_id, None, event.revenue, event.currency, None, None, event.step, at, at)
        return known._replace(amount=event.revenue, cost=event.cost, discount=event.discount, state="won", since=at)

    def _placed(self, order: CardOrder) -> "Trade":
        return self._replace(orders={**self.orders, order.id: order}, money=self._with_order(order, 1))

    def _cancelled(self, order: CardOrder) -> "Trade":
        orders = {**self.orders, order.id: order._replace(cancelled=True)}
        return self._replace(orders=without_old_cancelled(orders), money=self._with_order(order, -1))

    def _lost(self, order: CardOrder, amount: Decimal) -> "Trade":
        """What came back of an order or was let down is taken off it, and off the deal that it fulfils."""
        less = self._less(order, amount)
        return less.less_of_deal(order.deal_id, amount, order.currency, "ordered_apart") if order.deal_id else less

    def _less(self, order: CardOrder, amount: Decimal) -> "Trade":
        """What is cancelled of an order of a deal changes nothing of what the deal brought."""
        sums, less = self._sums(order.currency), min(order.amount, amount)
        apart = Decimal() if order.deal_id else less
        sums = sums._replace(ordered=sums.ordered - less, ordered_apart=sums.ordered_apart - apart)
        return self._replace(
            orders={**self.orders, order.id: order._replace(amount=order.amount - less)},
            money={**self.money, order.currency: sums},
        )

    def less_of_deal(self, deal_id: UUID, amount: Decimal, currency: str, name: str) -> "Trade":
        """So much less of a deal, off the sum of this name, as far as something is left of the deal."""
        before, deal = self.taken_off.get(deal_id, Decimal()), self.sold.get(deal_id)
        brought = deal.amount if deal else Decimal()
        sums, less = self._sums(currency), left(brought, before) - left(brought, before + amount)
        return self._replace(
            taken_off={**self.taken_off, deal_id: before + amount},
            money={**self.money, currency: sums._replace(**{name: getattr(sums, name) - less})},
        )

    def _with_order(self, order: CardOrder, sign: int) -> dict[str, Money]:
        sums = self._sums(order.currency)
        apart = Decimal() if order.deal_id else sign * order.amount
        sums = sums._replace(
            orders=sums.orders + sign,
            ordered=sums.ordered + sign * order.amount,
            ordered_apart=sums.ordered_apart + apart,
        )
        return {**self.money, order.currency: sums}

    def _paid(self, amount: Decimal, currency: str) -> "Trade":
        sums = self._sums(currency)
        return self._replace(money={**self.money, currency: sums._replace(paid=sums.paid + amount)})

    def _sums(self, currency: str) -> Money:
        return self.money.get(currency, NOTHING)

    def with_brought(self, other: "Trade") -> "Trade":
        """With what a client brought that was merged into this one; deals that were open there are not worked here."""
        shared = {*self.money, *other.money}
        return self._replace(
            orders={**self.orders, **other.orders},
            money={currency: self._sums(currency).plus(other.money.get(currency, NOTHING)) for currency in shared},
            sold={**self.sold, **other.sold},
        )

    @property
    def open_deals(self) -> list[CardDeal]:
        """The open deals, the oldest first."""
        return sorted((d for d in self.deals.values() if d.state == "open"), key=lambda deal: (deal.opened_at, deal.id))

    @property
    def last_deals(self) -> list[CardDeal]:
        """The last deals in whatever state, the one that changed last first."""
        return sorted(self.deals.values(), key=age_of_deal, reverse=True)[:DEALS_ON_CARD]

    @property
    def last_orders(self) -> list[CardOrder]:
        """The last orders, the newest first."""
        return sorted(self.orders.values(), key=age_of_order, reverse=True)[:ORDERS_ON_CARD]

    @property
    def last_purchase(self) -> Purchase | None:
        """The last of the orders that stand and the won deals, by business time."""
        return max(self._purchases(), key=lambda purchase: purchase.at, default=None)

    @property
    def rhythm(self) -> Rhythm | None:
        """The rhythm of all purchases; an order of a deal is one with the deal."""
        placed = (order.placed_at for order in self.orders.values() if not (order.cancelled or order.deal_id))
        return Rhythm.of((*placed, *(purchase.at for purchase in self.sold.values())))

    @property
    def realised(self) -> dict[str, Decimal]:
        """The revenue of won deals and of orders that fulfil no deal, less returns and allowances, by currency."""
        return {currency: sums.revenue + sums.ordered_apart for currency, sums in self.money.items()}

    @property
    def currencies(self) -> list[str]:
        """Every currency with a sum or an open deal, in alphabetical order."""
        return sorted({*self.money, *(deal.currency for deal in self.open_deals)})

    def _purchases(self) -> Iterator[Purchase]:
        for order in self.orders.values():
            if not order.cancelled:
                yield Purchase("order", order.id, order.placed_at, order.amount, order.currency)
        yield from self.sold.values()
