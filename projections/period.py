"""The period of a report, on business time, and the calendar of the counters: months in UTC."""

from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement


class Period(NamedTuple):
    """From `start` (inclusive) to `end` (exclusive); None is open on that side."""

    start: datetime | None = None
    end: datetime | None = None

    def covers(self, moment: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """The conditions that `moment`, a column of instants, lies within."""
        return _between(moment, self.start, self.end)

    @property
    def whole_months(self) -> "Months":
        """The months that lie wholly within."""
        return Months(_month_from(self.start) if self.start else None, month_of(self.end) if self.end else None)

    @property
    def begun_month(self) -> "Period | None":
        """From the start to the first whole month, where the period begins within a month and ends after it."""
        first, end = self.whole_months
        if self.start is None or first is None or _midnight(first) == self.start or (end and end < first):
            return None
        return Period(self.start, _midnight(first))

    @property
    def last_month(self) -> "Period | None":
        """From the beginning of the month in which the period ends to its end, where it does not end with a month.

        Where the period lies within one month this begins before the period.
        """
        end = self.whole_months.end
        if self.end is None or end is None or _midnight(end) == self.end:
            return None
        return Period(_midnight(end), self.end)


class Months(NamedTuple):
    """Months by their first days: from `first` (inclusive) to `end` (exclusive); None is open on that side."""

    first: date | None
    end: date | None

    def covers(self, month: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """The conditions that `month`, a column of first days, lies within."""
        return _between(month, self.first, self.end)


def month_of(moment: datetime) -> date:
    """The first day of the instant's month, in UTC: reports by month, quarter and year run on UTC."""
    utc = moment.astimezone(UTC)
    return date(utc.year, utc.month, 1)


def months_between(first: date, last: date) -> int:
    """How many months one month is after another; both are given by their first days."""
    return 12 * (last.year - first.year) + last.month - first.month


def month_after(month: date, months: int = 1) -> date:
    """The month so many months later."""
    years, index = divmod(month.month - 1 + months, 12)
    return date(month.year + years, index + 1, 1)


def _month_from(moment: datetime) -> date:
    month = month_of(moment)
    if _midnight(month) == moment:
        return month
    return month_after(month)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _between(column: ColumnElement[Any], first: Any, end: Any) -> list[ColumnElement[bool]]:
    conditions = [column >= first] if first is not None else []
    return [*conditions, column < end] if end is not None else conditions
