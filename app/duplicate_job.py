"""The process of one search for duplicates: it keeps in the table how far it has come, and how it ended."""

import asyncio
import logging
import sys
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, func, update
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.child import on_leash
from app.duplicate_search import search
from app.logs import configure_logs
from app.tables import duplicate_pairs as pairs
from app.tables import duplicate_runs as runs

log = logging.getLogger(__name__)

ENTRY = "from app.duplicate_job import main; main()"
SAY_EVERY_SECONDS = 0.5
CONNECTIONS = 3
"""One to read, one to write, one for the table of runs."""


class Order(BaseModel):
    """What to do, as one line on standard input, where no other program can read it."""

    model_config = ConfigDict(hide_input_in_errors=True)

    run_id: UUID
    region: str
    database_url: str


def main() -> None:
    """Read the order and carry it out. Exits with 0 once the table says how it ended."""
    configure_logs(logging.INFO)
    asyncio.run(_carry_out(Order.model_validate_json(sys.stdin.buffer.readline())))


async def _carry_out(order: Order) -> None:
    engine = create_async_engine(order.database_url, pool_size=CONNECTIONS)
    notes = _Notes()
    working = asyncio.create_task(asyncio.to_thread(_search, order, notes))
    on_leash(notes.stop)
    saying = asyncio.create_task(notes.keep_saying(engine, order.run_id))
    try:
        end = await _ended(working)
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)
        await _finish(engine, order.run_id, end | notes.steps)
    finally:
        await engine.dispose()


def _search(order: Order, notes: "_Notes") -> int:
    """The search in an event loop of its own, so that comparing names does not hold up the notes."""
    return asyncio.run(_search_alone(order, notes))


async def _search_alone(order: Order, notes: "_Notes") -> int:
    engine = create_async_engine(order.database_url, pool_size=CONNECTIONS)
    try:
        return await search(engine, order.run_id, order.region, notes.take)
    finally:
        await engine.dispose()


async def _ended(working: "asyncio.Task[int]") -> dict[str, Any]:
    try:
        return {"state": "done", "pairs": await working}
    except _Stopped:
        return {"state": "failed", "error": "the service was stopped"}
    except Exception as error:
        log.exception("the search for duplicates failed")
        return {"state": "failed", "error": str(error) or type(error).__name__}


async def _finish(engine: AsyncEngine, run_id: UUID, end: dict[str, Any]) -> None:
    """Say how it ended; the pairs of this run take the place of those before, or disappear."""
    stale = pairs.c.run_id != run_id if end["state"] == "done" else pairs.c.run_id == run_id
    async with engine.begin() as connection:
        await connection.execute(
            update(runs).where(runs.c.id == run_id).values(end | {"finished_at": func.clock_timestamp()})
        )
        await connection.execute(delete(pairs).where(stale))


class _Stopped(Exception):
    """The parent has let go."""


class _Notes:
    """How far the search has come; said in the table now and then, which also says that this process is alive."""

    def __init__(self) -> None:
        self.steps: dict[str, Any] = {}
        self._stopping = False

    def stop(self) -> None:
        """Let the search end at its next step."""
        self._stopping = True

    def take(self, done: int, total: int) -> None:
        if self._stopping:
            raise _Stopped
        self.steps = {"steps_done": done, "steps_total": total}

    async def keep_saying(self, engine: AsyncEngine, run_id: UUID) -> None:
        say = partial(update(runs).where(runs.c.id == run_id).values, seen_at=func.clock_timestamp())
        while True:
            async with engine.begin() as connection:
                await connection.execute(say(**self.steps))
            await asyncio.sleep(SAY_EVERY_SECONDS)
