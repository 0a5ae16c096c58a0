"""Events as stored bytes: every event comes back as it was, and nobody changes one unnoticed."""

import gc
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, ClassVar, cast
from uuid import UUID, uuid4

import pytest
from asyncpg.pgproto import pgproto
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncEngine

from app.mapper import (
    ConveyorMapper,
    Envelope,
    LibraryEvent,
    Undecodable,
    decode,
    decode_rows,
    digest,
    encode,
    has_personal_data,
)
from app.vault import Vault
from domain.kernel import EVENTS, Event, Personal, Recorded
from projections.log import StoredRow
from tests.app.appending import contact, deal_won
from tests.conftest import MASTER_KEY
from tests.domain.test_event_samples import FOLDER

STREAM = UUID(int=1)
MOMENT = datetime(2026, 3, 2, 9, 30, 0, 17, tzinfo=UTC)
CIPHER = AESGCM(os.urandom(32))
KEYS = {STREAM: CIPHER}
ENVELOPE = Envelope(STREAM, MOMENT, UUID(int=2), 4, UUID(int=5), UUID(int=6))

st.register_type_strategy(datetime, st.datetimes(datetime(1900, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(int, st.integers(-(10**9), 10**9))
st.register_type_strategy(Decimal, st.decimals(-(10**12), 10**12, places=4))


def _parts(value: Any) -> Iterator[BaseModel]:
    """The models within a value."""
    items: Iterable[Any] = ()
    if isinstance(value, Mapping):
        items = cast("Mapping[Any, Any]", value).values()
    elif isinstance(value, list | tuple):
        items = cast("Iterable[Any]", value)
    elif isinstance(value, BaseModel):
        yield value
        items = [item for _, item in value]
    for item in items:
        yield from _parts(item)


def _register_parts() -> None:
    """Parts of events are taken from the samples, because their rules are narrower than their types tell.

    So is a whole event that has a dictionary whose keys follow a rule, or a month, which is not any day.
    """
    found: dict[type[BaseModel], list[BaseModel]] = {}
    for path in FOLDER.glob("*.json"):
        topic, version, _ = path.name.rsplit(".", 2)
        event = EVENTS[topic]
        if version == f"v{event.schema_version}":
            sample = event.model_validate_json(path.read_bytes())
            schema = json.dumps(event.model_json_schema())
            if "propertyNames" in schema or '"title": "Month"' in schema:
                found[event] = [sample]
            for _, value in sample:
                for part in _parts(value):
                    found.setdefault(type(part), []).append(part)
    for kind, parts in found.items():
        st.register_type_strategy(kind, st.sampled_from(parts))


_register_parts()


def row_of(
    event: Event, envelope: Envelope = ENVELOPE, cipher: AESGCM | None = CIPHER, occurred_at: datetime = MOMENT
) -> StoredRow:
    state = encode(event, 3, occurred_at, b"previous", envelope, cipher)
    return StoredRow(envelope.stream_id, 3, event.topic, state, 9)


def changed(row: StoredRow, **values: Any) -> StoredRow:
    return row._replace(state=json.dumps(json.loads(row.state) | values).encode())


@pytest.mark.parametrize("topic", sorted(EVENTS))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_event_comes_back_as_it_was(topic: str, data: st.DataObject):
    event: Event = data.draw(st.from_type(EVENTS[topic]))
    recorded = decode(row_of(event), KEYS)
    assert recorded.event == event
    erased = decode(row_of(event), {}).event
    assert not has_personal_data(erased)
    assert erased == event.model_copy(update=dict.fromkeys(event.personal_fields))


def test_the_envelope_comes_back():
    assert decode(row_of(event := deal_won()), {}) == Recorded(
        event, STREAM, 3, 9, MOMENT, MOMENT, UUID(int=2), 4, UUID(int=5), UUID(int=6)
    )
    assert decode(row_of(event, ENVELOPE._replace(causation_id=None)), {}).causation_id is None
    assert row_of(event, ENVELOPE._replace(actor=pgproto.UUID(str(UUID(int=2))))) == row_of(event)


def test_the_state_is_json_with_its_keys_in_order():
    event = contact("Asked for Ivan")
    state = json.loads(row_of(event).state)
    assert list(state) == [
        *("schema_version", "occurred_at", "recorded_at", "actor", "regulation_version"),
        *("correlation_id", "causation_id", "previous", "data", "sealed"),
    ]
    assert state["occurred_at"] == "2026-03-02T09:30:00.000017+00:00"
    assert bytes.fromhex(state["previous"]) == b"previous"
    assert state["data"] == {
        "contact_id": str(event.contact_id),
        "channel": "phone",
        "direction": "outbound",
        "outcome": "reached",
    }


def test_times_are_stored_in_utc_with_microseconds():
    moscow = datetime(2026, 3, 2, 12, tzinfo=timezone(timedelta(hours=3)))
    row = row_of(deal_won(), occurred_at=moscow)
    assert json.loads(row.state)["occurred_at"] == "2026-03-02T09:00:00.000000+00:00"
    assert decode(row, {}).occurred_at == moscow


def test_personal_data_is_not_readable_in_the_state():
    assert b"Ivan" not in row_of(contact("Asked for Ivan")).state


def test_nothing_is_sealed_where_nothing_is_personal():
    assert b"sealed" not in row_of(deal_won(), cipher=None).state
    assert b"sealed" not in row_of(contact(None), cipher=None).state


def test_a_destroyed_key_leaves_the_personal_fields_empty():
    event = contact("Asked for Ivan")
    assert decode(row_of(event), {STREAM: None}).event == event.model_copy(update={"summary": None})


@pytest.mark.parametrize(
    "row",
    [
        row_of(deal_won())._replace(topic="deals.unknown"),
        row_of(deal_won())._replace(state=b"{}"),
        row_of(deal_won())._replace(state=b"not JSON"),
        changed(row_of(deal_won()), data={"deal_id": "?"}),
        row_of(contact())._replace(version=4),
        changed(row_of(contact()), sealed="AAAA"),
    ],
    ids=["topic", "envelope", "syntax", "data", "moved", "sealed"],
)
def test_what_cannot_be_read_says_which_event_it_is(row: StoredRow):
    with pytest.raises(Undecodable, match=f"event 9 .*{STREAM}") as caught:
        decode(row, KEYS)
    assert caught.value.row == row


def test_the_digest_covers_all_that_is_stored():
    row = row_of(deal_won())
    known = digest(row.stream_id, row.version, row.topic, row.state)
    assert len(known) == 32
    others = {
        digest(uuid4(), row.version, row.topic, row.state),
        digest(row.stream_id, 4, row.topic, row.state),
        digest(row.stream_id, row.version, "deals.lost", row.state),
        digest(row.stream_id, row.version, row.topic, row.state.replace(b"EUR", b"USD")),
    }
    assert len(others - {known}) == 4


class _Renamed(Event, topic="tests.renamed"):
    schema_version: ClassVar[int] = 2

    total: int
    comment: Personal[str] = "none given"

    @classmethod
    def upcast(cls, data: Mapping[str, Any], from_version: int) -> dict[str, Any]:
        assert from_version == 1
        return {"total": data["sum"], "comment": data.get("note")}


EVENTS.pop("tests.renamed")


def test_an_event_of_an_older_schema_is_brought_up_to_date(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(EVENTS, "tests.renamed", _Renamed)
    row = changed(row_of(_Renamed(total=1, comment=None)), schema_version=1, data={"sum": 5, "note": "old"})
    assert decode(row, {}).event == _Renamed(total=5, comment="old")


def test_an_absent_personal_field_is_none_whatever_its_default(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(EVENTS, "tests.renamed", _Renamed)
    assert decode(row_of(_Renamed(total=1)), {}).event == _Renamed(total=1, comment=None)
    assert decode(row_of(_Renamed(total=1)), KEYS).event == _Renamed(total=1)


@pytest.mark.parametrize("collecting", [True, False])
async def test_the_garbage_collector_is_left_as_it_was(engine: AsyncEngine, collecting: bool):
    before = gc.isenabled()
    (gc.enable if collecting else gc.disable)()
    try:
        with pytest.raises(Undecodable):
            await decode_rows([row_of(deal_won())._replace(state=b"")], Vault(MASTER_KEY, engine))
        assert gc.isenabled() is collecting
    finally:
        (gc.enable if before else gc.disable)()


def test_the_library_may_read_but_not_append():
    mapper = ConveyorMapper(transcoder=None)  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="may read"):
        mapper.to_stored_event(LibraryEvent(STREAM, 1, decode(row_of(deal_won()), {})))
