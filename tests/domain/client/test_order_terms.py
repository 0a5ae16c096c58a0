"""What an order gives away: judged as a deal is, asked for and approved in the same way, and used once."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.catalogue.articles import Article, Price
from domain.catalogue.codes import article_id, price_list_id
from domain.catalogue.price_lists import PriceList
from domain.client.approvals import ApprovalGiven, ApprovalRequested, GiveApproval
from domain.client.order_events import OrderPlaced, PricedLine
from domain.client.order_lines import OrderLine
from domain.client.ordering import PlaceOrder, RequestOrderApproval
from domain.client.state import Client
from domain.regulation.discounts import DiscountLimit, DiscountRules, LoyaltyTier, VolumeStep
from domain.types import Role
from tests.domain.client import test_ordering, test_reserving
from tests.domain.facts import APPROVAL, DEAL, IN_SERVICE, ORDER, WON
from tests.spec import CLOSER, HEAD, MANAGER, Fact, Given, Refusal, at, day, finds, given, new, refusal, rules

FIRST = day(0).date()
BROOM = Article(
    article_id("BROOM"), 1, "BROOM", "BROOM", "Broom", "piece", prices={"retail": (Price(Decimal(10), FIRST),)}
)
KNOWN = finds(replace(BROOM, stocked=False), PriceList(price_list_id("retail"), 1, "retail", "Retail", "EUR", FIRST))
LIMITS = DiscountRules(limits=(DiscountLimit(role=Role.ACCOUNT_MANAGER, percent=Decimal(5)),))
RULES = rules(minimum_margin_percent=Decimal(20), discount_rules=LIMITS)
BY_RULES: dict[str, Any] = {
    "regulation": RULES,
    "by": replace(MANAGER, roles=frozenset({Role.ACCOUNT_MANAGER})),
    "known": KNOWN,
}
SERVED = given(*IN_SERVICE)


def brooms(price: str, quantity: int = 10, cost: str | None = None) -> OrderLine:
    """Brooms, of which one is 10 on the list."""
    return OrderLine(
        article="BROOM", quantity=Decimal(quantity), price=Decimal(price), cost=None if cost is None else Decimal(cost)
    )


def sweeping(price: str) -> OrderLine:
    """What is in no catalogue, and has neither list price nor cost."""
    return OrderLine(text="Sweeping", quantity=Decimal(1), price=Decimal(price))


def order(*lines: OrderLine, **fields: Any) -> PlaceOrder:
    return PlaceOrder(lines=lines, currency="EUR", **fields)


def asked(*lines: OrderLine) -> RequestOrderApproval:
    return RequestOrderApproval(lines=lines, currency="EUR", reason="The last ones")


CHEAP = order(brooms("9"))
REQUESTED = ApprovalRequested(
    approval_id=APPROVAL,
    currency="EUR",
    revenue=Decimal(90),
    discount=Decimal(10),
    cost=None,
    obligations=Decimal(),
    needed_margin_percent=Decimal(20),
    discount_limit_percent=Decimal(5),
    goods_list_price=Decimal(100),
    lines=(PricedLine(article="BROOM", quantity=Decimal(10), price=Decimal(9), list_price=Decimal(10)),),
    reason="The last ones",
)
WITH_COST = REQUESTED.model_copy(update={"cost": Decimal(80)})
GIVEN = at(day(11), ApprovalGiven(approval_id=APPROVAL, reason="Well"), HEAD)
APPROVED = given(*IN_SERVICE, at(day(10), REQUESTED, MANAGER), GIVEN)
APPROVED_WITH_COST = given(*IN_SERVICE, at(day(10), WITH_COST, MANAGER), GIVEN)
USED = OrderPlaced(order_id=ORDER, amount=Decimal(90), discount=Decimal(10), currency="EUR", approvals=(APPROVAL,))


def of_deal(**terms: Decimal) -> Given[Client]:
    """The client in service, its deal won on these terms."""
    won = WON.model_copy(update=terms)
    return given(
        *(at(each.at, won, CLOSER) if isinstance(each, Fact) and each.event is WON else each for each in IN_SERVICE)
    )


OF_DEAL = of_deal(discount=Decimal(100))
OF_FREE_DEAL = of_deal(revenue=Decimal(), discount=Decimal())
SHOWN = {"discount": 10, "discount_percent": 10, "discount_limit_percent": 5}

_ASKED_LIKEWISE = [
    case._replace(command=RequestOrderApproval(**dict(case.command), reason="The last ones"))
    for case in (*test_ordering.REFUSALS, *test_reserving.REFUSALS)
    if isinstance(case.command, PlaceOrder) and case.code in RequestOrderApproval.refusals
]
"""What cannot be ordered by any terms cannot be asked for."""

REFUSALS = [
    *_ASKED_LIKEWISE,
    refusal("approval_required", SERVED, CHEAP, SHOWN, **BY_RULES),
    refusal("approval_required", SERVED, order(brooms("0.01")), {"discount_percent": Decimal("99.9")}, **BY_RULES),
    refusal("approval_required", SERVED, order(brooms("9"), brooms("20", 1)), {"discount": 10}, **BY_RULES),
    refusal(
        "approval_required",
        SERVED,
        order(brooms("9"), sweeping("100000")),
        SHOWN,
        **BY_RULES,
    ),
    refusal(
        "approval_required",
        SERVED,
        order(brooms("10", cost="9")),
        {"profit": 10, "margin_percent": 10, "needed_margin_percent": 20},
        **BY_RULES,
    ),
    refusal(
        "approval_required",
        SERVED,
        order(brooms("10", cost="9"), sweeping("5000")),
        {"profit": 10, "margin_percent": 10},
        **BY_RULES,
    ),
    refusal("approval_required", SERVED, PlaceOrder(amount=Decimal(10), cost=Decimal(9), currency="EUR"), **BY_RULES),
    refusal("approval_required", given(*IN_SERVICE, at(day(10), REQUESTED, MANAGER)), CHEAP, SHOWN, **BY_RULES),
    refusal("approval_required", APPROVED, CHEAP.model_copy(update={"occurred_at": day(10.5)}), SHOWN, **BY_RULES),
    refusal("approval_required", APPROVED, order(brooms("8.99")), **BY_RULES),
    refusal("approval_required", APPROVED, order(brooms("8", 5)), **BY_RULES),
    refusal("approval_required", APPROVED, order(brooms("0", 1), sweeping("100000")), {"discount": 10}, **BY_RULES),
    refusal("approval_required", APPROVED, order(brooms("9", cost="8")), {"profit": 10}, **BY_RULES),
    refusal(
        "approval_required",
        APPROVED_WITH_COST,
        order(brooms("9", cost="8.01")),
        {"needed_margin_percent": 20},
        **BY_RULES,
    ),
    refusal(
        "approval_required",
        given(*IN_SERVICE, at(day(10), REQUESTED, MANAGER), GIVEN, at(day(12), USED)),
        CHEAP,
        SHOWN,
        **BY_RULES,
    ),
    refusal(
        "approval_required",
        given(*IN_SERVICE, at(day(10), REQUESTED.model_copy(update={"currency": "USD"}), MANAGER), GIVEN),
        CHEAP,
        SHOWN,
        **BY_RULES,
    ),
    refusal("approval_required", SERVED, order(brooms("9"), deal_id=DEAL), SHOWN, **BY_RULES),
    refusal("approval_required", OF_FREE_DEAL, order(brooms("0"), deal_id=DEAL), {"discount": 100}, **BY_RULES),
    refusal("approval_not_needed", SERVED, asked(brooms("9.50")), {"discount_percent": 5}, **BY_RULES),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def placed(stream: Any, command: PlaceOrder, **context: Any) -> OrderPlaced:
    (event,) = stream.when(command, **BY_RULES | context).events()
    assert isinstance(event, OrderPlaced)
    return event


def test_within_the_limit_the_order_says_what_was_given_and_by_which_rules() -> None:
    event = placed(SERVED, order(brooms("9.50", cost="7"), brooms("12", 1, cost="7")))
    assert (event.amount, event.discount, event.approvals) == (107, 5, ())
    assert (event.discount_limit_percent, event.needed_margin_percent) == (5, 20)


@pytest.mark.parametrize(
    "more",
    [
        {"volume_steps": (VolumeStep(currency="EUR", from_amount=Decimal(100), percent=Decimal(10)),)},
        {"loyalty_tiers": (LoyaltyTier(name="Gold", currency="EUR", from_amount=Decimal(900), percent=Decimal(10)),)},
    ],
    ids=["volume", "loyalty"],
)
def test_volume_and_loyalty_are_grounds_as_for_deals(more: dict[str, Any]) -> None:
    rules_too = rules(discount_rules=LIMITS.model_copy(update=more))
    assert placed(SERVED, CHEAP, regulation=rules_too).discount_limit_percent == 10
    SERVED.when(order(brooms("8.99")), **BY_RULES | {"regulation": rules_too}).refused("approval_required")


def test_without_rules_any_price_may_be_agreed() -> None:
    event = placed(SERVED, order(brooms("0.01", cost="9")), regulation=rules())
    assert (event.discount, event.discount_limit_percent) == (Decimal("99.90"), None)


def test_an_order_of_a_deal_may_give_what_was_given_with_the_deal() -> None:
    """Its margin was judged with the deal."""
    event = placed(OF_DEAL, order(brooms("9", cost="9"), deal_id=DEAL))
    assert (event.discount, event.needed_margin_percent) == (10, None)
    OF_DEAL.when(order(brooms("8.99"), deal_id=DEAL), **BY_RULES).refused("approval_required")


def test_terms_beyond_the_rules_are_asked_for_approved_and_used_once() -> None:
    requested = REQUESTED.model_copy(update={"approval_id": new(2)})
    SERVED.when(asked(brooms("9")), **BY_RULES).then(requested)
    waiting = given(*IN_SERVICE, at(day(10), REQUESTED, MANAGER))
    waiting.when(GiveApproval(approval_id=APPROVAL, reason="Well"), by=HEAD).then(GIVEN.event)
    assert placed(APPROVED, CHEAP).approvals == (APPROVAL,)
    assert placed(APPROVED, order(brooms("9.20"))).approvals == (APPROVAL,)
    assert placed(APPROVED_WITH_COST, order(brooms("9", cost="8"))).approvals == (APPROVAL,)
    assert placed(APPROVED, order(brooms("9.50"))).approvals == ()


def test_a_head_sees_the_articles_apart_from_what_has_no_list_price() -> None:
    (requested,) = SERVED.when(asked(brooms("5"), sweeping("1900")), **BY_RULES).events()
    assert isinstance(requested, ApprovalRequested)
    assert (requested.revenue, requested.discount, requested.goods_list_price) == (1950, 50, 100)
    assert [(line.article, line.price, line.list_price) for line in requested.lines] == [
        ("BROOM", 5, 10),
        ("Sweeping", 1900, None),
    ]


def test_the_margin_of_lines_whose_cost_is_known_is_asked_for_and_covered() -> None:
    dear = order(brooms("10", cost="9"), sweeping("0"))
    (requested,) = SERVED.when(asked(*dear.lines), **BY_RULES).events()
    assert isinstance(requested, ApprovalRequested)
    assert (requested.cost, requested.costed.cost, requested.costed.margin_percent) == (None, 90, 10)
    stands = given(*IN_SERVICE, at(day(10), requested.model_copy(update={"approval_id": APPROVAL}), MANAGER), GIVEN)
    assert placed(stands, dear).approvals == (APPROVAL,)
    stands.when(order(brooms("10", cost="9.01"), sweeping("0")), **BY_RULES).refused("approval_required")
    stands.when(order(brooms("10", 9, cost="9"), sweeping("10")), **BY_RULES).refused("approval_required")


def test_an_approval_from_before_goods_were_told_apart_covers_no_less_than_the_whole() -> None:
    def then(revenue: int) -> Given[Client]:
        data = REQUESTED.model_dump(mode="json", exclude={"goods_list_price", "lines"}) | {"revenue": str(revenue)}
        event = ApprovalRequested.model_validate(ApprovalRequested.upcast(data, 2))
        return given(*IN_SERVICE, at(day(10), event, MANAGER), GIVEN)

    assert placed(then(90), CHEAP).approvals == (APPROVAL,)
    then(1090).when(order(brooms("9"), sweeping("1000")), **BY_RULES).refused("approval_required")


@for_all(st.lists(st.tuples(st.integers(0, 2_000), st.integers(1, 9)), min_size=1, max_size=5), st.integers(0, 100))
def test_no_order_gives_more_than_the_limit_and_every_amount_adds_up(lines: list[tuple[int, int]], limit: int) -> None:
    """Prices in cents, of which a broom costs 1,000 on the list."""
    regulation = rules(
        discount_rules=DiscountRules(limits=(DiscountLimit(role=Role.ACCOUNT_MANAGER, percent=Decimal(limit)),))
    )
    command = order(*(brooms(str(Decimal(cents) / 100), quantity) for cents, quantity in lines))
    listed = sum(1_000 * quantity for _, quantity in lines)
    given_away = sum(max(1_000 - cents, 0) * quantity for cents, quantity in lines)
    above = sum(max(cents - 1_000, 0) * quantity for cents, quantity in lines)
    if given_away * 100 > limit * listed:
        SERVED.when(command, **BY_RULES | {"regulation": regulation}).refused("approval_required")
    else:
        event = placed(SERVED, command, regulation=regulation)
        assert (event.discount * 100, event.amount * 100) == (given_away, listed - given_away + above)
