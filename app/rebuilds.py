"""Rebuilds asked for over HTTP: each runs in a process of its own, and is kept in a table that any process can read."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.child import child_process
from app.execute import Call, KeyReused
from app.rebuild_job import ENTRY, STOPPED, Order
from app.services import Services
from app.tables import rebuilds
from projections.kernel import View
from projections.rebuild import RebuildRunning

log = logging.getLogger(__name__)

KEPT = 50
"""How many rebuilds are remembered and listed, beside those that run."""
DEAD_AFTER = timedelta(seconds=15)
"""A process that has not said for so long that it is at work has died, and the service that started it as well."""
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7236478120519)")
_ended = {"state": "failed", "finished_at": func.clock_timestamp()}


class Rebuilds:
    """All rebuilds, whichever process of the service was asked for them; those asked for here end with this process.

    A rebuild is a row of the table `rebuilds`; its `state` is running, done or failed, and `error` says why it failed.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._begun: dict[UUID, asyncio.Task[None]] = {}

    async def start(self, views: Sequence[View[Any]], call: Call) -> tuple[Row[Any], bool]:
        """Begin to build these views anew, unless an earlier request with the same idempotency key has begun it.

        Returns the rebuild, and whether it is that earlier one.

        Raises:
            KeyReused: the idempotency key belongs to another request.
            RebuildRunning: one of the views is being rebuilt.
        """
        names = [view.name for view in views]
        async with self._services.engine.begin() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            await _give_up_dead(connection)
            if earlier := await _earlier(connection, call):
                return earlier, True
            await _refuse_running(connection, names)
            await _forget_old(connection)
            job = await _insert(connection, names, call)
        self._begun[job.id] = asyncio.create_task(self._run(job.id, names))
        return job, False

    async def all(self) -> Sequence[Row[Any]]:
        """The last rebuilds, newest first."""
        async with self._services.engine.begin() as connection:
            await _give_up_dead(connection)
            newest = select(rebuilds).order_by(rebuilds.c.started_at.desc()).limit(KEPT)
            return (await connection.execute(newest)).all()

    async def get(self, rebuild_id: UUID) -> Row[Any] | None:
        """The rebuild with this id."""
        async with self._services.engine.begin() as connection:
            await _give_up_dead(connection)
            return (await connection.execute(select(rebuilds).where(rebuilds.c.id == rebuild_id))).one_or_none()

    async def stop(self) -> None:
        """Give up what was begun here; the stored views stay as they are."""
        for task in self._begun.values():
            task.cancel()
        await asyncio.gather(*self._begun.values(), return_exceptions=True)
        for rebuild_id in self._begun:
            await self._give_up(rebuild_id, STOPPED)

    async def _run(self, rebuild_id: UUID, views: list[str]) -> None:
        try:
            await self._work(rebuild_id, views)
        except Exception as error:
            log.exception("the rebuild of %s failed", ", ".join(views))
            await self._give_up(rebuild_id, str(error))
        del self._begun[rebuild_id]

    async def _work(self, rebuild_id: UUID, views: list[str]) -> None:
        url = self._services.engine.url.render_as_string(hide_password=False)
        order = Order(rebuild_id=rebuild_id, views=views, database_url=url, master_key=self._services.master_key)
        async with child_process(ENTRY) as process:
            assert process.stdin is not None
            process.stdin.write(order.model_dump_json().encode() + b"\n")
            if code := await process.wait():
                raise RuntimeError(f"its process ended with exit code {code}")

    async def _give_up(self, rebuild_id: UUID, reason: str) -> None:
        """Say why it ended, unless its process has said so."""
        still_running = update(rebuilds).where(rebuilds.c.id == rebuild_id, rebuilds.c.state == "running")
        async with self._services.engine.begin() as connection:
            await connection.execute(still_running.values(_ended | {"error": reason}))


async def _give_up_dead(connection: AsyncConnection) -> None:
    dead = update(rebuilds).where(rebuilds.c.state == "running", rebuilds.c.seen_at < func.now() - DEAD_AFTER)
    await connection.execute(dead.values(_ended | {"error": "its process has died"}))


async def _earlier(connection: AsyncConnection, call: Call) -> Row[Any] | None:
    if call.idempotency_key is None:
        return None
    same = (rebuilds.c.requested_by == call.actor.employee_id, rebuilds.c.idempotency_key == call.idempotency_key)
    earlier = (await connection.execute(select(rebuilds).where(*same))).one_or_none()
    if earlier and earlier.request_digest != call.request_digest:
        raise KeyReused
    return earlier


async def _refuse_running(connection: AsyncConnection, views: list[str]) -> None:
    query = select(rebuilds.c.views).where(rebuilds.c.state == "running")
    for running in await connection.scalars(query):
        if shared := set(running) & set(views):
            raise RebuildRunning(min(shared))


async def _forget_old(connection: AsyncConnection) -> None:
    kept = select(rebuilds.c.id).order_by(rebuilds.c.started_at.desc()).limit(KEPT)
    await connection.execute(delete(rebuilds).where(rebuilds.c.state != "running", rebuilds.c.id.not_in(kept)))


async def _insert(connection: AsyncConnection, views: list[str], call: Call) -> Row[Any]:
    job = {
        "id": uuid4(),
        "views": views,
        "requested_by": call.actor.employee_id,
        "idempotency_key": call.idempotency_key,
        "request_digest": call.request_digest,
        "state": "running",
        "events_done": 0,
        "events_total": 0,
        "started_at": func.clock_timestamp(),
        "seen_at": func.clock_timestamp(),
    }
    return (await connection.execute(insert(rebuilds).values(job).returning(rebuilds))).one()
