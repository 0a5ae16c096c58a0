"""Compatibility of types as it is observed, beside the configured one."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.people import EmployeeRef, employee_ref, employee_types
from app.api.reading import Reading, reader
from app.api.reports import ListPage, ReportPeriod, cursors_checked, dimension_filters, of_employee, page_by
from domain.types import Step
from projections.compatibility import CompatibilityView
from projections.compatibility_query import CompatibilityBy, Tried, observed, trials_behind
from projections.conversion_filters import EmployeeTypes

router = APIRouter(tags=["Reports"])
CompatibilityReading = Annotated[Reading, reader(CompatibilityView.name, in_time=True)]
InStep = Annotated[Step | None, Query(description="Only the work in this step: lead generation or the first deal")]


class TrialFigures(BaseModel):
    """How work on clients ended. The rate of few trials says little: it lies between low and high."""

    trials: Annotated[int, Field(description="An employee's work on a client in a step, once it is decided")]
    successes: Annotated[int, Field(description="The first deal was won")]
    rate: Annotated[float | None, Field(description="Successes per trial, to 4 places")]
    low: Annotated[float | None, Field(description="Of the Wilson interval with 95 % confidence")]
    high: float | None


class CompatibilityItem(TrialFigures):
    """The figures of a pair of types, a type or an employee; null is the type where it is not known."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "employee_type": "driver",
                    "client_type": "analytical",
                    "configured_score": "0.6",
                    "trials": 40,
                    "successes": 26,
                    "rate": 0.65,
                    "low": 0.4951,
                    "high": 0.7787,
                }
            ]
        }
    )

    employee: EmployeeRef | None = None
    employee_type: str | None = None
    client_type: str | None = None
    configured_score: Annotated[Decimal | None, Field(description="That of the matrix in force, for pairs")] = None


class CompatibilityReport(BaseModel):
    """Observed compatibility; the items add up to the total."""

    items: list[CompatibilityItem]
    next_cursor: str | None
    total: TrialFigures


class TrialBody(BaseModel):
    """How an employee's work on a client in a step ended."""

    client_id: UUID
    client_name: str | None
    client_type: str | None
    step: Step
    employee: EmployeeRef
    employee_type: str | None
    ended_at: datetime
    success: bool


class TrialList(BaseModel):
    """Trials, the last decided first."""

    items: list[TrialBody]
    next_cursor: str | None


Value = Annotated[str | None, Query(description="Only trials with this value; empty: those where it is not known")]


@router.get("/reports/compatibility", response_model_exclude_unset=True)
async def report_compatibility(
    reading: CompatibilityReading,
    period: ReportPeriod,
    page: ListPage,
    by: Annotated[CompatibilityBy, Query(description="What the trials are split by")] = CompatibilityBy.PAIR,
    step: InStep = None,
    employee_id: Value = None,
    employee_type: Value = None,
    client_type: Value = None,
) -> CompatibilityReport:
    """How often employees won the clients they worked, by types; the period is that in which it was decided.

    By `employee_and_client_type` each employee is seen with each type of clients, whether or not he has a type himself.
    Types are those known now. The client's is the one on its card, else that of the key person who decides.
    """
    services = reading.services
    types, configured = employee_types(services), services.directory.regulation.compatibility
    values = dimension_filters({"client_type": client_type}, employee_id)
    tried = Tried(period, step, values, *_of_type(types, employee_type))
    found = await observed(reading.connection, by, tried, types, configured)
    items, next_cursor = page_by(
        [CompatibilityItem(**of_employee(reading, item)) for item in found.items], page, *found.names
    )
    return CompatibilityReport(items=items, next_cursor=next_cursor, total=TrialFigures(**found.total))


@router.get("/reports/compatibility/trials")
async def list_compatibility_trials(
    reading: CompatibilityReading,
    period: ReportPeriod,
    page: ListPage,
    step: InStep = None,
    employee_id: Value = None,
    employee_type: Value = None,
    client_type: Value = None,
    success: bool | None = None,
) -> TrialList:
    """The trials behind a figure of the report."""
    types = employee_types(reading.services)
    values = dimension_filters({"client_type": client_type}, employee_id)
    if success is not None:
        values["success"] = success
    tried = Tried(period, step, values, *_of_type(types, employee_type))
    with cursors_checked():
        found = await trials_behind(reading.connection, tried, page)
    items = [_trial(reading, types, item) for item in found.items]
    return TrialList(items=items, next_cursor=found.next_cursor)


def _of_type(types: EmployeeTypes, employee_type: str | None) -> tuple[list[UUID] | None, list[UUID] | None]:
    """Whose trials are wanted, and whose are not: those without a type are all whose type is not known."""
    if employee_type is None:
        return None, None
    if not employee_type:
        return None, [key for key, known in types.items() if known]
    return [key for key, known in types.items() if known == employee_type], None


def _trial(reading: Reading, types: EmployeeTypes, item: dict[str, Any]) -> TrialBody:
    employee_id = item.pop("employee")
    return TrialBody(
        **item,
        employee=employee_ref(reading.services, employee_id),
        employee_type=types.get(employee_id),
    )
