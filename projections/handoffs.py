"""Handoffs: every offer of a client to another step, how it was answered, and what became of the client there."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, Column, DateTime, Index, Table, Text, Uuid, func

from domain.client.card import CardChanged
from domain.client.handoff_events import (
    HandoffAccepted,
    HandoffExpired,
    HandoffOffered,
    HandoffReturned,
    HandoffWithdrawn,
)
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from domain.types import STEPS
from projections.kernel import Row, View, metadata, view_table
from projections.standing import IN_WORK, STANDING_EVENTS, Standing


class Answer(NamedTuple):
    """How an offer stands: waiting, accepted, returned (with the reason), withdrawn or expired."""

    state: str = "waiting"
    at: datetime | None = None
    reason: str | None = None
    accepted_by: UUID | None = None
    automatic: bool = False


class Outcome(NamedTuple):
    """What became of a client in the step that accepted it.

    `name`: converted (handed to a later step), returned (handed back to an earlier one), lost; None while it is worked.
    """

    name: str | None = None
    at: datetime | None = None


NO_ANSWER, NO_OUTCOME = Answer(), Outcome()


class Offer(NamedTuple):
    """An offer, how it was answered and what came of it."""

    id: UUID
    from_step: str
    to_step: str
    from_employee_id: UUID
    to_employee_id: UUID | None
    offered_at: datetime
    due_at: datetime
    expires_at: datetime
    answer: Answer = NO_ANSWER
    outcome: Outcome = NO_OUTCOME


class ClientHandoffs(NamedTuple):
    """The offers of one client. `entered_by` is the offer that brought it into its present step."""

    id: UUID
    name: str | None = None
    offers: tuple[Offer, ...] = ()
    entered_by: UUID | None = None
    standing: Standing = IN_WORK


CLIENTS = view_table("handoffs")
OFFERS = Table(
    "handoff_offers",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("handoff_id", Uuid, primary_key=True),
    Column("client_name", Text),
    Column("from_step", Text, nullable=False),
    Column("to_step", Text, nullable=False),
    Column("from_employee_id", Uuid, nullable=False),
    Column("to_employee_id", Uuid),
    Column("offered_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("answered_at", DateTime(timezone=True)),
    Column("reason", Text),
    Column("accepted_by", Uuid),
    Column("automatic", Boolean, nullable=False),
    Column("outcome", Text),
    Column("outcome_at", DateTime(timezone=True)),
    Index("handoff_offers_newest", "offered_at", "handoff_id"),
    Index("handoff_offers_due", "state", "due_at", "handoff_id"),
)
RECEIVER = func.coalesce(OFFERS.c.accepted_by, OFFERS.c.to_employee_id)
"""An offer belongs to the employee who accepted it, else to the one it was made to; null is the whole department."""
Index("handoff_offers_receiver", RECEIVER, OFFERS.c.state)


class HandoffsView(View[ClientHandoffs]):
    """Offers with their answers; one part row per offer."""

    name: ClassVar = "handoffs"
    reads: ClassVar[frozenset[type[Event]]] = frozenset(
        {
            ClientRegistered,
            CardChanged,
            HandoffOffered,
            HandoffAccepted,
            HandoffReturned,
            HandoffWithdrawn,
            HandoffExpired,
            *STANDING_EVENTS,
        }
    )
    table: ClassVar = CLIENTS
    part_tables: ClassVar = (OFFERS,)
    state_type = ClientHandoffs

    def start(self, stream_id: UUID) -> ClientHandoffs:
        return ClientHandoffs(stream_id)

    def evolve(self, state: ClientHandoffs, recorded: Recorded) -> ClientHandoffs:
        return _FOLDS.get(type(recorded.event), _stood)(state, recorded.event, recorded.occurred_at)

    def columns(self, state: ClientHandoffs) -> Row:
        return ()

    def parts(self, state: ClientHandoffs) -> Mapping[Table, Sequence[Row]]:
        return {OFFERS: [_row(state, offer) for offer in state.offers]}


def _registered(state: ClientHandoffs, event: ClientRegistered, _at: datetime) -> ClientHandoffs:
    return ClientHandoffs(state.id, event.name)


def _changed(state: ClientHandoffs, event: CardChanged, _at: datetime) -> ClientHandoffs:
    return state._replace(name=event.name) if "name" in event.changed else state


def _offered(state: ClientHandoffs, event: HandoffOffered, at: datetime) -> ClientHandoffs:
    offer = Offer(
        event.handoff_id,
        event.from_step.value,
        event.to_step.value,
        event.from_employee_id,
        event.to_employee_id,
        at,
        event.due_at,
        event.expires_at,
    )
    return _with_offers(state, (*state.offers, offer))


def _returned(state: ClientHandoffs, event: HandoffReturned, at: datetime) -> ClientHandoffs:
    return _answered(state, event.handoff_id, Answer("returned", at, event.reason.value))


def _withdrawn(state: ClientHandoffs, event: HandoffWithdrawn, at: datetime) -> ClientHandoffs:
    return _answered(state, event.handoff_id, Answer("withdrawn", at))


def _expired(state: ClientHandoffs, event: HandoffExpired, at: datetime) -> ClientHandoffs:
    return _answered(state, event.handoff_id, Answer("expired", at))


def _accepted(state: ClientHandoffs, event: HandoffAccepted, at: datetime) -> ClientHandoffs:
    forward = STEPS.index(event.to_step) > STEPS.index(event.from_step)
    left = _with_outcome(state, Outcome("converted" if forward else "returned", at))
    answer = Answer("accepted", at, None, event.employee_id, event.automatic)
    return _answered(left, event.handoff_id, answer)._replace(entered_by=event.handoff_id)


def _stood(state: ClientHandoffs, event: Event, at: datetime) -> ClientHandoffs:
    standing = state.standing.after(event)
    after = ClientHandoffs(state.id, state.name, state.offers, state.entered_by, standing)
    if standing.lost == state.standing.lost:
        return after
    return _with_outcome(after, Outcome("lost", at) if standing.lost else NO_OUTCOME)


def _answered(state: ClientHandoffs, key: UUID, answer: Answer) -> ClientHandoffs:
    offers = tuple(offer._replace(answer=answer) if offer.id == key else offer for offer in state.offers)
    return _with_offers(state, offers)


def _with_outcome(state: ClientHandoffs, outcome: Outcome) -> ClientHandoffs:
    """After something happened to the client in the step into which its last accepted offer brought it."""
    key = state.entered_by
    if key is None:
        return state
    offers = tuple(offer._replace(outcome=outcome) if offer.id == key else offer for offer in state.offers)
    return _with_offers(state, offers)


def _with_offers(state: ClientHandoffs, offers: tuple[Offer, ...]) -> ClientHandoffs:
    return ClientHandoffs(state.id, state.name, offers, state.entered_by, state.standing)


_FOLDS: Mapping[type[Event], Callable[[ClientHandoffs, Any, datetime], ClientHandoffs]] = {
    ClientRegistered: _registered,
    CardChanged: _changed,
    HandoffOffered: _offered,
    HandoffAccepted: _accepted,
    HandoffReturned: _returned,
    HandoffWithdrawn: _withdrawn,
    HandoffExpired: _expired,
}
"""How each event is taken in; the others change the standing."""


def _row(state: ClientHandoffs, offer: Offer) -> Row:
    key, *facts, answer, outcome = offer
    return (state.id, key, state.name, *facts, *answer, *outcome)


_VIEW = HandoffsView()


def offer_of(client_id: UUID, handoff_id: UUID, events: Sequence[Recorded]) -> dict[str, Any] | None:
    """An offer by column of `OFFERS`, as it follows from events of the client's stream alone; None if it is unknown."""
    state = _VIEW.start(client_id)
    for recorded in events:
        if recorded.event.topic in _VIEW.topics:
            state = _VIEW.after(state, recorded)
    found = next((offer for offer in state.offers if offer.id == handoff_id), None)
    return None if found is None else dict(zip(OFFERS.c.keys(), _row(state, found), strict=True))
