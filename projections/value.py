"""Value: what each client bought and paid, what it is expected to bring, and sums by segment and month.

A purchase is a won deal with revenue, or an order that stands and fulfils no deal (a deal's revenue is counted with the
deal). A won deal without revenue is none, but what it cost counts. Amounts of different currencies are never added.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Table

from domain.client.assignment import EmployeeAssigned
from domain.client.card import CardChanged
from domain.client.category_events import CategoryAssigned
from domain.client.deals import DealWon
from domain.client.dormancy import ExpectedInterval, Rhythm, expected_interval
from domain.client.fulfilment import OrderCancelled, OrderPlaced, PaymentReceived
from domain.client.handoff_events import HandoffAccepted
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from projections.kernel import Counts, Row, View
from projections.period import month_of, months_between
from projections.value_tables import (
    ANY_CURRENCY,
    CARD_DIMENSIONS,
    CLIENTS,
    COHORTS,
    ENTRIES,
    MONTHS,
    SEGMENTS,
    SUMS,
)
from projections.value_totals import ZERO, Payment, Purchase, Sums, rhythms, sums_by


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


class ClientValue(NamedTuple):
    """One client. `employee_id` is who works it, or worked it last; `called_off` are the orders of its deals."""

    id: UUID
    card: ValueCard = ValueCard()
    employee_id: UUID | None = None
    purchases: tuple[Purchase, ...] = ()
    payments: tuple[Payment, ...] = ()
    called_off: tuple[CalledOff, ...] = ()

    def sums(self) -> dict[str, Sums]:
        """The sums of everything, by currency."""
        return sums_by(attrgetter("currency"), self.purchases, self.payments)

    @property
    def expected_interval(self) -> ExpectedInterval | None:
        """The time from one purchase to the next that is expected, if it is known."""
        rhythm = Rhythm.of(purchase.at for purchase in self.purchases if purchase.number)
        return expected_interval(self.card.purchase_interval, rhythm)

    @property
    def last_bought(self) -> tuple[datetime, str] | None:
        """When the client last bought or called off what it had bought, and in which currency."""
        bought = ((purchase.at, purchase.currency) for purchase in self.purchases if purchase.number)
        return max((*bought, *((order.at, order.currency) for order in self.called_off)), default=None)


class ValueView(View[ClientValue]):
    """Purchases and payments of each client, their sums by segment and month."""

    name: ClassVar = "value"
    revision: ClassVar = 4
    reads: ClassVar[frozenset[type[Event]]] = frozenset(
        {
            ClientRegistered,
            CardChanged,
            CategoryAssigned,
            EmployeeAssigned,
            HandoffAccepted,
            DealWon,
            OrderPlaced,
            OrderCancelled,
            PaymentReceived,
        }
    )
    table: ClassVar = CLIENTS
    part_tables: ClassVar = (ENTRIES, SUMS)
    counter_tables: ClassVar = (MONTHS, SEGMENTS, COHORTS)
    state_type = ClientValue

    def start(self, stream_id: UUID) -> ClientValue:
        return ClientValue(stream_id)

    def evolve(self, state: ClientValue, recorded: Recorded) -> ClientValue:
        return _FOLDS[type(recorded.event)](state, recorded.event, recorded.occurred_at)

    def columns(self, state: ClientValue) -> Row:
        return (state.card.name, *_split(state.card), state.employee_id, *_dormancy(state))

    def parts(self, state: ClientValue) -> Mapping[Table, Sequence[Row]]:
        bought = [(state.id, p.id, p.kind, p.at, p.currency, *_adds(p)) for p in state.purchases]
        paid = [(state.id, p.id, "payment", p.at, p.currency, 0, ZERO, ZERO, ZERO, p.amount) for p in state.payments]
        cohorts = {currency: month_of(rhythm.first_at) for currency, rhythm in rhythms(state.purchases).items()}
        sums = [(state.id, currency, *sums, cohorts.get(currency)) for currency, sums in state.sums().items()]
        return {ENTRIES: bought + paid, SUMS: sums}

    def counts(self, state: ClientValue) -> Mapping[Table, Counts]:
        employee = as_text(state.employee_id) if state.employee_id else ""
        card = zip(CARD_DIMENSIONS, (value or "" for value in _split(state.card)), strict=True)
        split = (*card, ("employee", employee))
        segments = [
            ((dimension, currency, value), numbers)
            for currency, numbers in _segment_figures(state).items()
            for dimension, value in split
        ]
        years = {
            (month_of(p.at).year, currency)
            for p in state.purchases
            if p.number
            for currency in (p.currency, ANY_CURRENCY)
        }
        segments += [(("year", currency, str(year)), _ONE_CLIENT) for year, currency in years]
        by_month = sums_by(_month_and_currency, state.purchases, state.payments)
        months = [
            ((dimension, month, currency, value), sums)
            for (month, currency), sums in by_month.items()
            for dimension, value in split
        ]
        cohorts = [
            ((dimension, cohort, currency, value, since), figures)
            for cohort, currency, since, figures in _cohort_figures(state, by_month)
            for dimension, value in split
        ]
        return {MONTHS: months, SEGMENTS: segments, COHORTS: cohorts}


as_text = lru_cache(maxsize=10_000)(str)
"""The text of an employee's id; there are few, and each is asked for many times."""
_ONE_CLIENT = (1, 0, 0, 0, ZERO, 0, ZERO)


def _dormancy(state: ClientValue) -> Row:
    """Last purchase and its currency, the expected interval and its source, when the client becomes dormant."""
    last, interval = state.last_bought, state.expected_interval
    expected = (int(interval.length.total_seconds()), interval.source.value) if interval else (None, None)
    if last is None:
        return (None, None, *expected, None)
    return (*last, *expected, interval.dormant_from(last[0]) if interval else None)


def _split(card: ValueCard) -> tuple[str | None, ...]:
    return (card.industry, card.region, card.category, card.origin, card.size)


def _registered(state: ClientValue, event: ClientRegistered, _at: datetime) -> ClientValue:
    card = ValueCard(
        event.name,
        event.industry,
        event.region,
        event.category,
        event.origin,
        event.size,
        event.currency,
        event.expected_purchase,
        event.purchase_interval,
        event.retention_years,
    )
    return state._replace(card=card)


def _changed(state: ClientValue, event: CardChanged, _at: datetime) -> ClientValue:
    changes = {name: getattr(event, name) for name in event.changed if name in CARD_FIELDS}
    return state._replace(card=state.card._replace(**changes))


def _categorised(state: ClientValue, event: CategoryAssigned, _at: datetime) -> ClientValue:
    return state._replace(card=state.card._replace(category=event.category.value))


def _taken_over(state: ClientValue, event: EmployeeAssigned | HandoffAccepted, _at: datetime) -> ClientValue:
    return state._replace(employee_id=event.employee_id)


def _paid(state: ClientValue, event: PaymentReceived, at: datetime) -> ClientValue:
    payment = Payment(event.payment_id, at, event.currency, event.amount)
    return state._replace(payments=(*state.payments, payment))


def _won(state: ClientValue, event: DealWon, at: datetime) -> ClientValue:
    if not (event.revenue or event.cost):
        return state
    kind = "deal" if event.revenue else "cost"
    return _bought(state, Purchase(event.deal_id, kind, at, event.currency, event.revenue, event.cost))


def _ordered(state: ClientValue, event: OrderPlaced, at: datetime) -> ClientValue:
    if event.deal_id:
        return state._replace(called_off=(*state.called_off, CalledOff(event.order_id, at, event.currency)))
    return _bought(state, Purchase(event.order_id, "order", at, event.currency, event.amount, event.cost))


def _bought(state: ClientValue, purchase: Purchase) -> ClientValue:
    return state._replace(purchases=(*state.purchases, purchase))


def _cancelled(state: ClientValue, event: OrderCancelled, _at: datetime) -> ClientValue:
    return state._replace(
        purchases=tuple(each for each in state.purchases if each.id != event.order_id),
        called_off=tuple(each for each in state.called_off if each.id != event.order_id),
    )


_FOLDS: Mapping[type[Event], Callable[[ClientValue, Any, datetime], ClientValue]] = {
    ClientRegistered: _registered,
    CardChanged: _changed,
    CategoryAssigned: _categorised,
    EmployeeAssigned: _taken_over,
    HandoffAccepted: _taken_over,
    DealWon: _won,
    OrderPlaced: _ordered,
    OrderCancelled: _cancelled,
    PaymentReceived: _paid,
}
"""How each event is taken in."""


def _adds(purchase: Purchase) -> tuple[int, Decimal, Decimal, Decimal, Decimal]:
    revenue, cost = purchase.revenue, purchase.cost
    if cost is None:
        return (purchase.number, revenue, ZERO, revenue, ZERO)
    return (purchase.number, revenue, revenue - cost, ZERO, ZERO)


def _month_and_currency(entry: Purchase | Payment) -> tuple[date, str]:
    return month_of(entry.at), entry.currency


def _segment_figures(state: ClientValue) -> dict[str, Row]:
    """What the client adds to its segments, by currency, in the order of the columns of `SEGMENTS`."""
    figures: dict[str, Row] = {
        currency: (1, rhythm.purchases, rhythm.purchases - 1, rhythm.span_seconds, rhythm.revenue, 0, ZERO)
        for currency, rhythm in rhythms(state.purchases).items()
    }
    years = state.card.retention_years
    if figures or years is not None:
        figures[ANY_CURRENCY] = (1 if figures else 0, 0, 0, 0, ZERO, 0 if years is None else 1, years or ZERO)
    return figures


def _cohort_figures(
    state: ClientValue, by_month: Mapping[tuple[date, str], Sums]
) -> Iterator[tuple[date, str, int, Row]]:
    """What the client adds to its cohorts: cohort, currency, months since, and numbers as in `COHORTS`."""
    first = {currency: month_of(rhythm.first_at) for currency, rhythm in rhythms(state.purchases).items()}
    for (month, currency), sums in by_month.items():
        cohort = first.get(currency)
        if cohort and (sums.purchases or sums.margin):
            numbers = (1 if sums.purchases else 0, *sums[:-1])
            yield cohort, currency, max(0, months_between(cohort, month)), numbers
