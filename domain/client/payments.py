"""Payments."""

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from pydantic import model_validator

from domain.client.ordering import won_deal
from domain.kernel import Command, Event, Refused
from domain.regulation.state import RuleContext
from domain.types import Currency, PositiveAmount

if TYPE_CHECKING:
    from domain.client.state import Client


class PaymentReceived(Event, topic="payments.received", begins="payment_id"):
    """The client paid, for an order or a deal where one is named."""

    payment_id: UUID
    amount: Decimal
    currency: str
    order_id: UUID | None = None
    deal_id: UUID | None = None


class RecordPayment(Command):
    """Record a payment: for an order, for a won deal, or on account. A client pays in whatever step it is."""

    amount: PositiveAmount
    currency: Currency
    order_id: UUID | None = None
    deal_id: UUID | None = None

    refusals: ClassVar = (
        "unknown_order",
        "order_cancelled",
        "unknown_deal",
        "deal_not_won",
        "wrong_currency",
        "before_its_cause",
    )
    examples: ClassVar = ({"amount": "10000.00", "currency": "EUR"},)

    @model_validator(mode="after")
    def _order_or_deal(self) -> "RecordPayment":
        if self.order_id and self.deal_id:
            raise ValueError("send order_id or deal_id, not both")
        return self

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if self.deal_id:
            won_deal(client, self.deal_id, self.currency, context)
        if self.order_id:
            order = client.orders.get(self.order_id, context)
            if order.currency != self.currency:
                raise Refused("wrong_currency", currency=self.currency, needed=order.currency)
        return [
            PaymentReceived(
                payment_id=context.new_id(),
                amount=self.amount,
                currency=self.currency,
                order_id=self.order_id,
                deal_id=self.deal_id,
            )
        ]
