"""Employees."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.employee import (
    SYSTEM,
    ChangeEmployee,
    EmployeeChanged,
    EmployeeLeft,
    EmployeeRegistered,
    EmployeeReturned,
    LeaveFirm,
    RegisterEmployee,
    ReturnToFirm,
    employee_id,
)
from domain.kernel import Command
from domain.types import STEPS, Role, Step
from tests.domain.examples import EMPLOYEE_COMMANDS
from tests.spec import Refusal, at, day, given_employee, refusal

REGISTERED = EmployeeRegistered(code="petrov", name="Petrov", roles=frozenset(), steps=frozenset(STEPS))
LEFT = EmployeeLeft()
CHANGE = ChangeEmployee(name="Petrova")
BACK = EmployeeReturned()
WORKS = given_employee(REGISTERED)
GONE = given_employee(REGISTERED, at(day(10), LEFT))


def occurring(command: Command, on: float) -> Command:
    return command.model_copy(update={"occurred_at": day(on)})


REFUSALS = [
    *[refusal("in_future", WORKS, occurring(command, 101)) for command in EMPLOYEE_COMMANDS],
    refusal("employee_exists", WORKS, RegisterEmployee(code="petrov", name="P"), {"employee_code": "petrov"}),
    refusal("employee_exists", given_employee(REGISTERED, LEFT), RegisterEmployee(code="petrov", name="P")),
    *[refusal("unknown_employee", given_employee(), command) for command in (CHANGE, LeaveFirm(), ReturnToFirm())],
    *[refusal("employee_left", given_employee(REGISTERED, LEFT), command) for command in (CHANGE, LeaveFirm())],
    refusal("employee_not_left", WORKS, ReturnToFirm()),
    refusal("employee_not_left", given_employee(REGISTERED, LEFT, BACK), ReturnToFirm()),
    *[refusal("before_its_cause", WORKS, occurring(command, -1)) for command in (CHANGE, LeaveFirm())],
    refusal("before_its_cause", GONE, occurring(ReturnToFirm(), 9), {"since": day(10)}),
    refusal("nothing_to_change", WORKS, ChangeEmployee()),
    refusal("nothing_to_change", WORKS, ChangeEmployee(name="Petrov", steps=frozenset(STEPS), department=None)),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_an_employee_works_in_all_steps_unless_told() -> None:
    employee = given_employee().when(RegisterEmployee(code=" petrov ", name="Petrov")).then(REGISTERED)
    assert employee.steps == set(STEPS)
    assert employee.since == day(100)
    assert not employee.has_left


def test_steps_and_roles_are_replaced_as_a_whole() -> None:
    roles, steps = frozenset({Role.HEAD}), frozenset({Step.FIRST_DEAL})
    changed = EmployeeChanged(changed=frozenset({"roles", "steps"}), roles=roles, steps=steps)
    employee = WORKS.when(ChangeEmployee(roles=roles, steps=steps)).then(changed)
    assert (employee.roles, employee.steps, employee.name) == ({"head"}, {"first_deal"}, "Petrov")


@pytest.mark.parametrize("empty", [None, ""])
def test_department_and_type_can_be_emptied(empty: str | None) -> None:
    filled = REGISTERED.model_copy(update={"department": "Sales", "personality_type": "driver", "capacity": 3})
    command = ChangeEmployee.model_validate({"department": empty, "personality_type": empty, "capacity": None})
    employee = given_employee(filled).when(command).after()
    assert (employee.department, employee.personality_type, employee.capacity) == (None, None, None)


def test_who_left_has_left() -> None:
    assert WORKS.when(LeaveFirm(comment=" ")).then(LEFT).has_left


def test_who_returned_works_here_as_before() -> None:
    employee = GONE.when(ReturnToFirm(comment=" ", occurred_at=day(12))).then(BACK)
    assert not employee.has_left
    assert (employee.since, employee.steps, employee.name) == (day(12), set(STEPS), "Petrov")


def test_who_returned_can_leave_again_but_not_before() -> None:
    back = given_employee(REGISTERED, at(day(10), LEFT), at(day(12), BACK))
    assert back.when(LeaveFirm(occurred_at=day(12))).then(LEFT).has_left
    back.when(LeaveFirm(occurred_at=day(11))).refused("before_its_cause", since=day(12))


def test_from_when_to_when_somebody_worked_here_is_kept() -> None:
    back = given_employee(REGISTERED, at(day(10), LEFT), at(day(12), BACK)).state
    assert back.employment == ((day(0), day(10)), (day(12), None))


def test_the_code_makes_the_id() -> None:
    assert employee_id("petrov") == employee_id("petrov")
    assert len({employee_id("petrov"), employee_id("Petrov"), employee_id("system"), SYSTEM}) == 4


def test_sets_are_written_in_one_order() -> None:
    changed = EmployeeChanged(changed=frozenset({"steps", "roles"}), steps=frozenset(STEPS), roles=frozenset(Role))
    data = changed.model_dump(mode="json")
    assert [data[name] for name in ("changed", "steps", "roles")] == [["roles", "steps"], sorted(STEPS), sorted(Role)]


@pytest.mark.parametrize(
    "body", [{"name": None}, {"name": " "}, {"roles": None}, {"steps": None}, {"steps": ["cooking"]}, {"capacity": -1}]
)
def test_malformed_changes(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ChangeEmployee.model_validate(body)


@pytest.mark.parametrize("body", [{"code": " "}, {"code": "x" * 65}, {"code": "a\x00"}, {"name": ""}])
def test_malformed_registrations(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RegisterEmployee.model_validate({"code": "petrov", "name": "Petrov", **body})
