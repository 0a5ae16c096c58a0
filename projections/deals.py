"""Deals: what is expected of the open ones, and how and why the others were won or lost."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Column, Date, DateTime, Index, Numeric, SmallInteger, Table, Text, Uuid

from domain.client.card import CardChanged
from domain.client.category_events import CategoryAssigned
from domain.client.deals import DealChanged, DealLost, DealOpened, DealReopened, DealWon
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from projections.kernel import Row, View, metadata, view_table
from projections.place import PLACE_EVENTS, Place

DEAL_EVENTS: frozenset[type[Event]] = frozenset({DealOpened, DealChanged, DealWon, DealLost, DealReopened})
_ON_THE_CARD = ("name", "origin", "category")


class Close(NamedTuple):
    """How a deal stands, since when; once it is closed, in which step, by whose work and why."""

    state: str = "open"
    since: datetime | None = None
    step: str | None = None
    employee_id: UUID | None = None
    reason: str | None = None


class KnownDeal(NamedTuple):
    """A deal. `amount` is what is expected of it, the revenue once it is won; `probability` in per cent."""

    id: UUID
    title: str | None
    amount: Decimal
    currency: str
    close_on: date | None
    probability: int | None
    opened_at: datetime
    close: Close


class ClientDeals(NamedTuple):
    """The deals of one client by id, and where the client stands."""

    id: UUID
    name: str | None = None
    origin: str | None = None
    category: str | None = None
    place: Place = Place()
    by_id: Mapping[UUID, KnownDeal] = {}


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
    Index("deals_since", "state", "since", "deal_id"),
    Index("deals_close_on", "state", "close_on"),
)
"""`closed_in`: the step in which the deal was won or lost; `closed_by`: who worked the client there."""


class DealsView(View[ClientDeals]):
    """All deals; one part row per deal."""

    name: ClassVar = "deals"
    reads: ClassVar[frozenset[type[Event]]] = PLACE_EVENTS | DEAL_EVENTS | {CardChanged, CategoryAssigned}
    table: ClassVar = CLIENTS
    part_tables: ClassVar = (DEALS,)
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
            case event if type(event) in DEAL_EVENTS:
                return _dealt(state, event, recorded)
            case _:
                return state._replace(place=state.place.evolve(recorded))

    def columns(self, state: ClientDeals) -> Row | None:
        place = state.place
        if place.since is None:
            return None
        return (state.name, state.origin, state.category, place.step, place.owner, place.status.value)

    def parts(self, state: ClientDeals) -> Mapping[Table, Sequence[Row]]:
        return {DEALS: [(state.id, *deal[:-1], *deal.close) for deal in state.by_id.values()]}


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
    )


def _after(deal: KnownDeal, event: Any, state: ClientDeals, recorded: Recorded) -> KnownDeal:
    at, worked_by = recorded.occurred_at, state.place.owner or recorded.actor
    match event:
        case DealChanged(changed=changed):
            return deal._replace(**{name: getattr(event, name) for name in changed})
        case DealWon(step=step, revenue=revenue, reason=reason):
            close = Close("won", at, step.value, worked_by, reason.value if reason else None)
            return deal._replace(amount=revenue, close=close)
        case DealLost(reason=reason):
            return deal._replace(close=Close("lost", at, state.place.step, worked_by, reason.value))
        case DealReopened():
            return deal._replace(close=Close(since=at))
        case _:
            return deal
