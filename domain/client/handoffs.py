"""Handoffs: a client moves to another step only when somebody there accepts it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from domain.calendar import after_working_days
from domain.client.assignment import working_employee
from domain.client.handoff_events import (
    HandoffAccepted,
    HandoffExpired,
    HandoffOffered,
    HandoffReturned,
    HandoffWithdrawn,
    ReturnReason,
)
from domain.client.packet import packet_of
from domain.client.qualification import met_criteria
from domain.client.registration import ClientRegistered
from domain.kernel import Command, Event, Recorded, Refused, refuse_before
from domain.regulation import RuleContext
from domain.types import STEPS, OptionalText, Step

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
    """The step the client is in, since when, and its offers by id."""

    step: Step = Step.LEAD_GENERATION
    step_since: datetime | None = None
    by_id: Mapping[UUID, Handoff] = field(default_factory=dict[UUID, Handoff])
    waiting: UUID | None = None

    def evolve(self, recorded: Recorded) -> "Handoffs":
        """After an offer or an answer to it."""
        match recorded.event:
            case ClientRegistered():
                return replace(self, step_since=recorded.occurred_at)
            case HandoffOffered(handoff_id=key) as event:
                return replace(self, by_id={**self.by_id, key: _offered(event, recorded)}, waiting=key)
            case HandoffAccepted(handoff_id=key, to_step=step):
                closed = self._closed(key, "accepted")
                return replace(closed, step=step, step_since=recorded.occurred_at)
            case HandoffReturned() | HandoffWithdrawn() | HandoffExpired() as event:
                return self._closed(event.handoff_id, _STATE_AFTER[type(event)])
            case _:
                return self

    def _closed(self, key: UUID, state: str) -> "Handoffs":
        return replace(self, by_id={**self.by_id, key: replace(self.by_id[key], state=state)}, waiting=None)

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


class OfferHandoff(Command):
    """Offer the client to another step: to an employee there or, when none is named, to the whole department."""

    to_step: Annotated[Step | None, Field(description="The next step, when absent")] = None
    to_employee_id: UUID | None = None
    comment: OptionalText = None

    refusals: ClassVar = (
        "wrong_step",
        "handoff_pending",
        "not_qualified",
        "criteria_not_met",
        "no_won_deal",
        "not_dormant",
        "unknown_employee",
        "employee_left",
        "employee_not_in_step",
        "before_its_cause",
        "client_disqualified",
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if client.handoffs.waiting:
            raise Refused("handoff_pending", handoff_id=client.handoffs.waiting)
        to_step = self.to_step or _next_step(client.step)
        _check_way(client, to_step, context)
        sender = client.owner or context.actor.employee_id
        receiver = self.to_employee_id
        if receiver is None and context.regulation.joined(client.step, to_step):
            receiver = sender
        if receiver:
            working_employee(receiver, to_step, context)
        offer = _offer(client, to_step, sender, receiver, self.comment, context)
        return [offer, _acceptance(offer, sender, automatic=True)] if receiver == sender else [offer]


def _next_step(step: Step) -> Step:
    later = STEPS[STEPS.index(step) + 1 :]
    if not later:
        raise Refused("wrong_step", step=step, reason="account service is the last step; name to_step")
    return later[0]


def _check_way(client: "Client", to_step: Step, context: RuleContext) -> None:
    refuse_before(client.handoffs.step_since, context, step=client.step)
    match client.step, to_step:
        case Step.LEAD_GENERATION, Step.FIRST_DEAL:
            _refuse_unless_qualified(client, context)
        case Step.FIRST_DEAL, Step.ACCOUNT_SERVICE:
            if not client.deals.won_in_step:
                raise Refused("no_won_deal", step=client.step)
            refuse_before(client.deals.last_won_at, context, step=client.step)
        case Step.ACCOUNT_SERVICE, Step.LEAD_GENERATION | Step.FIRST_DEAL:
            _refuse_unless_dormant(client, context)
        case _:
            raise Refused("wrong_step", step=client.step, to_step=to_step)


def _refuse_unless_qualified(client: "Client", context: RuleContext) -> None:
    """A key person may have gone, or his type, since the client was qualified: then the criteria do not hold."""
    qualification = client.qualification
    if not qualification.qualified:
        raise Refused("not_qualified", step=client.step)
    missing = [name for name in qualification.criteria if name not in met_criteria(client, qualification.need)]
    if missing:
        raise Refused("criteria_not_met", missing=missing, criteria=qualification.criteria)
    refuse_before(qualification.since, context, step=client.step)


def _refuse_unless_dormant(client: "Client", context: RuleContext) -> None:
    dormant_from = client.dormant_from
    if dormant_from is None or context.occurred_at < dormant_from:
        raise Refused(
            "not_dormant",
            last_purchase_at=client.last_purchase_at,
            purchase_interval=client.card.purchase_interval,
            dormant_from=dormant_from,
        )


def _offer(
    client: "Client", to_step: Step, sender: UUID, receiver: UUID | None, comment: str | None, context: RuleContext
) -> HandoffOffered:
    rules, zone = context.regulation.rules(to_step), context.regulation.time_zone
    due_at = after_working_days(context.occurred_at, rules.accept_within_working_days, zone)
    expires_at = after_working_days(context.occurred_at, rules.expire_after_working_days, zone)
    return HandoffOffered(
        handoff_id=context.new_id(),
        from_step=client.step,
        to_step=to_step,
        from_employee_id=sender,
        to_employee_id=receiver,
        due_at=due_at,
        expires_at=max(due_at, expires_at),
        packet=packet_of(client),
        comment=comment,
    )


def _acceptance(offer: HandoffOffered | Handoff, employee_id: UUID, *, automatic: bool = False) -> HandoffAccepted:
    handoff_id = offer.handoff_id if isinstance(offer, HandoffOffered) else offer.id
    return HandoffAccepted(
        handoff_id=handoff_id,
        from_step=offer.from_step,
        to_step=offer.to_step,
        employee_id=employee_id,
        automatic=automatic,
    )


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
        "not_the_receiver",
        "unknown_employee",
        "employee_left",
        "employee_not_in_step",
        "before_its_cause",
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        offer = client.handoffs.get_waiting(self.handoff_id, context)
        _refuse_unless_receiver(offer, context)
        actor = context.actor
        receiver = offer.to_employee_id or actor.employee_id
        chosen = self.employee_id or receiver
        if chosen != receiver and not actor.is_head:
            raise Refused("not_the_receiver", to_employee_id=offer.to_employee_id, to_step=offer.to_step)
        working_employee(chosen, offer.to_step, context)
        return [_acceptance(offer, chosen)]


class ReturnHandoff(Command):
    """Send the client back with the reason."""

    handoff_id: UUID
    reason: ReturnReason
    comment: OptionalText = None

    refusals: ClassVar = ("unknown_handoff", "handoff_not_waiting", "not_the_receiver", "before_its_cause")

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        offer = client.handoffs.get_waiting(self.handoff_id, context)
        _refuse_unless_receiver(offer, context)
        return [HandoffReturned(handoff_id=offer.id, reason=self.reason, comment=self.comment)]


class WithdrawHandoff(Command):
    """Take the offer back."""

    handoff_id: UUID
    comment: OptionalText = None

    refusals: ClassVar = ("unknown_handoff", "handoff_not_waiting", "not_the_sender", "before_its_cause")

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
