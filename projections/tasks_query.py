"""Lists of tasks, how employees keep up with them, and the clients in work that their owners have no task for."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.types import Step
from projections.paging import Listed, Page, listed
from projections.period import Period
from projections.place import Status
from projections.tasks import CLIENTS, TASKS

_JOINED = TASKS.join(CLIENTS, CLIENTS.c.id == TASKS.c.client_id)
_COLUMNS = (*TASKS.c, CLIENTS.c.name.label("client_name"), CLIENTS.c.step, CLIENTS.c.owner_id)


class TaskState(StrEnum):
    """How a task stands. Open ones of archived clients are in `all` only: nobody can do them."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"
    ALL = "all"


_OPEN = and_(TASKS.c.state == TaskState.OPEN, CLIENTS.c.status != Status.ARCHIVED)
_DONE = TASKS.c.state == TaskState.DONE
_CANCELLED = TASKS.c.state == TaskState.CANCELLED
_IDLE = and_(CLIENTS.c.owner_tasks == 0, CLIENTS.c.status == Status.ACTIVE)
_STATES = {TaskState.OPEN: _OPEN, TaskState.DONE: _DONE, TaskState.CANCELLED: _CANCELLED}


class Wanted(NamedTuple):
    """Which tasks to list; None does not restrict. `due`: the period in which they are due."""

    state: TaskState = TaskState.OPEN
    employees: Collection[UUID] | None = None
    step: Step | None = None
    client_id: UUID | None = None
    overdue: bool | None = None
    due: Period = Period()


def _overdue(now: datetime) -> ColumnElement[bool]:
    return and_(_OPEN, TASKS.c.due_at < now)


async def tasks(connection: AsyncConnection, wanted: Wanted, page: Page, now: datetime) -> Listed:
    """Tasks, the earliest due first.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query = select(*_COLUMNS, _overdue(now).label("overdue")).select_from(_JOINED).where(*_conditions(wanted, now))
    return await listed(connection, query, (TASKS.c.due_at, TASKS.c.task_id), page)


def _conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    conditions = wanted.due.covers(TASKS.c.due_at)
    if wanted.state is not TaskState.ALL:
        conditions.append(_STATES[wanted.state])
    if wanted.employees is not None:
        conditions.append(TASKS.c.employee_id.in_(wanted.employees))
    if wanted.step:
        conditions.append(CLIENTS.c.step == wanted.step)
    if wanted.client_id:
        conditions.append(TASKS.c.client_id == wanted.client_id)
    if wanted.overdue is not None:
        conditions.append(_overdue(now) if wanted.overdue else ~_overdue(now))
    return conditions


class Idle(NamedTuple):
    """Which clients without a next step to list; None does not restrict."""

    owners: Collection[UUID] | None = None
    step: Step | None = None


async def without_next_step(connection: AsyncConnection, wanted: Idle, page: Page) -> Listed:
    """Clients in work whose owner has no open task for them, the longest untouched first.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    conditions = [_IDLE, CLIENTS.c.owner_id.is_not(None)]
    if wanted.owners is not None:
        conditions.append(CLIENTS.c.owner_id.in_(wanted.owners))
    if wanted.step:
        conditions.append(CLIENTS.c.step == wanted.step)
    columns = (CLIENTS.c.id, CLIENTS.c.name, CLIENTS.c.step, CLIENTS.c.owner_id, CLIENTS.c.touched_at)
    return await listed(connection, select(*columns).where(*conditions), (CLIENTS.c.touched_at, CLIENTS.c.id), page)


async def without_next_step_by_owner(connection: AsyncConnection, owners: Collection[UUID]) -> dict[UUID, int]:
    """How many clients in work each owner has no open task for; those who have none such are absent."""
    conditions = [_IDLE, CLIENTS.c.owner_id.in_(owners)]
    query = select(CLIENTS.c.owner_id, func.count()).where(*conditions).group_by(CLIENTS.c.owner_id)
    return {row[0]: row[1] for row in await connection.execute(query)}


class TaskFigures(NamedTuple):
    """Counts of tasks. `overdue` are among the open ones, `done_late` among the done ones.

    `archived` are open ones of archived clients; `overdue_since` is when the longest overdue one was due.
    """

    tasks: int = 0
    open: int = 0
    overdue: int = 0
    done: int = 0
    done_late: int = 0
    cancelled: int = 0
    archived: int = 0
    overdue_since: datetime | None = None

    def plus(self, other: "TaskFigures") -> "TaskFigures":
        """Both together."""
        since = min(filter(None, (self.overdue_since, other.overdue_since)), default=None)
        counts = map(sum, zip(self[:-1], other[:-1], strict=True))
        return TaskFigures._make((*counts, since))


async def task_figures(connection: AsyncConnection, wanted: Wanted, now: datetime) -> dict[UUID, TaskFigures]:
    """The figures of the tasks that are wanted, by the employee who has to do them."""
    counted = {
        "open": _OPEN,
        "overdue": _overdue(now),
        "done": _DONE,
        "done_late": and_(_DONE, TASKS.c.ended_at > TASKS.c.due_at),
        "cancelled": _CANCELLED,
        "archived": and_(TASKS.c.state == TaskState.OPEN, CLIENTS.c.status == Status.ARCHIVED),
    }
    counts = [func.count().filter(condition).label(name) for name, condition in counted.items()]
    since = func.min(TASKS.c.due_at).filter(_overdue(now))
    query = select(TASKS.c.employee_id, func.count(), *counts, since).select_from(_JOINED)
    query = query.where(*_conditions(wanted, now)).group_by(TASKS.c.employee_id)
    return {row[0]: TaskFigures(*row[1:]) for row in (await connection.execute(query)).all()}
