"""Conversations with a made-up client: calls by the script, talks that leave tasks behind, inquiries."""

from datetime import timedelta
from uuid import UUID

from app.demo.books import FIRST_CALL, VERSIONS
from app.demo.life import Chapter, Life
from app.demo.words import PERSONALITY_TYPES
from domain.client.contacts import Direction, NextStep, Outcome, RecordContact
from domain.client.inquiries import AnswerInquiry, CloseInquiry, ClosingReason, ReceiveInquiry
from domain.client.key_persons import AddKeyPerson
from domain.client.tasks import CancelTask, CompleteTask, PostponeTask
from domain.kernel import Actor, Command
from domain.playbook import ScriptUse
from domain.types import Channel, DecisionRole

_CHANNELS = (Channel.PHONE, Channel.PHONE, Channel.EMAIL, Channel.OFFICE_MEETING)


def contact(
    life: Life, outcome: Outcome, summary: str, person: UUID | None = None, *, follow_up: bool = False
) -> RecordContact:
    """A contact some days later, perhaps with a next step that is due in a week."""
    at = life.later()
    return RecordContact(
        channel=life.random.choice(_CHANNELS),
        direction=Direction.OUTBOUND,
        outcome=outcome,
        summary=summary,
        key_person_id=person,
        duration_minutes=life.random.randrange(1, 40),
        next_step=NextStep(text="Call again", due_at=at + timedelta(days=7)) if follow_up else None,
        occurred_at=at,
    )


def first_call(life: Life, outcome: Outcome) -> RecordContact:
    """A first call by the script, which seldom came to its end."""
    call = contact(life, outcome, "No conversation yet.").model_copy(update={"channel": Channel.PHONE})
    version = 2 if life.in_second_half else 1
    keys = [step.key for step in VERSIONS[version - 1]]
    passed = 0 if outcome is Outcome.NO_ANSWER else life.random.randrange(len(keys))
    use = ScriptUse(script_id=FIRST_CALL, version=version, steps_passed=tuple(keys[:passed]), broke_off_at=keys[passed])
    return call.model_copy(update={"script": use})


def talk(life: Life, seller: Actor, summary: str, person: UUID | None = None) -> Chapter[None]:
    """A conversation with a task that follows from it, mostly done later."""
    answer = yield life.beat(seller, contact(life, Outcome.REACHED, summary, person, follow_up=True))
    task_id, happens = UUID(answer["task_id"]), life.random.random()
    if happens < 0.1:
        yield life.beat(seller, _other_end(life, task_id))
    elif happens < 0.85:
        yield life.beat(seller, CompleteTask(task_id=task_id, result="Done", occurred_at=life.later()))


def _other_end(life: Life, task_id: UUID) -> Command:
    if life.chance(0.5):
        return CancelTask(task_id=task_id, reason="He called himself", occurred_at=life.later(2))
    at = life.later(2)
    return PostponeTask(task_id=task_id, due_at=at + timedelta(days=14), reason="On holiday", occurred_at=at)


def inquiry(life: Life, answering: Actor) -> Chapter[None]:
    """Something the client asks, mostly answered within the day."""
    received = ReceiveInquiry(channel=Channel.EMAIL, text="What does it cost?", occurred_at=life.later(1))
    answer = yield life.beat(answering, received)
    inquiry_id, happens = UUID(answer["inquiry_id"]), life.random.random()
    if happens < 0.06:
        return
    life.now += timedelta(hours=life.random.choice((1, 2, 4, 7, 30)))
    at = life.now.replace(microsecond=0)
    if happens < 0.12:
        yield life.beat(answering, CloseInquiry(inquiry_id=inquiry_id, reason=ClosingReason.WITHDRAWN, occurred_at=at))
    else:
        yield life.beat(answering, AnswerInquiry(inquiry_id=inquiry_id, text="As in the list", occurred_at=at))


def key_person(life: Life) -> AddKeyPerson:
    """Somebody at the client's."""
    tongue, random = life.tongue, life.random
    return AddKeyPerson(
        name=f"{random.choice(tongue.first_names)} {random.choice(tongue.last_names)}",
        position=random.choice(tongue.positions),
        role=random.choice(tuple(DecisionRole)),
        personality_type=random.choice(PERSONALITY_TYPES),
        occurred_at=life.later(),
    )
