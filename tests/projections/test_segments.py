"""Segments: where the clients, the revenue and the expected value are, with shares worked out by hand."""

from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.merging import ClientMerged
from domain.client.qualification import ClientDisqualified, DisqualificationReason
from domain.kernel import Event
from domain.types import Step
from projections.paging import BadCursor, Page
from projections.period import Period
from projections.segments import Expected, SegmentBy, SegmentFigures, leads_not_begun, segments, strongest
from projections.value_query import client_value
from projections.value_tables import CLIENTS
from tests.domain.facts import REACHED
from tests.projections.histories import Act, Firm
from tests.projections.test_value import QUARTERS, YEAR_AFTER, order, registered
from tests.projections.test_value_query import filled, story
from tests.spec import day

EVER = Period()
YEARS = Decimal(3)


def buys(number: int, amount: str, cost: str, *moments: datetime) -> list[tuple[datetime, Event]]:
    return [(on, order(100 * number + place, amount, cost)) for place, on in enumerate(moments)]


REGULAR = [*QUARTERS, YEAR_AFTER]
FACTS = [
    fact
    for number in range(5)
    for fact in story(
        number,
        registered(industry="metallurgy", retention_years=YEARS),
        *buys(number, "6000", "4000", *REGULAR),
    )
] + [
    *story(5, registered(industry="engineering", retention_years=YEARS), *buys(5, "10000", "9000", *REGULAR)),
    *story(
        6,
        registered(industry="engineering", currency="EUR", expected_purchase=Decimal(900), retention_years=YEARS),
        (YEAR_AFTER, order(61, "50000", currency="EUR")),
        (YEAR_AFTER, order(62, "700", currency="USD")),
    ),
    *story(7, registered(industry="metallurgy"), *buys(7, "50000", "40000", YEAR_AFTER)),
    *story(10, registered(industry="engineering"), (day(3), REACHED)),
    *story(11, registered(industry="engineering", category="A")),
    *story(12, registered(industry="metallurgy")),
    *story(13, registered(industry="wood")),
    *story(14, registered(industry="metallurgy"), (day(1), ClientMerged(into_id=UUID(int=112)))),
    *story(
        15,
        registered(industry="metallurgy"),
        (day(1), ClientDisqualified(reason=DisqualificationReason.NO_NEED, step=Step.LEAD_GENERATION)),
    ),
]
"""Metallurgy bought for 150 000 and 50 000, engineering for 50 000 and 50 000; 10 to 15 bought nothing."""


async def ask(engine: AsyncEngine, by: SegmentBy = SegmentBy.INDUSTRY, **wanted: Any) -> list[SegmentFigures]:
    async with engine.connect() as connection:
        return await segments(connection, by, wanted.get("period", EVER), wanted.get("currency"))


class TestSegments:
    @pytest.fixture(autouse=True)
    async def _filled(self, engine: AsyncEngine) -> None:
        await filled(engine, FACTS)

    async def test_where_clients_and_revenue_are(self, engine: AsyncEngine) -> None:
        metal, engineering, wood = await ask(engine)
        assert (metal.value, metal.registered, metal.clients, metal.not_begun) == ("metallurgy", 8, 6, 1)
        assert (engineering.registered, engineering.clients, engineering.not_begun) == (4, 2, 1)
        assert (wood.value, wood.registered, wood.clients, wood.not_begun, wood.money) == ("wood", 1, 0, 1, ())
        assert (metal.revenue("EUR"), engineering.revenue("EUR"), engineering.revenue("USD")) == (200_000, 100_000, 700)
        (euros,) = metal.money
        assert (euros.clients, euros.margin) == (6, 60_000)

    async def test_what_each_is_expected_to_bring(self, engine: AsyncEngine) -> None:
        """Five times 6 000 · 4 · 3 = 72 000; the sixth takes its industry's figures: 200 000 in 26 purchases, four a
        year, three years. Of those in engineering one has own purchases, the other only a card without an interval.
        """
        metal, engineering, _ = await ask(engine)
        sixth = (Decimal(200_000) / 26 * 4 * 3).quantize(Decimal("0.01"))
        assert metal.money[0].expected == Expected(5 * 72_000 + sixth, 0)
        assert [money.expected for money in engineering.money] == [
            Expected(Decimal(120_000), 1),
            Expected(Decimal(), 1),
        ]

    async def test_within_a_period_and_by_currency(self, engine: AsyncEngine) -> None:
        year = Period(datetime(2024, 1, 1, tzinfo=UTC))
        first, second, _ = await ask(engine, period=year, currency="EUR")
        assert [(item.value, item.revenue("EUR"), item.money[0].clients) for item in (first, second)] == [
            ("metallurgy", 80_000, 6),
            ("engineering", 60_000, 2),
        ]
        assert second.clients == 2
        (dollars, *_) = await ask(engine, currency="USD")
        assert (dollars.value, [money.currency for money in dollars.money]) == ("engineering", ["USD"])

    async def test_leads_not_begun_in_the_strongest_segments(self, engine: AsyncEngine) -> None:
        values = strongest(await ask(engine, currency="EUR"), "EUR", 5)
        assert values == ["metallurgy", "engineering"]
        assert strongest(await ask(engine), None, 1) == ["metallurgy"]
        async with engine.connect() as connection:
            first = await leads_not_begun(connection, SegmentBy.INDUSTRY, values, Page(limit=1))
            rest = await leads_not_begun(connection, SegmentBy.INDUSTRY, values, Page(first.next_cursor, 1))
            nobody = await leads_not_begun(connection, SegmentBy.INDUSTRY, (), Page())
            with pytest.raises(BadCursor):
                await leads_not_begun(connection, SegmentBy.INDUSTRY, values, Page("nonsense"))
        assert [(item["id"].int, item["segment"], item["rank"]) for item in (*first.items, *rest.items)] == [
            (112, "metallurgy", 1),
            (111, "engineering", 2),
        ]
        assert rest.items[0]["category"] == "A"
        assert (rest.next_cursor, nobody.items) == (None, [])


async def test_expected_value_of_segments_is_that_of_their_clients(engine: AsyncEngine) -> None:
    random = Random(3)
    kinds = [random.choice((0, 0, 0, 2, random.randrange(27))) for _ in range(900)]
    await filled(engine, Firm().play(Act(random.randrange(12), kind, random.randrange(12), 90) for kind in kinds))
    async with engine.connect() as connection:
        found = await segments(connection, SegmentBy.REGION, EVER)
        ids = (await connection.execute(select(CLIENTS.c.id))).scalars().all()
        clients = [await client_value(connection, key) for key in ids]
    expected: dict[str, list[Decimal | None]] = {}
    for client in filter(None, clients):
        bought = {each.currency for each in client.realised if each.purchases}
        for each in client.expected:
            if each.currency in bought:
                expected.setdefault(each.currency, []).append(each.value)
    for currency, values in expected.items():
        money = [each for item in found for each in item.money if each.currency == currency]
        total = sum(each.expected.value for each in money)
        assert abs(total - sum(value for value in values if value is not None)) < Decimal("0.2")
        assert sum(each.expected.unknown for each in money) == values.count(None)
    assert any(value for values in expected.values() for value in values)
