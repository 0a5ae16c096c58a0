"""Handoffs and the answers to them: a client moves to another step only when somebody there accepts it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from domain.client.handoff_events import (
    HandoffAccepted,
    HandoffExpired,
    HandoffOffered,
    HandoffReturned,
    HandoffWithdrawn,
    ReturnReason,
)
from domain.client.registration import ClientRegistered
from domain.employee import working_employee
from domain.kernel import Command, Event, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.team_work.state import working_variant
from domain.types import OptionalText, Step

if TYPE_CHECKING:
    from domain.client.state import Client


@dataclass(frozen=True, slots=True)
class Handoff:
    """An offer, with its `state`: waiting, accepted, returned, withdrawn or expired.

    `offered_by` sent it; `from_employee_id` worked the client, and is mostly the same.
    """

    id: UUID
    from_step: Step
    to_step: Step
    from_employee_id: UUID
    to_employee_id: UUID | None
    offered_by: UUID
    offered_at: datetime
    due_at: datetime
    expires_at: datetime
    state: str = "waiting"


@dataclass(frozen=True, slots=True)
class Handoffs:
    """The step the client is in, since when, its offers by id, and when the last of them was answered."""

    step: Step = Step.LEAD_GENERATION
    step_since: datetime | None = None
    by_id: Mapping[UUID, Handoff] = field(default_factory=dict[UUID, Handoff])
    waiting: UUID | None = None
    answered_at: datetime | None = None

    def evolve(self, recorded: Recorded) -> "Handoffs":
        """After an offer or an answer to it."""
        match recorded.event:
            case ClientRegistered():
                return replace(self, step_since=recorded.occurred_at)
            case HandoffOffered(handoff_id=key) as event:
                return replace(self, by_id={**self.by_id, key: _offered(event, recorded)}, waiting=key)
            case HandoffAccepted(handoff_id=key, to_step=step):
                closed = self._closed(key, "accepted", recorded)
                return replace(closed, step=step, step_since=recorded.occurred_at)
            case HandoffReturned() | HandoffWithdrawn() | HandoffExpired() as event:
                return self._closed(event.handoff_id, _STATE_AFTER[type(event)], recorded)
            case _:
                return self

    def _closed(self, key: UUID, state: str, answer: Recorded) -> "Handoffs":
        by_id = {**self.by_id, key: replace(self.by_id[key], state=state)}
        return replace(self, by_id=by_id, waiting=None, answered_at=answer.occurred_at)

    def get_waiting(self, handoff_id: UUID, context: RuleContext) -> Handoff:
        """The offer with this id, if it still waits for an answer and was made before the answer."""
        offer = self.by_id.get(handoff_id)
        if offer is None:
            raise Refused("unknown_handoff", handoff_id=handoff_id)
        if offer.state != "waiting":
            raise Refused("handoff_not_waiting", handoff_id=handoff_id, state=offer.state)
        refuse_before(offer.offered_at, context, handoff_id=handoff_id)
        return offer


_STATE_AFTER = {HandoffReturned: "returned", HandoffWithdrawn: "withdrawn", HandoffExpired: "expired"}


def _offered(event: HandoffOffered, recorded: Recorded) -> Handoff:
    return Handoff(
        event.handoff_id,
        event.from_step,
        event.to_step,
        event.from_employee_id,
        event.to_employee_id,
        recorded.actor,
        recorded.occurred_at,
        event.due_at,
        event.expires_at,
    )


def acceptance(
    offer: HandoffOffered | Handoff, employee_id: UUID, context: RuleContext, *, automatic: bool = False
) -> HandoffAccepted:
    """The employee takes the client over, to work it in the variant of his team."""
    handoff_id = offer.handoff_id if isinstance(offer, HandoffOffered) else offer.id
    return HandoffAccepted(
        handoff_id=handoff_id,
        from_step=offer.from_step,
        to_step=offer.to_step,
        employee_id=employee_id,
        automatic=automatic,
        variant=working_variant(employee_id, offer.to_step, context),
    )


def _refuse_if_expired(offer: Handoff, context: RuleContext) -> None:
    """What was not answered in time has to be offered again, whether or not the expiry is recorded yet."""
    if context.occurred_at > offer.expires_at:
        raise Refused("handoff_expired", handoff_id=offer.id, expires_at=offer.expires_at)


def _refuse_unless_receiver(offer: Handoff, context: RuleContext) -> None:
    actor = context.actor
    if actor.is_head or offer.to_employee_id == actor.employee_id:
        return
    employee = context.employee(actor.employee_id)
    if offer.to_employee_id is None and employee and offer.to_step in employee.steps:
        return
    raise Refused("not_the_receiver", to_employee_id=offer.to_employee_id, to_step=offer.to_step)


class AcceptHandoff(Command):
    """Take the client over. A head may accept for a colleague by naming him."""

    handoff_id: UUID
    employee_id: Annotated[UUID | None, Field(description="Who will work the client; the receiver, when absent")] = None

    refusals: ClassVar = (
        "unknown_handoff",
        "handoff_not_waiting",
        "handoff_expired",
        "not_the_receiver",
        "unknown_employee",
        "employee_left",
        "employee_not_in_step",
        "before_its_cause",
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        offer = client.handoffs.get_waiting(self.handoff_id, context)
        _refuse_if_expired(offer, context)
        _refuse_unless_receiver(offer, context)
        actor = context.actor
        receiver = offer.to_employee_id or actor.employee_id
        chosen = self.employee_id or receiver
        if chosen != receiver and not actor.is_head:
            raise Refused("not_the_receiver", to_employee_id=offer.to_employee_id, to_step=offer.to_step)
        working_employee(chosen, offer.to_step, context)
        return [acceptance(offer, chosen, context)]


class ReturnHandoff(Command):
    """Send the client back with the reason."""

    handoff_id: UUID
    reason: ReturnReason
    comment: OptionalText = None

    refusals: ClassVar = (
        "unknown_handoff",
        "handoff_not_waiting",
        "handoff_expired",
        "not_the_receiver",
        "before_its_cause",
    )
    examples: ClassVar = ({"reason": "incomplete", "comment": "Who signs is not known"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        offer = client.handoffs.get_waiting(self.handoff_id, context)
        _refuse_if_expired(offer, context)
        _refuse_unless_receiver(offer, context)
        return [HandoffReturned(handoff_id=offer.id, reason=self.reason, comment=self.comment)]


class WithdrawHandoff(Command):
    """Take the offer back."""

    handoff_id: UUID
    comment: OptionalText = None

    refusals: ClassVar = ("unknown_handoff", "handoff_not_waiting", "not_the_sender", "before_its_cause")
    examples: ClassVar = ({"comment": "Offered too early"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        offer = client.handoffs.get_waiting(self.handoff_id, context)
        senders = (offer.from_employee_id, offer.offered_by)
        if not context.actor.is_head and context.actor.employee_id not in senders:
            raise Refused("not_the_sender", from_employee_id=offer.from_employee_id)
        return [HandoffWithdrawn(handoff_id=offer.id, comment=self.comment)]


class ExpireHandoff(Command):
    """Close an offer that nobody answered in time. The service sends this by itself once the time is over."""

    handoff_id: UUID

    refusals: ClassVar = ("unknown_handoff", "handoff_not_waiting", "handoff_not_expired", "before_its_cause")

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        offer = client.handoffs.get_waiting(self.handoff_id, context)
        if context.occurred_at < offer.expires_at:
            raise Refused("handoff_not_expired", expires_at=offer.expires_at)
        return [HandoffExpired(handoff_id=offer.id)]
