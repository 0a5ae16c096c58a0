"""What is asked for can be paid in its currency, whatever it is worth."""

from decimal import Decimal

import pytest

from domain.client.account_events import CreditKind
from domain.client.invoices import CreditInvoice, IssueInvoice
from domain.client.order_events import GoodsReturned
from domain.client.payments import AllocatePayment
from tests.domain.client.test_account import (
    HISTORY,
    INVOICED,
    ISSUE,
    OTHER,
    OWING,
    PAID,
    PLACED,
    RETURNED,
    SHIPPED,
    TO_INVOICE,
    credit,
)
from tests.domain.facts import IN_SERVICE, INVOICE, ORDER, PAYMENT
from tests.spec import Fact, Given, Refusal, at, day, given, new, refusal

FRACTION = given(*IN_SERVICE, at(day(10), PLACED.model_copy(update={"amount": Decimal("100.005")})))

THIRD = Decimal("33.333")
FINER = at(day(12), INVOICED.model_copy(update={"amount": Decimal("80.005")}))
FINER_PART_PAID = given(*HISTORY, FINER, at(day(13), PAID), at(day(13), TO_INVOICE))
WITH_CREDIT = given(*HISTORY, at(day(12), PAID), at(day(13), INVOICED))
REFUSALS = [
    refusal("finer_than_currency", FRACTION, IssueInvoice(order_id=ORDER, amount=THIRD), {"unit": Decimal("0.01")}),
    refusal("finer_than_currency", OWING, credit(amount=THIRD), {"unit": Decimal("0.01")}),
    refusal("finer_than_currency", FINER_PART_PAID, credit(amount=Decimal(20)), {"fraction": Decimal("0.005")}),
    refusal("finer_than_currency", FINER_PART_PAID, credit(amount=Decimal(60)), {"fraction": Decimal("0.005")}),
    refusal(
        "finer_than_currency",
        WITH_CREDIT,
        AllocatePayment(payment_id=PAYMENT, invoice_id=INVOICE, amount=THIRD),
        {"unit": Decimal("0.01")},
    ),
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


@pytest.mark.parametrize(("amount", "owed", "free"), [("0.005", 30, 0), ("30.005", 0, 0), ("60.005", 0, 30)])
def test_a_fraction_of_before_goes_with_a_credit_note_of_a_part_paid_invoice(amount: str, owed: int, free: int) -> None:
    account = FINER_PART_PAID.when(credit(amount=Decimal(amount))).after().account
    assert (account.invoices[INVOICE].owed, account.payments[PAYMENT].free) == (owed, free)


def test_a_return_takes_a_fraction_of_before_with_it() -> None:
    came_back = given(*HISTORY, FINER, at(day(13), SHIPPED), at(day(14), _return(1, "7")))
    (credited,) = came_back.when(_credit_of(1)).events()
    assert credited.model_dump()["amount"] == Decimal("6.995")


def test_a_finer_payment_of_before_can_be_allocated_whole() -> None:
    finer = at(day(12), PAID.model_copy(update={"amount": THIRD}))
    whole = AllocatePayment(payment_id=PAYMENT, invoice_id=INVOICE, amount=THIRD)
    account = given(*HISTORY, finer, at(day(13), INVOICED)).when(whole).after().account
    assert account.payments[PAYMENT].free == 0


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2)])
def test_credits_of_returns_add_up_to_what_came_back(order: tuple[int, ...]) -> None:
    history: list[Fact] = [at(day(12), INVOICED.model_copy(update={"amount": Decimal(11)})), at(day(13), SHIPPED)]
    stream = given(*HISTORY, *history, *(at(day(14), _return(number, "3.335")) for number in (1, 2, 3)))
    for number in order:
        stream = Given(stream.when(_credit_of(number), new_id=lambda: new(99)).after())
    assert stream.state.account.invoices[INVOICE].owed == 1
    refusal("return_credited", stream, _credit_of(order[0]), {"worth": Decimal("3.335")}).check()


def _return(number: int, amount: str) -> GoodsReturned:
    return RETURNED.model_copy(update={"return_id": new(number), "amount": Decimal(amount)})


def _credit_of(number: int) -> CreditInvoice:
    return credit(CreditKind.RETURN, return_id=new(number))
