"""What is offered keeps to the limits of discounts, what is agreed is carried to the deal, and the win is held to it.

The proposal offers for 2,430 what is worth 3,100 at list prices: 21.61 % are given away. The deal was opened at 1,000.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.client.approvals import ApprovalGiven, ApprovalRequested, RequestApproval
from domain.client.deal_events import DealChanged, DealLost, DealWon
from domain.client.deal_reasons import LossReason
from domain.client.deals import ChangeDeal, WinDeal
from domain.client.documents import DocumentSent, SendProposal
from domain.client.proposal_answers import AcceptProposal
from domain.client.proposal_events import ProposalAccepted, ProposalSent
from domain.regulation.discounts import DiscountLimit, DiscountRules
from domain.types import Role
from tests.domain.facts import APPROVAL, DEAL, WITH_DEAL, WON
from tests.domain.papers import DRAFTED, HAS_OFFER, PROPOSAL, TEMPLATE_ID, WITH_DRAFT, WITH_SENT
from tests.spec import CLOSER, HEAD, Given, Refusal, at, day, given, new, refusal, rules

SELLING = replace(CLOSER, roles=frozenset({Role.CLOSING_MANAGER}))
RULES = rules(discount_rules=DiscountRules(limits=(DiscountLimit(role=Role.CLOSING_MANAGER, percent=Decimal(5)),)))
BY_RULES: dict[str, Any] = {"regulation": RULES, "by": SELLING}
SEND = SendProposal(proposal_id=PROPOSAL, template_id=TEMPLATE_ID, occurred_at=day(9))
ACCEPT = AcceptProposal(proposal_id=PROPOSAL, occurred_at=day(8))
ASK = RequestApproval(deal_id=DEAL, proposal_id=PROPOSAL, reason="They buy for the whole group")
WIN = WinDeal(deal_id=DEAL, cost=Decimal(600))
WITHOUT_DEAL = (*WITH_DEAL, at(day(6), DRAFTED.model_copy(update={"deal_id": None}), CLOSER))
OF_ANOTHER = (*WITH_DEAL, at(day(6), DRAFTED.model_copy(update={"deal_id": new(9)}), CLOSER))
REQUESTED = ApprovalRequested(
    approval_id=APPROVAL,
    deal_id=DEAL,
    currency="EUR",
    revenue=Decimal(2430),
    discount=Decimal(670),
    cost=None,
    obligations=Decimal(),
    needed_margin_percent=None,
    discount_limit_percent=Decimal(5),
    reason="They buy for the whole group",
)
GIVEN = (
    at(day(7), REQUESTED, CLOSER),
    at(day(8), ApprovalGiven(approval_id=APPROVAL, reason="Worth it"), HEAD),
)
ABOVE = {"discount": Decimal(670), "discount_percent": Decimal("21.61"), "discount_limit_percent": Decimal(5)}

REFUSALS = [
    refusal("approval_required", given(*WITH_DRAFT), SEND, {"deal_id": DEAL, **ABOVE}, known=HAS_OFFER, **BY_RULES),
    refusal(
        "approval_required",
        given(*WITH_DRAFT, *GIVEN),
        SEND.model_copy(update={"occurred_at": day(7.5)}),
        known=HAS_OFFER,
        **BY_RULES,
    ),
    refusal("discount_above_limit", given(*WITHOUT_DEAL), SEND, ABOVE, known=HAS_OFFER, **BY_RULES),
    refusal("unknown_proposal", given(*WITH_DEAL), ASK, **BY_RULES),
    refusal("unknown_proposal", given(*OF_ANOTHER), ASK, {"deal_id": DEAL}, **BY_RULES),
    refusal("unknown_proposal", given(*WITHOUT_DEAL), ASK, {"proposal_id": PROPOSAL}, **BY_RULES),
    refusal(
        "approval_required",
        given(*WITH_DEAL),
        WIN.model_copy(update={"revenue": Decimal(949)}),
        {"discount": Decimal(51), "discount_percent": Decimal("5.10"), "discount_limit_percent": Decimal(5)},
        **BY_RULES,
    ),
    refusal(
        "approval_required",
        given(*WITH_DEAL),
        WIN.model_copy(update={"revenue": Decimal(900), "discount": Decimal()}),
        {"discount": Decimal(100)},
        **BY_RULES,
    ),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def won(client: Given[Any], command: WinDeal = WIN, **context: Any) -> DealWon:
    """How the deal is won."""
    (event,) = client.when(command, **(context or BY_RULES)).events()
    assert isinstance(event, DealWon)
    return event


def test_a_proposal_is_sent_within_the_limit_or_as_a_head_approved() -> None:
    sent = (DocumentSent, ProposalSent)
    for history, context in (
        ((*WITH_DRAFT, *GIVEN), BY_RULES),
        (WITH_DRAFT, BY_RULES | {"regulation": rules()}),
        (WITHOUT_DEAL, BY_RULES | {"regulation": rules()}),
    ):
        made = given(*history).when(SEND, known=HAS_OFFER, **context).events()
        assert tuple(map(type, made)) == sent


def test_what_a_proposal_gives_away_is_asked_for_without_naming_it() -> None:
    given(*WITH_DRAFT).when(ASK, **BY_RULES).then(REQUESTED.model_copy(update={"approval_id": new(1)}))
    with pytest.raises(ValidationError, match="not both"):
        RequestApproval(deal_id=DEAL, proposal_id=PROPOSAL, revenue=Decimal(1), reason="x")


def test_the_deal_is_what_the_client_agreed_to_and_is_won_on_these_terms() -> None:
    """Nothing is named at the win; the approval that the proposal was sent with covers it."""
    agreed = Given(given(*WITH_SENT, *GIVEN).when(AcceptProposal(proposal_id=PROPOSAL, occurred_at=day(9))).after())
    deal = agreed.state.deals.by_id[DEAL]
    assert (deal.amount, deal.discount, deal.list_price, deal.since) == (2430, 670, 3100, day(9))
    event = won(agreed)
    assert (event.revenue, event.discount, event.implied_discount) == (2430, 670, 0)
    assert (event.discount_limit_percent, event.discount_approved_by) == (5, HEAD.id)


def test_an_acceptance_is_recorded_whatever_the_limits_but_the_win_is_held_to_them() -> None:
    """The client agreed: that is a fact, though the rules changed since the proposal was sent."""
    agreed = Given(given(*WITH_SENT).when(ACCEPT, **BY_RULES).after())
    refusal("approval_required", agreed, WIN, ABOVE, **BY_RULES).check()


@pytest.mark.parametrize(
    "happened",
    [
        DealLost(deal_id=DEAL, reason=LossReason.PRICE),
        WON,
        DealChanged(deal_id=DEAL, changed=("amount",), amount=Decimal(2000)),
    ],
    ids=["lost", "won", "changed after the client agreed"],
)
def test_a_deal_that_is_closed_or_was_changed_since_stays_as_it_is(happened: Any) -> None:
    history = (*WITH_SENT, at(day(8.5), happened))
    made = given(*history).when(ACCEPT).events()
    assert made == [ProposalAccepted(proposal_id=PROPOSAL, revision=1)]


def test_a_revenue_below_the_amount_is_a_discount_though_nobody_names_it() -> None:
    event = won(given(*WITH_DEAL), WIN.model_copy(update={"revenue": Decimal(950)}))
    assert (event.discount, event.implied_discount, event.discount_limit_percent) == (50, 50, 5)
    partly = WIN.model_copy(update={"revenue": Decimal(950), "discount": Decimal(20)})
    event = won(given(*WITH_DEAL), partly)
    assert (event.discount, event.implied_discount) == (50, 30)


def test_a_revenue_above_the_amount_is_none() -> None:
    event = won(given(*WITH_DEAL), WIN.model_copy(update={"revenue": Decimal(1100)}))
    assert (event.discount, event.implied_discount) == (0, 0)
    named = WIN.model_copy(update={"revenue": Decimal(1100), "discount": Decimal(40)})
    assert won(given(*WITH_DEAL), named).discount == 40


def test_what_was_changed_before_is_the_amount_that_the_win_is_held_to() -> None:
    changed = given(*WITH_DEAL).when(ChangeDeal(deal_id=DEAL, amount=Decimal(800)), **BY_RULES).after()
    event = won(Given(changed))
    assert (event.revenue, event.discount, event.implied_discount) == (800, 0, 0)


def test_an_implied_discount_is_approved_as_one_that_is_named() -> None:
    asked = RequestApproval(deal_id=DEAL, revenue=Decimal(900), reason="To get in")
    (requested,) = given(*WITH_DEAL).when(asked, **BY_RULES).events()
    assert isinstance(requested, ApprovalRequested)
    assert requested.discount == 100
    approval = at(day(8), ApprovalGiven(approval_id=new(1), reason="Worth it"), HEAD)
    event = won(given(*WITH_DEAL, at(day(7), requested), approval), WIN.model_copy(update={"revenue": Decimal(900)}))
    assert (event.discount, event.discount_approved_by) == (100, HEAD.id)
