"""Corrections of won deals."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.client.deal_correction import CorrectDeal
from domain.client.deal_events import DealCorrected
from domain.client.order_events import OrderPlaced
from domain.client.payments import RecordPayment
from tests.domain.facts import DEAL, IN_FIRST_DEAL, IN_SERVICE, ORDER, WITH_DEAL, WITH_WON_DEAL
from tests.spec import HEAD, Given, Refusal, at, day, given, refusal, rules

CORRECT = CorrectDeal(deal_id=DEAL, revenue=Decimal(950), reason="The invoice was for 950")
CORRECTED = DealCorrected(
    deal_id=DEAL,
    won_at=day(6),
    currency="EUR",
    revenue=Decimal(950),
    cost=Decimal(600),
    discount=Decimal(),
    previous_revenue=Decimal(900),
    previous_cost=Decimal(600),
    previous_discount=Decimal(),
    reason="The invoice was for 950",
)
WITH_CORRECTION = (*WITH_WON_DEAL, at(day(10), CORRECTED, HEAD))
ORDERED = at(day(9), OrderPlaced(order_id=ORDER, amount=Decimal(880), currency="EUR", deal_id=DEAL))


def changed(**fields: Any) -> CorrectDeal:
    return CORRECT.model_copy(update=fields)


REFUSALS = [
    refusal("unknown_deal", given(*IN_FIRST_DEAL), CORRECT, by=HEAD),
    refusal("deal_not_won", given(*WITH_DEAL), CORRECT, {"state": "open"}, by=HEAD),
    refusal("nothing_to_change", given(*WITH_WON_DEAL), changed(revenue=Decimal("900.00")), by=HEAD),
    refusal("before_its_cause", given(*WITH_WON_DEAL), changed(occurred_at=day(5.5)), by=HEAD),
    refusal("before_its_cause", given(*WITH_CORRECTION), changed(revenue=Decimal(1), occurred_at=day(9)), by=HEAD),
    refusal(
        "order_exceeds_deal",
        given(*IN_SERVICE, ORDERED),
        changed(revenue=Decimal(879)),
        {"ordered": Decimal(880), "revenue": Decimal(879)},
        by=HEAD,
    ),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_the_fact_tells_what_holds_and_what_held() -> None:
    client = given(*WITH_WON_DEAL).when(CORRECT, by=HEAD).then(CORRECTED)
    assert (client.deals.by_id[DEAL].amount, client.realised) == (950, {"EUR": 950})
    (again,) = Given(client).when(changed(revenue=None, cost=Decimal(1), discount=Decimal(5)), by=HEAD).events()
    assert isinstance(again, DealCorrected)
    assert (again.revenue, again.cost, again.discount) == (950, 1, 5)
    assert (again.previous_revenue, again.previous_cost, again.previous_discount) == (950, 600, 0)


def test_no_rule_about_terms_is_asked_again() -> None:
    strict = rules(minimum_margin_percent=Decimal(90))
    assert given(*WITH_WON_DEAL).when(changed(cost=Decimal(5000)), by=HEAD, regulation=strict).events()


def test_what_followed_from_the_deal_is_not_dated_after_its_correction() -> None:
    payment = RecordPayment(amount=Decimal(1), currency="EUR", deal_id=DEAL, occurred_at=day(7))
    assert given(*WITH_CORRECTION).when(payment).events()


def test_a_correction_names_an_amount() -> None:
    with pytest.raises(ValidationError, match="at least one of"):
        CorrectDeal(deal_id=DEAL, reason="A reason is not enough")
