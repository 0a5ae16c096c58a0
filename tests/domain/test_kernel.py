"""Events, commands and business time."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from domain.kernel import Actor, Command, Event, PersonalMark
from domain.types import EARLIEST, LATEST, Moment
from tests.domain.examples import COMMANDS, EVENTS
from tests.spec import SELLER

MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


@pytest.mark.parametrize("topic", EVENTS)
def test_topics_are_capability_and_past_tense(topic: str) -> None:
    assert re.fullmatch(
        r"[a-z_]+\.[a-z_]*(ed|set|won|lost|made|left|withdrawn|given|undertaken|sent|told|passed_on)", topic
    )
    assert EVENTS[topic].topic == topic


def test_a_topic_belongs_to_one_event() -> None:
    with pytest.raises(TypeError, match="belongs to DealWon"):

        class Again(Event, topic="deals.won"):  # pyright: ignore[reportUnusedClass]
            """The topic is taken."""


@pytest.mark.parametrize("topic", EVENTS)
def test_an_event_knows_its_personal_fields(topic: str) -> None:
    event = EVENTS[topic]
    marked = {
        name
        for name, info in event.model_fields.items()
        if any(isinstance(mark, PersonalMark) for mark in info.metadata)
    }
    assert event.personal_fields == marked


FREE_TEXT = {
    "name",
    "text",
    "note",
    "summary",
    "comment",
    "reason",
    "result",
    "title",
    "need",
    "basis",
    "phones",
    "emails",
}


@pytest.mark.parametrize("topic", EVENTS)
def test_names_ways_to_reach_and_free_text_are_personal(topic: str) -> None:
    event = EVENTS[topic]
    texts = {name for name in FREE_TEXT & set(event.model_fields) if "str" in str(event.model_fields[name].annotation)}
    assert texts <= event.personal_fields


@pytest.mark.parametrize("model", [*EVENTS.values(), *map(type, COMMANDS)])
def test_facts_and_commands_are_frozen_and_closed(model: type[BaseModel]) -> None:
    assert model.model_config.get("frozen")
    assert model.model_config.get("extra") == "forbid"
    assert model.__doc__


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_commands_survive_json(command: Command) -> None:
    sent = command.model_dump_json(exclude_unset=True)
    assert type(command).model_validate_json(sent) == command
    with pytest.raises(ValidationError):
        type(command).model_validate({**command.model_dump(), "unheard_of": 1})


def test_moments_are_kept_in_utc() -> None:
    moscow = timezone(timedelta(hours=3))
    assert MOMENT.validate_python("2026-03-02T12:00:00+03:00") == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert MOMENT.validate_python(datetime(2026, 3, 2, 12, tzinfo=moscow)).tzinfo is UTC


@pytest.mark.parametrize("bound", [EARLIEST, LATEST])
def test_moments_within_the_bounds(bound: datetime) -> None:
    assert MOMENT.validate_python(bound) == bound


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 3, 2),  # noqa: DTZ001
        "2026-03-02T12:00:00",
        "2026-03-02",
        datetime.min.replace(tzinfo=timezone(timedelta(hours=12))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
        EARLIEST - timedelta(microseconds=1),
        LATEST + timedelta(microseconds=1),
        float("nan"),
        float("inf"),
        1e400,
        "yesterday",
    ],
)
def test_no_moments(value: Any) -> None:
    with pytest.raises(ValidationError):
        MOMENT.validate_python(value)


@pytest.mark.parametrize(("role", "is_head"), [("head", True), ("director", True), ("auditor", False)])
def test_who_acts_for_others(role: str, is_head: bool) -> None:
    assert Actor(SELLER.id, frozenset({role})).is_head is is_head
