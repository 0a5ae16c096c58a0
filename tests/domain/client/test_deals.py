"""Deals."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from pydantic import ValidationError

from domain.client.deal_events import DealChanged, DealLost, DealOpened, DealReopened
from domain.client.deal_reasons import LossReason
from domain.client.deals import ChangeDeal, LoseDeal, OpenDeal, ReopenDeal, WinDeal
from domain.client.qualification import ClientDisqualified, DisqualificationReason
from domain.kernel import Command
from domain.regulation.step_rules import StepRules
from domain.types import Step
from tests.domain.facts import (
    DEAL,
    IN_FIRST_DEAL,
    IN_SERVICE,
    LEAD,
    OPENED,
    SECOND_DEAL,
    WITH_DEAL,
    WITH_WON_DEAL,
    WON,
    accepted,
    offered,
)
from tests.spec import CLOSER, Given, Refusal, at, day, given, new, refusal, rules

OPEN = OpenDeal(title="Pipes", amount=Decimal(1000), currency="EUR")
WIN = WinDeal(deal_id=DEAL, revenue=Decimal(900), cost=Decimal(600))
CHANGE = ChangeDeal(deal_id=DEAL, amount=Decimal(1500))
LOSE = LoseDeal(deal_id=DEAL, reason=LossReason.PRICE)
REOPEN = ReopenDeal(deal_id=DEAL)
LOST = DealLost(deal_id=DEAL, reason=LossReason.PRICE)
SECOND = OPENED.model_copy(update={"deal_id": SECOND_DEAL})
CHANGED = DealChanged(deal_id=DEAL, changed=("amount", "title"), amount=Decimal(1500))
WITH_CHANGED_DEAL = (*WITH_DEAL, at(day(7), CHANGED))
WITH_LOST_DEAL = (*WITH_DEAL, at(day(6), LOST))
WITH_TWO = (*WITH_DEAL, at(day(5), SECOND))
BELOW = WON.model_copy(update={"discount": Decimal(100), "implied_discount": Decimal(100)})
"""It was opened at 1,000."""
WIN_SECOND = WIN.model_copy(update={"deal_id": SECOND_DEAL})
TWO_ALLOWED = rules(steps={Step.FIRST_DEAL: StepRules(max_deals_before_handoff=2)})
GIVEN_UP = ClientDisqualified(step=Step.FIRST_DEAL, reason=DisqualificationReason.PRICE)
BACK_IN_LEADS = (
    *IN_SERVICE,
    at(day(9), OPENED.model_copy(update={"deal_id": SECOND_DEAL, "step": Step.ACCOUNT_SERVICE})),
    offered(Step.LEAD_GENERATION, None, from_step=Step.ACCOUNT_SERVICE, handoff_id=new(9), on=day(80)),
    accepted(Step.LEAD_GENERATION, CLOSER, from_step=Step.ACCOUNT_SERVICE, handoff_id=new(9), on=day(81)),
)


def occurring(command: Command, on: float) -> Command:
    return command.model_copy(update={"occurred_at": day(on)})


REFUSALS = [
    refusal("wrong_step", given(*LEAD), OPEN, {"step": Step.LEAD_GENERATION}),
    refusal("handoff_due", given(*WITH_WON_DEAL), OPEN, {"won": 1, "max_deals_before_handoff": 1}),
    refusal("before_its_cause", given(*IN_FIRST_DEAL), occurring(OPEN, 3), {"since": day(4)}),
    refusal("client_disqualified", given(*IN_FIRST_DEAL, GIVEN_UP), OPEN),
    refusal("unknown_deal", given(*IN_FIRST_DEAL), WIN),
    refusal("deal_not_open", given(*WITH_WON_DEAL), WIN, {"state": "won"}),
    refusal("deal_not_open", given(*WITH_LOST_DEAL), WIN, {"state": "lost"}),
    refusal("deal_not_open", given(*WITH_LOST_DEAL), occurring(WIN, 5.5)),
    refusal("wrong_step", given(*BACK_IN_LEADS), WIN_SECOND),
    refusal("handoff_due", given(*WITH_TWO, at(day(6), WON)), WIN_SECOND),
    refusal("before_its_cause", given(*WITH_DEAL), occurring(WIN, 4.5), {"since": day(5)}),
    refusal(
        "before_its_cause",
        given(*WITH_WON_DEAL[:-1], at(day(5), SECOND), *WITH_WON_DEAL[-1:], *IN_SERVICE[-2:]),
        occurring(WIN_SECOND, 7),
        {"since": day(8), "step": Step.ACCOUNT_SERVICE},
    ),
    refusal("client_disqualified", given(*WITH_DEAL, GIVEN_UP), WIN),
    refusal("unknown_deal", given(*IN_FIRST_DEAL), CHANGE),
    refusal("deal_not_open", given(*WITH_WON_DEAL), CHANGE, {"state": "won"}),
    refusal("deal_not_open", given(*WITH_LOST_DEAL), CHANGE, {"state": "lost"}),
    refusal("before_its_cause", given(*WITH_DEAL), occurring(CHANGE, 4.5), {"since": day(5)}),
    refusal("nothing_to_change", given(*WITH_DEAL), ChangeDeal(deal_id=DEAL), {"fields": []}),
    refusal("nothing_to_change", given(*WITH_DEAL), CHANGE.model_copy(update={"amount": Decimal("1000.00")})),
    refusal("before_its_cause", given(*WITH_CHANGED_DEAL), occurring(LOSE, 6), {"since": day(7)}),
    refusal("unknown_deal", given(*IN_FIRST_DEAL), LOSE),
    refusal("deal_not_open", given(*WITH_WON_DEAL), LOSE),
    refusal("before_its_cause", given(*WITH_DEAL), occurring(LOSE, 4.5)),
    refusal("unknown_deal", given(*IN_FIRST_DEAL), REOPEN),
    refusal("deal_open", given(*WITH_DEAL), REOPEN),
    refusal("deal_won", given(*WITH_WON_DEAL), REOPEN),
    refusal(
        "wrong_step",
        given(*BACK_IN_LEADS, at(day(82), LOST.model_copy(update={"deal_id": SECOND_DEAL}))),
        ReopenDeal(deal_id=SECOND_DEAL),
    ),
    refusal(
        "handoff_due",
        given(*WITH_TWO, at(day(6), LOST), at(day(6), WON.model_copy(update={"deal_id": SECOND_DEAL}))),
        REOPEN,
    ),
    refusal("before_its_cause", given(*WITH_LOST_DEAL), occurring(REOPEN, 5.5)),
    refusal("client_disqualified", given(*WITH_LOST_DEAL, GIVEN_UP), REOPEN),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_a_deal_is_opened_in_the_first_deal() -> None:
    client = given(*IN_FIRST_DEAL).when(OPEN).then(OPENED.model_copy(update={"deal_id": new(1)}))
    assert client.deals.by_id[new(1)].state == "open"


def test_what_is_expected_of_a_deal_is_changed() -> None:
    client = given(*WITH_DEAL).when(ChangeDeal(deal_id=DEAL, title="", amount=Decimal(1500))).then(CHANGED)
    deal = client.deals.by_id[DEAL]
    assert (deal.title, deal.amount, deal.state) == (None, 1500, "open")


def test_the_day_and_the_probability_of_a_deal_can_be_changed_and_emptied() -> None:
    on = day(30).date()
    expected = DealChanged(deal_id=DEAL, changed=("close_on", "probability"), close_on=on, probability=80)
    given(*WITH_DEAL).when(ChangeDeal(deal_id=DEAL, close_on=on, probability=80)).then(expected)
    emptied = DealChanged(deal_id=DEAL, changed=("close_on",))
    given(*WITH_DEAL, at(day(7), expected)).when(ChangeDeal(deal_id=DEAL, close_on=None, probability=80)).then(emptied)


def test_a_deal_of_a_client_given_up_can_still_be_corrected() -> None:
    assert given(*WITH_DEAL, GIVEN_UP).when(CHANGE).after().deals.by_id[DEAL].amount == 1500


def test_the_amount_of_a_deal_cannot_be_emptied() -> None:
    with pytest.raises(ValidationError, match="cannot be emptied"):
        ChangeDeal.model_validate({"deal_id": str(DEAL), "amount": None})


def test_deals_go_on_in_account_service() -> None:
    (made,) = given(*IN_SERVICE).when(OPEN).events()
    assert isinstance(made, DealOpened)
    assert made.step is Step.ACCOUNT_SERVICE


def test_several_deals_may_be_worked_at_a_time() -> None:
    assert len(given(*WITH_DEAL).when(OPEN).after().deals.by_id) == 2


def test_a_deal_is_won_with_what_it_brought_and_cost() -> None:
    client = given(*WITH_DEAL).when(WIN).then(BELOW)
    assert client.deals.by_id[DEAL].state == "won"
    assert client.deals.by_id[DEAL].amount == Decimal(900)
    assert client.last_purchase_at == day(100)


def test_the_regulation_may_allow_two_deals_before_the_handoff() -> None:
    client = given(*WITH_TWO, at(day(6), WON)).when(WIN_SECOND, regulation=TWO_ALLOWED).after()
    assert client.deals.won_in_step == 2
    given(*WITH_TWO, WON, WON.model_copy(update={"deal_id": SECOND_DEAL})).when(OPEN, regulation=TWO_ALLOWED).refused(
        "handoff_due", won=2, max_deals_before_handoff=2
    )


def test_after_the_handoff_there_is_no_limit() -> None:
    client = given(*IN_SERVICE)
    for number in (1, 2, 3):
        opened = client.when(OPEN, new_id=partial(new, number)).after()
        client = Given(Given(opened).when(WIN.model_copy(update={"deal_id": new(number)})).after())
    assert [deal.state for deal in client.state.deals.by_id.values()] == ["won"] * 4


def test_a_deal_is_lost_with_the_reason() -> None:
    assert given(*WITH_DEAL).when(LOSE).then(LOST).deals.by_id[DEAL].state == "lost"


def test_a_lost_deal_is_reopened_and_won() -> None:
    reopened = DealReopened(deal_id=DEAL, comment="Called again")
    client = given(*WITH_LOST_DEAL).when(ReopenDeal(deal_id=DEAL, comment="Called again")).then(reopened)
    assert client.deals.by_id[DEAL].state == "open"
    given(*WITH_LOST_DEAL, at(day(7), reopened)).when(WIN).then(BELOW)


def test_the_deals_of_a_client_given_up_can_still_be_lost() -> None:
    given(*WITH_DEAL, GIVEN_UP).when(LOSE).then(LOST)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "NaN"},
        {"amount": "1e400"},
        {"amount": "sNaN"},
        {"amount": float("inf")},
        {"amount": "-0.01"},
        {"amount": "1000000000000"},
        {"amount": "0.00001"},
        {"amount": "1_000"},
        {"amount": "\uff11\uff10"},
        {"amount": "1 000"},
        {"amount": "many"},
        {"currency": "eur"},
        {"probability": 101},
        {"close_on": "1899-12-31"},
        {"close_on": "9999-12-31"},
    ],
)
def test_malformed_bodies(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OpenDeal.model_validate({"amount": "1", "currency": "EUR", **changes})


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("1E+3", "1000"), ("-0", "0"), (" +7. ", "7"), (".5", "0.5"), (Decimal(3), "3"), (10.5, "10.5"), ("0.10", "0.10")],
)
def test_amounts_are_written_out(sent: object, kept: str) -> None:
    assert str(OpenDeal.model_validate({"amount": sent, "currency": "EUR"}).amount) == kept
