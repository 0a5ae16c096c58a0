"""The parts of a card that come from working the client: people, contacts, tasks, the waiting handoff, judgements.

A card may be asked how it stood at a moment, and an event dated before its cause then comes without it: what is not
known is passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from domain.client.archive import ClientArchived
from domain.client.contacts import Contact, ContactRecorded, with_newest
from domain.client.handoff_events import HandoffOffered
from domain.client.key_persons import (
    KEY_PERSON_FIELDS,
    KeyPerson,
    KeyPersonAdded,
    KeyPersonChanged,
    KeyPersonRemoved,
)
from domain.client.qualification import ClientDisqualified, ClientQualified
from domain.client.tasks import Task, TaskCancelled, TaskCompleted, TaskPostponed, TaskSet
from domain.kernel import Recorded


@dataclass(frozen=True, slots=True)
class People:
    """The key persons by id, in the order in which they became known."""

    by_id: Mapping[UUID, KeyPerson] = field(default_factory=dict[UUID, KeyPerson])

    def evolve(self, recorded: Recorded) -> "People":
        """After a person was added, changed or removed."""
        persons = dict(self.by_id)
        match recorded.event:
            case KeyPersonAdded(key_person_id=key) as facts:
                persons[key] = KeyPerson(key, recorded.occurred_at).with_facts(facts, KEY_PERSON_FIELDS)
            case KeyPersonChanged(key_person_id=key, changed=changed) as facts if key in persons:
                persons[key] = persons[key].with_facts(facts, changed)
            case KeyPersonRemoved(key_person_id=key):
                persons.pop(key, None)
            case _:
                return self
        return People(persons)


@dataclass(frozen=True, slots=True)
class Conversations:
    """The last contacts, newest first by business time, and how many there were."""

    last: tuple[Contact, ...] = ()
    count: int = 0

    def evolve(self, recorded: Recorded) -> "Conversations":
        """After one more contact."""
        event = recorded.event
        if not isinstance(event, ContactRecorded):
            return self
        contact = Contact(
            event.contact_id,
            recorded.occurred_at,
            event.channel.value,
            event.direction.value,
            event.outcome.value,
            event.summary,
            event.agreed,
            event.key_person_id,
            recorded.actor,
        )
        return Conversations(with_newest(self.last, contact), self.count + 1)


@dataclass(frozen=True, slots=True)
class OpenTasks:
    """The open tasks by id."""

    by_id: Mapping[UUID, Task] = field(default_factory=dict[UUID, Task])

    def evolve(self, recorded: Recorded) -> "OpenTasks":
        """After a task was set, moved or closed."""
        tasks = dict(self.by_id)
        match recorded.event:
            case TaskSet(task_id=key, text=text, due_at=due_at, employee_id=employee_id):
                tasks[key] = Task(key, text, due_at, employee_id, recorded.occurred_at)
            case TaskPostponed(task_id=key, due_at=due_at) if key in tasks:
                tasks[key] = replace(tasks[key], due_at=due_at)
            case TaskCompleted(task_id=key) | TaskCancelled(task_id=key):
                tasks.pop(key, None)
            case _:
                return self
        return OpenTasks(tasks)

    def by_due(self) -> list[Task]:
        """The tasks, the earliest due first."""
        return sorted(self.by_id.values(), key=lambda task: (task.due_at, task.id))


@dataclass(frozen=True, slots=True)
class WaitingOffer:
    """An offer of the client to another step that waits for an answer."""

    id: UUID
    from_step: str
    to_step: str
    from_employee_id: UUID
    to_employee_id: UUID | None
    offered_at: datetime
    due_at: datetime
    expires_at: datetime
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Offers:
    """The offer that waits, if any, and how many there were."""

    waiting: WaitingOffer | None = None
    count: int = 0

    def evolve(self, recorded: Recorded) -> "Offers":
        """After an offer, or an answer to it."""
        event = recorded.event
        if not isinstance(event, HandoffOffered):
            return Offers(None, self.count)
        waiting = WaitingOffer(
            event.handoff_id,
            event.from_step.value,
            event.to_step.value,
            event.from_employee_id,
            event.to_employee_id,
            recorded.occurred_at,
            event.due_at,
            event.expires_at,
            event.comment,
        )
        return Offers(waiting, self.count + 1)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A judgement on the client: when, by whom, the reason, and a comment (for a qualification: the need)."""

    at: datetime
    by: UUID
    reason: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Judgements:
    """The last qualification, disqualification and archiving. A handoff and a disqualification end a qualification."""

    qualified: Judgement | None = None
    disqualified: Judgement | None = None
    archived: Judgement | None = None

    def evolve(self, recorded: Recorded) -> "Judgements":
        """After the client was judged, or handed over."""
        at, by = recorded.occurred_at, recorded.actor
        match recorded.event:
            case ClientQualified(need=need):
                return Judgements(Judgement(at, by, None, need), self.disqualified, self.archived)
            case ClientDisqualified(reason=reason, comment=comment):
                return Judgements(None, Judgement(at, by, reason.value, comment), self.archived)
            case ClientArchived(reason=reason):
                return Judgements(self.qualified, self.disqualified, Judgement(at, by, reason))
            case _:
                return Judgements(None, self.disqualified, self.archived)
