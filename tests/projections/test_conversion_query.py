"""The conversion report on both bases and by every dimension, the clients behind it, and time in step."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.merging import ClientMerged
from domain.kernel import Event
from domain.types import STEPS
from projections.conversion import DIMENSIONS, WORKED
from projections.conversion_clients import Behind, Figure, clients
from projections.conversion_facts import TIME_FORMATS, Basis, Question
from projections.conversion_filters import Filters
from projections.conversion_query import ConversionReport, conversion
from projections.paging import BadCursor, Page
from projections.period import Period
from projections.time_in_step import TimeBy, time_in_step
from tests.projections.histories import Act, Fact, Firm
from tests.projections.support import prepared, project
from tests.projections.test_conversion import (
    ARCHIVED,
    DISQUALIFIED,
    RESTORED,
    VIEW,
    assigned,
    figures,
    moved,
    registered,
)
from tests.spec import CLOSER, MANAGER, SECOND_SELLER, SELLER, day

LG, FD, AS = STEPS
FIRST, SECOND, THIRD, FOURTH, MERGED = (UUID(int=number) for number in range(1, 6))


def story(client_id: UUID, *happened: tuple[float, Event]) -> list[Fact]:
    return [Fact(client_id, event, day(on)) for on, event in happened]


FACTS = [
    *story(
        FIRST,
        (0, registered(origin="social", industry="metal")),
        (0, assigned(SELLER)),
        (4, moved(LG, FD, CLOSER)),
        (10, moved(FD, AS, MANAGER)),
    ),
    *story(SECOND, (1, registered(origin="referral", industry="metal")), (1, assigned(SELLER)), (3, DISQUALIFIED)),
    *story(THIRD, (40, registered(origin="social")), (41, ARCHIVED), (42, RESTORED)),
    *story(
        FOURTH,
        (2, registered(origin="social", industry="wood")),
        (2, assigned(SECOND_SELLER)),
        (35, moved(LG, FD, CLOSER)),
        (36, DISQUALIFIED),
    ),
    *story(MERGED, (3, registered(origin="social")), (3, assigned(SELLER)), (5, ClientMerged(into_id=FIRST))),
]
"""Day 0 is the 2nd of March, day 29 the 31st, day 40 the 11th of April."""

TYPES = {SELLER.id: "amiable", SECOND_SELLER.id: "amiable", CLOSER.id: "driver"}
MARCH = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
APRIL = Period(datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))


async def filled(engine: AsyncEngine, facts: Sequence[Fact]) -> None:
    log = await prepared(engine, [VIEW])
    await log.add(facts)
    await project(log, [VIEW])


async def ask(engine: AsyncEngine, question: Question) -> ConversionReport[str]:
    async with engine.connect() as connection:
        return await conversion(connection, question)


class TestReport:
    @pytest.fixture(autouse=True)
    async def _filled(self, engine: AsyncEngine) -> None:
        await filled(engine, FACTS)

    async def test_by_step(self, engine: AsyncEngine) -> None:
        report = await ask(engine, Question())
        assert {item.step: figures(item) for item in report.items} == {
            LG: (4, 2, 1, 0, 1, 0.5),
            FD: (2, 1, 1, 0, 0, 0.5),
            AS: (1, 0, 0, 0, 1, None),
        }
        assert figures(report.total) == (4, 1, 2, 0, 1, 0.25)

    async def test_a_cohort_is_those_who_entered_within_the_period(self, engine: AsyncEngine) -> None:
        report = await ask(engine, Question(period=MARCH))
        assert [figures(item) for item in report.items] == [
            (3, 2, 1, 0, 0, 0.6667),
            (1, 1, 0, 0, 0, 1.0),
            (1, 0, 0, 0, 1, None),
        ]
        assert figures(report.total) == (3, 1, 2, 0, 0, 0.3333)

    async def test_a_period_counts_what_happened_within_it(self, engine: AsyncEngine) -> None:
        march, april = [await ask(engine, Question(basis=Basis.PERIOD, period=period)) for period in (MARCH, APRIL)]
        assert [figures(item) for item in march.items] == [
            (3, 1, 1, 0, 1, 0.5),
            (1, 1, 0, 0, 0, 1.0),
            (1, 0, 0, 0, 1, None),
        ]
        assert [figures(item) for item in april.items] == [
            (1, 1, 0, 0, 1, 1.0),
            (1, 0, 1, 0, 0, 0.0),
            (0, 0, 0, 0, 1, None),
        ]
        assert figures(march.total) == (3, 1, 1, 0, 1, 0.5)
        assert figures(april.total) == (1, 0, 1, 0, 1, 0.0)
        undecided = await ask(engine, Question(basis=Basis.PERIOD, period=Period(day(400), day(401))))
        assert undecided.total.rate is None

    @pytest.mark.parametrize("period", [Period(day(400), day(430)), Period(day(29), day(34)), MARCH, APRIL])
    async def test_every_dimension_has_the_same_total(self, engine: AsyncEngine, period: Period) -> None:
        """Also where nothing happened, and where the period begins and ends within a month."""
        names = ("step", *DIMENSIONS, WORKED, *TIME_FORMATS)
        reports = [await ask(engine, Question(name, Basis.PERIOD, period)) for name in names]
        assert {report.total.model_dump_json() for report in reports} == {reports[0].total.model_dump_json()}

    async def test_by_a_dimension(self, engine: AsyncEngine) -> None:
        report = await ask(engine, Question("industry"))
        assert [(item.industry, *figures(item)) for item in report.items] == [
            ("metal", 2, 1, 1, 0, 0, 0.5),
            (None, 1, 0, 0, 0, 1, 0.0),
            ("wood", 1, 0, 1, 0, 0, 0.0),
        ]
        assert report.items[2].steps is not None
        assert figures(report.items[2].steps.first_deal) == (1, 0, 1, 0, 0, 0.0)

    async def test_by_employee_within_a_step(self, engine: AsyncEngine) -> None:
        report = await ask(engine, Question("employee", step=FD))
        assert [(item.employee, *figures(item)) for item in report.items] == [(str(CLOSER.id), 2, 1, 1, 0, 0, 0.5)]

    async def test_by_pair_of_types(self, engine: AsyncEngine) -> None:
        """The closer is a driver; of what type his clients are is not known."""
        report = await ask(engine, Question(WORKED, step=FD, filters=Filters(types=TYPES)))
        begun = await ask(engine, Question(WORKED, period=Period(day(1), day(2)), filters=Filters(types=TYPES)))
        async with engine.connect() as connection:
            times = await time_in_step(connection, TimeBy.TYPES, Period(), day(100), FD, Filters(types=TYPES))
        assert [(item.employee_type, item.client_type, *figures(item)) for item in report.items] == [
            ("driver", None, 2, 1, 1, 0, 0, 0.5)
        ]
        assert [(item.employee_type, item.entered, item.lost) for item in begun.items] == [("amiable", 1, 1)]
        assert times.items == {"driver/": times.total}

    async def test_by_month(self, engine: AsyncEngine) -> None:
        cohort = await ask(engine, Question("month"))
        assert [(item.month, *figures(item)) for item in cohort.items] == [
            ("2026-03", 3, 1, 2, 0, 0, 0.3333),
            ("2026-04", 1, 0, 0, 0, 1, 0.0),
        ]
        period = await ask(engine, Question("month", Basis.PERIOD, APRIL, LG))
        assert [(item.month, *figures(item)) for item in period.items] == [("2026-04", 1, 1, 0, 0, 1, 1.0)]
        assert figures(period.total) == (1, 1, 0, 0, 1, 1.0)

    async def test_by_quarter_and_year(self, engine: AsyncEngine) -> None:
        assert [item.quarter for item in (await ask(engine, Question("quarter"))).items] == ["2026-Q1", "2026-Q2"]
        assert [item.year for item in (await ask(engine, Question("year"))).items] == [2026]

    async def test_a_period_that_begins_within_a_day(self, engine: AsyncEngine) -> None:
        report = await ask(engine, Question(period=Period(day(1), day(2))))
        assert figures(report.total) == (1, 0, 1, 0, 0, 0.0)

    async def test_the_clients_behind_a_figure(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            first = await clients(connection, Behind(Figure.ENTERED), Page(limit=3))
            rest = await clients(connection, Behind(Figure.ENTERED), Page(first.next_cursor, 3))
            lost = await clients(connection, Behind(Figure.LOST, FD, filters=Filters({"industry": "wood"})), Page())
            unknown = await clients(connection, Behind(filters=Filters({"industry": None})), Page())
        assert [item["id"] for item in (*first.items, *rest.items)] == [THIRD, FOURTH, SECOND, FIRST]
        assert rest.next_cursor is None
        assert [(item["id"], item["entered_at"], item["left_at"], item["employee"]) for item in lost.items] == [
            (FOURTH, day(35), day(36), CLOSER.id)
        ]
        assert [item["id"] for item in unknown.items] == [THIRD]

    async def test_a_cursor_of_another_list_is_refused(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            first = await clients(connection, Behind(), Page(limit=1))
            for cursor in ("nonsense", first.next_cursor):
                with pytest.raises(BadCursor):
                    await clients(connection, Behind(step=LG), Page(cursor))

    async def test_every_figure_opens_to_as_many_clients(self, engine: AsyncEngine) -> None:
        for basis, period in product(Basis, (Period(), MARCH, APRIL)):
            await self.check_clients(engine, basis, period)

    async def check_clients(self, engine: AsyncEngine, basis: Basis, period: Period) -> None:
        report = await ask(engine, Question(basis=basis, period=period))
        async with engine.connect() as connection:
            for step, shown in [(None, report.total), *((item.step, item) for item in report.items)]:
                for figure in Figure:
                    found = await clients(connection, Behind(figure, step, basis, period), Page())
                    assert len(found.items) == getattr(shown, figure), (step, figure)

    async def test_time_in_step(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            by_step = await time_in_step(connection, TimeBy.STEP, Period(), day(50))
            by_month = await time_in_step(connection, TimeBy.MONTH, MARCH, day(50))
        hours = 24.0
        assert by_step.items == {
            LG: times(2, 18.5 * hours, (4 + 0.9 * 29) * hours, 1, 10 * hours),
            FD: times(1, 6 * hours, 6 * hours, 0, None),
            AS: times(0, None, None, 1, 40 * hours),
        }
        assert by_month.items == {"2026-03": times(2, 5 * hours, 5.8 * hours, None, None)}
        assert by_month.total == times(2, 5 * hours, 5.8 * hours, 2, 25 * hours)


def times(count: int, median: Any, p90: Any, still: Any, age: Any) -> dict[str, Any]:
    rounded = [None if hours is None else round(hours, 2) for hours in (median, p90, age)]
    return dict(
        zip(
            ("count", "median_hours", "p90_hours", "still_in_step", "median_age_hours"),
            (count, *rounded[:2], still, rounded[2]),
            strict=True,
        )
    )


def script(seed: int, clients: int = 12, length: int = 400) -> list[Act]:
    random = Random(seed)
    return [
        Act(
            random.randrange(clients),
            random.choice((0, 0, random.randrange(27))),
            random.randrange(12),
            random.randrange(60),
        )
        for _ in range(length)
    ]


MOMENTS = (datetime(2026, 3, 5, 13, tzinfo=UTC), datetime(2026, 4, 6, 3, tzinfo=UTC))
PERIODS = (
    Period(),
    Period(*MOMENTS),
    Period(None, MOMENTS[1]),
    Period(MOMENTS[0]),
    Period(MARCH.start, MOMENTS[0]),
    Period(MOMENTS[0], MARCH.end),
    Period(MOMENTS[0], MOMENTS[0] + timedelta(days=6)),
    APRIL,
)


async def test_figures_of_any_period_equal_the_clients_behind_them(engine: AsyncEngine) -> None:
    await filled(engine, Firm().play(script(1)))
    for by, basis, period, step in product(("origin", "employee"), Basis, PERIODS, (None, FD)):
        report = await ask(engine, Question(by, basis, period, step))
        async with engine.connect() as connection:
            for item, figure in product(report.items, ("entered", "lost", "in_step")):
                value = getattr(item, by)
                filters = Filters({by: UUID(value) if by == "employee" and value else value})
                found = await clients(connection, Behind(Figure(figure), step, basis, period, filters), Page(limit=200))
                assert len(found.items) == getattr(item, figure), (by, basis, period, step, item, figure)


@pytest.mark.parametrize("basis", Basis)
async def test_every_dimension_has_the_same_total_and_adds_up_to_it(engine: AsyncEngine, basis: Basis) -> None:
    await filled(engine, Firm().play(script(2)))
    for period, step in product(PERIODS, (None, FD)):
        total = (await ask(engine, Question("step", basis, period, step))).total
        for by in ("month", "quarter", "year", *DIMENSIONS, WORKED):
            report = await ask(engine, Question(by, basis, period, step))
            assert report.total == total, (by, period, step)
            added = [sum(column) for column in zip(*(figures(item)[:4] for item in report.items), strict=True)]
            assert added == ([*figures(total)[:4]] if report.items else [])
