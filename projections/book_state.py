"""In whose book a client is, who won it, and which articles it buys: the state of the view of books, and its fold.

A client is in the book of whoever works it in account service, as long as it is there and not lost.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from domain.client.account_events import CreditKind, InvoiceCredited
from domain.client.card import CardChanged
from domain.client.category_events import CategoryAssigned
from domain.client.deal_events import DealCorrected, DealWon
from domain.client.handoff_events import HandoffAccepted, HandoffOffered
from domain.client.order_events import GoodsReturned, OrderCancelled, OrderPlaced, OrderReduced
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from domain.types import Step
from projections.place import PLACE_EVENTS, Place

FIRST_DEAL, LEAD_ACCEPTED = "first_deal", "lead_accepted"
"""How an employee brings a new client: he wins its first deal, or his qualified lead is accepted by the closers."""


class BookCard(NamedTuple):
    """By what clients are similar, and the name."""

    name: str | None = None
    industry: str | None = None
    category: str | None = None
    region: str | None = None


class Spell(NamedTuple):
    """The client is in an employee's book from `begin` to `end`; no end while it is."""

    employee_id: UUID
    begin: datetime
    end: datetime | None = None


class Brought(NamedTuple):
    """Who brought the client, and when."""

    employee_id: UUID
    at: datetime


class Sale(NamedTuple):
    """An order, or a won deal with revenue; without what was cancelled of it or came back.

    An order that fulfils a deal, `deal_id`, has no revenue of its own.
    """

    id: UUID
    at: datetime
    currency: str
    revenue: Decimal
    articles: tuple[str, ...] = ()
    deal_id: UUID | None = None

    def less(self, amount: Decimal) -> "Sale":
        """With so much less revenue, at most all; of an order of which nothing is left no article was bought."""
        left = max(self.revenue - amount, Decimal())
        return self._replace(revenue=left, articles=self.articles if left else ())


class ClientBook(NamedTuple):
    """One client. `offered_by` is who offered it last; `brought` says how and by whom it was brought.

    `taken_off` is what came back or was let down, by sale, even beyond what that brought.
    """

    id: UUID
    card: BookCard = BookCard()
    place: Place = Place()
    spells: tuple[Spell, ...] = ()
    offered_by: UUID | None = None
    brought: Mapping[str, Brought] = {}
    sales: tuple[Sale, ...] = ()
    taken_off: Mapping[UUID, Decimal] = {}

    @property
    def employee_id(self) -> UUID | None:
        """In whose book the client is."""
        last = self.spells[-1] if self.spells else None
        return last.employee_id if last and last.end is None else None

    @property
    def first_bought_at(self) -> datetime | None:
        """When the client first bought."""
        return min((sale.at for sale in self.sales if sale.revenue > 0), default=None)


_CARD = frozenset(BookCard._fields)


def _registered(state: ClientBook, recorded: Recorded) -> ClientBook:
    event = recorded.event
    assert isinstance(event, ClientRegistered)
    card = BookCard(event.name, event.industry, event.category, event.region)
    return _moved(state._replace(card=card), recorded)


def _changed(state: ClientBook, recorded: Recorded) -> ClientBook:
    event = recorded.event
    assert isinstance(event, CardChanged)
    changes = {name: getattr(event, name) for name in event.changed if name in _CARD}
    return state._replace(card=state.card._replace(**changes)) if changes else state


def _categorised(state: ClientBook, recorded: Recorded) -> ClientBook:
    event = recorded.event
    assert isinstance(event, CategoryAssigned)
    return state._replace(card=state.card._replace(category=event.category.value))


def _offered(state: ClientBook, recorded: Recorded) -> ClientBook:
    event = recorded.event
    assert isinstance(event, HandoffOffered)
    return state._replace(offered_by=event.from_employee_id)


def _handed_over(state: ClientBook, recorded: Recorded) -> ClientBook:
    event = recorded.event
    assert isinstance(event, HandoffAccepted)
    sender = state.offered_by or state.place.owner
    if event.from_step is Step.LEAD_GENERATION and sender:
        state = _with(state, LEAD_ACCEPTED, Brought(sender, recorded.occurred_at))
    return _moved(state, recorded)


def _with(state: ClientBook, how: str, brought: Brought) -> ClientBook:
    """Only the first time counts: a client that comes back is not new."""
    return state if how in state.brought else state._replace(brought={**state.brought, how: brought})


def _moved(state: ClientBook, recorded: Recorded) -> ClientBook:
    """After the client changed its step, its employee or its standing: perhaps in another book."""
    place = state.place.evolve(recorded)
    serving = place.owner if place.step == Step.ACCOUNT_SERVICE and not place.standing.lost else None
    if serving == state.employee_id:
        return state._replace(place=place)
    spells, at = state.spells, recorded.occurred_at
    if state.employee_id:
        *earlier, last = spells
        spells = (*earlier, last._replace(end=max(last.begin, at)))
    if serving:
        begin = max(at, spells[-1].end or at) if spells else at
        spells = (*spells, Spell(serving, begin))
    return state._replace(place=place, spells=spells)


def _won(state: ClientBook, recorded: Recorded) -> ClientBook:
    event, at = recorded.event, recorded.occurred_at
    assert isinstance(event, DealWon)
    if not event.revenue:
        return state
    closer = state.place.owners.get(event.step.value) or recorded.actor
    sale = Sale(event.deal_id, at, event.currency, event.revenue)
    return _with(state._replace(sales=(*state.sales, sale)), FIRST_DEAL, Brought(closer, at))


def _corrected(state: ClientBook, recorded: Recorded) -> ClientBook:
    """The sale brought something else, perhaps nothing; less what came back of it. Who brought the client stays."""
    event = recorded.event
    assert isinstance(event, DealCorrected)
    sales = tuple(sale for sale in state.sales if sale.id != event.deal_id)
    if event.revenue:
        sale = Sale(event.deal_id, event.won_at, event.currency, event.revenue)
        sales = (*sales, sale.less(state.taken_off.get(event.deal_id, Decimal())))
    return state._replace(sales=sales)


def _ordered(state: ClientBook, recorded: Recorded) -> ClientBook:
    event = recorded.event
    assert isinstance(event, OrderPlaced)
    articles = tuple(dict.fromkeys(line.article for line in event.lines))
    revenue = Decimal() if event.deal_id else event.amount
    sale = Sale(event.order_id, recorded.occurred_at, event.currency, revenue, articles, event.deal_id)
    return state._replace(sales=(*state.sales, sale))


def _cancelled(state: ClientBook, recorded: Recorded) -> ClientBook:
    event = recorded.event
    assert isinstance(event, OrderCancelled)
    return state._replace(sales=tuple(sale for sale in state.sales if sale.id != event.order_id))


def _less(state: ClientBook, recorded: Recorded) -> ClientBook:
    """What comes back of an order that fulfils a deal is taken off the deal; what is cancelled of it is not."""
    event = recorded.event
    assert isinstance(event, OrderReduced | GoodsReturned)
    deal_id = _deal_of(state, event.order_id)
    if deal_id and isinstance(event, OrderReduced):
        return state
    return _taken_off(state, deal_id or event.order_id, event.amount)


def _allowed(state: ClientBook, recorded: Recorded) -> ClientBook:
    """An allowance is taken off the order, or the deal that it fulfils; other credits change only what is asked."""
    event = recorded.event
    assert isinstance(event, InvoiceCredited)
    deal_id = _deal_of(state, event.order_id) if event.order_id else event.deal_id
    sale_id = deal_id or event.order_id
    return _taken_off(state, sale_id, event.amount) if event.kind is CreditKind.ALLOWANCE and sale_id else state


def _deal_of(state: ClientBook, order_id: UUID) -> UUID | None:
    return next((sale.deal_id for sale in state.sales if sale.id == order_id), None)


def _taken_off(state: ClientBook, sale_id: UUID, amount: Decimal) -> ClientBook:
    sales = tuple(sale.less(amount) if sale.id == sale_id else sale for sale in state.sales)
    taken_off = {**state.taken_off, sale_id: state.taken_off.get(sale_id, Decimal()) + amount}
    return state._replace(sales=sales, taken_off=taken_off)


_FOLDS: Mapping[type[Event], Callable[[ClientBook, Recorded], ClientBook]] = {
    ClientRegistered: _registered,
    CardChanged: _changed,
    CategoryAssigned: _categorised,
    HandoffOffered: _offered,
    HandoffAccepted: _handed_over,
    DealWon: _won,
    DealCorrected: _corrected,
    OrderPlaced: _ordered,
    OrderCancelled: _cancelled,
    OrderReduced: _less,
    GoodsReturned: _less,
    InvoiceCredited: _allowed,
}
"""How each event is taken in; the others say where the client stands."""

READS: frozenset[type[Event]] = PLACE_EVENTS | frozenset[type[Any]](_FOLDS)
"""The events that are taken in."""


def after(state: ClientBook, recorded: Recorded) -> ClientBook:
    """The state after one more event."""
    return _FOLDS.get(type(recorded.event), _moved)(state, recorded)
