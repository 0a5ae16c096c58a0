"""Tasks: what is to be done for the client, by whom and by when."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from domain.employee import present_employee
from domain.kernel import Command, Event, Personal, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import Moment, OptionalText, SomeText

if TYPE_CHECKING:
    from domain.client.state import Client


class TaskSet(Event, topic="tasks.set", begins="task_id"):
    """A task was set for an employee."""

    task_id: UUID
    text: Personal[str]
    due_at: datetime
    employee_id: UUID

    @staticmethod
    def made(text: str, due_at: datetime, employee_id: UUID | None, context: RuleContext) -> "TaskSet":
        """A new task; for the actor himself where no employee is named."""
        if employee_id:
            present_employee(employee_id, context)
        performer = employee_id or context.actor.employee_id
        return TaskSet(task_id=context.new_id(), text=text, due_at=due_at, employee_id=performer)


class TaskCompleted(Event, topic="tasks.completed"):
    """The task was done."""

    task_id: UUID
    result: Personal[str] = None


class TaskPostponed(Event, topic="tasks.postponed"):
    """The task is due later (or earlier)."""

    task_id: UUID
    due_at: datetime
    reason: Personal[str] = None


class TaskPassedOn(Event, topic="tasks.passed_on"):
    """Another employee has to do the task from now on."""

    task_id: UUID
    employee_id: UUID
    reason: Personal[str] = None


class TaskCancelled(Event, topic="tasks.cancelled"):
    """The task will not be done."""

    task_id: UUID
    reason: Personal[str] = None


@dataclass(frozen=True, slots=True)
class Task:
    """An open task, with the business time at which it was set."""

    id: UUID
    text: str | None
    due_at: datetime
    employee_id: UUID
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Tasks:
    """The open tasks by id, and the ids of those that are closed."""

    open: Mapping[UUID, Task] = field(default_factory=dict[UUID, Task])
    closed: frozenset[UUID] = frozenset()

    def evolve(self, recorded: Recorded) -> "Tasks":
        """After a task was set, moved, passed on or closed."""
        match recorded.event:
            case TaskSet(task_id=key) as event:
                task = Task(key, event.text, event.due_at, event.employee_id, recorded.occurred_at)
                return replace(self, open={**self.open, key: task})
            case TaskPostponed(task_id=key, due_at=due_at):
                return replace(self, open={**self.open, key: replace(self.open[key], due_at=due_at)})
            case TaskPassedOn(task_id=key, employee_id=employee_id):
                return replace(self, open={**self.open, key: replace(self.open[key], employee_id=employee_id)})
            case TaskCompleted(task_id=key) | TaskCancelled(task_id=key):
                left = {other: task for other, task in self.open.items() if other != key}
                return Tasks(left, self.closed | {key})
            case _:
                return self

    def get(self, task_id: UUID, context: RuleContext) -> Task:
        """The open task with this id, if it was set before the decision."""
        task = self.open.get(task_id)
        if task is None:
            raise Refused("task_not_open" if task_id in self.closed else "unknown_task", task_id=task_id)
        refuse_before(task.set_at, context, task_id=task_id)
        return task


def tasks_of_new_owner(
    tasks: Tasks,
    before: UUID | None,
    employee_id: UUID,
    context: RuleContext,
    text: str | None = None,
    due_at: datetime | None = None,
) -> list[Event]:
    """What has to be done when the client goes to another employee.

    The open tasks of the one before are set anew for him, those overdue with the time of the first task; then a first
    task, with the text and in the time of the regulation where none are given. It takes the place of open ones with
    the same text, his own too: a lead that goes from hand to hand, or comes back, does not gather them.
    """
    rules = context.regulation.team_rules
    first = text or rules.first_task
    due_at = due_at or context.calendar.after_working_days(context.occurred_at, rules.first_task_within_working_days)
    made: list[Event] = []
    for task in tasks.open.values():
        is_first = task.text == first
        if task.employee_id != before and not (is_first and task.employee_id == employee_id):
            continue
        refuse_before(task.set_at, context, task_id=task.id)
        made.append(TaskCancelled(task_id=task.id))
        if not is_first:
            later = task.due_at if task.due_at > context.occurred_at else due_at
            made.append(_task(task.text, later, employee_id, context))
    return [*made, _task(first, due_at, employee_id, context)]


def _task(text: str | None, due_at: datetime, employee_id: UUID, context: RuleContext) -> TaskSet:
    return TaskSet(task_id=context.new_id(), text=text, due_at=due_at, employee_id=employee_id)


class SetTask(Command):
    """Set a task for an employee; for yourself, when none is named."""

    text: SomeText
    due_at: Moment
    employee_id: Annotated[UUID | None, Field(description="Who does it; the one who records, when absent")] = None

    refusals: ClassVar = ("unknown_employee", "employee_left")
    examples: ClassVar = ({"text": "Send the price list", "due_at": "2030-01-15T10:00:00+03:00"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        return [TaskSet.made(self.text, self.due_at, self.employee_id, context)]


class CompleteTask(Command):
    """Say that a task is done, and what came of it."""

    task_id: UUID
    result: OptionalText = None

    refusals: ClassVar = ("unknown_task", "task_not_open", "before_its_cause")
    examples: ClassVar = ({"result": "Sent"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        return [TaskCompleted(task_id=client.tasks.get(self.task_id, context).id, result=self.result)]


class PostponeTask(Command):
    """Move a task to another time."""

    task_id: UUID
    due_at: Moment
    reason: OptionalText = None

    refusals: ClassVar = ("unknown_task", "task_not_open", "before_its_cause", "nothing_to_change")
    examples: ClassVar = ({"due_at": "2030-01-20T10:00:00+03:00", "reason": "On holiday until then"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        task = client.tasks.get(self.task_id, context)
        if task.due_at == self.due_at:
            raise Refused("nothing_to_change", due_at=task.due_at)
        return [TaskPostponed(task_id=task.id, due_at=self.due_at, reason=self.reason)]


class PassTaskOn(Command):
    """Give an open task to another employee; text and time stay as they are."""

    task_id: UUID
    employee_id: Annotated[UUID, Field(description="Who does it from now on")]
    reason: OptionalText = None

    refusals: ClassVar = (
        "unknown_task",
        "task_not_open",
        "before_its_cause",
        "unknown_employee",
        "employee_left",
        "nothing_to_change",
    )
    examples: ClassVar = (
        {"employee_id": "7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11", "reason": "She works the client now"},
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        task = client.tasks.get(self.task_id, context)
        present_employee(self.employee_id, context)
        if task.employee_id == self.employee_id:
            raise Refused("nothing_to_change", employee_id=task.employee_id)
        return [TaskPassedOn(task_id=task.id, employee_id=self.employee_id, reason=self.reason)]


class CancelTask(Command):
    """Give a task up."""

    task_id: UUID
    reason: OptionalText = None

    refusals: ClassVar = ("unknown_task", "task_not_open", "before_its_cause")
    examples: ClassVar = ({"reason": "Not needed any more"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        return [TaskCancelled(task_id=client.tasks.get(self.task_id, context).id, reason=self.reason)]
