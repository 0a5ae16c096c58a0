"""Views as they stood: a view folded from a part of the log only, in a schema of its own that its queries run on."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.kernel import Recorded
from projections import shadow
from projections.decoding import Decode
from projections.folding import Folder
from projections.kernel import View
from projections.loading import PAGE, Loader, Part, RebuildFailed
from projections.log import Driver, driver, head
from projections.tables import ViewTables

PREFIX = "snapshot_"
CAPACITY = 8
"""How many snapshots are kept."""
SETTLED_AFTER = timedelta(minutes=1)
"""So long after a moment no more events are expected that were recorded before it."""


class Moment(NamedTuple):
    """What a snapshot of a view is made of: events recorded by `as_of` and occurred by `at`, each if given."""

    view: str
    as_of: datetime | None
    at: datetime | None

    def keeps(self, recorded: Recorded) -> bool:
        """Whether the event belongs to it."""
        known = self.as_of is None or recorded.recorded_at <= self.as_of
        return known and (self.at is None or recorded.occurred_at <= self.at)


class _Snapshot:
    """A snapshot. `position` is up to where it has read the log; None before it is built."""

    def __init__(self, view: View[Any], moment: Moment) -> None:
        self.tables = ViewTables(view, f"{PREFIX}{token_hex(8)}")
        self.moment = moment
        self.position: int | None = None
        self.settled = False
        self.readers = 0


class Snapshots:
    """Builds snapshots of views, shares them among readers, and drops those not read for longest.

    Events that come later and belong to a snapshot are taken in when it is read next.
    """

    def __init__(
        self, engine: AsyncEngine, views: Sequence[View[Any]], decode: Decode, capacity: int = CAPACITY
    ) -> None:
        self._engine, self._decode, self._capacity = engine, decode, capacity
        self._views = {view.name: view for view in views}
        self._snapshots: OrderedDict[Moment, _Snapshot] = OrderedDict()
        self._writing = asyncio.Lock()
        self._owner: AsyncConnection | None = None
        self._locks: Driver | None = None

    @asynccontextmanager
    async def opened(
        self, view: str, *, as_of: datetime | None = None, at: datetime | None = None
    ) -> AsyncGenerator[str]:
        """The schema in which the view stands as it did; it stays for as long as this context.

        Raises:
            RebuildFailed: some client cannot be folded from that part of its events.
        """
        moment = Moment(view, as_of, at)
        snapshot = self._snapshots.get(moment)
        if snapshot is None:
            snapshot = self._snapshots[moment] = _Snapshot(self._views[view], moment)
        self._snapshots.move_to_end(moment)
        snapshot.readers += 1
        try:
            if not snapshot.settled:
                async with self._writing:
                    await self._bring_up(snapshot)
            yield snapshot.tables.schema
        finally:
            snapshot.readers -= 1
            await self._evict()

    async def close(self) -> None:
        """Drop all snapshots. Those of a process that was killed are dropped by the next one that makes any."""
        async with self._writing:
            for snapshot in self._snapshots.values():
                await self._drop(snapshot)
            self._snapshots.clear()
            if self._owner:
                await self._owner.close()
                self._owner = None

    async def _bring_up(self, snapshot: _Snapshot) -> None:
        """Build the snapshot, or take in the events since it was last read."""
        owner = await self._opened_owner()
        if snapshot.position is None:
            await self._build(owner, snapshot)
        else:
            await self._catch_up(owner, snapshot, snapshot.position)
        as_of = snapshot.moment.as_of
        snapshot.settled = as_of is not None and as_of + SETTLED_AFTER < datetime.now(UTC)

    async def _build(self, owner: AsyncConnection, snapshot: _Snapshot) -> None:
        raw, tables = await driver(owner), snapshot.tables
        await raw.fetchval("SELECT pg_try_advisory_lock($1, $2)", shadow.LOCK_SPACE, shadow.lock_key(tables.schema))
        await shadow.create(raw, tables.view, tables.schema, logged=False)
        end = await head(owner)
        await Loader([tables], self._decode, keep=snapshot.moment.keeps).load(self._engine, Part(end))
        await shadow.analyze(raw, tables.view, tables.schema)
        snapshot.position = end

    async def _catch_up(self, owner: AsyncConnection, snapshot: _Snapshot, position: int) -> None:
        raw, end = await driver(owner), await head(owner)
        folder = Folder([snapshot.tables], self._decode, snapshot.moment.keeps)
        for start in range(position, end, PAGE):
            reached = min(start + PAGE, end)
            async with raw.transaction():
                failures = await folder.advance(owner, start, reached)
                if failures:
                    raise RebuildFailed(*failures[0])
            snapshot.position = reached

    async def _evict(self) -> None:
        unread = [moment for moment, snapshot in self._snapshots.items() if not snapshot.readers]
        for moment in unread[: max(0, len(self._snapshots) - self._capacity)]:
            snapshot = self._snapshots.pop(moment)
            async with self._writing:
                await self._drop(snapshot)

    async def _drop(self, snapshot: _Snapshot) -> None:
        """Drop the schema and let go of the lock that tells other processes that it is in use."""
        raw = await driver(await self._opened_owner())
        await shadow.drop(raw, snapshot.tables.schema)
        await raw.execute(
            "SELECT pg_advisory_unlock($1, $2)", shadow.LOCK_SPACE, shadow.lock_key(snapshot.tables.schema)
        )

    async def _opened_owner(self) -> AsyncConnection:
        """The connection that holds the locks of the snapshots. When it has broken, they are all made again."""
        if self._owner and self._locks and self._locks.is_closed():
            await self._owner.invalidate()
            await self._owner.close()
            self._owner = None
            self._snapshots.clear()
        if self._owner is None:
            self._owner = await self._engine.connect()
            self._locks = await driver(self._owner)
            await shadow.drop_leftovers(self._engine, PREFIX)
        return self._owner
