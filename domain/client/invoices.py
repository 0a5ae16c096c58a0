"""Invoices for orders, their shipments and won deals; and credit notes, by which less is asked."""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple, Self
from uuid import UUID

from pydantic import Field, model_validator

from domain.client.account import ZERO, Invoice, Payment, allocated, issued_invoice, refuse_finer, released
from domain.client.account_events import CreditKind, InvoiceCredited, InvoiceIssued
from domain.client.order_state import Order
from domain.currencies import payable
from domain.kernel import Command, Event, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import Day, OptionalText, OptionalWord, PositiveAmount

if TYPE_CHECKING:
    from domain.client.deal_state import Deal
    from domain.client.state import Client

DAYS_TO_PAY = 14


class IssueInvoice(Command):
    """Ask the client to pay for an order, a shipment of it, or a won deal.

    Without an amount it is all that was not asked for yet, as far as it can be paid in the currency. All invoices of an
    order or a shipment together never ask for more than it is worth, nor do those of a deal and its orders together ask
    for more than the deal is, without what came back. What the client has paid already, on account or for this order or
    deal, goes to the invoice; so does what was paid beyond anything else that is paid in full.
    """

    order_id: UUID | None = None
    shipment_id: Annotated[UUID | None, Field(description="Only this shipment of the order")] = None
    deal_id: UUID | None = None
    number: OptionalWord = None
    amount: PositiveAmount | None = None
    due_on: Annotated[Day | None, Field(description=f"{DAYS_TO_PAY} days after the invoice, when absent")] = None

    refusals: ClassVar = (
        "unknown_order",
        "order_cancelled",
        "unknown_shipment",
        "shipment_invoiced",
        "unknown_deal",
        "deal_not_won",
        "before_its_cause",
        "number_taken",
        "due_before_issue",
        "finer_than_currency",
        "nothing_to_invoice",
        "invoice_exceeds_worth",
    )
    examples: ClassVar = (
        {"order_id": "7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11", "number": "I-2030-118", "due_on": "2030-05-31"},
    )

    @model_validator(mode="after")
    def _order_or_deal(self) -> Self:
        if (self.order_id is None) == (self.deal_id is None):
            raise ValueError("send either order_id or deal_id")
        if self.shipment_id and not self.order_id:
            raise ValueError("send the order_id of the shipment")
        return self

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        currency, claims = self._claims(client, context)
        least = min(claims, key=lambda claim: claim.left)
        amount = self.amount or least.left
        refuse_finer(amount, currency)
        self._check(client, context, amount, least)
        day = context.local_day(context.occurred_at)
        issued = InvoiceIssued(
            invoice_id=context.new_id(),
            number=self.number,
            amount=amount,
            currency=currency,
            due_on=self.due_on or day + timedelta(days=DAYS_TO_PAY),
            order_id=self.order_id,
            deal_id=self.deal_id,
            shipment_id=self.shipment_id,
        )
        return [issued, *_from_credit(client, issued, context)]

    def _claims(self, client: "Client", context: RuleContext) -> tuple[str, list["_Claim"]]:
        """The currency of what is invoiced, and all that the invoice may not ask more for than is left of it."""
        if self.deal_id:
            deal = client.deals.get_won(self.deal_id, context)
            return deal.currency, [_claim_of_deal(client, deal)]
        assert self.order_id is not None
        order = client.orders.get(self.order_id, context)
        claims = _claims_of_order(client, self.order_id)
        if self.shipment_id:
            claims.append(self._of_shipment(client, order, self.shipment_id))
        return order.currency, claims

    def _of_shipment(self, client: "Client", order: Order, shipment_id: UUID) -> "_Claim":
        shipment = order.shipments.get(shipment_id)
        if shipment is None:
            raise Refused("unknown_shipment", shipment_id=shipment_id)
        claim = _Claim(shipment.amount, client.account.asked_for(shipment_id), order.currency)
        if claim.asked and claim.left <= 0:
            raise Refused("shipment_invoiced", shipment_id=shipment_id, worth=claim.worth, invoiced=claim.asked)
        return claim

    def _check(self, client: "Client", context: RuleContext, amount: Decimal, claim: "_Claim") -> None:
        for invoice in client.account.invoices.values():
            if self.number and invoice.number == self.number:
                raise Refused("number_taken", number=self.number, invoice_id=invoice.id)
        if self.due_on and self.due_on < context.local_day(context.occurred_at):
            raise Refused("due_before_issue", due_on=self.due_on)
        if amount <= 0:
            raise Refused("nothing_to_invoice", worth=claim.worth, invoiced=claim.asked)
        if amount > claim.left:
            raise Refused("invoice_exceeds_worth", worth=claim.worth, invoiced=claim.asked, amount=amount)


class _Claim(NamedTuple):
    """What something is worth without what came back of it, and what its invoices take of that."""

    worth: Decimal
    asked: Decimal
    currency: str

    @property
    def left(self) -> Decimal:
        """What can still be asked for; less than the smallest unit of the currency is nothing."""
        return payable(self.worth - self.asked, self.currency)


def _claims_of_order(client: "Client", order_id: UUID) -> list[_Claim]:
    """The order, and the deal that it fulfils."""
    order = client.orders.by_id[order_id]
    own = _Claim(order.amount - order.returned, client.account.asked_for(order_id), order.currency)
    return [own, _claim_of_deal(client, client.deals.by_id[order.deal_id])] if order.deal_id else [own]


def _claim_of_deal(client: "Client", deal: "Deal") -> _Claim:
    """The deal, with the orders that fulfil it: what comes back of them is taken off it, their invoices ask for it."""
    orders = client.orders.of_deal(deal.id)
    returned = sum((order.returned for order in orders.values()), ZERO)
    return _Claim(deal.amount - returned, client.account.asked_for(deal.id, *orders), deal.currency)


def _from_credit(client: "Client", issued: InvoiceIssued, context: RuleContext) -> list[Event]:
    """What was paid for the same thing goes to the invoice first, then what is needed for nothing else."""
    at = context.occurred_at
    invoice = issued_invoice(issued, at)
    credit = client.account.credit(issued.currency, at)
    meant = [payment for payment in credit if _is_meant(client, payment, invoice)]
    spare = [payment for payment in credit if payment not in meant and _is_spare(client, payment)]
    return allocated([*meant, *spare], [invoice])


def _is_meant(client: "Client", payment: Payment, invoice: Invoice) -> bool:
    """Whether they are for the same, or one for a deal and the other for an order that fulfils it."""
    deal_id = _deal_of(client, payment)
    of_deal = deal_id and deal_id == _deal_of(client, invoice) and not (payment.order_id and invoice.order_id)
    return payment.is_for(invoice) or bool(of_deal)


def _deal_of(client: "Client", named: Payment | Invoice) -> UUID | None:
    return named.deal_id or (client.orders.by_id[named.order_id].deal_id if named.order_id else None)


def _is_spare(client: "Client", payment: Payment) -> bool:
    """Whether it is on account, or what it names is paid and asks for nothing more."""
    invoices = client.account.invoices
    if payment.invoice_id:
        return not invoices[payment.invoice_id].owed
    if any(invoice.owed for invoice in invoices.values() if _is_meant(client, payment, invoice)):
        return False
    if payment.order_id:
        claims = _claims_of_order(client, payment.order_id)
        return client.orders.by_id[payment.order_id].cancelled or min(claim.left for claim in claims) <= 0
    return not payment.deal_id or _claim_of_deal(client, client.deals.by_id[payment.deal_id]).left <= 0


class CreditInvoice(Command):
    """Ask for less than the invoice did: goods came back, a price is let down, or the invoice was wrong.

    What was paid beyond the rest is the client's credit. For goods that came back the return is named; without an
    amount it is what they were worth, as far as it can be paid in the currency, else all that the invoice still asks
    for. A fraction that the invoice owes from before is credited along. Of a cancelled order nothing
    can be let down: its invoice is corrected.
    """

    invoice_id: UUID
    kind: CreditKind
    return_id: UUID | None = None
    amount: PositiveAmount | None = None
    reason: OptionalText = None

    refusals: ClassVar = (
        "unknown_invoice",
        "order_cancelled",
        "unknown_return",
        "before_its_cause",
        "finer_than_currency",
        "credit_exceeds_invoice",
        "credit_exceeds_return",
        "return_credited",
        "nothing_to_credit",
    )
    examples: ClassVar = ({"kind": "allowance", "amount": "15.00", "reason": "Delivered late"},)

    @model_validator(mode="after")
    def _return(self) -> Self:
        if (self.kind is CreditKind.RETURN) != (self.return_id is not None):
            raise ValueError("send return_id with the kind return, and only with it")
        return self

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        invoice = client.account.invoice(self.invoice_id, context)
        self._refuse_of_cancelled(client, invoice)
        left = invoice.amount - invoice.credited
        of_return = min(left, self._of_return(client, invoice, context)) if self.return_id else left
        amount = self.amount or of_return
        if amount != left:
            refuse_finer(amount, invoice.currency, invoice.fraction)
        if amount <= 0:
            raise Refused("nothing_to_credit", invoice_id=invoice.id, credited=invoice.credited)
        if amount > left:
            raise Refused("credit_exceeds_invoice", invoice_id=invoice.id, amount=amount, left=left)
        if amount > of_return:
            raise Refused("credit_exceeds_return", return_id=self.return_id, amount=amount, left=of_return)
        credited = InvoiceCredited(
            credit_note_id=context.new_id(),
            invoice_id=invoice.id,
            kind=self.kind,
            amount=amount,
            currency=invoice.currency,
            order_id=invoice.order_id,
            deal_id=invoice.deal_id,
            return_id=self.return_id,
            reason=self.reason or None,
        )
        excess = invoice.paid - (left - amount)
        return [credited, *released(client.account, excess, invoice.currency, invoice_id=invoice.id)]

    def _refuse_of_cancelled(self, client: "Client", invoice: Invoice) -> None:
        """A cancelled order brought nothing that something could be let down of: its invoice was wrong."""
        if self.kind is CreditKind.ALLOWANCE and invoice.order_id and client.orders.by_id[invoice.order_id].cancelled:
            raise Refused("order_cancelled", order_id=invoice.order_id, kind=CreditKind.CORRECTION)

    def _of_return(self, client: "Client", invoice: Invoice, context: RuleContext) -> Decimal:
        """What can be credited of the return, so that no fraction stays owed.

        What the other returns of the order or deal were rounded by counts, so that the credits add up to the whole.
        """
        assert self.return_id is not None
        order = self._order(client, invoice, context)
        worth, credited = order.returns[self.return_id], client.account.returns.get(self.return_id, ZERO)
        left = worth - credited + self._rounded_off(client, order)
        if left >= invoice.amount - invoice.credited:
            return left
        fraction = invoice.fraction
        most = payable(left - fraction, invoice.currency) + fraction if left >= fraction else ZERO
        if credited and most <= 0:
            raise Refused("return_credited", return_id=self.return_id, worth=worth, credited=credited)
        return most

    def _order(self, client: "Client", invoice: Invoice, context: RuleContext) -> Order:
        for order_id, order in client.orders.by_id.items():
            is_meant = order_id == invoice.order_id or (order.deal_id and order.deal_id == invoice.deal_id)
            if self.return_id in order.returns and is_meant:
                refuse_before(order.since, context, return_id=self.return_id)
                return order
        raise Refused("unknown_return", return_id=self.return_id, invoice_id=invoice.id)

    def _rounded_off(self, client: "Client", order: Order) -> Decimal:
        orders = client.orders.of_deal(order.deal_id).values() if order.deal_id else [order]
        others = ((key, worth) for each in orders for key, worth in each.returns.items() if key != self.return_id)
        left = (worth - client.account.returns.get(key, ZERO) for key, worth in others)
        return sum((each - payable(each, order.currency) for each in left), ZERO)
