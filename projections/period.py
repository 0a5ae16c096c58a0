"""The period of a report, on business time."""

from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement


class Period(NamedTuple):
    """From `start` (inclusive) to `end` (exclusive); None is open on that side."""

    start: datetime | None = None
    end: datetime | None = None

    @property
    def is_whole_days(self) -> bool:
        """Whether both bounds are midnights in UTC, so that counters kept by day answer exactly."""
        return all(moment.astimezone(UTC).time() == time.min for moment in self if moment)

    @property
    def first_day(self) -> date | None:
        """The day of `start` in UTC."""
        return self.start.astimezone(UTC).date() if self.start else None

    @property
    def end_day(self) -> date | None:
        """The day of `end` in UTC: the first one outside, where the period is of whole days."""
        return self.end.astimezone(UTC).date() if self.end else None

    def covers(self, moment: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """The conditions that `moment`, a column of instants, lies within."""
        return _between(moment, self.start, self.end)

    def covers_day(self, day: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """The conditions that `day`, a column of dates, lies within."""
        return _between(day, self.first_day, self.end_day)


def _between(column: ColumnElement[Any], first: Any, end: Any) -> list[ColumnElement[bool]]:
    conditions = [column >= first] if first is not None else []
    return [*conditions, column < end] if end is not None else conditions


def day_of(moment: datetime) -> date:
    """The calendar day of an instant, in UTC: reports by day, month, quarter and year run on UTC."""
    return moment.astimezone(UTC).date()
