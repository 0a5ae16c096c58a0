"""Leads on offer between sellers: what decisions need to know of the offer that waits and of those before it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from domain.client.exchange_events import (
    ACCEPTED,
    DECLINED,
    EXPIRED,
    LAPSED,
    WITHDRAWN,
    ExchangeAccepted,
    ExchangeDeclined,
    ExchangeExpired,
    ExchangeOffered,
    ExchangeWithdrawn,
)
from domain.kernel import Event, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import FailureReason, Step


@dataclass(frozen=True, slots=True)
class Exchange:
    """An offer that waits. `offered_by` sent it; `from_employee_id` works the lead, and is mostly the same."""

    id: UUID
    step: Step
    from_employee_id: UUID
    to_employee_id: UUID | None
    reason: FailureReason
    offered_by: UUID
    offered_at: datetime
    expires_at: datetime | None = None
    declined_by: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Exchanges:
    """The offer that waits, how those before it ended, and when the last of them was answered (business time)."""

    waiting: Exchange | None = None
    ended: Mapping[UUID, str] = field(default_factory=dict[UUID, str])
    answered_at: datetime | None = None

    def evolve(self, recorded: Recorded) -> "Exchanges":
        """After an offer, an answer to it, or another change of owner or step."""
        match recorded.event:
            case ExchangeOffered() as event:
                return replace(self, waiting=_offered(event, recorded))
            case ExchangeDeclined(employee_id=employee_id) if self.waiting and not self.waiting.to_employee_id:
                declined_by = self.waiting.declined_by | {employee_id}
                return replace(self, waiting=replace(self.waiting, declined_by=declined_by))
            case event:
                return self._ended(_STATE_AFTER.get(type(event), LAPSED), recorded.occurred_at)

    def _ended(self, state: str, at: datetime) -> "Exchanges":
        if self.waiting is None:
            return self
        return Exchanges(None, {**self.ended, self.waiting.id: state}, at)

    def get_waiting(self, exchange_id: UUID, context: RuleContext) -> Exchange:
        """The offer with this id, if it still waits and was made before the answer."""
        offer = self.waiting
        if offer is None or offer.id != exchange_id:
            state = self.ended.get(exchange_id)
            raise Refused(_CODE_OF.get(state, "exchange_not_waiting"), exchange_id=exchange_id, state=state)
        refuse_before(offer.offered_at, context, exchange_id=exchange_id)
        return offer

    def get_open(self, exchange_id: UUID, context: RuleContext) -> Exchange:
        """The offer with this id, if it still waits and its time is not over."""
        offer = self.get_waiting(exchange_id, context)
        if offer.expires_at and context.occurred_at > offer.expires_at:
            raise Refused("exchange_expired", exchange_id=exchange_id, expires_at=offer.expires_at)
        return offer


_CODE_OF: Mapping[str | None, str] = {None: "unknown_exchange", LAPSED: "exchange_lapsed"}
"""Why an offer cannot be answered, by how it ended."""


_STATE_AFTER: Mapping[type[Event], str] = {
    ExchangeAccepted: ACCEPTED,
    ExchangeDeclined: DECLINED,
    ExchangeWithdrawn: WITHDRAWN,
    ExchangeExpired: EXPIRED,
}


def _offered(event: ExchangeOffered, recorded: Recorded) -> Exchange:
    return Exchange(
        event.exchange_id,
        event.step,
        event.from_employee_id,
        event.to_employee_id,
        event.reason,
        recorded.actor,
        recorded.occurred_at,
        event.expires_at,
    )
