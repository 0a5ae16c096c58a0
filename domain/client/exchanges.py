"""Exchange of leads between sellers: who works a lead that does not suit him offers it to colleagues.

The owner changes on acceptance only, with the reason why the one before failed and the score of the types. Whatever
else changes owner or step lets a waiting offer lapse; one that nobody takes in time expires.
"""

from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from domain.client.assignment import EmployeeAssigned
from domain.client.exchange_events import (
    ExchangeAccepted,
    ExchangeDeclined,
    ExchangeExpired,
    ExchangeOffered,
    ExchangeWithdrawn,
)
from domain.client.exchange_state import Exchange
from domain.client.tasks import tasks_of_new_owner
from domain.employee import working_employee
from domain.kernel import Command, Event, Refused, StaffMember, refuse_before
from domain.regulation.state import RuleContext
from domain.team_work.state import working_variant
from domain.types import FailureReason, OptionalText, Step

if TYPE_CHECKING:
    from domain.client.state import Client


def _may_take(client: "Client", employee_id: UUID, context: RuleContext) -> StaffMember:
    """The employee, if he may get the lead: he works in its step, and neither works it nor has failed with it."""
    if employee_id == client.owner:
        raise Refused("already_assigned", employee_id=employee_id, step=client.step)
    if employee_id in client.assignment.failed:
        raise Refused("failed_with_lead", client_id=client.id, employee_id=employee_id)
    return working_employee(employee_id, client.step, context)


class OfferExchange(Command):
    """Offer a lead that does not suit you to a colleague or, when none is named, to all who work in its step.

    Heads may offer for others.
    """

    to_employee_id: UUID | None = None
    reason: Annotated[FailureReason, Field(description="Why you have failed with it")] = (
        FailureReason.TYPES_INCOMPATIBLE
    )
    comment: OptionalText = None

    refusals: ClassVar = (
        "wrong_step",
        "nobody_works_lead",
        "not_the_owner",
        "exchange_pending",
        "handoff_pending",
        "already_assigned",
        "failed_with_lead",
        "unknown_employee",
        "employee_left",
        "employee_not_in_step",
        "before_its_cause",
        "client_disqualified",
    )
    examples: ClassVar = (
        {},
        {"to_employee_id": "7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11", "comment": "He wants numbers, not talk"},
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        owner = self._owner(client, context)
        if client.exchanges.waiting:
            raise Refused("exchange_pending", exchange_id=client.exchanges.waiting.id)
        if client.handoffs.waiting:
            raise Refused("handoff_pending", handoff_id=client.handoffs.waiting)
        if self.to_employee_id:
            _may_take(client, self.to_employee_id, context)
        for earlier in (client.assignment.since, client.exchanges.answered_at):
            refuse_before(earlier, context, step=client.step)
        rules, after = context.regulation.team_rules, context.calendar.after_working_days
        due_at = after(context.occurred_at, rules.answer_within_working_days)
        expires_at = after(context.occurred_at, rules.offer_expires_after_working_days)
        return [
            ExchangeOffered(
                exchange_id=context.new_id(),
                step=client.step,
                from_employee_id=owner,
                to_employee_id=self.to_employee_id,
                reason=self.reason,
                due_at=due_at,
                expires_at=max(due_at, expires_at),
                comment=self.comment,
            )
        ]

    def _owner(self, client: "Client", context: RuleContext) -> UUID:
        """Who works the lead, if the actor may offer it."""
        if client.step is Step.ACCOUNT_SERVICE:
            raise Refused("wrong_step", step=client.step, reason="leads are exchanged before the first deal is won")
        if client.owner is None:
            raise Refused("nobody_works_lead", client_id=client.id, step=client.step)
        if context.actor.employee_id != client.owner and not context.actor.is_head:
            raise Refused("not_the_owner", employee_id=client.owner)
        return client.owner


def _answering(offer: Exchange, employee_id: UUID | None, context: RuleContext) -> UUID:
    """For whom the actor answers: for himself, if it was offered to him or to all; a head for any receiver."""
    actor = context.actor
    chosen = employee_id or offer.to_employee_id or actor.employee_id
    if actor.is_head or (chosen == actor.employee_id and offer.to_employee_id in {None, chosen}):
        return chosen
    raise Refused("not_the_receiver", to_employee_id=offer.to_employee_id, to_step=offer.step)


class AcceptExchange(Command):
    """Take the lead over from a colleague. A head may accept for somebody by naming him.

    The reason of failure of the one before, the score of the types and a first task are recorded with it; open tasks
    of the one before go to the new one.
    """

    exchange_id: UUID
    employee_id: Annotated[UUID | None, Field(description="Who takes it; the receiver, when absent")] = None

    refusals: ClassVar = (
        "unknown_exchange",
        "exchange_not_waiting",
        "exchange_lapsed",
        "exchange_expired",
        "not_the_receiver",
        "handoff_pending",
        "already_assigned",
        "failed_with_lead",
        "unknown_employee",
        "employee_left",
        "employee_not_in_step",
        "before_its_cause",
        "client_disqualified",
    )
    examples: ClassVar = ({},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        offer = client.exchanges.get_open(self.exchange_id, context)
        employee = _may_take(client, _answering(offer, self.employee_id, context), context)
        if client.handoffs.waiting:
            raise Refused("handoff_pending", handoff_id=client.handoffs.waiting)
        matrix = context.regulation.compatibility
        return [
            ExchangeAccepted(exchange_id=offer.id, employee_id=employee.id),
            EmployeeAssigned(
                step=offer.step,
                employee_id=employee.id,
                previous_id=offer.from_employee_id,
                failure_reason=offer.reason,
                score=matrix.score(employee.personality_type, client.personality_type),
                variant=working_variant(employee.id, offer.step, context),
            ),
            *tasks_of_new_owner(client.tasks, offer.from_employee_id, employee.id, context),
        ]


class DeclineExchange(Command):
    """Do not take the lead that a colleague offers. A head may decline for somebody by naming him."""

    exchange_id: UUID
    employee_id: Annotated[UUID | None, Field(description="Who declines; the receiver, when absent")] = None
    comment: OptionalText = None

    refusals: ClassVar = (
        "unknown_exchange",
        "exchange_not_waiting",
        "exchange_lapsed",
        "exchange_expired",
        "not_the_receiver",
        "nothing_to_change",
        "before_its_cause",
    )
    examples: ClassVar = ({"comment": "I know him from another firm"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        offer = client.exchanges.get_open(self.exchange_id, context)
        employee_id = _answering(offer, self.employee_id, context)
        if employee_id in offer.declined_by:
            raise Refused("nothing_to_change", employee_id=employee_id)
        return [ExchangeDeclined(exchange_id=offer.id, employee_id=employee_id, comment=self.comment)]


class WithdrawExchange(Command):
    """Take the offer back and go on with the lead."""

    exchange_id: UUID
    comment: OptionalText = None

    refusals: ClassVar = (
        "unknown_exchange",
        "exchange_not_waiting",
        "exchange_lapsed",
        "not_the_sender",
        "before_its_cause",
    )
    examples: ClassVar = ({"comment": "We got along after all"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        offer = client.exchanges.get_waiting(self.exchange_id, context)
        senders = (offer.from_employee_id, offer.offered_by)
        if not context.actor.is_head and context.actor.employee_id not in senders:
            raise Refused("not_the_sender", from_employee_id=offer.from_employee_id)
        return [ExchangeWithdrawn(exchange_id=offer.id, comment=self.comment)]


class ExpireExchange(Command):
    """Close an offer that nobody took in time. The service sends this by itself once the time is over."""

    exchange_id: UUID

    refusals: ClassVar = (
        "unknown_exchange",
        "exchange_not_waiting",
        "exchange_lapsed",
        "exchange_not_expired",
        "before_its_cause",
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        offer = client.exchanges.get_waiting(self.exchange_id, context)
        if offer.expires_at is None or context.occurred_at < offer.expires_at:
            raise Refused("exchange_not_expired", expires_at=offer.expires_at)
        return [ExchangeExpired(exchange_id=offer.id)]
