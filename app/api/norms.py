"""Norms: plan and fact, and what employees really reach."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.activity import ActivityReading, Asked, AskedDays, setting_of
from app.api.people import EmployeeRef, employee_ref
from app.api.reading import Reading
from app.api.reports import ListPage, cursors_checked
from domain.regulation.norms import COLD_CALLS, MEASURES, REACHED_CALLS
from domain.types import Channel, Role
from projections.activity_query import Work, work_by_day
from projections.money import Number
from projections.norms_report import Distribution, Line, NormsBy, Span, Sums, distributions, norms_report, place_of
from projections.paging import Page, cursor_of, values_of

router = APIRouter(tags=["Reports"])
FIELD_DAYS = 90
"""So many days are looked at for a proposal of norms, where no period is asked for."""


class Amounts(BaseModel):
    """What norms are about."""

    cold_calls: Annotated[Number, COLD_CALLS]
    reached_calls: Annotated[Number, REACHED_CALLS]
    meetings: Number
    proposals: Number


class Fulfilment(BaseModel):
    """Fact in per cent of the plan, to one place; null where nothing was planned."""

    cold_calls: Annotated[float | None, COLD_CALLS]
    reached_calls: Annotated[float | None, REACHED_CALLS]
    meetings: float | None
    proposals: float | None


class Fact(BaseModel):
    """What was done. A proposal counts on each day on which it was sent.

    `first_contacts` are the very first ones with a client. `minutes` are those that were written down.
    """

    cold_calls: Annotated[int, COLD_CALLS]
    reached_calls: Annotated[int, REACHED_CALLS]
    meetings: int
    proposals: int
    contacts: int
    by_channel: dict[Channel, int]
    first_contacts: int
    minutes: int


class NormsFigures(BaseModel):
    """Plan and fact. `working_days` are days of one employee on which something was planned."""

    working_days: int
    plan: Amounts
    fact: Fact
    fulfilment_percent: Fulfilment


_FIGURES: dict[str, Any] = {
    "working_days": 5,
    "plan": {"cold_calls": "300", "reached_calls": "125", "meetings": "5", "proposals": "0"},
    "fact": {
        "cold_calls": 270,
        "reached_calls": 131,
        "meetings": 5,
        "proposals": 0,
        "contacts": 320,
        "by_channel": {"phone": 310, "office_meeting": 10},
        "first_contacts": 90,
        "minutes": 1900,
    },
    "fulfilment_percent": {"cold_calls": 90.0, "reached_calls": 104.8, "meetings": 100.0, "proposals": None},
}


class NormsItem(NormsFigures):
    """The figures of a span that begins on this day, of an employee, a department or a role; null: without one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"begins": "2026-03-02", "role": "cold_contact_manager", **_FIGURES}]}
    )

    begins: date
    employee: EmployeeRef | None = None
    department: str | None = None
    role: Role | None = None


class NormsBody(BaseModel):
    """Plan and fact by span and group. The total counts each employee once, whatever roles he has."""

    items: list[NormsItem]
    total: NormsFigures
    next_cursor: str | None


@router.get("/reports/norms", response_model_exclude_unset=True)
async def report_norms(
    reading: ActivityReading,
    asked: AskedDays,
    whom: Asked,
    page: ListPage,
    by: Annotated[NormsBy, Query(description="Whose work one line is about")] = NormsBy.EMPLOYEE,
    per: Annotated[Span, Query(description="How long one line is; weeks begin on Monday")] = Span.DAY,
) -> NormsBody:
    """Plan and fact of the norms, counted in the working days of the firm's calendar. This month, when not said."""
    setting = await setting_of(reading, asked, whom)
    work = await work_by_day(reading.connection, setting.days, [employee.id for employee in setting.staff])
    norms = reading.services.directory.regulation.norms
    report = norms_report(work, setting.staff, norms, setting.calendar, setting.days, by, per)
    lines, next_cursor = _page_of(report.lines, page)
    items = [
        NormsItem(begins=line.begin or setting.days.first, **_group(reading, by, line), **_figures(line))
        for line in lines
    ]
    return NormsBody(items=items, total=NormsFigures(**_figures(report.total)), next_cursor=next_cursor)


def _page_of(lines: list[Line], page: Page) -> tuple[list[Line], str | None]:
    with cursors_checked():
        last = values_of(page.cursor, (date.fromisoformat, str)) if page.cursor else None
    left = [line for line in lines if last is None or _place(line) > last]
    shown = left[: page.limit]
    return shown, cursor_of(_place(shown[-1])) if len(left) > len(shown) else None


def _place(line: Line) -> tuple[date, str]:
    return place_of((line.begin or date.min, line.group))


def _group(reading: Reading, by: NormsBy, line: Line) -> dict[str, Any]:
    if by is NormsBy.EMPLOYEE:
        return {"employee": employee_ref(reading.services, UUID(line.group))}
    return {by.value: line.group}


def _figures(line: Line) -> dict[str, Any]:
    return {
        "working_days": line.working_days,
        "plan": Amounts(**line.plan),
        "fact": Fact(**{name: getattr(line.work, name) for name in Fact.model_fields}),
        "fulfilment_percent": Fulfilment(**_fulfilment(line.plan, line.work)),
    }


def _fulfilment(plan: Sums, work: Work) -> dict[str, float | None]:
    return {name: _percent(getattr(work, name), plan[name]) for name in MEASURES}


def _percent(fact: int, plan: Decimal) -> float | None:
    return round(float(100 * fact / plan), 1) if plan else None


class Percentiles(BaseModel):
    """On a quarter, half, three quarters and nine tenths of the days not more than this was reached."""

    p25: float
    median: float
    p75: float
    p90: float


class ProposalItem(BaseModel):
    """What the employees of a role reached on the days on which they had any contact; null: without a role."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "role": "cold_contact_manager",
                    "employees": 8,
                    "days": 410,
                    **{name: {"p25": 31, "median": 44, "p75": 58, "p90": 71.5} for name in MEASURES},
                }
            ]
        }
    )

    role: Role | None
    employees: int
    days: Annotated[int, Field(description="Days of one employee")]
    cold_calls: Annotated[Percentiles, COLD_CALLS]
    reached_calls: Annotated[Percentiles, REACHED_CALLS]
    meetings: Percentiles
    proposals: Percentiles


class ProposalBody(BaseModel):
    """The distributions by role; who has two roles counts in both."""

    first_day: date
    last_day: date
    items: list[ProposalItem]


@router.get("/reports/norms/proposal")
async def propose_norms(reading: ActivityReading, asked: AskedDays, whom: Asked) -> ProposalBody:
    """What norms could ask: the distribution of what employees reached, not its average. 90 days, when not said."""
    setting = await setting_of(reading, asked, whom, FIELD_DAYS)
    work = await work_by_day(reading.connection, setting.days, [employee.id for employee in setting.staff])
    found = distributions(work, setting.staff)
    items = [_proposal(each) for each in found if whom.role in {None, each.role}]
    return ProposalBody(first_day=setting.days.first, last_day=setting.days.last, items=items)


def _proposal(found: Distribution) -> ProposalItem:
    measures = {name: Percentiles(**values) for name, values in found.percentiles.items()}
    role = Role(found.role) if found.role else None
    return ProposalItem(role=role, employees=found.employees, days=found.days, **measures)
