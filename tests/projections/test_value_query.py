"""Value of segments, and the clients behind them, on a real database."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.registration import ClientRegistered
from domain.kernel import Event
from projections.paging import BadCursor, Page
from projections.period import Period
from projections.value_clients import Buyers, buyers
from projections.value_expected import Source
from projections.value_query import client_value
from projections.value_report import Segments, ValueBy, ValueQuestion, value_by_segment
from projections.value_tables import MEASURES
from tests.projections.histories import Act, Fact, Firm
from tests.projections.support import prepared, project
from tests.projections.test_value import QUARTERS, VIEW, YEAR_AFTER, deal, order, payment, registered, sources
from tests.spec import day


def story(number: int, card: ClientRegistered, *happened: tuple[datetime, Event]) -> list[Fact]:
    begun = happened[0][0] if happened else day(0)
    return [Fact(UUID(int=100 + number), event, on) for on, event in ((begun, card), *happened)]


METAL, WOOD = registered(industry="metal", region="north"), registered(industry="wood", retention_years=Decimal(2))
FACTS = [
    fact
    for number in range(5)
    for fact in story(
        number,
        METAL,
        *((on, order(10 * number + place, "10000", "6000")) for place, on in enumerate([*QUARTERS, YEAR_AFTER])),
    )
] + [
    *story(
        5,
        WOOD,
        (QUARTERS[1], deal(51, "300", "100")),
        (YEAR_AFTER, payment(52, "250")),
        (YEAR_AFTER, order(53, "5", currency="USD")),
    ),
    *story(6, registered(industry="metal", retention_years=Decimal(3))),
    *story(7, registered(), (YEAR_AFTER, payment(71, "1"))),
]
"""Five clients in metal bought for 10 000 a quarter, one in wood for 300 EUR and 5 USD; one has not bought yet."""
LAST_YEAR = Period(datetime(2023, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))


async def filled(engine: AsyncEngine, facts: Iterable[Fact]) -> None:
    log = await prepared(engine, [VIEW])
    await log.add(facts)
    await project(log, [VIEW])


async def ask(engine: AsyncEngine, question: ValueQuestion) -> Segments:
    async with engine.connect() as connection:
        return await value_by_segment(connection, question)


class TestQueries:
    @pytest.fixture(autouse=True)
    async def _filled(self, engine: AsyncEngine) -> None:
        await filled(engine, FACTS)

    async def test_a_client_takes_from_its_segment_what_it_has_not_itself(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            new, unknown = [await client_value(connection, UUID(int=number)) for number in (106, 999)]
        assert unknown is None
        assert new is not None
        assert new.realised == []
        (value,) = new.expected
        assert (value.currency, value.value) == ("EUR", Decimal(120_000))
        assert sources(value) == (Source.SEGMENT, Source.SEGMENT, Source.CARD)

    async def test_by_industry(self, engine: AsyncEngine) -> None:
        report = await ask(engine, ValueQuestion(ValueBy.INDUSTRY))
        metal, wood, nobody, dollars = report.items
        assert metal == {
            "industry": "metal",
            "currency": "EUR",
            "clients": 5,
            "purchases": 25,
            "revenue": 250_000,
            "margin": 100_000,
            "revenue_without_cost": 0,
            "paid": 0,
            "average_purchase": 10_000,
            "expected_per_year": 40_000,
            "share_of_revenue": 0.9988,
        }
        assert (wood["revenue"], wood["paid"], wood["clients"], wood["expected_per_year"]) == (300, 250, 1, None)
        assert (nobody["industry"], nobody["revenue"], nobody["paid"], nobody["clients"]) == (None, 0, 1, 0)
        assert (dollars["currency"], dollars["revenue"], dollars["share_of_revenue"]) == ("USD", 5, 1.0)
        assert report.total["clients"] == 6
        assert {key: (total["clients"], total["revenue"]) for key, total in report.total["currencies"].items()} == {
            "EUR": (6, 250_300),
            "USD": (1, 5),
        }

    async def test_within_a_period(self, engine: AsyncEngine) -> None:
        report = await ask(engine, ValueQuestion(ValueBy.INDUSTRY, LAST_YEAR))
        assert [(item["industry"], item["clients"], item["revenue"]) for item in report.items] == [
            ("metal", 5, 200_000),
            ("wood", 1, 300),
        ]
        assert report.total["clients"] == 6

    async def test_by_year(self, engine: AsyncEngine) -> None:
        report = await ask(engine, ValueQuestion(ValueBy.YEAR, currency="EUR"))
        assert [(item["year"], item["clients"], item["revenue"], item["paid"]) for item in report.items] == [
            ("2023", 6, 200_300, 0),
            ("2024", 5, 50_000, 251),
        ]
        assert (report.total["clients"], list(report.total["currencies"])) == (6, ["EUR"])

    async def test_the_clients_behind_it(self, engine: AsyncEngine) -> None:
        wanted = Buyers(currency="EUR")
        async with engine.connect() as connection:
            first = await buyers(connection, wanted, Page(limit=4))
            rest = await buyers(connection, wanted, Page(first.next_cursor, 4))
            wood = await buyers(connection, Buyers({"industry": "wood"}, sort="revenue"), Page())
            past = await buyers(connection, Buyers(period=LAST_YEAR, sort="-purchases"), Page(limit=1))
            with pytest.raises(BadCursor):
                await buyers(connection, wanted, Page("nonsense"))
        listed = [(item["id"].int, item["revenue"]) for item in (*first.items, *rest.items)]
        assert listed == [*((number, 50_000) for number in (104, 103, 102, 101, 100)), (105, 300), (107, 0)]
        assert rest.next_cursor is None
        assert [(item["currency"], item["revenue"]) for item in wood.items] == [("EUR", 300), ("USD", 5)]
        assert [(item["id"].int, item["purchases"]) for item in past.items] == [(104, 4)]


async def test_figures_of_any_period_equal_the_sums_of_the_clients_behind_them(engine: AsyncEngine) -> None:
    random = Random(1)
    kinds = [random.choice((0, 0, 0, random.randrange(27))) for _ in range(500)]
    await filled(engine, Firm().play(Act(random.randrange(8), kind, random.randrange(12), 9) for kind in kinds))
    start, end = datetime(2026, 3, 6, 13, tzinfo=UTC), datetime(2026, 4, 6, 3, tzinfo=UTC)
    march = datetime(2026, 3, 1, tzinfo=UTC)
    periods = (Period(), Period(march), Period(start), Period(None, end), Period(start, end), Period(march, start))
    for by, period in product(ValueBy, periods):
        report = await ask(engine, ValueQuestion(by, period))
        async with engine.connect() as connection:
            everybody = (await buyers(connection, Buyers(period=period), Page(limit=200))).items
            for item in report.items if by is ValueBy.INDUSTRY else []:
                wanted = Buyers({"industry": item["industry"]}, item["currency"], period)
                found = (await buyers(connection, wanted, Page(limit=200))).items
                assert added_up(found) == {name: item[name] for name in MEASURES}
                bought = (await buyers(connection, wanted._replace(bought=True), Page(limit=200))).items
                others = (await buyers(connection, wanted._replace(bought=False), Page(limit=200))).items
                assert len(bought) == sum(buyer["purchases"] > 0 for buyer in found) == item["clients"]
                assert len(others) == len(found) - len(bought)
        for currency, total in report.total["currencies"].items():
            items = [item for item in report.items if item["currency"] == currency]
            behind = [buyer for buyer in everybody if buyer["currency"] == currency]
            assert added_up(items) == added_up(behind) == {name: total[name] for name in MEASURES}
            if by is not ValueBy.YEAR:
                assert sum(item["clients"] for item in items) == total["clients"]
        assert report.total["clients"] == len({buyer["id"] for buyer in everybody if buyer["purchases"]})


def added_up(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: sum(item[name] for item in items) for name in MEASURES}
