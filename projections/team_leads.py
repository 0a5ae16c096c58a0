"""The leads as a team works them: whose they are and since when, what their cards lack, and who had them before."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Column, DateTime, Index, SmallInteger, Table, Text, Uuid

from domain.client.assignment import EmployeeAssigned
from domain.client.card import CardChanged
from domain.client.category_events import CategoryAssigned
from domain.client.contacts import ContactRecorded
from domain.client.deal_events import DealWon
from domain.client.handoff_events import (
    HandoffAccepted,
    HandoffExpired,
    HandoffOffered,
    HandoffReturned,
    HandoffWithdrawn,
)
from domain.client.key_persons import KeyPersonAdded, KeyPersonChanged, KeyPersonRemoved
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from domain.types import STEPS
from projections.client_type import PERSON_EVENTS, Person, client_type, persons_after
from projections.exchange_offers import EXCHANGE_EVENTS, Offer, lapsed, offers_after
from projections.kernel import Row, View, metadata, view_table
from projections.lead_work import Work, Works, handed_over, reassigned, won
from projections.place import PLACE_EVENTS, Place

LOST, WORKING = "lost", "working"
KEY_PERSON, DECISION_ROLE, PERSONALITY_TYPE = "key_person", "decision_role", "personality_type"
MISSING = (KEY_PERSON, DECISION_ROLE, PERSONALITY_TYPE)
"""What a card may lack: any key person; one who decides; the type of the client."""


class Lead(NamedTuple):
    """A client as a lead. `won_at`: when its first deal was won since it came, or came back, to the conveyor.

    `is_handed_over`: it is on offer to another step.
    """

    id: UUID
    name: str | None = None
    registered_at: datetime | None = None
    place: Place = Place()
    category: str | None = None
    industry: str | None = None
    region: str | None = None
    card_type: str | None = None
    persons: Mapping[UUID, Person] = {}
    last_contact_at: datetime | None = None
    won_at: datetime | None = None
    lost_at: datetime | None = None
    failed: tuple[UUID, ...] = ()
    works: Works = ()
    offers: Mapping[UUID, Offer] = {}
    is_handed_over: bool = False

    @property
    def client_type(self) -> str | None:
        """The type on the card, else that of a key person who decides."""
        return client_type(self.card_type, self.persons)

    @property
    def missing(self) -> Iterator[str]:
        """What the card lacks."""
        if not self.persons:
            yield KEY_PERSON
        if not any(person.decides for person in self.persons.values()):
            yield DECISION_ROLE
        if not self.client_type:
            yield PERSONALITY_TYPE

    @property
    def owned_since(self) -> datetime | None:
        """Since when whoever works it does so."""
        return self.works[-1].since if self.works and self.place.owner else None


_INSTANT = DateTime(timezone=True)
LEADS = view_table(
    "team_leads",
    Column("name", Text),
    Column("registered_at", _INSTANT, nullable=False),
    Column("step", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("owner_id", Uuid),
    Column("owned_since", _INSTANT),
    Column("category", Text),
    Column("industry", Text),
    Column("region", Text),
    Column("client_type", Text),
    Column("last_contact_at", _INSTANT),
    Column("won_at", _INSTANT),
    Column("missing", ARRAY(Text), nullable=False),
    Column("failed", ARRAY(Uuid), nullable=False),
    Column("is_handed_over", Boolean, nullable=False),
    Index("team_leads_owner", "owner_id", "step", "owned_since", "id"),
    Index("team_leads_registered", "step", "registered_at", "id"),
)
WORKS = Table(
    "team_lead_works",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("step", Text, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("variant", Text),
    Column("since", _INSTANT, nullable=False),
    Column("until", _INSTANT),
    Column("outcome", Text, nullable=False),
    Column("failure_reason", Text),
    Column("won_at", _INSTANT),
    Index("team_lead_works_employee", "employee_id", "step", "since", "client_id", "number"),
)
OFFERS = Table(
    "exchange_offers",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("exchange_id", Uuid, primary_key=True),
    Column("step", Text, nullable=False),
    Column("from_employee_id", Uuid, nullable=False),
    Column("to_employee_id", Uuid),
    Column("reason", Text, nullable=False),
    Column("offered_at", _INSTANT, nullable=False),
    Column("due_at", _INSTANT, nullable=False),
    Column("expires_at", _INSTANT),
    Column("comment", Text),
    Column("state", Text, nullable=False),
    Column("answered_at", _INSTANT),
    Column("accepted_by", Uuid),
    Column("declined_by", ARRAY(Uuid), nullable=False),
    Index("exchange_offers_due", "state", "due_at", "exchange_id"),
    Index("exchange_offers_expiry", "state", "expires_at"),
    Index("exchange_offers_sender", "from_employee_id", "state", "due_at", "exchange_id"),
)


class TeamLeadsView(View[Lead]):
    """One row per client; a part row per employee who had it, and per offer of it to a colleague."""

    name: ClassVar = "team_leads"
    revision: ClassVar = 4
    reads: ClassVar[frozenset[type[Event]]] = (
        PLACE_EVENTS
        | PERSON_EVENTS
        | EXCHANGE_EVENTS
        | {CardChanged, CategoryAssigned, ContactRecorded, DealWon}
        | {HandoffOffered, HandoffReturned, HandoffWithdrawn, HandoffExpired}
    )
    table: ClassVar = LEADS
    part_tables: ClassVar = (WORKS, OFFERS)
    state_type = Lead

    def start(self, stream_id: UUID) -> Lead:
        return Lead(stream_id)

    def evolve(self, state: Lead, recorded: Recorded) -> Lead:
        return _FOLDS.get(type(recorded.event), _stood)(state, recorded)

    def columns(self, state: Lead) -> Row | None:
        if state.registered_at is None:
            return None
        place = state.place
        return (
            state.name,
            state.registered_at,
            place.step,
            place.status.value,
            place.owner,
            state.owned_since,
            state.category,
            state.industry,
            state.region,
            state.client_type,
            state.last_contact_at,
            state.won_at,
            list(state.missing),
            state.failed,
            state.is_handed_over,
        )

    def parts(self, state: Lead) -> Mapping[Table, Sequence[Row]]:
        offers = [(state.id, *offer) for offer in state.offers.values()]
        return {WORKS: [_row(state, number, work) for number, work in enumerate(state.works, 1)], OFFERS: offers}


def _row(state: Lead, number: int, work: Work) -> Row:
    """A work under way on a client that is lost has ended with it, as long as the client is lost."""
    is_lost = work.outcome is None and state.lost_at is not None
    until = max(work.since, state.lost_at) if is_lost and state.lost_at else work.until
    outcome = work.outcome or (LOST if is_lost else WORKING)
    facts = (work.step, work.employee_id, work.variant, work.since, until, outcome)
    return (state.id, number, *facts, work.failure_reason, work.won_at)


_CARD = {
    "name": "name",
    "category": "category",
    "industry": "industry",
    "region": "region",
    "personality_type": "card_type",
}
"""What is taken from the card, and where it is kept."""


def _registered(state: Lead, recorded: Recorded) -> Lead:
    event: Any = recorded.event
    place, known = state.place.evolve(recorded), {column: getattr(event, name) for name, column in _CARD.items()}
    return Lead(state.id, registered_at=recorded.occurred_at, place=place, **known)


def _changed(state: Lead, recorded: Recorded) -> Lead:
    event: Any = recorded.event
    return state._replace(**{_CARD[name]: getattr(event, name) for name in event.changed if name in _CARD})


def _categorised(state: Lead, recorded: Recorded) -> Lead:
    assert isinstance(recorded.event, CategoryAssigned)
    return state._replace(category=recorded.event.category.value)


def _persons_changed(state: Lead, recorded: Recorded) -> Lead:
    event: Any = recorded.event
    return state._replace(persons=persons_after(state.persons, event))


def _contacted(state: Lead, recorded: Recorded) -> Lead:
    at = recorded.occurred_at
    return state._replace(last_contact_at=max(state.last_contact_at or at, at))


def _assigned(state: Lead, recorded: Recorded) -> Lead:
    event, at = recorded.event, recorded.occurred_at
    assert isinstance(event, EmployeeAssigned)
    failed, before = state.failed, event.previous_id
    if before and event.failure_reason and before not in failed:
        failed = (*failed, before)
    works, offers = reassigned(state.works, event, at), lapsed(state.offers, at)
    return state._replace(place=state.place.evolve(recorded), works=works, failed=failed, offers=offers)


def _handed_over(state: Lead, recorded: Recorded) -> Lead:
    event, at = recorded.event, recorded.occurred_at
    assert isinstance(event, HandoffAccepted)
    back = STEPS.index(event.to_step) < STEPS.index(event.from_step)
    works, offers = handed_over(state.works, event, at), lapsed(state.offers, at)
    place, won_at = state.place.evolve(recorded), None if back else state.won_at
    return state._replace(place=place, works=works, offers=offers, won_at=won_at, is_handed_over=False)


def _on_offer(state: Lead, recorded: Recorded) -> Lead:
    return state._replace(is_handed_over=isinstance(recorded.event, HandoffOffered))


def _won(state: Lead, recorded: Recorded) -> Lead:
    at = recorded.occurred_at
    return state._replace(won_at=state.won_at or at, works=won(state.works, at))


def _offers_changed(state: Lead, recorded: Recorded) -> Lead:
    return state._replace(offers=offers_after(state.offers, recorded))


def _stood(state: Lead, recorded: Recorded) -> Lead:
    place = state.place.evolve(recorded)
    lost_at = (state.lost_at or recorded.occurred_at) if place.standing.lost else None
    return state._replace(place=place, lost_at=lost_at)


_FOLDS: Mapping[type[Event], Callable[[Lead, Recorded], Lead]] = {
    ClientRegistered: _registered,
    CardChanged: _changed,
    CategoryAssigned: _categorised,
    KeyPersonAdded: _persons_changed,
    KeyPersonChanged: _persons_changed,
    KeyPersonRemoved: _persons_changed,
    ContactRecorded: _contacted,
    EmployeeAssigned: _assigned,
    HandoffAccepted: _handed_over,
    HandoffOffered: _on_offer,
    HandoffReturned: _on_offer,
    HandoffWithdrawn: _on_offer,
    HandoffExpired: _on_offer,
    DealWon: _won,
    **dict.fromkeys(EXCHANGE_EVENTS, _offers_changed),
}
"""How each event is taken in; the others say whether the client is lost."""
