"""Conversion per step and dimension, the clients behind it, and the time that clients spend in the steps."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.conversion_filters import OfClients
from app.api.people import EmployeeRef, optional_ref
from app.api.reading import Reading, reader
from app.api.reports import ListPage, ReportPeriod, cursors_checked, of_employee, page_by
from domain.playbook import Script
from domain.search_assignment import SearchAssignment
from domain.types import Step, Variant
from projections.conversion import WORKED, ConversionView
from projections.conversion_clients import Behind, Figure, clients
from projections.conversion_facts import Basis, Question
from projections.conversion_query import ConversionItem, ConversionReport, conversion
from projections.time_in_step import TimeBy, time_in_step

router = APIRouter(tags=["Reports"])
ConversionReading = Annotated[Reading, reader(ConversionView.name, in_time=True)]
ReportBasis = Annotated[
    Basis,
    Query(
        description="cohort: those who entered within the period and what became of them; period: what happened in it"
    ),
]
InStep = Annotated[Step | None, Query(description="The figures of this step only; without it, of the whole conveyor")]


class ConversionBy(StrEnum):
    """What conversion is split by; month, quarter and year are UTC."""

    STEP = "step"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ORIGIN = "origin"
    INDUSTRY = "industry"
    REGION = "region"
    CATEGORY = "category"
    PERSONALITY_TYPE = "personality_type"
    SEARCH_ASSIGNMENT = "search_assignment"
    EMPLOYEE = "employee"
    VARIANT = "variant"
    SCRIPT = "script"
    TYPES = "types"


class ConversionBody(ConversionReport[EmployeeRef]):
    """Conversion by a dimension. The items of any dimension add up to the total.

    By month, quarter and year there is an item for each in which something happened; on the basis `period` its
    `in_step` is that at its own end, and that of the total the one at the end of the period.
    """


@router.get("/reports/conversion", response_model_exclude_unset=True)
async def report_conversion(
    reading: ConversionReading,
    period: ReportPeriod,
    page: ListPage,
    of_clients: OfClients,
    basis: ReportBasis = Basis.COHORT,
    by: ConversionBy = ConversionBy.STEP,
    step: InStep = None,
) -> ConversionBody:
    """How many clients entered, converted and were lost. A client is split by what is known of it now.

    By employee: in a step whoever works or last worked it there; on the whole conveyor, in lead generation. So too by
    variant of team work, by version of the script that was followed last, and by types: of the employee and the client,
    which is the one on its card, else that of the key person who decides. Filters take the same values as the splits.
    """
    asked = WORKED if by is ConversionBy.TYPES else by.value
    report = await conversion(reading.connection, Question(asked, basis, period, step, of_clients))
    shown, next_cursor = page_by(report.items, page, *_names(by))
    items = [_item(reading, by, item) for item in shown]
    return ConversionBody(items=items, next_cursor=next_cursor, total=report.total)


def _item(reading: Reading, by: ConversionBy, item: ConversionItem[str]) -> ConversionItem[EmployeeRef]:
    fields = item.model_dump(exclude_unset=True)
    return ConversionItem[EmployeeRef](**fields | _beside(reading, by, fields.get(by)))


def _names(by: ConversionBy | TimeBy) -> tuple[str, ...]:
    """The fields that tell the items apart."""
    return ("employee_type", "client_type") if by.value == "types" else (by.value,)


def _beside(reading: Reading, by: str, value: Any) -> dict[str, Any]:
    """What is shown of an id, or beside it, where values of this dimension are ids."""
    match by:
        case ConversionBy.EMPLOYEE:
            return of_employee(reading, {"employee": value})
        case ConversionBy.SCRIPT:
            script = reading.services.directory.known(Script, UUID(value.partition("/")[0])) if value else None
            return {"script_name": script.name if script else None}
        case ConversionBy.SEARCH_ASSIGNMENT:
            found = reading.services.directory.known(SearchAssignment, UUID(value)) if value else None
            return {"search_assignment_title": found.title if found else None}
        case _:
            return {}


class ConversionClient(BaseModel):
    """A client behind a figure: of the step asked for, or on the whole conveyor."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11",
                    "name": "Ural Steel",
                    "entered_at": "2026-03-02T09:00:00Z",
                    "left_at": "2026-03-09T15:30:00Z",
                    "outcome": "converted",
                    "employee": {
                        "id": "5d3c2a10-91a4-5b0e-8c57-3b1f6c2f4e01",
                        "code": "ivanova",
                        "name": "Anna Ivanova",
                    },
                }
            ]
        }
    )

    id: UUID
    name: str | None
    entered_at: datetime
    left_at: datetime | None
    outcome: Annotated[
        Literal["converted", "lost", "returned"] | None, Field(description="Null: the client is still there")
    ]
    employee: Annotated[EmployeeRef | None, Field(description="Who works or last worked the client there")]


class ConversionClients(BaseModel):
    """Clients; those that entered last come first."""

    items: list[ConversionClient]
    next_cursor: str | None


@router.get("/reports/conversion/clients")
async def list_conversion_clients(
    reading: ConversionReading,
    period: ReportPeriod,
    page: ListPage,
    of_clients: OfClients,
    figure: Figure = Figure.ENTERED,
    step: InStep = None,
    basis: ReportBasis = Basis.COHORT,
) -> ConversionClients:
    """The clients behind a figure of the conversion report."""
    behind = Behind(figure, step, basis, period, of_clients)
    with cursors_checked():
        found = await clients(reading.connection, behind, page)
    items = [
        ConversionClient(employee=optional_ref(reading.services, item.pop("employee")), **item) for item in found.items
    ]
    return ConversionClients(items=items, next_cursor=found.next_cursor)


class TimeFigures(BaseModel):
    """Hours in a step: of those that went on within the period, and of those still there."""

    count: int
    median_hours: float | None
    p90_hours: Annotated[float | None, Field(description="Nine of ten were faster")]
    still_in_step: Annotated[int | None, Field(description="Null by month: who is still there belongs to no month")]
    median_age_hours: Annotated[float | None, Field(description="How long those still there have been there")]


class TimeItem(TimeFigures):
    """The figures of one value of the dimension; null is the value where it is not known."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "step": "first_deal",
                    "count": 54,
                    "median_hours": 130.5,
                    "p90_hours": 410.0,
                    "still_in_step": 36,
                    "median_age_hours": 96.25,
                }
            ]
        }
    )

    step: Step | None = None
    origin: str | None = None
    industry: str | None = None
    region: str | None = None
    category: str | None = None
    personality_type: str | None = None
    search_assignment: UUID | None = None
    search_assignment_title: str | None = None
    employee: EmployeeRef | None = None
    variant: Variant | None = None
    script: Annotated[str | None, Field(description="Id and version")] = None
    script_name: str | None = None
    employee_type: str | None = None
    client_type: str | None = None
    month: str | None = None


class TimeReport(BaseModel):
    """Time in step by a dimension."""

    items: list[TimeItem]
    next_cursor: str | None
    total: TimeFigures


@router.get("/reports/time-in-step", response_model_exclude_unset=True)
async def report_time_in_step(
    reading: ConversionReading,
    period: ReportPeriod,
    page: ListPage,
    of_clients: OfClients,
    by: TimeBy = TimeBy.STEP,
    step: Annotated[Step | None, Query(description="Only the time in this step")] = None,
) -> TimeReport:
    """How long clients took to go on; the period is that in which they did."""
    found = await time_in_step(reading.connection, by, period, reading.now, step, of_clients)
    items = [_time_item(reading, by, value, figures) for value, figures in found.items.items()]
    shown, next_cursor = page_by(items, page, *_names(by))
    return TimeReport(items=shown, next_cursor=next_cursor, total=TimeFigures(**found.total))


def _time_item(reading: Reading, by: TimeBy, value: Any, figures: dict[str, Any]) -> TimeItem:
    shown = {by.value: value} | _beside(reading, by, value)
    if by is TimeBy.TYPES:
        employee_type, _, client_type = value.partition("/")
        shown = {"employee_type": employee_type or None, "client_type": client_type or None}
    return TimeItem(**shown, **figures)
