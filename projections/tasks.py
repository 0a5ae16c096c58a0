"""Tasks: what is to be done, by whom and by when, and which clients in work their owners have nothing to do for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Integer, Table, Text, Uuid

from domain.client.card import CardChanged
from domain.client.contacts import ContactRecorded
from domain.client.registration import ClientRegistered
from domain.client.tasks import TaskCancelled, TaskCompleted, TaskPassedOn, TaskPostponed, TaskSet
from domain.kernel import Event, Recorded
from projections.kernel import Row, View, metadata, view_table
from projections.place import PLACE_EVENTS, Place

OPEN, DONE, CANCELLED = "open", "done", "cancelled"


class ClientTask(NamedTuple):
    """A task of a client. `ended_at` and `ended_by` are of its completion or cancellation."""

    id: UUID
    text: str | None
    employee_id: UUID
    set_at: datetime
    set_by: UUID
    due_at: datetime
    postponed: int = 0
    state: str = OPEN
    ended_at: datetime | None = None
    ended_by: UUID | None = None


class ClientTasks(NamedTuple):
    """The tasks of one client by id, where it stands, and when it was last touched: by a contact or a task done."""

    id: UUID
    name: str | None = None
    place: Place = Place()
    by_id: Mapping[UUID, ClientTask] = {}
    touched_at: datetime | None = None


CLIENTS = view_table(
    "task_clients",
    Column("name", Text),
    Column("step", Text, nullable=False),
    Column("owner_id", Uuid),
    Column("status", Text, nullable=False),
    Column("owner_tasks", Integer, nullable=False),
    Column("touched_at", DateTime(timezone=True), nullable=False),
    Index("task_clients_touched", "owner_tasks", "status", "touched_at", "id"),
)
"""One row per client, which the tasks are joined with: its step and owner change without touching them.

`owner_tasks` counts the open tasks of the present owner, 0 where nobody is: what others have to do is no next step.
"""
TASKS = Table(
    "tasks",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("task_id", Uuid, primary_key=True),
    Column("text", Text),
    Column("employee_id", Uuid, nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False),
    Column("set_by", Uuid, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("postponed", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_by", Uuid),
    Index("tasks_due", "state", "due_at", "task_id"),
    Index("tasks_of_employee", "employee_id", "state", "due_at", "task_id"),
)


class TasksView(View[ClientTasks]):
    """Tasks, one part row each."""

    name: ClassVar = "tasks"
    revision: ClassVar = 2
    reads: ClassVar[frozenset[type[Event]]] = PLACE_EVENTS | {
        CardChanged,
        ContactRecorded,
        TaskSet,
        TaskPostponed,
        TaskPassedOn,
        TaskCompleted,
        TaskCancelled,
    }
    table: ClassVar = CLIENTS
    part_tables: ClassVar = (TASKS,)
    state_type = ClientTasks

    def start(self, stream_id: UUID) -> ClientTasks:
        return ClientTasks(stream_id)

    def evolve(self, state: ClientTasks, recorded: Recorded) -> ClientTasks:
        match recorded.event:
            case ClientRegistered(name=name):
                return state._replace(name=name, place=state.place.evolve(recorded), touched_at=recorded.occurred_at)
            case CardChanged(changed=changed, name=name):
                return state._replace(name=name) if "name" in changed else state
            case TaskSet() | TaskPostponed() | TaskPassedOn() | TaskCompleted() | TaskCancelled():
                after = _task_after(state.by_id, recorded)
                return state if after is None else _with(state, after)
            case ContactRecorded():
                return _touched(state, recorded.occurred_at)
            case _:
                return state._replace(place=state.place.evolve(recorded))

    def columns(self, state: ClientTasks) -> Row | None:
        place = state.place
        if place.since is None:
            return None
        owner_tasks = sum(task.state == OPEN and task.employee_id == place.owner for task in state.by_id.values())
        return (state.name, place.step, place.owner, place.status.value, owner_tasks, state.touched_at)

    def parts(self, state: ClientTasks) -> Mapping[Table, Sequence[Row]]:
        return {TASKS: [(state.id, *task) for task in state.by_id.values()]}


def _task_after(tasks: Mapping[UUID, ClientTask], recorded: Recorded) -> ClientTask | None:
    """The task that was set, moved, passed on or ended. One that is not known is passed over: it may be dated later."""
    at, by, event = recorded.occurred_at, recorded.actor, recorded.event
    if isinstance(event, TaskSet):
        return ClientTask(event.task_id, event.text, event.employee_id, at, by, event.due_at)
    assert isinstance(event, TaskPostponed | TaskPassedOn | TaskCompleted | TaskCancelled)
    task = tasks.get(event.task_id)
    if task is None:
        return None
    if isinstance(event, TaskPostponed):
        return task._replace(due_at=event.due_at, postponed=task.postponed + 1)
    if isinstance(event, TaskPassedOn):
        return task._replace(employee_id=event.employee_id)
    return task._replace(state=DONE if isinstance(event, TaskCompleted) else CANCELLED, ended_at=at, ended_by=by)


def _with(state: ClientTasks, task: ClientTask) -> ClientTasks:
    after = state._replace(by_id={**state.by_id, task.id: task})
    return _touched(after, task.ended_at) if task.ended_at and task.state == DONE else after


def _touched(state: ClientTasks, at: datetime) -> ClientTasks:
    """A contact that is logged late may be older than the last one."""
    return state._replace(touched_at=max(state.touched_at or at, at))
