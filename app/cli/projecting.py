"""The process beside `conveyor serve` that keeps the views up to date, so that folding does not hold up requests."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import typer

from app.child import child_process, on_leash
from app.cli.loop import run
from app.cli.session import open_services
from app.logs import configure_logs
from app.settings import Settings, read_settings
from projections.runner import Projector

logger = logging.getLogger(__name__)

_ENTRY = "from app.cli import main; main()"
READY = "ready"
READY_WITHIN_SECONDS = 60
LEAST_PAUSE_SECONDS, MOST_PAUSE_SECONDS = 1.0, 60.0
"""Before the process is started again. The pause doubles each time, until one has lived for longer than the most."""


def project() -> None:
    """Keep the views up to date until standard input ends. `serve` starts this by itself."""
    configure_logs(logging.INFO)
    run(_project(read_settings()))


async def _project(settings: Settings) -> None:
    stop = asyncio.Event()
    on_leash(stop.set)
    async with open_services(settings) as services:
        projecting = asyncio.create_task(services.projector.run(stop))
        await services.projector.settled.wait()
        typer.echo(READY)
        await projecting


@asynccontextmanager
async def projecting_beside(projector: Projector) -> AsyncGenerator[None]:
    """Keep a process running meanwhile that projects; while there is none, `projector` has to."""
    settled = asyncio.Event()
    keeping = asyncio.create_task(_keep_running(projector, settled))
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(READY_WITHIN_SECONDS):
                await settled.wait()
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def _keep_running(projector: Projector, settled: asyncio.Event) -> None:
    clock, pause = asyncio.get_running_loop().time, LEAST_PAUSE_SECONDS
    while True:
        begun = clock()
        end = await _until_it_ends(projector, settled)
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


async def _until_it_ends(projector: Projector, settled: asyncio.Event) -> str:
    """Let a process project for as long as it lives. Returns how it ended."""
    try:
        async with child_process(_ENTRY, "project") as process:
            assert process.stdout is not None
            if await process.stdout.readline():
                logger.info("process %d keeps the views up to date", process.pid)
                projector.stand_back()
                settled.set()
            return f"exit code {await process.wait()}"
    except OSError as error:
        return str(error)
    finally:
        projector.step_in()
