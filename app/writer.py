"""Group commit: all appends that wait are written by one statement in one transaction, on a connection of its own.

That statement, the SQL function `append_events`, gives positions without gaps in the order of commits, and refuses the
commands that conflict without harming the others.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from projections.log import Driver, PreparedStatement, driver

MOST_COMMANDS = 500
MOST_EVENTS = 5_000
RETRY_AFTER_SECONDS = (0.0, 0.1, 0.3, 1.0, 2.0)
NO_POSITION = 2**63 - 1
"""Stands in a kept answer for the position, which is known only once the events are inserted. No event ever has it."""

_APPEND = """
    SELECT head, outcomes
    FROM public.append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
"""
_FIND = """
    SELECT w.number, e.notification_id FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bytea[])
        WITH ORDINALITY AS w (stream_id, version, topic, state, number)
    JOIN public.events e ON e.originator_id = w.stream_id AND e.originator_version = w.version
    WHERE e.topic = w.topic AND e.state = w.state
"""
_CONFLICT, _TAKEN = 1, 2
_LOST = (OSError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InternalClientError)
_UNREACHABLE = (*_LOST, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError)


class VersionConflict(Exception):
    """The stream is not at the version at which the events were to be appended. Nothing was recorded."""

    def __init__(self, stream_id: UUID) -> None:
        super().__init__(stream_id)
        self.stream_id = stream_id


class KeyTaken(Exception):
    """A command with this idempotency key was recorded already. Nothing was recorded now."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class StoreUnavailable(ConnectionError):
    """The database could not be reached.

    If it was lost in the middle of an append, the events may be there when it comes back. A repetition with the same
    idempotency key, or at the same version of the stream, records nothing twice.
    """


class KeptAnswer(NamedTuple):
    """An answer to keep with the events; `NO_POSITION` in the response is replaced by the position of the last one."""

    actor: UUID
    key: str
    request_digest: bytes
    response: str
    recorded_at: datetime


class Rows(NamedTuple):
    """The events of one command, each a topic and a state, to follow on `expected_version` of their stream.

    `wrapped_key` is the data key made for the stream, where it had none.
    """

    stream_id: UUID
    expected_version: int
    events: Sequence[tuple[str, bytes]]
    wrapped_key: bytes | None = None
    answer: KeptAnswer | None = None


class _Waiting(NamedTuple):
    rows: Rows
    done: "asyncio.Future[int]"


_Result = int | VersionConflict | KeyTaken
_Batch = Sequence[_Waiting]


class Writer:
    """Writes what is appended, batch after batch. `committed` is called with the last position after each."""

    def __init__(self, engine: AsyncEngine, committed: Callable[[int], None]) -> None:
        self._engine = engine
        self._committed = committed
        self._waiting: deque[_Waiting] = deque()
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

    async def append(self, rows: Rows) -> int:
        """Record the rows; returns the position of the first once they are committed.

        Raises:
            VersionConflict: the stream is at another version.
            KeyTaken: the idempotency key was used before.
            StoreUnavailable: the database cannot be reached, or the writer was stopped.
        """
        if self._stopping or self._task is None:
            raise StoreUnavailable("the store is closed")
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(rows, done))
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

    def _take(self) -> Iterator[_Waiting]:
        """The next batch: at most one command per stream and per idempotency key; the others wait for the next one."""
        taken: set[object] = set()
        later: list[_Waiting] = []
        commands = events = 0
        while self._waiting and commands < MOST_COMMANDS and events < MOST_EVENTS:
            item = self._waiting.popleft()
            rows, done = item
            if done.done():
                continue
            marks = {rows.stream_id, (rows.answer.actor, rows.answer.key)} if rows.answer else {rows.stream_id}
            if taken.isdisjoint(marks):
                taken |= marks
                commands += 1
                events += len(rows.events)
                yield item
            else:
                later.append(item)
        self._waiting.extendleft(reversed(later))

    async def _write(self, batch: _Batch) -> None:
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
            if isinstance(result, int):
                last = max(last, result + len(item.rows.events) - 1)
            _resolve(item.done, result)
        if last:
            self._committed(last)

    async def _commit(self, batch: _Batch) -> list[_Result]:
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

    async def _call(self, batch: _Batch) -> list[_Result]:
        if self._append is None or self._raw is None or self._raw.is_closed():
            await self._connect()
        assert self._append is not None
        head, outcomes = await self._append.fetchrow(*_arguments([item.rows for item in batch]))
        results: list[_Result] = []
        position = head + 1
        for item, outcome in zip(batch, outcomes, strict=True):
            results.append(_refusal(item.rows, outcome) or position)
            if not outcome:
                position += len(item.rows.events)
        return results

    async def _with_earlier(self, batch: _Batch, results: list[_Result]) -> list[_Result]:
        """The results, with the positions of refused commands whose events are there already, byte for byte."""
        refused = [number for number, result in enumerate(results) if not isinstance(result, int)]
        rows = [batch[number].rows for number in refused]
        columns = zip(*((r.stream_id, r.expected_version + 1, *r.events[0]) for r in rows), strict=True)
        if rows:
            assert self._raw is not None
            for number, position in await self._raw.fetch(_FIND, *map(list, columns)):
                results[refused[number - 1]] = position
        return results

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


def _arguments(batch: Sequence[Rows]) -> tuple[object, ...]:
    """The arguments of `append_events`, in its order."""
    events = [
        (number, rows.expected_version + nth, topic, state)
        for number, rows in enumerate(batch, 1)
        for nth, (topic, state) in enumerate(rows.events, 1)
    ]
    keys = [(number, rows.wrapped_key) for number, rows in enumerate(batch, 1) if rows.wrapped_key is not None]
    answers = [(number, *rows.answer) for number, rows in enumerate(batch, 1) if rows.answer is not None]
    return (
        [rows.stream_id for rows in batch],
        [rows.expected_version for rows in batch],
        *_columns(events, 4),
        *_columns(keys, 2),
        *_columns(answers, 6),
        str(NO_POSITION),
    )


def _columns(rows: Sequence[tuple[object, ...]], count: int) -> Sequence[Sequence[object]]:
    return list(zip(*rows, strict=True)) or [()] * count


def _refusal(rows: Rows, outcome: int) -> VersionConflict | KeyTaken | None:
    if outcome == _CONFLICT:
        return VersionConflict(rows.stream_id)
    if outcome == _TAKEN and rows.answer is not None:
        return KeyTaken(rows.answer.key)
    return None


def _resolve(done: "asyncio.Future[int]", result: _Result) -> None:
    if done.done():
        return
    if isinstance(result, int):
        done.set_result(result)
    else:
        done.set_exception(result)


def _fail(batch: _Batch, error: Exception) -> None:
    for item in batch:
        if not item.done.done():
            item.done.set_exception(error)
