"""The part of a card that says how whoever works the client got it, and the offer of it to colleagues that waits."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from domain.client.assignment import EmployeeAssigned
from domain.client.exchange_events import WAITING
from domain.client.handoff_events import HandoffAccepted
from domain.kernel import Recorded
from projections.exchange_offers import Offer, offers_after


class CardAssignment(NamedTuple):
    """An assignment: since when, in place of whom and why that one failed, in which variant, and by which run."""

    since: datetime
    previous_id: UUID | None
    failure_reason: str | None
    reason: str | None
    variant: str | None
    score: Decimal | None
    distribution_id: UUID | None


class Working(NamedTuple):
    """The assignment that holds, unless the client came by a handoff, and the offer that waits, if any."""

    assignment: CardAssignment | None = None
    exchange: Offer | None = None

    def evolve(self, recorded: Recorded) -> "Working":
        """After an assignment, a handoff, or what happened to an offer."""
        match recorded.event:
            case EmployeeAssigned() as event:
                return Working(_assignment(event, recorded.occurred_at))
            case HandoffAccepted():
                return Working()
            case _:
                return Working(self.assignment, self._waiting(recorded))

    def _waiting(self, recorded: Recorded) -> Offer | None:
        before = {self.exchange.id: self.exchange} if self.exchange else {}
        after = offers_after(before, recorded).values()
        return next((offer for offer in reversed(list(after)) if offer.state == WAITING), None)


def _assignment(event: EmployeeAssigned, at: datetime) -> CardAssignment:
    return CardAssignment(
        at,
        event.previous_id,
        event.failure_reason.value if event.failure_reason else None,
        event.reason,
        event.variant.value if event.variant else None,
        event.score,
        event.distribution_id,
    )
