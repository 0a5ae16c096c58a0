"""Agreements: the worklists of obligations and of approvals."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.approvals import ApprovalGiven, ApprovalRefused, ApprovalRequested
from domain.client.archive import ClientArchived
from domain.client.card import CardChanged
from domain.client.deal_events import DealChanged, DealLost, DealReopened
from domain.client.deal_reasons import LossReason
from domain.client.obligations import (
    ObligationFulfilled,
    ObligationPostponed,
    ObligationUndertaken,
    ObligationWaived,
)
from domain.client.order_events import OrderPlaced, OrderReduced, PricedLine
from domain.employee import Employee
from domain.kernel import Event
from domain.types import Step
from projections.agreed_approvals import APPROVALS
from projections.agreements import OBLIGATIONS, AgreementsView
from projections.approvals_query import ApprovalState, WantedApprovals, approvals, is_known
from projections.card import CardView
from projections.obligations_query import ObligationState, WantedObligations, obligations
from projections.paging import BadCursor, Page
from projections.period import Period
from tests.domain.facts import DEAL, OPENED, REGISTERED, WON
from tests.projections.filled import fill_with, seen
from tests.spec import CLIENT_ID, CLOSER, SELLER, Fact, at, day

VIEW = AgreementsView()
ARCHIVED = ClientArchived(step=Step.FIRST_DEAL)
LOST = DealLost(deal_id=DEAL, reason=LossReason.PRICE)
REOPENED = DealReopened(deal_id=DEAL)
ORDER = UUID(int=50)
ORDERED = OrderPlaced(order_id=ORDER, amount=Decimal(90), currency="EUR")


def undertaken(number: int, due: float, employee: Employee = SELLER) -> ObligationUndertaken:
    return ObligationUndertaken(
        obligation_id=UUID(int=number),
        deal_id=DEAL,
        text="Train",
        due_at=day(due),
        cost=Decimal(60),
        currency="EUR",
        employee_id=employee.id,
    )


def fulfilled(number: int) -> ObligationFulfilled:
    return ObligationFulfilled(obligation_id=UUID(int=number), cost=Decimal(75), comment="Done")


def waived(number: int) -> ObligationWaived:
    return ObligationWaived(obligation_id=UUID(int=number), reason="Not wanted")


def postponed(number: int, due: float) -> ObligationPostponed:
    return ObligationPostponed(obligation_id=UUID(int=number), due_at=day(due), reason="Agreed")


def row(*history: Event | Fact) -> dict[str, Any]:
    (only,) = VIEW.parts(seen(VIEW, [REGISTERED, OPENED, *history]))[OBLIGATIONS]
    return dict(zip(OBLIGATIONS.c.keys(), only, strict=True))


class TestFold:
    def test_an_obligation_undertaken_and_moved(self) -> None:
        found = row(at(day(1), undertaken(1, 5), CLOSER), at(day(2), postponed(1, 7)), at(day(3), postponed(1, 8)))
        assert (found["client_id"], found["obligation_id"], found["state"]) == (CLIENT_ID, UUID(int=1), "open")
        assert (found["undertaken_by"], found["due_at"], found["postponed"]) == (CLOSER.id, day(8), 2)

    @pytest.mark.parametrize(
        ("event", "expected"),
        [(fulfilled(1), ("fulfilled", Decimal(75), "Done")), (waived(1), ("waived", Decimal(60), "Not wanted"))],
    )
    def test_an_obligation_ended(self, event: Event, expected: tuple[Any, ...]) -> None:
        found = row(undertaken(1, 5), at(day(2), event, CLOSER))
        assert (found["state"], found["cost"], found["comment"]) == expected
        assert (found["ended_at"], found["ended_by"]) == (day(2), CLOSER.id)

    @pytest.mark.parametrize("event", [fulfilled(1), waived(1), postponed(1, 9)])
    def test_what_happens_to_an_obligation_dated_later_is_passed_over(self, event: Event) -> None:
        assert not seen(VIEW, [REGISTERED, event]).owed

    def test_it_shows_how_its_deal_stands(self) -> None:
        renamed = DealChanged(deal_id=DEAL, changed=("title",), title="Tubes")
        dearer = DealChanged(deal_id=DEAL, changed=("amount",), amount=Decimal(9))

        def deal(*history: Event) -> tuple[Any, Any]:
            found = row(undertaken(1, 5), *history)
            return found["deal_title"], found["deal_state"]

        assert deal() == deal(dearer) == ("Pipes", "open")
        assert deal(renamed, WON) == ("Tubes", "won")
        assert deal(LOST) == ("Pipes", "lost")
        assert deal(LOST, REOPENED) == ("Pipes", "open")

    def test_the_row_of_the_client(self) -> None:
        state = seen(VIEW, [REGISTERED, CardChanged(changed=("name",), name="Foundry"), ARCHIVED])
        assert VIEW.columns(state) == ("Foundry", "lead_generation", None, "archived")
        assert VIEW.columns(VIEW.start(CLIENT_ID)) is None


def story(*happened: Fact | Event) -> list[Fact | Event]:
    return [REGISTERED, OPENED, *happened]


HISTORIES = [
    (UUID(int=101), story(undertaken(1, 5), undertaken(2, 30), undertaken(3, 4, CLOSER), at(day(6), fulfilled(3)))),
    (UUID(int=102), story(undertaken(4, 3), LOST)),
    (UUID(int=103), story(undertaken(5, 3), ARCHIVED)),
    (UUID(int=104), story(undertaken(6, 6, CLOSER), WON, undertaken(7, 6), waived(7))),
]
"""Obligations 1 (due on day 5), 6 (on day 6) and 2 (on day 30) are open; 3 was fulfilled two days late."""
NOW = day(7.5)


async def test_the_worklist(engine: AsyncEngine) -> None:
    await fill_with(engine, VIEW, HISTORIES)

    async def listed(page: Page | None = None, **wanted: Any) -> list[int]:
        async with engine.connect() as connection:
            found = await obligations(connection, WantedObligations(**wanted), page or Page(), NOW)
        return [item["obligation_id"].int for item in found.items]

    assert await listed() == [1, 6, 2]
    assert await listed(breached=True) == [1, 6]
    assert await listed(breached=False) == [2]
    assert await listed(state=ObligationState.FULFILLED) == [3]
    assert await listed(state=ObligationState.WAIVED) == [7]
    assert await listed(state=ObligationState.ALL) == [4, 5, 3, 1, 6, 7, 2]
    assert await listed(employees={CLOSER.id}) == [6]
    assert await listed(step=Step.FIRST_DEAL) == []
    assert await listed(client_id=UUID(int=104), deal_id=DEAL) == [6]
    assert await listed(due=Period(day(5.5), day(6.5))) == [6]
    async with engine.connect() as connection:
        first = await obligations(connection, WantedObligations(state=ObligationState.FULFILLED), Page(), NOW)
        assert (first.items[0]["late"], first.items[0]["breached"]) == (True, False)
        page = await obligations(connection, WantedObligations(), Page(limit=2), NOW)
        assert await listed(Page(page.next_cursor, 2)) == [2]
        with pytest.raises(BadCursor):
            await obligations(connection, WantedObligations(), Page("nonsense"), NOW)


def requested(number: int) -> ApprovalRequested:
    return ApprovalRequested(
        approval_id=UUID(int=number),
        deal_id=DEAL,
        currency="EUR",
        revenue=Decimal(90),
        discount=Decimal(10),
        cost=None,
        obligations=Decimal(3),
        needed_margin_percent=Decimal(20),
        discount_limit_percent=Decimal(5),
        reason="First deal",
    )


def answered(number: int, kind: type[ApprovalGiven | ApprovalRefused] = ApprovalGiven) -> Event:
    return kind(approval_id=UUID(int=number), reason="We shall see")


def test_an_approval_is_asked_for_and_answered() -> None:
    asked = [REGISTERED, OPENED, at(day(3), requested(1), CLOSER)]

    def row(*history: Any) -> dict[str, Any]:
        (only,) = VIEW.parts(seen(VIEW, [*asked, *history]))[APPROVALS]
        return dict(zip(APPROVALS.c.keys(), only, strict=True))

    waiting = row()
    assert (waiting["requested_by"], waiting["requested_at"], waiting["state"]) == (CLOSER.id, day(3), "waiting")
    assert [waiting[name] for name in ("revenue", "discount", "cost", "obligations")] == [90, 10, None, 3]
    refused = row(at(day(4), answered(1, ApprovalRefused), SELLER))
    assert (refused["state"], refused["answered_at"], refused["answered_by"]) == ("refused", day(4), SELLER.id)
    assert (row(answered(1))["state"], row(answered(1))["answer"]) == ("given", "We shall see")
    assert not seen(VIEW, [REGISTERED, answered(1)]).asked


def test_an_order_uses_its_approval_and_no_other() -> None:
    of_order = requested(1).model_copy(update={"deal_id": None})
    placed = ORDERED.model_copy(update={"approvals": (UUID(int=1),)})
    reduced = OrderReduced(
        order_id=ORDER, lines=(), amount=Decimal(1), currency="EUR", approvals=(UUID(int=2), UUID(int=3))
    )
    history = [REGISTERED, of_order, requested(2), answered(1), answered(2)]

    def used(*events: Event) -> dict[int, tuple[str, UUID | None]]:
        return {key.int: (each.state, each.order_id) for key, each in seen(VIEW, [*history, *events]).asked.items()}

    assert used(ORDERED) == {1: ("given", None), 2: ("given", None)}
    assert used(placed) == {1: ("used", ORDER), 2: ("given", None)}
    assert used(placed, reduced) == {1: ("used", ORDER), 2: ("used", ORDER)}


def test_the_card_shows_no_approval_that_the_deal_was_not_won_on() -> None:
    given = [REGISTERED, OPENED, at(day(3), requested(1), CLOSER), at(day(4), answered(1))]
    assert seen(CardView(), given).agreements.approvals[DEAL].state == "given"
    assert not seen(CardView(), [*given, WON]).agreements.approvals
    approved = WON.model_copy(update={"discount_approved_by": SELLER.id})
    assert seen(CardView(), [*given, approved]).agreements.approvals[DEAL].state == "given"


async def test_the_approvals_of_orders_say_what_is_wanted_and_what_became_of_it(engine: AsyncEngine) -> None:
    line = PricedLine(article="BROOM", quantity=Decimal(10), price=Decimal(9), list_price=Decimal(10))
    of_order = {"deal_id": None, "goods_list_price": Decimal(100)}
    whole, by_line = (requested(number).model_copy(update=of_order) for number in (1, 2))
    by_line = by_line.model_copy(update={"lines": (line,)})
    placed = ORDERED.model_copy(update={"approvals": (UUID(int=1),)})
    events = [requested(3), whole, by_line, answered(1), placed]
    await fill_with(engine, VIEW, [(CLIENT_ID, story(*(at(day(n), event) for n, event in enumerate(events, 1))))])

    async def listed(**wanted: Any) -> list[dict[str, Any]]:
        async with engine.connect() as connection:
            return (await approvals(connection, WantedApprovals(**wanted, of_orders=True), Page())).items

    used, waiting = await listed(state=ApprovalState.ALL)
    assert (used["lines"], used["deal_title"], used["goods_list_price"]) == ([], None, 100)
    assert waiting["lines"] == [{"article": "BROOM", "quantity": "10", "price": "9", "cost": None, "list_price": "10"}]
    assert [each["approval_id"].int for each in await listed(state=ApprovalState.USED)] == [1]
    assert await listed(state=ApprovalState.GIVEN) == []
    async with engine.connect() as connection:
        assert [await is_known(connection, key) for key in (CLIENT_ID, DEAL)] == [True, False]


async def test_the_approvals_that_wait(engine: AsyncEngine) -> None:
    histories = [
        (UUID(int=101), story(at(day(2), requested(1), CLOSER), at(day(1), requested(2)), requested(3), answered(3))),
        (UUID(int=102), story(requested(4), LOST)),
        (UUID(int=103), story(requested(5), ARCHIVED)),
        (UUID(int=104), story(requested(6), answered(6, ApprovalRefused))),
    ]
    await fill_with(engine, VIEW, histories)

    async def listed(page: Page | None = None, **wanted: Any) -> list[int]:
        async with engine.connect() as connection:
            found = await approvals(connection, WantedApprovals(**wanted), page or Page())
        return [item["approval_id"].int for item in found.items]

    assert await listed() == [2, 1]
    assert await listed(state=ApprovalState.GIVEN) == [3]
    assert await listed(state=ApprovalState.REFUSED) == [6]
    assert await listed(state=ApprovalState.ALL) == [3, 4, 5, 6, 2, 1]
    assert await listed(employees={CLOSER.id}) == [1]
    assert await listed(client_id=UUID(int=102), state=ApprovalState.ALL) == [4]
    assert await listed(deal_id=UUID(int=9)) == []
    assert await listed(requested=Period(day(1.5), day(3))) == [1]
    with pytest.raises(BadCursor):
        await listed(Page("nonsense"))
