"""Orders and payments, as far as the client's value needs them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.kernel import Command, Event, Personal, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import (
    AMOUNT_LIMIT,
    AMOUNT_UNIT,
    Amount,
    Currency,
    OptionalText,
    OptionalWord,
    PositiveAmount,
    Quantity,
    Step,
    Word,
)

if TYPE_CHECKING:
    from domain.client.deals import Deal
    from domain.client.state import Client


D = TypeVar("D", Decimal, Decimal | None)
CENT = Decimal("0.01")


class OrderLine(BaseModel):
    """One article of an order; price and cost are per unit, in the order's currency."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    article: Word
    quantity: Quantity
    price: Amount
    cost: Amount | None = None


class OrderPlaced(Event, topic="orders.placed", begins="order_id"):
    """The client ordered. `amount` and `cost` are of the whole order; cost is None where it is not known."""

    order_id: UUID
    number: str | None = None
    lines: tuple[OrderLine, ...] = ()
    amount: Decimal
    cost: Decimal | None = None
    currency: str
    deal_id: UUID | None = None


class OrderCancelled(Event, topic="orders.cancelled"):
    """The order is void; it counts in no sum any more."""

    order_id: UUID
    reason: Personal[str] = None


class PaymentReceived(Event, topic="payments.received", begins="payment_id"):
    """The client paid, for an order or a deal where one is named."""

    payment_id: UUID
    amount: Decimal
    currency: str
    order_id: UUID | None = None
    deal_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order as later decisions need it, with the won deal that it fulfils, if any."""

    currency: str
    placed_at: datetime
    amount: Decimal
    deal_id: UUID | None = None
    cancelled: bool = False

    @property
    def revenue(self) -> Decimal:
        """What it adds to what the client brought: nothing where it fulfils a deal, whose revenue it is."""
        return Decimal() if self.deal_id else self.amount


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """The client's orders by id, and when it last ordered."""

    orders: Mapping[UUID, Order] = field(default_factory=dict[UUID, Order])

    def evolve(self, recorded: Recorded) -> "Fulfilment":
        """After an order was placed or cancelled."""
        match recorded.event:
            case OrderPlaced(order_id=key) as event:
                order = Order(event.currency, recorded.occurred_at, event.amount, event.deal_id)
                return Fulfilment({**self.orders, key: order})
            case OrderCancelled(order_id=key):
                return Fulfilment({**self.orders, key: replace(self.orders[key], cancelled=True)})
            case _:
                return self

    @property
    def standing(self) -> list[Order]:
        """The orders that were not cancelled."""
        return [order for order in self.orders.values() if not order.cancelled]

    @property
    def last_ordered_at(self) -> datetime | None:
        """When the last order that stands was placed."""
        return max((order.placed_at for order in self.standing), default=None)

    def ordered_of(self, deal_id: UUID) -> Decimal:
        """The amount of the orders that stand and fulfil this deal, in its currency."""
        return sum((order.amount for order in self.standing if order.deal_id == deal_id), Decimal())

    def get(self, order_id: UUID, context: RuleContext) -> Order:
        """The order with this id, if it stands and was placed before the decision."""
        order = self.orders.get(order_id)
        if order is None:
            raise Refused("unknown_order", order_id=order_id)
        if order.cancelled:
            raise Refused("order_cancelled", order_id=order_id)
        refuse_before(order.placed_at, context, order_id=order_id)
        return order


class OrderBody(BaseModel):
    """What was ordered: lines, or the amount of the whole."""

    number: OptionalWord = None
    lines: Annotated[tuple[OrderLine, ...], Field(max_length=1000)] = ()
    amount: Annotated[Amount | None, Field(description="The whole order; the sum of the lines, when absent")] = None
    cost: Annotated[Amount | None, Field(description="The whole order; the sum of the lines, when absent")] = None
    currency: Currency

    @model_validator(mode="after")
    def _lines_or_amount(self) -> Self:
        if not self.lines and self.amount is None:
            raise ValueError("send lines or amount")
        if self.lines and self.amount is not None:
            raise ValueError("send lines or amount, not both")
        if max(_prices(self.lines), _costs(self.lines) or 0) > AMOUNT_LIMIT - AMOUNT_UNIT:
            raise ValueError(f"the sum of the lines must be less than {AMOUNT_LIMIT:,}")
        return self

    def placed(self, order_id: UUID, deal_id: UUID | None = None) -> OrderPlaced:
        """The fact that this was ordered."""
        return OrderPlaced(
            order_id=order_id,
            number=self.number,
            lines=self.lines,
            amount=_as_money(_prices(self.lines)) if self.amount is None else self.amount,
            cost=_as_money(_costs(self.lines)) if self.cost is None else self.cost,
            currency=self.currency,
            deal_id=deal_id,
        )


class PlaceOrder(OrderBody, Command):
    """Place an order in account service: lines, or the amount of the whole.

    An order that fulfils a won deal names it in `deal_id`; its revenue is the deal's and is counted once. Together such
    orders are worth no more than the deal: what goes beyond is an order of its own.
    """

    deal_id: UUID | None = None

    refusals: ClassVar = (
        "wrong_step",
        "unknown_deal",
        "deal_not_won",
        "wrong_currency",
        "order_exceeds_deal",
        "before_its_cause",
        "client_disqualified",
    )
    examples: ClassVar = (
        {"amount": "10000.00", "cost": "7000.00", "currency": "EUR"},
        {
            "number": "2030-17",
            "currency": "EUR",
            "lines": [{"article": "Pipe 40", "quantity": "10", "price": "25.50", "cost": "18"}],
        },
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if client.step is not Step.ACCOUNT_SERVICE:
            raise Refused("wrong_step", step=client.step, needed=Step.ACCOUNT_SERVICE)
        refuse_before(client.handoffs.step_since, context, step=client.step)
        placed = self.placed(context.new_id(), self.deal_id)
        if self.deal_id:
            deal = _won_deal(client, self.deal_id, self.currency, context)
            _refuse_beyond(deal, client.fulfilment.ordered_of(deal.id), placed.amount)
        return [placed]


def _prices(lines: tuple[OrderLine, ...]) -> Decimal:
    return sum((line.quantity * line.price for line in lines), Decimal())


def _costs(lines: tuple[OrderLine, ...]) -> Decimal | None:
    """None where the cost of any line is not known."""
    costs = [line.quantity * line.cost for line in lines if line.cost is not None]
    return sum(costs, Decimal()) if costs and len(costs) == len(lines) else None


def _as_money(total: D) -> D:
    """The total in the smallest unit that amounts are kept in, half up; with two decimals where they are enough."""
    if total is None:
        return total
    exact = total.quantize(AMOUNT_UNIT, ROUND_HALF_UP)
    short = exact.quantize(CENT)
    return short if short == exact else exact


def _won_deal(client: "Client", deal_id: UUID, currency: str, context: RuleContext) -> "Deal":
    deal = client.deals.get_won(deal_id, context)
    if deal.currency != currency:
        raise Refused("wrong_currency", currency=currency, needed=deal.currency)
    return deal


def _refuse_beyond(deal: "Deal", ordered: Decimal, amount: Decimal) -> None:
    """Revenue is counted with the deal, so that whatever its orders had beyond it would be lost."""
    if ordered + amount > deal.amount:
        raise Refused("order_exceeds_deal", deal_id=deal.id, revenue=deal.amount, ordered=ordered, amount=amount)


class CancelOrder(Command):
    """Cancel an order."""

    order_id: UUID
    reason: OptionalText = None

    refusals: ClassVar = ("unknown_order", "order_cancelled", "before_its_cause")
    examples: ClassVar = ({"reason": "Placed twice"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        client.fulfilment.get(self.order_id, context)
        return [OrderCancelled(order_id=self.order_id, reason=self.reason)]


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
            _won_deal(client, self.deal_id, self.currency, context)
        if self.order_id:
            order = client.fulfilment.get(self.order_id, context)
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
