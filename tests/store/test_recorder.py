"""The store passes the library's own test cases for recorders, behind a small synchronous facade."""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from threading import Thread
from typing import Any, TypeVar, cast
from uuid import UUID

import pytest
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    ListenNotifySubscription,
    Notification,
    StoredEvent,
    Subscription,
)
from eventsourcing.tests.persistence import ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import create_async_engine

from app.store import Rows, Store, VersionConflict
from app.vault import Vault
from projections import log
from projections.log import StoredRow
from tests.conftest import MASTER_KEY

T = TypeVar("T")


class StoreRecorder(ApplicationRecorder):
    """The store with a loop of its own in another thread. One call appends to one stream, as a command does."""

    def __init__(self, url: URL) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()
        self._engine = create_async_engine(url)
        self.store = Store(self._engine, Vault(MASTER_KEY, self._engine))
        self._run(self.store.start())

    def close(self) -> None:
        self._run(self.store.stop())
        self._run(self._engine.dispose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        first = stored_events[0]
        events = [(event.topic, event.state) for event in stored_events]
        rows = Rows(cast("UUID", first.originator_id), first.originator_version - 1, events)
        try:
            position = self._run(self.store.append_rows(rows))
        except VersionConflict as conflict:
            raise IntegrityError from conflict
        return list(range(position, position + len(events)))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        async def read() -> list[StoredRow]:
            after, before = -1 if gt is None else gt, None if lte is None else lte + 1
            async with self._engine.connect() as connection:
                stream = cast("UUID", originator_id)
                return await log.read_stream(connection, stream, after, before, limit, newest_first=desc)

        return [StoredEvent(*row[:4]) for row in self._run(read())]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        async def read() -> list[StoredRow]:
            async with self._engine.connect() as connection:
                after = (start or 0) - (inclusive_of_start and start is not None)
                return await log.read_log(connection, after, limit, topics or None, stop)

        return [Notification(*row) for row in self._run(read())]

    def max_notification_id(self) -> int | None:
        return self._run(self.store.head()) or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        return StoreSubscription(self, gt, topics)


class StoreSubscription(ListenNotifySubscription[ApplicationRecorder]):
    """Pulls whenever the store has committed."""

    def __init__(self, recorder: StoreRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt, topics)
        recorder.store.on_commit(lambda _: self._has_been_notified.set())


class _OnOurStore:
    recorder: StoreRecorder

    @pytest.fixture(autouse=True)
    def on_a_fresh_database(self, database_url: URL) -> Iterator[None]:
        self.recorder = StoreRecorder(database_url)
        yield
        self.recorder.close()

    def create_recorder(self) -> StoreRecorder:
        return self.recorder


class TestApplicationRecorder(_OnOurStore, ApplicationRecorderTestCase[StoreRecorder]):
    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNonInterleaving(_OnOurStore, NonInterleavingNotificationIDsBaseCase):
    pass


del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
