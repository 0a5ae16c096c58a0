"""The firm's working calendar: which days are worked, from when to when, and sums of working time.

A day off is a day without working hours: by the week, as a public holiday, or as an exception of the firm's own.
Exceptions weigh most, then public holidays, then the week.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate
from typing import Annotated, NamedTuple, Protocol, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_IN_HOUR = 3_600_000_000
_IN_MINUTE = 60_000_000
_DAY = timedelta(days=1)
_MIDNIGHT = time()


class Weekday(StrEnum):
    """The days of the week, in order."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


WEEKDAYS = tuple(Weekday)


def _of_the_clock(moment: time) -> time:
    if moment.tzinfo is not None:
        raise ValueError("has no offset: it is the firm's time zone that counts")
    return moment


LocalTime = Annotated[time, AfterValidator(_of_the_clock)]


class WorkingHours(BaseModel):
    """From when to when a day is worked, on the clocks of the firm. `ends` at 00:00 is the midnight after the day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    begins: LocalTime
    ends: LocalTime

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends != _MIDNIGHT and self.ends <= self.begins:
            raise ValueError("ends must be later than begins")
        return self


Week = Mapping[Weekday, WorkingHours]
"""The working hours of a week; a day that is not there is off."""
NINE_TO_SIX = WorkingHours(begins=time(9), ends=time(18))
DEFAULT_WEEK: Week = dict.fromkeys(WEEKDAYS[:5], NINE_TO_SIX)


class CalendarDay(NamedTuple):
    """An exception: a day that is worked these hours or, without any, is off; and what the day is for the firm."""

    hours: WorkingHours | None
    name: str | None = None


class HolidayYear(NamedTuple):
    """A year's public holidays by name, and the days of week ends that are worked in exchange for another day."""

    days_off: Mapping[date, str] = {}
    working_days: Collection[date] = frozenset()


class HolidayRegion(NamedTuple):
    """Whose public holidays the firm keeps: a country (ISO 3166-1 alpha-2) and, where they differ, a part of it."""

    country: str
    subdivision: str | None = None


class Holidays(Protocol):
    """Knows public holidays."""

    def regions(self) -> Mapping[str, Collection[str]]:
        """The known countries with their subdivisions."""
        ...

    def of(self, region: HolidayRegion, year: int) -> HolidayYear:
        """The public holidays of a year; none before and after the years that are known."""
        ...


class _NoHolidays:
    def regions(self) -> Mapping[str, Collection[str]]:
        return {}

    def of(self, region: HolidayRegion, year: int) -> HolidayYear:
        return HolidayYear()


NO_HOLIDAYS: Holidays = _NoHolidays()


class _Year(NamedTuple):
    """The working intervals of a local year in microseconds since 1970, and what was worked in it before each."""

    opens: list[int]
    closes: list[int]
    before: list[int]
    total: int

    def worked(self, moment: int) -> int:
        """How much of the year's working time has passed at a moment."""
        index = bisect_right(self.opens, moment) - 1
        if index < 0:
            return 0
        return self.before[index] + min(moment, self.closes[index]) - self.opens[index]

    def moment(self, worked: int) -> int:
        """The first moment at which so much of the year's working time has passed; more than none, at most all."""
        index = bisect_left(self.before, worked) - 1
        return self.opens[index] + worked - self.before[index]


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """A working calendar. Moments are aware; they lie between `domain.types.EARLIEST` and `LATEST`.

    `region` None keeps no public holidays.
    """

    time_zone: str = "UTC"
    week: Week = field(default_factory=lambda: DEFAULT_WEEK)
    region: HolidayRegion | None = None
    exceptions: Mapping[date, CalendarDay] = field(default_factory=dict[date, CalendarDay])
    holidays: Holidays = NO_HOLIDAYS
    _years: dict[int, _Year] = field(default_factory=dict[int, _Year], init=False, repr=False)

    def hours(self, day: date) -> WorkingHours | None:
        """The working hours of a day; None where it is off. A day worked in exchange has those of the week's last."""
        if day in self.exceptions:
            return self.exceptions[day].hours
        usual = self.week.get(WEEKDAYS[day.weekday()])
        holidays = self._holidays(day.year)
        if day in holidays.working_days:
            return usual or self.week[max(self.week, key=WEEKDAYS.index)]
        return None if day in holidays.days_off else usual

    def name(self, day: date) -> str | None:
        """What an exception or a public holiday is called."""
        if day in self.exceptions:
            return self.exceptions[day].name
        return self._holidays(day.year).days_off.get(day)

    def after_working_days(self, start: datetime, days: int) -> datetime:
        """The same time of day, `days` working days after `start`.

        What starts on a day off counts from the beginning of the next working day, so that a later start never has an
        earlier end.
        """
        moment = start.astimezone(ZoneInfo(self.time_zone))
        if self.hours(moment.date()) is None:
            moment = datetime.combine(self._next_working_day(moment), _MIDNIGHT, moment.tzinfo)
        for _ in range(days):
            moment = self._next_working_day(moment)
        return moment.astimezone(start.tzinfo)

    def after_working_hours(self, start: datetime, hours: Decimal | int) -> datetime:
        """The moment at which so many working hours have passed since `start`; `start` itself for none."""
        left = int(hours * _IN_HOUR)
        if left <= 0:
            return start
        year, moment = self._place(start)
        left += self._year(year).worked(moment)
        while left > self._year(year).total:
            left -= self._year(year).total
            year += 1
        return (_EPOCH + self._year(year).moment(left) * _MICROSECOND).astimezone(start.tzinfo)

    def working_minutes_between(self, start: datetime, end: datetime) -> int:
        """The whole minutes of working time from `start` to `end`; 0 where it ends before it starts."""
        if end <= start:
            return 0
        (first, opening), (last, closing) = self._place(start), self._place(end)
        whole = sum(self._year(year).total for year in range(first, last))
        return (whole + self._year(last).worked(closing) - self._year(first).worked(opening)) // _IN_MINUTE

    def _next_working_day(self, moment: datetime) -> datetime:
        moment += _DAY
        while self.hours(moment.date()) is None:
            moment += _DAY
        return moment

    def _holidays(self, year: int) -> HolidayYear:
        return self.holidays.of(self.region, year) if self.region else HolidayYear()

    def _place(self, moment: datetime) -> tuple[int, int]:
        """The local year of a moment, and its microseconds."""
        return moment.astimezone(ZoneInfo(self.time_zone)).year, _microseconds(moment)

    def _year(self, year: int) -> _Year:
        if year not in self._years:
            intervals = list(self._intervals(year))
            lengths = [closes - opens for opens, closes in intervals]
            before = list(accumulate(lengths, initial=0))
            opens, closes = [opens for opens, _ in intervals], [closes for _, closes in intervals]
            self._years[year] = _Year(opens, closes, before[:-1], before[-1])
        return self._years[year]

    def _intervals(self, year: int) -> Iterator[tuple[int, int]]:
        """The working intervals of a year, in order.

        They never overlap nor leave the year, though clocks do leap, in some places over a whole day.
        """
        reached, end = self._instant(date(year, 1, 1), _MIDNIGHT), self._instant(date(year + 1, 1, 1), _MIDNIGHT)
        day = date(year, 1, 1)
        while day.year == year:
            if hours := self.hours(day):
                opens = max(self._instant(day, hours.begins), reached)
                reached = min(self._instant(day if hours.ends > _MIDNIGHT else day + _DAY, hours.ends), end)
                if opens < reached:
                    yield opens, reached
                reached = max(opens, reached)
            day += _DAY

    def _instant(self, day: date, clock: time) -> int:
        return _microseconds(datetime.combine(day, clock, ZoneInfo(self.time_zone)))


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
