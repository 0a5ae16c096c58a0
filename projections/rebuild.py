"""Views built anew beside the running service, in a schema of their own, to take the place of the old ones."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from projections import shadow
from projections.decoding import BAD_ROWS, Decode, describe
from projections.fingerprint import fingerprint
from projections.folding import Folder
from projections.kernel import View
from projections.loading import PAGE, Loader, Part, RebuildFailed
from projections.log import Driver, driver, head
from projections.parallel import Workers, load_in_parallel
from projections.tables import ViewTables

PREFIX = "rebuild_"
PAUSE = 0.05
"""Seconds between two attempts to take the place of a view that is being read."""

Progress = Callable[[int, int], None]
"""Is told how many events are done, and how many there are in all."""


class RebuildRunning(Exception):
    """A rebuild of this view is under way already."""

    def __init__(self, schema: str) -> None:
        super().__init__(schema.removeprefix(PREFIX))
        self.view = schema.removeprefix(PREFIX)


async def rebuild(
    engine: AsyncEngine,
    views: Sequence[View[Any]],
    decode: Decode,
    progress: Progress | None = None,
    workers: Workers | None = None,
) -> None:
    """Build views from the whole log and let them take the place of the stored ones. Readers see the old or the new.

    Live projection may go on meanwhile, here or in other processes. With `workers` other processes do the folding.

    Raises:
        RebuildRunning: one of the views is being rebuilt.
        RebuildFailed: one of the views cannot fold some client; the stored views stay as they are.
    """
    names = [PREFIX + view.name for view in views]
    async with shadow.locked(engine, names) as (connection, taken):
        if taken:
            raise RebuildRunning(taken)
        work = _Rebuild(engine, connection, views, decode)
        try:
            await work.load(progress or _unseen, workers)
            await work.take_place()
        finally:
            await work.clean_up()


def _unseen(done: int, total: int) -> None:
    """Progress that nobody watches."""


class _Rebuild:
    """One run. `connection` holds its locks; `_position` is up to where the new tables have read the log."""

    def __init__(
        self, engine: AsyncEngine, connection: AsyncConnection, views: Sequence[View[Any]], decode: Decode
    ) -> None:
        self._engine, self._connection, self._decode = engine, connection, decode
        self._tables = [ViewTables(view, PREFIX + view.name) for view in views]
        self._position = 0

    async def load(self, progress: Progress, workers: Workers | None) -> None:
        """Fill new tables with all that is in the log now, and take in what came meanwhile."""
        raw = await driver(self._connection)
        for tables in self._tables:
            await shadow.create(raw, tables.view, tables.schema)
        self._position = await head(self._connection)
        await self._fill(progress, workers)
        for tables in self._tables:
            await shadow.analyze(raw, tables.view, tables.schema)
        folder = Folder(self._tables, self._decode)
        while (end := await head(self._connection)) - self._position > PAGE:
            async with raw.transaction():
                await self._catch_up(folder, self._position, min(end, self._position + PAGE))
            self._position = min(end, self._position + PAGE)

    async def _fill(self, progress: Progress, workers: Workers | None) -> None:
        raw = await driver(self._connection)
        topics = sorted({topic for tables in self._tables for topic in tables.topics})
        sql = "SELECT count(*) FROM public.events WHERE notification_id <= $1 AND topic = ANY($2)"
        total, done = cast(int, await raw.fetchval(sql, self._position, topics)), 0
        progress(0, total)

        def loaded(count: int) -> None:
            nonlocal done
            done += count
            progress(done, total)

        if workers:
            await load_in_parallel(workers, self._tables, self._position, loaded)
        else:
            await Loader(self._tables, self._decode, loaded).load(self._engine, Part(self._position))

    async def take_place(self) -> None:
        """Put the new tables in the place of the old ones, view by view."""
        for tables in self._tables:
            while not await self._swapped(tables):  # noqa: ASYNC110 - it is the readers who are waited for
                await asyncio.sleep(PAUSE)

    async def _swapped(self, tables: ViewTables[Any]) -> bool:
        """Swap in one transaction: while live projection is held off, the new tables catch up with the old ones."""
        raw = await driver(self._connection)
        name = tables.view.name
        try:
            async with raw.transaction():
                sql = "SELECT position FROM public.checkpoints WHERE view = $1 FOR UPDATE"
                live = await raw.fetchval(sql, name)
                end = max(self._position, await head(self._connection) if live is None else cast(int, live))
                folder = Folder([tables], self._decode)
                for start in range(self._position, end, PAGE):
                    await self._catch_up(folder, start, min(end, start + PAGE))
                await shadow.take_place(raw, tables.view, tables.schema)
                await self._record(raw, tables.view, end)
        except asyncpg.LockNotAvailableError:
            return False
        return True

    async def _catch_up(self, folder: Folder, start: int, end: int) -> None:
        try:
            failures = await folder.advance(self._connection, start, end)
        except BAD_ROWS as error:
            raise RebuildFailed(self._tables[0].view.name, None, start, describe(error)) from error
        if failures:
            raise RebuildFailed(*failures[0])

    async def _record(self, raw: Driver, view: View[Any], position: int) -> None:
        await raw.execute(
            "INSERT INTO public.checkpoints (view, position, fingerprint, updated_at) "
            "VALUES ($1, $2, $3, clock_timestamp()) "
            "ON CONFLICT (view) DO UPDATE SET position = excluded.position, fingerprint = excluded.fingerprint, "
            "updated_at = excluded.updated_at",
            view.name,
            position,
            fingerprint(view),
        )
        await raw.execute("DELETE FROM public.parked WHERE view = $1", view.name)

    async def clean_up(self) -> None:
        """Remove what did not take its place."""
        raw = await driver(self._connection)
        for tables in self._tables:
            await shadow.drop(raw, tables.schema)
