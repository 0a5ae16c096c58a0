"""Rebuilt views equal live ones, row for row, whatever happened and however it was paged."""

import asyncio
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from projections.log import driver
from projections.rebuild import rebuild
from tests.projections.histories import Act, Fact, Firm, acts, staff
from tests.projections.log_of_facts import Log
from tests.projections.sums import SUMS_VIEW
from tests.projections.support import all_rows, prepared, project

VIEWS = [SUMS_VIEW]


async def test_live_equals_rebuilt(engine: AsyncEngine) -> None:
    log = await prepared(engine, VIEWS)
    firm = Firm()
    facts = firm.play(Act(n % 5, 0, n % 12, 3) for n in range(200))
    await log.add(staff())
    await log.add(facts)
    await project(log, VIEWS, 7)
    live = await all_rows(engine, VIEWS)
    print({k: len(v) for k, v in live.items()}, len(facts))
    await rebuild(engine, VIEWS, log.decode)
    assert await all_rows(engine, VIEWS) == live
