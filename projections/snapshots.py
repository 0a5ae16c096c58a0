"""Views as they stood: a view folded from a part of the log only, in a schema of its own that its queries run on."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from projections import shadow
from projections.decoding import DATABASE_ERRORS, Decode
from projections.kernel import View
from projections.log import Driver, driver, head
from projections.snapshot import PREFIX, Moment, Snapshot
from projections.still import standing_still

CAPACITY = 8
"""How many snapshots are kept."""
MOST_AT_WORK = 8
"""How many snapshots are made or brought up to date, or wait for their turn: it is one after the other."""
PATIENCE_SECONDS = 30.0
"""How long a reader waits for a snapshot. It is made all the same, for when the reader comes again."""
LOOK_SECONDS = 0.25
"""How often to look whether a waiting reader is still there."""
_GONE = (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError, asyncpg.DeadlockDetectedError)
"""Somebody has dropped the tables, or is dropping them."""

Gone = Callable[[], Awaitable[bool]]
"""Whether the reader has gone away."""


class TooManySnapshots(Exception):
    """So many snapshots are being made already that no further one is begun."""


class SnapshotLate(Exception):
    """The snapshot was not there in time."""


class ReaderGone(Exception):
    """Nobody waits for the snapshot any more."""


async def _stays() -> bool:
    return False


class Snapshots:
    """Builds snapshots of views, shares them among readers, and drops those not read for longest.

    Events that come later and belong to a snapshot are taken in when it is read next. The schema of a snapshot is
    locked by the owner, a connection of this process; a schema that nobody locks may be dropped by any process.
    """

    def __init__(
        self, engine: AsyncEngine, views: Sequence[View[Any]], decode: Decode, capacity: int = CAPACITY
    ) -> None:
        self._engine, self._decode, self._capacity = engine, decode, capacity
        self._views = {view.name: view for view in views}
        self._snapshots: OrderedDict[Moment, Snapshot] = OrderedDict()
        self._forgotten: list[Snapshot] = []
        self._working = asyncio.Lock()
        self._at_work: set[asyncio.Task[None]] = set()
        self._owner: AsyncConnection | None = None
        self._locks: Driver | None = None

    @asynccontextmanager
    async def opened(
        self, view: str, *, as_of: datetime | None = None, at: datetime | None = None, gone: Gone = _stays
    ) -> AsyncGenerator[AsyncConnection]:
        """A connection on which the view stands as it did.

        Raises:
            TooManySnapshots: others are asked for already.
            SnapshotLate: it was not made in time.
            ReaderGone: says `gone`.
        """
        moment = Moment(view, as_of, at)
        async with self._engine.connect() as connection:
            end = await head(connection)
        clock = asyncio.get_running_loop().time
        until = clock() + PATIENCE_SECONDS
        while clock() < until:
            snapshot = self._found(moment)
            with snapshot.in_use():
                while snapshot.lacks(end) and self._is_current(snapshot):
                    await self._wait_for(snapshot, until, gone)
                async with _standing(self._engine, snapshot) as connection:
                    if connection is not None:
                        yield connection
                        return
            self._forget(snapshot)
        raise SnapshotLate

    async def close(self) -> None:
        """Drop all snapshots. Those of a process that was killed are dropped by the next one that makes any."""
        for work in self._at_work:
            work.cancel()
        await asyncio.gather(*self._at_work, return_exceptions=True)
        async with self._working:
            for snapshot in list(self._snapshots.values()):
                self._forget(snapshot)
            if self._owner:
                await self._drop_forgotten()
                await self._owner.close()
                self._owner = None

    def _found(self, moment: Moment) -> Snapshot:
        snapshot = self._snapshots.get(moment)
        if snapshot is None:
            snapshot = self._snapshots[moment] = Snapshot(self._views[moment.view], moment, self._decode)
        self._snapshots.move_to_end(moment)
        return snapshot

    def _is_current(self, snapshot: Snapshot) -> bool:
        return self._snapshots.get(snapshot.moment) is snapshot

    def _forget(self, snapshot: Snapshot) -> None:
        """Make it anew when it is asked for again, and drop this one once nobody reads it."""
        if self._is_current(snapshot):
            del self._snapshots[snapshot.moment]
            if snapshot.work:
                self._forgotten.append(snapshot)

    def _begun_work(self, snapshot: Snapshot) -> asyncio.Task[None]:
        """What brings the snapshot up to date: one task for all who wait for it."""
        if snapshot.work is None or snapshot.work.done():
            if len(self._at_work) >= MOST_AT_WORK:
                if snapshot.work is None:
                    self._forget(snapshot)
                raise TooManySnapshots
            snapshot.work = asyncio.create_task(self._bring_up(snapshot))
            self._at_work.add(snapshot.work)
            snapshot.work.add_done_callback(self._at_work.discard)
        return snapshot.work

    async def _wait_for(self, snapshot: Snapshot, until: float, gone: Gone) -> None:
        """Wait until the snapshot is up to date. When its last reader is gone, the work on it ends as well."""
        work = self._begun_work(snapshot)
        try:
            while not (await asyncio.wait([work], timeout=LOOK_SECONDS))[0]:
                await _go_on(until, gone)
        except (asyncio.CancelledError, ReaderGone):
            if snapshot.readers == 1 and not work.done():
                self._forget(snapshot)
                work.cancel()
            raise
        work.result()

    async def _bring_up(self, snapshot: Snapshot) -> None:
        """Build the snapshot, or take in the events since it was last read."""
        async with self._working:
            try:
                owner = await self._opened_owner()
                if self._is_current(snapshot):
                    await snapshot.bring_up(self._engine, owner)
            except BaseException:
                self._forget(snapshot)
                raise
            finally:
                self._forget_surplus()
                with suppress(*DATABASE_ERRORS):  # then the owner is opened anew, and drops what is left over
                    await self._drop_forgotten()

    def _forget_surplus(self) -> None:
        unread = [snapshot for snapshot in self._snapshots.values() if not snapshot.readers]
        for snapshot in unread[: max(0, len(self._snapshots) - self._capacity)]:
            self._forget(snapshot)

    async def _drop_forgotten(self) -> None:
        """Drop the schemas, and let go of the locks that tell other processes that they are in use."""
        raw = await driver(await self._opened_owner())
        for snapshot in [snapshot for snapshot in self._forgotten if not snapshot.readers]:
            await snapshot.drop(raw)
            self._forgotten.remove(snapshot)

    async def _opened_owner(self) -> AsyncConnection:
        """The connection that holds the locks. When it has broken, all snapshots are made again."""
        if self._owner and not await self._holds_locks():
            await self._owner.invalidate()
            await self._owner.close()
            self._owner = None
            self._snapshots.clear()
            self._forgotten.clear()
        if self._owner is None:
            owner = await self._engine.connect()
            self._owner, self._locks = owner, await driver(owner)
            await shadow.drop_leftovers(self._engine, PREFIX)
        return self._owner

    async def _holds_locks(self) -> bool:
        try:
            return self._locks is not None and await self._locks.fetchval("SELECT true")
        except DATABASE_ERRORS:
            return False


async def _go_on(until: float, gone: Gone) -> None:
    """See whether there is any point in waiting on."""
    if await gone():
        raise ReaderGone
    if asyncio.get_running_loop().time() > until:
        raise SnapshotLate


@asynccontextmanager
async def _standing(engine: AsyncEngine, snapshot: Snapshot) -> AsyncGenerator[AsyncConnection | None]:
    """The connection to read the snapshot on; None where its tables are gone or were emptied by a crash."""
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(standing_still(engine, [snapshot.view], snapshot.schema))
            whole = await snapshot.is_whole(connection)
        except _GONE:
            yield None
        else:
            yield connection if whole else None
