"""Group commit: all appends that wait are written by one statement in one transaction, on a connection of its own.

That statement, the SQL function `append_events`, gives positions without gaps in the order of commits, and refuses the
commands that conflict without harming the others. Commands may form a unit, which is recorded as a whole or not at all.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from uuid import UUID

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.batch import Batch, Result, Rows, Waiting, arguments, results_of, rows_of
from projections.log import Driver, PreparedStatement, driver

MOST_COMMANDS = 500
MOST_EVENTS = 5_000
RETRY_AFTER_SECONDS = (0.0, 0.1, 0.3, 1.0, 2.0)
_APPEND = """
    SELECT head, outcomes
    FROM public.append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
"""
_FIND = """
    SELECT w.number, e.notification_id FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bytea[])
        WITH ORDINALITY AS w (stream_id, version, topic, state, number)
    JOIN public.events e ON e.originator_id = w.stream_id AND e.originator_version = w.version
    WHERE e.topic = w.topic AND e.state = w.state
"""
_LOST = (OSError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InternalClientError)
_UNREACHABLE = (*_LOST, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError)


class StoreUnavailable(ConnectionError):
    """The database could not be reached.

    If it was lost in the middle of an append, the events may be there when it comes back. A repetition with the same
    idempotency key, or at the same version of the stream, records nothing twice.
    """


class Writer:
    """Writes what is appended, batch after batch. `committed` is called with the last position after each."""

    def __init__(self, engine: AsyncEngine, committed: Callable[[int], None]) -> None:
        self._engine = engine
        self._committed = committed
        self._waiting: deque[Waiting] = deque()
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._reachable = True
        self._connection: AsyncConnection | None = None
        self._raw: Driver | None = None
        self._append: PreparedStatement | None = None

    async def start(self) -> None:
        """Connect and begin to write. Raises what the driver raises where the database cannot be reached."""
        await self._connect()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Write what waits, then close the connection. No append is taken any more."""
        self._stopping = True
        self._woken.set()
        if self._task:
            await self._task

    async def append(self, *unit: Rows) -> list[int]:
        """Record rows of different streams, all or none; returns the position of the first of each once committed.

        Raises:
            VersionConflict: a stream is at another version.
            KeyTaken: the idempotency key was used before.
            StoreUnavailable: the database cannot be reached, or the writer was stopped.
        """
        if self._stopping or self._task is None:
            raise StoreUnavailable("the store is closed")
        done: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(unit, done))
        self._woken.set()
        return await done

    async def _run(self) -> None:
        while self._waiting or not self._stopping:
            if not self._waiting:
                self._woken.clear()
                await self._woken.wait()
            if batch := list(self._take()):
                await self._write(batch)
        await self._disconnect()

    def _take(self) -> Iterator[Waiting]:
        """The next batch: at most one unit per stream and per idempotency key; the others wait for the next one."""
        taken: set[object] = set()
        later: list[Waiting] = []
        commands = events = 0
        while self._waiting and commands < MOST_COMMANDS and events < MOST_EVENTS:
            item = self._waiting.popleft()
            if item.done.done():
                continue
            if taken.isdisjoint(marks := item.marks):
                taken |= marks
                commands += len(item.unit)
                events += item.events
                yield item
            else:
                later.append(item)
        self._waiting.extendleft(reversed(later))

    async def _write(self, batch: Batch) -> None:
        """Write a batch. Where one command makes the database fail, the batch is halved until only that one fails."""
        try:
            results = await self._commit(batch)
        except Exception as error:
            if len(batch) == 1 or isinstance(error, StoreUnavailable):
                _fail(batch, error)
                return
            half = len(batch) // 2
            await self._write(batch[:half])
            await self._write(batch[half:])
            return
        last = 0
        for item, result in zip(batch, results, strict=True):
            if isinstance(result, list):
                last = max(last, *(first + len(rows.events) - 1 for rows, first in zip(item.unit, result, strict=True)))
            _resolve(item.done, result)
        if last:
            self._committed(last)

    async def _commit(self, batch: Batch) -> list[Result]:
        """Write the batch, again where the connection was lost: then it first looks which commands arrived before."""
        in_doubt = False
        pauses = RETRY_AFTER_SECONDS if self._reachable else ()
        for pause in (*pauses, None):
            try:
                results = await self._call(batch)
                if in_doubt:
                    results = await self._with_earlier(batch, results)
            except _UNREACHABLE as error:
                if not self._is_lost(error):
                    raise
                in_doubt, self._reachable = True, False
                await self._disconnect(broken=True)
                if pause is None:
                    raise StoreUnavailable("the database cannot be reached") from error
                await asyncio.sleep(pause)
            else:
                self._reachable = True
                return results
        raise AssertionError

    def _is_lost(self, error: Exception) -> bool:
        return self._raw is None or self._raw.is_closed() or isinstance(error, _LOST)

    async def _call(self, batch: Batch) -> list[Result]:
        if self._append is None or self._raw is None or self._raw.is_closed():
            await self._connect()
        assert self._append is not None
        head, outcomes = await self._append.fetchrow(*arguments(batch))
        return list(results_of(batch, head, outcomes))

    async def _with_earlier(self, batch: Batch, results: list[Result]) -> list[Result]:
        """The results, with the positions of refused units whose events are there already, byte for byte."""
        refused = [item for item, result in zip(batch, results, strict=True) if not isinstance(result, list)]
        rows: list[Rows] = [each for each in rows_of(refused) if each.events]
        if not rows:
            return results
        assert self._raw is not None
        columns = zip(*((r.stream_id, r.expected_version + 1, *r.events[0]) for r in rows), strict=True)
        earlier = await self._raw.fetch(_FIND, *map(list, columns))
        found: dict[UUID, int] = {rows[int(number) - 1].stream_id: position for number, position in earlier}
        return [_found(item, result, found) for item, result in zip(batch, results, strict=True)]

    async def _connect(self) -> None:
        await self._disconnect()
        self._connection = await self._engine.connect()
        raw = await driver(self._connection)
        self._append = await raw.prepare(_APPEND)
        self._raw = raw

    async def _disconnect(self, *, broken: bool = False) -> None:
        connection, self._connection, self._raw, self._append = self._connection, None, None, None
        if connection is None:
            return
        if broken:
            await connection.invalidate()
        await connection.close()


def _found(item: Waiting, result: Result, found: dict[UUID, int]) -> Result:
    """The positions of a unit that was refused because it is there already; a unit is there as a whole."""
    if isinstance(result, list) or not any(rows.stream_id in found for rows in item.unit):
        return result
    return [found.get(rows.stream_id, 0) for rows in item.unit]


def _resolve(done: "asyncio.Future[list[int]]", result: Result) -> None:
    if done.done():
        return
    if isinstance(result, list):
        done.set_result(result)
    else:
        done.set_exception(result)


def _fail(batch: Batch, error: Exception) -> None:
    for item in batch:
        if not item.done.done():
            item.done.set_exception(error)
