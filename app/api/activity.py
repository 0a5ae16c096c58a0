"""What the reports on activity have in common: the days, the calendar and the employees that they are about."""

from datetime import date, timedelta
from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import Depends, Query

from app.api.reading import Reading, reader
from app.problems import invalid
from app.public_holidays import LIBRARY
from domain.calendar import Calendar
from domain.employee import Employee
from domain.types import Day, Role
from projections.activity import ActivityView
from projections.activity_query import Days

MOST_DAYS = 400
_PERIOD = "A day of the firm's time zone, inclusive; "
ActivityReading = Annotated[Reading, reader(ActivityView.name, in_time=True)]


class Bounds(NamedTuple):
    """The first and last day asked for."""

    first: date | None
    last: date | None


async def _bounds(
    begin: Annotated[
        Day | None, Query(alias="from", description=_PERIOD + f"at most {MOST_DAYS} days before `to`")
    ] = None,
    end: Annotated[Day | None, Query(alias="to", description=_PERIOD + "today, when absent")] = None,
) -> Bounds:
    return Bounds(begin, end)


AskedDays = Annotated[Bounds, Depends(_bounds)]


class Whom(NamedTuple):
    """Whose work is asked for; None does not restrict."""

    employee_id: UUID | None
    department: str | None
    role: Role | None

    def includes(self, employee: Employee) -> bool:
        """Whether the employee is among them."""
        return (
            self.employee_id in {None, employee.id}
            and self.department in {None, employee.department}
            and (self.role is None or self.role in employee.roles)
        )


async def _whom(employee_id: UUID | None = None, department: str | None = None, role: Role | None = None) -> Whom:
    return Whom(employee_id, department, role)


Asked = Annotated[Whom, Depends(_whom)]


class Setting(NamedTuple):
    """The days asked for, the firm's calendar, and the employees asked for."""

    days: Days
    calendar: Calendar
    staff: list[Employee]


async def setting_of(reading: Reading, asked: Bounds, whom: Whom, default_days: int | None = None) -> Setting:
    """The days asked for (of this month, or so many, by default), the calendar, and the employees asked for."""
    directory = reading.services.directory
    await directory.refresh()
    zone = directory.regulation.time_zone
    last = asked.last or reading.today
    usual = last - timedelta(days=default_days - 1) if default_days else last.replace(day=1)
    first = asked.first or usual
    if first > last:
        raise invalid("to", "Send a day that is not before `from`.", "before_from")
    if (last - first).days >= MOST_DAYS:
        raise invalid("from", f"Ask for {MOST_DAYS} days at most.", "too_many_days")
    staff = [employee for employee in directory.employees() if whom.includes(employee)]
    return Setting(Days(first, last, zone), directory.regulation.calendar(LIBRARY), staff)
