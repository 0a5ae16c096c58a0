"""Handoffs: the list of offers, what became of them, and their quality."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.archive import ClientArchived, ClientRestored
from domain.client.card import CardChanged
from domain.client.handoff_events import (
    HandoffAccepted,
    HandoffExpired,
    HandoffOffered,
    HandoffReturned,
    HandoffWithdrawn,
    ReturnReason,
)
from domain.client.qualification import ClientDisqualified, ClientReopened, DisqualificationReason
from domain.client.registration import ClientRegistered
from domain.employee import Employee
from domain.kernel import Event
from domain.types import STEPS, Step
from projections.handoffs import OFFERS, ClientHandoffs, HandoffsView
from projections.handoffs_query import (
    Became,
    Offers,
    OfferState,
    OverdueOffer,
    QualityBy,
    offers,
    overdue_for_expiry,
    quality,
)
from projections.paging import BadCursor, Page
from projections.period import Period
from tests.domain.facts import EMPTY_PACKET
from tests.projections.histories import Act, Fact, Firm
from tests.projections.support import prepared, project
from tests.spec import CLIENT_ID, CLOSER, MANAGER, SECOND_CLOSER, SELLER, day, recorded
from tests.spec import Fact as Happened

VIEW = HandoffsView()
LG, FD, AS = STEPS
REGISTERED = ClientRegistered(name="Steelworks", origin="social")
DISQUALIFIED = ClientDisqualified(step=FD, reason=DisqualificationReason.PRICE)


def offered(number: int, on: float, to: Employee | None = CLOSER, way: tuple[Step, Step] = (LG, FD)) -> HandoffOffered:
    """An offer by the seller, due after one day and expiring after three."""
    return HandoffOffered(
        handoff_id=UUID(int=number),
        from_step=way[0],
        to_step=way[1],
        from_employee_id=SELLER.id,
        to_employee_id=to and to.id,
        due_at=day(on + 1),
        expires_at=day(on + 3),
        packet=EMPTY_PACKET,
    )


def accepted(
    number: int, by: Employee = CLOSER, way: tuple[Step, Step] = (LG, FD), *, automatic: bool = False
) -> HandoffAccepted:
    return HandoffAccepted(
        handoff_id=UUID(int=number), from_step=way[0], to_step=way[1], employee_id=by.id, automatic=automatic
    )


def after(*story: tuple[float, Event]) -> ClientHandoffs:
    state = VIEW.start(CLIENT_ID)
    for event in recorded([Happened(event, day(on)) for on, event in story]):
        state = VIEW.evolve(state, event)
    return state


class TestFold:
    def test_an_offer_waits_until_it_is_answered(self) -> None:
        (offer,) = after((0, REGISTERED), (1, offered(1, 1))).offers
        assert offer.answer == ("waiting", None, None, None, False)

    @pytest.mark.parametrize(
        ("event", "expected"),
        [
            (accepted(1), ("accepted", day(2), None, CLOSER.id, False)),
            (accepted(1, automatic=True), ("accepted", day(2), None, CLOSER.id, True)),
            (
                HandoffReturned(handoff_id=UUID(int=1), reason=ReturnReason.NOT_READY),
                ("returned", day(2), "not_ready", None, False),
            ),
            (HandoffWithdrawn(handoff_id=UUID(int=1)), ("withdrawn", day(2), None, None, False)),
            (HandoffExpired(handoff_id=UUID(int=1)), ("expired", day(2), None, None, False)),
        ],
    )
    def test_every_answer(self, event: Event, expected: tuple[Any, ...]) -> None:
        (offer,) = after((0, REGISTERED), (1, offered(1, 1)), (2, event)).offers
        assert offer.answer == expected

    def test_a_client_handed_on_has_converted_where_it_was(self) -> None:
        first, second = after(
            (0, REGISTERED),
            (1, offered(1, 1)),
            (2, accepted(1)),
            (5, offered(2, 5, MANAGER, (FD, AS))),
            (6, accepted(2, MANAGER, (FD, AS))),
        ).offers
        assert (first.outcome, second.outcome) == (("converted", day(6)), (None, None))

    def test_a_client_handed_back_has_returned(self) -> None:
        back = (AS, FD)
        state = after(
            (0, REGISTERED),
            (1, offered(1, 1, MANAGER, (FD, AS))),
            (1, accepted(1, MANAGER, (FD, AS))),
            (90, offered(2, 90, CLOSER, back)),
            (91, accepted(2, CLOSER, back)),
        )
        assert state.offers[0].outcome == ("returned", day(91))

    def test_a_client_is_lost_until_it_is_back(self) -> None:
        lost: list[tuple[float, Event]] = [
            (1, offered(1, 1)),
            (2, accepted(1)),
            (3, DISQUALIFIED),
            (4, ClientArchived(step=FD)),
        ]
        reopened: list[tuple[float, Event]] = [(5, ClientReopened(step=FD))]
        assert after(*lost).offers[0].outcome == ("lost", day(3))
        assert after(*lost, *reopened).offers[0].outcome == ("lost", day(3))
        assert after(*lost, *reopened, (6, ClientRestored(step=FD))).offers[0].outcome == (None, None)

    def test_the_offer_shows_the_name_of_the_client_as_it_is_now(self) -> None:
        state = after((0, REGISTERED), (1, offered(1, 1)), (2, CardChanged(changed=("name",), name="Foundry")))
        assert VIEW.parts(state)[OFFERS][0][:3] == (CLIENT_ID, UUID(int=1), "Foundry")


def story(number: int, *happened: tuple[float, Event]) -> list[Fact]:
    return [Fact(UUID(int=100 + number), event, day(on)) for on, event in ((0, REGISTERED), *happened)]


FACTS = [
    *story(
        1,
        (1, offered(1, 1)),
        (1.5, accepted(1)),
        (5, offered(2, 5, MANAGER, (FD, AS))),
        (5.25, accepted(2, MANAGER, (FD, AS))),
    ),
    *story(
        2,
        (2, offered(3, 2)),
        (3, HandoffReturned(handoff_id=UUID(int=3), reason=ReturnReason.NOT_READY)),
        (4, offered(4, 4)),
        (5, accepted(4)),
        (6, DISQUALIFIED),
    ),
    *story(3, (3, offered(5, 3, None)), (4, HandoffWithdrawn(handoff_id=UUID(int=5))), (6, offered(6, 6, None))),
    *story(4, (4, offered(7, 4)), (8, HandoffExpired(handoff_id=UUID(int=7))), (9, offered(8, 9, SECOND_CLOSER))),
    *story(5, (1, offered(9, 1, SELLER)), (1, accepted(9, SELLER, automatic=True))),
]
"""Offers 6 (due on day 7, expiring on day 9) and 8 (due on day 10, expiring on day 12) wait."""
NOW = day(9.5)


class TestQueries:
    @pytest.fixture(autouse=True)
    async def _filled(self, engine: AsyncEngine) -> None:
        log = await prepared(engine, [VIEW])
        await log.add(FACTS)
        await project(log, [VIEW])

    async def listed(self, engine: AsyncEngine, page: Page | None = None, **wanted: Any) -> list[int]:
        async with engine.connect() as connection:
            found = await offers(connection, Offers(**wanted), page or Page(), NOW)
        return [item["handoff_id"].int for item in found.items]

    async def test_the_newest_offers_come_first(self, engine: AsyncEngine) -> None:
        assert await self.listed(engine) == [8, 6, 2, 7, 4, 5, 3, 9, 1]

    async def test_filters(self, engine: AsyncEngine) -> None:
        assert await self.listed(engine, state=OfferState.WAITING) == [6, 8]
        assert await self.listed(engine, state=OfferState.OVERDUE) == [6]
        assert await self.listed(engine, state=OfferState.ACCEPTED) == [2, 4, 9, 1]
        assert await self.listed(engine, state=OfferState.EXPIRED) == [7]
        assert await self.listed(engine, to_step=AS) == [2]
        assert await self.listed(engine, from_step=LG, state=OfferState.RETURNED) == [3]
        assert await self.listed(engine, to_employee_id=SECOND_CLOSER.id) == [8]
        assert await self.listed(engine, from_employee_id=CLOSER.id) == []
        assert await self.listed(engine, client_id=UUID(int=103)) == [6, 5]

    async def test_what_is_behind_the_figures_of_the_report(self, engine: AsyncEngine) -> None:
        assert await self.listed(engine, reason=ReturnReason.NOT_READY) == [3]
        assert await self.listed(engine, automatic=True) == [9]
        assert await self.listed(engine, outcome=Became.LOST) == [4]
        assert await self.listed(engine, offered=Period(day(2), day(4))) == [5, 3]
        async with engine.connect() as connection:
            report = await quality(connection, QualityBy.TO_EMPLOYEE, Period(), NOW)
        groups = {group["to_employee"]: group["offered"] for group in report.items if group["to_employee"]}
        assert groups
        for employee, offered_to in groups.items():
            assert len(await self.listed(engine, to_employee_id=employee)) == offered_to

    @pytest.mark.parametrize("state", [None, OfferState.WAITING])
    async def test_pages_show_every_offer_once(self, engine: AsyncEngine, state: OfferState | None) -> None:
        seen: list[Any] = []
        cursor = None
        async with engine.connect() as connection:
            for _ in range(9):
                page = await offers(connection, Offers(state), Page(cursor, 1), NOW)
                seen += [item["handoff_id"].int for item in page.items]
                cursor = page.next_cursor
                if cursor is None:
                    break
        assert seen == await self.listed(engine, state=state)

    async def test_a_cursor_that_is_none_is_refused(self, engine: AsyncEngine) -> None:
        with pytest.raises(BadCursor):
            await self.listed(engine, Page("WyJub3QiXQ"))

    async def test_offers_to_let_expire(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            expired = OverdueOffer(UUID(int=103), UUID(int=6), day(9))
            assert await overdue_for_expiry(connection, NOW, 10) == [expired]
            assert await overdue_for_expiry(connection, day(8), 10) == []

    async def test_quality_per_pair_of_steps(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            report = await quality(connection, QualityBy.STEP_PAIR, Period(), NOW)
        first, second = report.items
        assert first == {
            "from_step": "lead_generation",
            "to_step": "first_deal",
            "offered": 8,
            "accepted": 3,
            "automatic": 1,
            "returned": 1,
            "withdrawn": 1,
            "expired": 1,
            "waiting": 2,
            "overdue": 1,
            "median_hours_to_accept": 18.0,
            "returned_by_reason": {"not_ready": 1},
            "handed_over": {"accepted": 3, "converted": 1, "lost": 1, "rate": 0.3333},
        }
        assert second["median_hours_to_accept"] == 6.0
        assert second["handed_over"] == {"accepted": 1, "converted": 0, "lost": 0, "rate": None}
        assert report.total["offered"] == 9
        assert report.total["median_hours_to_accept"] == 12.0
        assert report.total["handed_over"] == {"accepted": 4, "converted": 1, "lost": 1, "rate": 0.3333}
        assert report.total["returned_by_reason"] == {"not_ready": 1}

    async def test_quality_per_receiver(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            report = await quality(connection, QualityBy.TO_EMPLOYEE, Period(), NOW)
        offered_to = {item["to_employee"]: item["offered"] for item in report.items}
        assert offered_to == {CLOSER.id: 4, None: 2, MANAGER.id: 1, SECOND_CLOSER.id: 1, SELLER.id: 1}

    async def test_quality_of_a_period(self, engine: AsyncEngine) -> None:
        period = Period(datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC))
        async with engine.connect() as connection:
            report = await quality(connection, QualityBy.FROM_EMPLOYEE, period, NOW)
            nothing = await quality(connection, QualityBy.STEP_PAIR, Period(period.end, period.end), NOW)
        assert [(item["from_employee"], item["offered"]) for item in report.items] == [(SELLER.id, 2)]
        assert (nothing.items, nothing.total["offered"], nothing.total["median_hours_to_accept"]) == ([], 0, None)


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_sums_by_any_dimension_equal_the_total(engine: AsyncEngine, seed: int) -> None:
    random = Random(seed)
    acts = [
        Act(random.randrange(15), random.choice((0, random.randrange(27))), random.randrange(12), 9) for _ in range(500)
    ]
    log = await prepared(engine, [VIEW])
    await log.add(Firm().play(acts))
    await project(log, [VIEW])
    async with engine.connect() as connection:
        reports = [await quality(connection, by, Period(), NOW + timedelta(days=9)) for by in QualityBy]
    counted = ("offered", "accepted", "automatic", "returned", "withdrawn", "expired", "waiting", "overdue")
    for report in reports:
        assert report.total == reports[0].total
        for name in counted:
            assert sum(item[name] for item in report.items) == report.total[name]
        by_reason = report.total["returned_by_reason"]
        assert sum(by_reason.values()) == report.total["returned"]
