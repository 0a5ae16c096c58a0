"""Activity: every contact with who had it, what kind of work it was, and how far a script was followed.

One row per contact, from which the reports count. A day is the firm's: rows keep instants, and a report turns them into
days of the time zone in force, so that setting the zone needs no rebuild.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Column, DateTime, Index, Integer, SmallInteger, Table, Text, Uuid

from domain.client.contacts import REACHED_OUTCOMES, ContactRecorded, Direction
from domain.kernel import Event, Recorded
from domain.playbook import ScriptUse
from domain.types import Channel
from projections.kernel import Row, View, metadata, view_table

MEETINGS = frozenset({Channel.OFFICE_MEETING, Channel.SITE_VISIT})
"""The channels in which people sit together."""


class Conversation(NamedTuple):
    """A script that a contact followed: the steps that it came to, the last of them perhaps the one it broke off at."""

    script_id: UUID
    version: int
    steps: tuple[str, ...]
    broke_off_at: str | None


class Contact(NamedTuple):
    """A contact. `minutes` is None where nobody wrote down how long it took."""

    id: UUID
    at: datetime
    employee_id: UUID
    channel: str
    outcome: str
    outbound: bool
    minutes: int | None
    conversation: Conversation | None = None

    @property
    def reached(self) -> bool:
        """Whether the person himself was spoken to."""
        return self.outcome in REACHED_OUTCOMES


class ClientActivity(NamedTuple):
    """The contacts of one client, in the order of recording."""

    id: UUID
    contacts: tuple[Contact, ...] = ()


CLIENTS = view_table("activity")
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
    Column("first", Boolean, nullable=False),
    Column("cold_call", Boolean, nullable=False),
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
"""`first`: the client's first contact by business time. `cold_call`: an outbound call to a client to whom nobody had
spoken before, however often he was tried. `meeting`: the person was met."""


class ActivityView(View[ClientActivity]):
    """All contacts; one part row per contact."""

    name: ClassVar = "activity"
    reads: ClassVar[frozenset[type[Event]]] = frozenset({ContactRecorded})
    table: ClassVar = CLIENTS
    part_tables: ClassVar = (CONTACTS,)
    state_type = ClientActivity

    def start(self, stream_id: UUID) -> ClientActivity:
        return ClientActivity(stream_id)

    def evolve(self, state: ClientActivity, recorded: Recorded) -> ClientActivity:
        event = recorded.event
        assert isinstance(event, ContactRecorded)
        contact = Contact(
            event.contact_id,
            recorded.occurred_at,
            recorded.actor,
            event.channel.value,
            event.outcome.value,
            event.direction is Direction.OUTBOUND,
            event.duration_minutes,
            _conversation(event.script) if event.script else None,
        )
        return ClientActivity(state.id, (*state.contacts, contact))

    def columns(self, state: ClientActivity) -> Row:
        return ()

    def parts(self, state: ClientActivity) -> Mapping[Table, Sequence[Row]]:
        return {CONTACTS: list(_rows(state))}


def _conversation(use: ScriptUse) -> Conversation:
    steps = (*use.steps_passed, use.broke_off_at) if use.broke_off_at else use.steps_passed
    return Conversation(use.script_id, use.version, steps, use.broke_off_at)


def _rows(state: ClientActivity) -> Iterator[Row]:
    spoken_to = False
    for number, contact in enumerate(sorted(state.contacts, key=lambda contact: contact.at)):
        cold_call = contact.outbound and contact.channel == Channel.PHONE and not spoken_to
        spoken_to = spoken_to or contact.reached
        yield (
            state.id,
            contact.id,
            contact.at,
            contact.employee_id,
            contact.channel,
            contact.outcome,
            contact.minutes,
            contact.reached,
            contact.reached and contact.channel in MEETINGS,
            number == 0,
            cold_call,
            *_script_columns(contact.conversation),
        )


def _script_columns(conversation: Conversation | None) -> Row:
    if conversation is None:
        return (None, None, None, None)
    return (conversation.script_id, conversation.version, list(conversation.steps), conversation.broke_off_at)
