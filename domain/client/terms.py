"""The terms of a deal: what it brings and costs, and which of that the rules leave to a head.

Profit = list price - discount - direct cost - obligations, where the list price is revenue and discount together: the
revenue is what the client pays, and a discount is not taken off twice. The margin is the profit's share of the revenue.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from domain.regulation.discounts import Buyer, ListPrice
from domain.regulation.state import Regulation, RuleContext

if TYPE_CHECKING:
    from domain.client.deal_state import Deal
    from domain.client.state import Client

HUNDRED = Decimal(100)
HUNDREDTH = Decimal("0.01")


class Terms(NamedTuple):
    """Amounts in the deal's currency. `cost` is None as long as nobody knows it: then there is no profit yet."""

    revenue: Decimal
    discount: Decimal = Decimal()
    cost: Decimal | None = None
    obligations: Decimal = Decimal()

    @property
    def list_price(self) -> Decimal:
        """What it would have brought without the discount."""
        return self.revenue + self.discount

    @property
    def profit(self) -> Decimal | None:
        """What is left of the list price after discount, direct cost and obligations."""
        return None if self.cost is None else self.list_price - self.discount - self.cost - self.obligations

    @property
    def margin_percent(self) -> Decimal | None:
        """The profit in per cent of the revenue, to two places; None without profit or revenue."""
        return None if self.profit is None else share_percent(self.profit, self.revenue)

    @property
    def discount_percent(self) -> Decimal | None:
        """The discount in per cent of the list price, to two places; None where there is no price."""
        return share_percent(self.discount, self.list_price)

    def reaches(self, margin_percent: Decimal) -> bool:
        """Whether the profit is at least this share of the revenue. A loss without revenue is below any."""
        return self.profit is None or self.profit * HUNDRED >= margin_percent * self.revenue

    def within(self, limit_percent: Decimal) -> bool:
        """Whether the discount is at most this share of the list price, rounded up to a hundredth.

        What is given away is rounded itself: 3 % of 100.30 are 3.01.
        """
        return self.discount <= (limit_percent * self.list_price / HUNDRED).quantize(HUNDREDTH, ROUND_CEILING)

    def allow_discount_of(self, other: "Terms") -> bool:
        """Whether the other terms give no more away: no larger discount, and no less revenue."""
        return other.discount <= self.discount and other.revenue >= self.revenue

    def allow_margin_of(self, other: "Terms") -> bool:
        """Whether the other terms are in no amount worse than these."""
        if self.cost is None or other.cost is None:
            return False
        no_dearer = other.cost <= self.cost and other.obligations <= self.obligations
        return no_dearer and self.allow_discount_of(other)


def terms_of(
    client: "Client",
    deal: "Deal",
    revenue: Decimal | None = None,
    discount: Decimal | None = None,
    cost: Decimal | None = None,
) -> Terms:
    """The terms of a deal, with its obligations; amounts that are not named are as the deal has them.

    What the revenue lacks to the deal's list price is a discount, whether or not somebody names it.
    """
    brought = deal.amount if revenue is None else revenue
    named = deal.discount if discount is None else discount
    given = max(named, deal.list_price - brought)
    return Terms(brought, given, deal.cost if cost is None else cost, client.obligations.cost_of(deal.id))


def share_percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """The part in per cent of the whole, rounded half up to two places; None of nothing."""
    return (part / whole * HUNDRED).quantize(HUNDREDTH, ROUND_HALF_UP) if whole else None


@dataclass(frozen=True, slots=True)
class Judged:
    """Terms and what the rules in force say of them; None where there is no rule."""

    terms: Terms
    needed_margin_percent: Decimal | None
    discount_limit_percent: Decimal | None

    @property
    def lacks_margin(self) -> bool:
        """Whether the profit is below the minimum margin."""
        needed = self.needed_margin_percent
        return needed is not None and not self.terms.reaches(needed)

    @property
    def exceeds_discount(self) -> bool:
        """Whether the discount is above the limit of whoever decides."""
        limit = self.discount_limit_percent
        return limit is not None and not self.terms.within(limit)

    @property
    def margin_facts(self) -> dict[str, Any]:
        """What a refusal for the margin tells."""
        return {
            "profit": self.terms.profit,
            "margin_percent": self.terms.margin_percent,
            "needed_margin_percent": self.needed_margin_percent,
        }

    @property
    def discount_facts(self) -> dict[str, Any]:
        """What a refusal for the discount tells."""
        return {
            "discount": self.terms.discount,
            "discount_percent": self.terms.discount_percent,
            "discount_limit_percent": self.discount_limit_percent,
        }


def judged(client: "Client", terms: Terms, currency: str, context: RuleContext) -> Judged:
    """The terms, with the rules in force for whoever decides."""
    return judged_by(context.regulation, context.actor.roles, client, terms, currency)


def judged_by(regulation: Regulation, roles: frozenset[str], client: "Client", terms: Terms, currency: str) -> Judged:
    """The terms, with the rules of a regulation for somebody in these roles."""
    limit = regulation.discount_limit(buyer(client), roles, ListPrice(terms.list_price, currency))
    return Judged(terms, regulation.minimum_margin_percent, limit)


def buyer(client: "Client") -> Buyer:
    """What the rules of discounts look at of a client."""
    return Buyer(client.card.category, client.realised)
