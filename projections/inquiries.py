"""Inquiries: what clients asked, by when it has to be answered, and how and when it was."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Integer, Numeric, Table, Text, Uuid

from domain.client.card import CardChanged
from domain.client.inquiries import InquiryAnswered, InquiryClosed, InquiryReceived
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from projections.kernel import Row, View, metadata, view_table
from projections.place import PLACE_EVENTS, Place


class Ending(NamedTuple):
    """How an inquiry stands: open, answered (with the contact, if it was one) or closed (with the reason)."""

    state: str = "open"
    at: datetime | None = None
    by: UUID | None = None
    contact_id: UUID | None = None
    working_minutes: int | None = None
    reason: str | None = None


STILL_OPEN = Ending()


class AskedInquiry(NamedTuple):
    """An inquiry, by when it has to be answered and by which version of the regulation, and how it ended."""

    id: UUID
    channel: str
    category: str | None
    subject: str | None
    text: str | None
    key_person_id: UUID | None
    received_at: datetime
    working_hours: Decimal
    due_at: datetime
    regulation_version: int
    ending: Ending = STILL_OPEN


class ClientInquiries(NamedTuple):
    """The inquiries of one client by id, and where the client stands."""

    id: UUID
    name: str | None = None
    place: Place = Place()
    by_id: Mapping[UUID, AskedInquiry] = {}


CLIENTS = view_table(
    "inquiry_clients",
    Column("name", Text),
    Column("step", Text, nullable=False),
    Column("owner_id", Uuid),
    Column("status", Text, nullable=False),
)
"""One row per client, which the inquiries are joined with: its step and owner change without touching them."""
INQUIRIES = Table(
    "inquiries",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("inquiry_id", Uuid, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("category", Text),
    Column("subject", Text),
    Column("text", Text),
    Column("key_person_id", Uuid),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("working_hours", Numeric, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("regulation_version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_by", Uuid),
    Column("contact_id", Uuid),
    Column("working_minutes", Integer),
    Column("reason", Text),
    Index("inquiries_due", "state", "due_at", "inquiry_id"),
    Index("inquiries_received", "received_at"),
)


class InquiriesView(View[ClientInquiries]):
    """Inquiries with their answers; one part row per inquiry."""

    name: ClassVar = "inquiries"
    reads: ClassVar[frozenset[type[Event]]] = PLACE_EVENTS | {
        CardChanged,
        InquiryReceived,
        InquiryAnswered,
        InquiryClosed,
    }
    table: ClassVar = CLIENTS
    part_tables: ClassVar = (INQUIRIES,)
    state_type = ClientInquiries

    def start(self, stream_id: UUID) -> ClientInquiries:
        return ClientInquiries(stream_id)

    def evolve(self, state: ClientInquiries, recorded: Recorded) -> ClientInquiries:
        at, by = recorded.occurred_at, recorded.actor
        match recorded.event:
            case ClientRegistered(name=name):
                return state._replace(name=name, place=state.place.evolve(recorded))
            case CardChanged(changed=changed, name=name):
                return state._replace(name=name) if "name" in changed else state
            case InquiryReceived(inquiry_id=key) as event:
                return state._replace(by_id={**state.by_id, key: _asked(event, recorded)})
            case InquiryAnswered(inquiry_id=key) as event:
                return _ended(state, key, Ending("answered", at, by, event.contact_id, event.working_minutes))
            case InquiryClosed(inquiry_id=key, reason=reason):
                return _ended(state, key, Ending("closed", at, by, reason=reason.value))
            case _:
                return state._replace(place=state.place.evolve(recorded))

    def columns(self, state: ClientInquiries) -> Row | None:
        place = state.place
        return None if place.since is None else (state.name, place.step, place.owner, place.status.value)

    def parts(self, state: ClientInquiries) -> Mapping[Table, Sequence[Row]]:
        return {INQUIRIES: [(state.id, *asked[:-1], *asked.ending) for asked in state.by_id.values()]}


def _asked(event: InquiryReceived, recorded: Recorded) -> AskedInquiry:
    return AskedInquiry(
        event.inquiry_id,
        event.channel.value,
        event.category.value if event.category else None,
        event.subject,
        event.text,
        event.key_person_id,
        recorded.occurred_at,
        event.working_hours,
        event.due_at,
        recorded.regulation_version,
    )


def _ended(state: ClientInquiries, key: UUID, ending: Ending) -> ClientInquiries:
    """With one that ended. One that is not known is passed over: it may be dated later."""
    asked = state.by_id.get(key)
    if asked is None:
        return state
    return state._replace(by_id={**state.by_id, key: asked._replace(ending=ending)})
