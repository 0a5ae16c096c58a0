"""Terms beyond the rules: asked for, answered by a head, and used for nothing worse."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.client.approvals import (
    ApprovalGiven,
    ApprovalRefused,
    ApprovalRequested,
    GiveApproval,
    RefuseApproval,
    RequestApproval,
)
from domain.client.deal_events import DealLost, DealWon
from domain.client.deal_reasons import LossReason
from domain.client.deals import ChangeDeal, OpenDeal, WinDeal
from domain.kernel import Command, Refused
from domain.regulation.discounts import DiscountLimit, DiscountRules
from domain.types import Role
from tests.domain.facts import APPROVAL, DEAL, IN_FIRST_DEAL, WITH_DEAL, WITH_OBLIGATION
from tests.spec import CLOSER, HEAD, Fact, Given, Refusal, at, day, given, new, refusal, rules

SELLING = replace(CLOSER, roles=frozenset({Role.CLOSING_MANAGER}))
LIMITS = DiscountRules(limits=(DiscountLimit(role=Role.CLOSING_MANAGER, percent=Decimal(5)),))
RULES = rules(minimum_margin_percent=Decimal(20), discount_rules=LIMITS)
BY_RULES: dict[str, Any] = {"regulation": RULES, "by": SELLING}

ASK = RequestApproval(
    deal_id=DEAL, revenue=Decimal(900), discount=Decimal(100), cost=Decimal(700), reason="Opens the whole group"
)
REQUESTED = ApprovalRequested(
    approval_id=APPROVAL,
    deal_id=DEAL,
    currency="EUR",
    revenue=Decimal(900),
    discount=Decimal(100),
    cost=Decimal(700),
    obligations=Decimal(60),
    needed_margin_percent=Decimal(20),
    discount_limit_percent=Decimal(5),
    reason="Opens the whole group",
)
GIVE, REFUSE = (kind(approval_id=APPROVAL, reason="We shall see") for kind in (GiveApproval, RefuseApproval))
GIVEN = ApprovalGiven(approval_id=APPROVAL, reason="We shall see")
REFUSED = ApprovalRefused(approval_id=APPROVAL, reason="We shall see")
ASKED = (*WITH_OBLIGATION, at(day(7), REQUESTED, CLOSER))
APPROVED = (*ASKED, at(day(8), GIVEN, HEAD))
DENIED = (*ASKED, at(day(8), REFUSED, HEAD))
LOST = at(day(9), DealLost(deal_id=DEAL, reason=LossReason.PRICE))
WIN = WinDeal(deal_id=DEAL, revenue=Decimal(900), cost=Decimal(700), discount=Decimal(100))
DISCOUNTED = OpenDeal(amount=Decimal(90), discount=Decimal(10), currency="EUR")
CHANGE = ChangeDeal(deal_id=DEAL, discount=Decimal(100))


def changed(command: Command, **fields: Any) -> Any:
    return command.model_copy(update=fields)


REFUSALS = [
    refusal("unknown_deal", given(*IN_FIRST_DEAL), ASK, **BY_RULES),
    refusal("deal_not_open", given(*WITH_DEAL, LOST), ASK, **BY_RULES),
    refusal("before_its_cause", given(*WITH_DEAL), changed(ASK, occurred_at=day(4.5)), **BY_RULES),
    refusal("approval_not_needed", given(*WITH_DEAL), ASK, {"discount_limit_percent": None}),
    refusal(
        "approval_not_needed",
        given(*WITH_DEAL),
        changed(ASK, cost=None, revenue=Decimal(960), discount=Decimal(40)),
        **BY_RULES,
    ),
    *[
        row
        for command in (GIVE, REFUSE)
        for row in (
            refusal("unknown_approval", given(*WITH_DEAL), command, {"approval_id": APPROVAL}, by=HEAD),
            refusal("approval_answered", given(*APPROVED), command, {"state": "given"}, by=HEAD),
            refusal("approval_answered", given(*DENIED), command, {"state": "refused"}, by=HEAD),
            refusal("deal_not_open", given(*ASKED, LOST), command, {"state": "lost"}, by=HEAD),
            refusal("before_its_cause", given(*ASKED), changed(command, occurred_at=day(6.5)), by=HEAD),
        )
    ],
    refusal(
        "discount_above_limit",
        given(*IN_FIRST_DEAL),
        DISCOUNTED,
        {"discount": Decimal(10), "discount_percent": Decimal(10), "discount_limit_percent": Decimal(5)},
        **BY_RULES,
    ),
    refusal("approval_required", given(*WITH_DEAL), CHANGE, {"discount_percent": Decimal("9.09")}, **BY_RULES),
    refusal(
        "approval_required",
        given(*WITH_OBLIGATION),
        WIN,
        {
            "profit": Decimal(140),
            "margin_percent": Decimal("15.56"),
            "needed_margin_percent": Decimal(20),
            "discount_percent": Decimal(10),
            "discount_limit_percent": Decimal(5),
        },
        **BY_RULES,
    ),
    refusal("approval_required", given(*ASKED), WIN, **BY_RULES),
    refusal("approval_required", given(*DENIED), WIN, **BY_RULES),
    refusal("approval_required", given(*APPROVED), changed(WIN, occurred_at=day(7.5)), **BY_RULES),
    refusal("approval_required", given(*APPROVED), changed(CHANGE, occurred_at=day(7.5)), **BY_RULES),
    refusal("approval_required", given(*APPROVED), changed(WIN, revenue=Decimal(899)), **BY_RULES),
    refusal("approval_required", given(*APPROVED), changed(WIN, cost=Decimal(701)), **BY_RULES),
    refusal("approval_required", given(*APPROVED), changed(WIN, discount=Decimal(101)), **BY_RULES),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def of(*history: Any) -> Given[Any]:
    return given(*history)


def test_asked_for_with_the_obligations_as_they_stand_and_the_rules_in_force() -> None:
    of(*WITH_OBLIGATION).when(ASK, **BY_RULES).then(REQUESTED.model_copy(update={"approval_id": new(1)}))


def test_what_is_not_said_is_as_the_deal_has_it() -> None:
    asked = RequestApproval(deal_id=DEAL, cost=Decimal(990), reason="To get in")
    (made,) = of(*WITH_DEAL).when(asked, **BY_RULES).events()
    assert isinstance(made, ApprovalRequested)
    assert (made.revenue, made.discount, made.cost, made.obligations) == (1000, 0, 990, 0)


@pytest.mark.parametrize(("command", "event"), [(GIVE, GIVEN), (REFUSE, REFUSED)])
def test_a_head_answers_with_a_reason(command: Command, event: Any) -> None:
    of(*ASKED).when(command, by=HEAD).then(event)


def test_won_on_the_very_terms_that_were_approved_and_on_better_ones() -> None:
    for better in ({}, {"revenue": Decimal(950)}, {"cost": Decimal(650)}, {"discount": Decimal(60)}):
        (won,) = of(*APPROVED).when(changed(WIN, **better), **BY_RULES).events()
        assert isinstance(won, DealWon)
        assert won.discount_approved_by == HEAD.id
    (won,) = of(*APPROVED).when(WIN, **BY_RULES).events()
    assert isinstance(won, DealWon)
    assert (won.margin_approved_by, won.needed_margin_percent, won.discount_limit_percent) == (HEAD.id, 20, 5)


def test_another_obligation_makes_the_terms_worse() -> None:
    more = REQUESTED.model_copy(update={"obligations": Decimal(59)})
    history = (*WITH_OBLIGATION, at(day(7), more, CLOSER), at(day(8), GIVEN, HEAD))
    with pytest.raises(Refused) as raised:
        of(*history).when(WIN, **BY_RULES).events()
    assert (raised.value.code, "discount" in raised.value.facts) == ("approval_required", False)


def test_an_approval_of_the_discount_does_not_cover_the_margin() -> None:
    discount_only = REQUESTED.model_copy(update={"cost": None})
    history: tuple[Fact, ...] = (at(day(7), discount_only, CLOSER), at(day(8), GIVEN, HEAD))
    with pytest.raises(Refused) as raised:
        of(*WITH_DEAL, *history).when(WIN.model_copy(update={"cost": Decimal(800)}), **BY_RULES).events()
    assert ("profit" in raised.value.facts, "discount" in raised.value.facts) == (True, False)
    (won,) = of(*WITH_DEAL, *history).when(changed(WIN, cost=Decimal(500)), **BY_RULES).events()
    assert isinstance(won, DealWon)
    assert (won.margin_approved_by, won.discount_approved_by) == (None, HEAD.id)


def test_an_approval_is_for_its_own_deal() -> None:
    other = REQUESTED.model_copy(update={"deal_id": new(9)})
    history = (*WITH_OBLIGATION, at(day(7), other, CLOSER), at(day(8), GIVEN, HEAD))
    with pytest.raises(Refused, match="approval_required"):
        of(*history).when(WIN, **BY_RULES).events()


def test_a_deal_is_changed_as_approved_and_what_stands_may_stay() -> None:
    approved = of(*APPROVED).when(changed(CHANGE, amount=Decimal(900)), **BY_RULES).after()
    assert approved.deals.by_id[DEAL].discount == 100
    within = of(*WITH_DEAL).when(changed(CHANGE, discount=Decimal(50)), **BY_RULES).after()
    assert within.deals.by_id[DEAL].discount == 50
    retitled = Given(approved).when(ChangeDeal(deal_id=DEAL, title="Tubes"), **BY_RULES).after()
    less = Given(retitled).when(ChangeDeal(deal_id=DEAL, discount=Decimal(80)), **BY_RULES).after()
    assert less.deals.by_id[DEAL].discount == 80


def test_without_a_discount_of_its_own_a_deal_is_won_with_what_it_has() -> None:
    client = of(*WITH_DEAL).when(changed(CHANGE, amount=Decimal(950), discount=Decimal(50)), **BY_RULES).after()
    (won,) = Given(client).when(WinDeal(deal_id=DEAL, cost=Decimal(500)), **BY_RULES).events()
    assert isinstance(won, DealWon)
    assert (won.revenue, won.discount, won.implied_discount, won.discount_approved_by) == (950, 50, 0, None)
