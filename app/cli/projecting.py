"""The process beside `conveyor serve` that keeps the views up to date, so that folding does not hold up requests."""

import asyncio
import logging
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import typer

from app.cli.loop import run
from app.cli.session import open_services
from app.logs import configure_logs
from app.settings import Settings, read_settings

logger = logging.getLogger(__name__)

_COMMAND = (sys.executable, "-P", "-c", "from app.cli import main; main()", "project")
READY = "ready"
READY_WITHIN_SECONDS = 60
STOP_WITHIN_SECONDS = 10


def project() -> None:
    """Keep the views up to date until standard input ends. `serve` starts this by itself."""
    configure_logs(logging.INFO)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    run(_project(read_settings()))


async def _project(settings: Settings) -> None:
    """Project; whatever becomes of the parent, its end of the pipe closes with it."""
    stop = asyncio.Event()
    async with open_services(settings) as services:
        projecting = asyncio.create_task(services.projector.run(stop))
        await services.projector.settled.wait()
        typer.echo(READY)
        await asyncio.to_thread(sys.stdin.buffer.read)
        stop.set()
        await projecting


@asynccontextmanager
async def projecting_beside() -> AsyncGenerator[None]:
    """Project in a process of its own meanwhile. If it fails or ends early, the service projects by itself."""
    pipe = subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*_COMMAND, stdin=pipe, stdout=pipe)
    try:
        await _until_ready(process)
        yield
    finally:
        await _end(process)


async def _until_ready(process: Process) -> None:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_WITHIN_SECONDS):
            if not await process.stdout.readline():
                logger.warning("the projecting process ended; views are kept up to date here")
    except TimeoutError:
        logger.warning("the projecting process is not ready yet")


async def _end(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(STOP_WITHIN_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
