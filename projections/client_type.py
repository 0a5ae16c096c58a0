"""The personality type of a client: the one on its card, else that of the first key person who decides."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from domain.client.key_persons import KeyPersonAdded, KeyPersonChanged, KeyPersonFacts, KeyPersonRemoved
from domain.kernel import Event
from domain.types import DecisionRole

PERSON_EVENTS: frozenset[type[Event]] = frozenset({KeyPersonAdded, KeyPersonChanged, KeyPersonRemoved})


class Person(NamedTuple):
    """What counts of a key person."""

    decides: bool = False
    personality_type: str | None = None


Persons = Mapping[UUID, Person]


def client_type(card_type: str | None, persons: Persons) -> str | None:
    """The type on the card, else that of the first key person who decides and whose type is known."""
    deciding = (person.personality_type for person in persons.values() if person.decides)
    return card_type or next(filter(None, deciding), None)


def persons_after(persons: Persons, event: KeyPersonFacts | KeyPersonRemoved) -> Persons:
    """The key persons after one more event."""
    key = event.key_person_id
    if isinstance(event, KeyPersonRemoved):
        return {other: person for other, person in persons.items() if other != key}
    before = persons.get(key, Person())
    named = event.changed if isinstance(event, KeyPersonChanged) else ("role", "personality_type")
    decides = event.role is DecisionRole.DECIDES if "role" in named else before.decides
    known_type = event.personality_type if "personality_type" in named else before.personality_type
    return {**persons, key: Person(decides, known_type)}
