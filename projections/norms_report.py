"""Plan and fact of the norms, the share of selling time, and what employees really reach on a working day."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.calendar import Calendar
from domain.employee import Employee
from domain.regulation.norms import MEASURES, DailyNorms, Norms, norms_on
from projections.activity_query import NO_WORK, DayOfWork, Days, Work

SELLING_SHARE = 0.8
"""Sellers should spend at least this share of their time with clients."""
PERCENTILES = {"p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9}
_NOTHING_PLANNED = DailyNorms()


class Span(StrEnum):
    """How long one line of the report is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def begin(self, day: date) -> date:
        """The first day of the span in which the day lies; weeks begin on Monday."""
        match self:
            case Span.DAY:
                return day
            case Span.WEEK:
                return day - timedelta(days=day.weekday())
            case Span.MONTH:
                return day.replace(day=1)


class NormsBy(StrEnum):
    """Whose work one line of the report is about."""

    EMPLOYEE = "employee"
    DEPARTMENT = "department"
    ROLE = "role"


Group = str | None
Sums = Mapping[str, Decimal]


class Line(NamedTuple):
    """Plan and fact of a group in a span. `working_days` are days of one employee for whom there were norms."""

    begin: date | None
    group: Group
    working_days: int
    plan: Sums
    work: Work

    def plus(self, other: "Line") -> "Line":
        """Both together, in the span and group of this one."""
        plan = {name: self.plan[name] + other.plan[name] for name in MEASURES}
        days = self.working_days + other.working_days
        return Line(self.begin, self.group, days, plan, self.work.plus(other.work))


class NormsReport(NamedTuple):
    """The lines by span and group, and everything together; who has two roles is in it once."""

    lines: list[Line]
    total: Line


def groups_of(employee: Employee, by: NormsBy) -> Sequence[Group]:
    """The groups to which an employee belongs."""
    match by:
        case NormsBy.EMPLOYEE:
            return (str(employee.id),)
        case NormsBy.DEPARTMENT:
            return (employee.department,)
        case NormsBy.ROLE:
            return sorted(employee.roles) or (None,)


def norms_report(
    work: Iterable[DayOfWork],
    staff: Sequence[Employee],
    norms: Norms,
    calendar: Calendar,
    days: Days,
    by: NormsBy,
    span: Span,
) -> NormsReport:
    """Plan and fact of these employees. The plan is counted in the working days on which they worked here."""
    done = {(each.employee_id, each.day): each.work for each in work}
    total = Line(None, None, 0, _amounts(_NOTHING_PLANNED), NO_WORK)
    found: dict[tuple[date, Group], Line] = {}
    working = [(day, calendar.hours(day) is not None) for day in days.each()]
    for employee in staff:
        groups = groups_of(employee, by)
        for day, is_working in working:
            line = _day(employee, day, is_working and is_employed(employee, day, days.time_zone), norms, done)
            if line is None:
                continue
            total = total.plus(line)
            for group in groups:
                key = (span.begin(day), group)
                found[key] = found[key].plus(line) if key in found else line._replace(begin=key[0], group=group)
    return NormsReport([found[key] for key in sorted(found, key=place_of)], total)


def place_of(key: tuple[date, Group]) -> tuple[date, str]:
    """The place of a line among the others."""
    return key[0], key[1] or ""


def _day(
    employee: Employee, day: date, worked: bool, norms: Norms, done: Mapping[tuple[UUID, date], Work]
) -> Line | None:
    """One employee's day, if anything was planned or done."""
    planned = norms_on(norms, day, employee.id, employee.roles) if worked else None
    work = done.get((employee.id, day))
    if planned is None and work is None:
        return None
    return Line(day, None, 1 if planned else 0, _amounts(planned or _NOTHING_PLANNED), work or NO_WORK)


def _amounts(norms: DailyNorms) -> Sums:
    return {name: getattr(norms, name) for name in MEASURES}


def is_employed(employee: Employee, day: date, time_zone: str) -> bool:
    """Whether the employee worked here on a day, or on a part of it."""
    zone = ZoneInfo(time_zone)
    return any(
        begin.astimezone(zone).date() <= day and (end is None or day <= end.astimezone(zone).date())
        for begin, end in employee.employment
    )


class SellingTime(NamedTuple):
    """Minutes of contacts against minutes of working time. `timed`: contacts whose duration was written down."""

    minutes: int = 0
    working_minutes: int = 0
    contacts: int = 0
    timed: int = 0

    @property
    def share(self) -> float | None:
        """The share of the working time that was spent with clients."""
        return self.minutes / self.working_minutes if self.working_minutes else None

    def plus(self, other: "SellingTime") -> "SellingTime":
        """Both together."""
        return SellingTime(*map(int.__add__, self, other))


def selling_times(
    work: Iterable[DayOfWork], staff: Iterable[Employee], calendar: Calendar, days: Days, now: datetime
) -> dict[UUID, SellingTime]:
    """The selling time of these employees within their employment and up to now, in the order of their ids."""
    done: defaultdict[UUID, Work] = defaultdict(lambda: NO_WORK)
    for each in work:
        done[each.employee_id] = done[each.employee_id].plus(each.work)
    end = min(days.end, now)
    return {
        each.id: SellingTime(
            done[each.id].minutes,
            _working_minutes(each, calendar, days.begin, end),
            done[each.id].contacts,
            done[each.id].timed,
        )
        for each in sorted(staff, key=lambda each: each.id)
    }


def _working_minutes(employee: Employee, calendar: Calendar, begin: datetime, end: datetime) -> int:
    return sum(
        calendar.working_minutes_between(max(begin, hired), min(end, left or end))
        for hired, left in employee.employment
    )


class Distribution(NamedTuple):
    """What the employees of a role reached per day on which they had any contact: percentiles by measure."""

    role: str | None
    employees: int
    days: int
    percentiles: Mapping[str, Mapping[str, float]]


def distributions(work: Iterable[DayOfWork], staff: Iterable[Employee]) -> list[Distribution]:
    """The distributions by role; who has two roles counts in both."""
    known = {employee.id: employee for employee in staff}
    by_role: defaultdict[Group, list[DayOfWork]] = defaultdict(list)
    for each in work:
        for role in groups_of(known[each.employee_id], NormsBy.ROLE) if each.employee_id in known else ():
            by_role[role].append(each)
    return [_distribution(role, by_role[role]) for role in sorted(by_role, key=lambda role: role or "")]


def _distribution(role: Group, days: Sequence[DayOfWork]) -> Distribution:
    return Distribution(
        role,
        len({each.employee_id for each in days}),
        len(days),
        {name: dict(_percentiles([getattr(each.work, name) for each in days])) for name in MEASURES},
    )


def _percentiles(values: Iterable[int]) -> Iterator[tuple[str, float]]:
    of: Callable[[float], float] = _percentile_of(sorted(values))
    return ((name, of(share)) for name, share in PERCENTILES.items())


def _percentile_of(values: Sequence[int]) -> Callable[[float], float]:
    """Interpolated between the two nearest values, as PostgreSQL's percentile_cont."""

    def at(share: float) -> float:
        place = share * (len(values) - 1)
        below = int(place)
        above = min(below + 1, len(values) - 1)
        return round(values[below] + (values[above] - values[below]) * (place - below), 2)

    return at
