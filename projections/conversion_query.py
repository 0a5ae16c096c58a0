"""The conversion report: how many clients entered, converted and were lost, per step and split by a dimension."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.types import STEPS, Step, Variant
from projections.conversion import CONVEYOR, WORKED
from projections.conversion_facts import Basis, Question, sums
from projections.conversion_filters import EmployeeTypes
from projections.period import month_of


class Figures(NamedTuple):
    """Clients, as counted in one step or (`CONVEYOR`) on the whole way."""

    entered: int = 0
    converted: int = 0
    lost: int = 0
    returned: int = 0
    in_step: int = 0

    def plus(self, other: "Figures") -> "Figures":
        """Both together."""
        return Figures(*map(int.__add__, self, other))


Who = TypeVar("Who")
"""How an employee is named: by his id, or with all that an answer says of him."""
Cells = dict[str, dict[str, Figures]]
"""Figures by value of the dimension, then by step."""

Rate = Annotated[
    float | None,
    Field(
        description="To 4 places. On the basis `cohort` converted / entered; on the basis `period` converted / "
        "(converted + lost), those whose way was decided within it. Null where there are none, and for account "
        "service, which never ends."
    ),
]


class StepFigures(BaseModel):
    """Clients that entered, converted (went on), were lost (and are not back), were handed back, and the rest.

    On the basis `cohort`: of those who entered within the period, as it is now. On the basis `period`: what happened
    within it, and `in_step` at its end. Of the whole conveyor: entered = came to lead generation, converted = reached
    account service, lost = wherever they were, in_step = neither.
    """

    entered: int
    converted: int
    lost: int
    returned: int
    in_step: int
    rate: Rate


class ConversionSteps(BaseModel):
    """The figures of every step."""

    lead_generation: StepFigures
    first_deal: StepFigures
    account_service: StepFigures


_EXAMPLE_STEP = {"entered": 120, "converted": 54, "lost": 30, "returned": 0, "in_step": 36, "rate": 0.45}


class ConversionTotal(StepFigures):
    """Everything together: the whole conveyor, or the step asked for."""

    steps: ConversionSteps | None = None


class ConversionItem(StepFigures, Generic[Who]):
    """The figures of one value of the dimension asked for; null is the value of those where it is not known."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"step": "lead_generation", **_EXAMPLE_STEP}]})

    step: Step | None = None
    month: Annotated[str, Field(examples=["2025-03"])] | None = None
    quarter: Annotated[str, Field(examples=["2025-Q1"])] | None = None
    year: int | None = None
    origin: str | None = None
    industry: str | None = None
    region: str | None = None
    category: str | None = None
    personality_type: str | None = None
    search_assignment: str | None = None
    search_assignment_title: str | None = None
    employee: Who | None = None
    variant: Variant | None = None
    script: Annotated[str | None, Field(description="Id and version, as in 3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11/2")] = (
        None
    )
    script_name: str | None = None
    employee_type: str | None = None
    client_type: str | None = None
    steps: ConversionSteps | None = None


class ConversionReport(BaseModel, Generic[Who]):
    """Conversion by a dimension."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [{"step": "lead_generation", **_EXAMPLE_STEP}],
                    "total": {
                        "entered": 120,
                        "converted": 31,
                        "lost": 41,
                        "returned": 0,
                        "in_step": 48,
                        "rate": 0.2583,
                    },
                }
            ]
        }
    )

    items: list[ConversionItem[Who]]
    next_cursor: str | None = None
    total: ConversionTotal


async def conversion(connection: AsyncConnection, question: Question) -> ConversionReport[str]:
    """The report: values in order of time, or by number of clients, the largest first.

    By `WORKED` the values are pairs of types: that of the employee, which the filters know, and that of the client.
    """
    rows: Sequence[Any] = (await connection.execute(sums(question))).all()
    cells: Cells = {}
    for value, step, *numbers in rows:
        steps = cells.setdefault(_pair(value, question.filters.types) if question.by == WORKED else value, {})
        steps[step] = steps.get(step, Figures()).plus(Figures(*map(int, numbers)))
    return report_of(cells, question)


def _pair(worked: str, types: EmployeeTypes) -> str:
    """The types of an employee and a client, from a value of `WORKED`."""
    employee, _, client_type = worked.partition("/")
    return f"{(types.get(UUID(employee)) if employee else None) or ''}/{client_type}"


def report_of(cells: Cells, question: Question) -> ConversionReport[str]:
    """The report made of the figures by value and step."""
    overall = _total(cells)
    if question.by_time and question.basis is Basis.PERIOD:
        cells = _with_running_balance(cells, question)
    if question.by == "step":
        chosen = (question.step,) if question.step else STEPS
        items = [ConversionItem[str](step=step, **_figures(step, overall, question.basis)) for step in chosen]
    else:
        shown = sorted(cells.items(), key=lambda item: _order(question, *item))
        items = [_item(question, value, steps) for value, steps in shown if any(map(any, steps.values()))]
    return ConversionReport[str](items=items, total=ConversionTotal(**_of_value(overall, question)))


def _with_running_balance(cells: Cells, question: Question) -> Cells:
    """Changes of each span of time summed up to what was there at its end; without the spans before the period."""
    balance: dict[str, int] = {}
    running: Cells = {}
    for value in sorted(cells):
        for step in (*STEPS, CONVEYOR):
            figures = cells[value].get(step, Figures())
            balance[step] = balance.get(step, 0) + figures.in_step
            running.setdefault(value, {})[step] = figures._replace(in_step=balance[step])
    start = question.period.start
    earliest = _span(month_of(start), question.by) if start else ""
    return {value: steps for value, steps in running.items() if value >= earliest}


def _span(month: date, by: str) -> str:
    quarter = (month.month + 2) // 3
    return {"month": f"{month:%Y-%m}", "quarter": f"{month:%Y}-Q{quarter}", "year": f"{month:%Y}"}[by]


def _total(cells: Cells) -> dict[str, Figures]:
    """The sums by step; changes over all time, those before the period too, are what is there at its end."""
    steps: dict[str, Figures] = {}
    for value in cells.values():
        for step, figures in value.items():
            steps[step] = steps.get(step, Figures()).plus(figures)
    return steps


def _order(question: Question, value: str, steps: Mapping[str, Figures]) -> tuple[int, str]:
    largest = steps.get(question.step or CONVEYOR, Figures()).entered
    return (0 if question.by_time else -largest, value)


def _item(question: Question, value: str, steps: Mapping[str, Figures]) -> ConversionItem[str]:
    shown: dict[str, Any] = {question.by: value or None}
    if question.by == WORKED:
        employee_type, _, client_type = value.partition("/")
        shown = {"employee_type": employee_type or None, "client_type": client_type or None}
    return ConversionItem[str](**shown, **_of_value(steps, question))


def _of_value(steps: Mapping[str, Figures], question: Question) -> dict[str, Any]:
    if question.step:
        return _figures(question.step, steps, question.basis)
    return {
        **_figures(CONVEYOR, steps, question.basis),
        "steps": ConversionSteps(**{step: StepFigures(**_figures(step, steps, question.basis)) for step in STEPS}),
    }


def _figures(step: str, steps: Mapping[str, Figures], basis: Basis) -> dict[str, Any]:
    figures = steps.get(step, Figures())
    whole = figures.entered if basis is Basis.COHORT else figures.converted + figures.lost
    known = whole and step != Step.ACCOUNT_SERVICE
    return {**figures._asdict(), "rate": round(figures.converted / whole, 4) if known else None}
