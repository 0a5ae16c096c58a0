"""The share of working time that employees spend with clients."""

from datetime import date
from functools import reduce
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.activity import ActivityReading, Asked, AskedDays, setting_of
from app.api.people import EmployeeRef, employee_ref
from app.api.reading import Reading
from app.api.reports import ListPage, cursors_checked
from domain.employee import Employee
from domain.types import Role
from projections.activity_query import DayOfWork, work_by_day
from projections.norms_report import SELLING_SHARE, SellingTime, selling_times
from projections.paging import cursor_of, values_of

router = APIRouter(tags=["Reports"])
SELLERS = frozenset({Role.COLD_CONTACT_MANAGER, Role.CLOSING_MANAGER, Role.ACCOUNT_MANAGER, Role.SENIOR_MANAGER})
"""Those who are expected to sell; others are in the report if they had contacts."""


class SellingFigures(BaseModel):
    """Minutes of contacts against the working minutes of the firm's calendar, up to now."""

    minutes: Annotated[int, Field(description="Of contacts whose duration was written down")]
    working_minutes: int
    share: Annotated[float | None, Field(description="To 4 places; null without working time")]
    sells_enough: Annotated[bool | None, Field(description="Whether the share reaches `wanted_share`")]
    contacts: int
    contacts_without_duration: int


class SellingItem(SellingFigures):
    """The figures of an employee."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "employee": {"id": "5d3c2a10-91a4-5b0e-8c57-3b1f6c2f4e01", "code": "ivanova", "name": "Ivanova"},
                    "minutes": 2100,
                    "working_minutes": 2700,
                    "share": 0.7778,
                    "sells_enough": False,
                    "contacts": 260,
                    "contacts_without_duration": 12,
                }
            ]
        }
    )

    employee: EmployeeRef


class SellingBody(BaseModel):
    """The share of selling time of those who sell, and of all of them together."""

    wanted_share: float
    first_day: date
    last_day: date
    items: list[SellingItem]
    total: SellingFigures
    next_cursor: str | None


@router.get("/reports/selling-time")
async def report_selling_time(reading: ActivityReading, asked: AskedDays, whom: Asked, page: ListPage) -> SellingBody:
    """How much of their working time employees spend with clients. This month, when not said."""
    setting = await setting_of(reading, asked, whom)
    work = await work_by_day(reading.connection, setting.days, [employee.id for employee in setting.staff])
    found = selling_times(work, _selling(setting.staff, work), setting.calendar, setting.days, reading.now)
    with cursors_checked():
        last = values_of(page.cursor, (UUID,))[0] if page.cursor else None
    left = [item for item in found.items() if last is None or item[0] > last]
    shown = left[: page.limit]
    return SellingBody(
        wanted_share=SELLING_SHARE,
        first_day=setting.days.first,
        last_day=setting.days.last,
        items=[_item(reading, employee_id, time) for employee_id, time in shown],
        total=SellingFigures(**_figures(reduce(SellingTime.plus, found.values(), SellingTime()))),
        next_cursor=cursor_of([shown[-1][0]]) if len(left) > len(shown) else None,
    )


def _selling(staff: list[Employee], work: list[DayOfWork]) -> list[Employee]:
    at_work = {each.employee_id for each in work}
    return [employee for employee in staff if employee.roles & SELLERS or employee.id in at_work]


def _item(reading: Reading, employee_id: UUID, time: SellingTime) -> SellingItem:
    return SellingItem(employee=employee_ref(reading.services, employee_id), **_figures(time))


def _figures(time: SellingTime) -> dict[str, Any]:
    share = time.share
    return {
        "minutes": time.minutes,
        "working_minutes": time.working_minutes,
        "share": None if share is None else round(share, 4),
        "sells_enough": None if share is None else share >= SELLING_SHARE,
        "contacts": time.contacts,
        "contacts_without_duration": time.contacts - time.timed,
    }
