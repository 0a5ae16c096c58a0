"""Invoices, credit notes, payments and refunds: every amount has its place, whatever happens."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from domain.client.account_events import (
    CreditKind,
    InvoiceCredited,
    InvoiceIssued,
    PartOfPayment,
    PaymentAllocated,
    PaymentCorrected,
    PaymentReceived,
    PaymentReleased,
    RefundMade,
)
from domain.client.invoices import CreditInvoice, IssueInvoice
from domain.client.order_events import (
    GoodsReturned,
    LinePart,
    OrderCancelled,
    OrderConfirmed,
    OrderPlaced,
    OrderShipped,
)
from domain.client.payments import AllocatePayment, CorrectPayment, RecordPayment, RefundMoney
from tests.domain.facts import DEAL, IN_SERVICE, INVOICE, ORDER, PAYMENT, SECOND_DEAL, SHIPMENT, WITH_DEAL
from tests.spec import Given, Refusal, at, day, given, new, refusal

OTHER = UUID(int=0x1B)
PLACED = OrderPlaced(order_id=ORDER, amount=Decimal(100), currency="EUR")
ONE = (LinePart(line=1, quantity=Decimal(1)),)
SHIPPED = OrderShipped(shipment_id=SHIPMENT, order_id=ORDER, lines=ONE, amount=Decimal(100), currency="EUR")
RETURNED = GoodsReturned(return_id=OTHER, order_id=ORDER, lines=ONE, amount=Decimal(100), currency="EUR")
INVOICED = InvoiceIssued(
    invoice_id=INVOICE, number="I-1", amount=Decimal(80), currency="EUR", due_on=day(26).date(), order_id=ORDER
)
PAID = PaymentReceived(payment_id=PAYMENT, amount=Decimal(50), currency="EUR")
TO_INVOICE = PaymentAllocated(payment_id=PAYMENT, invoice_id=INVOICE, amount=Decimal(50), currency="EUR")
HISTORY = (*IN_SERVICE, at(day(10), PLACED), at(day(11), OrderConfirmed(order_id=ORDER)))
SERVED, ORDERED = given(*IN_SERVICE), given(*HISTORY)
OWING = given(*HISTORY, at(day(12), INVOICED))
PART_PAID = given(*HISTORY, at(day(12), INVOICED), at(day(13), PAID), at(day(13), TO_INVOICE))
ON_ACCOUNT = given(*HISTORY, at(day(12), PAID))
OF_SHIPMENT = at(day(13), INVOICED.model_copy(update={"shipment_id": SHIPMENT}))
SMALL = SHIPPED.model_copy(update={"amount": Decimal(80)})
SHIPMENT_INVOICED = given(*HISTORY, at(day(12), SMALL), OF_SHIPMENT)
SHIPMENT_IN_PART = given(*HISTORY, at(day(12), SHIPPED), OF_SHIPMENT)
CAME_BACK = given(*HISTORY, at(day(12), INVOICED), at(day(13), SHIPPED), at(day(14), RETURNED))
ISSUE = IssueInvoice(order_id=ORDER)
FOR_DEAL = IssueInvoice(deal_id=DEAL)
OF_DEAL = PLACED.model_copy(update={"deal_id": DEAL, "amount": Decimal(900)})
CALLED_OFF = (*IN_SERVICE, at(day(10), OF_DEAL))
DEAL_INVOICED = INVOICED.model_copy(update={"order_id": None, "deal_id": DEAL, "amount": Decimal(900)})


def money(amount: int, **more: Any) -> dict[str, Any]:
    return {"amount": Decimal(amount), **more}


def credit(kind: CreditKind = CreditKind.CORRECTION, **more: Any) -> CreditInvoice:
    return CreditInvoice(invoice_id=INVOICE, kind=kind, **more)


SMALL_RETURN = (
    at(day(14), RETURNED.model_copy(update=money(7))),
    at(
        day(15),
        InvoiceCredited(
            credit_note_id=new(9),
            invoice_id=INVOICE,
            kind=CreditKind.RETURN,
            currency="EUR",
            return_id=OTHER,
            **money(7),
        ),
    ),
)
REFUSALS = [
    refusal("unknown_order", SERVED, ISSUE),
    refusal("order_cancelled", given(*HISTORY, at(day(12), OrderCancelled(order_id=ORDER))), ISSUE),
    refusal("before_its_cause", ORDERED, ISSUE.model_copy(update={"occurred_at": day(10)})),
    refusal("unknown_shipment", ORDERED, IssueInvoice(order_id=ORDER, shipment_id=SHIPMENT)),
    refusal("shipment_invoiced", SHIPMENT_INVOICED, IssueInvoice(order_id=ORDER, shipment_id=SHIPMENT)),
    refusal(
        "invoice_exceeds_worth",
        SHIPMENT_IN_PART,
        IssueInvoice(order_id=ORDER, shipment_id=SHIPMENT, **money(21)),
        {"worth": 100, "invoiced": 80},
    ),
    refusal(
        "invoice_exceeds_worth",
        given(*HISTORY, at(day(12), SHIPPED.model_copy(update={"amount": Decimal(10)}))),
        IssueInvoice(order_id=ORDER, shipment_id=SHIPMENT, **money(100)),
        {"worth": 10, "invoiced": 0},
    ),
    refusal("nothing_to_invoice", given(*CALLED_OFF, at(day(12), DEAL_INVOICED)), ISSUE, {"invoiced": 900}),
    refusal(
        "nothing_to_invoice",
        given(*CALLED_OFF, at(day(12), INVOICED.model_copy(update={"amount": Decimal(900)}))),
        FOR_DEAL,
        {"worth": 900, "invoiced": 900},
    ),
    refusal(
        "nothing_to_invoice",
        given(
            *CALLED_OFF,
            at(day(12), SHIPPED.model_copy(update={"amount": Decimal(900)})),
            at(day(13), RETURNED.model_copy(update={"amount": Decimal(900)})),
        ),
        FOR_DEAL,
        {"worth": 0, "invoiced": 0},
    ),
    refusal("unknown_deal", SERVED, IssueInvoice(deal_id=SECOND_DEAL)),
    refusal("deal_not_won", given(*WITH_DEAL), IssueInvoice(deal_id=DEAL)),
    refusal("number_taken", OWING, IssueInvoice(order_id=ORDER, number="I-1"), {"invoice_id": INVOICE}),
    refusal("due_before_issue", ORDERED, IssueInvoice(order_id=ORDER, due_on=day(99).date())),
    refusal("nothing_to_invoice", CAME_BACK, ISSUE, {"worth": 0, "invoiced": 80}),
    refusal("invoice_exceeds_worth", OWING, IssueInvoice(order_id=ORDER, **money(21)), {"worth": 100, "invoiced": 80}),
    refusal("unknown_invoice", ORDERED, credit()),
    refusal("before_its_cause", OWING, credit(occurred_at=day(11))),
    refusal(
        "order_cancelled",
        given(*HISTORY, at(day(12), INVOICED), at(day(13), OrderCancelled(order_id=ORDER))),
        credit(CreditKind.ALLOWANCE),
        {"kind": CreditKind.CORRECTION},
    ),
    refusal("credit_exceeds_invoice", OWING, credit(**money(81)), {"left": 80}),
    refusal("unknown_return", OWING, credit(CreditKind.RETURN, return_id=OTHER)),
    refusal(
        "credit_exceeds_return",
        given(*HISTORY, at(day(12), INVOICED), at(day(13), SHIPPED), at(day(14), RETURNED.model_copy(update=money(7)))),
        credit(CreditKind.RETURN, return_id=OTHER, **money(8)),
        {"left": 7},
    ),
    *[
        refusal(
            "return_credited",
            given(*HISTORY, at(day(12), INVOICED), at(day(13), SHIPPED), *SMALL_RETURN),
            credit(CreditKind.RETURN, return_id=OTHER, **more),
            {"worth": 7, "credited": 7},
        )
        for more in ({}, money(1))
    ],
    refusal("unknown_invoice", SERVED, RecordPayment(currency="EUR", invoice_id=INVOICE, **money(1))),
    refusal("wrong_currency", OWING, RecordPayment(currency="USD", invoice_id=INVOICE, **money(1))),
    refusal("unknown_payment", ORDERED, AllocatePayment(payment_id=PAYMENT)),
    refusal("unknown_invoice", ON_ACCOUNT, AllocatePayment(payment_id=PAYMENT, invoice_id=INVOICE)),
    refusal("before_its_cause", PART_PAID, AllocatePayment(payment_id=PAYMENT, occurred_at=day(12))),
    refusal("nothing_to_allocate", PART_PAID, AllocatePayment(payment_id=PAYMENT), {"free": 0}),
    refusal("unknown_payment", ORDERED, CorrectPayment(payment_id=PAYMENT, **money(1))),
    refusal("before_its_cause", PART_PAID, CorrectPayment(payment_id=PAYMENT, occurred_at=day(12), **money(1))),
    refusal("nothing_to_change", PART_PAID, CorrectPayment(payment_id=PAYMENT, **money(50))),
    refusal("unknown_payment", ORDERED, RefundMoney(currency="EUR", payment_id=PAYMENT, **money(1))),
    refusal("wrong_currency", ON_ACCOUNT, RefundMoney(currency="USD", payment_id=PAYMENT, **money(1))),
    refusal(
        "before_its_cause", ON_ACCOUNT, RefundMoney(currency="EUR", payment_id=PAYMENT, occurred_at=day(11), **money(1))
    ),
    refusal("refund_exceeds_credit", ON_ACCOUNT, RefundMoney(currency="EUR", **money(51)), {"paid": 50, "free": 50}),
    refusal("refund_exceeds_credit", PART_PAID, RefundMoney(currency="EUR", **money(1)), {"allocated": 50, "free": 0}),
]
REFUNDED = RefundMade(
    refund_id=OTHER, currency="EUR", payments=(PartOfPayment(payment_id=PAYMENT, **money(20)),), **money(20)
)
WITH_REFUND = given(*HISTORY, at(day(12), PAID), at(day(13), REFUNDED))
IN_DOLLARS = given(*HISTORY, at(day(12), INVOICED), at(day(13), PAID.model_copy(update={"currency": "USD"})))
TWO = given(*HISTORY, at(day(12), INVOICED), at(day(13), PAID.model_copy(update=money(90))), at(day(13), TO_INVOICE))
SETTLED = given(
    *HISTORY,
    at(day(12), INVOICED),
    at(
        day(13),
        InvoiceCredited(
            credit_note_id=OTHER, invoice_id=INVOICE, kind=CreditKind.CORRECTION, currency="EUR", **money(80)
        ),
    ),
)
REFUSALS.extend(
    [
        refusal("below_refunds", WITH_REFUND, CorrectPayment(payment_id=PAYMENT, **money(19)), {"refunded": 20}),
        refusal(
            "wrong_currency", IN_DOLLARS, AllocatePayment(payment_id=PAYMENT, invoice_id=INVOICE), {"needed": "EUR"}
        ),
        refusal("exceeds_free", PART_PAID, AllocatePayment(payment_id=PAYMENT, invoice_id=INVOICE, **money(1))),
        refusal(
            "exceeds_owed", TWO, AllocatePayment(payment_id=PAYMENT, invoice_id=INVOICE, **money(31)), {"owed": 30}
        ),
        refusal("nothing_to_credit", SETTLED, credit(), {"credited": 80}),
    ]
)


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_an_invoice_asks_for_all_that_is_left_and_takes_what_was_paid_before() -> None:
    issued = InvoiceIssued(
        invoice_id=new(1), amount=Decimal(100), currency="EUR", due_on=day(114).date(), order_id=ORDER
    )
    ORDERED.when(ISSUE).then(issued)
    taken = TO_INVOICE.model_copy(update={"invoice_id": new(1)})
    client = ON_ACCOUNT.when(ISSUE).then(issued, taken)
    assert client.account.invoices[new(1)].owed == 50
    rest = OWING.when(ISSUE).events()
    assert [event.model_dump()["amount"] for event in rest] == [20]


def test_the_rest_of_a_shipment_and_of_a_deal_can_be_invoiced() -> None:
    rest = SHIPMENT_IN_PART.when(IssueInvoice(order_id=ORDER, shipment_id=SHIPMENT)).events()
    assert [event.model_dump()["amount"] for event in rest] == [20]
    stream = given(*CALLED_OFF, at(day(12), INVOICED), at(day(13), SHIPPED), at(day(14), RETURNED))
    assert [event.model_dump()["amount"] for event in stream.when(FOR_DEAL).events()] == [900 - 100 - 80]


def test_a_payment_goes_to_the_oldest_invoice_and_the_rest_is_credit() -> None:
    later = INVOICED.model_copy(update={"invoice_id": OTHER, "number": "I-2", **money(20)})
    stream = given(*HISTORY, at(day(12), INVOICED), at(day(13), later))
    paid = RecordPayment(currency="EUR", **money(110))
    client = stream.when(paid).then(
        PaymentReceived(payment_id=new(1), currency="EUR", **money(110)),
        PaymentAllocated(payment_id=new(1), invoice_id=INVOICE, currency="EUR", **money(80)),
        PaymentAllocated(payment_id=new(1), invoice_id=OTHER, currency="EUR", **money(20)),
    )
    assert client.account.payments[new(1)].free == 10
    named = stream.when(paid.model_copy(update={"invoice_id": OTHER})).after()
    assert (named.account.invoices[INVOICE].owed, named.account.payments[new(1)].free) == (80, 90)


def test_what_is_paid_in_another_currency_or_before_the_invoice_stays_credit() -> None:
    assert len(OWING.when(RecordPayment(currency="USD", **money(10))).events()) == 1
    assert len(OWING.when(RecordPayment(currency="EUR", occurred_at=day(11), **money(10))).events()) == 1


def test_what_was_paid_beyond_a_credited_invoice_is_credit_and_can_be_given_back() -> None:
    credited = InvoiceCredited(
        credit_note_id=new(1),
        invoice_id=INVOICE,
        kind=CreditKind.ALLOWANCE,
        currency="EUR",
        order_id=ORDER,
        reason="Late",
        **money(45),
    )
    freed = PaymentReleased(payment_id=PAYMENT, invoice_id=INVOICE, currency="EUR", **money(15))
    client = PART_PAID.when(credit(CreditKind.ALLOWANCE, reason="Late", **money(45))).then(credited, freed)
    assert client.account.invoices[INVOICE].owed == 0
    assert client.realised == {"EUR": 900 + 100 - 45}
    refund = RefundMoney(currency="EUR", **money(15))
    refunded = Given(client).when(refund).after()
    assert refunded.account.payments[PAYMENT].free == 0


def test_a_return_is_credited_by_what_it_was_worth() -> None:
    (credited,) = CAME_BACK.when(credit(CreditKind.RETURN, return_id=OTHER)).events()
    assert credited.model_dump()["amount"] == 80


def test_a_wrongly_recorded_payment_is_taken_back_from_where_it_went() -> None:
    corrected = PaymentCorrected(payment_id=PAYMENT, before=Decimal(50), currency="EUR", **money(5))
    freed = PaymentReleased(payment_id=PAYMENT, invoice_id=INVOICE, currency="EUR", **money(45))
    client = PART_PAID.when(CorrectPayment(payment_id=PAYMENT, **money(5))).then(freed, corrected)
    assert client.account.invoices[INVOICE].owed == 75


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (IssueInvoice, {}),
        (IssueInvoice, {"order_id": str(ORDER), "deal_id": str(DEAL)}),
        (IssueInvoice, {"deal_id": str(DEAL), "shipment_id": str(SHIPMENT)}),
        (CreditInvoice, {"invoice_id": str(INVOICE), "kind": "return"}),
        (CreditInvoice, {"invoice_id": str(INVOICE), "kind": "allowance", "return_id": str(OTHER)}),
        (AllocatePayment, {"payment_id": str(PAYMENT), "amount": "1"}),
        (RecordPayment, {"amount": "1", "currency": "EUR", "order_id": str(ORDER), "invoice_id": str(INVOICE)}),
    ],
)
def test_malformed(kind: Any, body: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        kind.model_validate(body)
