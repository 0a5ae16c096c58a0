"""How answers name employees."""

from collections.abc import Collection
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from app.services import Services
from domain.employee import SYSTEM
from projections.conversion_filters import EmployeeTypes

Department = Annotated[str | None, Query(description="Of employees, as it is now; the empty text: of none")]


class EmployeeRef(BaseModel):
    """An employee. Code and name are null where he is not known to the service (any more)."""

    id: UUID
    code: Annotated[str | None, Field(examples=["ivanova"])] = None
    name: Annotated[str | None, Field(examples=["Irina Ivanova"])] = None


def employee_ref(services: Services, employee_id: UUID) -> EmployeeRef:
    """The employee with this id, as answers name him; what is done by rule is the work of `system`."""
    if employee_id == SYSTEM:
        return EmployeeRef(id=employee_id, code="system")
    employee = services.directory.employee(employee_id)
    if employee is None:
        return EmployeeRef(id=employee_id)
    return EmployeeRef(id=employee_id, code=employee.code, name=employee.name)


def employee_types(services: Services) -> EmployeeTypes:
    """The types of the employees, as they are now."""
    return {employee.id: employee.personality_type for employee in services.directory.employees()}


def optional_ref(services: Services, employee_id: UUID | None) -> EmployeeRef | None:
    """The employee, where there is one."""
    return None if employee_id is None else employee_ref(services, employee_id)


def employees_meant(services: Services, employee: UUID | None, department: str | None) -> Collection[UUID] | None:
    """Whose work is asked for; None: everybody's."""
    if department is None:
        return None if employee is None else {employee}
    members = {each.id for each in services.directory.employees() if each.department == (department or None)}
    return members if employee is None else members & {employee}


def owners_meant(
    services: Services, owners: Collection[UUID], department: str | None, *, unassigned: bool
) -> list[UUID | None] | None:
    """Whose clients are asked for, None among them for clients that nobody works; None instead: everybody's."""
    if not (owners or unassigned) and department is None:
        return None
    members = owners if department is None else employees_meant(services, None, department) or ()
    meant: list[UUID | None] = [each for each in members if not owners or each in owners]
    return [*meant, None] if unassigned else meant
