"""Deals: opened with what is expected of them, won with what they brought and cost, lost with a reason."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

from pydantic import Field, field_validator

from domain.client.approvals import approved
from domain.client.deal_events import DealChanged, DealLost, DealOpened, DealReopened, DealWon
from domain.client.deal_reasons import LossReason, WinReason
from domain.client.deal_state import Deal
from domain.client.terms import Terms, judged, terms_of
from domain.kernel import Command, Event, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import Amount, Currency, Day, EmptyIsNone, OptionalText, OptionalWord, Step

if TYPE_CHECKING:
    from domain.client.state import Client


EXPECTED = ("title", "amount", "discount", "close_on", "probability")
"""What may change while a deal is open."""
CloseOn = Annotated[Day | None, Field(description="When it is expected to close")]
Discount = Annotated[Amount, Field(description="In the deal's currency; list price less amount")]
Probability = Annotated[int, Field(ge=0, le=100, description="Per cent")] | None


def _refuse_unless_deals_allowed(client: "Client", context: RuleContext) -> None:
    """Deals are worked in the two later steps, and in the first deal only until the handoff is due."""
    if client.step is Step.LEAD_GENERATION:
        raise Refused("wrong_step", step=client.step, needed=[Step.FIRST_DEAL, Step.ACCOUNT_SERVICE])
    allowed = context.regulation.rules(Step.FIRST_DEAL).max_deals_before_handoff
    if client.step is Step.FIRST_DEAL and client.deals.won_in_step >= allowed:
        raise Refused("handoff_due", won=client.deals.won_in_step, max_deals_before_handoff=allowed)
    refuse_before(client.handoffs.step_since, context, step=client.step)


class OpenDeal(Command):
    """Open a deal with the amount expected of it."""

    title: OptionalWord = None
    amount: Amount
    discount: Discount = Decimal()
    currency: Currency
    close_on: CloseOn = None
    probability: Probability = None

    refusals: ClassVar = (
        "wrong_step",
        "handoff_due",
        "before_its_cause",
        "client_disqualified",
        "discount_above_limit",
    )
    examples: ClassVar = (
        {"title": "Trial delivery", "amount": "12000.00", "currency": "EUR", "probability": 60},
        {"title": "Trial delivery", "amount": "11400.00", "discount": "600.00", "currency": "EUR"},
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        _refuse_unless_deals_allowed(client, context)
        terms = judged(client, Terms(self.amount, self.discount), self.currency, context)
        if terms.exceeds_discount:
            raise Refused("discount_above_limit", **terms.discount_facts)
        return [
            DealOpened(
                deal_id=context.new_id(),
                step=client.step,
                title=self.title,
                amount=self.amount,
                discount=self.discount,
                currency=self.currency,
                close_on=self.close_on,
                probability=self.probability,
            )
        ]


class ChangeDeal(Command):
    """Change what is expected of an open deal: what was sent; null empties a field."""

    deal_id: UUID
    title: OptionalWord = None
    amount: Amount | None = None
    discount: Discount | None = None
    close_on: CloseOn = None
    probability: Probability = None

    refusals: ClassVar = (
        "unknown_deal",
        "deal_not_open",
        "before_its_cause",
        "nothing_to_change",
        "approval_required",
    )
    examples: ClassVar = ({"amount": "15000.00", "probability": 80},)

    @field_validator("amount", "discount")
    @classmethod
    def _kept(cls, value: Decimal | None) -> Decimal:
        if value is None:
            raise ValueError("cannot be emptied with null")
        return value

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        deal = client.deals.get_open(self.deal_id, context)
        sent = {name: getattr(self, name) for name in EXPECTED if name in self.model_fields_set}
        changed = {name: value for name, value in sent.items() if value != getattr(deal, name)}
        if not changed:
            raise Refused("nothing_to_change", fields=sorted(sent))
        self._refuse_worse_terms(client, deal, context)
        return [DealChanged(deal_id=deal.id, changed=tuple(sorted(changed)), **changed)]

    def _refuse_worse_terms(self, client: "Client", deal: Deal, context: RuleContext) -> None:
        """Whatever stands may stay; more given away than that has to be within the limit, or approved."""
        amount = deal.amount if self.amount is None else self.amount
        terms = Terms(amount, deal.discount if self.discount is None else self.discount)
        if not Terms(deal.amount, deal.discount).allow_discount_of(terms):
            approved(client, deal.id, judged(client, terms, deal.currency, context), context.occurred_at)


class WinDeal(Command):
    """Close an open deal with its actual revenue and cost, in the deal's currency; say why it was won, if you know.

    The revenue is what is left after the discount. What it lacks to the list price of the deal, which is its amount
    and discount together, is a discount too, under the same limits; where less was bought, change the deal first.
    """

    deal_id: UUID
    revenue: Annotated[Amount | None, Field(description="The amount of the deal, when absent")] = None
    cost: Amount
    discount: Annotated[Discount | None, Field(description="What the deal has, when absent")] = None
    reason: Annotated[WinReason | None, EmptyIsNone] = None
    comment: OptionalText = None

    refusals: ClassVar = (
        "unknown_deal",
        "deal_not_open",
        "wrong_step",
        "handoff_due",
        "before_its_cause",
        "client_disqualified",
        "approval_required",
    )
    examples: ClassVar = (
        {"revenue": "12000.00", "cost": "8000.00"},
        {"cost": "8000.00", "reason": "speed", "comment": "Delivered within a week"},
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        deal = client.deals.get_open(self.deal_id, context)
        _refuse_unless_deals_allowed(client, context)
        terms = judged(client, terms_of(client, deal, self.revenue, self.discount, self.cost), deal.currency, context)
        agreed = approved(client, deal.id, terms, context.occurred_at)
        named = deal.discount if self.discount is None else self.discount
        return [
            DealWon(
                deal_id=deal.id,
                step=client.step,
                revenue=terms.terms.revenue,
                cost=self.cost,
                currency=deal.currency,
                reason=self.reason,
                comment=self.comment,
                discount=terms.terms.discount,
                implied_discount=terms.terms.discount - named,
                discount_limit_percent=terms.discount_limit_percent,
                discount_approved_by=agreed.discount and agreed.discount.answered_by,
                needed_margin_percent=terms.needed_margin_percent,
                margin_approved_by=agreed.margin and agreed.margin.answered_by,
            )
        ]


class LoseDeal(Command):
    """Close an open deal as lost, with the reason."""

    deal_id: UUID
    reason: LossReason
    comment: OptionalText = None

    refusals: ClassVar = ("unknown_deal", "deal_not_open", "before_its_cause")
    examples: ClassVar = ({"reason": "price", "comment": "10 % cheaper elsewhere"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        deal = client.deals.get_open(self.deal_id, context)
        return [DealLost(deal_id=deal.id, reason=self.reason, comment=self.comment)]


class ReopenDeal(Command):
    """Work a lost deal again."""

    deal_id: UUID
    comment: OptionalText = None

    refusals: ClassVar = (
        "unknown_deal",
        "deal_open",
        "deal_won",
        "wrong_step",
        "handoff_due",
        "before_its_cause",
        "client_disqualified",
    )
    examples: ClassVar = ({"comment": "The competitor did not deliver"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        deal = client.deals.get(self.deal_id, context, open="deal_open", won="deal_won")
        _refuse_unless_deals_allowed(client, context)
        return [DealReopened(deal_id=deal.id, comment=self.comment)]
