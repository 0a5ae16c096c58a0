"""Live projection: one process at a time, taken over when it dies, and readers who wait for it in any."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asyncpg.exceptions import ConnectionDoesNotExistError
from asyncpg.transaction import Transaction
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.kernel import Recorded
from projections.checkpoints import Fenced
from projections.decoding import DATABASE_ERRORS
from projections.log import StoredRow, driver
from projections.rebuild import rebuild
from projections.registry import VIEWS
from projections.runner import Projector
from tests.projections.histories import Act, Firm
from tests.projections.support import all_rows, prepared, project, running

SCRIPT = [Act(number % 7, 0 if number % 3 else number % 27, number % 12, number % 50) for number in range(300)]
NAMES = [view.name for view in VIEWS]
END_LEADER = """
SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE l.locktype = 'advisory' AND d.datname = current_database() AND l.pid <> pg_backend_pid()
"""


async def test_two_projectors_at_once_never_project_an_event_twice(engine: AsyncEngine) -> None:
    log = await prepared(engine, VIEWS)
    await log.add(Firm().play(SCRIPT))
    fenced = 0

    async def work(projector: Projector) -> None:
        nonlocal fenced
        async with engine.connect() as connection:
            while True:
                try:
                    if not await projector.step(connection):
                        return
                except Fenced:
                    fenced += 1

    await asyncio.gather(*(work(Projector(engine, VIEWS, log.decode, page=10)) for _ in range(2)))
    assert fenced, "they came across each other"
    live = await all_rows(engine, VIEWS)
    await rebuild(engine, VIEWS, log.decode)
    assert await all_rows(engine, VIEWS) == live


async def test_readers_wait_in_the_process_that_projects_and_in_the_other(engine: AsyncEngine) -> None:
    log = await prepared(engine, VIEWS)
    async with running(log, VIEWS) as one, running(log, VIEWS) as other:
        for number in range(5):
            position = await log.add(Firm().play([Act(number, 0, number, 1)]))
            one.wake()
            other.wake()
            assert all(await asyncio.gather(*(each.wait_for(NAMES, position, 5) for each in (one, other))))
        assert not await one.wait_for(NAMES, log.head + 1, 0.05)
        assert not await other.wait_for(NAMES, log.head + 1, 0.05)


async def test_events_that_nobody_told_of_are_found(engine: AsyncEngine) -> None:
    log = await prepared(engine, VIEWS)
    async with running(log, VIEWS) as projector:
        await asyncio.sleep(0.1)
        await log.add(Firm().play(SCRIPT[:20]))
        assert await projector.wait_for(NAMES, log.head, 2)


async def test_another_process_takes_over_when_the_connection_of_the_first_breaks(engine: AsyncEngine) -> None:
    log = await prepared(engine, VIEWS)
    firm = Firm()
    async with running(log, VIEWS) as one, running(log, VIEWS) as other:
        await log.add(firm.play(SCRIPT[:50]))
        assert await one.wait_for(NAMES, log.head, 5)
        async with engine.connect() as connection:
            assert await (await driver(connection)).fetch(END_LEADER)
        await log.add(firm.play(SCRIPT[50:100]))
        assert await one.wait_for(NAMES, log.head, 5)
        assert await other.wait_for(NAMES, log.head, 5)


async def test_a_page_whose_commit_was_not_confirmed_is_built_upon(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The states in memory are older than the stored ones then."""
    log = await prepared(engine, VIEWS)
    firm = Firm()
    projector = Projector(engine, VIEWS, log.decode)
    async with engine.connect() as connection:
        await log.add(firm.play(SCRIPT[:100]))
        assert await projector.step(connection)
        await log.add(firm.play(SCRIPT[100:200]))
        with monkeypatch.context() as broken:
            broken.setattr(Transaction, "__aexit__", _commit_without_an_answer)
            with pytest.raises(ConnectionDoesNotExistError):
                await projector.step(connection)
        await log.add(firm.play(SCRIPT[200:]))
        while await projector.step(connection):
            pass
    live = await all_rows(engine, VIEWS)
    await rebuild(engine, VIEWS, log.decode)
    assert await all_rows(engine, VIEWS) == live


async def test_a_page_whose_connection_breaks_is_not_finished_on_another(engine: AsyncEngine) -> None:
    """There it would be written outside of any transaction, and folded once more later."""
    log = await prepared(engine, VIEWS)
    async with engine.connect() as connection:
        raw = await driver(connection)
        process = await raw.fetchval("SELECT pg_backend_pid()")

        async def decode_while_it_breaks(rows: Sequence[StoredRow]) -> list[Recorded]:
            async with engine.connect() as other:
                await (await driver(other)).execute(f"SELECT pg_terminate_backend({process})")
            async with asyncio.timeout(5):
                while not raw.is_closed():  # noqa: ASYNC110 - the driver has no event to wait for
                    await asyncio.sleep(0.01)
            return await log.decode(rows)

        await log.add(Firm().play(SCRIPT))
        with pytest.raises(DATABASE_ERRORS):
            await Projector(engine, VIEWS, decode_while_it_breaks).step(connection)
    await project(log, VIEWS)
    live = await all_rows(engine, VIEWS)
    await rebuild(engine, VIEWS, log.decode)
    assert await all_rows(engine, VIEWS) == live


_COMMIT = Transaction.__aexit__  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


async def _commit_without_an_answer(transaction: Transaction, *error: Any) -> None:
    await _COMMIT(transaction, *error)
    raise ConnectionDoesNotExistError("connection was closed in the middle of operation")


async def test_a_defect_is_logged_tried_again_and_kept_for_others_to_see(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log = await prepared(engine, VIEWS)
    failing = Projector(engine, VIEWS, log.decode)

    async def defect(*_: object, **__: object) -> None:
        raise ZeroDivisionError("no turnover")

    async with running(log, VIEWS) as projector:
        with monkeypatch.context() as broken:
            broken.setattr("projections.folding.Folder.advance", defect)
            await log.add(Firm().play(SCRIPT[:20]))
            projector.wake()
            async with asyncio.timeout(10):
                while not all(lag.failing for lag in await failing.lag()):  # noqa: ASYNC110 - as callers do
                    await asyncio.sleep(0.02)
        (told,) = {lag.failure for lag in await failing.lag()}
        assert str(told).startswith("ZeroDivisionError in test_runner.py")
        assert await projector.wait_for(NAMES, log.head, 10)
        async with asyncio.timeout(10):
            while any(lag.failing for lag in await failing.lag()):  # noqa: ASYNC110 - as callers do
                await asyncio.sleep(0.02)
    assert "in defect" in caplog.text, "the traceback"


async def test_a_process_that_stands_back_leaves_it_to_the_other(engine: AsyncEngine) -> None:
    log = await prepared(engine, VIEWS)
    firm = Firm()
    async with running(log, VIEWS) as one:
        await one.settled.wait()
        async with running(log, VIEWS) as other:
            one.stand_back()
            await log.add(firm.play(SCRIPT[:50]))
            assert await other.wait_for(NAMES, log.head, 5)
        await log.add(firm.play(SCRIPT[50:100]))
        assert not await one.wait_for(NAMES, log.head, 0.5)
        one.step_in()
        assert await one.wait_for(NAMES, log.head, 5)


@pytest.mark.usefixtures("no_views")
async def test_lag_tells_how_far_each_view_is_behind(engine: AsyncEngine) -> None:
    log = await prepared(engine, VIEWS)
    projector = Projector(engine, VIEWS, log.decode)
    await log.add(Firm().play(SCRIPT[:30]), recorded_at=datetime.now(UTC) - timedelta(minutes=1))
    lags = await projector.lag()
    assert [lag.view for lag in lags] == sorted(NAMES)
    assert {lag.positions_behind for lag in lags} == {log.head}
    assert all(60 <= lag.seconds_behind < 70 and lag.seconds_since_advance < 10 for lag in lags)
    async with engine.connect() as connection:
        await projector.step(connection)
    assert {(lag.position, lag.positions_behind, lag.seconds_behind) for lag in await projector.lag()} == {
        (log.head, 0, 0.0)
    }


async def test_a_view_that_the_code_describes_otherwise_is_left_alone(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = await prepared(engine, VIEWS)
    await log.add(Firm().play(SCRIPT[:30]))
    before = await all_rows(engine, VIEWS[:1])
    monkeypatch.setattr(type(VIEWS[0]), "revision", 1000)
    projector = Projector(engine, VIEWS, log.decode)
    async with engine.connect() as connection:
        while await projector.step(connection):
            pass
    assert await all_rows(engine, VIEWS[:1]) == before
    assert {lag.view: lag.position for lag in await projector.lag()} == {
        name: 0 if name == NAMES[0] else log.head for name in NAMES
    }
