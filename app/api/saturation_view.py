"""Saturation over HTTP: new clients per employee and month against his book and his time here, and who has stopped."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.people import EmployeeRef, employee_ref
from app.api.reading import Reading, reader
from app.api.reports import ListPage, ReportPeriod, cursors_checked, page_by
from domain.employee import Employee
from domain.types import Month as MonthOf
from projections.book import BookView
from projections.period import Months, Period, month_after, month_of, months_between
from projections.saturation import (
    MONTHS_WITHOUT,
    Month,
    SaturationFigure,
    Stopped,
    clients_behind,
    months_of_everybody,
    stopped,
)

router = APIRouter(tags=["Reports"])
BookReading = Annotated[Reading, reader(BookView.name, in_time=True)]
MONTHS_SHOWN = 12


class SaturationMonth(BaseModel):
    """A month (UTC) of an employee."""

    month: MonthOf
    first_deals: Annotated[int, Field(description="Clients whose first deal with revenue he won")]
    leads_accepted: Annotated[int, Field(description="His qualified leads that were accepted, for the first time")]
    book: Annotated[int, Field(description="Clients that he served at the end of the month, or now")]
    tenure_months: Annotated[int | None, Field(description="Whole months since he came; null: he was not here")]


class SaturationItem(BaseModel):
    """An employee who has brought clients or serves some."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "employee": {"id": "5d3c2a10-91a4-5b0e-8c57-3b1f6c2f4e01", "code": "ivanova", "name": "A. Ivanova"},
                    "department": "service",
                    "has_left": False,
                    "book": 35,
                    "has_stopped": True,
                    "reason": (
                        "No new client in 4 whole months and in this one; the last in 2026-01. "
                        "New clients before: 12, months: 9. His book had 28 clients then, and has 35 now."
                    ),
                    "months": [
                        {"month": "2026-01", "first_deals": 2, "leads_accepted": 0, "book": 28, "tenure_months": 26}
                    ],
                }
            ]
        }
    )

    employee: EmployeeRef
    department: str | None
    has_left: bool
    book: Annotated[int, Field(description="Clients that he serves now")]
    has_stopped: Annotated[bool, Field(description="He brought new clients, but none of late; false where he has left")]
    reason: str
    months: list[SaturationMonth]


class SaturationReport(BaseModel):
    """By employee; those who have stopped come first, the largest book first."""

    months_without: int
    items: list[SaturationItem]
    next_cursor: str | None


@router.get("/reports/saturation")
async def report_saturation(
    reading: BookReading,
    page: ListPage,
    period: ReportPeriod,
    months_without: Annotated[
        int, Query(ge=1, le=60, description="Whole months without a new client that say that somebody has stopped")
    ] = MONTHS_WITHOUT,
    employee_id: UUID | None = None,
    department: str | None = None,
) -> SaturationReport:
    """Who brings new clients, and who lives off his book: first deals and accepted leads by month, book and tenure.

    The months shown lie wholly within the period, the present one included; the last twelve, when absent. Whether
    somebody has stopped is said as of now, whatever the period.
    """
    now = month_of(reading.now)
    await reading.services.directory.refresh()
    shown = _shown(period, now)
    items = [
        _item(reading, employee, months, months_without, shown)
        for employee, months in (await months_of_everybody(reading.connection, now)).items()
        if employee_id in {None, employee} and _is_of(reading, employee, department)
    ]
    items.sort(key=lambda item: (not item.has_stopped, -item.book, item.employee.code or "", item.employee.id))
    shown_items, next_cursor = page_by(items, page, "employee")
    return SaturationReport(months_without=months_without, items=shown_items, next_cursor=next_cursor)


def _shown(period: Period, now: date) -> Months:
    first, end = period.whole_months
    return Months(first or month_after(now, 1 - MONTHS_SHOWN), end or month_after(now))


def _is_of(reading: Reading, employee_id: UUID, department: str | None) -> bool:
    employee = reading.services.directory.employee(employee_id)
    return department is None or (employee is not None and employee.department == department)


def _item(
    reading: Reading, employee_id: UUID, months: Sequence[Month], months_without: int, shown: Months
) -> SaturationItem:
    employee = reading.services.directory.employee(employee_id)
    has_left = employee is not None and employee.has_left
    found = stopped(months, months_without)
    return SaturationItem(
        employee=employee_ref(reading.services, employee_id),
        department=employee.department if employee else None,
        has_left=has_left,
        book=months[-1].book,
        has_stopped=found is not None and not has_left,
        reason=_reason(found, months, has_left=has_left),
        months=[
            SaturationMonth(
                month=month.month,
                first_deals=month.first_deals,
                leads_accepted=month.leads_accepted,
                book=month.book,
                tenure_months=_tenure(employee, month.month),
            )
            for month in months
            if (not shown.first or month.month >= shown.first) and (not shown.end or month.month < shown.end)
        ],
    )


def _reason(found: Stopped | None, months: Sequence[Month], *, has_left: bool) -> str:
    if has_left:
        return "He has left."
    if found:
        return (
            f"No new client in {found.months_without} whole months and in this one; the last in "
            f"{found.last_brought:%Y-%m}. New clients before: {found.before}, months: {found.months_before}. "
            f"His book had {found.book_then} clients then, and has {found.book_now} now."
        )
    last = max((month.month for month in months if month.brought), default=None)
    return f"The last new client came in {last:%Y-%m}." if last else "He has never brought a new client."


def _tenure(employee: Employee | None, month: date) -> int | None:
    """Whole months from when he came, the last time, to the end of the month; None where he was not here then."""
    end = datetime.combine(month_after(month), datetime.min.time(), UTC)
    began = [spell.begin for spell in employee.employment if spell.begin < end] if employee else []
    if not began:
        return None
    begin = max(began).astimezone(UTC)
    return months_between(month_of(begin), month) + (1 if begin.day == 1 else 0)


class SaturationClient(BaseModel):
    """A client behind a figure: brought then, or in the book since then."""

    id: UUID
    name: str | None
    since: datetime


class SaturationClients(BaseModel):
    """Clients, the earliest first."""

    items: list[SaturationClient]
    next_cursor: str | None


@router.get("/reports/saturation/clients")
async def list_saturation_clients(
    reading: BookReading,
    page: ListPage,
    employee_id: UUID,
    month: MonthOf,
    figure: SaturationFigure = SaturationFigure.BOOK,
) -> SaturationClients:
    """The clients behind a figure of the saturation report."""
    with cursors_checked():
        found = await clients_behind(reading.connection, employee_id, month, figure, page)
    return SaturationClients(items=[SaturationClient(**item) for item in found.items], next_cursor=found.next_cursor)
