"""The process of one rebuild asked for over HTTP: it builds the views, and keeps in the table how far it has come."""

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.child import on_leash
from app.logs import configure_logs
from app.mapper import decode_rows
from app.tables import rebuilds
from app.vault import Vault
from projections.rebuild import RebuildRunning, rebuild
from projections.registry import VIEWS

log = logging.getLogger(__name__)

ENTRY = "from app.rebuild_job import main; main()"
STOPPED = "the service was stopped"
SAY_EVERY_SECONDS = 0.5
CONNECTIONS = 5
"""One to read, one to write, one for the keys, one for the table of rebuilds, and one to spare."""


class Order(BaseModel):
    """What to do, as one line on standard input, where no other program can read it."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", hide_input_in_errors=True)

    rebuild_id: UUID
    views: list[str]
    database_url: str
    master_key: bytes


def main() -> None:
    """Read the order and carry it out. Exits with 0 once the table says how it ended."""
    configure_logs(logging.INFO)
    asyncio.run(_carry_out(Order.model_validate_json(sys.stdin.buffer.readline())))


async def _carry_out(order: Order) -> None:
    working = asyncio.create_task(_rebuild(order))
    on_leash(working.cancel)
    engine = create_async_engine(order.database_url, pool_size=1)
    try:
        end = await _ended(working)
        job = update(rebuilds).where(rebuilds.c.id == order.rebuild_id)
        async with engine.begin() as connection:
            await connection.execute(job.values(end | {"finished_at": func.clock_timestamp()}))
    finally:
        await engine.dispose()


async def _ended(working: "asyncio.Task[None]") -> dict[str, Any]:
    try:
        await working
    except asyncio.CancelledError:
        return {"state": "failed", "error": STOPPED}
    except RebuildRunning as running:
        return {"state": "failed", "error": f"view {running.view} is being rebuilt already"}
    except Exception as error:
        log.exception("the rebuild failed")
        return {"state": "failed", "error": str(error) or type(error).__name__}
    return {"state": "done"}


async def _rebuild(order: Order) -> None:
    engine = create_async_engine(order.database_url, pool_size=CONNECTIONS)
    decode = partial(decode_rows, vault=Vault(order.master_key, engine))
    views = [view for view in VIEWS if view.name in order.views]
    progress = _Progress(engine, order.rebuild_id)
    try:
        async with progress.said():
            await rebuild(engine, views, decode, progress.take_note)
    finally:
        await engine.dispose()


class _Progress:
    """How far the rebuild has come; said in the table now and then, which also says that this process is alive."""

    def __init__(self, engine: AsyncEngine, rebuild_id: UUID) -> None:
        self._engine = engine
        self._job = update(rebuilds).where(rebuilds.c.id == rebuild_id)
        self._done = self._total = 0

    def take_note(self, done: int, total: int) -> None:
        self._done, self._total = done, total

    @asynccontextmanager
    async def said(self) -> AsyncGenerator[None]:
        saying = asyncio.create_task(self._keep_saying())
        try:
            yield
        finally:
            saying.cancel()
            await asyncio.gather(saying, return_exceptions=True)
        await self._say()

    async def _keep_saying(self) -> None:
        while True:
            await self._say()
            await asyncio.sleep(SAY_EVERY_SECONDS)

    async def _say(self) -> None:
        values = {"events_done": self._done, "events_total": self._total, "seen_at": func.clock_timestamp()}
        async with self._engine.begin() as connection:
            await connection.execute(self._job.values(values))
