"""Many readers of snapshots: they share the work, it is bounded, and nobody waits for ever."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.kernel import Recorded
from projections import snapshots as module
from projections.log import StoredRow
from projections.snapshots import ReaderGone, SnapshotLate, Snapshots, TooManySnapshots
from tests.projections.log_of_facts import Log
from tests.projections.support import prepared
from tests.projections.test_parking import GOOD, VIEWS, contacted, registered
from tests.spec import NOW


class Held(Log):
    """A log whose events cannot be read until they are let go."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self.let_go, self.times, self.cancelled = asyncio.Event(), 0, 0
        self._at_once, self.decode = self.decode, self._once_let_go

    async def _once_let_go(self, rows: Sequence[StoredRow]) -> list[Recorded]:
        self.times += 1
        try:
            await self.let_go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return await self._at_once(rows)


@pytest.fixture
async def log(engine: AsyncEngine) -> Held:
    await prepared(engine, VIEWS)
    found = Held(engine)
    await found.add([registered(GOOD), contacted(GOOD, "fine")])
    return found


@pytest.fixture
async def snapshots(engine: AsyncEngine, log: Held, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Snapshots]:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)
    found = Snapshots(engine, VIEWS, log.decode)
    yield found
    await found.close()


async def read(snapshots: Snapshots, minutes: int = 0, **options: Any) -> None:
    async with snapshots.opened("test_sums", as_of=NOW - timedelta(minutes=minutes), **options):
        pass


async def begun(log: Held) -> None:
    async with asyncio.timeout(10):
        while not log.times:  # noqa: ASYNC110 - the decoding has no event to set
            await asyncio.sleep(0.01)


async def gone() -> bool:
    return True


async def test_readers_of_one_moment_share_one_build(log: Held, snapshots: Snapshots) -> None:
    readers = [asyncio.create_task(read(snapshots)) for _ in range(10)]
    await begun(log)
    log.let_go.set()
    await asyncio.gather(*readers)
    assert log.times == 1


async def test_only_so_many_are_made_or_wait_for_their_turn(
    log: Held, snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_AT_WORK", 2)
    readers = [asyncio.create_task(read(snapshots, minutes)) for minutes in range(5)]
    await begun(log)
    log.let_go.set()
    ended = await asyncio.gather(*readers, return_exceptions=True)
    assert [type(each) for each in ended if each] == [TooManySnapshots] * 3
    await read(snapshots, 9)


async def test_a_reader_waits_so_long_only_and_finds_it_when_he_comes_again(
    log: Held, snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.05)
    with pytest.raises(SnapshotLate):
        await read(snapshots)
    await begun(log)
    log.let_go.set()
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 10)
    await read(snapshots)
    assert log.times == 1


async def test_work_for_readers_who_are_gone_ends(log: Held, snapshots: Snapshots) -> None:
    cancelled = asyncio.create_task(read(snapshots))
    await begun(log)
    stays = asyncio.create_task(read(snapshots))
    await asyncio.sleep(0.05)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    assert log.cancelled == 0, "somebody waits still"
    with pytest.raises(ReaderGone):
        await read(snapshots, gone=gone)
    stays.cancel()
    await asyncio.gather(stays, return_exceptions=True)
    log.let_go.set()
    await read(snapshots)
    assert (log.times, log.cancelled) == (2, 1)
