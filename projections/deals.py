"""Deals: what is expected of the open ones, and how and why the others were won or lost.

Beside them the orders, as far as they give more than the deals that they fulfil: both are what was given away.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Column, Date, DateTime, Index, Numeric, SmallInteger, Table, Text, Uuid

from domain.client.card import CardChanged
from domain.client.category_events import CategoryAssigned
from domain.client.deal_events import DealChanged, DealCorrected, DealLost, DealOpened, DealReopened, DealWon
from domain.client.obligations import ObligationFulfilled, ObligationUndertaken, ObligationWaived
from domain.client.registration import ClientRegistered
from domain.client.terms import Terms
from domain.kernel import Event, Recorded
from projections.kernel import Row, View, metadata, view_table
from projections.order_discounts import ORDER_DISCOUNT_EVENTS, ORDER_DISCOUNTS, OrderDiscounts
from projections.place import PLACE_EVENTS, Place

DEAL_EVENTS: frozenset[type[Event]] = frozenset(
    {DealOpened, DealChanged, DealWon, DealCorrected, DealLost, DealReopened}
)
OBLIGATION_EVENTS: frozenset[type[Event]] = frozenset({ObligationUndertaken, ObligationFulfilled, ObligationWaived})
_SALES = DEAL_EVENTS | ORDER_DISCOUNT_EVENTS
_ON_THE_CARD = ("name", "origin", "category")


ZERO = Decimal()


class Close(NamedTuple):
    """How a deal stands, since when; once it is closed, in which step, by whose work and why."""

    state: str = "open"
    since: datetime | None = None
    step: str | None = None
    employee_id: UUID | None = None
    reason: str | None = None


class WonTerms(NamedTuple):
    """What a won deal cost directly, and what the rules said of its terms when `won_by` won it; see `DealWon`.

    `lowered` is how far it was won below the highest list price that was expected of it. A later correction of what it
    brought does not change that.
    """

    cost: Decimal | None = None
    discount_limit_percent: Decimal | None = None
    discount_approved_by: UUID | None = None
    needed_margin_percent: Decimal | None = None
    margin_approved_by: UUID | None = None
    won_by: UUID | None = None
    implied_discount: Decimal = ZERO
    lowered: Decimal = ZERO


NOT_WON = WonTerms()


class KnownDeal(NamedTuple):
    """A deal. `amount` is what is expected of it, the revenue once it is won; `probability` in per cent.

    `highest` is the highest list price that was expected of it since it was opened, or since the client agreed to a
    proposal.
    """

    id: UUID
    title: str | None
    amount: Decimal
    currency: str
    close_on: date | None
    probability: int | None
    opened_at: datetime
    close: Close
    highest: Decimal
    discount: Decimal = ZERO
    won: WonTerms = NOT_WON

    @property
    def list_price(self) -> Decimal:
        """Amount and discount together."""
        return self.amount + self.discount


class ObligationCost(NamedTuple):
    """What an obligation of a deal costs: as planned, and once it is fulfilled as it did."""

    deal_id: UUID
    cost: Decimal


class ClientDeals(NamedTuple):
    """The deals of one client by id, where the client stands, what obligations cost by id, and orders' discounts."""

    id: UUID
    name: str | None = None
    origin: str | None = None
    category: str | None = None
    place: Place = Place()
    by_id: Mapping[UUID, KnownDeal] = {}
    obligations: Mapping[UUID, ObligationCost] = {}
    orders: OrderDiscounts = OrderDiscounts()


CLIENTS = view_table(
    "deal_clients",
    Column("name", Text),
    Column("origin", Text),
    Column("category", Text),
    Column("step", Text, nullable=False),
    Column("owner_id", Uuid),
    Column("status", Text, nullable=False),
)
"""One row per client, which the deals are joined with: its step and owner change without touching them."""
DEALS = Table(
    "deals",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("deal_id", Uuid, primary_key=True),
    Column("title", Text),
    Column("amount", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("close_on", Date),
    Column("probability", SmallInteger),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("closed_in", Text),
    Column("closed_by", Uuid),
    Column("reason", Text),
    Column("discount", Numeric, nullable=False),
    Column("cost", Numeric),
    Column("discount_limit_percent", Numeric),
    Column("discount_approved_by", Uuid),
    Column("needed_margin_percent", Numeric),
    Column("margin_approved_by", Uuid),
    Column("won_by", Uuid),
    Column("implied_discount", Numeric, nullable=False),
    Column("lowered", Numeric, nullable=False),
    Column("obligations", Numeric, nullable=False),
    Column("profit", Numeric),
    Index("deals_since", "state", "since", "deal_id"),
    Index("deals_close_on", "state", "close_on"),
)
"""`closed_in`: the step in which the deal was won or lost; `closed_by`: who worked the client there.

`obligations` is what they cost in all, `profit` of won deals what is left of the amount after cost and obligations.
"""


class DealsView(View[ClientDeals]):
    """All deals, and the discounts of orders beyond them; one part row each."""

    name: ClassVar = "deals"
    revision: ClassVar = 5
    reads: ClassVar[frozenset[type[Event]]] = (
        PLACE_EVENTS | _SALES | OBLIGATION_EVENTS | {CardChanged, CategoryAssigned}
    )
    table: ClassVar = CLIENTS
    part_tables: ClassVar = (DEALS, ORDER_DISCOUNTS)
    state_type = ClientDeals

    def start(self, stream_id: UUID) -> ClientDeals:
        return ClientDeals(stream_id)

    def evolve(self, state: ClientDeals, recorded: Recorded) -> ClientDeals:
        match recorded.event:
            case ClientRegistered() as event:
                known = {name: getattr(event, name) for name in _ON_THE_CARD}
                return state._replace(**known, place=state.place.evolve(recorded))
            case CardChanged(changed=changed) as event:
                return state._replace(**{name: getattr(event, name) for name in _ON_THE_CARD if name in changed})
            case CategoryAssigned(category=category):
                return state._replace(category=category.value)
            case event if type(event) in _SALES:
                return _sold(state, event, recorded)
            case event if type(event) in OBLIGATION_EVENTS:
                return state._replace(obligations=_costs_after(state.obligations, event))
            case _:
                return state._replace(place=state.place.evolve(recorded))

    def columns(self, state: ClientDeals) -> Row | None:
        place = state.place
        if place.since is None:
            return None
        return (state.name, state.origin, state.category, place.step, place.owner, place.status.value)

    def parts(self, state: ClientDeals) -> Mapping[Table, Sequence[Row]]:
        costs = _costs_by_deal(state.obligations)
        agreed = {key: Terms(deal.amount, deal.discount) for key, deal in state.by_id.items()}
        return {
            DEALS: [(state.id, *_row(deal, costs.get(deal.id, ZERO))) for deal in state.by_id.values()],
            ORDER_DISCOUNTS: [(state.id, *row) for row in state.orders.rows(agreed)],
        }


def _row(deal: KnownDeal, obligations: Decimal) -> Row:
    *expected, close, _, discount, won = deal
    profit = None if won.cost is None else deal.amount - won.cost - obligations
    return (*expected, *close, discount, *won, obligations, profit)


def _costs_by_deal(obligations: Mapping[UUID, ObligationCost]) -> dict[UUID, Decimal]:
    costs: dict[UUID, Decimal] = {}
    for deal_id, cost in obligations.values():
        costs[deal_id] = costs.get(deal_id, ZERO) + cost
    return costs


def _costs_after(obligations: Mapping[UUID, ObligationCost], event: Event) -> Mapping[UUID, ObligationCost]:
    match event:
        case ObligationUndertaken(obligation_id=key, deal_id=deal_id, cost=cost):
            return {**obligations, key: ObligationCost(deal_id, cost)}
        case ObligationFulfilled(obligation_id=key, cost=cost) if key in obligations:
            return {**obligations, key: obligations[key]._replace(cost=cost)}
        case ObligationWaived(obligation_id=key):
            return {other: cost for other, cost in obligations.items() if other != key}
        case _:
            return obligations


def _sold(state: ClientDeals, event: Event, recorded: Recorded) -> ClientDeals:
    """After something happened to a deal or an order."""
    if type(event) in DEAL_EVENTS:
        return _dealt(state, event, recorded)
    orders = state.orders.evolve(recorded, state.place.owner)
    return state if orders is state.orders else state._replace(orders=orders)


def _dealt(state: ClientDeals, event: Any, recorded: Recorded) -> ClientDeals:
    """After something happened to a deal. One that is not known is passed over: it may be dated later."""
    deal = _opened(event, recorded) if isinstance(event, DealOpened) else state.by_id.get(event.deal_id)
    if deal is None:
        return state
    return state._replace(by_id={**state.by_id, deal.id: _after(deal, event, state, recorded)})


def _opened(event: DealOpened, recorded: Recorded) -> KnownDeal:
    return KnownDeal(
        event.deal_id,
        event.title,
        event.amount,
        event.currency,
        event.close_on,
        event.probability,
        recorded.occurred_at,
        Close(since=recorded.occurred_at),
        event.amount + event.discount,
        event.discount,
    )


def _after(deal: KnownDeal, event: Any, state: ClientDeals, recorded: Recorded) -> KnownDeal:
    at, worked_by = recorded.occurred_at, state.place.owner or recorded.actor
    match event:
        case DealChanged():
            return _changed(deal, event)
        case DealWon(step=step, revenue=revenue, discount=discount, reason=reason):
            close = Close("won", at, step.value, worked_by, reason.value if reason else None)
            won = _won(event, recorded.actor, lowered=max(deal.highest - revenue - discount, ZERO))
            return deal._replace(amount=revenue, close=close, discount=discount, won=won)
        case DealCorrected(revenue=revenue, discount=discount, cost=cost):
            implied = min(deal.won.implied_discount, discount)
            won = deal.won._replace(cost=cost, implied_discount=implied)
            return deal._replace(amount=revenue, discount=discount, won=won)
        case DealLost(reason=reason):
            return deal._replace(close=Close("lost", at, state.place.step, worked_by, reason.value))
        case DealReopened():
            return deal._replace(close=Close(since=at))
        case _:
            return deal


def _changed(deal: KnownDeal, event: DealChanged) -> KnownDeal:
    after = deal._replace(**{name: getattr(event, name) for name in event.changed})
    highest = after.list_price if event.proposal_id else max(deal.highest, after.list_price)
    return after._replace(highest=highest)


def _won(event: DealWon, by: UUID, lowered: Decimal) -> WonTerms:
    return WonTerms(
        event.cost,
        event.discount_limit_percent,
        event.discount_approved_by,
        event.needed_margin_percent,
        event.margin_approved_by,
        by,
        event.implied_discount,
        lowered,
    )
