"""Rebuilt views equal live ones row for row, whatever happened, however it was paged and interrupted."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from projections.kernel import View
from projections.log import driver
from projections.rebuild import rebuild
from projections.registry import VIEWS
from tests.projections.acts import KINDS
from tests.projections.distributed import distributions
from tests.projections.goods import catalogue, ordering, stocking
from tests.projections.histories import Act, Firm, acts, staff
from tests.projections.log_of_facts import Log
from tests.projections.sums import SUMS_VIEW
from tests.projections.support import all_rows, prepared, project

ALL: Sequence[View[Any]] = (*VIEWS, SUMS_VIEW)
_CHANCE = Random(3)
LONG = [
    Act(_CHANCE.randrange(20), _CHANCE.choice((0, _CHANCE.randrange(len(KINDS)))), _CHANCE.randrange(12), hours % 50)
    for hours in range(800)
]
"""A history in which most things happen."""


async def emptied(engine: AsyncEngine) -> Log:
    """The database with an empty log and empty views, however it was left."""
    async with engine.connect() as connection:
        raw = await driver(connection)
        await raw.execute("TRUNCATE public.events, public.checkpoints, public.parked")
    return await prepared(engine, ALL)


async def test_a_long_history(engine: AsyncEngine) -> None:
    log = await prepared(engine, ALL)
    await log.add([*staff(), *distributions(), *catalogue(), *ordering(), *stocking(), *Firm().play(LONG)])
    await project(log, ALL, page=13)
    live = await all_rows(engine, ALL)
    assert all(live[table.name] for view in ALL for table in view.tables), "every table has rows to compare"
    await rebuild(engine, ALL, log.decode)
    assert await all_rows(engine, ALL) == live


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=acts(), cuts=st.lists(st.integers(0, 80), max_size=3), page=st.integers(1, 40))
async def test_any_history(engine: AsyncEngine, script: list[Act], cuts: list[int], page: int) -> None:
    log, firm = await emptied(engine), Firm()
    await log.add([*distributions(), *catalogue(), *ordering(), *stocking()])
    for start, end in pairwise(sorted({0, *cuts, len(script)})):
        await log.add(firm.play(script[start:end]))
        await project(log, ALL, page)
    live = await all_rows(engine, ALL)
    await rebuild(engine, ALL, log.decode)
    assert await all_rows(engine, ALL) == live


async def test_a_view_that_lags_behind_catches_up_and_joins_the_others(engine: AsyncEngine) -> None:
    log = await prepared(engine, ALL)
    facts = Firm().play(LONG)
    await log.add(facts[:50])
    await project(log, ALL[1:], page=20)
    await log.add(facts[50:])
    await project(log, ALL, page=20)
    live = await all_rows(engine, ALL)
    await rebuild(engine, ALL, log.decode)
    assert await all_rows(engine, ALL) == live


async def test_checkpoints_move_past_events_that_no_view_reads(engine: AsyncEngine) -> None:
    log = await prepared(engine, [SUMS_VIEW])
    await log.add(staff())
    await project(log, [SUMS_VIEW])
    async with engine.connect() as connection:
        raw = await driver(connection)
        assert await raw.fetchval("SELECT position FROM checkpoints WHERE view = 'test_sums'") == log.head
