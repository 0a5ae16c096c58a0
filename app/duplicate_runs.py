"""Searches for duplicates in the whole base, one at a time, each in a process of its own and kept in a table."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.child import child_process
from app.duplicate_job import ENTRY, Order
from app.duplicate_lists import LAST_DONE
from app.execute import Call, KeyReused
from app.problems import Problem
from app.services import Services
from app.tables import duplicate_pairs as pairs
from app.tables import duplicate_runs as runs

log = logging.getLogger(__name__)

KEPT = 50
"""How many runs are remembered."""
DEAD_AFTER = timedelta(seconds=30)
"""A process that has not said for so long that it is at work has died."""
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7236478120531)")


class DuplicateRuns:
    """All runs, whichever process was asked for them; those asked for here end with this process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, call: Call) -> tuple[Row[Any], bool]:
        """Begin to search, unless an earlier request with the same idempotency key has begun it.

        Returns the run, and whether it is that earlier one.

        Raises:
            KeyReused: the idempotency key belongs to another request.
            Problem: `duplicate_run_running`.
        """
        async with self._services.engine.begin() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            await _give_up_dead(connection)
            if earlier := await _earlier(connection, call):
                return earlier, True
            await _refuse_running(connection)
            await _forget_old(connection)
            run = await _insert(connection, call)
        task = asyncio.create_task(self._run(run.id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return run, False

    async def all(self) -> Sequence[Row[Any]]:
        """The last runs, newest first."""
        async with self._services.engine.begin() as connection:
            await _give_up_dead(connection)
            newest = select(runs).order_by(runs.c.started_at.desc()).limit(KEPT)
            return (await connection.execute(newest)).all()

    async def get(self, run_id: UUID) -> Row[Any] | None:
        """The run with this id."""
        async with self._services.engine.begin() as connection:
            await _give_up_dead(connection)
            return (await connection.execute(select(runs).where(runs.c.id == run_id))).one_or_none()

    async def stop(self) -> None:
        """Give up what was begun here; the worklist stays as it is."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, run_id: UUID) -> None:
        try:
            await self._work(run_id)
        except Exception as error:
            log.exception("the search for duplicates failed")
            async with self._services.engine.begin() as connection:
                still_running = update(runs).where(runs.c.id == run_id, runs.c.state == "running")
                await connection.execute(still_running.values(_failed(str(error))))

    async def _work(self, run_id: UUID) -> None:
        url = self._services.engine.url.render_as_string(hide_password=False)
        order = Order(run_id=run_id, region=self._services.settings.default_region, database_url=url)
        async with child_process(ENTRY) as process:
            assert process.stdin is not None
            process.stdin.write(order.model_dump_json().encode() + b"\n")
            if code := await process.wait():
                raise RuntimeError(f"its process ended with exit code {code}")


def _failed(error: str) -> dict[str, Any]:
    return {"state": "failed", "finished_at": func.clock_timestamp(), "error": error}


async def _give_up_dead(connection: AsyncConnection) -> None:
    dead = update(runs).where(runs.c.state == "running", runs.c.seen_at < func.now() - DEAD_AFTER)
    await connection.execute(dead.values(_failed("its process has died")))


async def _earlier(connection: AsyncConnection, call: Call) -> Row[Any] | None:
    if call.idempotency_key is None:
        return None
    same = (runs.c.requested_by == call.actor.employee_id, runs.c.idempotency_key == call.idempotency_key)
    earlier = (await connection.execute(select(runs).where(*same))).one_or_none()
    if earlier and earlier.request_digest != call.request_digest:
        raise KeyReused
    return earlier


async def _refuse_running(connection: AsyncConnection) -> None:
    running = await connection.scalar(select(runs.c.id).where(runs.c.state == "running"))
    if running:
        raise Problem("duplicate_run_running", facts={"run_id": running})


async def _forget_old(connection: AsyncConnection) -> None:
    """The last runs stay, and the last one that is done with its pairs."""
    kept = select(runs.c.id).order_by(runs.c.started_at.desc()).limit(KEPT)
    await connection.execute(delete(runs).where(runs.c.id.not_in(kept), runs.c.id.not_in(LAST_DONE)))
    await connection.execute(delete(pairs).where(pairs.c.run_id.not_in(LAST_DONE)))


async def _insert(connection: AsyncConnection, call: Call) -> Row[Any]:
    run = {
        "id": uuid4(),
        "state": "running",
        "requested_by": call.actor.employee_id,
        "idempotency_key": call.idempotency_key,
        "request_digest": call.request_digest,
        "steps_done": 0,
        "steps_total": 0,
        "pairs": 0,
        "started_at": func.clock_timestamp(),
        "seen_at": func.clock_timestamp(),
    }
    return (await connection.execute(insert(runs).values(run).returning(runs))).one()
