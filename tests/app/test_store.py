"""Appending and reading: versions, positions, conflicts, repetitions, broken connections."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from app.store import Append, Appended, KeyTaken, Rows, Store, StoreUnavailable, VersionConflict
from app.tables import data_keys, idempotency
from app.vault import KeyDestroyed, Vault
from app.writer import Writer
from domain.kernel import Recorded
from tests.app.appending import ACTOR, append_of, contact, deal_won, positions
from tests.conftest import MASTER_KEY


@pytest.fixture
async def store(engine: AsyncEngine) -> AsyncIterator[Store]:
    store = Store(engine, Vault(MASTER_KEY, engine))
    await store.start()
    yield store
    await store.stop()


async def outcomes(store: Store, *appends: Append) -> list[Appended | BaseException]:
    return await asyncio.gather(*(store.append(append) for append in appends), return_exceptions=True)


async def test_what_was_appended_is_read_back(store: Store):
    stream = uuid4()
    appended = await store.append(append_of(stream, contact(), deal_won()))
    assert (appended.version, appended.position) == (2, 2)
    assert [recorded.version for recorded in appended.recorded] == [1, 2]
    assert await store.read_stream(stream) == list(appended.recorded)
    assert await store.read_log(0, 10) == list(appended.recorded)
    assert await store.read_tail(stream, 1) == ([appended.recorded[1]], appended.digest)
    assert await store.read_tail(stream, 2) == ([], b"")
    assert await store.head() == 2


async def test_a_stream_is_read_in_pieces_from_both_ends(store: Store):
    stream = uuid4()
    events = (await store.append(append_of(stream, *(deal_won() for _ in range(5))))).recorded
    assert await store.read_stream(stream, 2, limit=2) == [events[2], events[3]]
    assert await store.read_stream(stream, before_version=4, limit=2, newest_first=True) == [events[2], events[1]]


async def test_the_log_is_read_by_topic_and_up_to_a_position(store: Store):
    events = (await store.append(append_of(uuid4(), deal_won(), contact(), deal_won(), contact()))).recorded
    assert await store.read_log(0, 10, topics=["deals.won"]) == [events[0], events[2]]
    assert await store.read_log(1, 10, until=3) == [events[1], events[2]]
    assert await store.read_log(1, 1) == [events[1]]


async def test_only_the_command_that_conflicts_is_refused(store: Store):
    contested, other = uuid4(), uuid4()
    first = await store.append(append_of(contested, deal_won()))
    stale, gap, good = await outcomes(
        store,
        append_of(contested, deal_won(), expected_version=0),
        append_of(uuid4(), deal_won(), expected_version=3),
        append_of(other, deal_won()),
    )
    assert isinstance(stale, VersionConflict)
    assert stale.stream_id == contested
    assert isinstance(gap, VersionConflict)
    assert isinstance(good, Appended)
    assert good.position == first.position + 1
    assert await store.head() == good.position


async def test_of_two_commands_at_one_version_one_wins(store: Store):
    stream = uuid4()
    won, lost = await outcomes(store, append_of(stream, deal_won()), append_of(stream, deal_won()))
    assert isinstance(won, Appended)
    assert isinstance(lost, VersionConflict)
    assert await store.read_stream(stream) == list(won.recorded)


async def test_more_commands_than_a_batch_takes(store: Store):
    appended = await outcomes(store, *(append_of(uuid4(), contact(), deal_won()) for _ in range(1200)))
    assert positions(one for one in appended if isinstance(one, Appended)) == list(range(1, 2401))


async def test_an_answer_is_kept_with_its_position(store: Store):
    stream = uuid4()
    await store.append(append_of(uuid4(), deal_won()))
    appended = await store.append(append_of(stream, deal_won(), deal_won(), key="once"))
    answer = await store.find_answer(ACTOR, "once")
    assert answer is not None
    assert answer == (b"request", appended.response, 3)
    assert answer.response == "2 at 3"
    assert await store.find_answer(uuid4(), "once") is None


async def test_a_taken_key_refuses_only_its_command(store: Store, engine: AsyncEngine):
    await store.append(append_of(uuid4(), deal_won(), key="once"))
    again, twice, good = await outcomes(
        store,
        append_of(uuid4(), deal_won(), key="once"),
        append_of(uuid4(), deal_won(), key="twice"),
        append_of(uuid4(), deal_won(), key="twice"),
    )
    assert isinstance(again, KeyTaken)
    assert again.key == "once"
    assert sorted(type(one).__name__ for one in (twice, good)) == ["Appended", "KeyTaken"]
    async with engine.connect() as connection:
        assert len((await connection.execute(select(idempotency))).all()) == 2
    assert await store.head() == 2


async def test_a_stream_gets_one_data_key_at_its_first_personal_data(store: Store, engine: AsyncEngine):
    stream = uuid4()
    appended = await store.append(append_of(stream, deal_won()))
    for _ in range(2):
        appended = await store.append(append_of(stream, contact(), after=appended))
    async with engine.connect() as connection:
        assert (await connection.execute(select(data_keys.c.stream_id))).scalars().all() == [stream]
    elsewhere = Store(engine, Vault(MASTER_KEY, engine))
    assert [event.event for event in await elsewhere.read_stream(stream, 2)] == [appended.recorded[0].event]


async def test_a_refused_command_leaves_no_key_behind(store: Store, engine: AsyncEngine):
    stream = uuid4()
    first = await store.append(append_of(stream, deal_won()))
    await store.append(append_of(stream, deal_won(), after=first))
    with pytest.raises(VersionConflict):
        await store.append(append_of(stream, contact(), after=first))
    async with engine.connect() as connection:
        assert not (await connection.execute(select(data_keys))).all()


async def test_an_erased_stream_takes_no_new_personal_data(engine: AsyncEngine):
    vault, stream = Vault(MASTER_KEY, engine), uuid4()
    store = Store(engine, vault)
    await store.start()
    appended = await store.append(append_of(stream, contact()))
    await vault.destroy(stream)
    with pytest.raises(KeyDestroyed):
        await store.append(append_of(stream, contact(), after=appended))
    assert (await store.append(append_of(stream, deal_won(), after=appended))).version == 2
    assert (await store.read_stream(stream))[0].event == contact(None).model_copy(
        update={"contact_id": appended.recorded[0].event.model_dump()["contact_id"]}
    )
    await store.stop()


async def test_a_command_that_the_database_cannot_take_harms_no_other(store: Store):
    poison = Rows(uuid4(), 0, [("topic with \x00", b"{}")])
    good, bad, also_good = await asyncio.gather(
        store.append(append_of(uuid4(), deal_won())),
        store.append_rows(poison),
        store.append(append_of(uuid4(), deal_won())),
        return_exceptions=True,
    )
    assert isinstance(good, Appended)
    assert isinstance(also_good, Appended)
    assert isinstance(bad, Exception)
    assert await store.head() == 2


async def test_listeners_hear_of_each_commit(store: Store):
    heard: list[int] = []
    store.on_commit(lambda _: 1 // 0)
    store.on_commit(heard.append)
    await store.append(append_of(uuid4(), deal_won(), deal_won()))
    with pytest.raises(VersionConflict):
        await store.append(append_of(uuid4(), deal_won(), expected_version=1))
    await store.append(append_of(uuid4(), deal_won()))
    assert heard == [2, 3]


async def test_a_reader_of_the_tail_misses_nothing(engine: AsyncEngine):
    stores = [Store(engine, Vault(MASTER_KEY, engine)) for _ in range(4)]
    for store in stores:
        await store.start()
    seen: list[Recorded] = []
    done = asyncio.Event()

    async def tail() -> None:
        while not done.is_set() or len(seen) < await stores[0].head():
            seen.extend(await stores[0].read_log(seen[-1].position if seen else 0, 50))

    async def write(store: Store) -> None:
        for _ in range(25):
            await outcomes(store, *(append_of(uuid4(), deal_won(), contact()) for _ in range(4)))

    reader = asyncio.create_task(tail())
    await asyncio.gather(*map(write, stores))
    done.set()
    await reader
    assert [event.position for event in seen] == list(range(1, 4 * 25 * 4 * 2 + 1))
    for store in stores:
        await store.stop()


async def _kill_writers(engine: AsyncEngine) -> int:
    sql = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE query LIKE '%append_events%' AND pid <> pg_backend_pid() AND datname = current_database()"
    )
    async with create_async_engine(engine.url, poolclass=NullPool).connect() as connection:
        return (await connection.execute(text(sql))).scalar_one()


async def test_killed_connections_lose_and_repeat_nothing(store: Store, engine: AsyncEngine):
    acknowledged: list[Appended] = []
    failed: list[UUID] = []

    async def write() -> None:
        stream, last = uuid4(), None
        for _ in range(30):
            try:
                last = await store.append(append_of(stream, contact(), deal_won(), after=last))
            except StoreUnavailable:
                failed.append(stream)
                return
            acknowledged.append(last)

    async def kill() -> None:
        for _ in range(8):
            await asyncio.sleep(0.02)
            await _kill_writers(engine)

    await asyncio.gather(kill(), *(write() for _ in range(16)))
    assert not failed
    logged = await store.read_log(0, 10_000)
    assert [event.position for event in logged] == positions(acknowledged)
    assert [event.position for event in logged] == list(range(1, 16 * 30 * 2 + 1))


async def test_a_commit_whose_answer_was_lost_is_found_again(store: Store, monkeypatch: pytest.MonkeyPatch):
    stream = uuid4()
    call, calls = vars(Writer)["_call"], 0

    async def lose_the_first_answer(writer: Writer, batch: object) -> object:
        nonlocal calls
        results = await call(writer, batch)
        calls += 1
        if calls == 1:
            raise ConnectionResetError
        return results

    monkeypatch.setattr(Writer, "_call", lose_the_first_answer)
    appended = await store.append(append_of(stream, contact(), deal_won(), key="once"))
    assert calls == 2
    assert await store.read_stream(stream) == list(appended.recorded)


async def test_without_a_database_those_who_wait_are_told(
    store: Store, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
):
    kept = await store.append(append_of(uuid4(), deal_won()))

    async def unreachable(_: Writer) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("app.writer.RETRY_AFTER_SECONDS", (0.0, 0.01))
    with monkeypatch.context() as patch:
        patch.setattr(Writer, "_connect", unreachable)
        await _kill_writers(engine)
        results = await outcomes(store, *(append_of(uuid4(), deal_won()) for _ in range(3)))
        assert all(isinstance(result, StoreUnavailable) for result in results)
    assert (await store.append(append_of(uuid4(), deal_won()))).position == kept.position + 1


async def test_an_append_given_up_before_its_turn_is_not_recorded(store: Store):
    given_up = asyncio.create_task(store.append(append_of(uuid4(), deal_won())))
    await asyncio.sleep(0)
    given_up.cancel()
    assert (await store.append(append_of(uuid4(), deal_won()))).position == 1


async def test_a_closed_store_takes_no_more(engine: AsyncEngine):
    store = Store(engine, Vault(MASTER_KEY, engine))
    await store.start()
    waiting = asyncio.create_task(store.append(append_of(uuid4(), deal_won())))
    await asyncio.sleep(0)
    await store.stop()
    assert (await waiting).position == 1
    with pytest.raises(StoreUnavailable):
        await store.append(append_of(uuid4(), deal_won()))
