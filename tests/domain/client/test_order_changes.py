"""What stands of an order after parts of it are cancelled is judged, so that it gives no more than was allowed."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.client.approvals import ApprovalGiven
from domain.client.order_changes import CancelOrder, PartOfLine
from domain.client.order_events import LinePart, OrderCancelled, OrderPlaced, OrderReduced, OrderShipped, PlacedLine
from domain.client.state import Client
from domain.regulation.discounts import VolumeStep
from tests.domain.client.test_order_terms import BY_RULES, LIMITS, REQUESTED
from tests.domain.facts import APPROVAL, IN_SERVICE, ORDER, SHIPMENT
from tests.spec import HEAD, MANAGER, Given, Refusal, at, day, given, refusal, rules

ASKED_BEFORE = (at(day(8), REQUESTED, MANAGER), at(day(9), ApprovalGiven(approval_id=APPROVAL, reason="Well"), HEAD))


def brooms(price: str, quantity: str, cost: str | None = None) -> PlacedLine:
    """Brooms, of which one is 10 on the list."""
    return PlacedLine(
        article="BROOM",
        quantity=Decimal(quantity),
        price=Decimal(price),
        cost=None if cost is None else Decimal(cost),
        list_price=Decimal(10),
    )


def placed(*lines: PlacedLine) -> OrderPlaced:
    costs = [line.cost * line.quantity for line in lines if line.cost is not None]
    return OrderPlaced(
        order_id=ORDER,
        lines=lines,
        amount=sum((line.price * line.quantity for line in lines), Decimal()),
        cost=sum(costs, Decimal()) if len(costs) == len(lines) else None,
        currency="EUR",
    )


def ordered(*lines: PlacedLine, before: tuple[Any, ...] = ()) -> Given[Client]:
    return given(*IN_SERVICE, *before, at(day(10), placed(*lines), MANAGER))


def cancel(line: int, quantity: str) -> CancelOrder:
    return CancelOrder(order_id=ORDER, lines=(PartOfLine(line=line, quantity=Decimal(quantity)),))


GIFT = (brooms("0", "10"), brooms("10", "990"))
GIFT_IS_SENT = given(
    *IN_SERVICE,
    at(day(10), placed(*GIFT), MANAGER),
    OrderShipped(
        shipment_id=SHIPMENT,
        order_id=ORDER,
        lines=(LinePart(line=1, quantity=Decimal(10)),),
        amount=Decimal(),
        currency="EUR",
    ),
)
BY_VOLUME = LIMITS.model_copy(
    update={
        "volume_steps": (VolumeStep(currency="EUR", from_amount=Decimal(10_000), percent=Decimal(12)),),
    }
)

REFUSALS = [
    refusal(
        "approval_required",
        ordered(*GIFT),
        cancel(2, "990"),
        {"discount": 100, "discount_percent": 100, "discount_limit_percent": 5},
        **BY_RULES,
    ),
    refusal("approval_required", GIFT_IS_SENT, CancelOrder(order_id=ORDER), {"discount_percent": 100}, **BY_RULES),
    refusal(
        "approval_required",
        ordered(brooms("8.80", "1000")),
        cancel(1, "990"),
        {"discount_percent": 12, "discount_limit_percent": 5},
        **BY_RULES | {"regulation": rules(discount_rules=BY_VOLUME)},
    ),
    refusal(
        "approval_required",
        ordered(brooms("10", "10", "9"), brooms("10", "10", "1")),
        cancel(2, "9"),
        {"margin_percent": Decimal("17.27"), "needed_margin_percent": 20},
        **BY_RULES,
    ),
    refusal("approval_required", ordered(brooms("8", "5"), brooms("10", "5")), cancel(2, "1"), **BY_RULES),
    refusal(
        "approval_required",
        ordered(brooms("8", "10"), brooms("10", "30"), before=ASKED_BEFORE),
        cancel(2, "30"),
        {"discount": 20},
        **BY_RULES,
    ),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def reduced(stream: Given[Client], command: CancelOrder, **context: Any) -> OrderReduced:
    (event,) = stream.when(command, **BY_RULES | context).events()
    assert isinstance(event, OrderReduced)
    return event


def test_the_whole_order_may_be_cancelled_whatever_it_gave() -> None:
    assert ordered(*GIFT).when(CancelOrder(order_id=ORDER), **BY_RULES).events() == [OrderCancelled(order_id=ORDER)]


def test_less_of_the_same_terms_is_no_worse() -> None:
    """The order was approved; what stands of it gives no larger share and leaves no smaller one."""
    assert reduced(ordered(brooms("8", "10", "9")), cancel(1, "7")).approvals == ()
    assert reduced(ordered(*GIFT), cancel(1, "10")).amount == 0
    assert reduced(ordered(*GIFT), cancel(2, "790")).approvals == ()


def test_an_approval_of_what_stands_is_used_up() -> None:
    stream = ordered(brooms("9", "10"), brooms("10", "10"), before=ASKED_BEFORE)
    event = reduced(stream, cancel(2, "10"))
    assert event.approvals == (APPROVAL,)
    assert stream.when(cancel(2, "10"), **BY_RULES).after().approvals.by_id[APPROVAL].used


@for_all(st.integers(0, 1_000), st.integers(1, 20), st.integers(0, 20), st.integers(0, 1_000))
def test_no_way_of_cancelling_leaves_more_given_than_the_limit(cents: int, few: int, more: int, gone: int) -> None:
    """A few brooms for less, in cents, and as many for the 1,000 of the list as the limit of 5 % needs, or `more`."""
    given_away = (1_000 - cents) * few
    enough = max(-(-given_away * 100 // 5_000) - few, 0) + more + 1
    gone = gone % enough + 1
    stream = ordered(brooms(str(Decimal(cents) / 100), str(few)), brooms("10", str(enough)))
    cancelling = stream.when(cancel(2, str(gone)), **BY_RULES)
    if given_away * 100 > 5_000 * (few + enough - gone):
        cancelling.refused("approval_required")
    else:
        assert len(cancelling.events()) == 1
