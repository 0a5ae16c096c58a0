"""Units: facts of several streams that are recorded together or not at all."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from random import Random
from typing import NamedTuple
from uuid import UUID, uuid4, uuid5

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.store import Append, Appended, KeyTaken, Store, StoreUnavailable, VersionConflict
from app.vault import Vault
from app.writer import Writer
from domain.kernel import Recorded
from projections.decoding import DATABASE_ERRORS
from tests.app.appending import append_of, contact, deal_won
from tests.conftest import MASTER_KEY

WRITERS, UNITS, STREAMS = 6, 25, 5


@pytest.fixture
async def store(engine: AsyncEngine) -> AsyncIterator[Store]:
    store = Store(engine, Vault(MASTER_KEY, engine))
    await store.start()
    yield store
    await store.stop()


async def test_a_unit_is_recorded_in_its_order(store: Store):
    goods, client = uuid4(), uuid4()
    first, second = await store.append_together(
        (append_of(goods, deal_won()), append_of(client, contact(), deal_won()))
    )
    assert (first.version, first.position, second.version, second.position) == (1, 1, 2, 3)
    assert await store.read_log(0, 10) == [*first.recorded, *second.recorded]
    again = await store.append_together(
        (append_of(goods, deal_won(), after=first), append_of(client, contact(), after=second))
    )
    assert [one.position for one in again] == [4, 5]
    assert await store.read_tail(client, 2) == (list(again[1].recorded), again[1].digest)


async def test_of_a_unit_with_a_conflict_nothing_is_recorded_and_others_are_not_harmed(store: Store):
    contested, innocent = uuid4(), uuid4()
    await store.append(append_of(contested, deal_won()))
    refused, alone, together = await asyncio.gather(
        store.append_together((append_of(innocent, contact()), append_of(contested, deal_won()))),
        store.append(append_of(uuid4(), deal_won())),
        store.append_together((append_of(uuid4(), deal_won()), append_of(uuid4(), deal_won()))),
        return_exceptions=True,
    )
    assert isinstance(refused, VersionConflict)
    assert refused.stream_id == contested
    assert isinstance(alone, Appended)
    assert isinstance(together, list)
    assert [alone.position, *(one.position for one in together)] == [2, 3, 4]
    assert await store.read_stream(innocent) == []
    assert (await store.append(append_of(innocent, contact()))).version == 1


async def test_a_taken_key_refuses_the_whole_unit(store: Store):
    await store.append(append_of(uuid4(), deal_won(), key="once"))
    innocent = uuid4()
    with pytest.raises(KeyTaken, match="once"):
        await store.append_together((append_of(innocent, deal_won()), append_of(uuid4(), deal_won(), key="once")))
    assert await store.read_stream(innocent) == []


async def test_an_append_without_facts_only_guards_a_version(store: Store):
    read, written = uuid4(), uuid4()
    seen = await store.append(append_of(read, deal_won()))
    _, made = await store.append_together((append_of(read, after=seen), append_of(written, deal_won())))
    assert made.position == 2
    await store.append(append_of(read, deal_won(), after=seen))
    with pytest.raises(VersionConflict):
        await store.append_together((append_of(read, after=seen), append_of(written, deal_won(), after=made)))
    assert len(await store.read_stream(written)) == 1
    assert await store.head() == 3


async def test_a_unit_whose_answer_was_lost_is_found_again(store: Store, monkeypatch: pytest.MonkeyPatch):
    call, calls = vars(Writer)["_call"], count(1)

    async def lose_the_first_answer(writer: Writer, batch: object) -> object:
        results = await call(writer, batch)
        if next(calls) == 1:
            raise ConnectionResetError
        return results

    guarded, client, goods = uuid4(), uuid4(), uuid4()
    seen = await store.append(append_of(guarded, deal_won()))
    monkeypatch.setattr(Writer, "_call", lose_the_first_answer)
    _, made, reserved = await store.append_together(
        (append_of(guarded, after=seen), append_of(client, contact(), key="once"), append_of(goods, deal_won()))
    )
    assert await store.read_log(1, 10) == [*made.recorded, *reserved.recorded]


class _Unit(NamedTuple):
    """The streams of a unit by their ids, and whether its writer was told that it is recorded."""

    number: int
    streams: frozenset[UUID]
    acknowledged: bool


async def _tail(store: Store, stream: UUID) -> tuple[list[Recorded], bytes]:
    """What is recorded of a stream, read again where the connection was killed meanwhile."""
    while True:
        try:
            return await store.read_tail(stream, 0)
        except DATABASE_ERRORS:
            await asyncio.sleep(0.01)


async def _write(store: Store, seed: int) -> list[_Unit]:
    """Units over a few streams that everybody writes to; who is too late reads again and goes on to the next unit."""
    random, units = Random(seed), list[_Unit]()
    for number in range(seed * UNITS, (seed + 1) * UNITS):
        streams = [uuid5(UUID(int=0), str(n)) for n in random.sample(range(STREAMS), random.randrange(1, 4))]
        appends: list[Append] = []
        for stream in streams:
            recorded, digest = await _tail(store, stream)
            append = append_of(stream, *(deal_won(number) for _ in range(random.randrange(1, 3))))
            appends.append(append._replace(expected_version=len(recorded), previous_digest=digest))
        try:
            await store.append_together(appends)
        except (VersionConflict, StoreUnavailable):
            units.append(_Unit(number, frozenset(streams), acknowledged=False))
        else:
            units.append(_Unit(number, frozenset(streams), acknowledged=True))
    return units


async def _kill_connections(engine: AsyncEngine) -> None:
    sql = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE query LIKE '%append_events%' AND pid <> pg_backend_pid() AND datname = current_database()"
    )
    for _ in range(6):
        await asyncio.sleep(0.03)
        async with engine.connect() as connection:
            await connection.execute(text(sql))


def _number(recorded: Recorded) -> int:
    return int(recorded.event.model_dump()["revenue"])


async def test_every_unit_is_whole_or_absent_whoever_was_faster_and_whatever_broke(engine: AsyncEngine):
    stores = [Store(engine, Vault(MASTER_KEY, engine)) for _ in range(2)]
    for store in stores:
        await store.start()
    written = await asyncio.gather(
        *(_write(stores[seed % 2], seed) for seed in range(WRITERS)), _kill_connections(engine)
    )
    units = [unit for made in written[:-1] for unit in made or ()]
    log = await stores[0].read_log(0, 10_000)
    assert [recorded.position for recorded in log] == list(range(1, len(log) + 1))
    there: dict[int, set[UUID]] = {}
    for recorded in log:
        there.setdefault(_number(recorded), set()).add(recorded.stream_id)
    for unit in units:
        found = there.get(unit.number, set())
        assert found == unit.streams or (not found and not unit.acknowledged)
    assert {unit.acknowledged for unit in units} == {True, False}
    for store in stores:
        await store.stop()
