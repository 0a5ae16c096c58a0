"""Employees: registering, changing, letting them go and taking them back; who works here, and his history."""

from collections.abc import Iterable
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.api.caller import Reader, services_of
from app.api.commands import Streams, command_route
from app.api.documented import problems_documented
from app.api.history import Beginning, HistoryPage, HistoryQuery, history_of
from app.api.people import Department
from app.api.reading import NeverBehind
from app.api.reports import ListPage, page_by
from app.execute import EMPLOYEE
from app.problems import Problem
from app.services import Services
from domain.employee import (
    ChangeEmployee,
    Employee,
    EmployeeRegistered,
    LeaveFirm,
    RegisterEmployee,
    ReturnToFirm,
    employee_id,
)
from domain.types import STEPS, Role, Step

router = APIRouter(tags=["Employees"])
_employees = Streams(
    EMPLOYEE,
    "employee",
    begin=lambda c: employee_id(c.code),
    refusals=("in_future", "unknown_employee"),
    action="administer",
)
_BEGINNING = Beginning(EmployeeRegistered, "unknown_employee")
_add = partial(command_route, router, streams=_employees)


def _in_order(steps: Iterable[Step]) -> list[Step]:
    return sorted(steps, key=STEPS.index)


class EmployeeBody(BaseModel):
    """An employee."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    code: str
    name: str | None
    roles: Annotated[list[Role], BeforeValidator(sorted)]
    steps: Annotated[list[Step], BeforeValidator(_in_order)]
    department: str | None
    personality_type: str | None
    capacity: Annotated[int | None, Field(description="How many clients he can work at a time")]
    has_left: bool


class EmployeePage(BaseModel):
    """Employees by code."""

    items: list[EmployeeBody]
    next_cursor: str | None


@router.get("/employees")
async def list_employees(
    services: NeverBehind,
    page: ListPage,
    step: Step | None = None,
    role: Role | None = None,
    department: Department = None,
    has_left: Annotated[bool | None, Query(description="Both, when absent")] = None,
) -> EmployeePage:
    """Who works or worked here, by code."""
    await services.directory.refresh()
    found = [
        EmployeeBody.model_validate(employee)
        for employee in services.directory.employees()
        if (step is None or step in employee.steps)
        and (role is None or role in employee.roles)
        and (department is None or employee.department == (department or None))
        and has_left in {None, employee.has_left}
    ]
    items, next_cursor = page_by(found, page, "code")
    return EmployeePage(items=items, next_cursor=next_cursor)


@router.get("/employees/{employee_id}", responses=problems_documented({404: ["unknown_employee"]}))
async def read_employee(services: NeverBehind, employee_id: UUID) -> EmployeeBody:
    """One employee."""
    return EmployeeBody.model_validate(await known_employee(services, employee_id))


async def known_employee(services: Services, employee_id: UUID) -> Employee:
    """The employee that a path names.

    Raises:
        Problem: `unknown_employee`.
    """
    await services.directory.refresh()
    employee = services.directory.employee(employee_id)
    if employee is None:
        raise Problem("unknown_employee", status=404, facts={"id": employee_id})
    return employee


@router.get("/employees/{employee_id}/history", responses=problems_documented({404: ["unknown_employee"]}))
async def read_employee_history(
    request: Request, actor: Reader, employee_id: UUID, query: Annotated[HistoryQuery, Query()]
) -> HistoryPage:
    """All that was recorded on an employee, the newest first."""
    return await history_of(services_of(request), actor, employee_id, query, _BEGINNING)


_add("/employees", RegisterEmployee, creates="id")
_add("/employees/{employee_id}/change", ChangeEmployee)
_add("/employees/{employee_id}/leave", LeaveFirm)
_add("/employees/{employee_id}/return", ReturnToFirm)
