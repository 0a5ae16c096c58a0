"""The part of a card that is about agreements: what the firm owes the client, and what that costs by deal.

What is not known is passed over: an event may be dated before its cause.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from domain.client.approvals import ApprovalGiven, ApprovalRefused, ApprovalRequested
from domain.client.deal_events import DealWon
from domain.client.obligations import (
    ObligationFulfilled,
    ObligationPostponed,
    ObligationUndertaken,
    ObligationWaived,
)
from domain.kernel import Event, Recorded


class CardObligation(NamedTuple):
    """What the firm still owes. The cost is as planned."""

    id: UUID
    deal_id: UUID
    text: str | None
    due_at: datetime
    cost: Decimal
    currency: str
    employee_id: UUID


class CardApproval(NamedTuple):
    """Terms of a deal beyond the rules that were asked for. `state`: waiting, given or refused."""

    id: UUID
    deal_id: UUID
    state: str = "waiting"


class Agreements(NamedTuple):
    """The open obligations by id, and what obligations cost by deal: open ones as planned, fulfilled ones really.

    Of the approvals the last one of each deal; none of a deal that was won without one.
    """

    owed: Mapping[UUID, CardObligation] = {}
    costs: Mapping[UUID, Decimal] = {}
    approvals: Mapping[UUID, CardApproval] = {}

    def evolve(self, recorded: Recorded) -> "Agreements":
        """After an obligation was undertaken, moved or ended, an approval asked for or answered, or a deal won."""
        match recorded.event:
            case ApprovalRequested(approval_id=key, deal_id=deal_id):
                if deal_id is None:
                    return self
                return self._replace(approvals={**self.approvals, deal_id: CardApproval(key, deal_id)})
            case DealWon(deal_id=key) as event:
                approved = event.margin_approved_by or event.discount_approved_by
                return self if approved else self._replace(approvals=_without(key, self.approvals))
            case ApprovalGiven() | ApprovalRefused() as event:
                return self._answered(event)
            case event:
                return self._after_obligation(event)

    def _answered(self, event: ApprovalGiven | ApprovalRefused) -> "Agreements":
        state = "given" if isinstance(event, ApprovalGiven) else "refused"
        answered = {key: each for key, each in self.approvals.items() if each.id == event.approval_id}
        return self._replace(
            approvals={**self.approvals, **{key: each._replace(state=state) for key, each in answered.items()}}
        )

    def _after_obligation(self, event: Event) -> "Agreements":
        match event:
            case ObligationUndertaken():
                return self._undertaken(event)
            case ObligationPostponed(obligation_id=key, due_at=due_at) if key in self.owed:
                return self._replace(owed={**self.owed, key: self.owed[key]._replace(due_at=due_at)})
            case ObligationFulfilled(obligation_id=key, cost=cost) if key in self.owed:
                return self._ended(self.owed[key], cost)
            case ObligationWaived(obligation_id=key) if key in self.owed:
                return self._ended(self.owed[key], Decimal())
            case _:
                return self

    def _undertaken(self, event: ObligationUndertaken) -> "Agreements":
        owed = CardObligation(
            event.obligation_id,
            event.deal_id,
            event.text,
            event.due_at,
            event.cost,
            event.currency,
            event.employee_id,
        )
        return self._replace(owed={**self.owed, owed.id: owed}, costs=self._with_cost(owed.deal_id, owed.cost))

    def _ended(self, ended: CardObligation, cost: Decimal) -> "Agreements":
        left = {key: owed for key, owed in self.owed.items() if key != ended.id}
        return self._replace(owed=left, costs=self._with_cost(ended.deal_id, cost - ended.cost))

    def _with_cost(self, deal_id: UUID, added: Decimal) -> dict[UUID, Decimal]:
        return {**self.costs, deal_id: self.costs.get(deal_id, Decimal()) + added}

    def by_due(self) -> list[CardObligation]:
        """The open obligations, the earliest due first."""
        return sorted(self.owed.values(), key=lambda owed: (owed.due_at, owed.id))


def _without(deal_id: UUID, approvals: Mapping[UUID, CardApproval]) -> dict[UUID, CardApproval]:
    return {key: approval for key, approval in approvals.items() if key != deal_id}
