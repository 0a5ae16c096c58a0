"""Work that is done again and again, until it is told to stop; a round that has begun is finished."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)


async def rounds(seconds: float, work: Callable[[], Awaitable[object]], stop: asyncio.Event) -> None:
    """Work, with so many seconds between the rounds. One that fails is logged; the next tries again.

    A round is never cancelled: a connection to the database that is being opened would be left behind.
    """
    while not stop.is_set():
        try:
            await work()
        except Exception:
            logger.exception("a round of background work failed")
        try:
            async with asyncio.timeout(seconds):
                await stop.wait()
        except TimeoutError:
            continue
