"""Reports of conversion and time in step that are filtered, by one dimension and by several."""

from itertools import product
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from projections.conversion_clients import Behind, clients
from projections.conversion_facts import Basis, Question
from projections.conversion_filters import Filters
from projections.paging import Page
from projections.period import Period
from projections.time_in_step import TimeBy, time_in_step
from tests.projections.histories import Firm
from tests.projections.test_conversion import figures
from tests.projections.test_conversion_query import FACTS, FD, LG, PERIODS, TYPES, ask, filled, script, times
from tests.spec import SELLER, day


class TestFewClients:
    @pytest.fixture(autouse=True)
    async def _filled(self, engine: AsyncEngine) -> None:
        await filled(engine, FACTS)

    @pytest.mark.parametrize(
        ("values", "entered", "converted", "lost"),
        [
            ({"origin": "social"}, 3, 1, 1),
            ({"origin": "social", "industry": "metal"}, 1, 1, 0),
            ({"industry": None}, 1, 0, 0),
            ({"employee": SELLER.id}, 2, 1, 1),
            ({"employee": None, "origin": "referral"}, 0, 0, 0),
            ({"employee_type": "amiable"}, 3, 1, 2),
            ({"employee_type": None}, 1, 0, 0),
            ({"client_type": None}, 4, 1, 2),
        ],
    )
    async def test_filtered(
        self, engine: AsyncEngine, values: dict[str, Any], entered: int, converted: int, lost: int
    ) -> None:
        filters = Filters(values, TYPES)
        report = await ask(engine, Question("origin", filters=filters))
        assert figures(report.total)[:3] == (entered, converted, lost)
        assert sum(item.entered for item in report.items) == entered
        async with engine.connect() as connection:
            assert len((await clients(connection, Behind(filters=filters), Page())).items) == entered

    async def test_where_no_type_is_known(self, engine: AsyncEngine) -> None:
        assert (await ask(engine, Question(filters=Filters({"employee_type": None})))).total.entered == 4
        assert (await ask(engine, Question(filters=Filters({"employee_type": "driver"})))).total.entered == 0

    async def test_time_in_step_filtered(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            closers = Filters({"employee_type": "driver", "industry": "metal"}, TYPES)
            found = await time_in_step(connection, TimeBy.STEP, Period(), day(50), filters=closers)
            nobody = await time_in_step(connection, TimeBy.STEP, Period(), day(50), LG, Filters({"employee": None}))
        assert found.items == {FD: times(1, 144.0, 144.0, 0, None)}
        assert nobody.items == {LG: times(0, None, None, 1, 240.0)}


async def test_a_filtered_report_says_of_a_value_what_the_split_by_it_says(engine: AsyncEngine) -> None:
    """The split is summed from the counters, the filtered report from the passages."""
    await filled(engine, Firm().play(script(1)))
    for by, basis, period in product(("origin", "employee"), Basis, PERIODS):
        for item in (await ask(engine, Question(by, basis, period))).items:
            value = getattr(item, by)
            filters = Filters({by: UUID(value) if by == "employee" and value else value})
            found = await ask(engine, Question("month", basis, period, filters=filters))
            assert (figures(found.total), found.total.steps) == (figures(item), item.steps), (by, value, period)
