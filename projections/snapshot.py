"""One snapshot: a view in a schema of its own, built from the events that belong to a moment, and kept up to date."""

import asyncio
import logging
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from secrets import token_hex
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.kernel import Recorded
from projections import shadow
from projections.decoding import BAD_ROWS, Decode, Unreadable, decode_each
from projections.folding import Folder
from projections.joining import decode_for
from projections.kernel import View
from projections.loading import PAGE, Loader, Part, RebuildFailed
from projections.log import Driver, driver, head
from projections.tables import ViewTables
from projections.writing import quoted

logger = logging.getLogger(__name__)

PREFIX = "snapshot_"
LONGEST_APPEND = timedelta(minutes=15)
"""So long after the time of its recording an event is in the log, whatever its writer had to wait for or try again."""
_MARK = "whole"
"""A table whose one row says that the others are complete. A crash of the database empties all of them."""
_EVER = datetime.min.replace(tzinfo=UTC)


class Moment(NamedTuple):
    """What a snapshot of a view is made of: events recorded by `as_of` and occurred by `at`, each if given."""

    view: str
    as_of: datetime | None
    at: datetime | None

    def part_of(self, recorded: Recorded) -> Recorded | None:
        """The event, with those joined to it that belong to the moment too; None where it does not belong itself."""
        if isinstance(recorded, Unreadable):  # the fold will see that, and the client is parked
            return recorded
        if not self._has(recorded):
            return None
        if not recorded.joined:
            return recorded
        return recorded._replace(joined=tuple(filter(None, map(self.part_of, recorded.joined))))

    def _has(self, recorded: Recorded) -> bool:
        known = self.as_of is None or recorded.recorded_at <= self.as_of
        return known and (self.at is None or recorded.occurred_at <= self.at)


class Snapshot:
    """A view at a moment. A client that it cannot fold stays as it was before that event, as in the live view.

    `readers` is how many read it or wait for it, `work` what builds it or brings it up to date.
    """

    def __init__(self, view: View[Any], moment: Moment, decode: Decode) -> None:
        self.moment = moment
        self.readers = 0
        self.work: asyncio.Task[None] | None = None
        self.view, self.schema = view, f"{PREFIX}{token_hex(8)}"
        self.position: int | None = None
        self._tables = ViewTables(view, self.schema)
        self._decode = partial(decode_each, decode_for([view], decode))
        self._settled = False
        self._last_recorded = _EVER
        self._parked: set[UUID] = set()

    @contextmanager
    def in_use(self) -> Generator[None]:
        """It is kept meanwhile."""
        self.readers += 1
        try:
            yield
        finally:
            self.readers -= 1

    def lacks(self, end: int) -> bool:
        """Whether events up to this position may be missing.

        They are not once it has read an event that was recorded so much later that all those of its moment came before.
        """
        return self.position is None or (not self._settled and self.position < end)

    async def bring_up(self, engine: AsyncEngine, owner: AsyncConnection) -> None:
        """Build it, or take in the events since it was last read. `owner` takes its lock. A failure spoils it."""
        if self.position is None:
            self.position = await self._built(engine, owner)
        else:
            self.position = await self._caught_up(owner, self.position)
        as_of = self.moment.as_of
        self._settled = as_of is not None and self._last_recorded > as_of + LONGEST_APPEND

    async def drop(self, raw: Driver) -> None:
        """Remove it, on the connection that has its lock."""
        await shadow.drop(raw, self.schema)
        await raw.execute("SELECT pg_advisory_unlock($1, $2)", shadow.LOCK_SPACE, shadow.lock_key(self.schema))

    async def is_whole(self, connection: AsyncConnection) -> bool:
        """Whether no crash has emptied its tables.

        Raises:
            asyncpg.PostgresError: also where they are not there.
        """
        raw = await driver(connection)
        return await raw.fetchval(f"SELECT EXISTS (SELECT FROM {quoted(self.schema, _MARK)})")  # noqa: S608

    async def _built(self, engine: AsyncEngine, owner: AsyncConnection) -> int:
        raw = await driver(owner)
        await raw.execute("SELECT pg_advisory_lock($1, $2)", shadow.LOCK_SPACE, shadow.lock_key(self.schema))
        await shadow.create(raw, self.view, self.schema, logged=False)
        end = await head(owner)
        try:
            await Loader([self._tables], self._decode, keep=self._kept, park=self._park).load(engine, Part(end))
        except RebuildFailed:  # the database refuses rows: client by client it comes out whose they are
            self._parked.clear()
            await shadow.create(raw, self.view, self.schema, logged=False)
            end = await self._caught_up(owner, 0)
        await shadow.analyze(raw, self.view, self.schema)
        await raw.execute(f"CREATE UNLOGGED TABLE {quoted(self.schema, _MARK)} AS SELECT true AS whole")
        return end

    async def _caught_up(self, owner: AsyncConnection, position: int) -> int:
        end = await head(owner)
        folder = Folder([self._tables], self._decode, self._kept)
        for start in range(position, end, PAGE):
            reached = min(start + PAGE, end)
            try:
                await self._take(folder, owner, start, reached)
            except BAD_ROWS:
                await self._take(folder, owner, start, reached, careful=True)
        return end

    async def _take(
        self, folder: Folder, owner: AsyncConnection, start: int, end: int, *, careful: bool = False
    ) -> None:
        async with (await driver(owner)).transaction():
            failures = await folder.advance(owner, start, end, careful=careful)
        for failure in failures:
            self._park(RebuildFailed(*failure))

    def _park(self, failure: RebuildFailed) -> None:
        assert failure.stream_id is not None
        self._parked.add(failure.stream_id)
        logger.error("a snapshot goes on without a client: %s", failure)

    def _kept(self, recorded: Recorded) -> Recorded | None:
        if recorded.stream_id in self._parked:
            return None
        if not isinstance(recorded, Unreadable):
            self._last_recorded = max(self._last_recorded, recorded.recorded_at)
        return self.moment.part_of(recorded)
