"""Who has stopped buying: the worklist of dormant clients, with dates worked out by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.archive import ClientArchived
from domain.client.assignment import EmployeeAssigned
from domain.kernel import Event
from domain.types import Step
from projections.clients import ClientsView
from projections.dormant import Dormant, DormantPage, DormantSort, dormant_clients
from projections.handoffs import HandoffsView
from projections.paging import BadCursor, Page
from projections.value import ValueView
from tests.domain.facts import accepted, offered
from tests.projections.support import prepared, project
from tests.projections.test_value import QUARTERS, YEAR_AFTER, order, registered
from tests.projections.test_value_query import story
from tests.spec import MANAGER, SELLER

VIEWS = (ValueView(), ClientsView(), HandoffsView())
NOW = datetime(2024, 10, 1, 9, tzinfo=UTC)
OFFER = UUID(int=0xBAC)
SERVED = accepted(Step.ACCOUNT_SERVICE, MANAGER, from_step=Step.FIRST_DEAL).event
OFFERED = offered(Step.FIRST_DEAL, None, from_step=Step.ACCOUNT_SERVICE, sender=MANAGER, handoff_id=OFFER).event


def buys(number: int, *moments: datetime, amount: str = "10000", currency: str = "EUR") -> list[tuple[datetime, Event]]:
    return [(on, order(100 * number + place, amount, "1", currency)) for place, on in enumerate(moments)]


REGULAR = [*QUARTERS, YEAR_AFTER]
"""A year in four intervals of 91 days and 6 hours: dormant from the first of July 2024, at 21 o'clock."""
FACTS = [
    fact
    for number in range(5)
    for fact in story(number, registered(industry="metal"), (QUARTERS[0], SERVED), *buys(number, *REGULAR))
] + [
    *story(0, registered(), (NOW, OFFERED))[1:],
    *story(1, registered(), (NOW, ClientArchived(step=Step.ACCOUNT_SERVICE)))[1:],
    *story(5, registered(industry="metal"), *buys(5, datetime(2024, 2, 1, tzinfo=UTC), amount="70")),
    *story(6, registered(industry="metal"), *buys(6, datetime(2024, 5, 1, tzinfo=UTC))),
    *story(
        7,
        registered(industry="wood", purchase_interval="yearly"),
        *buys(7, datetime(2020, 1, 1, tzinfo=UTC), amount="99", currency="USD"),
        (NOW, EmployeeAssigned(employee_id=SELLER.id, step=Step.LEAD_GENERATION, reason="calls")),
    ),
    *story(8, registered(industry="wood"), *buys(8, datetime(2020, 1, 1, tzinfo=UTC))),
    *story(9, registered(industry="metal", purchase_interval="weekly")),
]
"""1 is archived; 5 and 6 bought once and go by their industry; 8 has no interval at all, 9 has never bought."""


async def ask(engine: AsyncEngine, page: Page | None = None, **wanted: Any) -> DormantPage:
    async with engine.connect() as connection:
        return await dormant_clients(connection, Dormant(**wanted), page or Page(), NOW)


def numbers(page: DormantPage) -> list[int]:
    return [item["id"].int - 100 for item in page.items]


class TestWorklist:
    @pytest.fixture(autouse=True)
    async def _filled(self, engine: AsyncEngine) -> None:
        log = await prepared(engine, VIEWS)
        await log.add(FACTS)
        await project(log, VIEWS)

    async def test_since_when_and_by_which_interval(self, engine: AsyncEngine) -> None:
        found = await ask(engine)
        by_number = dict(zip(numbers(found), found.items, strict=True))
        assert list(by_number) == [7, 0, 2, 3, 4, 5]
        yearly, own, industry = (by_number[number] for number in (7, 2, 5))
        assert (yearly["interval"].days, yearly["interval_source"], yearly["dormant_from"].year) == (365, "card", 2021)
        assert (own["interval"], own["interval_source"]) == (timedelta(days=91, hours=6), "own")
        assert own["dormant_from"] == YEAR_AFTER + timedelta(days=182, hours=12)
        assert (industry["interval"], industry["interval_source"]) == (timedelta(days=91, hours=6), "segment")
        assert industry["dormant_from"] == datetime(2024, 8, 1, 12, tzinfo=UTC)
        assert yearly["sums"] == [{"currency": "USD", "revenue": 99, "margin": 98}]
        assert (by_number[0]["offer_handoff_id"], own["offer_handoff_id"]) == (OFFER, None)

    async def test_of_an_owner_or_a_step(self, engine: AsyncEngine) -> None:
        assert numbers(await ask(engine, owners=[MANAGER.id])) == [0, 2, 3, 4]
        assert numbers(await ask(engine, owners=[None, SELLER.id])) == [7, 5]
        assert numbers(await ask(engine, owners=[])) == []
        assert numbers(await ask(engine, steps=[Step.LEAD_GENERATION])) == [7, 5]

    async def test_by_what_they_brought(self, engine: AsyncEngine) -> None:
        most = {"currency": "EUR", "sort": DormantSort.MOST_REVENUE}
        first = await ask(engine, Page(limit=4), **most)
        rest = await ask(engine, Page(first.next_cursor, 4), **most)
        assert numbers(first) + numbers(rest) == [4, 3, 2, 0, 5]
        assert rest.items[0]["sums"][0]["revenue"] == Decimal(70)
        assert rest.next_cursor is None

    async def test_pages_by_how_long(self, engine: AsyncEngine) -> None:
        seen: list[int] = []
        page = await ask(engine, Page(limit=2))
        while page.next_cursor:
            seen += numbers(page)
            page = await ask(engine, Page(page.next_cursor, 2))
        assert seen + numbers(page) == [7, 0, 2, 3, 4, 5]
        with pytest.raises(BadCursor):
            await ask(engine, Page("nonsense"))
