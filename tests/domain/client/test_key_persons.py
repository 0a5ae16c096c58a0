"""Key persons."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.client.key_persons import (
    AddKeyPerson,
    ChangeKeyPerson,
    KeyPersonAdded,
    KeyPersonChanged,
    KeyPersonRemoved,
    RemoveKeyPerson,
)
from domain.types import DecisionRole
from tests.domain.facts import ANNA, LEAD, PERSON, REGISTERED
from tests.spec import Refusal, day, given, new, refusal

EARLY = day(0.5)

REFUSALS = [
    refusal("unknown_key_person", given(REGISTERED), ChangeKeyPerson(key_person_id=PERSON, name="B")),
    refusal("unknown_key_person", given(REGISTERED), RemoveKeyPerson(key_person_id=PERSON)),
    refusal(
        "before_its_cause",
        given(*LEAD),
        ChangeKeyPerson(key_person_id=PERSON, name="B", occurred_at=EARLY),
        {"since": day(1)},
    ),
    refusal("before_its_cause", given(*LEAD), RemoveKeyPerson(key_person_id=PERSON, occurred_at=EARLY)),
    refusal("nothing_to_change", given(*LEAD), ChangeKeyPerson(key_person_id=PERSON)),
    refusal("nothing_to_change", given(*LEAD), ChangeKeyPerson(key_person_id=PERSON, name="Anna Petrova", phones=())),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_a_person_becomes_known() -> None:
    command = AddKeyPerson.model_validate(
        {"name": "Boris", "role": "gatekeeper", "position": " ", "part_in_decisions": "Signs", "emails": ["b@x.ru"]}
    )
    added = KeyPersonAdded(
        key_person_id=new(1),
        name="Boris",
        role=DecisionRole.GATEKEEPER,
        part_in_decisions="Signs",
        emails=("b@x.ru",),
    )
    client = given(REGISTERED).when(command).then(added)
    assert client.key_persons.get(new(1)).emails == ("b@x.ru",)


def test_only_what_differs_is_changed() -> None:
    command = ChangeKeyPerson.model_validate(
        {"key_person_id": PERSON, "name": "Anna Petrova", "role": "influences", "personality_type": None}
    )
    changed = KeyPersonChanged(key_person_id=PERSON, changed=("personality_type", "role"), role=DecisionRole.INFLUENCES)
    person = given(REGISTERED, ANNA).when(command).then(changed).key_persons.get(PERSON)
    assert (person.name, person.role, person.personality_type) == ("Anna Petrova", "influences", None)


def test_a_person_is_taken_off_the_card() -> None:
    client = given(*LEAD).when(RemoveKeyPerson(key_person_id=PERSON)).then(KeyPersonRemoved(key_person_id=PERSON))
    assert client.key_persons.by_id == {}


@pytest.mark.parametrize("body", [{"name": None}, {"name": ""}, {"role": "boss"}, {"phones": ["1"]}])
def test_malformed_bodies(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ChangeKeyPerson.model_validate({"key_person_id": PERSON, **body})
