"""Empty tables filled from the log: every client folded once, in memory, and its rows copied in."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.kernel import Recorded
from projections.decoding import BAD_ROWS, Decode, describe
from projections.folding import EVENTS_PER_TURN, Keep
from projections.garbage import rare_garbage_collection
from projections.kernel import Row, View
from projections.log import LAST_STREAM, START, Driver, StoredRow, StreamPlace, driver, read_streams
from projections.shadow import LOCK_SPACE, lock_key
from projections.tables import Sums, ViewTables, shown

PAGE = 1000
"""Events per page."""
CHUNK = 10_000
"""Rows collected before they are copied into their tables."""


class RebuildFailed(Exception):
    """A view cannot fold a client, or not show it. `position` is that of the event, 0 where it is not known."""

    def __init__(self, view: str, stream_id: UUID | None, position: int, error: str) -> None:
        super().__init__(view, stream_id, position, error)
        self.view, self.stream_id, self.position, self.error = view, stream_id, position, error

    def __str__(self) -> str:
        return f"view {self.view}, client {self.stream_id}, position {self.position}: {self.error}"


class Part(NamedTuple):
    """Which part of the log to read: positions up to `until`, streams after `after` up to `last`."""

    until: int
    after: StreamPlace = START
    last: UUID = LAST_STREAM


class Loader:
    """Folds a part of the log into empty tables.

    Reading the next page, folding this one and copying the rows of the one before go on at the same time, on two
    connections. `loaded` is called with the number of events of each page. Not `alone`: others fill the same tables.
    """

    def __init__(
        self,
        tables: Sequence[ViewTables[Any]],
        decode: Decode,
        loaded: Callable[[int], None] | None = None,
        keep: Keep | None = None,
        *,
        alone: bool = True,
    ) -> None:
        self._tables, self._decode, self._loaded, self._alone = tables, decode, loaded, alone
        self._topics = sorted({topic for view in tables for topic in view.topics})
        self._client = _Client(tables, keep)
        self._reading: asyncio.Task[list[StoredRow]] | None = None
        self._writing: asyncio.Task[None] | None = None

    async def load(self, engine: AsyncEngine, part: Part) -> None:
        """Read, fold and write.

        Raises:
            RebuildFailed: a client cannot be folded.
        """
        async with engine.connect() as reader, engine.connect() as connection:
            writer = await driver(connection)
            try:
                with rare_garbage_collection():
                    await self._fold_all(reader, writer, part)
            finally:
                pending: list[asyncio.Task[Any]] = [task for task in (self._reading, self._writing) if task]
                await asyncio.gather(*pending, return_exceptions=True)

    async def _fold_all(self, reader: AsyncConnection, writer: Driver, part: Part) -> None:
        self._reading = self._read(reader, part, part.after)
        while rows := await self._reading:
            self._reading = self._read(reader, part, StreamPlace(rows[-1].stream_id, rows[-1].version))
            events = await self._decode(rows)
            for start in range(0, len(rows), EVENTS_PER_TURN):
                end = start + EVENTS_PER_TURN
                self._client.fold(rows[start:end], events[start:end])
                await asyncio.sleep(0)
            if self._loaded:
                self._loaded(len(rows))
            if self._client.collected >= CHUNK:
                await self._write(writer)
        self._client.show()
        await self._write(writer)
        await self._written()
        async with writer.transaction():
            await writer.execute("SELECT pg_advisory_xact_lock($1, $2)", LOCK_SPACE, lock_key("counters"))
            for tables, sums in zip(self._tables, self._client.sums, strict=True):
                await tables.count(writer, sums, empty=self._alone)

    def _read(self, reader: AsyncConnection, part: Part, after: StreamPlace) -> asyncio.Task[list[StoredRow]]:
        return asyncio.create_task(read_streams(reader, after, PAGE, self._topics, part.until, part.last))

    async def _write(self, writer: Driver) -> None:
        await self._written()
        rows = self._client.take()
        self._writing = asyncio.create_task(self._copy(writer, rows))
        await asyncio.sleep(0)

    async def _written(self) -> None:
        if self._writing:
            await self._writing
            self._writing = None

    async def _copy(self, writer: Driver, rows: Sequence[dict[Table, list[Row]]]) -> None:
        async with writer.transaction():
            await writer.execute("SET LOCAL synchronous_commit = off")
            for tables, new in zip(self._tables, rows, strict=True):
                try:
                    await tables.fill(writer, new)
                except BAD_ROWS as error:
                    raise RebuildFailed(tables.view.name, None, 0, describe(error)) from error


class _Client:
    """The client being folded, and the rows of those before it."""

    def __init__(self, tables: Sequence[ViewTables[Any]], keep: Keep | None) -> None:
        self._views: list[View[Any]] = [view.view for view in tables]
        self._readers = {
            topic: tuple(
                (index, view.start, view.evolve)
                for index, view in enumerate(self._views)
                if topic in tables[index].topics
            )
            for each in tables
            for topic in each.topics
        }
        self._keep = keep
        self.sums = [{table: Sums() for table in view.counter_tables} for view in self._views]
        self._stream_id: UUID | None = None
        self._states: list[Any] = []
        self._rows = self._empty()
        self.collected = 0

    def _empty(self) -> list[dict[Table, list[Row]]]:
        return [{table: [] for table in (view.table, *view.part_tables)} for view in self._views]

    def take(self) -> list[dict[Table, list[Row]]]:
        """The rows collected so far, by view and table."""
        rows, self._rows, self.collected = self._rows, self._empty(), 0
        return rows

    def fold(self, rows: Sequence[StoredRow], events: Sequence[Recorded]) -> None:
        """Fold a page into every view that reads it, and collect the rows of the clients that are complete."""
        keep, readers = self._keep, self._readers
        for row, recorded in zip(rows, events, strict=True):
            if row[0] != self._stream_id:
                self.show()
                self._stream_id, self._states = row[0], [None] * len(self._views)
            if keep is None or keep(recorded):
                states = self._states
                for index, start, evolve in readers[row[2]]:
                    state = states[index]
                    try:
                        states[index] = evolve(start(row[0]) if state is None else state, recorded)
                    except Exception as error:
                        raise self._failed(index, row[4], error) from error

    def show(self) -> None:
        """Collect the rows of the client folded last."""
        for index, state in enumerate(self._states):
            if state is not None:
                try:
                    self._collect(index, state)
                except Exception as error:
                    raise self._failed(index, 0, error) from error

    def _collect(self, index: int, state: Any) -> None:
        assert self._stream_id is not None
        view, rows = self._views[index], self._rows[index]
        row, parts, counts = shown(view, self._stream_id, state)
        if row is not None:
            rows[view.table].append(row)
            self.collected += 1
        for table, new in parts.items():
            rows[table].extend(new)
            self.collected += len(new)
        for table, added in counts.items():
            self.sums[index][table].add(added)

    def _failed(self, index: int, position: int, error: Exception) -> RebuildFailed:
        return RebuildFailed(self._views[index].name, self._stream_id, position, describe(error))
