"""What a reader sees while the views change underneath."""

import asyncio

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from projections import shadow
from projections.log import driver
from projections.still import standing_still
from tests.projections.sums import SUMS, SUMS_VIEW
from tests.projections.support import prepared, project
from tests.projections.test_parking import BAD, GOOD, contacted, registered


async def clients(connection: AsyncConnection) -> int:
    return (await connection.execute(select(func.count()).select_from(SUMS))).scalar_one()


async def test_statements_of_one_reader_see_the_same_position(engine: AsyncEngine) -> None:
    log = await prepared(engine, [SUMS_VIEW])
    await log.add([registered(GOOD), contacted(GOOD, "fine")])
    await project(log, [SUMS_VIEW])
    async with standing_still(engine, [SUMS_VIEW]) as connection:
        assert await clients(connection) == 1
        await log.add([registered(BAD), contacted(BAD, "fine")])
        await project(log, [SUMS_VIEW])
        assert await clients(connection) == 1
    async with standing_still(engine, [SUMS_VIEW]) as connection:
        assert await clients(connection) == 2


async def test_a_table_that_takes_the_place_of_another_is_not_empty(engine: AsyncEngine) -> None:
    log = await prepared(engine, [SUMS_VIEW])
    async with engine.connect() as connection:
        raw = await driver(connection)
        await shadow.create(raw, SUMS_VIEW, "rebuild_test_sums")
        async with raw.transaction():
            await raw.execute("LOCK TABLE views.test_sums IN ACCESS EXCLUSIVE MODE")
            reader = asyncio.create_task(_count(engine))
            await asyncio.sleep(0.2)
            assert not reader.done()
            sql = "INSERT INTO rebuild_test_sums.test_sums VALUES ($1, '{}', 1, '{}')"
            await raw.fetch(sql, GOOD)
            await shadow.take_place(raw, SUMS_VIEW, "rebuild_test_sums")
    assert await reader == 1
    assert log.head == 0


async def _count(engine: AsyncEngine) -> int:
    async with standing_still(engine, [SUMS_VIEW]) as connection:
        return await clients(connection)


async def test_a_reader_who_is_cut_short_leaves_no_transaction_behind(engine: AsyncEngine) -> None:
    await prepared(engine, [SUMS_VIEW])

    async def read() -> None:
        async with standing_still(engine, [SUMS_VIEW]) as connection:
            await connection.execute(select(func.pg_sleep(10)))

    readers = [asyncio.create_task(read()) for _ in range(3)]
    await asyncio.sleep(0.5)
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    async with engine.connect() as connection:
        sql = (
            "SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL"
            " AND datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        assert await (await driver(connection)).fetchval(sql) == 0
