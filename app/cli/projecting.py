"""Keeps a process running beside `conveyor serve` that projects; while there is none, the service does so itself."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from app.child import child_process
from app.projecting_job import ENTRY, Order
from app.services import Services
from projections.runner import Projector

logger = logging.getLogger(__name__)

READY_WITHIN_SECONDS = 60
LEAST_PAUSE_SECONDS, MOST_PAUSE_SECONDS = 1.0, 60.0
"""Before the process is started again. The pause doubles each time, until one has lived for longer than the most."""


@asynccontextmanager
async def projecting_beside(services: Services) -> AsyncGenerator[None]:
    """Keep a process running meanwhile that projects; while there is none, the projector of `services` has to."""
    url = services.engine.url.render_as_string(hide_password=False)
    order = Order(database_url=url, master_key=services.master_key)
    settled = asyncio.Event()
    keeping = asyncio.create_task(_keep_running(order, services.projector, settled))
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(READY_WITHIN_SECONDS):
                await settled.wait()
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def _keep_running(order: Order, projector: Projector, settled: asyncio.Event) -> None:
    clock, pause = asyncio.get_running_loop().time, LEAST_PAUSE_SECONDS
    while True:
        begun = clock()
        end = await _until_it_ends(order, projector, settled)
        settled.set()
        if clock() - begun > MOST_PAUSE_SECONDS:
            pause = LEAST_PAUSE_SECONDS
        logger.error(
            "the projecting process ended (%s); views are kept up to date here until it is started again in %.0f s",
            end,
            pause,
        )
        await asyncio.sleep(pause)
        pause = min(2 * pause, MOST_PAUSE_SECONDS)


async def _until_it_ends(order: Order, projector: Projector, settled: asyncio.Event) -> str:
    """Let a process project for as long as it lives. Returns how it ended."""
    try:
        async with child_process(ENTRY) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(order.model_dump_json().encode() + b"\n")
            if await process.stdout.readline():
                logger.info("process %d keeps the views up to date", process.pid)
                projector.stand_back()
                settled.set()
            return f"exit code {await process.wait()}"
    except OSError as error:
        return str(error)
    finally:
        projector.step_in()
