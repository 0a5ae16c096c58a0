"""Empty tables filled from the log: every client folded once, in memory, and its rows copied in."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
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


Park = Callable[[RebuildFailed], None]
"""Is told of a client that cannot be folded: `stream_id` is given."""


class Part(NamedTuple):
    """Which part of the log to read: positions up to `until`, streams after `after` up to `last`."""

    until: int
    after: StreamPlace = START
    last: UUID = LAST_STREAM


class _Page(NamedTuple):
    """Rows in the order of their streams, with their events."""

    rows: list[StoredRow]
    events: list[Recorded]


class Loader:
    """Folds a part of the log into empty tables.

    While a page is folded, the database already reads the next one, and takes in the rows of those before, on two
    connections. `loaded` is called with the number of events of each page. Not `alone`: others fill the same tables.
    `park` is told of the clients that cannot be folded, instead of failing; `keep` then has to leave them out.
    """

    def __init__(
        self,
        tables: Sequence[ViewTables[Any]],
        decode: Decode,
        loaded: Callable[[int], None] | None = None,
        keep: Keep | None = None,
        park: Park | None = None,
        *,
        alone: bool = True,
    ) -> None:
        self._tables, self._decode, self._loaded, self._alone = tables, decode, loaded, alone
        self._topics = sorted({topic for view in tables for topic in view.topics})
        self._client = _Client(tables, keep, park)
        self._reading: asyncio.Task[_Page | None] | None = None
        self._writing: asyncio.Task[None] | None = None

    async def load(self, engine: AsyncEngine, part: Part) -> None:
        """Read, fold and write.

        Raises:
            RebuildFailed: a client cannot be folded, and there is no `park`; or its rows cannot be written.
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
        self._reading = asyncio.create_task(self._read(reader, part, part.after))
        while page := await self._reading:
            end = StreamPlace(page.rows[-1].stream_id, page.rows[-1].version)
            self._reading = asyncio.create_task(self._read(reader, part, end))
            pairs = zip(page.rows, page.events, strict=True)
            while some := list(islice(pairs, EVENTS_PER_TURN)):
                self._client.fold(some)
                await asyncio.sleep(0)
            if self._loaded:
                self._loaded(len(page.rows))
            if self._client.collected >= CHUNK:
                await self._write(writer)
        self._client.show()
        await self._write(writer)
        await self._written()
        async with writer.transaction():
            await writer.execute("SELECT pg_advisory_xact_lock($1, $2)", LOCK_SPACE, lock_key("counters"))
            for tables, sums in zip(self._tables, self._client.sums, strict=True):
                await tables.count(writer, sums, empty=self._alone)

    async def _read(self, reader: AsyncConnection, part: Part, after: StreamPlace) -> _Page | None:
        """The next page; None at the end."""
        rows = await read_streams(reader, after, PAGE, self._topics, part.until, part.last)
        return _Page(rows, await self._decode(rows)) if rows else None

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

    def __init__(self, tables: Sequence[ViewTables[Any]], keep: Keep | None, park: Park | None) -> None:
        self._views: list[View[Any]] = [view.view for view in tables]
        self._keep, self._park = keep, park
        self.sums = [{table: Sums() for table in view.counter_tables} for view in self._views]
        self._stream_id: UUID | None = None
        self._states: list[Any] = [None] * len(self._views)
        self._unfolded: list[list[Recorded]] = [[] for _ in self._views]
        self._readers = _readers(tables, self._unfolded)
        self._rows = self._empty()
        self.collected = 0

    def _empty(self) -> list[dict[Table, list[Row]]]:
        return [{table: [] for table in view.row_tables} for view in self._views]

    def take(self) -> list[dict[Table, list[Row]]]:
        """The rows collected so far, by view and table."""
        rows, self._rows, self.collected = self._rows, self._empty(), 0
        return rows

    def fold(self, page: Iterable[tuple[StoredRow, Recorded]]) -> None:
        """Fold rows with their events into every view that reads them; collect what clients show that are complete."""
        keep, readers, stream_id = self._keep, self._readers, self._stream_id
        for row, recorded in page:
            if keep is not None and not keep(recorded):
                continue
            if row.stream_id != stream_id:
                self.show()
                self._stream_id = stream_id = row.stream_id
            for events in readers[row.topic]:
                events.append(recorded)
        self._advance()

    def _advance(self) -> None:
        """Fold what has been read of the client: through one view after the other, which costs less than in turns."""
        for index, events in enumerate(self._unfolded):
            if events:
                self._states[index] = self._after(index, events)
                events.clear()

    def _after(self, index: int, history: Iterable[Recorded]) -> Any:
        """The client's state in a view after more events, or after those before the first that fails."""
        view, state, position = self._views[index], self._states[index], 0
        after, added = view.after, view.added if view.growing_tables else None
        try:
            for recorded in history:
                position = recorded.position
                state = after(state, recorded)
                if added is not None:
                    self._grow(index, added(recorded))
        except Exception as error:
            self._fail(index, position, error)
        return state

    def _grow(self, index: int, grown: Mapping[Table, Row]) -> None:
        for table, row in grown.items():
            self._rows[index][table].append(row)
            self.collected += 1

    def show(self) -> None:
        """Collect the rows of the client read last."""
        self._advance()
        for index, state in enumerate(self._states):
            if state is not None:
                self._states[index] = None
                try:
                    self._collect(index, state)
                except Exception as error:
                    self._fail(index, 0, error)

    def _collect(self, index: int, state: Any) -> None:
        assert self._stream_id is not None
        view, rows = self._views[index], self._rows[index]
        row, parts, counts = shown(view, self._stream_id, state)
        if row is not None:
            rows[view.table].append(row)
            self.collected += 1
        for table, new in parts.items():
            rows[table] += new
            self.collected += len(new)
        for table, added in counts.items():
            self.sums[index][table].add(added)

    def _fail(self, index: int, position: int, error: Exception) -> None:
        failure = RebuildFailed(self._views[index].name, self._stream_id, position, describe(error))
        if self._park is None:
            raise failure from error
        self._park(failure)


def _readers(tables: Sequence[ViewTables[Any]], lists: Sequence[list[Recorded]]) -> dict[str, list[list[Recorded]]]:
    """By topic, the lists of the views that read it."""
    readers: defaultdict[str, list[list[Recorded]]] = defaultdict(list)
    for view, events in zip(tables, lists, strict=True):
        for topic in view.topics:
            readers[topic].append(events)
    return readers
