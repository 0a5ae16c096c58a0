"""Whether the existing base grows: a book in a month against its mean month before, worked out by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.assignment import EmployeeAssigned
from domain.client.order_events import OrderPlaced
from domain.client.registration import ClientRegistered
from domain.types import Step
from projections.book import BookView
from projections.expansion import BookMonth, ExpansionQuestion, expansion, expansion_clients, percent
from projections.paging import BadCursor, Page
from tests.domain.facts import accepted
from tests.projections.histories import Fact
from tests.projections.support import prepared, project
from tests.spec import CLOSER, MANAGER

VIEW = BookView()
JUNE = ExpansionQuestion(date(2023, 6, 1), "EUR")


def on(month: int, day: int = 10, year: int = 2023) -> datetime:
    return datetime(year, month, day, 9, tzinfo=UTC)


def client(number: int, *orders: tuple[datetime, str, str], currency: str = "EUR") -> list[Fact]:
    """A client that the manager serves; each order has a moment, an amount and the letters of its articles."""
    key, begun = UUID(int=400 + number), on(1, 1, 2022)
    served = accepted(Step.ACCOUNT_SERVICE, MANAGER, from_step=Step.FIRST_DEAL).event
    return [
        Fact(key, ClientRegistered(name=f"Client {number}"), begun),
        Fact(key, served, begun),
        *(
            Fact(key, order(10 * number + place, amount, articles, currency), at)
            for place, (at, amount, articles) in enumerate(orders)
        ),
    ]


def order(number: int, amount: str, articles: str, currency: str) -> OrderPlaced:
    lines = [{"article": article, "quantity": "1", "price": amount} for article in articles]
    sent = {"order_id": str(UUID(int=number)), "lines": lines, "amount": amount, "currency": currency}
    return OrderPlaced.model_validate(sent)


FACTS = [
    *client(
        0, (on(1, 5, 2022), "9999", "A"), (on(7, 1, 2022), "600", "A"), (on(6), "700", "AB"), (on(6, 30), "50", "C")
    ),
    *client(1, (on(4), "300", ""), (on(5), "100", ""), (on(6), "30", "AB")),
    *client(2, (on(6, 2), "5000", "A"), (on(6, 3), "5000", "B")),
    *client(3, (on(4), "80", "A")),
    *client(4, (on(5), "70", "A"), (on(6), "77", "A"), currency="USD"),
    Fact(UUID(int=403), EmployeeAssigned(employee_id=CLOSER.id, step=Step.ACCOUNT_SERVICE, reason="ill"), on(6, 20)),
    Fact(UUID(int=400), EmployeeAssigned(employee_id=CLOSER.id, step=Step.ACCOUNT_SERVICE, reason="ill"), on(7, 2)),
]
"""0 bought for 600 in twelve months before June: 50 a month. 1 since April: 400 in two months. 2 is new in June.
3 went over to another in June, 0 only in July.
"""


@pytest.fixture
async def filled(engine: AsyncEngine) -> AsyncEngine:
    log = await prepared(engine, [VIEW])
    await log.add(FACTS)
    await project(log, [VIEW])
    return engine


async def test_a_month_against_the_same_clients_before(filled: AsyncEngine) -> None:
    async with filled.connect() as connection:
        found = await expansion(connection, JUNE)
        dollars = await expansion(connection, JUNE._replace(currency="USD", employee_id=MANAGER.id))
        recent = await expansion(connection, JUNE._replace(months_before=1))
    assert found == {
        MANAGER.id: BookMonth(3, Decimal(780), Decimal(250), 2),
        CLOSER.id: BookMonth(1, before=Decimal(40)),
    }
    assert found[MANAGER.id].growth == 530
    assert dollars == {MANAGER.id: BookMonth(3, Decimal(77), Decimal(70), 2)}
    assert recent[MANAGER.id].before == 100


async def test_the_clients_behind(filled: AsyncEngine) -> None:
    async with filled.connect() as connection:
        question = JUNE._replace(employee_id=MANAGER.id)
        first = await expansion_clients(connection, question, Page(limit=2))
        rest = await expansion_clients(connection, question, Page(first.next_cursor, 2))
        with pytest.raises(BadCursor):
            await expansion_clients(connection, question, Page("nonsense"))
    listed = [(item["id"].int - 400, item["growth"], item["articles"]) for item in (*first.items, *rest.items)]
    assert listed == [(0, 700, ["B", "C"]), (4, 0, []), (1, -170, [])]
    assert rest.next_cursor is None


def test_fulfilment_of_the_plan() -> None:
    assert percent(Decimal(530), Decimal(600)) == 88.3
    assert percent(2, 8) == 25.0
    assert percent(Decimal(-30), Decimal(600)) == -5.0
    assert (percent(1, None), percent(1, 0)) == (None, None)
