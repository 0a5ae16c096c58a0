"""What is asked for can be paid in its currency, whatever it is worth."""

from decimal import Decimal

import pytest

from domain.client.account_events import CreditKind
from domain.client.invoices import IssueInvoice
from tests.domain.client.test_account import HISTORY, INVOICED, ISSUE, OTHER, OWING, PLACED, RETURNED, SHIPPED, credit
from tests.domain.facts import IN_SERVICE, INVOICE, ORDER
from tests.spec import Given, Refusal, at, day, given, refusal

FRACTION = given(*IN_SERVICE, at(day(10), PLACED.model_copy(update={"amount": Decimal("100.005")})))

THIRD = Decimal("33.333")
REFUSALS = [
    refusal("finer_than_currency", FRACTION, IssueInvoice(order_id=ORDER, amount=THIRD), {"unit": Decimal("0.01")}),
    refusal("finer_than_currency", OWING, credit(amount=THIRD), {"unit": Decimal("0.01")}),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_what_is_less_than_the_smallest_unit_is_asked_of_nobody() -> None:
    client = FRACTION.when(ISSUE).after()
    assert [str(invoice.owed) for invoice in client.account.invoices.values()] == ["100.00"]
    refusal("nothing_to_invoice", Given(client), ISSUE, {"worth": Decimal("100.005"), "invoiced": 100}).check()


def test_a_credit_note_leaves_what_can_be_paid() -> None:
    of_before = given(*HISTORY, at(day(12), INVOICED.model_copy(update={"amount": THIRD})))
    for clearing in (credit(), credit(amount=THIRD)):
        assert of_before.when(clearing).after().account.invoices[INVOICE].owed == 0
    back = RETURNED.model_copy(update={"amount": Decimal("7.125")})
    came_back = given(*HISTORY, at(day(12), INVOICED), at(day(13), SHIPPED), at(day(14), back))
    of_return = credit(CreditKind.RETURN, return_id=OTHER)
    assert came_back.when(of_return).after().account.invoices[INVOICE].owed == Decimal("72.88")
