"""Agreements: what the firm owes its clients by them and when, and the terms that heads are asked to approve."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Integer, Numeric, Table, Text, Uuid

from domain.client.card import CardChanged
from domain.client.deal_events import DealChanged, DealLost, DealOpened, DealReopened, DealWon
from domain.client.obligations import (
    ObligationFulfilled,
    ObligationPostponed,
    ObligationUndertaken,
    ObligationWaived,
)
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from projections.agreed_approvals import APPROVAL_EVENTS, APPROVAL_LINES, APPROVALS, Asked, asked_after, lines_row
from projections.kernel import Row, View, metadata, view_table
from projections.place import PLACE_EVENTS, Place

OPEN, FULFILLED, WAIVED = "open", "fulfilled", "waived"
LOST = "lost"
"""The state of a deal by which the firm owes nothing."""


class AgreedDeal(NamedTuple):
    """A deal: its title and whether it is open, won or lost."""

    title: str | None = None
    state: str = OPEN


class Owed(NamedTuple):
    """An obligation. `ended_at` and `ended_by` are of its fulfilment or waiver; `comment` says why, or what came of it.

    The cost is as planned until it is fulfilled, then what it really was.
    """

    id: UUID
    deal_id: UUID
    text: str | None
    employee_id: UUID
    undertaken_at: datetime
    undertaken_by: UUID
    due_at: datetime
    cost: Decimal
    currency: str
    postponed: int = 0
    state: str = OPEN
    ended_at: datetime | None = None
    ended_by: UUID | None = None
    comment: str | None = None


class ClientAgreements(NamedTuple):
    """One client: where it stands, its deals, the obligations to it and the approvals asked for, by id."""

    id: UUID
    name: str | None = None
    place: Place = Place()
    deals: Mapping[UUID, AgreedDeal] = {}
    owed: Mapping[UUID, Owed] = {}
    asked: Mapping[UUID, Asked] = {}


CLIENTS = view_table(
    "agreement_clients",
    Column("name", Text),
    Column("step", Text, nullable=False),
    Column("owner_id", Uuid),
    Column("status", Text, nullable=False),
)
"""One row per client, which its agreements are joined with: its step and owner change without touching them."""
OBLIGATIONS = Table(
    "obligations",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("obligation_id", Uuid, primary_key=True),
    Column("deal_id", Uuid, nullable=False),
    Column("text", Text),
    Column("employee_id", Uuid, nullable=False),
    Column("undertaken_at", DateTime(timezone=True), nullable=False),
    Column("undertaken_by", Uuid, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("cost", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("postponed", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_by", Uuid),
    Column("comment", Text),
    Column("deal_title", Text),
    Column("deal_state", Text, nullable=False),
    Index("obligations_due", "state", "due_at", "obligation_id"),
    Index("obligations_of_employee", "employee_id", "state", "due_at", "obligation_id"),
)
_OF_OBLIGATIONS = (ObligationUndertaken, ObligationFulfilled, ObligationPostponed, ObligationWaived)
_OF_DEALS = (DealOpened, DealChanged, DealWon, DealLost, DealReopened)
_DEAL_STATES: Mapping[type[Event], str] = {DealWon: "won", DealLost: LOST, DealReopened: OPEN}


class AgreementsView(View[ClientAgreements]):
    """Obligations and approvals, one part row each."""

    name: ClassVar = "agreements"
    revision: ClassVar = 5
    reads: ClassVar[frozenset[type[Event]]] = PLACE_EVENTS | {
        CardChanged,
        *_OF_DEALS,
        *_OF_OBLIGATIONS,
        *APPROVAL_EVENTS,
    }
    table: ClassVar = CLIENTS
    part_tables: ClassVar = (OBLIGATIONS, APPROVALS)
    growing_tables: ClassVar = (APPROVAL_LINES,)
    state_type = ClientAgreements

    def start(self, stream_id: UUID) -> ClientAgreements:
        return ClientAgreements(stream_id)

    def evolve(self, state: ClientAgreements, recorded: Recorded) -> ClientAgreements:
        event = recorded.event
        if isinstance(event, _OF_OBLIGATIONS):
            after = _owed_after(state.owed, recorded)
            return state if after is None else state._replace(owed={**state.owed, after.id: after})
        if isinstance(event, APPROVAL_EVENTS):
            asked = asked_after(state.asked, recorded)
            return state if asked is state.asked else state._replace(asked=asked)
        if isinstance(event, _OF_DEALS):
            return state._replace(deals={**state.deals, event.deal_id: _deal_after(state.deals, event)})
        match event:
            case ClientRegistered(name=name):
                return state._replace(name=name, place=state.place.evolve(recorded))
            case CardChanged(changed=changed, name=name):
                return state._replace(name=name) if "name" in changed else state
            case _:
                return state._replace(place=state.place.evolve(recorded))

    def columns(self, state: ClientAgreements) -> Row | None:
        place = state.place
        return None if place.since is None else (state.name, place.step, place.owner, place.status.value)

    def parts(self, state: ClientAgreements) -> Mapping[Table, Sequence[Row]]:
        deals, unknown = state.deals, AgreedDeal()
        return {
            OBLIGATIONS: [(state.id, *owed, *deals.get(owed.deal_id, unknown)) for owed in state.owed.values()],
            APPROVALS: [
                (state.id, *_flat(asked), *(deals.get(asked.deal_id, unknown) if asked.deal_id else (None, None)))
                for asked in state.asked.values()
            ],
        }

    def grown(self, recorded: Recorded) -> Mapping[Table, Row]:
        row = lines_row(recorded)
        return {} if row is None else {APPROVAL_LINES: row}


def _flat(asked: Asked) -> Row:
    key, deal_id, currency, terms, *others = asked
    return (key, deal_id, currency, *terms, *others)


def _deal_after(
    deals: Mapping[UUID, AgreedDeal], event: DealOpened | DealChanged | DealWon | DealLost | DealReopened
) -> AgreedDeal:
    deal = deals.get(event.deal_id, AgreedDeal())
    match event:
        case DealOpened(title=title):
            return AgreedDeal(title)
        case DealChanged(changed=changed, title=title):
            return deal._replace(title=title) if "title" in changed else deal
        case _:
            return deal._replace(state=_DEAL_STATES[type(event)])


def _owed_after(obligations: Mapping[UUID, Owed], recorded: Recorded) -> Owed | None:
    """The obligation that was undertaken, moved or ended; none where it is not known, because it is dated later."""
    at, by, event = recorded.occurred_at, recorded.actor, recorded.event
    if isinstance(event, ObligationUndertaken):
        return _undertaken(event, at, by)
    assert isinstance(event, ObligationFulfilled | ObligationPostponed | ObligationWaived)
    owed = obligations.get(event.obligation_id)
    if owed is None:
        return None
    match event:
        case ObligationPostponed(due_at=due_at):
            return owed._replace(due_at=due_at, postponed=owed.postponed + 1)
        case ObligationFulfilled(cost=cost, comment=comment):
            return owed._replace(cost=cost, state=FULFILLED, ended_at=at, ended_by=by, comment=comment)
        case ObligationWaived(reason=reason):
            return owed._replace(state=WAIVED, ended_at=at, ended_by=by, comment=reason)


def _undertaken(event: ObligationUndertaken, at: datetime, by: UUID) -> Owed:
    return Owed(
        event.obligation_id,
        event.deal_id,
        event.text,
        event.employee_id,
        at,
        by,
        event.due_at,
        event.cost,
        event.currency,
    )
