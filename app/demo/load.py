"""Loads the made-up firm through the same commands that front ends send."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count
from random import Random
from uuid import UUID

from app.demo.books import entries
from app.demo.entry import Entry
from app.demo.firm import LEADS, departments, registrations
from app.demo.forecast import predict
from app.demo.life import Life
from app.demo.shortage import orders_beyond_stock, put_off, short_entries
from app.demo.story import story
from app.documents.sending import send
from app.execute import EMPLOYEE, Call, Executor
from app.services import Services
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
    services: Services, *, clients: int, seed: int, until: date, progress: Callable[[int], None]
) -> None:
    """Register the staff and let every client live through the 18 months before `until` (00:00 UTC).

    The same seed and date make the same clients, ids and events, so that a load that was broken off goes on where it
    stopped. What is expected to come in and ordered beyond the stock is there where `until` is not long past, and
    predictions where enough clients have bought. `progress` is told after each client.

    Raises:
        Refused: `employee_exists` when the demo data is there already.
    """
    executor = services.executor
    *staff, (last_id, last) = registrations()
    if await is_loaded(executor):
        raise Refused("employee_exists", employee_code=last.code, id=last_id)
    gate, end = asyncio.Semaphore(AT_ONCE), datetime.combine(until, time(), UTC)

    async def hire(stream_id: UUID, command: RegisterEmployee) -> None:
        hired = command.model_copy(update={"occurred_at": end - SPAN})
        await executor.execute(EMPLOYEE, stream_id, hired, _call(_SYSTEM, command.code))

    for stream_id, command in staff:
        await hire(stream_id, command)
    for number, entry in enumerate((*entries(end - SPAN, SPAN, clients), *short_entries(end, SPAN))):
        await _write_down(executor, entry, end - SPAN + entry.after, f"book {end:%Y-%m-%d} {number}")

    async def live(number: int) -> None:
        async with gate:
            await _live(services, seed, number, end)
            progress(1)

    async with asyncio.TaskGroup() as group:
        for number in range(1, clients + 1):
            group.create_task(live(number))
    await orders_beyond_stock(executor, [_client_id(seed, number, end) for number in range(1, clients + 1)], end, _call)
    await put_off(executor, end, _call)
    await predict(services, end, _call)
    await hire(last_id, last)


async def _write_down(executor: Executor, entry: Entry, at: datetime, name: str) -> None:
    command = entry.command.model_copy(update={"occurred_at": at})
    await executor.execute(
        entry.aggregate, entry.stream_id, command, _call(entry.by or departments()[LEADS].head, name)
    )


def _name(seed: int, number: int, end: datetime) -> str:
    return f"{seed} {end:%Y-%m-%d} {number}"


def _client_id(seed: int, number: int, end: datetime) -> UUID:
    return _new_id(Random(_name(seed, number, end)))


async def _live(services: Services, seed: int, number: int, end: datetime) -> None:
    name, random = _name(seed, number, end), Random(seed * 1_000_003 + number)
    start = end - SPAN + timedelta(hours=random.randrange(SPAN // timedelta(hours=1)))
    client_id = _client_id(seed, number, end)
    beats = story(Life(random, number, start, departments(), (end - SPAN, SPAN)))
    try:
        beat = next(beats)
        for nth in count():
            if beat.at >= end:
                return
            call = _call(beat.actor, f"{name} {nth}")
            beat = beats.send((await send(services, client_id, beat.command, call)).answer)
    except StopIteration:
        return


def _call(actor: Actor, name: str) -> Call:
    """The call of the command with this name, which no other command has: what was carried out is not done again."""
    return Call(
        actor,
        _new_id(Random(name)),
        idempotency_key=f"demo {name}",
        ids=lambda: partial(_new_id, Random(f"{name} ids")),
        retold=True,
    )


def _new_id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
