"""Employees: who works in which steps and roles. One stream per employee; the code is unique in the firm."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, ClassVar, NamedTuple
from uuid import UUID, uuid5

from pydantic import Field, PlainSerializer, StringConstraints, field_validator

from domain.kernel import Command, Event, Personal, Recorded, Refused, StaffMember, refuse_before
from domain.regulation.state import RuleContext
from domain.types import STEPS, EmptyIsNone, Name, NoNul, OptionalText, OptionalWord, PersonalityType, Role, Step

_EMPLOYEES = UUID("0f7c8c1e-2f0b-5b57-8a34-6d0a3f1d9c11")
SYSTEM = uuid5(_EMPLOYEES, "system")
"""The actor of what the service does by rule, such as letting an offer expire."""

Code = Annotated[
    str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True), NoNul, Field(examples=["ivanova"])
]
OptionalType = Annotated[PersonalityType | None, EmptyIsNone]
_sorted = PlainSerializer(sorted, return_type=list[str], when_used="json")
Names = Annotated[frozenset[str], _sorted]
Roles = Annotated[frozenset[Role], _sorted]
Steps = Annotated[frozenset[Step], _sorted]
"""Sets that are written in one order, so that the same fact is always the same text."""
Capacity = Annotated[int, Field(ge=0, le=100_000, description="How many clients the employee can work at a time")]


def employee_id(code: str) -> UUID:
    """The id of the employee with this code: derived, so that two registrations of a code meet on one stream."""
    return uuid5(_EMPLOYEES, f"code:{code}")


class EmployeeRegistered(Event, topic="employees.registered"):
    """An employee began to work here."""

    code: str
    name: Personal[str]
    roles: Roles
    steps: Steps
    department: str | None = None
    personality_type: str | None = None
    capacity: int | None = None


class EmployeeChanged(Event, topic="employees.changed"):
    """The fields named in `changed` have new values."""

    changed: Names
    name: Personal[str] = None
    roles: Roles = frozenset()
    steps: Steps = frozenset()
    department: str | None = None
    personality_type: str | None = None
    capacity: int | None = None


class EmployeeLeft(Event, topic="employees.left"):
    """The employee left the firm; access ends at once."""

    comment: Personal[str] = None


class EmployeeReturned(Event, topic="employees.returned"):
    """The employee who had left works here again, in the roles and steps that he had."""

    comment: Personal[str] = None


EMPLOYEE_EVENTS: tuple[type[Event], ...] = (EmployeeRegistered, EmployeeChanged, EmployeeLeft, EmployeeReturned)
"""All events of an employee's stream."""


class Employment(NamedTuple):
    """From when to when (business time) somebody worked here; no end while he does."""

    begin: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Employee:
    """An employee as decisions see him. `since` (business time): when he came, left or returned, whichever was last."""

    id: UUID
    version: int = 0
    since: datetime | None = None
    code: str = ""
    name: str | None = None
    roles: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()
    department: str | None = None
    personality_type: str | None = None
    capacity: int | None = None
    has_left: bool = False
    employment: tuple[Employment, ...] = ()

    @staticmethod
    def empty(stream_id: UUID) -> "Employee":
        """Before registration."""
        return Employee(stream_id)

    def evolve(self, recorded: Recorded) -> "Employee":
        """The employee after one more event."""
        match recorded.event:
            case EmployeeRegistered() as event:
                values = _values(event, ("code", *FIELDS))
                return replace(self._hired(recorded), **values)
            case EmployeeChanged() as event:
                return replace(self, version=recorded.version, **_values(event, event.changed))
            case EmployeeLeft():
                employment = (*self.employment[:-1], self.employment[-1]._replace(end=recorded.occurred_at))
                left = replace(self, version=recorded.version, since=recorded.occurred_at, has_left=True)
                return replace(left, employment=employment)
            case EmployeeReturned():
                return replace(self._hired(recorded), has_left=False)
            case _:
                return self

    def _hired(self, recorded: Recorded) -> "Employee":
        employment = (*self.employment, Employment(recorded.occurred_at))
        return replace(self, version=recorded.version, since=recorded.occurred_at, employment=employment)


FIELDS = ("name", "roles", "steps", "department", "personality_type", "capacity")


def _values(source: Event | Command, names: Collection[str]) -> dict[str, Any]:
    return {name: getattr(source, name) for name in names}


class RegisterEmployee(Command):
    """Register an employee under a code of the firm's own."""

    code: Code
    name: Name
    roles: frozenset[Role] = frozenset()
    steps: frozenset[Step] = frozenset(STEPS)
    department: OptionalWord = None
    personality_type: OptionalType = None
    capacity: Capacity | None = None

    def decide(self, employee: Employee, context: RuleContext) -> list[Event]:
        if employee.version:
            raise Refused("employee_exists", employee_code=self.code, id=employee.id)
        return [EmployeeRegistered(code=self.code, **_values(self, FIELDS))]

    refusals: ClassVar = ("in_future", "employee_exists")
    examples: ClassVar = (
        {"code": "ivanova", "name": "Irina Ivanova", "roles": ["closing_manager"], "steps": ["first_deal"]},
    )


class ChangeEmployee(Command):
    """Change what was sent; fields that are absent stay as they are, null empties department, type or capacity."""

    name: Name | None = None
    roles: frozenset[Role] | None = None
    steps: frozenset[Step] | None = None
    department: OptionalWord = None
    personality_type: OptionalType = None
    capacity: Capacity | None = None

    @field_validator("name", "roles", "steps")
    @classmethod
    def _kept(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("cannot be emptied with null")
        return value

    def decide(self, employee: Employee, context: RuleContext) -> list[Event]:
        _refuse_unless_here(employee, context)
        sent = {name: getattr(self, name) for name in self.model_fields_set if name in FIELDS}
        changed = {name: value for name, value in sent.items() if value != getattr(employee, name)}
        if not changed:
            raise Refused("nothing_to_change", fields=sorted(sent))
        return [EmployeeChanged(changed=frozenset(changed), **changed)]

    refusals: ClassVar = ("in_future", "unknown_employee", "employee_left", "before_its_cause", "nothing_to_change")
    examples: ClassVar = ({"capacity": 120, "personality_type": "expressive"},)


class LeaveFirm(Command):
    """Record that the employee has left. His tokens stop working at once."""

    comment: OptionalText = None

    def decide(self, employee: Employee, context: RuleContext) -> list[Event]:
        _refuse_unless_here(employee, context)
        return [EmployeeLeft(comment=self.comment)]

    refusals: ClassVar = ("in_future", "unknown_employee", "employee_left", "before_its_cause")
    examples: ClassVar = ({"comment": "Moved to another city"},)


class ReturnToFirm(Command):
    """Record that an employee who had left works here again. His tokens work again at once."""

    comment: OptionalText = None

    def decide(self, employee: Employee, context: RuleContext) -> list[Event]:
        _refuse_unless_known(employee)
        if not employee.has_left:
            raise Refused("employee_not_left", id=employee.id)
        refuse_before(employee.since, context)
        return [EmployeeReturned(comment=self.comment)]

    refusals: ClassVar = ("in_future", "unknown_employee", "employee_not_left", "before_its_cause")
    examples: ClassVar = ({"comment": "Back from parental leave"},)


def _refuse_unless_known(employee: Employee) -> None:
    if not employee.version:
        raise Refused("unknown_employee", id=employee.id)


def _refuse_unless_here(employee: Employee, context: RuleContext) -> None:
    _refuse_unless_known(employee)
    if employee.has_left:
        raise Refused("employee_left", id=employee.id)
    refuse_before(employee.since, context)


def present_employee(employee_id: UUID, context: RuleContext) -> StaffMember:
    """The employee, if he works here; refused otherwise."""
    employee = context.employee(employee_id)
    if employee is None:
        raise Refused("unknown_employee", id=employee_id)
    if employee.has_left:
        raise Refused("employee_left", id=employee_id)
    return employee


def working_employee(employee_id: UUID, step: Step, context: RuleContext) -> StaffMember:
    """The employee, if he works here and in this step; refused otherwise."""
    employee = present_employee(employee_id, context)
    if step not in employee.steps:
        raise Refused("employee_not_in_step", id=employee_id, step=step, steps=sorted(employee.steps))
    return employee
