"""Payments: received, corrected where they were recorded wrongly, allocated to invoices; and refunds."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from domain.client.account import ZERO, Invoice, Payment, allocated, refuse_finer, released
from domain.client.account_events import PartOfPayment, PaymentCorrected, PaymentReceived, RefundMade
from domain.client.ordering import won_deal
from domain.kernel import Command, Event, Refused
from domain.regulation.state import RuleContext
from domain.types import Amount, Currency, OptionalText, PositiveAmount

if TYPE_CHECKING:
    from domain.client.state import Client


class RecordPayment(Command):
    """Record a payment: for an invoice, an order, a won deal, or on account. A client pays in whatever step it is.

    It goes to the invoices that it is for, the oldest first; one on account to all that are owed. What is left is the
    client's credit, which the next invoice takes.
    """

    amount: PositiveAmount
    currency: Currency
    order_id: UUID | None = None
    deal_id: UUID | None = None
    invoice_id: UUID | None = None

    refusals: ClassVar = (
        "unknown_order",
        "order_cancelled",
        "unknown_deal",
        "deal_not_won",
        "unknown_invoice",
        "wrong_currency",
        "finer_than_currency",
        "before_its_cause",
    )
    examples: ClassVar = ({"amount": "10000.00", "currency": "EUR"},)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(key is not None for key in (self.order_id, self.deal_id, self.invoice_id)) > 1:
            raise ValueError("send one of invoice_id, order_id and deal_id")
        return self

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        self._check(client, context)
        received = PaymentReceived(payment_id=context.new_id(), **self.model_dump(exclude={"occurred_at"}))
        at = context.occurred_at
        payment = Payment(
            received.payment_id, self.amount, self.currency, at, at, self.order_id, self.deal_id, self.invoice_id
        )
        return [received, *allocated([payment], targets(client, payment, context))]

    def _check(self, client: "Client", context: RuleContext) -> None:
        refuse_finer(self.amount, self.currency)
        if self.deal_id:
            won_deal(client, self.deal_id, self.currency, context)
        if self.order_id:
            refuse_other(self.currency, client.orders.get(self.order_id, context).currency)
        if self.invoice_id:
            refuse_other(self.currency, client.account.invoice(self.invoice_id, context).currency)


def refuse_other(currency: str, needed: str) -> None:
    """Refuse a currency that is not the one that is needed."""
    if currency != needed:
        raise Refused("wrong_currency", currency=currency, needed=needed)


def targets(client: "Client", payment: Payment, context: RuleContext) -> Sequence[Invoice]:
    """The invoices that a payment goes to: those it is for, or all that are owed where it names nothing."""
    owing = client.account.owing(payment.currency, context.occurred_at)
    return owing if payment.names_nothing else [invoice for invoice in owing if payment.is_for(invoice)]


class AllocatePayment(Command):
    """Let what is free of a payment go to an invoice or, where none is named, to all that is owed, the oldest first.

    An amount has the decimals of its currency, unless it is all that is free or owed.
    """

    payment_id: UUID
    invoice_id: UUID | None = None
    amount: Annotated[PositiveAmount | None, Field(description="As much as there is and is owed, when absent")] = None

    refusals: ClassVar = (
        "unknown_payment",
        "unknown_invoice",
        "wrong_currency",
        "before_its_cause",
        "exceeds_free",
        "exceeds_owed",
        "finer_than_currency",
        "nothing_to_allocate",
    )
    examples: ClassVar = ({"invoice_id": "7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11", "amount": "50.00"},)

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if self.amount and not self.invoice_id:
            raise ValueError("send the invoice_id to which the amount goes")
        return self

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        payment = client.account.payment(self.payment_id, context)
        invoices = client.account.owing(payment.currency, context.occurred_at)
        if self.invoice_id:
            invoice = client.account.invoice(self.invoice_id, context)
            refuse_other(payment.currency, invoice.currency)
            self._check(payment, invoice)
            invoices = [invoice]
        if self.amount:
            payment = payment._replace(amount=payment.allocated + payment.refunded + self.amount)
        events = allocated([payment], invoices)
        if not events:
            raise Refused("nothing_to_allocate", payment_id=payment.id, free=payment.free)
        return events

    def _check(self, payment: Payment, invoice: Invoice) -> None:
        if not self.amount:
            return
        if self.amount > payment.free:
            raise Refused("exceeds_free", payment_id=payment.id, amount=self.amount, free=payment.free)
        if self.amount > invoice.owed:
            raise Refused("exceeds_owed", invoice_id=invoice.id, amount=self.amount, owed=invoice.owed)
        if self.amount not in {payment.free, invoice.owed}:
            refuse_finer(self.amount, payment.currency)


class CorrectPayment(Command):
    """Say of what amount a wrongly recorded payment really was; zero, where this client paid nothing.

    What went to invoices beyond that is owed again, what was allocated last first.
    """

    payment_id: UUID
    amount: Amount
    reason: OptionalText = None

    refusals: ClassVar = (
        "unknown_payment",
        "before_its_cause",
        "finer_than_currency",
        "nothing_to_change",
        "below_refunds",
    )
    examples: ClassVar = ({"amount": "100.00", "reason": "A zero too many"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        payment = client.account.payment(self.payment_id, context)
        refuse_finer(self.amount, payment.currency)
        if self.amount == payment.amount:
            raise Refused("nothing_to_change", amount=self.amount)
        if self.amount < payment.refunded:
            raise Refused("below_refunds", payment_id=payment.id, amount=self.amount, refunded=payment.refunded)
        corrected = PaymentCorrected(
            payment_id=payment.id,
            amount=self.amount,
            before=payment.amount,
            currency=payment.currency,
            reason=self.reason or None,
        )
        excess = payment.allocated + payment.refunded - self.amount
        return [*released(client.account, excess, payment.currency, payment_id=payment.id), corrected]


class RefundMoney(Command):
    """Give money back that goes to no invoice: of one payment, or of the client's credit, the oldest first."""

    amount: PositiveAmount
    currency: Currency
    payment_id: UUID | None = None
    reason: OptionalText = None

    refusals: ClassVar = (
        "unknown_payment",
        "wrong_currency",
        "finer_than_currency",
        "before_its_cause",
        "refund_exceeds_credit",
    )
    examples: ClassVar = ({"amount": "20.00", "currency": "EUR", "reason": "Paid twice"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        refuse_finer(self.amount, self.currency)
        payments = client.account.credit(self.currency, context.occurred_at)
        if self.payment_id:
            payment = client.account.payment(self.payment_id, context)
            refuse_other(self.currency, payment.currency)
            payments = [payment]
        free = sum((payment.free for payment in payments), ZERO)
        if self.amount > free:
            facts = _sums(client, self.currency, self.payment_id)
            raise Refused("refund_exceeds_credit", amount=self.amount, currency=self.currency, free=free, **facts)
        parts: list[PartOfPayment] = []
        left = self.amount
        for payment in payments:
            if part := min(payment.free, left):
                parts.append(PartOfPayment(payment_id=payment.id, amount=part))
                left -= part
        return [
            RefundMade(
                refund_id=context.new_id(),
                amount=self.amount,
                currency=self.currency,
                payments=tuple(parts),
                reason=self.reason or None,
            )
        ]


def _sums(client: "Client", currency: str, payment_id: UUID | None) -> dict[str, Decimal]:
    """What was paid in a currency, or by one payment; what of it goes to invoices, and what was given back."""
    payments = client.account.payments.values()
    meant = [each for each in payments if each.currency == currency and payment_id in {None, each.id}]
    return {
        "paid": sum((each.amount for each in meant), ZERO),
        "allocated": sum((each.allocated for each in meant), ZERO),
        "refunded": sum((each.refunded for each in meant), ZERO),
    }
