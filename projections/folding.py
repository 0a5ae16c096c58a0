"""A range of the log folded into tables that hold the earlier events: what live projection does with every page."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.kernel import Recorded
from projections.decoding import BAD_ROWS, DATABASE_ERRORS, Decode, decode_each, describe
from projections.garbage import rare_garbage_collection
from projections.histories import Histories, Keep, Readers, folded
from projections.joining import decode_for
from projections.log import Driver, StoredRow, driver, read_histories, read_log
from projections.tables import Batch, Change, ViewTables

STREAMS_PER_TURN = 50
"""After how many clients that were folded the other tasks of the process get their turn."""
EVENTS_PER_TURN = 250
"""And after how many events that were decoded."""


class Failure(NamedTuple):
    """A client that a view cannot fold or show, and the position of the event before which it stands still."""

    view: str
    stream_id: UUID
    position: int
    error: str


class Folder:
    """Folds ranges of the log into the tables of some views, reading and decoding each range once for all of them."""

    def __init__(self, tables: Sequence[ViewTables[Any]], decode: Decode, keep: Keep | None = None) -> None:
        self._tables = tables
        self._decode = decode_for([each.view for each in tables], decode)
        self._keep = keep
        self._readers = Readers([each.view for each in tables], keep)
        self._changed: list[tuple[ViewTables[Any], dict[UUID, Any]]] = []

    async def advance(
        self,
        connection: AsyncConnection,
        start: int,
        end: int,
        parked: Collection[tuple[str, UUID]] = (),
        *,
        careful: bool = False,
    ) -> list[Failure]:
        """Fold the events after `start` up to `end`, in the caller's transaction. Clients in `parked` stay as they are.

        Returns the clients that failed; their events before the failing one are taken in. With `careful` every client
        is written alone, so that rows which the database can never take are failures of their client too; without, they
        raise one of `BAD_ROWS` and the transaction is lost.
        """
        with rare_garbage_collection():
            rows = await read_log(connection, start, end - start, self._readers.topics, end)
            by_view = self._readers.sort(rows, await self._decoded(rows))
            failures: list[Failure] = []
            for tables, histories in zip(self._tables, by_view, strict=True):
                for name, stream_id in parked:
                    if name == tables.view.name:
                        histories.pop(stream_id, None)
                if histories:
                    failures += await self._fold(connection, tables, histories, start, careful=careful)
            return failures

    def remember(self) -> None:
        """Keep the states that `advance` wrote, now that its transaction is committed."""
        for tables, states in self._changed:
            tables.recent.remember(states)

    async def resume(self, connection: AsyncConnection, stream_id: UUID, position: int, end: int) -> list[Failure]:
        """Fold the events of one parked client from the position at which it stands still up to `end`."""
        raw = await driver(connection)
        failures: list[Failure] = []
        for tables in self._tables:
            rows = await read_histories(connection, [stream_id], tables.topics, end)
            events = await self._decoded(rows)
            earlier = [recorded for recorded in events if recorded.position < position]
            stored = await tables.stored(raw, [stream_id])
            page = _ViewPage(tables, raw, careful=True)
            await page.take(stream_id, stored.get(stream_id), earlier, events[len(earlier) :])
            failures += page.failures.values()
        return failures

    async def _decoded(self, rows: Sequence[StoredRow]) -> list[Recorded]:
        events: list[Recorded] = []
        for start in range(0, len(rows), EVENTS_PER_TURN):
            events += await decode_each(self._decode, rows[start : start + EVENTS_PER_TURN])
            await asyncio.sleep(0)
        return events

    async def _fold(
        self, connection: AsyncConnection, tables: ViewTables[Any], histories: Histories, start: int, *, careful: bool
    ) -> list[Failure]:
        raw = await driver(connection)
        unknown = {key: history for key, history in histories.items() if tables.recent.get(key) is None}
        stored = await tables.stored(raw, unknown)
        earlier = await self._without_row(connection, tables, unknown, stored, start)
        page = _ViewPage(tables, raw, careful=careful)
        for number, (stream_id, history) in enumerate(histories.items(), 1):
            await page.take(stream_id, stored.get(stream_id), earlier.get(stream_id, ()), history)
            if not number % STREAMS_PER_TURN:
                await asyncio.sleep(0)
        await tables.write(raw, page.batch)
        self._changed.append((tables, page.states))
        return list(page.failures.values())

    async def _without_row(
        self,
        connection: AsyncConnection,
        tables: ViewTables[Any],
        histories: Mapping[UUID, Sequence[Recorded]],
        stored: Mapping[UUID, str],
        start: int,
    ) -> Histories:
        """The earlier events of clients that have some, but no row to keep a state in."""
        absent = [key for key, history in histories.items() if history[0].version > 1 and key not in stored]
        if not absent:
            return {}
        rows = await read_histories(connection, absent, tables.topics, start)
        events = await self._decoded(rows)
        kept = events if self._keep is None else filter(None, map(self._keep, events))
        return {key: list(history) for key, history in groupby(kept, key=lambda recorded: recorded.stream_id)}


class _ViewPage:
    """One view's part of a page: the batch to write, and the clients that failed."""

    def __init__(self, tables: ViewTables[Any], raw: Driver, *, careful: bool) -> None:
        self._tables, self._raw, self._careful = tables, raw, careful
        self.batch = Batch(tables.view)
        self.failures: dict[UUID, Failure] = {}
        self.states: dict[UUID, Any] = {}

    async def take(
        self, stream_id: UUID, stored: str | None, earlier: Sequence[Recorded], history: Sequence[Recorded]
    ) -> None:
        """Fold a client's events onto its state as it is stored or remembered, or else onto its earlier events."""
        try:
            old = self._before(stream_id, stored, earlier)
            new, grown, failed = folded(self._tables.view, old, history)
            if failed:
                self._fail(stream_id, *failed)
            if new is not None and (new is not old or grown):
                await self._put(Change(stream_id, old, new, grown))
                self.states[stream_id] = new
        except BAD_ROWS as error:
            if not self._careful:
                raise
            self._fail(stream_id, history[0], error)
        except DATABASE_ERRORS:
            raise
        except Exception as error:
            self._fail(stream_id, history[0], error)

    def _before(self, stream_id: UUID, stored: str | None, earlier: Sequence[Recorded]) -> Any:
        view = self._tables.view
        if stored is not None:
            return view.from_json(stored)
        state = self._tables.recent.get(stream_id)
        for recorded in earlier:
            state = view.after(state, recorded)
        return state

    async def _put(self, change: Change[Any]) -> None:
        if not self._careful:
            self.batch.add(change)
            return
        alone = Batch(self._tables.view)
        alone.add(change)
        async with self._raw.transaction():
            await self._tables.write(self._raw, alone)

    def _fail(self, stream_id: UUID, recorded: Recorded, error: Exception) -> None:
        self.failures[stream_id] = Failure(self._tables.view.name, stream_id, recorded.position, describe(error))
