"""Key persons: who at the client decides, influences or guards the door."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field, field_validator

from domain.kernel import Command, Event, Personal, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import (
    DecisionRole,
    Email,
    EmptyIsNone,
    Name,
    OptionalText,
    OptionalWord,
    PersonalityType,
    Phone,
    none_if_empty,
)

if TYPE_CHECKING:
    from domain.client.state import Client


class KeyPersonFacts(Event):
    """What is known of a key person, as events keep it."""

    key_person_id: UUID
    name: Personal[str] = None
    position: str | None = None
    role: DecisionRole | None = None
    part_in_decisions: Personal[str] = None
    personality_type: str | None = None
    phones: Personal[tuple[str, ...]] = None
    emails: Personal[tuple[str, ...]] = None


class KeyPersonAdded(KeyPersonFacts, topic="key_persons.added", begins="key_person_id"):
    """A key person became known."""


class KeyPersonChanged(KeyPersonFacts, topic="key_persons.changed"):
    """The fields named in `changed` have new values."""

    changed: tuple[str, ...]


class KeyPersonRemoved(Event, topic="key_persons.removed"):
    """The person has no part in the client's decisions any more."""

    key_person_id: UUID


KEY_PERSON_FIELDS = ("name", "position", "role", "part_in_decisions", "personality_type", "phones", "emails")


@dataclass(frozen=True, slots=True)
class KeyPerson:
    """A key person as he is known now, and since when (business time)."""

    id: UUID
    since: datetime
    name: str | None = None
    position: str | None = None
    role: str | None = None
    part_in_decisions: str | None = None
    personality_type: str | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()

    def with_facts(self, facts: KeyPersonFacts, names: tuple[str, ...]) -> "KeyPerson":
        """This person with the named fields taken over from an event."""
        values = {name: getattr(facts, name) for name in names}
        for name in ("phones", "emails"):
            if name in values:
                values[name] = values[name] or ()
        return replace(self, **values)


@dataclass(frozen=True, slots=True)
class KeyPersons:
    """The client's key persons by id, in the order in which they became known; since when the type of each is known."""

    by_id: Mapping[UUID, KeyPerson] = field(default_factory=dict[UUID, KeyPerson])
    typed_at: Mapping[UUID, datetime] = field(default_factory=dict[UUID, datetime])

    def evolve(self, recorded: Recorded) -> "KeyPersons":
        """After a person was added, changed or removed."""
        match recorded.event:
            case KeyPersonAdded(key_person_id=key) as facts:
                return self._with(_new(facts, recorded.occurred_at), recorded.occurred_at)
            case KeyPersonChanged(key_person_id=key, changed=changed) as facts:
                return self._with(self.by_id[key].with_facts(facts, changed), recorded.occurred_at)
            case KeyPersonRemoved(key_person_id=key):
                left = {other: person for other, person in self.by_id.items() if other != key}
                return KeyPersons(left, self.typed_at)
            case _:
                return self

    def _with(self, person: KeyPerson, at: datetime) -> "KeyPersons":
        """With the person as he is known at this moment."""
        before = self.by_id.get(person.id)
        typed_at = dict(self.typed_at)
        if person.personality_type and not (before and before.personality_type):
            typed_at[person.id] = at
        return KeyPersons({**self.by_id, person.id: person}, typed_at)

    @property
    def deciding_type(self) -> str | None:
        """The type of the first person who decides and whose type is known."""
        deciding = (each.personality_type for each in self.by_id.values() if each.role == DecisionRole.DECIDES)
        return next(filter(None, deciding), None)

    def get(self, key_person_id: UUID) -> KeyPerson:
        """The person with this id, or a refusal."""
        person = self.by_id.get(key_person_id)
        if person is None:
            raise Refused("unknown_key_person", key_person_id=key_person_id)
        return person

    def get_known(self, key_person_id: UUID, context: RuleContext) -> KeyPerson:
        """The person with this id, if he was known already when the decision was taken."""
        person = self.get(key_person_id)
        refuse_before(person.since, context, key_person_id=key_person_id)
        return person


def _new(facts: KeyPersonAdded, at: datetime) -> KeyPerson:
    return KeyPerson(facts.key_person_id, at).with_facts(facts, KEY_PERSON_FIELDS)


class KeyPersonBody(BaseModel):
    """The fields of a key person as a caller sends them."""

    position: OptionalWord = None
    role: Annotated[DecisionRole | None, EmptyIsNone] = None
    part_in_decisions: Annotated[OptionalText, Field(description="How he takes part in contract decisions")] = None
    personality_type: Annotated[PersonalityType | None, EmptyIsNone] = None
    phones: Annotated[tuple[Phone, ...], Field(max_length=20)] | None = None
    emails: Annotated[tuple[Email, ...], Field(max_length=20)] | None = None


class AddKeyPerson(KeyPersonBody, Command):
    """Add a key person to the card."""

    name: Name

    examples: ClassVar = (
        {"name": "Anna Petrova", "position": "Head of purchasing", "role": "decides", "personality_type": "driver"},
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        facts = {name: none_if_empty(getattr(self, name)) for name in KEY_PERSON_FIELDS}
        return [KeyPersonAdded(key_person_id=context.new_id(), **facts)]


class ChangeKeyPerson(KeyPersonBody, Command):
    """Change what was sent; null empties a field."""

    key_person_id: UUID
    name: Name | None = None

    refusals: ClassVar = ("unknown_key_person", "before_its_cause", "nothing_to_change")
    examples: ClassVar = ({"personality_type": "analytical"},)

    @field_validator("name")
    @classmethod
    def _kept(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("cannot be emptied with null")
        return value

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        person = client.key_persons.get_known(self.key_person_id, context)
        sent = {n: none_if_empty(getattr(self, n)) for n in KEY_PERSON_FIELDS if n in self.model_fields_set}
        changed = {n: v for n, v in sent.items() if v != none_if_empty(getattr(person, n))}
        if not changed:
            raise Refused("nothing_to_change", fields=sorted(sent))
        return [KeyPersonChanged(key_person_id=person.id, changed=tuple(sorted(changed)), **changed)]


class RemoveKeyPerson(Command):
    """Take a person off the card. The history keeps him."""

    key_person_id: UUID

    refusals: ClassVar = ("unknown_key_person", "before_its_cause")

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        return [KeyPersonRemoved(key_person_id=client.key_persons.get_known(self.key_person_id, context).id)]
