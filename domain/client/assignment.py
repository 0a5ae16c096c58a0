"""Assignment: who works the client in which step, and why he was replaced."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from domain.client.handoff_events import HandoffAccepted
from domain.client.tasks import tasks_of_new_owner
from domain.employee import working_employee
from domain.kernel import Command, Event, Personal, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.team_work.state import working_variant
from domain.types import FailureReason, OptionalText, Step, Variant

if TYPE_CHECKING:
    from domain.client.state import Client


class EmployeeAssigned(Event, topic="assignment.assigned"):
    """An employee works the client in the step; on a reassignment, why the one before him failed.

    `variant`: how his team works leads, if he is in one. Where a distribution assigned him: which one, and the score of
    the types.
    """

    schema_version: ClassVar = 2

    step: Step
    employee_id: UUID
    previous_id: UUID | None = None
    failure_reason: FailureReason | None = None
    reason: Personal[str] = None
    distribution_id: UUID | None = None
    score: Decimal | None = None
    variant: Variant | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who worked or works the client, by step, and when that last changed (business time).

    `failed` are all who were replaced for a reason of failure; `distribution_id` is that of the last assignment.
    """

    employees: Mapping[str, UUID] = field(default_factory=dict[str, UUID])
    since: datetime | None = None
    failed: frozenset[UUID] = frozenset()
    distribution_id: UUID | None = None

    def evolve(self, recorded: Recorded) -> "Assignment":
        """After an assignment, or an accepted handoff."""
        match recorded.event:
            case EmployeeAssigned() as event:
                return self._assigned(event, recorded.occurred_at)
            case HandoffAccepted(to_step=step, employee_id=employee_id):
                return Assignment({**self.employees, step: employee_id}, recorded.occurred_at, self.failed)
            case _:
                return self

    def _assigned(self, event: EmployeeAssigned, at: datetime) -> "Assignment":
        replaced = {event.previous_id} if event.previous_id and event.failure_reason else set[UUID]()
        employees = {**self.employees, event.step: event.employee_id}
        return Assignment(employees, at, self.failed | replaced, event.distribution_id)


class AssignEmployee(Command):
    """Assign an employee to the client in its present step. Replacing one needs the reason of failure."""

    employee_id: UUID
    failure_reason: FailureReason | None = None
    reason: OptionalText = None

    refusals: ClassVar = (
        "unknown_employee",
        "employee_left",
        "employee_not_in_step",
        "already_assigned",
        "failure_reason_required",
        "before_its_cause",
        "client_disqualified",
    )
    examples: ClassVar = (
        {"employee_id": "7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11"},
        {
            "employee_id": "7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11",
            "failure_reason": "types_incompatible",
            "reason": "They did not get along",
        },
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        step = client.step
        working_employee(self.employee_id, step, context)
        previous = client.owner
        if previous == self.employee_id:
            raise Refused("already_assigned", employee_id=previous, step=step)
        if previous and not self.failure_reason:
            raise Refused("failure_reason_required", employee_id=previous, step=step)
        refuse_before(client.assignment.since, context, employee_id=previous, step=step)
        return [
            EmployeeAssigned(
                step=step,
                employee_id=self.employee_id,
                previous_id=previous,
                failure_reason=self.failure_reason if previous else None,
                reason=self.reason,
                variant=working_variant(self.employee_id, step, context),
            )
        ]


class TakePlannedLead(Command):
    """Assign the employee whom a distribution gives the client to; the service does it when the plan is applied.

    `previous_id` is who worked the client when it was planned: a client that others have touched since stays as it is.
    """

    employee_id: UUID
    distribution_id: UUID
    step: Step
    score: Decimal
    previous_id: UUID | None = None
    failure_reason: FailureReason | None = None
    variant: Variant | None = None
    sets_task: Annotated[
        bool, Field(description="With a first task for him; open tasks of the one before go to him")
    ] = False
    task_text: str | None = None
    task_due_at: datetime | None = None

    refusals: ClassVar = (
        "already_assigned",
        "lead_changed",
        "handoff_pending",
        "failed_with_lead",
        "unknown_employee",
        "employee_left",
        "employee_not_in_step",
        "before_its_cause",
        "client_disqualified",
    )
    examples: ClassVar = (
        {
            "employee_id": "7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11",
            "distribution_id": "5bc63c44-c4bf-4e9f-a238-9a4d05d25b23",
            "step": "lead_generation",
            "score": "0.8",
        },
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        done = client.assignment.distribution_id == self.distribution_id
        if done and client.owner == self.employee_id:
            raise Refused("already_assigned", employee_id=client.owner, distribution_id=self.distribution_id)
        if (client.step, client.owner) != (self.step, self.previous_id):
            raise Refused("lead_changed", step=client.step, employee_id=client.owner)
        if self.previous_id and client.handoffs.waiting:
            raise Refused("handoff_pending", handoff_id=client.handoffs.waiting)
        if self.employee_id in client.assignment.failed:
            raise Refused("failed_with_lead", client_id=client.id, employee_id=self.employee_id)
        working_employee(self.employee_id, self.step, context)
        refuse_before(client.assignment.since, context, employee_id=client.owner, step=self.step)
        return [
            EmployeeAssigned(
                step=self.step,
                employee_id=self.employee_id,
                previous_id=self.previous_id,
                failure_reason=self.failure_reason if self.previous_id else None,
                distribution_id=self.distribution_id,
                score=self.score,
                variant=self.variant or working_variant(self.employee_id, self.step, context),
            ),
            *self._tasks(client, context),
        ]

    def _tasks(self, client: "Client", context: RuleContext) -> list[Event]:
        if not self.sets_task:
            return []
        text, due_at = self.task_text, self.task_due_at
        return tasks_of_new_owner(client.tasks, self.previous_id, self.employee_id, context, text, due_at)
