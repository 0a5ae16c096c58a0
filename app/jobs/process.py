"""The process of one job: it does the work, and keeps in the table how far it has come and how it ended."""

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from app.child import on_leash
from app.jobs.kinds import KINDS, Stopped, Task
from app.logs import configure_logs
from app.loop import run
from app.services import Services
from app.settings import Settings
from app.tables import jobs
from projections.connections import engine_on
from projections.decoding import DATABASE_ERRORS

log = logging.getLogger(__name__)

ENTRY = "from app.jobs.process import main; main()"
STOPPED = "the service was stopped"
SAY_EVERY_SECONDS = 0.5
CONNECTIONS = 8


class Order(BaseModel):
    """What to do, as one line on standard input, where no other program can read it."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", hide_input_in_errors=True)

    job_id: UUID
    kind: str
    order: dict[str, Any]
    requested_by: UUID
    database_url: str
    master_key: bytes
    default_region: str


def main() -> None:
    """Read the order and carry it out. Exits with 0 once the table says how it ended."""
    configure_logs(logging.INFO)
    run(_carry_out(Order.model_validate_json(sys.stdin.buffer.readline())))


async def _carry_out(order: Order) -> None:
    """The work has a thread and an event loop of its own, so that nothing it does holds up the notes."""
    engine = engine_on(order.database_url, pool_size=2)
    notes = _Notes()
    on_leash(notes.stop)
    try:
        async with _alone(engine, order.job_id) as alone:
            if alone:
                await _carry_out_alone(engine, order, notes)
    finally:
        await engine.dispose()


@asynccontextmanager
async def _alone(engine: AsyncEngine, job_id: UUID) -> AsyncGenerator[bool]:
    """Whether no other process is at this job; none will be for as long as the connection lives."""
    lock = func.pg_try_advisory_lock(int.from_bytes(job_id.bytes[:8], signed=True))
    async with engine.connect() as holder:
        await holder.execution_options(isolation_level="AUTOCOMMIT")
        yield (await holder.execute(select(lock))).scalar_one()


async def _carry_out_alone(engine: AsyncEngine, order: Order, notes: "_Notes") -> None:
    saying = asyncio.create_task(notes.keep_saying(engine, order.job_id))
    end = await _ended(order, notes)
    saying.cancel()
    await asyncio.gather(saying, return_exceptions=True)
    if values := notes.progress | end:
        await _say(engine, order.job_id, values)
    if end and (clean := KINDS[order.kind].load_clean()):
        await clean(engine, order.job_id)


async def _ended(order: Order, notes: "_Notes") -> dict[str, Any]:
    try:
        result = await asyncio.to_thread(run, _work(order, notes))
    except Stopped:
        return {} if KINDS[order.kind].resumes else _failed(STOPPED)
    except Exception as error:
        log.exception("the job failed: %s", order.kind)
        return _failed(str(error) or type(error).__name__)
    return {"state": "done", "result": result, "finished_at": func.clock_timestamp()}


def _failed(error: str) -> dict[str, Any]:
    return {"state": "failed", "error": error, "finished_at": func.clock_timestamp()}


async def _work(order: Order, notes: "_Notes") -> dict[str, Any]:
    settings = Settings.model_validate(
        {
            "DATABASE_URL": order.database_url,
            "master_key": order.master_key,
            "default_region": order.default_region,
            "pool_size": CONNECTIONS,
        }
    )
    engine = engine_on(order.database_url, pool_size=CONNECTIONS, hide_parameters=True)
    services = Services(settings, engine, order.master_key)
    await services.start()
    try:
        return await KINDS[order.kind].load()(Task(order.job_id, order.order, order.requested_by, services, notes.take))
    finally:
        await services.stop()


class _Notes:
    """How far the work has come; said in the table now and then, which also says that this process is alive."""

    def __init__(self) -> None:
        self.progress: dict[str, Any] = {}
        self._stopping = False

    def stop(self) -> None:
        """Let the work end where it next says how far it is."""
        self._stopping = True

    def take(self, done: int, total: int, stage: str | None = None) -> None:
        """Remember it."""
        if self._stopping:
            raise Stopped
        self.progress = {"done": done, "total": total, "stage": stage}

    async def keep_saying(self, engine: AsyncEngine, job_id: UUID) -> None:
        """Say it until cancelled. Where the database cannot be reached for a while it is said again afterwards."""
        while True:
            try:
                await _say(engine, job_id, self.progress | {"seen_at": func.clock_timestamp()})
            except DATABASE_ERRORS as error:
                log.warning("how far the job is could not be said: %s", error)
            await asyncio.sleep(SAY_EVERY_SECONDS)


async def _say(engine: AsyncEngine, job_id: UUID, values: dict[str, Any]) -> None:
    async with engine.begin() as connection:
        await connection.execute(update(jobs).where(jobs.c.id == job_id, jobs.c.state == "running").values(values))
