"""Loads the made-up firm through the same commands that front ends send."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random
from uuid import UUID

from app.demo.firm import Department, departments, registrations
from app.demo.story import Story
from app.execute import CLIENT, EMPLOYEE, Call, Executor
from domain.employee import SYSTEM
from domain.kernel import Actor
from domain.types import Step

MONTHS = 18
DAYS_IN_MONTH = 30
AT_ONCE = 64
_SYSTEM = Actor(SYSTEM, frozenset({"administrator"}))


async def load_demo(
    executor: Executor, *, clients: int, seed: int, until: date, progress: Callable[[int], None]
) -> None:
    """Register the staff and let every client live through the 18 months before `until` (00:00 UTC).

    The same seed and date make the same clients, ids and events. `progress` is told after each client.

    Raises:
        Refused: `employee_exists` when the demo data is there already.
    """
    for stream_id, command in registrations():
        await executor.execute(EMPLOYEE, stream_id, command, _call(_SYSTEM, Random(seed)))
    staff, end = departments(), datetime.combine(until, time(), UTC)
    gate = asyncio.Semaphore(AT_ONCE)

    async def live(number: int) -> None:
        async with gate:
            await _live(executor, Random(seed * 1_000_003 + number), number, staff, end)
            progress(1)

    async with asyncio.TaskGroup() as group:
        for number in range(1, clients + 1):
            group.create_task(live(number))


async def _live(executor: Executor, random: Random, number: int, staff: dict[Step, Department], end: datetime) -> None:
    first_day = end - timedelta(days=MONTHS * DAYS_IN_MONTH)
    start = first_day + timedelta(hours=random.randrange(MONTHS * DAYS_IN_MONTH * 24))
    client_id = _new_id(random)
    beats = Story(random, number, start, staff).beats()
    try:
        beat = next(beats)
        while beat.at < end:
            outcome = await executor.execute(CLIENT, client_id, beat.command, _call(beat.actor, random))
            beat = beats.send(outcome.answer)
    except StopIteration:
        return


def _call(actor: Actor, random: Random) -> Call:
    return Call(actor=actor, correlation_id=_new_id(random), new_id=partial(_new_id, random))


def _new_id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
