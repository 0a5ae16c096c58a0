"""Ids made and read in the driver's class are the ids that the standard library would make and read."""

from uuid import RFC_4122, UUID, uuid4

import orjson
import pytest

from app.headers import header
from app.ids import new_id, parse_id
from domain.client.tasks import TaskCompleted

KNOWN = "5bc63c44-c4bf-4e9f-a238-9a4d05d25b23"


def test_a_new_id_is_random_and_says_so():
    made = [new_id() for _ in range(200)]
    assert len(set(made)) == 200
    assert {(each.version, each.variant) for each in made} == {(4, RFC_4122)}
    assert set(made) == {UUID(str(each)) for each in made}
    bits = [sum(each.int >> bit & 1 for each in made) for bit in range(128)]
    assert [bit for bit, ones in enumerate(bits) if ones in (0, 200)] == [62, 63, 76, 77, 78, 79]


def test_an_id_is_read_as_the_standard_library_reads_it():
    known = uuid4()
    for text in (str(known), str(known).upper(), known.hex):
        assert parse_id(text) == known
        assert hash(parse_id(text)) == hash(known)


@pytest.mark.parametrize("text", ["", "17", "x" * 36, f"{KNOWN}0", KNOWN[:-1]])
def test_what_is_no_id_is_refused(text: str):
    with pytest.raises(ValueError, match="UUID"):
        parse_id(text)


def test_an_event_takes_a_new_id_like_any_other():
    event = TaskCompleted(task_id=(made := new_id()), result=None)
    assert orjson.loads(event.model_dump_json())["task_id"] == str(made)
    assert event == TaskCompleted(task_id=UUID(str(made)), result=None)


def test_a_header_is_the_first_of_its_name():
    scope = {"headers": [(b"accept", b"text/html"), (b"x-name", b"Ren\xe9"), (b"x-name", b"other")]}
    assert header(scope, b"x-name") == "René"
    assert header(scope, b"if-match") is None
