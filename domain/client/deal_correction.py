"""The correction of what a won deal brought and cost, where it was recorded wrongly."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

from pydantic import Field, model_validator

from domain.client.deal_events import DealCorrected
from domain.kernel import Command, Event, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import Amount, SomeText

if TYPE_CHECKING:
    from domain.client.deal_state import Deal
    from domain.client.state import Client


class CorrectDeal(Command):
    """Correct what a won deal brought and cost, with the reason: what was sent. Heads only.

    Sums and reports follow, on the date on which the deal was won. The rules about terms are not asked again.
    """

    deal_id: UUID
    revenue: Annotated[Amount | None, Field(description="After the discount")] = None
    cost: Amount | None = None
    discount: Amount | None = None
    reason: SomeText

    refusals: ClassVar = ("unknown_deal", "deal_not_won", "order_exceeds_deal", "nothing_to_change", "before_its_cause")
    examples: ClassVar = ({"revenue": "12400.00", "reason": "The invoice was for 12,400"},)

    @model_validator(mode="after")
    def _something(self) -> "CorrectDeal":
        if self.revenue is None and self.cost is None and self.discount is None:
            raise ValueError("send at least one of revenue, cost and discount")
        return self

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        deal = client.deals.get_won(self.deal_id, context)
        refuse_before(deal.corrected_at, context, deal_id=deal.id)
        corrected = self._corrected(deal)
        if (corrected.revenue, corrected.cost, corrected.discount) == _amounts(deal):
            raise Refused("nothing_to_change", deal_id=deal.id)
        ordered = client.orders.ordered_of(deal.id)
        if ordered > corrected.revenue:
            raise Refused("order_exceeds_deal", deal_id=deal.id, revenue=corrected.revenue, ordered=ordered)
        return [corrected]

    def _corrected(self, deal: "Deal") -> DealCorrected:
        revenue, cost, discount = _amounts(deal)
        return DealCorrected(
            deal_id=deal.id,
            won_at=deal.since,
            currency=deal.currency,
            revenue=revenue if self.revenue is None else self.revenue,
            cost=cost if self.cost is None else self.cost,
            discount=discount if self.discount is None else self.discount,
            previous_revenue=revenue,
            previous_cost=cost,
            previous_discount=discount,
            reason=self.reason,
        )


def _amounts(deal: "Deal") -> tuple[Decimal, Decimal, Decimal]:
    assert deal.cost is not None, "a won deal has a cost"
    return deal.amount, deal.cost, deal.discount
