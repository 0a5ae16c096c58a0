"""Processes that this one starts, and that never outlive it: they end when the pipe to their standard input closes."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress

STOP_WITHIN_SECONDS = 10
_STANDARD_INPUT = 0


@asynccontextmanager
async def child_process(entry: str, *arguments: str) -> AsyncGenerator[Process]:
    """Run `entry`, a line of Python that calls `on_leash`. At the end of the context it is asked to end, then killed.

    Raises:
        OSError: it cannot be started.
    """
    pipe = subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-c", entry, *arguments, stdin=pipe, stdout=pipe
    )
    try:
        yield process
    finally:
        await _end(process)


async def _end(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(STOP_WITHIN_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def on_leash(let_go: Callable[[], object]) -> None:
    """In a child with a running event loop: call `let_go` there once the parent closes the pipe or is gone.

    Whoever has not ended in time is ended, whatever the event loop does. Signals are left to the parent: those that
    stop a service often go to all of its processes.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)

    def watch() -> None:
        while os.read(_STANDARD_INPUT, 1024):
            pass
        with suppress(RuntimeError):  # the loop is closed already
            loop.call_soon_threadsafe(let_go)
        time.sleep(STOP_WITHIN_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
