"""Assignment: who works the client in which step, and why he was replaced."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from domain.client.handoff_events import HandoffAccepted
from domain.kernel import Command, Event, Personal, Recorded, Refused, StaffMember, refuse_before
from domain.regulation.state import RuleContext
from domain.types import FailureReason, OptionalText, Step

if TYPE_CHECKING:
    from domain.client.state import Client


class EmployeeAssigned(Event, topic="assignment.assigned"):
    """An employee works the client in the step; on a reassignment, why the one before him failed."""

    step: Step
    employee_id: UUID
    previous_id: UUID | None = None
    failure_reason: FailureReason | None = None
    reason: Personal[str] = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who worked or works the client, by step, and when that last changed (business time)."""

    employees: Mapping[str, UUID] = field(default_factory=dict[str, UUID])
    since: datetime | None = None

    def evolve(self, recorded: Recorded) -> "Assignment":
        """After an assignment, or an accepted handoff."""
        match recorded.event:
            case EmployeeAssigned(step=step, employee_id=employee_id):
                return Assignment({**self.employees, step: employee_id}, recorded.occurred_at)
            case HandoffAccepted(to_step=step, employee_id=employee_id):
                return Assignment({**self.employees, step: employee_id}, recorded.occurred_at)
            case _:
                return self


def working_employee(employee_id: UUID, step: Step, context: RuleContext) -> StaffMember:
    """The employee, if he works here and in this step; refused otherwise."""
    employee = context.employee(employee_id)
    if employee is None:
        raise Refused("unknown_employee", id=employee_id)
    if employee.has_left:
        raise Refused("employee_left", id=employee_id)
    if step not in employee.steps:
        raise Refused("employee_not_in_step", id=employee_id, step=step, steps=sorted(employee.steps))
    return employee


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
            )
        ]
