"""Tasks."""

from uuid import UUID

import pytest
from pydantic import ValidationError

from domain.client.tasks import (
    CancelTask,
    CompleteTask,
    PassTaskOn,
    PostponeTask,
    SetTask,
    TaskCancelled,
    TaskCompleted,
    TaskPassedOn,
    TaskPostponed,
    TaskSet,
)
from domain.kernel import Command
from tests.domain.facts import REGISTERED, TASK
from tests.spec import CLOSER, GONE, SELLER, SOMEBODY, Refusal, at, day, given, new, refusal

SET = TaskSet(task_id=TASK, text="Call", due_at=day(20), employee_id=SELLER.id)
OPEN = given(REGISTERED, at(day(5), SET))
DONE = given(REGISTERED, at(day(5), SET), at(day(6), TaskCompleted(task_id=TASK)))


def endings(**fields: object) -> list[Command]:
    """The commands on a task, with these fields."""
    ids: dict[str, object] = {"task_id": TASK, **fields}
    return [
        CompleteTask.model_validate(ids),
        CancelTask.model_validate(ids),
        PostponeTask.model_validate({"due_at": day(30), **ids}),
        PassTaskOn.model_validate({"employee_id": CLOSER.id, **ids}),
    ]


REFUSALS = [
    refusal("unknown_employee", given(REGISTERED), SetTask(text="Call", due_at=day(1), employee_id=SOMEBODY)),
    refusal("employee_left", given(REGISTERED), SetTask(text="Call", due_at=day(1), employee_id=GONE.id)),
    *[refusal("unknown_task", given(REGISTERED), command) for command in endings()],
    *[refusal("task_not_open", DONE, command) for command in endings()],
    *[refusal("before_its_cause", OPEN, command, {"since": day(5)}) for command in endings(occurred_at=day(4))],
    refusal("nothing_to_change", OPEN, PostponeTask(task_id=TASK, due_at=day(20))),
    refusal("nothing_to_change", OPEN, PassTaskOn(task_id=TASK, employee_id=SELLER.id)),
    refusal("unknown_employee", OPEN, PassTaskOn(task_id=TASK, employee_id=SOMEBODY)),
    refusal("employee_left", OPEN, PassTaskOn(task_id=TASK, employee_id=GONE.id)),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


@pytest.mark.parametrize(("employee_id", "performer"), [(None, SELLER.id), (CLOSER.id, CLOSER.id)])
def test_a_task_is_set_for_a_colleague_or_for_oneself(employee_id: UUID | None, performer: UUID) -> None:
    command = SetTask(text="Call", due_at=day(120), employee_id=employee_id)
    made = TaskSet(task_id=new(1), text="Call", due_at=day(120), employee_id=performer)
    client = given(REGISTERED).when(command).then(made)
    assert list(client.tasks.open) == [new(1)]


def test_done() -> None:
    client = OPEN.when(CompleteTask(task_id=TASK, result=" ")).then(TaskCompleted(task_id=TASK))
    assert not client.tasks.open
    assert client.tasks.closed == {TASK}


def test_given_up() -> None:
    client = OPEN.when(CancelTask(task_id=TASK, reason="Nobody there")).then(
        TaskCancelled(task_id=TASK, reason="Nobody there")
    )
    assert not client.tasks.open


def test_moved() -> None:
    client = OPEN.when(PostponeTask(task_id=TASK, due_at=day(30))).then(TaskPostponed(task_id=TASK, due_at=day(30)))
    assert client.tasks.open[TASK].due_at == day(30)


def test_passed_on() -> None:
    command = PassTaskOn(task_id=TASK, employee_id=CLOSER.id, reason="Works the client now")
    made = TaskPassedOn(task_id=TASK, employee_id=CLOSER.id, reason="Works the client now")
    task = OPEN.when(command).then(made).tasks.open[TASK]
    assert (task.employee_id, task.text, task.due_at) == (CLOSER.id, "Call", day(20))


@pytest.mark.parametrize(
    "due_at", ["2026-03-02T10:00:00", "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00", None]
)
def test_due_at_is_an_instant_within_the_calendar(due_at: str | None) -> None:
    with pytest.raises(ValidationError):
        SetTask.model_validate({"text": "Call", "due_at": due_at})
