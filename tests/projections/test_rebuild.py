"""Rebuilds beside the running service: readers see the old view or the new one, and live projection goes on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from functools import partial

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from projections import shadow
from projections.card import CardView
from projections.clients import ClientsView
from projections.connections import engine_on
from projections.conversion import ConversionView
from projections.decoding import Decode
from projections.log import StoredRow, driver
from projections.parallel import EVENTS_EACH, MOST_PROCESSES, Workers, workers_for
from projections.prepare import differing, prepare
from projections.rebuild import PREFIX, RebuildRunning, rebuild
from projections.registry import VIEWS
from tests.projections.histories import Act, Firm
from tests.projections.log_of_facts import Log
from tests.projections.sums import DEALS, ORIGINS, SUMS, SUMS_VIEW
from tests.projections.support import all_rows, prepared, project, running

SCRIPT = [Act(number % 9, 0 if number % 3 else number % 27, number % 12, number % 50) for number in range(600)]
SOME = (SUMS_VIEW, ConversionView())


async def shadows(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return await shadow.schemas(await driver(connection), PREFIX)


async def test_events_keep_coming_and_readers_keep_reading(engine: AsyncEngine) -> None:
    log = await prepared(engine, SOME)
    firm = Firm()
    await log.add(firm.play(SCRIPT[:100]))
    done = asyncio.Event()

    async def write() -> None:
        for start in range(100, len(SCRIPT), 5):
            await log.add(firm.play(SCRIPT[start : start + 5]))
            projector.wake()
            await asyncio.sleep(0.005)

    async def read() -> int:
        most, reads = 0, 0
        while not done.is_set():
            async with engine.connect() as connection:
                clients = (await connection.execute(select(func.sum(ORIGINS.c.clients)))).scalar_one()
                assert (await connection.execute(select(DEALS))).all()
            assert clients >= most, "a half-built view knows fewer clients"
            most, reads = clients, reads + 1
        return reads

    async with running(log, SOME, page=20) as projector:
        assert await projector.wait_for([view.name for view in SOME], log.head, 5)
        readers = [asyncio.create_task(read()) for _ in range(3)]
        writer = asyncio.create_task(write())
        for _ in range(5):
            await rebuild(engine, SOME, log.decode)
        await writer
        projector.wake()
        assert await projector.wait_for([view.name for view in SOME], log.head, 5)
        done.set()
        assert all(reads > 10 for reads in await asyncio.gather(*readers))
    live = await all_rows(engine, SOME)
    await rebuild(engine, SOME, log.decode)
    assert await all_rows(engine, SOME) == live


async def test_readers_in_long_transactions_are_waited_for(engine: AsyncEngine) -> None:
    log = await prepared(engine, SOME)
    await log.add(Firm().play(SCRIPT[:100]))
    await project(log, SOME)
    async with engine.connect() as reader:
        before = (await reader.execute(select(DEALS))).all()
        work = asyncio.create_task(rebuild(engine, [SUMS_VIEW], log.decode))
        await asyncio.sleep(1.5)
        assert not work.done()
        assert (await reader.execute(select(DEALS))).all() == before
        assert (await reader.execute(select(SUMS))).all()
    await asyncio.wait_for(work, 5)


async def test_names_of_tables_and_indexes_stay(engine: AsyncEngine) -> None:
    log = await prepared(engine, VIEWS)
    sql = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'views' ORDER BY 1, 2"
    async with engine.connect() as connection:
        before = await (await driver(connection)).fetch(sql)
    await rebuild(engine, VIEWS, log.decode)
    async with engine.connect() as connection:
        assert await (await driver(connection)).fetch(sql) == before
    assert await shadows(engine) == []


async def test_two_rebuilds_of_one_view_at_once_are_refused(engine: AsyncEngine) -> None:
    log = await prepared(engine, VIEWS)
    begun, go_on = asyncio.Event(), asyncio.Event()
    await log.add(Firm().play(SCRIPT[:10]))

    async def slowly(rows: list[StoredRow]) -> object:
        begun.set()
        await go_on.wait()
        return await log.decode(rows)

    first = asyncio.create_task(rebuild(engine, [CardView(), ClientsView()], slowly))  # pyright: ignore[reportArgumentType]
    await begun.wait()
    with pytest.raises(RebuildRunning) as refused:
        await rebuild(engine, [ConversionView(), ClientsView()], log.decode)
    assert refused.value.view == "clients"
    await rebuild(engine, [ConversionView()], log.decode)
    go_on.set()
    await first


async def test_progress_is_told_to_the_end(engine: AsyncEngine) -> None:
    log = await prepared(engine, SOME)
    await log.add(Firm().play(SCRIPT))
    told: list[tuple[int, int]] = []
    await rebuild(engine, [CardView()], log.decode, lambda done, total: told.append((done, total)))
    assert told[0] == (0, log.head)
    assert told[-1] == (log.head, log.head)


async def test_a_cancelled_rebuild_leaves_the_view_and_no_rubbish(engine: AsyncEngine) -> None:
    log = await prepared(engine, SOME)
    await log.add(Firm().play(SCRIPT))
    await project(log, SOME)
    before = await all_rows(engine, SOME)

    async def never(_: object) -> None:
        await asyncio.Event().wait()

    work = asyncio.create_task(rebuild(engine, SOME, never))  # pyright: ignore[reportArgumentType]
    await asyncio.sleep(0.3)
    assert await shadows(engine)
    work.cancel()
    await asyncio.wait([work])
    assert await shadows(engine) == []
    assert await all_rows(engine, SOME) == before
    await rebuild(engine, SOME, log.decode)


@pytest.mark.usefixtures("no_views")
async def test_prepare_builds_what_differs_and_removes_what_a_killed_rebuild_left(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(engine)
    await log.add(Firm().play(SCRIPT[:100]))
    async with engine.connect() as connection:
        await shadow.create(await driver(connection), ConversionView(), f"{PREFIX}conversion")
    assert set(await prepare(engine, VIEWS, log.decode)) == {view.name for view in VIEWS}
    assert await shadows(engine) == []
    assert await prepare(engine, VIEWS, log.decode) == []
    monkeypatch.setattr(ConversionView, "revision", 1000)
    assert [view.name for view in await differing(engine, VIEWS)] == ["conversion"]
    assert await prepare(engine, VIEWS, log.decode) == ["conversion"]


@pytest.mark.usefixtures("no_views")
async def test_two_processes_may_prepare_at_once(engine: AsyncEngine) -> None:
    log = Log(engine)
    await log.add(Firm().play(SCRIPT[:100]))
    built = await asyncio.gather(*(prepare(engine, VIEWS, log.decode) for _ in range(2)))
    assert sorted(len(names) for names in built) == [0, len(VIEWS)]


@asynccontextmanager
async def opened(url: str) -> AsyncGenerator[tuple[AsyncEngine, Decode]]:
    engine = engine_on(url)
    yield engine, Log(engine).decode
    await engine.dispose()


async def test_several_processes_build_the_same(engine: AsyncEngine) -> None:
    log = await prepared(engine, VIEWS)
    await log.add(Firm().play(SCRIPT))
    await project(log, VIEWS)
    live = await all_rows(engine, VIEWS)
    source = partial(opened, engine.url.render_as_string(hide_password=False))
    told: list[int] = []
    await rebuild(engine, VIEWS, log.decode, lambda done, _: told.append(done), Workers(2, source))
    assert await all_rows(engine, VIEWS) == live
    assert told[-1] == log.head


@pytest.mark.parametrize(
    ("events", "cores", "asked", "count"),
    [
        (EVENTS_EACH, 16, None, None),
        (2 * EVENTS_EACH - 1, 16, None, None),
        (2 * EVENTS_EACH, 16, None, 2),
        (100 * EVENTS_EACH, 4, None, 4),
        (100 * EVENTS_EACH, 64, None, MOST_PROCESSES),
        (100 * EVENTS_EACH, None, None, None),
        (100 * EVENTS_EACH, 16, 1, None),
        (1, 2, 3, 3),
    ],
)
def test_a_long_log_is_shared_by_as_many_processes_as_there_are_cores(
    events: int, cores: int | None, asked: int | None, count: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    workers = workers_for(events, nullcontext, asked)  # pyright: ignore[reportArgumentType] - is not opened here
    assert (workers.count if workers else None) == count
