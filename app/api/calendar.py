"""The working calendar: which days are worked, how much, and whose public holidays can be kept."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Reader
from app.api.reading import NeverBehind
from app.problems import invalid
from app.public_holidays import LIBRARY
from domain.calendar import Calendar, WorkingHours
from domain.regulation.state import Regulation
from domain.types import Day

router = APIRouter(tags=["Regulation"])
LONGEST_DAYS = 366
_DAY = timedelta(days=1)


class HolidaysKept(BaseModel):
    """Whose public holidays the firm keeps."""

    country: str
    subdivision: str | None

    @staticmethod
    def of(regulation: Regulation) -> "HolidaysKept | None":
        """As an answer; None where none are kept."""
        region = regulation.holiday_region
        return HolidaysKept(country=region.country, subdivision=region.subdivision) if region else None


class CalendarDayBody(BaseModel):
    """An exception of the firm's own: the hours worked on that day; null: a day off."""

    hours: WorkingHours | None
    name: str | None


class DayBody(BaseModel):
    """A day of the calendar; `name` is that of a public holiday or of an exception."""

    day: date
    working: bool
    hours: WorkingHours | None
    exception: Annotated[bool, Field(description="Set by the firm itself")]
    name: str | None


class CalendarBody(BaseModel):
    """The days from the first to the last, both included, and how much is worked in them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "time_zone": "Europe/Moscow",
                    "items": [
                        {
                            "day": "2026-01-01",
                            "working": False,
                            "hours": None,
                            "exception": False,
                            "name": "New Year Holidays",
                        }
                    ],
                    "total": {"days": 1, "working_days": 0},
                }
            ]
        }
    )

    class Total(BaseModel):
        """How many days there are, and how many of them are worked."""

        days: int
        working_days: int

    time_zone: str
    items: list[DayBody]
    total: Total


class HolidayCountry(BaseModel):
    """A country whose public holidays are known, and its parts that have some of their own."""

    country: Annotated[str, Field(description="ISO 3166-1 alpha-2", examples=["DE"])]
    subdivisions: list[str]


class HolidayCountries(BaseModel):
    """All countries whose public holidays are known."""

    items: list[HolidayCountry]


@router.get("/regulation/calendar")
async def read_calendar(
    services: NeverBehind,
    begin: Annotated[Day, Query(alias="from", description="The first day")],
    end: Annotated[Day, Query(alias="to", description=f"The last day; at most {LONGEST_DAYS} days in all")],
) -> CalendarBody:
    """The working days and days off by the rules that are in force now, in the firm's time zone."""
    if not timedelta() <= end - begin < LONGEST_DAYS * _DAY:
        raise invalid("to", f"Send a day from `from` on, at most {LONGEST_DAYS} days in all.", "out_of_bounds")
    await services.directory.refresh()
    calendar = services.directory.regulation.calendar(LIBRARY)
    items = list(_days(calendar, begin, end))
    total = CalendarBody.Total(days=len(items), working_days=sum(item.working for item in items))
    return CalendarBody(time_zone=calendar.time_zone, items=items, total=total)


def _days(calendar: Calendar, begin: date, end: date) -> Iterator[DayBody]:
    day = begin
    while day <= end:
        hours = calendar.hours(day)
        yield DayBody(
            day=day,
            working=hours is not None,
            hours=hours,
            exception=day in calendar.exceptions,
            name=calendar.name(day),
        )
        day += _DAY


@router.get("/regulation/holiday-countries")
async def list_holiday_countries(_: Reader) -> HolidayCountries:
    """Whose public holidays the firm can keep."""
    known = LIBRARY.regions()
    return HolidayCountries(
        items=[HolidayCountry(country=name, subdivisions=sorted(parts)) for name, parts in sorted(known.items())]
    )
