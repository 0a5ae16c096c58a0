"""Orders of free articles are placed and cancelled."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.client.deal_events import DealOpened, DealWon
from domain.client.order_changes import CancelOrder
from domain.client.order_events import (
    OrderCancelled,
    OrderPlaced,
)
from domain.client.order_lines import OrderLine
from domain.client.ordering import PlaceOrder
from domain.client.qualification import ClientDisqualified, DisqualificationReason
from domain.types import Step
from tests.domain.facts import DEAL, IN_SERVICE, ORDER, SECOND_DEAL, WITH_WON_DEAL
from tests.spec import Refusal, at, day, given, new, refusal

PLACE = PlaceOrder(amount=Decimal(100), currency="EUR")
PLACED = OrderPlaced(order_id=ORDER, amount=Decimal(100), currency="EUR")
CANCELLED = OrderCancelled(order_id=ORDER)
GIVEN_UP = ClientDisqualified(step=Step.ACCOUNT_SERVICE, reason=DisqualificationReason.PRICE)
OPEN_DEAL = DealOpened(deal_id=SECOND_DEAL, step=Step.ACCOUNT_SERVICE, amount=Decimal(1), currency="EUR")
SERVED = given(*IN_SERVICE)
WITH_OPEN_DEAL = given(*IN_SERVICE, at(day(9), OPEN_DEAL))
WITH_ORDER = given(*IN_SERVICE, at(day(10), PLACED))
OF_DEAL = OrderPlaced(order_id=ORDER, amount=Decimal(801), currency="EUR", deal_id=DEAL)
WITH_ORDER_OF_DEAL = given(*IN_SERVICE, at(day(10), OF_DEAL))
FREE = DealWon(
    deal_id=SECOND_DEAL, step=Step.ACCOUNT_SERVICE, revenue=Decimal(), cost=Decimal(3), currency="EUR"
)  # fmt: skip
WITH_FREE_DEAL = given(*IN_SERVICE, at(day(9), OPEN_DEAL), at(day(10), FREE))
WITHOUT_ORDER = given(*IN_SERVICE, at(day(10), PLACED), at(day(11), CANCELLED))


def order(**changes: Any) -> PlaceOrder:
    return PLACE.model_copy(update=changes)


REFUSALS = [
    refusal("wrong_step", given(*WITH_WON_DEAL), PLACE, {"step": Step.FIRST_DEAL}),
    refusal("unknown_deal", SERVED, order(deal_id=SECOND_DEAL)),
    refusal("deal_not_won", WITH_OPEN_DEAL, order(deal_id=SECOND_DEAL), {"state": "open"}),
    refusal("wrong_currency", SERVED, order(deal_id=DEAL, currency="USD"), {"needed": "EUR"}),
    refusal(
        "order_exceeds_deal",
        SERVED,
        order(deal_id=DEAL, amount=Decimal("900.01")),
        {"revenue": 900, "ordered": 0, "amount": Decimal("900.01")},
    ),
    refusal("order_exceeds_deal", WITH_ORDER_OF_DEAL, order(deal_id=DEAL), {"ordered": 801, "amount": 100}),
    refusal("order_exceeds_deal", WITH_FREE_DEAL, order(deal_id=SECOND_DEAL), {"revenue": 0}),
    refusal("before_its_cause", SERVED, order(occurred_at=day(7)), {"since": day(8)}),
    refusal("client_disqualified", given(*IN_SERVICE, GIVEN_UP), PLACE),
    refusal("unknown_order", SERVED, CancelOrder(order_id=ORDER)),
    refusal("order_cancelled", WITHOUT_ORDER, CancelOrder(order_id=ORDER)),
    refusal("before_its_cause", WITH_ORDER, CancelOrder(order_id=ORDER, occurred_at=day(9))),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def line(quantity: str, price: str, cost: str | None = None) -> OrderLine:
    return OrderLine(
        text="Welding", quantity=Decimal(quantity), price=Decimal(price), cost=None if cost is None else Decimal(cost)
    )


@pytest.mark.parametrize(
    ("lines", "amount", "cost"),
    [
        ([line("3", "10", "6"), line("0.5", "3", "2")], "31.50", "19.00"),
        ([line("3", "10", "6"), line("1", "1")], "31.00", None),
        ([line("0.333", "0.0001", "0.0001")], "0.00", "0.00"),
        ([line("0.5", "0.0001")], "0.0001", None),
        ([line("1", "0")], "0.00", None),
    ],
)
def test_an_order_sums_up_its_lines(lines: list[OrderLine], amount: str, cost: str | None) -> None:
    (made,) = SERVED.when(PlaceOrder(lines=tuple(lines), currency="EUR")).events()
    assert isinstance(made, OrderPlaced)
    assert (str(made.amount), None if made.cost is None else str(made.cost)) == (amount, cost)


def test_the_cost_of_the_whole_order_stands_for_lines_without_any() -> None:
    command = PlaceOrder(lines=(line("1", "10"),), cost=Decimal(7), currency="EUR")
    (made,) = SERVED.when(command).events()
    assert isinstance(made, OrderPlaced)
    assert made.cost == Decimal(7)


def test_an_order_is_placed() -> None:
    client = SERVED.when(order(number="A-1", deal_id=DEAL)).then(
        OrderPlaced(order_id=new(1), number="A-1", amount=Decimal(100), currency="EUR", deal_id=DEAL)
    )
    assert client.last_purchase_at == day(100)


def test_the_orders_of_a_deal_may_be_worth_as_much_as_the_deal() -> None:
    client = WITH_ORDER_OF_DEAL.when(order(deal_id=DEAL, amount=Decimal(99))).after()
    assert client.realised == {"EUR": 900}


def test_a_cancelled_order_leaves_its_part_of_the_deal_to_others() -> None:
    cancelled = given(*IN_SERVICE, at(day(10), OF_DEAL), at(day(11), CANCELLED))
    cancelled.when(order(deal_id=DEAL, amount=Decimal(900))).after()


def test_what_goes_beyond_the_deal_is_an_order_of_its_own() -> None:
    assert WITH_FREE_DEAL.when(order(amount=Decimal(10_000))).after().realised == {"EUR": 10_900}


def test_a_cancelled_order_is_no_purchase() -> None:
    client = WITH_ORDER.when(CancelOrder(order_id=ORDER, reason="")).then(CANCELLED)
    assert client.last_purchase_at == day(6)


HUGE = {"text": "Welding", "quantity": "999999999", "price": "999999999999"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"lines": []},
        {"amount": "1", "lines": [{"text": "Welding", "quantity": "1", "price": "1"}]},
        {"lines": [{"text": "Welding", "quantity": "0", "price": "1"}]},
        {"lines": [{"text": "Welding", "quantity": "1", "price": "NaN"}]},
        {"lines": [{"text": "Welding", "quantity": "1"}]},
        {"lines": [{"text": "Welding", "quantity": "1", "price": "1", "promised": "now"}]},
        {"lines": [{"text": "Welding", "quantity": "1", "price": "1", "colour": "red"}]},
        {"lines": [{"quantity": "1", "price": "1"}]},
        {"lines": [{"text": "Welding", "article": "PIPE", "quantity": "1", "price": "1"}]},
        {"lines": [{"text": "Welding", "warehouse": "main", "quantity": "1", "price": "1"}]},
        {"lines": [{"text": "Welding", "quantity": "1", "price": "9", "cost": "8"}], "cost": "1"},
        {"lines": [HUGE]},
        {"lines": [HUGE] * 1000},
        {"lines": [HUGE] * 1001},
        {"lines": [{"text": "Welding", "quantity": "1", "price": "0", "cost": "999999999999"}] * 2},
    ],
)
def test_malformed_orders(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PlaceOrder.model_validate({"currency": "EUR", **body})
