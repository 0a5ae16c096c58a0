"""Snapshots that something has happened to: crashes, lost connections, late facts, clients that cannot be folded."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.kernel import Recorded
from projections import shadow
from projections.log import StoredRow, driver
from projections.snapshot import LONGEST_APPEND, PREFIX
from projections.snapshots import Snapshots
from tests.projections import sums
from tests.projections.log_of_facts import Log
from tests.projections.support import prepared
from tests.projections.test_parking import BAD, GOOD, VIEWS, contacted, deal, registered
from tests.projections.test_snapshots import schema_of
from tests.spec import NOW

DAY = timedelta(days=1)


class Counting(Log):
    """Counts the events that are read."""

    decoded = 0

    async def decode(self, rows: Sequence[StoredRow]) -> list[Recorded]:
        self.decoded += len(rows)
        return await super().decode(rows)


@pytest.fixture
async def log(engine: AsyncEngine) -> Counting:
    """Two clients with a contact each."""
    await prepared(engine, VIEWS)
    found = Counting(engine)
    await found.add([registered(BAD), registered(GOOD), contacted(BAD, "fine"), contacted(GOOD, "fine")])
    return found


@pytest.fixture
async def snapshots(engine: AsyncEngine, log: Log) -> AsyncGenerator[Snapshots]:
    found = Snapshots(engine, VIEWS, log.decode)
    yield found
    await found.close()


async def contacts(snapshots: Snapshots, at: datetime | None = None) -> dict[UUID, int]:
    """The contacts of each client; as of now, unless a moment is given."""
    async with snapshots.opened("test_sums", as_of=None if at else NOW, at=at) as connection:
        rows = await (await driver(connection)).fetch(f"SELECT id, contacts FROM {schema_of(connection)}.test_sums")
    return {row[0]: row[1] for row in rows}


async def run(engine: AsyncEngine, *statements: str) -> None:
    async with engine.connect() as connection:
        for statement in statements:
            await (await driver(connection)).execute(statement)


async def settle(log: Log, snapshots: Snapshots) -> None:
    """Let the snapshots read something that was recorded much later."""
    await log.add([deal(GOOD)], recorded_at=NOW + LONGEST_APPEND + DAY)
    await contacts(snapshots)


END_THE_OWNER = f"""
    SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE l.locktype = 'advisory' AND l.classid = {shadow.LOCK_SPACE} AND d.datname = current_database()
"""


@pytest.mark.parametrize("settled", [True, False])
class TestWhatHappensToSnapshots:
    @pytest.fixture(autouse=True)
    async def _read_once(self, log: Log, snapshots: Snapshots, settled: bool) -> None:
        await contacts(snapshots)
        if settled:
            await settle(log, snapshots)

    async def test_a_crash_of_the_database_empties_the_tables(self, engine: AsyncEngine, snapshots: Snapshots) -> None:
        async with snapshots.opened("test_sums", as_of=NOW) as connection:
            schema = schema_of(connection)
        names = [table.name for table in sums.SUMS_VIEW.tables]
        await run(engine, *(f"TRUNCATE {schema}.{name}" for name in (*names, "whole")))
        assert await contacts(snapshots) == {BAD: 1, GOOD: 1}

    async def test_the_owner_loses_its_connection(self, engine: AsyncEngine, log: Log, snapshots: Snapshots) -> None:
        await run(engine, END_THE_OWNER)
        await log.add([contacted(GOOD, "late")], recorded_at=NOW - DAY)
        assert (await contacts(snapshots))[BAD] == 1
        assert await contacts(snapshots, at=NOW) == {BAD: 1, GOOD: 2}

    async def test_another_process_drops_what_nobody_holds(
        self, engine: AsyncEngine, log: Log, snapshots: Snapshots
    ) -> None:
        await run(engine, END_THE_OWNER)
        others = Snapshots(engine, VIEWS, log.decode)
        assert await contacts(others) == {BAD: 1, GOOD: 1}
        assert await contacts(snapshots) == {BAD: 1, GOOD: 1}
        assert await contacts(others) == {BAD: 1, GOOD: 1}
        await others.close()
        await snapshots.close()
        async with engine.connect() as connection:
            assert await shadow.schemas(await driver(connection), PREFIX) == []


class TestLateFacts:
    async def test_what_was_recorded_in_time_and_comes_later_belongs_to_it(
        self, log: Log, snapshots: Snapshots
    ) -> None:
        assert (await contacts(snapshots))[GOOD] == 1
        await log.add([contacted(BAD, "next day")], recorded_at=NOW + LONGEST_APPEND)
        assert (await contacts(snapshots))[BAD] == 1
        await log.add([contacted(GOOD, "held up")], recorded_at=NOW)
        assert (await contacts(snapshots))[GOOD] == 2

    async def test_once_nothing_can_come_any_more_nothing_is_read(self, log: Counting, snapshots: Snapshots) -> None:
        await settle(log, snapshots)
        decoded = log.decoded
        await log.add([contacted(GOOD, "later")] * 5, recorded_at=NOW + 2 * DAY)
        assert (await contacts(snapshots))[GOOD] == 1
        assert log.decoded == decoded


class TestClientsThatCannotBeFolded:
    @pytest.mark.parametrize("failing", [sums.FAILS_TO_FOLD, sums.FAILS_TO_SHOW, sums.FAILS_TO_WRITE])
    @pytest.mark.parametrize("built", ["before", "after"])
    async def test_the_others_are_shown(self, log: Log, snapshots: Snapshots, failing: str, built: str) -> None:
        if built == "before":
            await contacts(snapshots)
        await log.add([contacted(BAD, failing), deal(BAD), deal(GOOD)])
        assert (await contacts(snapshots))[GOOD] == 1
        await log.add([deal(BAD), contacted(GOOD, "fine")])
        assert (await contacts(snapshots))[GOOD] == 2
        async with snapshots.opened("test_sums", as_of=NOW) as connection:
            sql = f"SELECT id, amount FROM {schema_of(connection)}.test_sums_deals"
            assert [tuple(row) for row in await (await driver(connection)).fetch(sql)] == [(GOOD, Decimal(5))]

    @pytest.mark.parametrize("built", ["before", "after"])
    async def test_an_event_that_cannot_be_decoded(
        self, engine: AsyncEngine, log: Log, snapshots: Snapshots, built: str
    ) -> None:
        if built == "before":
            await contacts(snapshots)
        await log.add([contacted(BAD, "broken"), contacted(GOOD, "fine")])
        await run(engine, "UPDATE events SET state = 'not JSON' WHERE notification_id = 5")
        assert await contacts(snapshots) == {BAD: 1, GOOD: 2}
