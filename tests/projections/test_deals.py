"""Deals: lists, the forecast by month, and the outcomes with their reasons."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.archive import ClientArchived
from domain.client.assignment import EmployeeAssigned
from domain.client.card import CardChanged
from domain.client.category_events import CategoryAssigned
from domain.client.deal_events import DealChanged, DealCorrected, DealLost, DealOpened, DealReopened, DealWon
from domain.client.deal_reasons import LossReason, WinReason
from domain.client.registration import ClientRegistered
from domain.kernel import Event
from domain.types import Category, Step
from projections.deals import DEALS, DealsView
from projections.deals_query import (
    CloseDays,
    DealState,
    Expected,
    ForecastBy,
    OutcomeBy,
    WantedDeals,
    deals,
    forecast,
    outcomes,
)
from projections.paging import BadCursor, Page
from projections.period import Period
from tests.domain.facts import IN_FIRST_DEAL, REGISTERED
from tests.projections.filled import fill_with, seen
from tests.spec import CLIENT_ID, CLOSER, SELLER, Fact, at, day

VIEW = DealsView()
TODAY = date(2026, 4, 10)


def opened(number: int, amount: int, close_on: date | None = None, probability: int | None = None) -> DealOpened:
    return DealOpened(
        deal_id=UUID(int=number),
        step=Step.FIRST_DEAL,
        title=f"Deal {number}",
        amount=Decimal(amount),
        currency="EUR" if number < 50 else "RUB",
        close_on=close_on,
        probability=probability,
    )


def won(number: int, revenue: int, reason: WinReason | None = None) -> DealWon:
    currency = "EUR" if number < 50 else "RUB"
    return DealWon(
        deal_id=UUID(int=number),
        step=Step.FIRST_DEAL,
        revenue=Decimal(revenue),
        cost=Decimal(1),
        currency=currency,
        reason=reason,
    )


def lost(number: int, reason: LossReason) -> DealLost:
    return DealLost(deal_id=UUID(int=number), reason=reason)


def changed_to(amount: int, discount: int = 0, *, proposal: bool = False) -> DealChanged:
    return DealChanged(
        deal_id=UUID(int=1),
        changed=("amount", "discount"),
        amount=Decimal(amount),
        discount=Decimal(discount),
        proposal_id=UUID(int=2) if proposal else None,
    )


class TestFold:
    def test_a_deal_is_changed_lost_and_worked_again(self) -> None:
        changed = DealChanged(deal_id=UUID(int=1), changed=("probability", "title"), probability=70)
        state = seen(
            VIEW,
            IN_FIRST_DEAL,
            [at(day(5), opened(1, 100)), at(day(6), changed), at(day(7), lost(1, LossReason.PRICE))],
        )
        deal = state.by_id[UUID(int=1)]
        assert (deal.title, deal.probability, deal.close.state, deal.close.reason) == (None, 70, "lost", "price")
        assert (deal.close.step, deal.close.employee_id, deal.close.since) == ("first_deal", CLOSER.id, day(7))
        again = seen(
            VIEW,
            IN_FIRST_DEAL,
            [at(day(5), opened(1, 100)), at(day(7), lost(1, LossReason.PRICE))],
            [at(day(8), DealReopened(deal_id=UUID(int=1)))],
        )
        assert again.by_id[UUID(int=1)].close == (*("open", day(8)), None, None, None)

    def test_a_won_deal_is_worth_its_revenue(self) -> None:
        state = seen(VIEW, IN_FIRST_DEAL, [opened(1, 100), at(day(6), won(1, 90, WinReason.SPEED))])
        (only,) = VIEW.parts(state)[DEALS]
        row = dict(zip(DEALS.c.keys(), only, strict=True))
        since, stage, employee, reason = (row[name] for name in ("since", "closed_in", "closed_by", "reason"))
        assert (state.by_id[UUID(int=1)].amount, since, stage, employee) == (90, day(6), "first_deal", CLOSER.id)
        assert reason == "speed"

    @pytest.mark.parametrize(
        ("happened", "expected"),
        [
            ([], (0, 0)),
            ([changed_to(80)], (0, 20)),
            ([changed_to(80), changed_to(120, 5), changed_to(90)], (0, 35)),
            ([changed_to(80, 20)], (0, 0)),
            ([changed_to(60, 15, proposal=True)], (0, 0)),
            ([changed_to(60, 15, proposal=True), changed_to(50, 15)], (0, 10)),
        ],
        ids=["as opened", "lowered", "from the highest", "discounted", "as agreed", "below what was agreed"],
    )
    def test_what_a_list_price_was_lowered_by_is_known_of_a_won_deal(
        self, happened: list[DealChanged], expected: tuple[int, int]
    ) -> None:
        """The highest that was expected counts, from what the client agreed to on."""
        state = seen(VIEW, IN_FIRST_DEAL, [opened(1, 100), *happened])
        deal = state.by_id[UUID(int=1)]
        last = won(1, int(deal.amount)).model_copy(update={"discount": deal.discount})
        sold = seen(VIEW, IN_FIRST_DEAL, [opened(1, 100), *happened, last]).by_id[UUID(int=1)]
        assert (deal.won.lowered, sold.won.lowered) == expected

    def test_a_correction_does_not_change_by_how_much_the_list_price_was_lowered_before(self) -> None:
        corrected = DealCorrected(
            deal_id=UUID(int=1),
            won_at=day(0),
            currency="EUR",
            revenue=Decimal(70),
            cost=Decimal(1),
            discount=Decimal(0),
            previous_revenue=Decimal(80),
            previous_cost=Decimal(1),
            previous_discount=Decimal(0),
            reason="The invoice was for 70",
        )
        state = seen(VIEW, IN_FIRST_DEAL, [opened(1, 100), changed_to(80), won(1, 80), corrected])
        deal = state.by_id[UUID(int=1)]
        assert (deal.amount, deal.won.lowered) == (70, 20)

    def test_a_discount_that_nobody_named_is_no_more_than_the_corrected_one(self) -> None:
        sold = won(1, 90).model_copy(update={"discount": Decimal(10), "implied_discount": Decimal(10)})
        corrected = DealCorrected(
            deal_id=UUID(int=1),
            won_at=day(0),
            currency="EUR",
            revenue=Decimal(96),
            cost=Decimal(1),
            discount=Decimal(4),
            previous_revenue=Decimal(90),
            previous_cost=Decimal(1),
            previous_discount=Decimal(10),
            reason="The invoice was for 96",
        )
        for last, implied in ((), 10), ((corrected,), 4):
            state = seen(VIEW, IN_FIRST_DEAL, [opened(1, 100), sold, *last])
            assert state.by_id[UUID(int=1)].won.implied_discount == implied

    def test_what_happened_to_a_deal_dated_later_is_passed_over(self) -> None:
        assert seen(VIEW, [REGISTERED, won(1, 90)]).by_id == {}

    def test_the_row_of_the_client_follows_the_card_and_the_conveyor(self) -> None:
        moved = CardChanged(changed=("name", "origin"), name="Foundry", origin="tender")
        state = seen(VIEW, IN_FIRST_DEAL, [moved, CategoryAssigned(category=Category.A, before=None, rule="Large")])
        assert VIEW.columns(state) == ("Foundry", "tender", "A", "first_deal", CLOSER.id, "active")
        assert seen(VIEW, [opened(1, 100)]).id == CLIENT_ID
        assert VIEW.columns(VIEW.start(CLIENT_ID)) is None


def client(number: int, origin: str, *happened: tuple[float, Event]) -> tuple[UUID, list[Event | Fact]]:
    registered = ClientRegistered(name=f"Client {number}", origin=origin, category="A" if number == 1 else None)
    assigned = EmployeeAssigned(step=Step.LEAD_GENERATION, employee_id=SELLER.id)
    facts: list[Event | Fact] = [registered, *([assigned] if number == 1 else [])]
    return UUID(int=1000 + number), [*facts, *(at(day(on), event, CLOSER) for on, event in happened)]


MARCH, APRIL, MAY = date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 1)
BASE = [
    client(
        1,
        "tender",
        (1, opened(1, 100, APRIL, 50)),
        (2, opened(2, 1000, APRIL)),
        (3, opened(3, 10, MAY, 20)),
        (4, opened(4, 7, None, 90)),
        (5, opened(5, 500)),
        (6, won(5, 480, WinReason.SPEED)),
    ),
    client(
        2,
        "social",
        (1, opened(11, 30, MARCH, 10)),
        (2, opened(12, 60)),
        (8, lost(12, LossReason.PRICE)),
        (3, opened(51, 9)),
        (9, won(51, 8)),
        (4, opened(13, 5, MAY, 100)),
        (9, lost(13, LossReason.TIMING)),
        (10, DealReopened(deal_id=UUID(int=13))),
    ),
    client(3, "social", (1, opened(21, 999, APRIL, 100)), (2, ClientArchived(step=Step.LEAD_GENERATION))),
]


class TestQueries:
    @pytest.fixture(autouse=True)
    async def _filled(self, engine: AsyncEngine) -> None:
        await fill_with(engine, VIEW, BASE)

    async def listed(self, engine: AsyncEngine, page: Page | None = None, **wanted: Any) -> list[int]:
        async with engine.connect() as connection:
            found = await deals(connection, WantedDeals(**wanted), page or Page())
        return [item["deal_id"].int for item in found.items]

    async def test_lists_and_filters(self, engine: AsyncEngine) -> None:
        assert await self.listed(engine, state=DealState.OPEN) == [1, 11, 2, 3, 4, 13]
        assert await self.listed(engine, state=DealState.WON) == [5, 51]
        assert await self.listed(engine, by={"employee": None}) == [11, 21, 13]
        assert await self.listed(engine, by={"employee": CLOSER.id}) == [12, 51]
        assert await self.listed(engine, by={"employee": SELLER.id}, state=DealState.WON) == [5]
        assert await self.listed(engine, by={"origin": "tender", "reason": None}) == [1, 2, 3, 4]
        assert await self.listed(engine, by={"stage": "lead_generation"}, state=DealState.LOST) == [12]
        assert await self.listed(engine, has={"close_on": False}, state=DealState.OPEN) == [4]
        assert await self.listed(engine, has={"probability": False, "close_on": True}) == [2]
        assert await self.listed(engine, close=CloseDays(APRIL, APRIL), state=DealState.OPEN) == [1, 2]
        assert await self.listed(engine, since=Period(day(8), day(10)), currency="EUR") == [12]
        assert await self.listed(engine, client_id=BASE[2][0]) == [21]

    async def test_page_by_page(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            first = await deals(connection, WantedDeals(), Page(limit=6))
        rest = await self.listed(engine, Page(first.next_cursor, 6))
        assert len({item["deal_id"].int for item in first.items} | set(rest)) == 10
        with pytest.raises(BadCursor):
            await self.listed(engine, Page("x"))

    async def test_the_forecast_by_month(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            found = await forecast(connection, None, CloseDays(), None, TODAY)
        months = {item["month"]: (item["deals"], item["amount"], item["weighted"]) for item in found.months}
        assert months == {"2026-03": (1, 30, 3), "2026-04": (2, 1100, 50), "2026-05": (2, 15, 7)}
        april = found.months[1]
        assert (april["unweighted"], april["unweighted_amount"], april["late"]) == (1, 1000, 0)
        assert found.months[0]["late"] == 1
        assert [(item["deals"], item["amount"], item["weighted"]) for item in found.undated] == [(1, 7, Decimal("6.3"))]
        assert found.total == {"EUR": Expected(6, Decimal(1152), Decimal("66.3"), 1, Decimal(1000), 1)}

    async def test_the_forecast_split_and_bounded(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            found = await forecast(connection, ForecastBy.EMPLOYEE, CloseDays(APRIL, MAY), "EUR", TODAY)
            nothing = await forecast(connection, ForecastBy.ORIGIN, CloseDays(), "RUB", TODAY)
        split = [(item["month"], item["employee"], item["amount"]) for item in found.months]
        assert split == [("2026-04", SELLER.id, 1100), ("2026-05", SELLER.id, 10), ("2026-05", None, 5)]
        assert (found.undated, nothing.months, nothing.total) == ([], [], {})

    @pytest.mark.parametrize(
        ("by", "expected"),
        [
            (OutcomeBy.REASON, {None: (1, 0), "price": (0, 1), "speed": (1, 0)}),
            (OutcomeBy.STAGE, {"first_deal": (2, 0), "lead_generation": (0, 1)}),
            (OutcomeBy.ORIGIN, {"social": (1, 1), "tender": (1, 0)}),
            (OutcomeBy.EMPLOYEE, {SELLER.id: (1, 0), CLOSER.id: (1, 1)}),
            (OutcomeBy.CATEGORY, {"A": (1, 0), None: (1, 1)}),
        ],
    )
    async def test_outcomes(self, engine: AsyncEngine, by: OutcomeBy, expected: dict[Any, Any]) -> None:
        async with engine.connect() as connection:
            found = await outcomes(connection, by, Period(), None)
        assert {item[by.value]: (item["won"], item["lost"]) for item in found.items} == expected
        assert found.total["won_by_reason"] == {"": 1, "speed": 1}
        assert (found.total["lost_by_reason"], found.total["win_rate"]) == ({"price": 1}, 0.6667)
        assert found.total["amounts"] == {"EUR": {"won": 480, "lost": 60}, "RUB": {"won": 8, "lost": 0}}

    async def test_outcomes_of_a_period(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            found = await outcomes(connection, OutcomeBy.ORIGIN, Period(day(8), day(10)), "EUR")
        assert [(item["origin"], item["lost_by_reason"], item["won"]) for item in found.items] == [
            ("social", {"price": 1}, 0)
        ]
