"""The terms of an order: what its articles are below their list prices, and what it leaves; and by whose leave."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.client.order_events import OrderPlaced, PricedLine
from domain.client.order_state import ZERO, Line, Order, Parts, as_money
from domain.client.terms import Judged, Terms, judged
from domain.kernel import Refused
from domain.regulation.state import RuleContext

if TYPE_CHECKING:
    from domain.client.approvals import Approval
    from domain.client.deal_state import Deal
    from domain.client.state import Client


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """An order by the rules in force for whoever places it.

    The discount is judged on its `goods`, the articles of the catalogue: what is free has no list price, and would only
    make the discount look smaller. The margin is judged on what is `costed`: the `whole`, or the lines whose cost is
    known. An order that fulfils a won `deal` may give what was given with the deal, whose margin was judged when it was
    won. Where an order is changed, what is no worse than `before` needs nobody's leave.
    """

    whole: Terms
    goods: Judged
    costed: Judged
    deal: "Deal | None" = None
    before: "OrderTerms | None" = None

    @property
    def exceeds_discount(self) -> bool:
        """Whether its articles are further below their list prices than the rules allow."""
        return self.goods.exceeds_discount and not self._is_agreed and not self._gave_as_much

    @property
    def _is_agreed(self) -> bool:
        if self.deal is None:
            return False
        agreed = Terms(self.deal.amount, self.deal.discount)
        given = self.goods.terms
        return agreed.list_price > 0 and given.discount * agreed.list_price <= agreed.discount * given.list_price

    @property
    def lacks_margin(self) -> bool:
        """Whether it leaves less than the minimum margin."""
        return self.deal is None and self.costed.lacks_margin and not self._left_as_little

    @property
    def _gave_as_much(self) -> bool:
        if self.before is None or not self.before.exceeds_discount:
            return False
        given, now = self.before.goods.terms.discount_percent, self.goods.terms.discount_percent
        return given is not None and now is not None and now <= given

    @property
    def _left_as_little(self) -> bool:
        if self.before is None or not self.before.lacks_margin:
            return False
        left, now = self.before.costed.terms.margin_percent, self.costed.terms.margin_percent
        return left is None or (now is not None and now >= left)

    def lacking(self, discount: "Approval | None", margin: "Approval | None") -> dict[str, Any]:
        """What the rules say of the terms that these approvals do not cover; empty where everything is in order."""
        facts = self.costed.margin_facts if self.lacks_margin and not margin else {}
        return facts | (self.goods.discount_facts if self.exceeds_discount and not discount else {})


def order_terms(client: "Client", ordered: OrderPlaced | Order, context: RuleContext) -> OrderTerms:
    """The terms of an order that is to be placed, or of one that is there."""
    goods = _goods(ordered.lines)
    whole = Terms(ordered.amount, goods.discount, ordered.cost)
    costed = costed_terms(whole, ordered.lines)
    deal = client.deals.by_id[ordered.deal_id] if ordered.deal_id else None
    goods_judged, costed_judged = (judged(client, terms, ordered.currency, context) for terms in (goods, costed))
    return OrderTerms(whole, goods_judged, costed_judged, deal)


def costed_terms(whole: Terms, lines: Iterable[PricedLine | Line]) -> Terms:
    """What a margin is judged on: the whole, or, where its cost is not known, the lines whose cost is."""
    known = [line for line in lines if line.cost is not None]
    if whole.cost is not None or not known:
        return whole
    revenue = as_money(sum((line.quantity * line.price for line in known), ZERO))
    cost = as_money(sum((line.quantity * (line.cost or ZERO) for line in known), ZERO))
    return Terms(revenue, _goods(known).discount, cost)


def _goods(lines: Iterable[PricedLine | Line]) -> Terms:
    """The articles of the catalogue: what is above a list price makes up for nothing that is below another."""
    listed, given = ZERO, ZERO
    for line in lines:
        if line.list_price is not None:
            listed += line.quantity * line.list_price
            given += line.quantity * max(line.list_price - line.price, ZERO)
    discount = as_money(given)
    return Terms(as_money(listed) - discount, discount)


def allowed(client: "Client", placed: OrderPlaced, context: RuleContext) -> OrderPlaced:
    """The order with the rules in force and the approvals by which it may be beyond them.

    Raises:
        Refused: `approval_required`, where something of it is beyond the rules and not approved.
    """
    terms = order_terms(client, placed, context)
    approvals = _approvals(client, terms, placed.currency, context)
    said = {
        "discount": terms.goods.terms.discount,
        "discount_limit_percent": terms.goods.discount_limit_percent,
        "needed_margin_percent": None if terms.deal else terms.costed.needed_margin_percent,
        "approvals": approvals,
    }
    return placed.model_copy(update=said)


def allowed_without(client: "Client", order: Order, parts: Parts, context: RuleContext) -> tuple[UUID, ...]:
    """The approvals by which an order may be beyond the rules once these parts of it are cancelled.

    Raises:
        Refused: `approval_required`, where it gives more or leaves less than before, and nobody approved that.
    """
    before = order_terms(client, order.without({}), context)
    after = order_terms(client, order.without(parts), context)
    return _approvals(client, replace(after, before=before), order.currency, context)


def _approvals(client: "Client", terms: OrderTerms, currency: str, context: RuleContext) -> tuple[UUID, ...]:
    goods, costed = terms.goods.terms, terms.costed.terms
    given = client.approvals.of_orders(currency, context.occurred_at)
    discount = next((each for each in given if terms.exceeds_discount and each.goods.allow_discount_of(goods)), None)
    margin = next((each for each in given if terms.lacks_margin and each.costed.allow_margin_of(costed)), None)
    if lacking := terms.lacking(discount, margin):
        raise Refused("approval_required", **lacking)
    return tuple(dict.fromkeys(each.id for each in (discount, margin) if each))
