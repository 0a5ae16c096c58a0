"""Empty tables filled from the log: every client folded once, in memory, and its rows copied in."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.kernel import Recorded
from projections.decoding import BAD_ROWS, Decode, describe
from projections.garbage import rare_garbage_collection
from projections.histories import Histories, Keep, Readers, folded
from projections.joining import decode_for
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
        views = [each.view for each in tables]
        self._decode, self._loaded, self._alone = decode_for(views, decode), loaded, alone
        self._readers = Readers(views, keep)
        self._views = [_Loading(each, park) for each in tables]
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
            for view, histories in zip(self._views, self._readers.sort(*page), strict=True):
                view.fold(histories)
                await asyncio.sleep(0)
            if self._loaded:
                self._loaded(len(page.rows))
            if sum(len(rows) for view in self._views for rows in view.rows.values()) >= CHUNK:
                await self._write(writer)
        for view in self._views:
            view.end()
        await self._write(writer)
        await self._written()
        async with writer.transaction():
            await writer.execute("SELECT pg_advisory_xact_lock($1, $2)", LOCK_SPACE, lock_key("counters"))
            for view in self._views:
                await view.tables.count(writer, view.sums, empty=self._alone)

    async def _read(self, reader: AsyncConnection, part: Part, after: StreamPlace) -> _Page | None:
        """The next page; None at the end."""
        rows = await read_streams(reader, after, PAGE, self._readers.topics, part.until, part.last)
        return _Page(rows, await self._decode(rows)) if rows else None

    async def _write(self, writer: Driver) -> None:
        await self._written()
        rows = [(view.tables, view.take_rows()) for view in self._views]
        self._writing = asyncio.create_task(self._copy(writer, rows))
        await asyncio.sleep(0)

    async def _written(self) -> None:
        if self._writing:
            await self._writing
            self._writing = None

    async def _copy(self, writer: Driver, rows: Sequence[tuple[ViewTables[Any], dict[Table, list[Row]]]]) -> None:
        async with writer.transaction():
            await writer.execute("SET LOCAL synchronous_commit = off")
            for tables, new in rows:
                try:
                    await tables.fill(writer, new)
                except BAD_ROWS as error:
                    raise RebuildFailed(tables.view.name, None, 0, describe(error)) from error


class _Loading:
    """One view: the client that it read last, and the rows of those before it."""

    def __init__(self, tables: ViewTables[Any], park: Park | None) -> None:
        self.tables, self._park = tables, park
        self._view: View[Any] = tables.view
        self.sums = {table: Sums() for table in self._view.counter_tables}
        self._stream_id: UUID | None = None
        self._state: Any = None
        self._complete: list[tuple[UUID, Any]] = []
        self.rows = self._empty()

    def _empty(self) -> dict[Table, list[Row]]:
        return {table: [] for table in self._view.row_tables}

    def take_rows(self) -> dict[Table, list[Row]]:
        """The rows collected so far, by table."""
        rows, self.rows = self.rows, self._empty()
        return rows

    def fold(self, histories: Histories) -> None:
        """Fold what the view reads of clients; collect what those show that are complete."""
        view, grown_rows = self._view, self.rows
        for stream_id, history in histories.items():
            if stream_id != self._stream_id:
                self._finish()
                self._stream_id = stream_id
            self._state, grown, failed = folded(view, self._state, history)
            for rows in grown:
                for table, row in rows.items():
                    grown_rows[table].append(row)
            if failed:
                self._fail(stream_id, failed[0].position, failed[1])
        self._show()

    def end(self) -> None:
        """Collect what the client read last shows."""
        self._finish()
        self._show()

    def _finish(self) -> None:
        if self._state is not None and self._stream_id is not None:
            self._complete.append((self._stream_id, self._state))
            self._state = None

    def _show(self) -> None:
        clients, self._complete = self._complete, []
        self._collect(clients)

    def _collect(self, clients: Sequence[tuple[UUID, Any]]) -> None:
        """Collect what clients show; by halves if one of them cannot be shown, until it is found."""
        try:
            new = shown(self._view, clients)
        except Exception as error:
            if len(clients) == 1:
                self._fail(clients[0][0], 0, error)
                return
            half = len(clients) // 2
            self._collect(clients[:half])
            self._collect(clients[half:])
            return
        for table, rows in new.rows.items():
            self.rows[table] += rows
        for table, counts in new.counts.items():
            self.sums[table].add(counts)

    def _fail(self, stream_id: UUID, position: int, error: Exception) -> None:
        failure = RebuildFailed(self._view.name, stream_id, position, describe(error))
        if self._park is None:
            raise failure from error
        self._park(failure)
