"""The single client database: one row per client with what people filter, sort and search by."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, Index, Text, Uuid, collate, func
from sqlalchemy.dialects.postgresql import JSONB

from domain.client.card import CardChanged, CardFacts
from domain.client.category_events import CategoryAssigned
from domain.client.contacts import ContactRecorded
from domain.client.registration import ClientRegistered
from domain.client.tasks import TaskCancelled, TaskCompleted, TaskPostponed, TaskSet
from domain.kernel import Event, Recorded
from projections.client_type import PERSON_EVENTS, Person, client_type, persons_after
from projections.kernel import Row, View, view_table
from projections.place import PLACE_EVENTS, Place, Status
from projections.words import (
    attribute_word,
    distinct,
    plain,
    words_of_email,
    words_of_phone,
    words_of_tax_id,
    words_of_text,
)

NAME_KEY_LENGTH = 100
"""Characters of the name that sorting looks at; an index takes no more than some 2,700 bytes."""

FOLDED_LENGTH = 200
"""Characters of a region or an industry that filters look at, for the same reason."""
FOLDED = frozenset({"region", "industry"})
"""The columns that hold `folded` text; the client's state has the spelling to show."""


class Profile(NamedTuple):
    """Who the client is, as the list shows it."""

    name: str | None = None
    kind: str | None = None
    origin: str | None = None
    industry: str | None = None
    region: str | None = None
    category: str | None = None
    personality_type: str | None = None
    tax_id: str | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    attributes: Mapping[str, str] = {}
    external_id: str | None = None


class ClientEntry(NamedTuple):
    """A client in the list. `tasks` are the due times of its open tasks; `last_contact_at` is business time.

    `contacted` has the last contact by channel.
    """

    id: UUID
    registered_at: datetime | None = None
    profile: Profile = Profile()
    place: Place = Place()
    last_contact_at: datetime | None = None
    tasks: Mapping[UUID, datetime] = {}
    contacted: Mapping[str, datetime] = {}
    persons: Mapping[UUID, Person] = {}

    @property
    def personality_type(self) -> str | None:
        """The type on the card, else that of a key person who decides."""
        return client_type(self.profile.personality_type, self.persons)

    @property
    def next_due_at(self) -> datetime | None:
        """When the earliest open task is due."""
        return min(self.tasks.values(), default=None)


_INSTANT = DateTime(timezone=True)
CLIENTS = view_table(
    "clients",
    Column("name_key", Text, nullable=False),
    Column("kind", Text),
    Column("status", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("owner_id", Uuid),
    Column("industry", Text),
    Column("region", Text),
    Column("category", Text),
    Column("origin", Text),
    Column("personality_type", Text),
    Column("registered_at", _INSTANT, nullable=False),
    Column("last_contact_at", _INSTANT),
    Column("next_due_at", _INSTANT),
    Column("words", ARRAY(Text), nullable=False),
    Column("attributes", JSONB),
    Column("contacted", JSONB),
)
NAME_KEY = collate(CLIENTS.c.name_key, "C")
WORDS = func.array_to_tsvector(CLIENTS.c.words)
for _index, _columns in {
    "registered": ("registered_at", "id"),
    "contacted": ("last_contact_at", "id"),
    "due": ("next_due_at", "id"),
    "step": ("step", "registered_at", "id"),
    "category": ("category", "registered_at", "id"),
    "owner": ("owner_id", "step", "registered_at", "id"),
    "industry": ("industry", "registered_at", "id"),
    "region": ("region", "registered_at", "id"),
    "origin": ("origin", "registered_at", "id"),
}.items():
    Index(f"clients_{_index}", *(CLIENTS.c[name] for name in _columns))
for _name, _where in {
    "status": CLIENTS.c.status != Status.ACTIVE.value,
    "personality_type": CLIENTS.c.personality_type.is_not(None),
}.items():
    Index(f"clients_{_name}", CLIENTS.c[_name], CLIENTS.c.registered_at, CLIENTS.c.id, postgresql_where=_where)
CONTACT_BEFORE = func.coalesce(CLIENTS.c.last_contact_at, CLIENTS.c.registered_at)
"""From when the time to the next contact counts: the last one, or the registration where there was none."""
Index("clients_out_of_touch", CLIENTS.c.category, CONTACT_BEFORE, CLIENTS.c.id)
Index("clients_name", NAME_KEY, CLIENTS.c.id)
Index("clients_words", WORDS, postgresql_using="gin")


class ClientsView(View[ClientEntry]):
    """The client database."""

    name: ClassVar = "clients"
    revision: ClassVar = 4
    reads: ClassVar[frozenset[type[Event]]] = (
        PLACE_EVENTS
        | PERSON_EVENTS
        | {
            CardChanged,
            CategoryAssigned,
            ContactRecorded,
            TaskSet,
            TaskPostponed,
            TaskCompleted,
            TaskCancelled,
        }
    )
    table: ClassVar = CLIENTS
    state_type = ClientEntry

    def start(self, stream_id: UUID) -> ClientEntry:
        return ClientEntry(stream_id)

    def evolve(self, state: ClientEntry, recorded: Recorded) -> ClientEntry:
        return _FOLDS.get(type(recorded.event), _moved)(state, recorded)

    def columns(self, state: ClientEntry) -> Row | None:
        if state.registered_at is None:
            return None
        profile, place = state.profile, state.place
        return (
            plain(profile.name or "")[:NAME_KEY_LENGTH],
            profile.kind,
            place.status.value,
            place.step,
            place.owner,
            folded(profile.industry),
            folded(profile.region),
            profile.category,
            profile.origin,
            state.personality_type,
            state.registered_at,
            state.last_contact_at,
            state.next_due_at,
            distinct(_words(profile)),
            json.dumps(profile.attributes, ensure_ascii=False) if profile.attributes else None,
            json.dumps(state.contacted, default=datetime.isoformat) if state.contacted else None,
        )


def folded(text: str | None) -> str | None:
    """The text as filters compare it: case and diacritics do not count."""
    return None if text is None else plain(text)[:FOLDED_LENGTH]


def _words(profile: Profile) -> Iterator[str]:
    yield from words_of_text(profile.name)
    yield from words_of_tax_id(profile.tax_id)
    yield from words_of_text(profile.external_id)
    for phone in profile.phones:
        yield from words_of_phone(phone)
    for email in profile.emails:
        yield from words_of_email(email)
    for name, value in profile.attributes.items():
        yield attribute_word(name, value)


_LISTED = ("name", "kind", "origin", "industry", "region", "category", "personality_type", "tax_id")


def _registered(state: ClientEntry, recorded: Recorded) -> ClientEntry:
    event = recorded.event
    assert isinstance(event, ClientRegistered)
    profile = Profile(
        event.name,
        event.kind,
        event.origin,
        event.industry,
        event.region,
        event.category,
        event.personality_type,
        event.tax_id,
        event.phones or (),
        event.emails or (),
        _merged({}, event),
        event.external_id,
    )
    return ClientEntry(state.id, recorded.occurred_at, profile, state.place.evolve(recorded))


def _changed(state: ClientEntry, recorded: Recorded) -> ClientEntry:
    event = recorded.event
    assert isinstance(event, CardChanged)
    values: dict[str, Any] = {name: getattr(event, name) for name in event.changed if name in _LISTED}
    for name in ("phones", "emails"):
        if name in event.changed:
            values[name] = getattr(event, name) or ()
    if "attributes" in event.changed:
        values["attributes"] = _merged(state.profile.attributes, event)
    return state._replace(profile=state.profile._replace(**values)) if values else state


def _categorised(state: ClientEntry, recorded: Recorded) -> ClientEntry:
    event = recorded.event
    assert isinstance(event, CategoryAssigned)
    return state._replace(profile=state.profile._replace(category=event.category.value))


def _merged(attributes: Mapping[str, str], event: CardFacts) -> dict[str, str]:
    merged = {**attributes, **(event.attributes or {})}
    return {name: value for name, value in merged.items() if value is not None}


def _moved(state: ClientEntry, recorded: Recorded) -> ClientEntry:
    return state._replace(place=state.place.evolve(recorded))


def _contacted(state: ClientEntry, recorded: Recorded) -> ClientEntry:
    event, at = recorded.event, recorded.occurred_at
    assert isinstance(event, ContactRecorded)
    before = state.contacted.get(event.channel.value)
    if before is not None and before >= at:
        return state
    last = at if state.last_contact_at is None else max(at, state.last_contact_at)
    return state._replace(last_contact_at=last, contacted={**state.contacted, event.channel.value: at})


def _tasks_changed(state: ClientEntry, recorded: Recorded) -> ClientEntry:
    tasks = dict(state.tasks)
    match recorded.event:
        case TaskSet(task_id=key, due_at=due_at):
            tasks[key] = due_at
        case TaskPostponed(task_id=key, due_at=due_at) if key in tasks:
            tasks[key] = due_at
        case TaskCompleted(task_id=key) | TaskCancelled(task_id=key):
            tasks.pop(key, None)
        case _:
            return state
    return state._replace(tasks=tasks)


def _persons_changed(state: ClientEntry, recorded: Recorded) -> ClientEntry:
    event: Any = recorded.event
    return state._replace(persons=persons_after(state.persons, event))


_FOLDS: Mapping[type[Event], Callable[[ClientEntry, Recorded], ClientEntry]] = {
    ClientRegistered: _registered,
    CardChanged: _changed,
    CategoryAssigned: _categorised,
    ContactRecorded: _contacted,
    TaskSet: _tasks_changed,
    TaskPostponed: _tasks_changed,
    TaskCompleted: _tasks_changed,
    TaskCancelled: _tasks_changed,
    **dict.fromkeys(PERSON_EVENTS, _persons_changed),
}
"""How each event is taken in; the others say where the client stands."""
