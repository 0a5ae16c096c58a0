"""Live projection: one process of the service folds new events into the views, page by page, each exactly once."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from projections.checkpoints import Checkpoints, Fenced, ViewLag, read_lag
from projections.decoding import BAD_ROWS, DATABASE_ERRORS, Decode, describe
from projections.folding import Folder
from projections.kernel import View
from projections.log import Driver, driver, head
from projections.shadow import LOCK_SPACE, lock_key
from projections.tables import ViewTables
from projections.waiting import Positions

logger = logging.getLogger(__name__)

PAGE = 4000
"""Events in one transaction, at most."""
CHANNEL = "conveyor_events"
"""Where other processes tell the projecting one that there is something to do."""
WAITED_FOR = "waited for"
"""What they send if somebody waits for it."""
POLL_SECONDS = 0.25
"""How long events may lie unnoticed if nobody told of them."""
PAUSE_SECONDS = 0.05
"""Least time between two pages that nobody waits for: few larger pages cost less than many small ones.

The pause is as long as the page took, if that is longer: what else the process does gets half of the time.
"""
TAKEOVER_SECONDS = 1.0
"""How often a process that does not project tries to."""
MOST_DELAY_SECONDS = 5.0
"""Between two attempts while projection fails."""
LEADER = "projector"


class Projector:
    """Keeps the views up to date in the one process that holds the lock; readers may wait for a position in any.

    `page` is the number of events in one transaction, at most.
    """

    def __init__(self, engine: AsyncEngine, views: Sequence[View[Any]], decode: Decode, page: int = PAGE) -> None:
        self._engine = engine
        self._tables = {view.name: ViewTables(view) for view in views}
        self._decode = decode
        self._page_size = page
        self._checkpoints = Checkpoints(views)
        self._positions = Positions(engine, self._hurry)
        self._woken = asyncio.Event()
        self._hurried = asyncio.Event()
        self._worked = False
        self._may_lead = True
        self.settled = asyncio.Event()
        """Set once it is known whether this process projects or another one."""

    def stand_back(self) -> None:
        """Leave projecting to another process, until `step_in`."""
        self._may_lead = False
        self._hurry()

    def step_in(self) -> None:
        """Project, where no other process does."""
        self._may_lead = True
        self._hurry()

    def wake(self) -> None:
        """Say that there are new events. Cheap; may be called for every commit."""
        self._woken.set()

    def _hurry(self) -> None:
        self._woken.set()
        self._hurried.set()

    async def wait_for(self, views: Sequence[str], position: int, seconds: float) -> bool:
        """Wait until all these views have taken in the position; False if they have not within so many seconds."""
        return await self._positions.wait_for(views, position, seconds)

    async def lag(self) -> list[ViewLag]:
        """How far each view is behind the log, whichever process projects."""
        async with self._engine.connect() as connection:
            return await read_lag(await driver(connection), self._tables)

    async def run(self, stop: asyncio.Event) -> None:
        """Project whenever this process gets the lock, until `stop` is set. Whatever fails is tried again."""
        stopping = asyncio.create_task(self._hurry_at(stop))
        delay = PAUSE_SECONDS
        try:
            while not stop.is_set():
                self._worked = False
                try:
                    await self._lead_or_follow(stop)
                except Fenced as fenced:
                    logger.warning("projection steps back: %s", fenced)
                    await _within(stop, PAUSE_SECONDS)
                except Exception as error:
                    delay = PAUSE_SECONDS if self._worked else min(2 * delay, MOST_DELAY_SECONDS)
                    logger.exception("projection failed; next attempt in %.2f s", delay)
                    await self._tell(error)
                    await _within(stop, delay)
        finally:
            stopping.cancel()

    async def _tell(self, error: Exception) -> None:
        """Let everybody see why the views stand still; where the database fails, they see that by themselves."""
        with suppress(*DATABASE_ERRORS):
            async with self._engine.connect() as connection:
                await self._checkpoints.note(await driver(connection), describe(error))

    async def _hurry_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._hurry()

    async def _lead_or_follow(self, stop: asyncio.Event) -> None:
        async with self._engine.connect() as connection:
            raw = await driver(connection)
            lock = "SELECT pg_try_advisory_lock($1, $2)"
            if self._may_lead and await raw.fetchval(lock, LOCK_SPACE, lock_key(LEADER)):
                try:
                    await self._lead(connection, raw, stop)
                finally:
                    await self._step_back(raw)
                return
        self._worked = True
        await self._follow(stop)

    async def _lead(self, connection: AsyncConnection, raw: Driver, stop: asyncio.Event) -> None:
        """Project for as long as the connection lives that holds the lock."""
        await raw.add_listener(CHANNEL, self._notified)
        self.settled.set()
        await self._retry_parked(connection, raw)
        self._positions.rely_on_publish(rely=True)
        clock = asyncio.get_running_loop().time
        while self._may_lead and not stop.is_set():
            self._woken.clear()
            begun = clock()
            behind = await self.step(connection)
            if not self._worked:
                self._worked = True
                await self._checkpoints.note(raw, None)
            if not behind:
                await _within(self._woken, POLL_SECONDS)
            elif not self._positions.waiting:
                self._hurried.clear()
                await _within(self._hurried, max(PAUSE_SECONDS, clock() - begun))

    async def _step_back(self, raw: Driver) -> None:
        self._positions.rely_on_publish(rely=False)
        if not raw.is_closed():
            await raw.remove_listener(CHANNEL, self._notified)
            await raw.execute("SELECT pg_advisory_unlock($1, $2)", LOCK_SPACE, lock_key(LEADER))

    def _notified(self, _connection: Any, _process: int, _channel: str, payload: object) -> None:
        if payload == WAITED_FOR:
            self._hurry()
        else:
            self.wake()

    async def _follow(self, stop: asyncio.Event) -> None:
        """Tell the projecting process of what happens here, until it is time to try for the lock again."""
        self.settled.set()
        loop = asyncio.get_running_loop()
        until = loop.time() + TAKEOVER_SECONDS
        while not stop.is_set() and (left := until - loop.time()) > 0:
            if await _within(self._woken, left):
                self._woken.clear()
                async with self._engine.connect() as connection:
                    payload = WAITED_FOR if self._positions.waiting else ""
                    await (await driver(connection)).execute("SELECT pg_notify($1, $2)", CHANNEL, payload)
                await asyncio.sleep(PAUSE_SECONDS / 2)

    async def step(self, connection: AsyncConnection) -> bool:
        """One page for every group of views that stand at the same position; False if all are at the end of the log.

        A group that comes to where another stands joins it.

        Raises:
            Fenced: another process projects.
        """
        raw = await driver(connection)
        positions = await self._checkpoints.read(raw)
        self._positions.publish(positions)
        end = await head(connection)
        behind = sorted({position for position in positions.values() if position < end})
        for start in behind:
            group = [name for name, position in positions.items() if position == start]
            stops = [position for position in positions.values() if position > start]
            reached = min(start + self._page_size, end, *stops)
            await self._page(connection, raw, group, start, reached)
            positions |= dict.fromkeys(group, reached)
            self._positions.publish(positions)
            await asyncio.sleep(0)
        return bool(behind)

    async def _page(self, connection: AsyncConnection, raw: Driver, group: Sequence[str], start: int, end: int) -> None:
        try:
            await self._fold_page(connection, raw, group, start, end, careful=False)
        except BAD_ROWS:
            await self._fold_page(connection, raw, group, start, end, careful=True)

    async def _fold_page(
        self,
        connection: AsyncConnection,
        raw: Driver,
        group: Sequence[str],
        start: int,
        end: int,
        *,
        careful: bool,
    ) -> None:
        folder = Folder([self._tables[name] for name in group], self._decode)
        async with raw.transaction():
            for name in await self._checkpoints.lock(raw, group, start):
                self._tables[name].recent.forget()
            parked = {(client.view, client.stream_id) for client in await self._checkpoints.parked(raw, group)}
            failures = await folder.advance(connection, start, end, parked, careful=careful)
            await self._checkpoints.park(raw, failures)
            times = await self._checkpoints.move(raw, group, start, end)
        self._checkpoints.moved(times)
        folder.remember()
        for failure in failures:
            logger.error("view %s parks client %s at %d: %s", *failure)

    async def _retry_parked(self, connection: AsyncConnection, raw: Driver) -> None:
        """Try the clients again that stand still: the code may have learnt to fold them."""
        positions = await self._checkpoints.read(raw)
        for client in await self._checkpoints.parked(raw, list(positions)):
            folder = Folder([self._tables[client.view]], self._decode)
            async with raw.transaction():
                await self._checkpoints.lock(raw, [client.view], positions[client.view])
                failures = await folder.resume(connection, client.stream_id, client.position, positions[client.view])
                await self._checkpoints.park(raw, failures)
                if not failures:
                    await self._checkpoints.release(raw, client)
            self._tables[client.view].recent.forget()


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event; False if it is not set in time."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
