"""Every topic and schema version that was ever released can still be read: tests/event_samples keeps one of each.

A sample is the data of the event with its personal fields. Samples are never edited; a new version of a schema gets a
file of its own.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from domain.kernel import Event
from tests.domain.examples import EVENTS

FOLDER = Path(__file__).parents[1] / "event_samples"
SAMPLES = sorted(FOLDER.glob("*.json"))


def sample(path: Path) -> tuple[type[Event], int, dict[str, Any]]:
    """The event's class, the schema version and the stored data."""
    name = re.fullmatch(r"(?P<topic>[a-z_]+\.[a-z_]+)\.v(?P<version>\d+)", path.stem)
    assert name
    return EVENTS[name["topic"]], int(name["version"]), json.loads(path.read_text("utf-8"))


def load(path: Path) -> Event:
    """The sample as an event of today."""
    event, version, data = sample(path)
    return event.model_validate(data if version == event.schema_version else event.upcast(data, version))


@pytest.mark.parametrize("topic", EVENTS)
def test_every_version_of_a_topic_has_a_sample(topic: str) -> None:
    versions = {sample(path)[1] for path in SAMPLES if sample(path)[0] is EVENTS[topic]}
    assert versions == set(range(1, EVENTS[topic].schema_version + 1))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_loads_and_comes_out_as_it_went_in(path: Path) -> None:
    event, version, data = sample(path)
    loaded = load(path)
    assert type(loaded) is event
    assert event.model_validate_json(loaded.model_dump_json()) == loaded
    if version == event.schema_version:
        assert loaded.model_dump(mode="json") == data


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_uses_every_field(path: Path) -> None:
    event, version, data = sample(path)
    if version == event.schema_version:
        assert set(data) == set(event.model_fields)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_loads_after_erasure(path: Path) -> None:
    """Personal fields read as None once the data key is destroyed."""
    event = load(path)
    erased = event.model_dump() | dict.fromkeys(event.personal_fields)
    assert type(event).model_validate(erased).model_dump() == erased
