"""Activity: every contact with who had it, what kind of work it was, and how far a script was followed; sent proposals.

One row per contact and per sending, from which the reports count. A day is the firm's: rows keep instants, and a report
turns them into days of the time zone in force, so that setting the zone needs no rebuild.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    and_,
    or_,
    tuple_,
)

from domain.client.contacts import REACHED_OUTCOMES, ContactRecorded, Direction
from domain.client.proposal_events import ProposalSent
from domain.kernel import Event, Recorded
from domain.playbook import ScriptUse
from domain.types import Channel
from projections.kernel import Row, View, metadata, view_table

MEETINGS = frozenset({Channel.OFFICE_MEETING, Channel.SITE_VISIT})
"""The channels in which people sit together."""


class Place(NamedTuple):
    """A contact's place in the order of business time."""

    at: datetime
    contact_id: UUID


class ClientActivity(NamedTuple):
    """A client's first contact, and the first in which the person himself was spoken to."""

    id: UUID
    first: Place | None = None
    reached: Place | None = None


CLIENTS = view_table(
    "activity",
    Column("first_contact_id", Uuid),
    Column("reached_at", DateTime(timezone=True)),
    Column("reached_contact_id", Uuid),
)
CONTACTS = Table(
    "activity_contacts",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("contact_id", Uuid, primary_key=True),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("channel", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("minutes", SmallInteger),
    Column("reached", Boolean, nullable=False),
    Column("meeting", Boolean, nullable=False),
    Column("outbound_call", Boolean, nullable=False),
    Column("script_id", Uuid),
    Column("script_version", Integer),
    Column("script_steps", ARRAY(Text)),
    Column("broke_off_at", Text),
    Index("activity_contacts_occurred", "occurred_at", "employee_id"),
    Index("activity_contacts_employee", "employee_id", "occurred_at"),
)
Index(
    "activity_contacts_script",
    CONTACTS.c.script_id,
    CONTACTS.c.occurred_at,
    postgresql_where=CONTACTS.c.script_id.is_not(None),
)
"""`meeting`: the person was met."""
SENT_PROPOSALS = Table(
    "activity_proposals",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("document_id", Uuid, primary_key=True),
    Column("proposal_id", Uuid, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Index("activity_proposals_occurred", "occurred_at", "employee_id"),
)
"""One row each time that a proposal was sent."""
IS_FIRST = CONTACTS.c.contact_id == CLIENTS.c.first_contact_id
"""The client's first contact by business time. Needs both tables."""
IS_COLD_CALL = and_(
    CONTACTS.c.outbound_call,
    or_(
        CLIENTS.c.reached_at.is_(None),
        tuple_(CONTACTS.c.occurred_at, CONTACTS.c.contact_id)
        <= tuple_(CLIENTS.c.reached_at, CLIENTS.c.reached_contact_id),
    ),
)
"""An outbound call to a client to whom nobody had spoken before, however often he was tried. Needs both tables."""


class ActivityView(View[ClientActivity]):
    """All contacts and all sendings of proposals; one row for each."""

    name: ClassVar = "activity"
    revision: ClassVar = 2
    reads: ClassVar[frozenset[type[Event]]] = frozenset({ContactRecorded, ProposalSent})
    table: ClassVar = CLIENTS
    growing_tables: ClassVar = (CONTACTS, SENT_PROPOSALS)
    state_type = ClientActivity

    def start(self, stream_id: UUID) -> ClientActivity:
        return ClientActivity(stream_id)

    def evolve(self, state: ClientActivity, recorded: Recorded) -> ClientActivity:
        event = recorded.event
        if not isinstance(event, ContactRecorded):
            return state
        place = Place(recorded.occurred_at, event.contact_id)
        first = min(state.first or place, place)
        reached = min(state.reached or place, place) if event.outcome in REACHED_OUTCOMES else state.reached
        return ClientActivity(state.id, first, reached)

    def columns(self, state: ClientActivity) -> Row:
        at, contact_id = state.reached or (None, None)
        return (state.first.contact_id if state.first else None, at, contact_id)

    def grown(self, recorded: Recorded) -> Mapping[Table, Row]:
        event = recorded.event
        if isinstance(event, ProposalSent):
            sent = (recorded.stream_id, event.document_id, event.proposal_id, recorded.occurred_at, recorded.actor)
            return {SENT_PROPOSALS: sent}
        assert isinstance(event, ContactRecorded)
        reached = event.outcome in REACHED_OUTCOMES
        row = (
            recorded.stream_id,
            event.contact_id,
            recorded.occurred_at,
            recorded.actor,
            event.channel.value,
            event.outcome.value,
            event.duration_minutes,
            reached,
            reached and event.channel in MEETINGS,
            event.channel is Channel.PHONE and event.direction is Direction.OUTBOUND,
            *_script_columns(event.script),
        )
        return {CONTACTS: row}


def _script_columns(use: ScriptUse | None) -> Row:
    """The script that was followed: the steps that it came to, the last of them perhaps the one it broke off at."""
    if use is None:
        return (None, None, None, None)
    steps = (*use.steps_passed, use.broke_off_at) if use.broke_off_at else use.steps_passed
    return (use.script_id, use.version, list(steps), use.broke_off_at)
