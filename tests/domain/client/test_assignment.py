"""Assignment."""

from decimal import Decimal
from uuid import UUID

import pytest

from domain.client.assignment import AssignEmployee, EmployeeAssigned, TakePlannedLead
from domain.client.handoff_events import HandoffAccepted
from domain.client.handoffs import AcceptHandoff
from domain.client.qualification import ClientDisqualified, DisqualificationReason
from domain.client.tasks import TaskCancelled, TaskSet
from domain.team_work.state import TEAM_WORK_ID, Team, TeamWork
from domain.types import FailureReason, Step, Variant
from tests.domain.facts import (
    ASSIGNED,
    HANDOFF,
    IN_FIRST_DEAL,
    OFFERED,
    QUALIFIED_LEAD,
    REGISTERED,
    TASK,
    TEAM,
    offered,
)
from tests.spec import (
    ALL_ROUNDER,
    CLOSER,
    GONE,
    HEAD,
    SECOND_CLOSER,
    SECOND_SELLER,
    SELLER,
    SOMEBODY,
    Refusal,
    at,
    day,
    finds,
    given,
    new,
    refusal,
)

GIVEN_UP = ClientDisqualified(step=Step.LEAD_GENERATION, reason=DisqualificationReason.NO_NEED)
REPLACED = AssignEmployee(employee_id=SECOND_SELLER.id, failure_reason=FailureReason.NO_CONTACT)

RUN = UUID(int=77)
TAKE = TakePlannedLead(
    employee_id=SECOND_SELLER.id, distribution_id=RUN, step=Step.LEAD_GENERATION, score=Decimal("0.8")
)
TAKE_OVER = TAKE.model_copy(update={"previous_id": SELLER.id, "failure_reason": FailureReason.PRICE})
TAKEN = EmployeeAssigned(
    step=Step.LEAD_GENERATION, employee_id=SECOND_SELLER.id, distribution_id=RUN, score=Decimal("0.8")
)
HAS_FAILED = EmployeeAssigned(
    step=Step.LEAD_GENERATION,
    employee_id=SELLER.id,
    previous_id=SECOND_SELLER.id,
    failure_reason=FailureReason.NO_CONTACT,
)


def take(employee_id: UUID) -> TakePlannedLead:
    return TAKE.model_copy(update={"employee_id": employee_id})


REFUSALS = [
    refusal("unknown_employee", given(REGISTERED), AssignEmployee(employee_id=SOMEBODY)),
    refusal("employee_left", given(REGISTERED), AssignEmployee(employee_id=GONE.id)),
    refusal("employee_not_in_step", given(REGISTERED), AssignEmployee(employee_id=CLOSER.id)),
    refusal("employee_not_in_step", given(*IN_FIRST_DEAL), AssignEmployee(employee_id=SELLER.id)),
    refusal("already_assigned", given(REGISTERED, ASSIGNED), AssignEmployee(employee_id=SELLER.id)),
    refusal("failure_reason_required", given(REGISTERED, ASSIGNED), AssignEmployee(employee_id=ALL_ROUNDER.id)),
    refusal(
        "before_its_cause",
        given(REGISTERED, at(day(2), ASSIGNED)),
        REPLACED.model_copy(update={"occurred_at": day(1)}),
        {"since": day(2)},
    ),
    refusal("client_disqualified", given(REGISTERED, GIVEN_UP), AssignEmployee(employee_id=SELLER.id)),
    refusal("client_disqualified", given(REGISTERED, GIVEN_UP), TAKE),
    refusal("already_assigned", given(REGISTERED, TAKEN), TAKE, {"distribution_id": RUN}),
    refusal("lead_changed", given(REGISTERED, ASSIGNED), TAKE, {"employee_id": SELLER.id}),
    refusal("lead_changed", given(*IN_FIRST_DEAL), TAKE_OVER, {"step": Step.FIRST_DEAL}),
    refusal("lead_changed", given(REGISTERED), TAKE_OVER),
    refusal("failed_with_lead", given(REGISTERED, HAS_FAILED), TAKE_OVER),
    refusal("handoff_pending", given(*QUALIFIED_LEAD, offered(Step.FIRST_DEAL, CLOSER)), TAKE_OVER),
    refusal("unknown_employee", given(REGISTERED), take(SOMEBODY)),
    refusal("employee_left", given(REGISTERED), take(GONE.id)),
    refusal("employee_not_in_step", given(REGISTERED), take(CLOSER.id)),
    refusal(
        "before_its_cause",
        given(REGISTERED, at(day(2), ASSIGNED)),
        TAKE_OVER.model_copy(update={"occurred_at": day(1)}),
    ),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_the_first_employee_needs_no_reason() -> None:
    command = AssignEmployee(employee_id=SELLER.id, failure_reason=FailureReason.OTHER)
    client = given(REGISTERED).when(command).then(ASSIGNED)
    assert client.owner == SELLER.id


def test_a_replacement_names_why_the_one_before_failed() -> None:
    client = (
        given(REGISTERED, ASSIGNED)
        .when(REPLACED)
        .then(
            EmployeeAssigned(
                step=Step.LEAD_GENERATION,
                employee_id=SECOND_SELLER.id,
                previous_id=SELLER.id,
                failure_reason=FailureReason.NO_CONTACT,
            )
        )
    )
    assert client.owner == SECOND_SELLER.id


def test_who_left_can_be_replaced() -> None:
    client = given(REGISTERED, ASSIGNED.model_copy(update={"employee_id": GONE.id}))
    reason = FailureReason.EMPLOYEE_LEFT
    replaced = client.when(AssignEmployee(employee_id=SELLER.id, failure_reason=reason)).after()
    assert replaced.owner == SELLER.id


def test_the_steps_keep_their_own_employees() -> None:
    command = AssignEmployee(employee_id=SECOND_CLOSER.id, failure_reason=FailureReason.PRICE)
    employees = given(*IN_FIRST_DEAL).when(command).after().assignment.employees
    assert employees == {Step.LEAD_GENERATION: SELLER.id, Step.FIRST_DEAL: SECOND_CLOSER.id}


def test_a_planned_lead_carries_run_and_score() -> None:
    command = TAKE.model_copy(update={"variant": Variant.TRUSTING, "failure_reason": FailureReason.PRICE})
    client = given(REGISTERED).when(command).then(TAKEN.model_copy(update={"variant": Variant.TRUSTING}))
    assert (client.owner, client.assignment.distribution_id) == (SECOND_SELLER.id, RUN)


def test_a_planned_lead_is_taken_over_with_the_reason_of_failure() -> None:
    replaced = {"previous_id": SELLER.id, "failure_reason": FailureReason.PRICE}
    client = given(REGISTERED, ASSIGNED).when(TAKE_OVER).then(TAKEN.model_copy(update=replaced))
    assert client.assignment.failed == {SELLER.id}


def test_a_planned_lead_comes_with_its_tasks_and_a_first_one() -> None:
    mine = TaskSet(task_id=TASK, text="Price list", due_at=day(120), employee_id=SELLER.id)
    wanted = {"sets_task": True, "task_text": "Introduce yourself", "task_due_at": day(110)}
    made = given(REGISTERED, ASSIGNED, mine).when(TAKE_OVER.model_copy(update=wanted)).events()
    assert made[1:] == [
        TaskCancelled(task_id=TASK),
        TaskSet(task_id=new(1), text="Price list", due_at=day(120), employee_id=SECOND_SELLER.id),
        TaskSet(task_id=new(2), text="Introduce yourself", due_at=day(110), employee_id=SECOND_SELLER.id),
    ]


def test_a_first_task_that_is_open_still_is_replaced_and_not_doubled() -> None:
    first = TaskSet(task_id=TASK, text="Get in touch with the client", due_at=day(2), employee_id=SELLER.id)
    wanted = {"sets_task": True, "task_due_at": day(110)}
    made = given(REGISTERED, ASSIGNED, first).when(TAKE_OVER.model_copy(update=wanted)).events()
    assert made[1:] == [
        TaskCancelled(task_id=TASK),
        TaskSet(task_id=new(1), text=first.text, due_at=day(110), employee_id=SECOND_SELLER.id),
    ]


def test_a_first_task_that_the_new_owner_has_open_himself_is_not_doubled_either() -> None:
    first = TaskSet(task_id=TASK, text="Get in touch with the client", due_at=day(120), employee_id=SECOND_SELLER.id)
    other = TaskSet(task_id=HANDOFF, text="Price list", due_at=day(120), employee_id=SECOND_SELLER.id)
    wanted = {"sets_task": True, "task_due_at": day(110)}
    made = given(REGISTERED, ASSIGNED, first, other).when(TAKE_OVER.model_copy(update=wanted)).events()
    assert made[1:] == [
        TaskCancelled(task_id=TASK),
        TaskSet(task_id=new(1), text=first.text, due_at=day(110), employee_id=SECOND_SELLER.id),
    ]


def test_whoever_is_assigned_in_a_team_works_in_its_variant() -> None:
    team = Team(TEAM, Variant.DEMOCRATIC, Step.LEAD_GENERATION, (SECOND_SELLER.id,), HEAD.id, day(0), day(0))
    teams = finds(TeamWork(TEAM_WORK_ID, 1, {TEAM: team}))
    for command in (AssignEmployee(employee_id=SECOND_SELLER.id), TAKE):
        (made,) = given(REGISTERED).when(command, known=teams).events()
        assert isinstance(made, EmployeeAssigned)
        assert made.variant is Variant.DEMOCRATIC


def test_whoever_accepts_a_client_in_a_team_works_in_its_variant() -> None:
    team = Team(TEAM, Variant.TRUSTING, Step.FIRST_DEAL, (CLOSER.id,), HEAD.id, day(0), day(0))
    teams = finds(TeamWork(TEAM_WORK_ID, 1, {TEAM: team}))
    (made,) = (
        given(*OFFERED).when(AcceptHandoff(handoff_id=HANDOFF, occurred_at=day(4)), by=CLOSER, known=teams).events()
    )
    assert isinstance(made, HandoffAccepted)
    assert made.variant is Variant.TRUSTING


def test_what_a_person_changed_after_the_run_stays() -> None:
    changed = TAKEN.model_copy(update={"employee_id": SELLER.id, "previous_id": SECOND_SELLER.id})
    given(REGISTERED, TAKEN, changed).when(TAKE).refused("lead_changed", employee_id=SELLER.id)
