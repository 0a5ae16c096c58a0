"""The offer of a client to another step: which ways there are, and what each of them asks for."""

from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from domain.client.handoff_events import HandoffOffered
from domain.client.handoffs import acceptance
from domain.client.packet import packet_of
from domain.client.qualification import refuse_unless_met
from domain.employee import working_employee
from domain.kernel import Command, Event, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import STEPS, OptionalText, Step

if TYPE_CHECKING:
    from domain.client.state import Client


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
    examples: ClassVar = (
        {},
        {
            "to_step": "first_deal",
            "to_employee_id": "7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11",
            "comment": "Wants a meeting",
        },
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if client.handoffs.waiting:
            raise Refused("handoff_pending", handoff_id=client.handoffs.waiting)
        to_step = self.to_step or _next_step(client.step)
        _check_way(client, to_step, context)
        sender = client.owner or context.actor.employee_id
        if self.to_employee_id:
            working_employee(self.to_employee_id, to_step, context)
        receiver = self.to_employee_id or _same_hand(client, to_step, sender, context)
        offer = _offer(client, to_step, sender, receiver, self.comment, context)
        return [offer, acceptance(offer, sender, context, automatic=True)] if receiver == sender else [offer]


def _same_hand(client: "Client", to_step: Step, sender: UUID, context: RuleContext) -> UUID | None:
    """The sender, where the mode joins the steps and he works in both; else the offer goes to the department."""
    employee = context.employee(sender)
    if employee is None or employee.has_left or to_step not in employee.steps:
        return None
    return sender if context.regulation.joined(client.step, to_step) else None


def _next_step(step: Step) -> Step:
    later = STEPS[STEPS.index(step) + 1 :]
    if not later:
        raise Refused("wrong_step", step=step, reason="account service is the last step; name to_step")
    return later[0]


def _check_way(client: "Client", to_step: Step, context: RuleContext) -> None:
    refuse_before(client.handoffs.step_since, context, step=client.step)
    refuse_before(client.handoffs.answered_at, context, step=client.step)
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
    refuse_unless_met(client, qualification.criteria, qualification.need, context)
    refuse_before(qualification.since, context, step=client.step)


def _refuse_unless_dormant(client: "Client", context: RuleContext) -> None:
    dormant_from = client.dormant_from
    if dormant_from is None or context.occurred_at < dormant_from:
        raise Refused(
            "not_dormant",
            last_purchase_at=client.last_purchase_at,
            purchase_interval=client.card.purchase_interval,
            expected_interval=client.expected_interval._asdict() if client.expected_interval else None,
            dormant_from=dormant_from,
        )


def _offer(
    client: "Client", to_step: Step, sender: UUID, receiver: UUID | None, comment: str | None, context: RuleContext
) -> HandoffOffered:
    rules, calendar = context.regulation.rules(to_step), context.calendar
    due_at = calendar.after_working_days(context.occurred_at, rules.accept_within_working_days)
    expires_at = calendar.after_working_days(context.occurred_at, rules.expire_after_working_days)
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
