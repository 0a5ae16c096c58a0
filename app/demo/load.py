"""Loads the made-up firm through the same commands that front ends send."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count
from random import Random
from uuid import UUID

from app.demo.books import Entry, entries
from app.demo.firm import LEADS, departments, registrations
from app.demo.story import Story
from app.execute import CLIENT, EMPLOYEE, Call, Executor
from domain.employee import SYSTEM, RegisterEmployee
from domain.kernel import Actor, Refused

MONTHS = 18
DAYS_IN_MONTH = 30
SPAN = timedelta(days=MONTHS * DAYS_IN_MONTH)
AT_ONCE = 64
_SYSTEM = Actor(SYSTEM, frozenset({"administrator"}))


async def is_loaded(executor: Executor) -> bool:
    """Whether the firm is there, whole: the last of the staff is registered when everything else is done."""
    *_, last = registrations()
    return (await executor.read(EMPLOYEE, last[0])).version > 0


async def begun_on(executor: Executor) -> date | None:
    """The day until which the clients of a load that began are to live, if it did."""
    first, *_ = registrations()
    begun = (await executor.read(EMPLOYEE, first[0])).since
    return (begun + SPAN).date() if begun else None


async def load_demo(
    executor: Executor, *, clients: int, seed: int, until: date, progress: Callable[[int], None]
) -> None:
    """Register the staff and let every client live through the 18 months before `until` (00:00 UTC).

    The same seed and date make the same clients, ids and events, so that a load that was broken off goes on where it
    stopped. `progress` is told after each client.

    Raises:
        Refused: `employee_exists` when the demo data is there already.
    """
    *staff, (last_id, last) = registrations()
    if await is_loaded(executor):
        raise Refused("employee_exists", employee_code=last.code, id=last_id)
    gate, end = asyncio.Semaphore(AT_ONCE), datetime.combine(until, time(), UTC)

    async def hire(stream_id: UUID, command: RegisterEmployee) -> None:
        hired = command.model_copy(update={"occurred_at": end - SPAN})
        await executor.execute(EMPLOYEE, stream_id, hired, _call(_SYSTEM, command.code))

    for stream_id, command in staff:
        await hire(stream_id, command)
    for number, entry in enumerate(entries(end - SPAN, SPAN)):
        await _write_down(executor, entry, end - SPAN + entry.after, f"book {end:%Y-%m-%d} {number}")

    async def live(number: int) -> None:
        async with gate:
            await _live(executor, seed, number, end)
            progress(1)

    async with asyncio.TaskGroup() as group:
        for number in range(1, clients + 1):
            group.create_task(live(number))
    await hire(last_id, last)


async def _write_down(executor: Executor, entry: Entry, at: datetime, name: str) -> None:
    command = entry.command.model_copy(update={"occurred_at": at})
    await executor.execute(entry.aggregate, entry.stream_id, command, _call(departments()[LEADS].head, name))


async def _live(executor: Executor, seed: int, number: int, end: datetime) -> None:
    name, random = f"{seed} {end:%Y-%m-%d} {number}", Random(seed * 1_000_003 + number)
    start = end - SPAN + timedelta(hours=random.randrange(SPAN // timedelta(hours=1)))
    client_id = _new_id(Random(name))
    beats = Story(random, number, start, departments(), (end - SPAN, SPAN)).beats()
    try:
        beat = next(beats)
        for nth in count():
            if beat.at >= end:
                return
            call = _call(beat.actor, f"{name} {nth}")
            beat = beats.send((await executor.execute(CLIENT, client_id, beat.command, call)).answer)
    except StopIteration:
        return


def _call(actor: Actor, name: str) -> Call:
    """The call of the command with this name, which no other command has: what was carried out is not done again."""
    return Call(
        actor,
        _new_id(Random(name)),
        idempotency_key=f"demo {name}",
        ids=lambda: partial(_new_id, Random(f"{name} ids")),
    )


def _new_id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
