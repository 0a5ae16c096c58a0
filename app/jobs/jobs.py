"""The jobs of all processes of the service: begun, looked after, remembered."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, and_, delete, func, insert, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.child import child_process
from app.execute import Call, KeyReused
from app.jobs.kinds import KINDS
from app.jobs.process import ENTRY, STOPPED, Order
from app.rounds import rounds
from app.services import Services
from app.tables import jobs
from projections.paging import Page, cursor_of, instant, place, values_of

log = logging.getLogger(__name__)

DEAD_AFTER = timedelta(seconds=30)
"""A process that has not said for so long that it is at work has died, and the service that started it as well."""
LOOK_EVERY_SECONDS = 5.0
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7236478120519)")
_RESUMED = [name for name, kind in KINDS.items() if kind.resumes]
_ORDER = [jobs.c.started_at, jobs.c.id]
_silent = and_(jobs.c.state == "running", jobs.c.seen_at < func.now() - DEAD_AFTER)


def _failed(error: str) -> dict[str, Any]:
    return {"state": "failed", "finished_at": func.clock_timestamp(), "error": error}


Refuse = Callable[[Sequence[Row[Any]]], None]
"""Raises where one of the jobs that run keeps a new one from beginning."""


class Jobs:
    """All jobs, whichever process was asked for them. Those asked for here end, or wait, with this process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._begun: dict[UUID, asyncio.Task[None]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()

    def look_after(self) -> None:
        """From now on, take over what has to go on and has lost its process."""
        self._looking = asyncio.create_task(rounds(LOOK_EVERY_SECONDS, self._look, self._stop))

    async def start(
        self, kind: str, order: dict[str, Any], call: Call, refuse: Refuse, job_id: UUID | None = None
    ) -> tuple[Row[Any], bool]:
        """Begin a job, unless an earlier request with the same idempotency key has begun it.

        Returns the job, and whether it is that earlier one. `refuse` is shown those of its kind that run.

        Raises:
            KeyReused: the idempotency key belongs to another request.
        """
        async with self._services.engine.begin() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            await _give_up_dead(connection)
            if earlier := await _earlier(connection, call):
                return earlier, True
            running = select(jobs).where(jobs.c.kind == kind, jobs.c.state == "running")
            refuse((await connection.execute(running)).all())
            await _forget_old(connection, kind)
            job = await _insert(connection, job_id or uuid4(), kind, order, call)
        self._begin(job)
        return job, False

    async def find(self, call: Call) -> Row[Any] | None:
        """The job that an earlier request with the same idempotency key asked for.

        Raises:
            KeyReused: that was another request.
        """
        async with self._services.engine.connect() as connection:
            return await _earlier(connection, call)

    async def page(self, kind: str, page: Page) -> tuple[Sequence[Row[Any]], str | None]:
        """Jobs of a kind, newest first, and the cursor of the next page.

        Raises:
            BadCursor: the cursor is not of such a list.
        """
        newest = select(jobs).where(jobs.c.kind == kind)
        if page.cursor:
            newest = newest.where(tuple_(*_ORDER) < place(_ORDER, values_of(page.cursor, (instant, UUID))))
        newest = newest.order_by(*(column.desc() for column in _ORDER)).limit(page.limit + 1)
        async with self._services.engine.begin() as connection:
            await _give_up_dead(connection)
            rows = (await connection.execute(newest)).all()
        if len(rows) <= page.limit:
            return rows, None
        last = rows[page.limit - 1]
        return rows[: page.limit], cursor_of((last.started_at.isoformat(), last.id))

    async def get(self, kind: str, job_id: UUID) -> Row[Any] | None:
        """The job of this kind with this id."""
        query = select(jobs).where(jobs.c.kind == kind, jobs.c.id == job_id)
        async with self._services.engine.begin() as connection:
            await _give_up_dead(connection)
            return (await connection.execute(query)).one_or_none()

    async def stop(self) -> None:
        """Give up what was begun here, or leave it to the next that looks."""
        self._stop.set()
        if self._looking:
            await self._looking
        begun, tasks = list(self._begun), list(self._begun.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        left = update(jobs).where(jobs.c.id.in_(begun), jobs.c.state == "running")
        async with self._services.engine.begin() as connection:
            await connection.execute(left.where(jobs.c.kind.in_(_RESUMED)).values(seen_at=func.to_timestamp(0)))
            await connection.execute(left.where(jobs.c.kind.not_in(_RESUMED)).values(_failed(STOPPED)))

    def _begin(self, job: Row[Any]) -> None:
        task = asyncio.create_task(self._run(job))
        self._begun[job.id] = task
        task.add_done_callback(lambda _: self._begun.pop(job.id, None))

    async def _run(self, job: Row[Any]) -> None:
        try:
            await self._in_a_process(job)
        except Exception as error:
            log.exception("the process of a job failed: %s", job.kind)
            if not KINDS[job.kind].resumes:
                await self._give_up(job.id, str(error))

    async def _in_a_process(self, job: Row[Any]) -> None:
        order = Order(
            job_id=job.id,
            kind=job.kind,
            order=job.order,
            requested_by=job.requested_by,
            database_url=self._services.engine.url.render_as_string(hide_password=False),
            master_key=self._services.master_key,
            default_region=self._services.settings.default_region,
        )
        async with child_process(ENTRY, job.kind) as process:
            assert process.stdin is not None
            process.stdin.write(order.model_dump_json().encode() + b"\n")
            if code := await process.wait():
                raise RuntimeError(f"its process ended with exit code {code}")

    async def _give_up(self, job_id: UUID, reason: str) -> None:
        """Say why it ended, unless its process has said so."""
        still_running = update(jobs).where(jobs.c.id == job_id, jobs.c.state == "running")
        async with self._services.engine.begin() as connection:
            await connection.execute(still_running.values(_failed(reason)))

    async def _look(self) -> None:
        for job in await self._orphans():
            self._begin(job)

    async def _orphans(self) -> Sequence[Row[Any]]:
        """The jobs that lost their process and go on; from now on they are this process's."""
        taken = update(jobs).where(_silent, jobs.c.kind.in_(_RESUMED)).values(seen_at=func.clock_timestamp())
        async with self._services.engine.begin() as connection:
            return (await connection.execute(taken.returning(jobs))).all()


async def _earlier(connection: AsyncConnection, call: Call) -> Row[Any] | None:
    if call.idempotency_key is None:
        return None
    same = (jobs.c.requested_by == call.actor.employee_id, jobs.c.idempotency_key == call.idempotency_key)
    earlier = (await connection.execute(select(jobs).where(*same))).one_or_none()
    if earlier and earlier.request_digest != call.request_digest:
        raise KeyReused
    return earlier


async def _give_up_dead(connection: AsyncConnection) -> None:
    dead = update(jobs).where(_silent, jobs.c.kind.not_in(_RESUMED))
    await connection.execute(dead.values(_failed("its process has died")))


async def _forget_old(connection: AsyncConnection, kind: str) -> None:
    if (most := KINDS[kind].kept) is None:
        return
    kept = select(jobs.c.id).where(jobs.c.kind == kind).order_by(jobs.c.started_at.desc()).limit(most)
    await connection.execute(delete(jobs).where(jobs.c.kind == kind, jobs.c.state != "running", jobs.c.id.not_in(kept)))


async def _insert(connection: AsyncConnection, job_id: UUID, kind: str, order: dict[str, Any], call: Call) -> Row[Any]:
    job = {
        "id": job_id,
        "kind": kind,
        "order": order,
        "requested_by": call.actor.employee_id,
        "idempotency_key": call.idempotency_key,
        "request_digest": call.request_digest,
        "state": "running",
        "done": 0,
        "total": 0,
        "started_at": func.clock_timestamp(),
        "seen_at": func.clock_timestamp(),
    }
    return (await connection.execute(insert(jobs).values(job).returning(jobs))).one()
