"""The list of distributions."""

from decimal import Decimal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.distribution.state import Stage
from projections.distributions import DistributionsView
from projections.distributions_query import Wanted, unfinished
from projections.distributions_query import distributions as listed
from projections.paging import BadCursor, Page
from tests.projections.distributed import distribution_id, distributions
from tests.projections.support import prepared, project
from tests.spec import day

VIEW = DistributionsView()


@pytest.fixture
async def filled(engine: AsyncEngine) -> AsyncEngine:
    log = await prepared(engine, [VIEW])
    await log.add(distributions())
    await project(log, [VIEW], page=3)
    return engine


async def test_each_with_its_numbers_the_newest_first(filled: AsyncEngine) -> None:
    async with filled.connect() as connection:
        found = await listed(connection, Wanted(), Page())
    shown = [(item["stage"], item["edits"], item["assigned"], item["skipped"]) for item in found.items]
    assert shown == [("applied", 0, 1, 1), ("applying", 0, 1, 0), ("planned", 2, 0, 0), ("planned", 0, 0, 0)]
    newest = found.items[0]
    assert (newest["leads"], newest["given"], newest["total"], newest["greedy_total"]) == (
        2,
        2,
        Decimal("1.3"),
        Decimal("1.1"),
    )
    assert (newest["variant"], newest["step"], newest["planned_at"]) == ("trusting", "lead_generation", day(3))
    assert newest["finished_at"] == day(8)


async def test_page_by_page_and_by_stage(filled: AsyncEngine) -> None:
    async with filled.connect() as connection:
        first = await listed(connection, Wanted(Stage.PLANNED), Page(None, 1))
        rest = await listed(connection, Wanted(Stage.PLANNED), Page(first.next_cursor, 1))
    assert [item["id"] for item in (*first.items, *rest.items)] == [distribution_id(1), distribution_id(0)]
    assert rest.next_cursor is None


async def test_a_cursor_of_another_list(filled: AsyncEngine) -> None:
    async with filled.connect() as connection:
        with pytest.raises(BadCursor):
            await listed(connection, Wanted(), Page("WyIxIl0", 1))


async def test_what_is_still_being_applied(filled: AsyncEngine) -> None:
    async with filled.connect() as connection:
        assert await unfinished(connection) == [distribution_id(2)]
