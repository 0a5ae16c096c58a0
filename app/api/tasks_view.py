"""Worklists of tasks, how employees and departments keep up with them, and clients without a next step."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.api.people import Department, EmployeeRef, employee_ref, employees_meant, optional_ref
from app.api.reading import Reading, reader
from app.api.reports import ListPage, ReportPeriod, cursors_checked, page_by
from app.services import Services
from domain.types import Role, Step
from projections.tasks import TasksView
from projections.tasks_query import Idle, TaskFigures, TaskState, Wanted, task_figures, tasks, without_next_step

router = APIRouter(tags=["Worklists"])
TaskReading = Annotated[Reading, reader(TasksView.name, in_time=True)]
_EMPLOYEE: JsonValue = {"id": "5d3c2a10-91a4-5b0e-8c57-3b1f6c2f4e01", "code": "ivanova", "name": "Anna Ivanova"}


class WorkTaskBody(BaseModel):
    """A task with its client."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "3f6f2c0a-0d1b-4c55-9b43-6f7a9a5f8d21",
                    "client_id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11",
                    "client_name": "Ural Steel",
                    "step": "first_deal",
                    "owner": _EMPLOYEE,
                    "text": "Send the price list",
                    "employee": _EMPLOYEE,
                    "set_at": "2026-03-04T09:00:00Z",
                    "set_by": _EMPLOYEE,
                    "due_at": "2026-03-05T09:00:00Z",
                    "postponed": 1,
                    "state": "open",
                    "overdue": True,
                    "ended_at": None,
                    "ended_by": None,
                }
            ]
        }
    )

    id: UUID
    client_id: UUID
    client_name: str | None
    step: Step
    owner: Annotated[EmployeeRef | None, Field(description="Who works the client in its present step")]
    text: str | None
    employee: Annotated[EmployeeRef, Field(description="Who has to do it")]
    set_at: datetime
    set_by: EmployeeRef
    due_at: datetime
    postponed: Annotated[int, Field(description="How often its time was moved")]
    state: Annotated[str, Field(description="open, done or cancelled")]
    overdue: Annotated[bool, Field(description="Open, and its time is over")]
    ended_at: Annotated[datetime | None, Field(description="When it was done or cancelled")]
    ended_by: EmployeeRef | None


class TaskPage(BaseModel):
    """Tasks, the earliest due first."""

    items: list[WorkTaskBody]
    next_cursor: str | None


class IdleClient(BaseModel):
    """A client in work whose owner has no open task for it."""

    id: UUID
    name: str | None
    step: Step
    owner: EmployeeRef
    touched_at: Annotated[datetime, Field(description="The last contact or task done, else its registration")]


class IdlePage(BaseModel):
    """Clients, the longest untouched first."""

    items: list[IdleClient]
    next_cursor: str | None


class TaskFiguresBody(BaseModel):
    """The tasks that are due within the period."""

    model_config = ConfigDict(from_attributes=True)

    tasks: int
    open: int
    overdue: Annotated[int, Field(description="Of those open")]
    done: int
    done_late: Annotated[int, Field(description="Of those done")]
    cancelled: int
    archived: Annotated[int, Field(description="Open, of archived clients")]
    overdue_since: Annotated[datetime | None, Field(description="When the longest overdue one was due")]


class TaskItem(TaskFiguresBody):
    """The figures of an employee, or of a department (as it is now; null: employees of none) with its heads."""

    employee: EmployeeRef | None = None
    department: str | None = None
    heads: list[EmployeeRef] | None = None


class TaskReport(BaseModel):
    """How employees keep up with their tasks; those with most overdue first."""

    items: list[TaskItem]
    next_cursor: str | None
    total: TaskFiguresBody


class TasksBy(StrEnum):
    """What the report on tasks is split by."""

    EMPLOYEE = "employee"
    DEPARTMENT = "department"


@router.get("/tasks")
async def list_tasks(
    reading: TaskReading,
    page: ListPage,
    due: ReportPeriod,
    state: TaskState = TaskState.OPEN,
    employee_id: Annotated[UUID | None, Query(description="Who has to do it")] = None,
    department: Department = None,
    step: Annotated[Step | None, Query(description="The client's present one")] = None,
    client_id: UUID | None = None,
    overdue: bool | None = None,
) -> TaskPage:
    """Tasks that are due within the period, the earliest due first."""
    employees = employees_meant(reading.services, employee_id, department)
    wanted = Wanted(state, employees, step, client_id, overdue, due)
    with cursors_checked():
        found = await tasks(reading.connection, wanted, page, reading.now)
    items = [WorkTaskBody(**named_people(reading.services, item)) for item in found.items]
    return TaskPage(items=items, next_cursor=found.next_cursor)


def named_people(services: Services, item: dict[str, Any]) -> dict[str, Any]:
    """A task as the query has it, with its people as answers name them."""
    keys = ("task_id", "employee_id", "set_by", "owner_id", "ended_by")
    task_id, employee, set_by, owner, ended_by = (item.pop(key) for key in keys)
    return item | {
        "id": task_id,
        "employee": employee_ref(services, employee),
        "set_by": employee_ref(services, set_by),
        "owner": optional_ref(services, owner),
        "ended_by": optional_ref(services, ended_by),
    }


@router.get("/worklists/without-next-step")
async def list_without_next_step(
    reading: TaskReading,
    page: ListPage,
    owner_id: UUID | None = None,
    department: Department = None,
    step: Step | None = None,
) -> IdlePage:
    """Clients in work whose owner has no open task for them, the longest untouched first.

    Open tasks of others, of one who worked the client before or has left too, are no next step (`/tasks?client_id=`).
    """
    wanted = Idle(employees_meant(reading.services, owner_id, department), step)
    with cursors_checked():
        found = await without_next_step(reading.connection, wanted, page)
    items = [IdleClient(owner=employee_ref(reading.services, item.pop("owner_id")), **item) for item in found.items]
    return IdlePage(items=items, next_cursor=found.next_cursor)


@router.get("/reports/tasks", response_model_exclude_unset=True)
async def report_tasks(
    reading: TaskReading,
    page: ListPage,
    due: ReportPeriod,
    by: Annotated[TasksBy, Query(description="What the figures are split by")] = TasksBy.EMPLOYEE,
    employee_id: Annotated[UUID | None, Query(description="Who has to do them")] = None,
    department: Department = None,
    step: Annotated[Step | None, Query(description="The clients' present one")] = None,
) -> TaskReport:
    """Open, overdue and done tasks that are due within the period, by who has to do them."""
    employees = employees_meant(reading.services, employee_id, department)
    figures = await task_figures(reading.connection, Wanted(TaskState.ALL, employees, step, due=due), reading.now)
    items = _by_employee(reading.services, figures) if by is TasksBy.EMPLOYEE else _by_department(reading, figures)
    items.sort(key=_place)
    shown, next_cursor = page_by(items, page, by.value)
    total = TaskFiguresBody.model_validate(_added_up(figures.values()))
    return TaskReport(items=shown, next_cursor=next_cursor, total=total)


def _place(item: TaskItem) -> tuple[int, int, int, str]:
    group = str(item.employee.id) if item.employee else item.department or ""
    return (-item.overdue, -item.open, -item.tasks, group)


def _added_up(figures: Collection[TaskFigures]) -> TaskFigures:
    total = TaskFigures()
    for each in figures:
        total = total.plus(each)
    return total


def _by_employee(services: Services, figures: Mapping[UUID, TaskFigures]) -> list[TaskItem]:
    return [TaskItem(employee=employee_ref(services, key), **each._asdict()) for key, each in figures.items()]


def _by_department(reading: Reading, figures: Mapping[UUID, TaskFigures]) -> list[TaskItem]:
    directory, sums = reading.services.directory, defaultdict[str | None, TaskFigures](TaskFigures)
    for key, each in figures.items():
        employee = directory.employee(key)
        department = employee.department if employee else None
        sums[department] = sums[department].plus(each)
    return [
        TaskItem(department=department, heads=_heads(reading.services, department), **total._asdict())
        for department, total in sums.items()
    ]


def _heads(services: Services, department: str | None) -> list[EmployeeRef]:
    return [
        employee_ref(services, each.id)
        for each in services.directory.employees()
        if department and each.department == department and Role.HEAD in each.roles and not each.has_left
    ]
