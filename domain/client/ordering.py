"""Placing orders: of what is free, or of articles of the catalogue, which are priced from a list and reserved."""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from domain.catalogue.articles import Article
from domain.catalogue.codes import Code, article_id, stock_id
from domain.catalogue.pricing import PRICING_REFUSALS, Pricing
from domain.client.approvals import ApprovalRequested
from domain.client.order_events import OrderPlaced
from domain.client.order_lines import OrderHead, OrderLine, check_lines
from domain.client.order_terms import allowed, order_terms
from domain.client.reserving import Reserving, reservations
from domain.kernel import Consequence, Event, JointCommand, Reach, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.stock.state import Stock
from domain.types import AMOUNT_LIMIT, AMOUNT_UNIT, EmptyIsNone, SomeText, Step

if TYPE_CHECKING:
    from domain.client.deal_state import Deal
    from domain.client.state import Client


WISH_REFUSALS = (
    "client_disqualified",
    "wrong_step",
    "unknown_deal",
    "deal_not_won",
    "wrong_currency",
    "order_exceeds_deal",
    "before_its_cause",
    *PRICING_REFUSALS,
    "unknown_warehouse",
    "warehouse_closed",
    "warehouse_needed",
    "article_not_stocked",
    "not_enough_stock",
    "amount_too_large",
)
"""For what an order may be refused, whatever its terms."""


class OrderWish(OrderHead, JointCommand):
    """What is to be ordered in account service: lines, or the amount of the whole."""

    lines: Annotated[tuple[OrderLine, ...], Field(max_length=1000)] = ()
    price_list: Annotated[Code | None, EmptyIsNone, Field(description="The code of the list to price by")] = None
    deal_id: UUID | None = None
    back_order: Annotated[
        bool, Field(description="Whether to order what nothing is expected of; else it is refused")
    ] = True

    @model_validator(mode="after")
    def _lines_or_amount(self) -> Self:
        check_lines(self.lines, self.amount)
        return self

    @model_validator(mode="after")
    def _one_cost(self) -> Self:
        if self.cost is not None and any(line.cost is not None for line in self.lines):
            raise ValueError("send the cost of the whole order or the costs of its lines, not both")
        return self

    def reach(self, state: Any) -> Collection[Reach]:
        codes = {line.article.casefold(): line.article for line in self.lines if line.article}
        return [
            reach
            for code in codes.values()
            for reach in (Reach(Article, article_id(code)), Reach(Stock, stock_id(code)))
        ]

    def wished(self, client: "Client", context: RuleContext) -> OrderPlaced:
        """The order as it would be placed, by whatever terms."""
        if client.step is not Step.ACCOUNT_SERVICE:
            raise Refused("wrong_step", step=client.step, needed=Step.ACCOUNT_SERVICE)
        refuse_before(client.handoffs.step_since, context, step=client.step)
        order_id = context.new_id()
        pricing = Pricing(self.currency, client.card.category, self.price_list)
        lines = tuple(Reserving(order_id, pricing, self.back_order, context).placed(self.lines))
        placed = self.placed(order_id, lines, self.deal_id)
        if placed.amount > AMOUNT_LIMIT - AMOUNT_UNIT:
            raise Refused("amount_too_large", amount=placed.amount, limit=AMOUNT_LIMIT)
        if self.deal_id:
            deal = won_deal(client, self.deal_id, self.currency, context)
            _refuse_beyond(deal, client.orders.ordered_of(deal.id), placed.amount)
        return placed


class PlaceOrder(OrderWish):
    """Place an order in account service: lines, or the amount of the whole.

    The price of an article is that of the list on the day of recording, unless another one is sent: of `price_list` or,
    without it, of the newest list in the order's currency, one for the client's category going first. What is kept in
    stock is reserved: from what lies in the warehouse and from expected arrivals, for their days, after all orders that
    were placed before. What no arrival covers waits without a day; the order says so.

    An order that fulfils a won deal names it in `deal_id`; its revenue is the deal's and is counted once. Together such
    orders are worth no more than the deal: what goes beyond is an order of its own.

    Articles below their list prices are a discount, within the limits of deals. Above the limit, or below the minimum
    margin, of the lines whose cost is known, an order needs an approval for these amounts.
    """

    refusals: ClassVar = (*WISH_REFUSALS, "approval_required")
    examples: ClassVar = (
        {"amount": "10000.00", "cost": "7000.00", "currency": "EUR"},
        {
            "number": "2030-17",
            "currency": "EUR",
            "lines": [{"text": "Welding on site, hours", "quantity": "10", "price": "25.50", "cost": "18"}],
        },
        {"currency": "EUR", "lines": [{"article": "BROOM-GREEN-T", "quantity": "10", "warehouse": "main"}]},
        {"currency": "EUR", "lines": [{"article": "BROOM-GREEN-T", "quantity": "10"}], "back_order": False},
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        return [allowed(client, self.wished(client, context), context)]

    def consequences(self, state: "Client", events: Sequence[Event]) -> Iterable[Consequence]:
        for event in events:
            if isinstance(event, OrderPlaced):
                yield from reservations(event, state.id)


class RequestOrderApproval(OrderWish):
    """Ask for an order beyond the rules, with what is to be ordered: it is placed once a head has agreed.

    An approval covers one order in its currency: its articles of the catalogue with no more discount and for no less
    than these; for the margin, all whose cost is known for no less, at no higher cost.
    """

    reason: SomeText

    refusals: ClassVar = (*WISH_REFUSALS, "approval_not_needed")
    examples: ClassVar = (
        {
            "currency": "EUR",
            "lines": [{"article": "BROOM-GREEN-T", "quantity": "10", "price": "9.50", "cost": "8"}],
            "reason": "The last ones of the old model",
        },
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        wished = self.wished(client, context)
        terms = order_terms(client, wished, context)
        goods, costed = terms.goods, terms.costed
        if not (terms.exceeds_discount or terms.lacks_margin):
            raise Refused("approval_not_needed", **costed.margin_facts, **goods.discount_facts)
        return [
            ApprovalRequested(
                approval_id=context.new_id(),
                currency=self.currency,
                **terms.whole._asdict(),
                needed_margin_percent=costed.needed_margin_percent,
                discount_limit_percent=goods.discount_limit_percent,
                goods_list_price=goods.terms.list_price,
                lines=tuple(line.priced for line in wished.lines),
                reason=self.reason,
            )
        ]

    def consequences(self, state: "Client", events: Sequence[Event]) -> Iterable[Consequence]:
        return ()


def won_deal(client: "Client", deal_id: UUID, currency: str, context: RuleContext) -> "Deal":
    """The won deal with this id, in this currency."""
    deal = client.deals.get_won(deal_id, context)
    if deal.currency != currency:
        raise Refused("wrong_currency", currency=currency, needed=deal.currency)
    return deal


def _refuse_beyond(deal: "Deal", ordered: Decimal, amount: Decimal) -> None:
    """Revenue is counted with the deal, so that whatever its orders had beyond it would be lost."""
    if ordered + amount > deal.amount:
        raise Refused("order_exceeds_deal", deal_id=deal.id, revenue=deal.amount, ordered=ordered, amount=amount)
