"""A stock application of the library `eventsourcing`, pointed at the table with our mapper, reads every event."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.application import Application
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from app.mapper import ConveyorMapper, LibraryEvent
from app.store import Store
from app.vault import Vault
from tests.app.appending import append_of, contact, deal_won
from tests.conftest import MASTER_KEY


class EventsRecorder(PostgresApplicationRecorder):
    """The library's recorder on the table `events`; its own name for it would be `<application>_events`."""

    def __init__(self, datastore: PostgresDatastore, **_: Any) -> None:
        super().__init__(datastore, events_table_name="events")


class Reader(Application[UUID]):
    """Nothing of our own but the settings."""


@pytest.fixture
def reader(database_url: URL) -> Iterator[Reader]:
    socket = database_url.query.get("host")
    settings = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "MAPPER_TOPIC": "app.mapper:ConveyorMapper",
        "APPLICATION_RECORDER_TOPIC": f"{__name__}:EventsRecorder",
        "CREATE_TABLE": "no",
        "POSTGRES_SCHEMA": "public",
        "POSTGRES_DBNAME": database_url.database or "",
        "POSTGRES_HOST": database_url.host or str(socket),
        "POSTGRES_PORT": str(database_url.port or 5432),
        "POSTGRES_USER": database_url.username or "",
        "POSTGRES_PASSWORD": str(database_url.password or "unused"),
    }
    with Reader(settings) as reader:
        yield reader


async def test_it_reads_the_log_and_a_stream(reader: Reader, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch):
    vault, first, second = Vault(MASTER_KEY, engine), uuid4(), uuid4()
    store = Store(engine, vault)
    await store.start()
    events = (await store.append(append_of(first, contact("Asked for Ivan"), deal_won()))).recorded
    events += (await store.append(append_of(second, deal_won()))).recorded
    await store.stop()
    monkeypatch.setattr(ConveyorMapper, "keys", await vault.load([first]))

    notifications = reader.notification_log.select(start=1, limit=10)
    assert [notification.id for notification in notifications] == [1, 2, 3]
    read = [reader.mapper.to_domain_event(notification) for notification in notifications]
    assert read == [LibraryEvent(event.stream_id, event.version, event) for event in events]
    stream: list[Any] = list(reader.events.get(first))
    assert [(one.originator_version, one.recorded.event) for one in stream] == [
        (1, events[0].event),
        (2, events[1].event),
    ]


async def test_it_cannot_append(reader: Reader):
    with pytest.raises(TypeError, match="may read"):
        reader.events.put([LibraryEvent(uuid4(), 1, None)])  # pyright: ignore[reportArgumentType]
