"""Plans of expanding the existing base."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.regulation.expansion import ExpansionPlan, ExpansionPlanSet, Planned, SetExpansionPlan
from domain.types import Step
from tests.spec import GONE, MANAGER, SELLER, SOMEBODY, Refusal, given_regulation, refusal

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
PLAN: dict[str, Any] = {"employee_id": MANAGER.id, "month": MARCH, "currency": "EUR", "revenue_growth": Decimal(500)}


def command(**changes: Any) -> SetExpansionPlan:
    return SetExpansionPlan(**PLAN | changes)


def planned(**changes: Any) -> ExpansionPlanSet:
    return ExpansionPlanSet(**PLAN | changes)


REFUSALS = [
    refusal("unknown_employee", given_regulation(), command(employee_id=SOMEBODY), {"id": SOMEBODY}),
    refusal("employee_left", given_regulation(), command(employee_id=GONE.id), {"id": GONE.id}),
    refusal("employee_not_in_step", given_regulation(), command(employee_id=SELLER.id), {"step": Step.ACCOUNT_SERVICE}),
    refusal("nothing_to_change", given_regulation(planned()), command(revenue_growth="500.00"), {"month": MARCH}),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_a_plan_is_of_a_month_and_a_currency_and_may_be_replaced() -> None:
    before = given_regulation(planned(), planned(month=APRIL), planned(currency="USD"))
    after = before.when(command(revenue_growth=700, additional_articles=4)).then(
        planned(revenue_growth=700, additional_articles=4)
    )
    assert after.expansion_plans == {
        Planned(MANAGER.id, MARCH, "EUR"): ExpansionPlan(revenue_growth=Decimal(700), additional_articles=4),
        Planned(MANAGER.id, APRIL, "EUR"): ExpansionPlan(revenue_growth=Decimal(500)),
        Planned(MANAGER.id, MARCH, "USD"): ExpansionPlan(revenue_growth=Decimal(500)),
    }


@pytest.mark.parametrize("changes", [{"month": "2026-03-02"}, {"month": "2026-13"}, {"revenue_growth": -1}])
def test_bad_plans_are_named(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(changes))):
        command(**changes)
