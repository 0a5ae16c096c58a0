"""Norms by role and employee, from a day on."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from domain.regulation.norms import DailyNorms, NormsSet, SetNorms, norms_on
from domain.types import Role
from tests.spec import SELLER, SOMEBODY, Refusal, given_regulation, refusal

COLD, CLOSING = Role.COLD_CONTACT_MANAGER, Role.CLOSING_MANAGER
MARCH, MAY = date(2026, 3, 1), date(2026, 5, 1)


def daily(calls: int, meetings: str = "0") -> DailyNorms:
    return DailyNorms(cold_calls=Decimal(calls), meetings=Decimal(meetings))


def norms_set(whose: Role | UUID, since: date, norms: DailyNorms) -> NormsSet:
    role, employee_id = (whose, None) if isinstance(whose, Role) else (None, whose)
    return NormsSet(role=role, employee_id=employee_id, effective_from=since, norms=norms)


SET = SetNorms(role=COLD, effective_from=MARCH, norms=daily(60))
REFUSALS = [
    refusal("nothing_to_change", given_regulation(norms_set(COLD, MARCH, daily(60))), SET, {"effective_from": MARCH}),
    refusal(
        "unknown_employee",
        given_regulation(),
        SetNorms(employee_id=SOMEBODY, effective_from=MARCH, norms=daily(60)),
        {"id": SOMEBODY},
    ),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_norms_hold_from_their_day_until_others_do() -> None:
    norms = given_regulation(norms_set(COLD, MARCH, daily(60)), norms_set(COLD, MAY, daily(80))).state.norms

    def calls(day: date) -> Decimal | None:
        found = norms_on(norms, day, SELLER.id, [COLD])
        return found and found.cold_calls

    days = (date(2026, 2, 28), MARCH, date(2026, 4, 30), MAY, date(2030, 1, 1))
    assert [calls(day) for day in days] == [None, 60, 60, 80, 80]


def test_norms_of_a_day_are_replaced() -> None:
    before = given_regulation(norms_set(COLD, MARCH, daily(60)))
    command = SetNorms(role=COLD, effective_from=MARCH, norms=daily(70))
    norms = before.when(command).then(norms_set(COLD, MARCH, daily(70))).norms
    assert norms_on(norms, MARCH, SELLER.id, [COLD]) == daily(70)


def test_two_roles_ask_for_the_most_that_one_of_them_asks() -> None:
    norms = given_regulation(
        norms_set(COLD, MARCH, daily(60, "0.5")), norms_set(CLOSING, MARCH, daily(5, "3"))
    ).state.norms
    assert norms_on(norms, MARCH, SELLER.id, [COLD, CLOSING]) == daily(60, "3")
    assert norms_on(norms, MARCH, SELLER.id, [Role.MARKETER]) is None


def test_an_employees_own_norms_replace_those_of_his_roles() -> None:
    norms = given_regulation(norms_set(COLD, MARCH, daily(60)), norms_set(SELLER.id, MAY, daily(20))).state.norms
    assert norms_on(norms, MARCH, SELLER.id, [COLD]) == daily(60)
    assert norms_on(norms, MAY, SELLER.id, [COLD]) == daily(20)


@pytest.mark.parametrize(
    "changes", [{"role": None}, {"employee_id": SELLER.id}, {"norms": {"cold_calls": -1}}, {"effective_from": "soon"}]
)
def test_what_is_no_norm(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SetNorms.model_validate(SET.model_dump() | changes)
