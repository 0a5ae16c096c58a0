"""The parts of a card that come from working the client: people, contacts, tasks, the waiting handoff, judgements.

A card may be asked how it stood at a moment, and an event dated before its cause then comes without it: what is not
known is passed over. Named tuples, because a rebuild makes millions of them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.client.archive import ClientArchived
from domain.client.contacts import CONTACTS_ON_CARD, ContactRecorded
from domain.client.handoff_events import (
    HandoffAccepted,
    HandoffExpired,
    HandoffOffered,
    HandoffReturned,
    HandoffWithdrawn,
)
from domain.client.inquiries import InquiryAnswered, InquiryClosed, InquiryReceived
from domain.client.key_persons import (
    KEY_PERSON_FIELDS,
    KeyPerson,
    KeyPersonAdded,
    KeyPersonChanged,
    KeyPersonRemoved,
)
from domain.client.qualification import ClientDisqualified, ClientQualified
from domain.client.tasks import TaskCancelled, TaskCompleted, TaskPassedOn, TaskPostponed, TaskSet
from domain.kernel import Event, Recorded

HANDOFFS_ON_CARD = 5
_ANSWERS: Mapping[type[Event], str] = {
    HandoffAccepted: "accepted",
    HandoffReturned: "returned",
    HandoffWithdrawn: "withdrawn",
    HandoffExpired: "expired",
}


class People(NamedTuple):
    """The key persons by id, in the order in which they became known."""

    by_id: Mapping[UUID, KeyPerson] = {}

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


class CardContact(NamedTuple):
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


class Conversations(NamedTuple):
    """The last contacts, newest first by business time, and how many there were."""

    last: tuple[CardContact, ...] = ()
    total: int = 0

    def evolve(self, recorded: Recorded) -> "Conversations":
        """After one more contact."""
        event, at = recorded.event, recorded.occurred_at
        assert isinstance(event, ContactRecorded)
        contact = CardContact(
            event.contact_id,
            at,
            event.channel,
            event.direction,
            event.outcome,
            event.summary,
            event.agreed,
            event.key_person_id,
            recorded.actor,
        )
        last = (contact, *self.last)
        if self.last and at < self.last[0].occurred_at:
            last = sorted(last, key=lambda item: item.occurred_at, reverse=True)
        return Conversations(tuple(last[:CONTACTS_ON_CARD]), self.total + 1)


class CardTask(NamedTuple):
    """An open task."""

    id: UUID
    text: str | None
    due_at: datetime
    employee_id: UUID


class OpenTasks(NamedTuple):
    """The open tasks by id."""

    by_id: Mapping[UUID, CardTask] = {}

    def evolve(self, recorded: Recorded) -> "OpenTasks":
        """After a task was set, moved, passed on or closed."""
        tasks = dict(self.by_id)
        match recorded.event:
            case TaskSet(task_id=key, text=text, due_at=due_at, employee_id=employee_id):
                tasks[key] = CardTask(key, text, due_at, employee_id)
            case TaskCompleted(task_id=key) | TaskCancelled(task_id=key):
                tasks.pop(key, None)
            case TaskPostponed(task_id=key, due_at=due_at) if key in tasks:
                tasks[key] = tasks[key]._replace(due_at=due_at)
            case TaskPassedOn(task_id=key, employee_id=employee_id) if key in tasks:
                tasks[key] = tasks[key]._replace(employee_id=employee_id)
            case _:
                return self
        return OpenTasks(tasks)

    def by_due(self) -> list[CardTask]:
        """The tasks, the earliest due first."""
        return sorted(self.by_id.values(), key=lambda task: (task.due_at, task.id))

    def next_of(self, owner: UUID | None) -> CardTask | None:
        """What whoever works the client has to do first. Tasks of others are no next step."""
        return next((task for task in self.by_due() if task.employee_id == owner), None)


class CardInquiry(NamedTuple):
    """An open inquiry."""

    id: UUID
    channel: str
    subject: str | None
    text: str | None
    key_person_id: UUID | None
    received_at: datetime
    due_at: datetime


class OpenInquiries(NamedTuple):
    """The open inquiries by id."""

    by_id: Mapping[UUID, CardInquiry] = {}

    def evolve(self, recorded: Recorded) -> "OpenInquiries":
        """After an inquiry was received, answered or closed."""
        inquiries = dict(self.by_id)
        match recorded.event:
            case InquiryReceived(inquiry_id=key) as event:
                asked = (event.channel, event.subject, event.text, event.key_person_id)
                inquiries[key] = CardInquiry(key, *asked, recorded.occurred_at, event.due_at)
            case InquiryAnswered(inquiry_id=key) | InquiryClosed(inquiry_id=key):
                inquiries.pop(key, None)
            case _:
                return self
        return OpenInquiries(inquiries)

    def by_due(self) -> list[CardInquiry]:
        """The inquiries, the earliest due first."""
        return sorted(self.by_id.values(), key=lambda inquiry: (inquiry.due_at, inquiry.id))


class WaitingOffer(NamedTuple):
    """An offer of the client to another step that waits for an answer."""

    id: UUID
    from_step: str
    to_step: str
    from_employee_id: UUID
    to_employee_id: UUID | None
    offered_at: datetime
    due_at: datetime
    expires_at: datetime
    comment: str | None


class CardHandoff(NamedTuple):
    """An offer and how it was answered: waiting, accepted, returned, withdrawn or expired."""

    id: UUID
    from_step: str
    to_step: str
    offered_at: datetime
    state: str = "waiting"
    answered_at: datetime | None = None


class Offers(NamedTuple):
    """The offer that waits, if any, the last ones, the newest first, and how many there were."""

    waiting: WaitingOffer | None = None
    last: tuple[CardHandoff, ...] = ()
    total: int = 0

    def evolve(self, recorded: Recorded) -> "Offers":
        """After an offer, or an answer to it."""
        event = recorded.event
        match event:
            case HandoffOffered():
                return self._offered(event, recorded.occurred_at)
            case HandoffAccepted() | HandoffReturned() | HandoffWithdrawn() | HandoffExpired():
                answer = (_ANSWERS[type(event)], recorded.occurred_at)
                return Offers(None, _answered(self.last, event.handoff_id, *answer), self.total)
            case _:
                return self

    def _offered(self, event: HandoffOffered, at: datetime) -> "Offers":
        waiting = WaitingOffer(
            event.handoff_id,
            event.from_step,
            event.to_step,
            event.from_employee_id,
            event.to_employee_id,
            at,
            event.due_at,
            event.expires_at,
            event.comment,
        )
        offered = CardHandoff(event.handoff_id, event.from_step, event.to_step, at)
        return Offers(waiting, (offered, *self.last[: HANDOFFS_ON_CARD - 1]), self.total + 1)


def _answered(handoffs: tuple[CardHandoff, ...], key: UUID, state: str, at: datetime) -> tuple[CardHandoff, ...]:
    return tuple(each._replace(state=state, answered_at=at) if each.id == key else each for each in handoffs)


class Judgement(NamedTuple):
    """A judgement on the client: when, by whom, the reason, and a comment (for a qualification: the need)."""

    at: datetime
    by: UUID
    reason: str | None
    comment: str | None


class Judgements(NamedTuple):
    """The last qualification, disqualification and archiving. A handoff and a disqualification end a qualification.

    The need that the last qualification confirmed stays, as whoever works the client later has to know it.
    """

    qualified: Judgement | None = None
    disqualified: Judgement | None = None
    archived: Judgement | None = None
    need: str | None = None

    def evolve(self, recorded: Recorded) -> "Judgements":
        """After the client was judged, or handed over."""
        at, by = recorded.occurred_at, recorded.actor
        match recorded.event:
            case ClientQualified(need=need):
                return self._replace(qualified=Judgement(at, by, None, need), need=need)
            case ClientDisqualified(reason=reason, comment=comment):
                return self._replace(qualified=None, disqualified=Judgement(at, by, reason, comment))
            case ClientArchived(reason=reason):
                return self._replace(archived=Judgement(at, by, reason, None))
            case _:
                return self._replace(qualified=None)
