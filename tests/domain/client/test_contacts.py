"""Contacts."""

from uuid import UUID

import pytest
from pydantic import ValidationError

from domain.client.contacts import CONTACTS_ON_CARD, ContactRecorded, Direction, NextStep, Outcome, RecordContact
from domain.client.tasks import TaskSet
from domain.playbook import Script, ScriptStep, ScriptUse
from domain.types import Channel
from tests.domain.facts import LEAD, PERSON, REACHED, REGISTERED
from tests.spec import CLOSER, GONE, SELLER, SOMEBODY, Refusal, at, day, finds, given, new, refusal

CALL = RecordContact(
    channel=Channel.PHONE, direction=Direction.OUTBOUND, outcome=Outcome.REACHED, summary="Talked", key_person_id=None
)


def call(**changes: object) -> RecordContact:
    return CALL.model_copy(update=changes)


def follow_up(employee_id: UUID | None) -> NextStep:
    return NextStep(text="Call again", due_at=day(120), employee_id=employee_id)


SCRIPT = Script(
    new(9), 1, "First call", versions={2: tuple(ScriptStep(key=key, prompt=key) for key in ("opening", "need"))}
)


def followed(*passed: str, version: int = 2, broke_off_at: str | None = None) -> RecordContact:
    return call(script=ScriptUse(script_id=SCRIPT.id, version=version, steps_passed=passed, broke_off_at=broke_off_at))


REFUSALS = [
    refusal("unknown_script", given(REGISTERED), followed("opening"), {"id": SCRIPT.id}),
    refusal("unknown_script_version", given(REGISTERED), followed(version=1), {"latest": 2}, known=finds(SCRIPT)),
    *[
        refusal("wrong_script_steps", given(REGISTERED), wrong, {"steps": ["opening", "need"]}, known=finds(SCRIPT))
        for wrong in (
            followed("opening", "price"),
            followed("opening", "opening"),
            followed("opening", broke_off_at="opening"),
        )
    ],
    refusal("unknown_key_person", given(REGISTERED), call(key_person_id=PERSON)),
    refusal("unknown_employee", given(REGISTERED), call(next_step=follow_up(SOMEBODY))),
    refusal("employee_left", given(REGISTERED), call(next_step=follow_up(GONE.id))),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def contact(number: int, **changes: object) -> ContactRecorded:
    return REACHED.model_copy(update={"contact_id": new(number), "summary": "Talked", "key_person_id": None, **changes})


def test_a_contact_says_how_far_a_script_was_followed() -> None:
    command = followed("opening", broke_off_at="need")
    given(REGISTERED).when(command, known=finds(SCRIPT)).then(contact(1, script=command.script))


def test_a_contact_is_recorded() -> None:
    given(REGISTERED).when(CALL).then(contact(1))


@pytest.mark.parametrize(("employee_id", "performer"), [(None, SELLER.id), (CLOSER.id, CLOSER.id)])
def test_the_next_step_becomes_a_task(employee_id: UUID | None, performer: UUID) -> None:
    task = TaskSet(task_id=new(2), text="Call again", due_at=day(120), employee_id=performer)
    client = given(REGISTERED).when(call(next_step=follow_up(employee_id))).then(contact(1), task)
    assert list(client.tasks.open) == [new(2)]


@pytest.mark.parametrize("outcome", Outcome)
def test_who_counts_as_reached(outcome: Outcome) -> None:
    reached = given(*LEAD[:3]).when(call(key_person_id=PERSON, outcome=outcome)).after().contacts.reached
    spoken_to = {Outcome.REACHED, Outcome.MEETING_AGREED, Outcome.CALL_BACK, Outcome.REFUSED}
    assert reached == ({PERSON: day(100)} if outcome in spoken_to else {})


def test_yesterdays_call_may_name_a_person_added_today() -> None:
    assert given(*LEAD).when(call(key_person_id=PERSON, occurred_at=day(0.5))).after().contacts.count == 2


def test_a_contact_logged_late_takes_its_place_by_business_time() -> None:
    later, earlier = at(day(9), contact(1)), at(day(5), contact(2))
    contacts = given(REGISTERED, later, earlier).state.contacts
    assert [item.id for item in contacts.last] == [new(1), new(2)]


def test_the_card_keeps_the_newest_contacts() -> None:
    history = [at(day(30 - number), contact(number)) for number in range(1, 8)]
    contacts = given(REGISTERED, *history).state.contacts
    assert [item.id for item in contacts.last] == [new(number) for number in range(1, CONTACTS_ON_CARD + 1)]
    assert contacts.count == 7


@pytest.mark.parametrize(
    "changes",
    [{"summary": " "}, {"duration_minutes": -1}, {"duration_minutes": 1441}, {"occurred_at": "2026-03-02T10:00:00"}],
)
def test_malformed_bodies(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RecordContact.model_validate(CALL.model_dump() | changes)
