"""Contacts: every call, letter and meeting, with what came of it and what comes next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from domain.client.tasks import TaskSet
from domain.kernel import Command, Event, Personal, Recorded, Refused
from domain.playbook import ScriptUse
from domain.regulation.state import RuleContext
from domain.types import Channel, Moment, OptionalText, SomeText

if TYPE_CHECKING:
    from domain.client.state import Client

CONTACTS_ON_CARD = 5


class Direction(StrEnum):
    """Who began the contact, seen from the firm."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


class Outcome(StrEnum):
    """What came of a contact."""

    REACHED = "reached"
    MEETING_AGREED = "meeting_agreed"
    CALL_BACK = "call_back"
    REFUSED = "refused"
    GATEKEEPER = "gatekeeper"
    NO_ANSWER = "no_answer"
    WRONG_CONTACT = "wrong_contact"
    OTHER = "other"


NOBODY_THERE = frozenset({Outcome.NO_ANSWER, Outcome.WRONG_CONTACT})
"""Outcomes in which nobody of the client was spoken to, so that nothing can have been answered."""
REACHED_OUTCOMES = frozenset({Outcome.REACHED, Outcome.MEETING_AGREED, Outcome.CALL_BACK, Outcome.REFUSED})
"""Outcomes in which the person himself was spoken to."""


class ContactRecorded(Event, topic="contacts.recorded", begins="contact_id"):
    """A contact took place. The duration is in minutes; the script, if one was followed, says how far."""

    schema_version: ClassVar = 2

    contact_id: UUID
    channel: Channel
    direction: Direction
    outcome: Outcome
    summary: Personal[str]
    key_person_id: UUID | None = None
    duration_minutes: int | None = None
    agreed: Personal[str] = None
    script: ScriptUse | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as the card shows it."""

    id: UUID
    occurred_at: datetime
    channel: str
    direction: str
    outcome: str
    summary: str | None
    agreed: str | None
    key_person_id: UUID | None
    employee_id: UUID


@dataclass(frozen=True, slots=True)
class Contacts:
    """The last contacts, newest first, how many there were, and when each key person was first reached."""

    last: tuple[Contact, ...] = ()
    count: int = 0
    reached: Mapping[UUID, datetime] = field(default_factory=dict[UUID, datetime])

    def evolve(self, recorded: Recorded) -> "Contacts":
        """After one more contact; a contact logged late takes its place by business time."""
        event = recorded.event
        if not isinstance(event, ContactRecorded):
            return self
        last = with_newest(self.last, _contact(event, recorded))
        reached = self.reached
        if event.key_person_id and event.outcome in REACHED_OUTCOMES:
            first = min(reached.get(event.key_person_id, recorded.occurred_at), recorded.occurred_at)
            reached = {**reached, event.key_person_id: first}
        return Contacts(last, self.count + 1, reached)


def with_newest(last: tuple[Contact, ...], contact: Contact) -> tuple[Contact, ...]:
    """The newest contacts with one more among them, by business time."""
    if not last or contact.occurred_at >= last[0].occurred_at:
        return (contact, *last[: CONTACTS_ON_CARD - 1])
    ordered = sorted((*last, contact), key=lambda item: item.occurred_at, reverse=True)
    return tuple(ordered[:CONTACTS_ON_CARD])


def _contact(event: ContactRecorded, recorded: Recorded) -> Contact:
    return Contact(
        event.contact_id,
        recorded.occurred_at,
        event.channel,
        event.direction,
        event.outcome,
        event.summary,
        event.agreed,
        event.key_person_id,
        recorded.actor,
    )


class NextStep(BaseModel):
    """What is to be done next; it becomes a task."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: SomeText
    due_at: Moment
    employee_id: Annotated[UUID | None, Field(description="Who does it; the one who records, when absent")] = None


class RecordContact(Command):
    """Record a contact, the inquiry that it answers, and the task that follows from it."""

    channel: Channel
    direction: Direction
    outcome: Outcome
    summary: SomeText
    key_person_id: UUID | None = None
    duration_minutes: Annotated[int, Field(ge=0, le=1440)] | None = None
    agreed: OptionalText = None
    script: Annotated[ScriptUse | None, Field(description="The script that was followed, and how far")] = None
    next_step: NextStep | None = None
    answers_inquiry_id: Annotated[UUID | None, Field(description="The open inquiry that it answers")] = None

    refusals: ClassVar = (
        "unknown_key_person",
        "unknown_inquiry",
        "inquiry_not_open",
        "nobody_answered",
        "before_its_cause",
        "unknown_employee",
        "employee_left",
        "unknown_script",
        "unknown_script_version",
        "wrong_script_steps",
    )
    examples: ClassVar = (
        {"channel": "phone", "direction": "outbound", "outcome": "reached", "summary": "Asked for an offer"},
        {
            "channel": "phone",
            "direction": "outbound",
            "outcome": "call_back",
            "summary": "Busy, interested",
            "duration_minutes": 5,
            "next_step": {"text": "Call again", "due_at": "2030-01-15T10:00:00+03:00"},
        },
        {
            "channel": "email",
            "direction": "outbound",
            "outcome": "reached",
            "summary": "Sent the price",
            "answers_inquiry_id": "5f6c1f0a-2b4e-4f9a-8c3d-7a1e9b0d2c44",
        },
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if self.key_person_id:
            client.key_persons.get(self.key_person_id)
        if self.script:
            self.script.refuse_unless_known(context)
        contact = ContactRecorded(
            contact_id=context.new_id(),
            channel=self.channel,
            direction=self.direction,
            outcome=self.outcome,
            summary=self.summary,
            key_person_id=self.key_person_id,
            duration_minutes=self.duration_minutes,
            agreed=self.agreed,
            script=self.script,
        )
        return [contact, *self._answer(contact, client, context), *self._task(context)]

    def _answer(self, contact: ContactRecorded, client: "Client", context: RuleContext) -> Iterator[Event]:
        if self.answers_inquiry_id:
            if self.outcome in NOBODY_THERE:
                raise Refused("nobody_answered", inquiry_id=self.answers_inquiry_id, outcome=self.outcome)
            yield client.inquiries.answered(self.answers_inquiry_id, context, contact_id=contact.contact_id)

    def _task(self, context: RuleContext) -> Iterator[Event]:
        if step := self.next_step:
            yield TaskSet.made(step.text, step.due_at, step.employee_id, context)
