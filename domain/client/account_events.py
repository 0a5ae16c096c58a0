"""What is asked of the client and what it pays: invoices, credit notes, payments and what they go to, refunds."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from domain.kernel import Event, Personal


class CreditKind(StrEnum):
    """Why less is asked: goods came back, a price was let down, or the invoice was wrong."""

    RETURN = "return"
    ALLOWANCE = "allowance"
    CORRECTION = "correction"


class InvoiceIssued(Event, topic="invoices.issued", begins="invoice_id"):
    """The client is asked to pay for an order, a shipment of it, or a won deal, by the end of a day."""

    invoice_id: UUID
    number: str | None = None
    amount: Decimal
    currency: str
    due_on: date
    order_id: UUID | None = None
    deal_id: UUID | None = None
    shipment_id: UUID | None = None


class InvoiceCredited(Event, topic="invoices.credited", begins="credit_note_id"):
    """So much less is asked by an invoice. An allowance also takes it off what the order or deal brought."""

    credit_note_id: UUID
    invoice_id: UUID
    kind: CreditKind
    amount: Decimal
    currency: str
    order_id: UUID | None = None
    deal_id: UUID | None = None
    return_id: UUID | None = None
    reason: Personal[str] = None


class PaymentReceived(Event, topic="payments.received", begins="payment_id"):
    """The client paid, for an invoice, an order or a deal where one is named."""

    schema_version = 2

    payment_id: UUID
    amount: Decimal
    currency: str
    order_id: UUID | None = None
    deal_id: UUID | None = None
    invoice_id: UUID | None = None

    @classmethod
    def upcast(cls, data: dict[str, Any], from_version: int) -> dict[str, Any]:
        """There were no invoices in the first version."""
        return data


class PaymentAllocated(Event, topic="payments.allocated"):
    """So much of a payment goes to an invoice."""

    payment_id: UUID
    invoice_id: UUID
    amount: Decimal
    currency: str


class PaymentReleased(Event, topic="payments.released"):
    """So much of a payment goes to an invoice no longer: it is the client's credit."""

    payment_id: UUID
    invoice_id: UUID
    amount: Decimal
    currency: str


class PaymentCorrected(Event, topic="payments.corrected"):
    """The payment was recorded wrongly: it was of this amount. Of zero: it was none of this client's."""

    payment_id: UUID
    amount: Decimal
    before: Decimal
    currency: str
    reason: Personal[str] = None


class PartOfPayment(BaseModel):
    """So much of a payment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    payment_id: UUID
    amount: Decimal


class RefundMade(Event, topic="refunds.made", begins="refund_id"):
    """The client got money back, out of these payments."""

    refund_id: UUID
    amount: Decimal
    currency: str
    payments: tuple[PartOfPayment, ...]
    reason: Personal[str] = None
