"""The deals of a client as later decisions need them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.client.deal_events import DealChanged, DealCorrected, DealLost, DealOpened, DealReopened, DealWon
from domain.client.handoff_events import HandoffAccepted
from domain.kernel import Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal with its `state`: open, won or lost. `amount` is the revenue once it is won, `since` its last change.

    A correction of what a won deal brought and cost is no such change; it has its own time.
    """

    id: UUID
    title: str | None
    amount: Decimal
    currency: str
    since: datetime
    close_on: date | None = None
    probability: int | None = None
    state: str = "open"
    discount: Decimal = Decimal()
    cost: Decimal | None = None
    corrected_at: datetime | None = None

    @property
    def list_price(self) -> Decimal:
        """What it is worth before the discount."""
        return self.amount + self.discount


@dataclass(frozen=True, slots=True)
class Deals:
    """The client's deals by id, how many were won since it came into its step, and when the last was won."""

    by_id: Mapping[UUID, Deal] = field(default_factory=dict[UUID, Deal])
    won_in_step: int = 0
    last_won_at: datetime | None = None

    def evolve(self, recorded: Recorded) -> "Deals":
        """After a deal was opened, changed or closed, or the client changed its step."""
        at = recorded.occurred_at
        match recorded.event:
            case DealOpened() as event:
                return self._with(_opened(event, at))
            case DealChanged(deal_id=key, changed=changed) as event:
                return self._after(key, at, **{name: getattr(event, name) for name in changed})
            case DealWon(deal_id=key) as event:
                deals = self._after(key, at, state="won", **_amounts(event))
                return replace(deals, won_in_step=self.won_in_step + 1, last_won_at=max(self.last_won_at or at, at))
            case DealCorrected(deal_id=key) as event:
                return self._with(replace(self.by_id[key], corrected_at=at, **_amounts(event)))
            case DealLost(deal_id=key) | DealReopened(deal_id=key) as event:
                return self._after(key, at, state="lost" if isinstance(event, DealLost) else "open")
            case event:
                return replace(self, won_in_step=0) if isinstance(event, HandoffAccepted) else self

    @property
    def sold_at(self) -> list[datetime]:
        """When the deals were won that brought something; one without revenue is no purchase."""
        return [deal.since for deal in self.by_id.values() if deal.state == "won" and deal.amount]

    def _after(self, key: UUID, at: datetime, **changes: Any) -> "Deals":
        return self._with(replace(self.by_id[key], since=at, **changes))

    def _with(self, deal: Deal) -> "Deals":
        return replace(self, by_id={**self.by_id, deal.id: deal})

    def get(self, deal_id: UUID, context: RuleContext, **refused_states: str) -> Deal:
        """The deal with this id, if its last change lies before the decision.

        `refused_states` names the states that it may not be in, each with the code of the refusal.
        """
        deal = self.by_id.get(deal_id)
        if deal is None:
            raise Refused("unknown_deal", deal_id=deal_id)
        if deal.state in refused_states:
            raise Refused(refused_states[deal.state], deal_id=deal_id, state=deal.state)
        refuse_before(deal.since, context, deal_id=deal_id, state=deal.state)
        return deal

    def get_open(self, deal_id: UUID, context: RuleContext) -> Deal:
        """The open deal with this id."""
        return self.get(deal_id, context, won="deal_not_open", lost="deal_not_open")

    def get_won(self, deal_id: UUID, context: RuleContext) -> Deal:
        """The won deal with this id."""
        return self.get(deal_id, context, open="deal_not_won", lost="deal_not_won")


def _opened(event: DealOpened, at: datetime) -> Deal:
    return Deal(
        event.deal_id,
        event.title,
        event.amount,
        event.currency,
        at,
        event.close_on,
        event.probability,
        discount=event.discount,
    )


def _amounts(event: DealWon | DealCorrected) -> dict[str, Any]:
    return {"amount": event.revenue, "cost": event.cost, "discount": event.discount}
