"""The part of the card's answer that is about money: deals with what they leave, orders, sums and the loyalty tier."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from app.api.card_body import DealBody, LoyaltyBody, MoneyBody, OrderBody, PurchaseBody
from domain.client.terms import Terms
from domain.regulation.state import Regulation
from projections.card import ClientCard
from projections.card_trade import Trade
from projections.card_trade_rows import NOTHING, CardDeal


def trade_bodies(card: ClientCard, whole: Trade, regulation: Regulation) -> dict[str, Any]:
    """The fields of the card's body that are about money. The tier follows from the regulation.

    `whole` is with what the clients brought that this one stands for. Deals and orders are those of the client itself,
    as they are worked under its id; so is the tier, by which the rules give it discounts.
    """
    return {
        "deals": [_deal(deal, card) for deal in card.trade.last_deals],
        "orders": [OrderBody.model_validate(order) for order in card.trade.last_orders],
        "money": list(_money(whole)),
        "loyalty_tier": _tier(card.trade, regulation),
        "last_purchase": PurchaseBody.model_validate(whole.last_purchase) if whole.last_purchase else None,
    }


def _deal(deal: CardDeal, card: ClientCard) -> DealBody:
    obligations = card.agreements.costs.get(deal.id, Decimal())
    terms = Terms(deal.amount, deal.discount, deal.cost, obligations)
    approval = card.agreements.approvals.get(deal.id)
    return DealBody.model_validate(
        {
            **deal._asdict(),
            "obligations": obligations,
            "profit": terms.profit,
            "margin_percent": terms.margin_percent,
            "approval": approval.state if approval else None,
        }
    )


def _tier(trade: Trade, regulation: Regulation) -> LoyaltyBody | None:
    rules = regulation.discount_rules
    tier = rules.tier(trade.realised) if rules else None
    return LoyaltyBody.model_validate(tier) if tier else None


def _money(trade: Trade) -> Iterator[MoneyBody]:
    for currency in trade.currencies:
        sums = trade.money.get(currency, NOTHING)
        expected = [deal.amount for deal in trade.open_deals if deal.currency == currency]
        yield MoneyBody(
            currency=currency,
            won_deals=sums.won,
            revenue=sums.revenue,
            cost=sums.cost,
            margin=sums.revenue - sums.cost,
            orders=sums.orders,
            ordered=sums.ordered,
            paid=sums.paid,
            open_deals=len(expected),
            expected=sum(expected, Decimal()),
        )
