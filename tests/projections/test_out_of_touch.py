"""Clients whose next contact is overdue, and the candidates of the category rules."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.archive import ClientArchived
from domain.client.assignment import EmployeeAssigned
from domain.client.category_events import CategoryAssigned, CategoryReleased
from domain.client.order_events import OrderPlaced
from domain.client.registration import ClientRegistered
from domain.kernel import Event
from domain.regulation.categories import ClientFigures, CommunicationStandard
from domain.types import Category, Channel, Step
from projections.card import CardView
from projections.category_candidates import candidates
from projections.clients import ClientsView
from projections.out_of_touch import OutOfTouch, overdue_contacts
from projections.paging import BadCursor, Page, cursor_of
from projections.value import ValueView
from tests.domain.facts import REACHED
from tests.projections.histories import Fact
from tests.projections.support import prepared, project
from tests.spec import SECOND_SELLER, SELLER, day

LG = Step.LEAD_GENERATION
STANDARDS = {
    Category.VIP: CommunicationStandard(contact_every_days=7),
    Category.A: CommunicationStandard(contact_every_days=30),
}
NOW = day(60)


def client(number: int, category: str | None, *happened: tuple[float, Event]) -> list[Fact]:
    """A client registered on the first day, by its number."""
    registered = ClientRegistered(name=f"Client {number}", origin="social", category=category, size="large")
    return [Fact(UUID(int=number), event, day(on)) for on, event in ((0, registered), *happened)]


def assigned(employee_id: UUID) -> EmployeeAssigned:
    return EmployeeAssigned(step=LG, employee_id=employee_id)


A_BY_RULE = CategoryAssigned(category=Category.A, before=None, rule="Large")
FACTS = [
    *client(1, "VIP"),  # due on day 7
    *client(2, "VIP", (20, assigned(SELLER.id)), (50, REACHED)),  # due on day 57
    *client(3, "VIP", (55, REACHED)),  # due on day 62
    *client(4, None, (1, A_BY_RULE), (2, assigned(SECOND_SELLER.id)), (10, REACHED)),  # due on day 40
    *client(5, "B"),  # no standard
    *client(6, None),
    *client(7, "A", (1, ClientArchived(step=LG))),
    *client(8, "A", (40, REACHED), (5, REACHED)),  # due on day 70, for the later contact
    *client(9, None, (0, A_BY_RULE.model_copy(update={"category": Category.VIP}))),  # due on day 7
]


class TestOverdueContacts:
    @pytest.fixture(autouse=True)
    async def _filled(self, engine: AsyncEngine) -> None:
        log = await prepared(engine, [ClientsView()])
        await log.add(FACTS)
        await project(log, [ClientsView()])

    async def listed(self, engine: AsyncEngine, page: Page | None = None, **wanted: Any) -> list[int]:
        async with engine.connect() as connection:
            found = await overdue_contacts(connection, OutOfTouch(**wanted), STANDARDS, page or Page(), NOW)
        return [item.client.id.int for item in found.items]

    async def test_the_longest_overdue_come_first(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            found = await overdue_contacts(connection, OutOfTouch(), STANDARDS, Page(), NOW)
        due = [(item.client.id.int, item.due_at) for item in found.items]
        assert due == [(1, day(7)), (9, day(7)), (4, day(40)), (2, day(57))]

    async def test_filters(self, engine: AsyncEngine) -> None:
        assert await self.listed(engine, categories=[Category.A, Category.B]) == [4]
        assert await self.listed(engine, categories=[Category.C]) == []
        assert await self.listed(engine, owners=[SELLER.id]) == [2]
        assert await self.listed(engine, owners=[SELLER.id, None]) == [1, 9, 2]
        assert await self.listed(engine, steps=[Step.FIRST_DEAL]) == []
        assert await self.listed(engine, steps=[LG]) == [1, 9, 4, 2]

    async def test_pages_show_every_client_once(self, engine: AsyncEngine) -> None:
        seen: list[int] = []
        cursor: str | None = None
        async with engine.connect() as connection:
            for _ in range(4):
                page = await overdue_contacts(connection, OutOfTouch(), STANDARDS, Page(cursor, 1), NOW)
                seen += [item.client.id.int for item in page.items]
                cursor = page.next_cursor
        assert (seen, cursor) == ([1, 9, 4, 2], None)

    @pytest.mark.parametrize(
        ("channels", "due"),
        [
            ((Channel.PHONE,), [(1, None, day(7)), (9, None, day(7)), (2, day(50), day(57))]),
            ((Channel.EMAIL,), [(1, None, day(7)), (2, None, day(7)), (3, None, day(7)), (9, None, day(7))]),
            ((Channel.EMAIL, Channel.PHONE), [(1, None, day(7)), (9, None, day(7)), (2, day(50), day(57))]),
        ],
    )
    async def test_only_contacts_by_the_channels_of_the_standard_count(
        self, engine: AsyncEngine, channels: tuple[Channel, ...], due: list[tuple[Any, ...]]
    ) -> None:
        standards = {Category.VIP: CommunicationStandard(contact_every_days=7, channels=channels)}
        seen: list[tuple[Any, ...]] = []
        page: Page | None = Page(None, 2)
        async with engine.connect() as connection:
            while page:
                found = await overdue_contacts(connection, OutOfTouch(), standards, page, NOW)
                seen += [(item.client.id.int, item.last_contact_at, item.due_at) for item in found.items]
                page = Page(found.next_cursor, 2) if found.next_cursor else None
        assert seen == due

    @pytest.mark.parametrize("place", [["x"], ["0001-01-01T00:00:00+00:00", UUID(int=1)], ["2026-03-02", UUID(int=1)]])
    async def test_a_cursor_that_is_none_is_refused(self, engine: AsyncEngine, place: list[Any]) -> None:
        with pytest.raises(BadCursor):
            await self.listed(engine, Page(cursor_of(place)))

    async def test_nobody_is_overdue_without_standards(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            assert await overdue_contacts(connection, OutOfTouch(), {}, Page(), NOW) == ([], None)


async def test_candidates_are_those_whom_nobody_overrides(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.category_candidates.PAGE", 2)
    views = (CardView(), ValueView())
    log = await prepared(engine, views)
    bought = OrderPlaced(order_id=UUID(int=1), amount=Decimal(70), currency="EUR")
    await log.add(
        [
            *client(1, None),
            *client(2, "A"),
            *client(3, "A", (1, CategoryReleased(category=Category.A))),
            *client(4, None, (1, A_BY_RULE), (2, bought)),
            *client(5, None, (1, ClientArchived(step=LG))),
        ]
    )
    await project(log, views)
    async with engine.connect() as connection:
        pages = [page async for page in candidates(connection)]
    found = [(each.id.int, each.category, each.figures) for page in pages for each in page.candidates]
    large = ClientFigures(size="large")
    assert found == [
        (1, None, large),
        (3, "A", large),
        (4, "A", ClientFigures(size="large", realised={"EUR": Decimal(70)})),
    ]
    assert [page.clients for page in pages] == [2, 2, 1]
