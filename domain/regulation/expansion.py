"""Plans of expanding the existing base: what the book of an account manager is to bring more in a month."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from domain.kernel import Command, Event, Refused
from domain.types import Amount, Currency, Month, Step

if TYPE_CHECKING:
    from domain.regulation.state import Regulation, RuleContext


class Planned(NamedTuple):
    """Whose plan it is, for which month and in which currency."""

    employee_id: UUID
    month: date
    currency: str


class ExpansionPlan(BaseModel):
    """By how much the revenue of the book is to grow, and how many articles are to be sold to clients new to them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    revenue_growth: Amount
    additional_articles: Annotated[int | None, Field(ge=0, le=1_000_000)] = None


ExpansionPlans = Mapping[Planned, ExpansionPlan]
"""All plans."""


class ExpansionPlanSet(Event, topic="regulation.expansion_plan_set"):
    """An account manager has another plan for a month."""

    employee_id: UUID
    month: Month
    currency: str
    revenue_growth: Decimal
    additional_articles: int | None = None

    def evolve(self, plans: ExpansionPlans) -> ExpansionPlans:
        """All plans, with this one in place."""
        plan = ExpansionPlan(revenue_growth=self.revenue_growth, additional_articles=self.additional_articles)
        return {**plans, Planned(self.employee_id, self.month, self.currency): plan}


class SetExpansionPlan(Command):
    """Plan by how much the existing clients in an account manager's book are to buy more in a month.

    The growth is against their mean month before; the same month and currency planned again replaces the plan.
    """

    employee_id: UUID
    month: Month
    currency: Currency
    revenue_growth: Amount
    additional_articles: Annotated[
        int | None, Field(ge=0, le=1_000_000, description="Articles sold to clients that never bought them before")
    ] = None

    refusals: ClassVar = (
        "in_future",
        "unknown_employee",
        "employee_left",
        "employee_not_in_step",
        "nothing_to_change",
    )
    examples: ClassVar = (
        {
            "employee_id": "7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11",
            "month": "2030-02",
            "currency": "EUR",
            "revenue_growth": "12000.00",
            "additional_articles": 8,
        },
    )

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        self._refuse_unless_serving(context)
        planned = Planned(self.employee_id, self.month, self.currency)
        plan = ExpansionPlan(revenue_growth=self.revenue_growth, additional_articles=self.additional_articles)
        if regulation.expansion_plans.get(planned) == plan:
            raise Refused("nothing_to_change", month=self.month)
        return [ExpansionPlanSet(**planned._asdict(), **plan.model_dump())]

    def _refuse_unless_serving(self, context: "RuleContext") -> None:
        employee = context.employee(self.employee_id)
        if employee is None:
            raise Refused("unknown_employee", id=self.employee_id)
        if employee.has_left:
            raise Refused("employee_left", id=self.employee_id)
        if Step.ACCOUNT_SERVICE not in employee.steps:
            raise Refused("employee_not_in_step", id=self.employee_id, step=Step.ACCOUNT_SERVICE)
