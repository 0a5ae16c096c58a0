"""Whatever is asked, paid, credited and given back in any order, every amount has its place."""

from decimal import Decimal
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.client.account import Account
from domain.client.account_events import CreditKind, InvoiceIssued, PaymentReceived
from domain.client.invoices import CreditInvoice, IssueInvoice
from domain.client.order_changes import CancelOrder, ConfirmOrder, PartOfLine
from domain.client.order_events import OrderPlaced
from domain.client.ordering import PlaceOrder
from domain.client.payments import AllocatePayment, CorrectPayment, RecordPayment, RefundMoney
from domain.client.shipments import ShipOrder, TakeBackGoods
from domain.client.state import Client
from domain.currencies import payable
from domain.kernel import Refused
from tests.domain.facts import DEAL, IN_SERVICE, INVOICE, ORDER, PAYMENT
from tests.spec import Given, at, day, given, new

FRACTION = Decimal("0.0025")
"""What an order may be worth beyond what can be paid."""
HISTORY = (*IN_SERVICE, at(day(10), OrderPlaced(order_id=ORDER, amount=Decimal(100), currency="EUR")))
ORDERED = given(*HISTORY)
ISSUE = IssueInvoice(order_id=ORDER)
PAID_AHEAD = PaymentReceived(payment_id=PAYMENT, amount=Decimal(50), currency="EUR", order_id=ORDER)
DEAL_INVOICED = InvoiceIssued(
    invoice_id=INVOICE, amount=Decimal(80), currency="EUR", due_on=day(26).date(), deal_id=DEAL
)
BEGUN = given(*HISTORY, at(day(11), PAID_AHEAD), at(day(11), DEAL_INVOICED))
"""What is paid for the order may be allocated to the invoice for the deal."""


def test_nothing_can_be_let_down_of_a_cancelled_order() -> None:
    cancelled = Given(Given(ORDERED.when(ISSUE).after()).when(CancelOrder(order_id=ORDER)).after())
    allowance = CreditInvoice(invoice_id=new(1), kind=CreditKind.ALLOWANCE, amount=Decimal(20))
    cancelled.when(allowance).refused("order_cancelled", order_id=ORDER)
    corrected = cancelled.when(allowance.model_copy(update={"kind": CreditKind.CORRECTION})).after()
    assert corrected.realised == {"EUR": 900}


def _any(random: Random, ids: Any) -> UUID:
    return random.choice([*ids, new(0)])


def _new_id(random: Random) -> UUID:
    return new(random.getrandbits(64))


def _command(random: Random, client: Client) -> Any:
    order, invoice = _any(random, client.orders.by_id), _any(random, client.account.invoices)
    payment, amount = _any(random, client.account.payments), Decimal(random.randrange(1, 4000)) / 100
    some, currency = random.choice([None, amount, amount + FRACTION]), random.choice(["EUR", "EUR", "USD"])
    returns = [key for each in client.orders.by_id.values() for key in each.returns]
    kind = random.choice(list(CreditKind))
    return random.choice(
        [
            IssueInvoice(order_id=order, amount=some),
            IssueInvoice(deal_id=DEAL, amount=some),
            PlaceOrder(
                amount=amount * 9 + random.choice([Decimal(), FRACTION]),
                currency="EUR",
                deal_id=random.choice([None, DEAL]),
            ),
            RecordPayment(amount=amount, currency=currency),
            RecordPayment(amount=amount, currency=currency, invoice_id=invoice),
            RecordPayment(amount=amount, currency=currency, order_id=order),
            AllocatePayment(payment_id=payment, invoice_id=random.choice([None, invoice])),
            AllocatePayment(payment_id=payment, invoice_id=invoice, amount=some),
            CorrectPayment(payment_id=payment, amount=amount),
            RefundMoney(amount=amount, currency=currency, payment_id=random.choice([None, payment])),
            CreditInvoice(
                invoice_id=invoice,
                kind=kind,
                amount=some,
                return_id=_any(random, returns) if kind is CreditKind.RETURN else None,
            ),
            ConfirmOrder(order_id=order),
            ShipOrder(order_id=order),
            CancelOrder(order_id=order),
            TakeBackGoods(order_id=order),
            TakeBackGoods(order_id=order, lines=(PartOfLine(line=1, quantity=Decimal("0.3")),)),
        ]
    )


def _check(account: Account) -> None:
    """Invoiced = paid + owed + credited, received = allocated + refunded + free, both sides agree, and can be paid."""
    for invoice in account.invoices.values():
        to_it = sum((n for pair, n in account.allocations.items() if pair.invoice_id == invoice.id), Decimal())
        assert to_it == invoice.paid
        assert min(invoice.paid, invoice.owed, invoice.credited, invoice.amount - invoice.credited) >= 0
        assert invoice.amount == invoice.paid + invoice.owed + invoice.credited
        assert payable(invoice.owed, invoice.currency) == invoice.owed
    for payment in account.payments.values():
        from_it = sum((n for pair, n in account.allocations.items() if pair.payment_id == payment.id), Decimal())
        assert from_it == payment.allocated
        assert min(payment.allocated, payment.free, payment.refunded) >= 0
        assert payable(payment.free, payment.currency) == payment.free
    for pair in account.allocations:
        assert account.invoices[pair.invoice_id].currency == account.payments[pair.payment_id].currency


@settings(max_examples=150, deadline=None)
@for_all(st.integers(0, 2**32), st.integers(0, 40))
def test_whatever_is_asked_paid_credited_and_given_back_every_amount_has_its_place(seed: int, commands: int) -> None:
    random, stream = Random(seed), BEGUN
    for _ in range(commands):
        command = _command(random, stream.state)
        try:
            stream = Given(stream.when(command, new_id=partial(_new_id, random)).after())
        except Refused:
            continue
        _check(stream.state.account)
        orders = stream.state.orders.by_id
        assert sum(stream.state.account.returns.values()) <= sum(order.returned for order in orders.values())
        assert min(stream.state.realised.values(), default=0) >= 0
        assert all(stream.state.account.asked_for(key) <= order.ordered for key, order in orders.items())
        assert stream.state.account.asked_for(DEAL, *stream.state.orders.of_deal(DEAL)) <= 900
