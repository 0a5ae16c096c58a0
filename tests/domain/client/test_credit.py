"""What was paid goes to what it was meant for; beyond that it is credit, which the next invoice takes."""

from uuid import UUID

import pytest

from domain.client.invoices import IssueInvoice
from domain.client.order_events import OrderCancelled
from tests.domain.client.test_account import (
    CALLED_OFF,
    FOR_DEAL,
    HISTORY,
    INVOICED,
    ISSUE,
    PAID,
    PLACED,
    TO_INVOICE,
    money,
)
from tests.domain.facts import DEAL, INVOICE, ORDER
from tests.spec import Fact, at, day, given, new

SECOND_ORDER = UUID(int=0xE2)
WITH_TWO = (*HISTORY, at(day(11), PLACED.model_copy(update={"order_id": SECOND_ORDER})))
PAID_WELL = PAID.model_copy(update=money(150))
OF_ALL = INVOICED.model_copy(update=money(100))
IN_FULL = TO_INVOICE.model_copy(update=money(100))


@pytest.mark.parametrize("named", [{"invoice_id": INVOICE}, {"order_id": ORDER}, {}])
def test_what_was_paid_too_much_for_one_thing_goes_to_the_next_invoice(named: dict[str, UUID]) -> None:
    paid = PAID_WELL.model_copy(update=named)
    stream = given(*WITH_TWO, at(day(12), OF_ALL), at(day(13), paid), at(day(13), IN_FULL))
    assert stream.when(IssueInvoice(order_id=SECOND_ORDER)).after().account.invoices[new(1)].owed == 50


def test_what_was_paid_for_a_cancelled_order_goes_to_the_next_invoice() -> None:
    paid = at(day(12), PAID.model_copy(update={"order_id": ORDER}))
    stream = given(*WITH_TWO, paid, at(day(13), OrderCancelled(order_id=ORDER)))
    assert stream.when(IssueInvoice(order_id=SECOND_ORDER)).after().account.invoices[new(1)].owed == 50


@pytest.mark.parametrize(
    ("history", "named"),
    [
        ([at(day(13), PAID_WELL)], {"order_id": ORDER}),
        ([at(day(12), INVOICED), at(day(13), PAID_WELL)], {"order_id": ORDER}),
        ([at(day(13), PAID_WELL)], {"deal_id": DEAL}),
    ],
)
def test_what_is_still_needed_for_what_it_was_paid_for_stays(history: list[Fact], named: dict[str, UUID]) -> None:
    *before, paid = history
    paid = paid._replace(event=paid.event.model_copy(update=named))
    assert len(given(*WITH_TWO, *before, paid).when(IssueInvoice(order_id=SECOND_ORDER)).events()) == 1


def test_what_was_paid_for_a_deal_goes_to_the_invoice_of_its_order_and_the_other_way_round() -> None:
    for named, invoice in (({"deal_id": DEAL}, ISSUE), ({"order_id": ORDER}, FOR_DEAL)):
        stream = given(*CALLED_OFF, at(day(12), PAID.model_copy(update=named)))
        assert stream.when(invoice).after().account.invoices[new(1)].paid == 50
