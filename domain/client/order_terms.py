"""The terms of an order: what its articles are below their list prices, and what it leaves; and by whose leave."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.client.order_events import OrderPlaced
from domain.client.orders import ZERO, as_money
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
    make the discount look smaller. The margin is judged on the `whole`. An order that fulfils a won `deal` may give
    what was given with the deal, whose margin was judged when it was won.
    """

    goods: Judged
    whole: Judged
    deal: "Deal | None" = None

    @property
    def exceeds_discount(self) -> bool:
        """Whether its articles are further below their list prices than the rules allow."""
        return self.goods.exceeds_discount and not self._is_agreed

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
        return self.deal is None and self.whole.lacks_margin

    def lacking(self, discount: "Approval | None", margin: "Approval | None") -> dict[str, Any]:
        """What the rules say of the terms that these approvals do not cover; empty where everything is in order."""
        facts = self.whole.margin_facts if self.lacks_margin and not margin else {}
        return facts | (self.goods.discount_facts if self.exceeds_discount and not discount else {})


def order_terms(client: "Client", placed: OrderPlaced, context: RuleContext) -> OrderTerms:
    """The terms of an order that is to be placed."""
    goods = _goods(placed)
    whole = Terms(placed.amount, goods.discount, placed.cost)
    deal = client.deals.by_id[placed.deal_id] if placed.deal_id else None
    goods_judged, whole_judged = (judged(client, terms, placed.currency, context) for terms in (goods, whole))
    return OrderTerms(goods_judged, whole_judged, deal)


def _goods(placed: OrderPlaced) -> Terms:
    """The articles of the catalogue: what is above a list price makes up for nothing that is below another."""
    listed, given = ZERO, ZERO
    for line in placed.lines:
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
    goods, whole = terms.goods.terms, terms.whole.terms
    given = client.approvals.of_orders(placed.currency, context.occurred_at)
    discount = next((each for each in given if terms.exceeds_discount and each.goods.allow_discount_of(goods)), None)
    margin = next((each for each in given if terms.lacks_margin and each.terms.allow_margin_of(whole)), None)
    if lacking := terms.lacking(discount, margin):
        raise Refused("approval_required", **lacking)
    said = {
        "discount": whole.discount,
        "discount_limit_percent": terms.goods.discount_limit_percent,
        "needed_margin_percent": None if terms.deal else terms.whole.needed_margin_percent,
        "approvals": tuple(dict.fromkeys(each.id for each in (discount, margin) if each)),
    }
    return placed.model_copy(update=said)
