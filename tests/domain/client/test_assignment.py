"""Assignment."""

import pytest

from domain.client.assignment import AssignEmployee, EmployeeAssigned
from domain.client.qualification import ClientDisqualified, DisqualificationReason
from domain.types import FailureReason, Step
from tests.domain.facts import ASSIGNED, IN_FIRST_DEAL, REGISTERED
from tests.spec import (
    ALL_ROUNDER,
    CLOSER,
    GONE,
    SECOND_CLOSER,
    SECOND_SELLER,
    SELLER,
    SOMEBODY,
    Refusal,
    at,
    day,
    given,
    refusal,
)

GIVEN_UP = ClientDisqualified(step=Step.LEAD_GENERATION, reason=DisqualificationReason.NO_NEED)
REPLACED = AssignEmployee(employee_id=SECOND_SELLER.id, failure_reason=FailureReason.NO_CONTACT)

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
