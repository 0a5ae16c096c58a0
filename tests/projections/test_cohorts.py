"""Cohorts: what the head of sales asks of the clients won in a month, with answers worked out by hand."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.order_events import OrderCancelled
from projections.cohort_clients import CohortMember, cohort_clients
from projections.cohorts import Cohort, CohortQuestion, all_cohorts, cohorts
from projections.cohorts import _added_up as from_purchases  # pyright: ignore[reportPrivateUsage]
from projections.cohorts import _counted as from_counters  # pyright: ignore[reportPrivateUsage]
from projections.paging import BadCursor, Page
from projections.period import Period
from tests.projections.histories import Act, Firm
from tests.projections.test_value import deal, order, payment, registered
from tests.projections.test_value_query import filled, story

NOW = date(2023, 5, 1)
A, B, C, D = (UUID(int=100 + number) for number in range(4))


def on(month: int, day: int = 10) -> datetime:
    return datetime(2023, month, day, 9, tzinfo=UTC)


FACTS = [
    *story(
        0,
        registered(industry="metal", region="north"),
        (on(1), deal(1, "1000", "600")),
        (on(2), order(2, "500", "300")),
        (on(4), order(3, "300", "150")),
        (on(4, 20), order(4, "200", "100")),
        (on(4), payment(5, "900")),
    ),
    *story(
        1,
        registered(industry="metal", region="south"),
        (on(1, 31), order(11, "400")),
        (on(3), order(12, "100", currency="USD")),
        (on(5, 2), order(13, "50", "40")),
    ),
    *story(
        2,
        registered(industry="wood", region="north"),
        (on(1), deal(21, "0", "30")),
        (on(3), order(22, "600", "400")),
        (on(4), order(23, "70", "60")),
    ),
    *story(3, registered(industry="wood"), (on(2), order(31, "5")), (on(2), OrderCancelled(order_id=UUID(int=31)))),
]
"""In euros: A and B bought first in January, C in March after a trial that cost 30; D cancelled all it ordered."""


EVER = Period()


async def ask(engine: AsyncEngine, period: Period = EVER, **filters: Any) -> list[Cohort]:
    async with engine.connect() as connection:
        return await cohorts(connection, CohortQuestion(NOW, period, None, filters))


def shown(cohort: Cohort) -> list[tuple[int, float, Decimal, Decimal]]:
    """By month: who bought, their share, the revenue, and the revenue per client from the beginning."""
    return [
        (month.bought.buyers, month.share, month.bought.revenue, month.per_client(month.revenue) or Decimal())
        for month in cohort.months
    ]


class TestReport:
    @pytest.fixture(autouse=True)
    async def _filled(self, engine: AsyncEngine) -> None:
        await filled(engine, FACTS)

    async def test_who_of_those_won_in_january_still_buys_and_what_one_of_them_has_brought(
        self, engine: AsyncEngine
    ) -> None:
        january, march, dollars = await ask(engine)
        assert [(cohort.currency, cohort.month.month) for cohort in (january, march, dollars)] == [
            ("EUR", 1),
            ("EUR", 3),
            ("USD", 3),
        ]
        assert january.clients == 2
        assert shown(january) == [
            (2, 1.0, 1400, 700),
            (1, 0.5, 500, 950),
            (0, 0.0, 0, 950),
            (1, 0.5, 500, 1200),
            (1, 0.5, 50, 1225),
        ]
        assert [month.margin for month in january.months] == [400, 600, 600, 850, 860]
        assert (january.months[0].bought.revenue_without_cost, january.months[3].bought.purchases) == (400, 2)
        assert dollars.months[0].bought == (1, 1, 100, 0, 100)

    async def test_what_a_trial_cost_belongs_to_the_month_of_the_first_purchase(self, engine: AsyncEngine) -> None:
        march = (await ask(engine))[1]
        assert [(month.bought.margin, month.margin) for month in march.months] == [(170, 170), (10, 180), (0, 180)]

    async def test_all_cohorts_together_count_only_months_that_are_over(self, engine: AsyncEngine) -> None:
        euros = all_cohorts(await ask(engine), NOW)["EUR"]
        assert [(month.since, month.clients, month.bought.buyers, month.share) for month in euros] == [
            (0, 3, 3, 1.0),
            (1, 3, 2, 0.6667),
            (2, 2, 0, 0.0),
            (3, 2, 1, 0.5),
        ]
        assert [month.per_client(month.revenue) for month in euros] == [
            Decimal("666.67"),
            Decimal("856.67"),
            Decimal("950.00"),
            Decimal("1200.00"),
        ]

    async def test_of_an_industry_of_two_things_at_once_and_of_some_months(self, engine: AsyncEngine) -> None:
        assert [(cohort.month.month, cohort.clients) for cohort in await ask(engine, industry="wood")] == [(3, 1)]
        (north,) = await ask(engine, industry="metal", region="north")
        assert [month.bought.revenue for month in north.months] == [1000, 500, 0, 500, 0]
        assert await ask(engine, region=None) == []
        until = Period(None, datetime(2023, 3, 20, tzinfo=UTC))
        assert [cohort.month.month for cohort in await ask(engine, until)] == [1]

    async def test_the_clients_behind_a_figure(self, engine: AsyncEngine) -> None:
        january = CohortMember(date(2023, 1, 1), "EUR")
        async with engine.connect() as connection:
            first = await cohort_clients(connection, january, Page(limit=1))
            rest = await cohort_clients(connection, january, Page(first.next_cursor, 1))
            april = await cohort_clients(connection, january._replace(since=3, bought=True), Page())
            lost = await cohort_clients(connection, january._replace(since=3, bought=False), Page())
            south = await cohort_clients(connection, january._replace(filters={"region": "south"}), Page())
            with pytest.raises(BadCursor):
                await cohort_clients(connection, january, Page("nonsense"))
        assert [(item["id"], item["revenue"]) for item in (*first.items, *rest.items)] == [(A, 2000), (B, 450)]
        assert rest.next_cursor is None
        assert [(item["id"], item["purchases"], item["margin"]) for item in april.items] == [(A, 2, 250)]
        assert [(item["id"], item["revenue"]) for item in lost.items] == [(B, 0)]
        assert [item["id"] for item in south.items] == [B]


async def test_counters_say_the_same_as_the_purchases_themselves(engine: AsyncEngine) -> None:
    random = Random(2)
    kinds = [random.choice((0, 0, 0, random.randrange(27))) for _ in range(500)]
    await filled(engine, Firm().play(Act(random.randrange(8), kind, random.randrange(12), 99) for kind in kinds))
    dimensions: list[Mapping[str, Any]] = [{}, {"industry": "metal"}, {"region": None}, {"category": "VIP"}]
    async with engine.connect() as connection:
        for filters in dimensions:
            question = CohortQuestion(NOW, filters=filters)
            counted = (await connection.execute(from_counters(question))).all()
            added_up = (await connection.execute(from_purchases(question))).all()
            assert sorted(map(tuple, counted)) == sorted(map(tuple, added_up))
            assert filters or len(counted) > 2
