"""A snapshot is what the live view was: at the time of recording, or by business time."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from projections import shadow
from projections.kernel import SCHEMA
from projections.log import StoredRow, driver
from projections.registry import VIEWS
from projections.snapshots import PREFIX, Snapshots
from tests.projections.histories import Act, Firm
from tests.projections.sums import DEALS, SUMS_VIEW
from tests.projections.support import Rows, all_rows, prepared, project, rows_on
from tests.spec import NOW

ALL = (*VIEWS, SUMS_VIEW)
SCRIPT = [Act(number % 7, 0 if number % 3 else number % 27, number % 12, number % 50) for number in range(300)]


async def schemas(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return await shadow.schemas(await driver(connection), PREFIX)


async def read(snapshots: Snapshots, *, as_of: datetime | None = None, at: datetime | None = None) -> Rows:
    rows: Rows = {}
    for view in ALL:
        async with snapshots.opened(view.name, as_of=as_of, at=at) as connection:
            rows |= await rows_on(connection, view, schema_of(connection))
    return rows


def schema_of(connection: AsyncConnection) -> str:
    """The schema that a reader's statements are led to."""
    assert connection.sync_connection
    return connection.sync_connection.get_execution_options()["schema_translate_map"][SCHEMA]


async def test_as_of_is_what_the_live_view_said_then(engine: AsyncEngine) -> None:
    log = await prepared(engine, ALL)
    facts = Firm().play(SCRIPT)
    said: dict[datetime, Rows] = {}
    for number, start in enumerate(range(0, len(facts), 60)):
        moment = NOW + timedelta(days=number)
        await log.add(facts[start : start + 60], recorded_at=moment)
        await project(log, ALL, page=17)
        said[moment] = await all_rows(engine, ALL)
    snapshots = Snapshots(engine, ALL, log.decode, capacity=2)
    for moment, rows in said.items():
        assert await read(snapshots, as_of=moment) == rows
    assert len(await schemas(engine)) == 2
    await snapshots.close()
    assert await schemas(engine) == []


async def test_at_is_what_a_live_view_of_the_events_until_then_says(engine: AsyncEngine) -> None:
    log = await prepared(engine, ALL)
    facts = Firm().play(SCRIPT)
    moment = sorted(fact.occurred_at for fact in facts)[len(facts) // 2]
    await log.add(fact for fact in facts if fact.occurred_at <= moment)
    await project(log, ALL)
    rows = await all_rows(engine, ALL)
    await log.add(fact for fact in facts if fact.occurred_at > moment)
    snapshots = Snapshots(engine, ALL, log.decode)
    assert await read(snapshots, at=moment) == rows
    await snapshots.close()


async def test_events_recorded_later_are_taken_in_where_they_occurred_earlier(engine: AsyncEngine) -> None:
    log = await prepared(engine, ALL)
    firm = Firm()
    facts = firm.play(SCRIPT)
    half = len(facts) // 2
    snapshots = Snapshots(engine, ALL, log.decode, capacity=len(ALL))
    await log.add(facts[:half])
    assert (await read(snapshots, at=NOW))["cards"]
    await log.add(facts[half:])
    await project(log, ALL)
    assert await read(snapshots, at=NOW) == await all_rows(engine, ALL)
    assert len(await schemas(engine)) == len(ALL), "none of them was built twice"
    await snapshots.close()


async def test_both_moments_combine(engine: AsyncEngine) -> None:
    log = await prepared(engine, ALL)
    facts = Firm().play(SCRIPT)
    half = len(facts) // 2
    moment = facts[half // 2].occurred_at
    await log.add(fact for fact in facts[:half] if fact.occurred_at <= moment)
    await project(log, ALL)
    rows = await all_rows(engine, ALL)
    await log.add(fact for fact in facts[:half] if fact.occurred_at > moment)
    await log.add(facts[half:], recorded_at=NOW + timedelta(hours=1))
    snapshots = Snapshots(engine, ALL, log.decode)
    assert await read(snapshots, as_of=NOW, at=moment) == rows
    await snapshots.close()


async def test_requests_for_the_same_snapshot_share_it_and_queries_run_on_it(engine: AsyncEngine) -> None:
    log = await prepared(engine, ALL)
    await log.add(Firm().play(SCRIPT))
    decoded = 0

    async def decode(rows: list[StoredRow]) -> Any:
        nonlocal decoded
        decoded += len(rows)
        return await log.decode(rows)

    snapshots = Snapshots(engine, ALL, decode)  # pyright: ignore[reportArgumentType]

    async def deals() -> int:
        async with snapshots.opened("test_sums", as_of=NOW) as connection:
            return (await connection.execute(select(func.count()).select_from(DEALS))).scalar_one()

    counts = await asyncio.gather(*(deals() for _ in range(8)))
    assert decoded <= log.head
    assert len(set(counts)) == 1
    assert counts[0] > 0
    await snapshots.close()


async def test_a_snapshot_in_use_is_kept_and_those_of_a_killed_process_are_dropped(engine: AsyncEngine) -> None:
    log = await prepared(engine, ALL)
    await log.add(Firm().play(SCRIPT[:100]))
    async with engine.connect() as connection:
        await shadow.create(await driver(connection), SUMS_VIEW, f"{PREFIX}left")
    snapshots, others = Snapshots(engine, ALL, log.decode, capacity=1), Snapshots(engine, ALL, log.decode)
    async with snapshots.opened("test_sums", at=NOW) as first:
        for number in range(3):
            async with others.opened("card", at=NOW - timedelta(number)):
                pass
            async with snapshots.opened("card", at=NOW - timedelta(number)):
                pass
        present = await schemas(engine)
        assert schema_of(first) in present
        assert f"{PREFIX}left" not in present
    await snapshots.close()
    assert len(await schemas(engine)) == 3
    await others.close()
    assert await schemas(engine) == []
