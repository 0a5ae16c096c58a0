"""What the client owes and what it has paid beyond that, by invoice and payment.

For every invoice: invoiced = paid + owed + credited. For every payment: received = allocated + refunded + free.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from domain.client.account_events import (
    CreditKind,
    InvoiceCredited,
    InvoiceIssued,
    PaymentAllocated,
    PaymentCorrected,
    PaymentReceived,
    PaymentReleased,
    RefundMade,
)
from domain.currencies import payable, unit_of
from domain.kernel import Event, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext

ZERO = Decimal()


def refuse_finer(amount: Decimal, currency: str, fraction: Decimal = ZERO) -> None:
    """Refuse an amount with more decimals than its currency has: nobody can ask for it, pay it or give it back.

    Where a `fraction` of before is to go, the amount has to have just that.
    """
    if payable(amount - fraction, currency) != amount - fraction:
        facts = {"fraction": fraction} if fraction else {}
        raise Refused("finer_than_currency", amount=amount, currency=currency, unit=unit_of(currency), **facts)


class Invoice(NamedTuple):
    """An invoice; `since` is its last change. `allowed` are those of the credits that are allowances."""

    id: UUID
    number: str | None
    amount: Decimal
    currency: str
    issued_at: datetime
    since: datetime
    due_on: date
    order_id: UUID | None = None
    deal_id: UUID | None = None
    shipment_id: UUID | None = None
    paid: Decimal = ZERO
    credited: Decimal = ZERO
    allowed: Decimal = ZERO

    @property
    def owed(self) -> Decimal:
        """What is still to be paid."""
        return self.amount - self.paid - self.credited

    @property
    def fraction(self) -> Decimal:
        """What of it is less than the smallest unit of the currency, so that it cannot be paid."""
        return self.owed - payable(self.owed, self.currency)

    @property
    def asked(self) -> Decimal:
        """What it takes of the worth of its order or deal: an allowance is not asked for again."""
        return self.amount - self.credited + self.allowed


class Payment(NamedTuple):
    """A payment; `since` is its last change. It may name the invoice, order or deal that it is for."""

    id: UUID
    amount: Decimal
    currency: str
    received_at: datetime
    since: datetime
    order_id: UUID | None = None
    deal_id: UUID | None = None
    invoice_id: UUID | None = None
    allocated: Decimal = ZERO
    refunded: Decimal = ZERO

    @property
    def free(self) -> Decimal:
        """What goes to no invoice yet: the client's credit."""
        return self.amount - self.allocated - self.refunded

    def is_for(self, invoice: Invoice) -> bool:
        """Whether it names the invoice or what that is for."""
        named = (self.invoice_id, self.order_id, self.deal_id)
        return any(key and key == own for key, own in zip(named, (invoice.id, *invoice[7:9]), strict=True))

    @property
    def names_nothing(self) -> bool:
        """Whether it is on account."""
        return not (self.invoice_id or self.order_id or self.deal_id)


class Pair(NamedTuple):
    """A payment and an invoice to which a part of it goes."""

    payment_id: UUID
    invoice_id: UUID


@dataclass(frozen=True, slots=True)
class Account:
    """Invoices and payments by id, what of the one goes to the other, and what of each return was credited.

    Allocations are in the order in which they were made.
    """

    invoices: Mapping[UUID, Invoice] = field(default_factory=dict[UUID, Invoice])
    payments: Mapping[UUID, Payment] = field(default_factory=dict[UUID, Payment])
    allocations: Mapping[Pair, Decimal] = field(default_factory=dict[Pair, Decimal])
    returns: Mapping[UUID, Decimal] = field(default_factory=dict[UUID, Decimal])

    def evolve(self, recorded: Recorded) -> "Account":
        """After anything was asked, paid or given back."""
        at = recorded.occurred_at
        match recorded.event:
            case InvoiceIssued() as event:
                return self._with_invoice(issued_invoice(event, at))
            case InvoiceCredited() as event:
                return self._credited(event, at)
            case PaymentReceived() as event:
                return self._with_payment(received_payment(event, at))
            case PaymentAllocated() | PaymentReleased() as event:
                return self._moved(event, at)
            case event:
                return self._after_payment(event, at)

    def _after_payment(self, event: Event, at: datetime) -> "Account":
        match event:
            case PaymentCorrected(payment_id=key, amount=amount):
                return self._with_payment(self.payments[key]._replace(amount=amount, since=at))
            case RefundMade(payments=parts):
                account = self
                for part in parts:
                    payment = account.payments[part.payment_id]
                    refunded = payment.refunded + part.amount
                    account = account._with_payment(payment._replace(refunded=refunded, since=at))
                return account
            case _:
                return self

    def _credited(self, event: InvoiceCredited, at: datetime) -> "Account":
        invoice = self.invoices[event.invoice_id]
        allowed = event.amount if event.kind is CreditKind.ALLOWANCE else ZERO
        invoice = invoice._replace(
            credited=invoice.credited + event.amount, allowed=invoice.allowed + allowed, since=max(invoice.since, at)
        )
        returns = self.returns
        if event.return_id:
            returns = {**returns, event.return_id: returns.get(event.return_id, ZERO) + event.amount}
        return replace(self._with_invoice(invoice), returns=returns)

    def _moved(self, event: PaymentAllocated | PaymentReleased, at: datetime) -> "Account":
        amount = event.amount if isinstance(event, PaymentAllocated) else -event.amount
        invoice, payment = self.invoices[event.invoice_id], self.payments[event.payment_id]
        invoice = invoice._replace(paid=invoice.paid + amount, since=max(invoice.since, at))
        payment = payment._replace(allocated=payment.allocated + amount, since=max(payment.since, at))
        pair = Pair(payment.id, invoice.id)
        allocations = {key: each for key, each in self.allocations.items() if key != pair}
        if left := self.allocations.get(pair, ZERO) + amount:
            allocations[pair] = left
        return replace(
            self,
            invoices={**self.invoices, invoice.id: invoice},
            payments={**self.payments, payment.id: payment},
            allocations=allocations,
        )

    def _with_invoice(self, invoice: Invoice) -> "Account":
        return replace(self, invoices={**self.invoices, invoice.id: invoice})

    def _with_payment(self, payment: Payment) -> "Account":
        return replace(self, payments={**self.payments, payment.id: payment})

    def invoice(self, invoice_id: UUID, context: RuleContext) -> Invoice:
        """The invoice with this id, if nothing happened to it after the decision."""
        invoice = self.invoices.get(invoice_id)
        if invoice is None:
            raise Refused("unknown_invoice", invoice_id=invoice_id)
        refuse_before(invoice.since, context, invoice_id=invoice_id)
        return invoice

    def payment(self, payment_id: UUID, context: RuleContext) -> Payment:
        """The payment with this id, if nothing happened to it after the decision."""
        payment = self.payments.get(payment_id)
        if payment is None:
            raise Refused("unknown_payment", payment_id=payment_id)
        refuse_before(payment.since, context, payment_id=payment_id)
        return payment

    def owing(self, currency: str, at: datetime) -> list[Invoice]:
        """The invoices in a currency of which something is owed, the oldest first, as they stood at this moment."""
        found = (each for each in self.invoices.values() if each.owed and each.currency == currency)
        return sorted((each for each in found if each.since <= at), key=lambda each: (each.issued_at, each.id))

    def credit(self, currency: str, at: datetime) -> list[Payment]:
        """The payments in a currency of which something is free, the oldest first, as they stood at this moment."""
        found = (each for each in self.payments.values() if each.free and each.currency == currency)
        return sorted((each for each in found if each.since <= at), key=lambda each: (each.received_at, each.id))

    def asked_for(self, *keys: UUID) -> Decimal:
        """What the invoices for these orders, deals or shipments take of their worth."""
        invoices = self.invoices.values()
        return sum((each.asked for each in invoices if {each.order_id, each.deal_id, each.shipment_id} & {*keys}), ZERO)


def allocated(payments: Iterable[Payment], invoices: Iterable[Invoice]) -> list[Event]:
    """The free parts of payments go to what is owed, in the order of both."""
    free = {payment.id: payment.free for payment in payments}
    events: list[Event] = []
    for invoice in invoices:
        owed = invoice.owed
        for payment_id, left in free.items():
            if part := min(owed, left):
                events.append(_allocation(payment_id, invoice, part))
                free[payment_id], owed = left - part, owed - part
    return events


def _allocation(payment_id: UUID, invoice: Invoice, amount: Decimal) -> PaymentAllocated:
    return PaymentAllocated(payment_id=payment_id, invoice_id=invoice.id, amount=amount, currency=invoice.currency)


def released(account: Account, excess: Decimal, currency: str, **of: UUID) -> list[Event]:
    """So much of what goes to an invoice, or comes from a payment, is free again; the last allocation goes first."""
    events: list[Event] = []
    for pair, amount in reversed(list(account.allocations.items())):
        part = min(amount, max(excess, ZERO))
        if part and all(getattr(pair, name) == key for name, key in of.items()):
            events.append(PaymentReleased(**pair._asdict(), amount=part, currency=currency))
            excess -= part
    return events


def issued_invoice(event: InvoiceIssued, at: datetime) -> Invoice:
    """The invoice as it was issued."""
    return Invoice(
        event.invoice_id,
        event.number,
        event.amount,
        event.currency,
        at,
        at,
        event.due_on,
        event.order_id,
        event.deal_id,
        event.shipment_id,
    )


def received_payment(event: PaymentReceived, at: datetime) -> Payment:
    """The payment as it was received."""
    key = (event.payment_id, event.amount, event.currency)
    return Payment(*key, at, at, event.order_id, event.deal_id, event.invoice_id)
