"""What a client bought and paid, and what its card expects: the state of the view of value, and its fold."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from domain.client.account_events import CreditKind, InvoiceCredited, PaymentCorrected, PaymentReceived, RefundMade
from domain.client.assignment import EmployeeAssigned
from domain.client.card import CardChanged
from domain.client.category_events import CategoryAssigned
from domain.client.contacts import ContactRecorded
from domain.client.deal_events import DealCorrected, DealWon
from domain.client.dormancy import ExpectedInterval, Rhythm, expected_interval
from domain.client.handoff_events import HandoffAccepted
from domain.client.merging import ClientAbsorbed, ClientReleased
from domain.client.order_events import GoodsReturned, OrderCancelled, OrderPlaced, OrderReduced
from domain.client.registration import ClientRegistered
from domain.kernel import Event
from domain.types import Step
from projections.standing import IN_WORK, STANDING_EVENTS, Standing
from projections.value_totals import ZERO, Payment, Purchase, Sums, sums_by


class ValueCard(NamedTuple):
    """What the card says that value is split by or expected from. `currency` is of `expected_purchase`."""

    name: str | None = None
    industry: str | None = None
    region: str | None = None
    category: str | None = None
    origin: str | None = None
    size: str | None = None
    currency: str | None = None
    expected_purchase: Decimal | None = None
    purchase_interval: str | None = None
    retention_years: Decimal | None = None


CARD_FIELDS = frozenset(ValueCard._fields)


class CalledOff(NamedTuple):
    """An order that fulfils a deal: the client still buys, though it is no purchase of its own."""

    id: UUID
    at: datetime
    currency: str
    deal_id: UUID


class Work(NamedTuple):
    """How far the client was worked: registered when, in which step, whether anybody has ever contacted it."""

    registered_at: datetime | None = None
    step: str = Step.LEAD_GENERATION.value
    contacted: bool = False
    standing: Standing = IN_WORK


class Brought(NamedTuple):
    """What a client that was merged into another one brought with it. `contacted`: whether anybody had contacted it."""

    purchases: tuple[Purchase, ...] = ()
    payments: tuple[Payment, ...] = ()
    called_off: tuple[CalledOff, ...] = ()
    contacted: bool = False


class ClientValue(NamedTuple):
    """One client. `employee_id` is who works it, or worked it last; `called_off` are the orders of its deals.

    `taken_off` is what came back or was let down, by purchase, even beyond what that brought. `absorbed` is by client
    that this one stands for.
    """

    id: UUID
    card: ValueCard = ValueCard()
    employee_id: UUID | None = None
    purchases: tuple[Purchase, ...] = ()
    payments: tuple[Payment, ...] = ()
    called_off: tuple[CalledOff, ...] = ()
    work: Work = Work()
    taken_off: Mapping[UUID, Decimal] = {}
    absorbed: Mapping[UUID, Brought] = {}

    @property
    def together(self) -> "ClientValue":
        """With what the clients brought that this one stands for."""
        if not self.absorbed:
            return self
        others = self.absorbed.values()
        return self._replace(
            purchases=(*self.purchases, *(purchase for other in others for purchase in other.purchases)),
            payments=(*self.payments, *(payment for other in others for payment in other.payments)),
            called_off=(*self.called_off, *(order for other in others for order in other.called_off)),
            work=self.work._replace(contacted=self.work.contacted or any(other.contacted for other in others)),
        )

    @property
    def counted(self) -> "ClientValue":
        """With all that counts as its own: nothing, once another client stands for it."""
        if self.work.standing.merged_into:
            return self._replace(purchases=(), payments=(), called_off=())
        return self.together

    def sums(self) -> dict[str, Sums]:
        """The sums of everything, by currency."""
        return sums_by(attrgetter("currency"), self.purchases, self.payments)

    @property
    def not_begun(self) -> bool:
        """Whether it is a lead that waits for its first contact; a client whose purchases were imported is none."""
        idle = not (self.work.contacted or self.work.standing.lost or self.purchases)
        return idle and self.work.step == Step.LEAD_GENERATION

    @property
    def expected_interval(self) -> ExpectedInterval | None:
        """The time from one purchase to the next that is expected, if it is known."""
        rhythm = Rhythm.of(purchase.at for purchase in self.purchases if purchase.was_bought)
        return expected_interval(self.card.purchase_interval, rhythm)

    @property
    def last_bought(self) -> tuple[datetime, str] | None:
        """When the client last bought or called off what it had bought, and in which currency."""
        bought = ((purchase.at, purchase.currency) for purchase in self.purchases if purchase.was_bought)
        return max((*bought, *((order.at, order.currency) for order in self.called_off)), default=None)


def _registered(state: ClientValue, event: ClientRegistered, at: datetime) -> ClientValue:
    card = ValueCard._make(getattr(event, name) for name in ValueCard._fields)
    return state._replace(card=card, work=Work(at))


def _changed(state: ClientValue, event: CardChanged, _at: datetime) -> ClientValue:
    changes = {name: getattr(event, name) for name in event.changed if name in CARD_FIELDS}
    return state._replace(card=state.card._replace(**changes))


def _categorised(state: ClientValue, event: CategoryAssigned, _at: datetime) -> ClientValue:
    return state._replace(card=state.card._replace(category=event.category.value))


def _assigned(state: ClientValue, event: EmployeeAssigned, _at: datetime) -> ClientValue:
    return state._replace(employee_id=event.employee_id)


def _handed_over(state: ClientValue, event: HandoffAccepted, _at: datetime) -> ClientValue:
    return state._replace(employee_id=event.employee_id, work=state.work._replace(step=event.to_step.value))


def _contacted(state: ClientValue, _event: ContactRecorded, _at: datetime) -> ClientValue:
    """Only the first contact changes anything: the state stays the same object, so that nothing is written."""
    return state if state.work.contacted else state._replace(work=state.work._replace(contacted=True))


def _stood(state: ClientValue, event: Event, _at: datetime) -> ClientValue:
    return state._replace(work=state.work._replace(standing=state.work.standing.after(event)))


def _paid(state: ClientValue, event: PaymentReceived, at: datetime) -> ClientValue:
    payment = Payment(event.payment_id, at, event.currency, event.amount)
    return state._replace(payments=(*state.payments, payment))


def _won(state: ClientValue, event: DealWon | DealCorrected, at: datetime) -> ClientValue:
    if not (event.revenue or event.cost):
        return state
    kind = "deal" if event.revenue else "cost"
    return _bought(state, Purchase(event.deal_id, kind, at, event.currency, event.revenue, event.cost))


def _corrected(state: ClientValue, event: DealCorrected, _at: datetime) -> ClientValue:
    """The deal as if it had been won so; what came back of it is taken off again."""
    before = next((each for each in state.purchases if each.id == event.deal_id), None)
    others = tuple(each for each in state.purchases if each.id != event.deal_id)
    after = _won(state._replace(purchases=others), event, event.won_at)
    cost = event.previous_cost - (before.cost or ZERO) if before else ZERO
    return _with_less(after, event.deal_id, state.taken_off.get(event.deal_id, ZERO), cost)


def _ordered(state: ClientValue, event: OrderPlaced, at: datetime) -> ClientValue:
    if event.deal_id:
        called_off = CalledOff(event.order_id, at, event.currency, event.deal_id)
        return state._replace(called_off=(*state.called_off, called_off))
    return _bought(state, Purchase(event.order_id, "order", at, event.currency, event.amount, event.cost))


def _bought(state: ClientValue, purchase: Purchase) -> ClientValue:
    return state._replace(purchases=(*state.purchases, purchase))


def _cancelled(state: ClientValue, event: OrderCancelled, _at: datetime) -> ClientValue:
    return state._replace(
        purchases=tuple(each for each in state.purchases if each.id != event.order_id),
        called_off=tuple(each for each in state.called_off if each.id != event.order_id),
    )


def _less(state: ClientValue, event: OrderReduced | GoodsReturned, _at: datetime) -> ClientValue:
    """What comes back of an order that fulfils a deal is taken off the deal; what is cancelled of it is not."""
    purchase_id = event.order_id if isinstance(event, OrderReduced) else _purchase_id(state, event.order_id)
    return _taken_off(state, purchase_id, event.amount, event.cost)


def _purchase_id(state: ClientValue, order_id: UUID) -> UUID:
    """The deal that an order fulfils, else the order."""
    return next((each.deal_id for each in state.called_off if each.id == order_id), order_id)


def _taken_off(state: ClientValue, purchase_id: UUID, revenue: Decimal, cost: Decimal | None) -> ClientValue:
    taken_off = {**state.taken_off, purchase_id: state.taken_off.get(purchase_id, ZERO) + revenue}
    return _with_less(state._replace(taken_off=taken_off), purchase_id, revenue, cost)


def _with_less(state: ClientValue, purchase_id: UUID, revenue: Decimal, cost: Decimal | None) -> ClientValue:
    purchases = (each.less(revenue, cost) if each.id == purchase_id else each for each in state.purchases)
    return state._replace(purchases=tuple(purchases))


def _allowed(state: ClientValue, event: InvoiceCredited, _at: datetime) -> ClientValue:
    """An allowance is taken off the order, or the deal that it fulfils; other credits change only what is asked."""
    purchase_id = _purchase_id(state, event.order_id) if event.order_id else event.deal_id
    if event.kind is not CreditKind.ALLOWANCE or purchase_id is None:
        return state
    return _taken_off(state, purchase_id, event.amount, None)


def _released(state: ClientValue, event: ClientReleased, _at: datetime) -> ClientValue:
    others = {key: brought for key, brought in state.absorbed.items() if key != event.client_id}
    return state._replace(absorbed=others)


def _payment_corrected(state: ClientValue, event: PaymentCorrected, _at: datetime) -> ClientValue:
    payments = (p._replace(amount=event.amount) if p.id == event.payment_id else p for p in state.payments)
    return state._replace(payments=tuple(payment for payment in payments if payment.amount))


def _refunded(state: ClientValue, event: RefundMade, at: datetime) -> ClientValue:
    """Money given back counts against what was paid, on the day on which it was."""
    refund = Payment(event.refund_id, at, event.currency, -event.amount)
    return state._replace(payments=(*state.payments, refund))


_FOLDS: Mapping[type[Event], Callable[[ClientValue, Any, datetime], ClientValue]] = {
    ClientRegistered: _registered,
    CardChanged: _changed,
    CategoryAssigned: _categorised,
    EmployeeAssigned: _assigned,
    HandoffAccepted: _handed_over,
    ContactRecorded: _contacted,
    DealWon: _won,
    DealCorrected: _corrected,
    OrderPlaced: _ordered,
    OrderCancelled: _cancelled,
    OrderReduced: _less,
    GoodsReturned: _less,
    InvoiceCredited: _allowed,
    PaymentReceived: _paid,
    PaymentCorrected: _payment_corrected,
    RefundMade: _refunded,
    ClientReleased: _released,
}
"""How each event is taken in; the others change the standing."""

READS: frozenset[type[Event]] = frozenset(_FOLDS) | STANDING_EVENTS | {ClientAbsorbed}
"""The events that are taken in."""


def after(state: ClientValue, event: Event, at: datetime) -> ClientValue:
    """The state after one more event, but `ClientAbsorbed`, for which `absorbing` is there."""
    return _FOLDS.get(type(event), _stood)(state, event, at)


def absorbing(state: ClientValue, other: ClientValue) -> ClientValue:
    """The state after the client took another one in, which had come to this."""
    whole = other.together
    brought = Brought(whole.purchases, whole.payments, whole.called_off, whole.work.contacted)
    return state._replace(absorbed={**state.absorbed, other.id: brought})
