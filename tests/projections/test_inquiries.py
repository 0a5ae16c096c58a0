"""Inquiries: the worklist, and the response against the rule."""

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.archive import ClientArchived, ClientRestored
from domain.client.assignment import EmployeeAssigned
from domain.client.card import CardChanged
from domain.client.inquiries import ClosingReason, InquiryAnswered, InquiryClosed, InquiryReceived
from domain.client.registration import ClientRegistered
from domain.employee import employee_id
from domain.kernel import Event
from domain.types import Category, Channel, Step
from projections.inquiries import INQUIRIES, STILL_OPEN, Ending, InquiriesView
from projections.inquiries_query import InquiryState, ResponseBy, Wanted, inquiries, response
from projections.paging import BadCursor, Page
from projections.period import Period
from tests.projections.acts import KINDS
from tests.projections.filled import seen
from tests.projections.firm import CODES
from tests.projections.histories import Act, Fact, Firm
from tests.projections.inquiry_acts import ON_INQUIRIES
from tests.projections.support import prepared, project
from tests.spec import CLIENT_ID, CLOSER, SELLER, at, day

VIEW = InquiriesView()
ACTOR = employee_id(CODES[0])
"""Who writes the log under test."""
REGISTERED = ClientRegistered(name="Steelworks", origin="social")
ASSIGNED = EmployeeAssigned(step=Step.LEAD_GENERATION, employee_id=SELLER.id)
CONTACT = UUID(int=0xC0)


def received(
    number: int, on: float, channel: Channel = Channel.EMAIL, category: Category | None = None
) -> InquiryReceived:
    """An inquiry that is due half a day later."""
    return InquiryReceived(
        inquiry_id=UUID(int=number),
        channel=channel,
        subject=None,
        text="How much?",
        key_person_id=None,
        category=category,
        working_hours=Decimal(4),
        due_at=day(on + 0.5),
    )


def answered(number: int, minutes: int) -> InquiryAnswered:
    return InquiryAnswered(inquiry_id=UUID(int=number), working_minutes=minutes, contact_id=CONTACT)


class TestFold:
    def test_an_inquiry_waits_until_it_ends(self) -> None:
        state = seen(VIEW, [REGISTERED, at(day(1), received(1, 1))])
        assert state.by_id[UUID(int=1)].ending == STILL_OPEN
        assert state.by_id[UUID(int=1)].received_at == day(1)

    def test_answered_and_closed(self) -> None:
        closed = InquiryClosed(inquiry_id=UUID(int=2), reason=ClosingReason.SPAM)
        state = seen(
            VIEW,
            [REGISTERED, at(day(1), received(1, 1)), at(day(1), received(2, 1))],
            [at(day(2), answered(1, 90), CLOSER), at(day(3), closed)],
        )
        assert state.by_id[UUID(int=1)].ending == Ending("answered", day(2), CLOSER.id, CONTACT, 90)
        assert state.by_id[UUID(int=2)].ending == Ending("closed", day(3), SELLER.id, reason="spam")

    def test_the_answer_to_something_dated_later_is_passed_over(self) -> None:
        assert seen(VIEW, [REGISTERED, answered(1, 90)]).by_id == {}

    def test_the_row_of_the_client_shows_who_has_to_answer(self) -> None:
        state = seen(VIEW, [REGISTERED, ASSIGNED, CardChanged(changed=("name",), name="Foundry")])
        assert VIEW.columns(state) == ("Foundry", "lead_generation", SELLER.id, "active")
        archived = seen(VIEW, [REGISTERED, ClientArchived(step=Step.LEAD_GENERATION)])
        assert VIEW.columns(archived) == ("Steelworks", "lead_generation", None, "archived")

    def test_a_part_row_has_a_value_for_every_column(self) -> None:
        (row,) = VIEW.parts(seen(VIEW, [REGISTERED, received(1, 0)]))[INQUIRIES]
        named = dict(zip(INQUIRIES.c.keys(), row, strict=True))
        assert (named["client_id"], named["state"], named["due_at"]) == (CLIENT_ID, "open", day(0.5))


def story(number: int, *happened: tuple[float, Event]) -> list[Fact]:
    return [Fact(UUID(int=100 + number), event, day(on)) for on, event in ((0, REGISTERED), *happened)]


FACTS = [
    *story(1, (0, ASSIGNED), (1, received(1, 1)), (1.25, answered(1, 60)), (9, received(2, 9))),
    *story(2, (2, received(3, 2, Channel.PHONE, Category.VIP)), (3, answered(3, 600)), (8, received(4, 8))),
    *story(3, (5, received(5, 5)), (6, ClientArchived(step=Step.LEAD_GENERATION))),
    *story(
        4,
        (0, ASSIGNED),
        (30, received(6, 30, Channel.MESSENGER, Category.VIP)),
        (31, InquiryClosed(inquiry_id=UUID(int=6), reason=ClosingReason.SPAM)),
        (32, received(7, 32)),
        (32.1, answered(7, 30)),
    ),
]
"""Inquiry 2 (of the seller's client, due on day 9.5) and inquiry 4 (of nobody's, due on day 8.5) wait."""
NOW = day(9.25)


class TestQueries:
    @pytest.fixture(autouse=True)
    async def _filled(self, engine: AsyncEngine) -> None:
        self.log = await prepared(engine, [VIEW])
        await self.log.add(FACTS)
        await project(self.log, [VIEW])

    async def listed(self, engine: AsyncEngine, page: Page | None = None, **wanted: Any) -> list[int]:
        async with engine.connect() as connection:
            found = await inquiries(connection, Wanted(**wanted), page or Page(), NOW)
        return [item["inquiry_id"].int for item in found.items]

    async def test_open_ones_the_earliest_due_first(self, engine: AsyncEngine) -> None:
        assert await self.listed(engine) == [4, 2]
        assert await self.listed(engine, overdue=True) == [4]
        assert await self.listed(engine, overdue=False) == [2]

    async def test_states(self, engine: AsyncEngine) -> None:
        assert await self.listed(engine, state=InquiryState.ANSWERED) == [1, 3, 7]
        assert await self.listed(engine, state=InquiryState.CLOSED) == [6]
        assert await self.listed(engine, state=InquiryState.ALL) == [1, 3, 5, 4, 2, 6, 7]
        assert await self.listed(engine, state=InquiryState.ALL, in_time=True) == [1, 7]
        assert await self.listed(engine, state=InquiryState.ALL, in_time=False) == [3]

    async def test_filters(self, engine: AsyncEngine) -> None:
        every = InquiryState.ALL
        assert await self.listed(engine, by={"employee": SELLER.id}) == [2]
        assert await self.listed(engine, by={"employee": None}) == [4]
        assert await self.listed(engine, state=every, by={"employee": ACTOR}) == [1, 3, 6, 7]
        assert await self.listed(engine, state=every, by={"channel": Channel.PHONE}) == [3]
        assert await self.listed(engine, state=every, by={"category": Category.VIP}) == [3, 6]
        assert await self.listed(engine, state=every, by={"category": None, "channel": Channel.EMAIL}) == [
            1,
            5,
            4,
            2,
            7,
        ]
        assert await self.listed(engine, state=every, client_id=UUID(int=102)) == [3, 4]
        assert await self.listed(engine, step=Step.FIRST_DEAL) == []
        assert await self.listed(engine, state=every, period=Period(day(5), day(9))) == [5, 4]

    async def test_pages_show_every_inquiry_once(self, engine: AsyncEngine) -> None:
        listed: list[int] = []
        cursor: str | None = None
        async with engine.connect() as connection:
            while True:
                page = await inquiries(connection, Wanted(InquiryState.ALL), Page(cursor, 2), NOW)
                listed += [item["inquiry_id"].int for item in page.items]
                cursor = page.next_cursor
                if cursor is None:
                    break
        assert listed == [1, 3, 5, 4, 2, 6, 7]

    async def test_a_cursor_that_is_none_is_refused(self, engine: AsyncEngine) -> None:
        with pytest.raises(BadCursor):
            await self.listed(engine, Page("WyJub3QiXQ"))

    async def test_a_restored_client_has_its_inquiries_back(self, engine: AsyncEngine) -> None:
        await self.log.add([Fact(UUID(int=103), ClientRestored(step=Step.LEAD_GENERATION), day(7))])
        await project(self.log, [VIEW])
        assert await self.listed(engine) == [5, 4, 2]

    async def test_response(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            report = await response(connection, ResponseBy.CHANNEL, Wanted(), NOW)
        assert report.total == {
            "received": 7,
            "answered": 3,
            "closed": 1,
            "open": 2,
            "archived": 1,
            "in_breach": 1,
            "answered_in_time": 2,
            "share_in_time": 0.5,
            "median_working_hours": 1.0,
            "p90_working_hours": 8.2,
        }
        assert [(item["channel"], item["received"], item["share_in_time"]) for item in report.items] == [
            ("email", 5, 0.6667),
            ("messenger", 1, None),
            ("phone", 1, 0.0),
        ]

    async def test_response_of_a_period_by_month(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            by_month = await response(connection, ResponseBy.MONTH, Wanted(), NOW)
            in_april = await response(connection, ResponseBy.MONTH, Wanted(period=Period(start=day(30))), NOW)
            nothing = await response(connection, ResponseBy.MONTH, Wanted(period=Period(day(60), day(61))), NOW)
        assert [(item["month"], item["received"]) for item in by_month.items] == [("2026-03", 5), ("2026-04", 2)]
        assert in_april.items == by_month.items[1:]
        assert (nothing.items, nothing.total["received"], nothing.total["share_in_time"]) == ([], 0, None)


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_sums_by_any_dimension_equal_the_total_and_the_lists_behind_it(
    engine: AsyncEngine, seed: int
) -> None:
    random = Random(seed)
    every = range(len(KINDS))
    asked = [KINDS.index(kind) for kind in ON_INQUIRIES]
    kinds = [random.choice((0, random.choice(every), random.choice(asked))) for _ in range(500)]
    acts = [Act(random.randrange(9), kind, random.randrange(12), 9) for kind in kinds]
    log = await prepared(engine, [VIEW])
    await log.add(Firm().play(acts))
    await project(log, [VIEW])
    now = day(0) + timedelta(days=20)
    async with engine.connect() as connection:
        reports = [await response(connection, by, Wanted(), now) for by in ResponseBy]
        behind = {
            "answered": len((await inquiries(connection, Wanted(InquiryState.ANSWERED), Page(None, 200), now)).items),
            "open": len((await inquiries(connection, Wanted(), Page(None, 200), now)).items),
            "in_breach": len((await inquiries(connection, Wanted(overdue=True), Page(None, 200), now)).items),
            "answered_in_time": len(
                (await inquiries(connection, Wanted(InquiryState.ALL, in_time=True), Page(None, 200), now)).items
            ),
        }
    assert reports[0].total["received"] > 10
    assert reports[0].total | behind == reports[0].total
    for report in reports:
        assert report.total == reports[0].total
        for name in ("received", "answered", "closed", "open", "archived", "in_breach", "answered_in_time"):
            assert sum(item[name] for item in report.items) == report.total[name]
    staff = {employee_id(code) for code in CODES}
    assert {item["employee"] for item in reports[0].items} <= {None, ACTOR, *staff}
