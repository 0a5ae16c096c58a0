"""Discounts: won deals, and the orders that fulfil none, against the limits of the day."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.approvals import ApprovalGiven
from domain.client.card import CardChanged
from domain.client.deal_events import DealChanged, DealOpened, DealWon
from domain.client.order_events import LinePart, OrderCancelled, OrderPlaced, OrderReduced, PlacedLine
from domain.kernel import Event
from domain.types import Step
from projections.deals import DealsView
from projections.discounts import (
    ABOVE_LIMIT,
    APPROVED,
    DISCOUNTED,
    IMPLIED,
    LOWERED,
    OF_DEALS,
    WITHOUT_LIMIT,
    DiscountFigures,
    discounts,
    discounts_behind,
)
from projections.order_discounts import ORDER_DISCOUNTS
from projections.paging import BadCursor, Page
from projections.period import Period
from projections.terms_split import TermsBy, TermsQuestion, WantedTerms
from tests.domain.facts import ASSIGNED, IN_SERVICE, ORDER, REGISTERED
from tests.projections.filled import fill_with, seen
from tests.spec import CLIENT_ID, CLOSER, HEAD, MANAGER, SELLER, Fact, at, day

VIEW = DealsView()
APPROVAL, OF_MARGIN = UUID(int=0xAB3), UUID(int=0xAB4)


def line(quantity: int, price: str, list_price: str | None = "10") -> PlacedLine:
    return PlacedLine(
        article="BROOM",
        quantity=Decimal(quantity),
        price=Decimal(price),
        list_price=None if list_price is None else Decimal(list_price),
    )


def placed(*lines: PlacedLine, discount: int, order_id: UUID = ORDER, **fields: Any) -> OrderPlaced:
    amount = sum((each.quantity * each.price for each in lines), Decimal())
    said: dict[str, Any] = {"currency": "EUR", "discount_limit_percent": Decimal(5)} | fields
    return OrderPlaced(order_id=order_id, lines=lines, amount=amount, discount=Decimal(discount), **said)


def reduced(**quantities: int) -> OrderReduced:
    parts = tuple(LinePart(line=int(key[1:]), quantity=Decimal(number)) for key, number in quantities.items())
    return OrderReduced(order_id=ORDER, lines=parts, amount=Decimal(16), currency="EUR")


BROOMS = placed(line(10, "8"), line(1, "12"), line(2, "30", None), discount=20, number="17", approvals=(APPROVAL,))
GIVEN = at(day(40), ApprovalGiven(approval_id=APPROVAL, reason="Well"), HEAD)


def row(*history: Event | Fact) -> dict[str, Any] | None:
    found = VIEW.parts(seen(VIEW, IN_SERVICE, history))[ORDER_DISCOUNTS]
    return dict(zip(ORDER_DISCOUNTS.c.keys(), found[0], strict=True)) if found else None


def test_an_order_below_its_list_prices_is_known_with_its_limit_and_who_approved_it() -> None:
    assert row(GIVEN, at(day(41), BROOMS, MANAGER)) == {
        "client_id": CLIENT_ID,
        "order_id": ORDER,
        "number": "17",
        "placed_at": day(41),
        "worked_by": MANAGER.id,
        "placed_by": MANAGER.id,
        "currency": "EUR",
        "amount": 152,
        "discount_limit_percent": 5,
        "discount_approved_by": HEAD.id,
        "list_price": 110,
        "discount": 20,
        "deal_id": None,
        "given_with_deal": 0,
    }


def test_what_gives_nothing_away_is_in_no_row() -> None:
    assert row(placed(line(1, "10"), discount=0)) is None


OF_DEAL = at(day(42), BROOMS.model_copy(update={"deal_id": UUID(int=1)}), MANAGER)


@pytest.mark.parametrize(
    ("revenue", "discount", "expected"),
    [(700, 300, None), (900, 200, None), (900, 100, (11, 9)), (1000, 0, (0, 20)), (0, 0, (0, 20))],
    ids=["more", "just as much", "half as much", "nothing", "a trial"],
)
def test_what_was_given_with_the_deal_is_not_given_again(revenue: int, discount: int, expected: Any) -> None:
    found = row(*deal(1, revenue, discount), OF_DEAL)
    assert (found and (found["given_with_deal"], found["discount"])) == expected
    assert found is None or found["deal_id"] == UUID(int=1)


def test_an_approval_within_the_limit_was_for_the_margin() -> None:
    margin = at(day(40), ApprovalGiven(approval_id=OF_MARGIN, reason="Well"), HEAD)
    within = placed(line(10, "9.5"), discount=5, approvals=(OF_MARGIN,))
    found = row(margin, at(day(41), within, MANAGER))
    assert found
    assert (found["discount"], found["discount_approved_by"]) == (5, None)


def test_what_is_cancelled_gives_nothing_away() -> None:
    order = at(day(41), BROOMS, MANAGER)
    found = row(GIVEN, order, at(day(42), reduced(_1=2)))
    assert found
    assert [found[name] for name in ("amount", "list_price", "discount")] == [136, 90, 16]
    assert row(GIVEN, order, at(day(42), reduced(_1=10))) is None
    assert row(GIVEN, order, at(day(42), OrderCancelled(order_id=ORDER))) is None


def test_what_stands_above_the_limit_by_a_later_approval_is_approved() -> None:
    order = placed(line(10, "9"), line(10, "10"), discount=10)
    less = reduced(_2=10).model_copy(update={"approvals": (APPROVAL,)})
    found = row(at(day(39), order, MANAGER), GIVEN, at(day(42), less, MANAGER))
    assert found
    assert [found[name] for name in ("list_price", "discount", "discount_approved_by")] == [100, 10, HEAD.id]


def test_a_change_of_an_order_that_gives_nothing_away_changes_nothing() -> None:
    state = seen(VIEW, IN_SERVICE)
    assert seen(VIEW, IN_SERVICE, [placed(line(1, "10"), discount=0), reduced(_1=1)]) == state


def deal(number: int, revenue: int, discount: int, *changes: DealChanged, **fields: Any) -> list[Fact]:
    key, step = UUID(int=number), Step.ACCOUNT_SERVICE
    opened = DealOpened(deal_id=key, step=step, amount=Decimal(1000), currency="EUR")
    amounts = {"revenue": Decimal(revenue), "discount": Decimal(discount), "cost": Decimal(1)}
    won = DealWon(deal_id=key, step=step, currency="EUR", **amounts, **fields)
    return [at(day(41), event, CLOSER) for event in (opened, *changes, won)]


LOWER = DealChanged(deal_id=UUID(int=3), changed=("amount",), amount=Decimal(700))
LIMIT = {"discount_limit_percent": Decimal(5)}
BASE = [REGISTERED, ASSIGNED]
HISTORY = [
    *BASE,
    GIVEN,
    CardChanged(changed=("origin",), origin="tender"),
    at(day(41), BROOMS, MANAGER),
    at(day(50), placed(line(10, "9"), discount=10, order_id=UUID(int=6), **LIMIT), CLOSER),
    *deal(1, 960, 40, implied_discount=Decimal(40), **LIMIT),
    *deal(2, 900, 100),
    *deal(3, 700, 0, LOWER, **LIMIT),
    *deal(4, 1000, 0, **LIMIT),
    at(day(51), placed(line(1, "10"), discount=0, order_id=UUID(int=8)), CLOSER),
]
UNRULED = placed(line(10, "9"), discount=10, order_id=UUID(int=7), currency="USD", discount_limit_percent=None)

BEHIND: Mapping[str, Mapping[ColumnElement[bool], bool]] = {
    "deals": {OF_DEALS: True, DISCOUNTED: True},
    "orders": {OF_DEALS: False},
    "above_limit": {ABOVE_LIMIT: True},
    "approved": {APPROVED: True},
    "without_limit": {WITHOUT_LIMIT: True},
    "lowered_deals": {LOWERED: True},
}


class TestReport:
    @pytest.fixture(autouse=True)
    async def _filled(self, engine: AsyncEngine) -> None:
        other = (UUID(int=102), [*BASE, at(day(41), UNRULED, MANAGER)])
        await fill_with(engine, VIEW, [(CLIENT_ID, HISTORY), other])

    async def report(self, engine: AsyncEngine, by: TermsBy, **asked: Any) -> tuple[dict[Any, Any], dict[str, Any]]:
        async with engine.connect() as connection:
            found = await discounts(connection, TermsQuestion(by, **asked))
        return found.items, found.total

    async def listed(self, engine: AsyncEngine, asked: Mapping[ColumnElement[bool], bool], **wanted: Any) -> list[int]:
        conditions = [condition if holds else ~condition for condition, holds in asked.items()]
        async with engine.connect() as connection:
            found = await discounts_behind(connection, WantedTerms(conditions=conditions, **wanted), Page())
        return [item["id"].int for item in found.items]

    async def test_deals_and_orders_by_currency(self, engine: AsyncEngine) -> None:
        _, total = await self.report(engine, TermsBy.EMPLOYEE)
        assert total == {
            "EUR": DiscountFigures(
                deals=2,
                orders=2,
                list_price=Decimal(2210),
                discount=Decimal(170),
                above_limit=2,
                approved=1,
                excess=Decimal("19.5"),
                without_limit=1,
                implied=Decimal(40),
                lowered_deals=1,
                lowered=Decimal(300),
            ),
            "USD": DiscountFigures(orders=1, list_price=Decimal(100), discount=Decimal(10), without_limit=1),
        }
        assert total["EUR"].discount_percent == Decimal("7.69")

    @pytest.mark.parametrize(
        ("by", "expected"),
        [
            (TermsBy.ORIGIN, {("tender", "EUR"): 4, ("cold_base", "USD"): 1}),
            (TermsBy.CATEGORY, {(None, "EUR"): 4, (None, "USD"): 1}),
            (TermsBy.EMPLOYEE, {(str(SELLER.id), "EUR"): 4, (str(SELLER.id), "USD"): 1}),
        ],
    )
    async def test_splits(self, engine: AsyncEngine, by: TermsBy, expected: dict[Any, int]) -> None:
        items, total = await self.report(engine, by)
        assert {key: each.deals + each.orders for key, each in items.items()} == expected
        assert sum(each.discount for each in items.values()) == sum(each.discount for each in total.values())

    async def test_the_period_is_that_of_the_sale(self, engine: AsyncEngine) -> None:
        items, _ = await self.report(engine, TermsBy.MONTH, sold=Period(day(49), day(51)), currency="EUR")
        assert [(each.deals, each.orders, each.discount) for each in items.values()] == [(0, 1, 10)]

    @pytest.mark.parametrize("figure", sorted(BEHIND))
    async def test_every_count_can_be_opened(self, engine: AsyncEngine, figure: str) -> None:
        _, total = await self.report(engine, TermsBy.ORIGIN)
        behind = await self.listed(engine, BEHIND[figure])
        assert len(behind) == sum(getattr(each, figure) for each in total.values()) > 0

    @pytest.mark.parametrize(
        "condition", [ABOVE_LIMIT, APPROVED, WITHOUT_LIMIT, IMPLIED, LOWERED, DISCOUNTED, OF_DEALS], ids=range(7)
    )
    async def test_what_is_not_so_is_all_the_rest(self, engine: AsyncEngine, condition: ColumnElement[bool]) -> None:
        found = [await self.listed(engine, {condition: holds}) for holds in (True, False)]
        assert sorted(found[0] + found[1]) == sorted(await self.listed(engine, {}))

    async def test_what_is_behind(self, engine: AsyncEngine) -> None:
        assert await self.listed(engine, {}) == [2, 1, ORDER.int, 6, 3, 7]
        assert await self.listed(engine, {IMPLIED: True}) == [1]
        assert await self.listed(engine, {APPROVED: True}) == [ORDER.int]
        assert await self.listed(engine, {}, filters={"origin": "cold_base"}) == [7]
        assert await self.listed(engine, {}, currency="USD") == [7]

    async def test_page_by_page(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            first = await discounts_behind(connection, WantedTerms(), Page(limit=4))
            rest = await discounts_behind(connection, WantedTerms(), Page(first.next_cursor, 4))
            with pytest.raises(BadCursor):
                await discounts_behind(connection, WantedTerms(), Page("x"))
        assert [item["id"].int for item in (*first.items, *rest.items)] == [2, 1, ORDER.int, 6, 3, 7]
        assert rest.next_cursor is None


@pytest.mark.parametrize(
    ("by", "sold", "items", "total"),
    [
        (TermsBy.EMPLOYEE, Period(), [(1000, "11.00")], (1000, "11.00")),
        (TermsBy.CATEGORY, Period(), [(1000, "11.00")], (1000, "11.00")),
        (TermsBy.MONTH, Period(), [(1000, "10.00"), (0, "10.00")], (1000, "11.00")),
        (TermsBy.MONTH, Period(day(60)), [(100, "10.00")], (100, "10.00")),
    ],
    ids=["together", "of no category", "in another month", "without the deal"],
)
async def test_a_discount_is_in_per_cent_of_what_it_was_given_on(
    engine: AsyncEngine, by: TermsBy, sold: Period, items: list[tuple[int, str]], total: tuple[int, str]
) -> None:
    order = placed(line(10, "8"), discount=20, deal_id=UUID(int=1))
    await fill_with(engine, VIEW, [(CLIENT_ID, [*BASE, *deal(1, 900, 100), at(day(75), order, MANAGER)])])
    async with engine.connect() as connection:
        found = await discounts(connection, TermsQuestion(by, sold))
    shown = [(each.list_price, str(each.discount_percent)) for each in (*found.items.values(), found.total["EUR"])]
    assert shown == [*items, total]


async def test_what_an_order_gives_beyond_its_deal(engine: AsyncEngine) -> None:
    beyond = [placed(line(10, "8"), discount=20, order_id=UUID(int=n), deal_id=UUID(int=n - 10)) for n in (11, 14)]
    sold = [*BASE, *deal(1, 900, 100, **LIMIT), *deal(4, 1000, 0), *(at(day(45), each, MANAGER) for each in beyond)]
    await fill_with(engine, VIEW, [(CLIENT_ID, sold)])
    async with engine.connect() as connection:
        total = (await discounts(connection, TermsQuestion())).total
        orders = await discounts_behind(connection, WantedTerms(conditions=[~OF_DEALS]), Page())
    assert total["EUR"] == DiscountFigures(
        deals=1,
        orders=2,
        list_price=Decimal(1100),
        discount=Decimal(130),
        above_limit=3,
        excess=Decimal(75),
    )
    assert [(item["id"].int, item["discount"], item["given_with_deal"]) for item in orders.items] == [
        (14, 20, 0),
        (11, 10, 10),
    ]
