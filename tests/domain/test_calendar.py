"""The working calendar: days, hours and sums of working time."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.calendar import (
    NINE_TO_SIX,
    WEEKDAYS,
    Calendar,
    CalendarDay,
    HolidayRegion,
    HolidayYear,
    Weekday,
    WorkingHours,
)
from domain.types import EARLIEST, LATEST

FRIDAY = datetime(2026, 3, 6, 15, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ZONES = [
    "UTC",
    "Europe/Moscow",
    "America/New_York",
    "Pacific/Kiritimati",
    "Pacific/Apia",
    "Pacific/Niue",
    "Asia/Kolkata",
]
REGION = HolidayRegion("XX")
MONDAY_OFF, SATURDAY_WORKED, FIRST_WEEK = date(2026, 3, 9), date(2026, 3, 14), datetime(2026, 3, 2, tzinfo=UTC)


class MadeUp:
    """A country with one holiday, for which a Saturday is worked."""

    def regions(self) -> Mapping[str, Any]:
        return {"XX": ()}

    def of(self, region: HolidayRegion, year: int) -> HolidayYear:
        return HolidayYear({MONDAY_OFF: "Spring"}, {SATURDAY_WORKED}) if year == 2026 else HolidayYear()


def hours(begins: int, ends: int) -> WorkingHours:
    return WorkingHours(begins=time(begins), ends=time(ends))


PLAIN = Calendar()
WITH_HOLIDAYS = Calendar(region=REGION, holidays=MadeUp())
ROUND_THE_CLOCK = Calendar(week=dict.fromkeys(WEEKDAYS, hours(0, 0)))

moments = st.datetimes(EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None), timezones=st.just(UTC))
nearer_moments = st.integers(0, 60 * 24 * 365 * 5).map(
    lambda number: datetime(2009, 1, 1, tzinfo=UTC) + number * MINUTE
)
zones = st.sampled_from(ZONES)
some_hours = st.integers(0, 23).map(lambda begins: hours(begins, (begins + 1) % 24)) | st.sampled_from(
    [NINE_TO_SIX, hours(0, 0), hours(10, 14), hours(22, 0)]
)
weeks = st.dictionaries(st.sampled_from(WEEKDAYS), some_hours, min_size=1)
exceptions = st.dictionaries(
    st.dates(date(2026, 3, 1), date(2026, 3, 31)), st.builds(CalendarDay, st.none() | some_hours), max_size=5
)
calendars = st.builds(Calendar, zones, weeks, st.none() | st.just(REGION), exceptions, st.just(MadeUp()))
minutes = st.integers(-3, 60 * 24 * 40).map(lambda number: FIRST_WEEK + number * MINUTE)


class TestDays:
    @pytest.mark.parametrize(
        ("start", "days", "end"),
        [
            (FRIDAY - timedelta(days=1), 1, FRIDAY),
            (FRIDAY, 1, FRIDAY + timedelta(days=3)),
            (FRIDAY, 5, FRIDAY + timedelta(days=7)),
            (FRIDAY, 6, FRIDAY + timedelta(days=10)),
            (FRIDAY + timedelta(days=1), 1, datetime(2026, 3, 10, tzinfo=UTC)),
            (FRIDAY + timedelta(days=2), 1, datetime(2026, 3, 10, tzinfo=UTC)),
            (FRIDAY, 0, FRIDAY),
        ],
    )
    def test_week_ends_do_not_count(self, start: datetime, days: int, end: datetime) -> None:
        assert PLAIN.after_working_days(start, days) == end

    def test_public_holidays_do_not_count_and_days_worked_in_exchange_do(self) -> None:
        assert WITH_HOLIDAYS.after_working_days(FRIDAY, 1).date() == date(2026, 3, 10)
        assert WITH_HOLIDAYS.after_working_days(FRIDAY, 5).date() == SATURDAY_WORKED
        assert WITH_HOLIDAYS.hours(SATURDAY_WORKED) == NINE_TO_SIX
        assert (WITH_HOLIDAYS.name(MONDAY_OFF), WITH_HOLIDAYS.name(SATURDAY_WORKED)) == ("Spring", None)
        assert Calendar(holidays=MadeUp()).hours(MONDAY_OFF) == NINE_TO_SIX, "no country, no holidays"

    def test_exceptions_weigh_most(self) -> None:
        calendar = Calendar(
            region=REGION,
            holidays=MadeUp(),
            exceptions={
                MONDAY_OFF: CalendarDay(hours(10, 14), "Stocktaking"),
                SATURDAY_WORKED: CalendarDay(None),
                date(2026, 3, 10): CalendarDay(None, "Party"),
            },
        )
        assert calendar.hours(MONDAY_OFF) == hours(10, 14)
        assert calendar.name(MONDAY_OFF) == "Stocktaking"
        assert calendar.hours(SATURDAY_WORKED) is None
        assert calendar.after_working_days(FRIDAY + timedelta(days=3), 1).date() == date(2026, 3, 11)

    def test_days_are_those_of_the_firm(self) -> None:
        """In Moscow it is Saturday already."""
        moscow = Calendar("Europe/Moscow")
        assert moscow.after_working_days(FRIDAY.replace(hour=22), 1) == datetime(2026, 3, 9, 21, tzinfo=UTC)

    def test_summer_time_keeps_the_time_of_day(self) -> None:
        before = datetime(2026, 3, 27, 9, tzinfo=UTC)
        assert Calendar("Europe/Berlin").after_working_days(before, 1) == datetime(2026, 3, 30, 8, tzinfo=UTC)

    @given(moments, st.integers(1, 250), zones)
    def test_every_moment_of_business_time_has_an_end(self, start: datetime, days: int, zone: str) -> None:
        end = Calendar(zone).after_working_days(start, days)
        assert timedelta(days=days) - timedelta(hours=25) <= end - start <= timedelta(days=days * 7 / 5 + 5)

    @given(moments, st.timedeltas(timedelta(), timedelta(days=8)), st.sampled_from(["UTC", "Asia/Kolkata"]))
    def test_a_later_start_has_no_earlier_end(self, start: datetime, later: timedelta, zone: str) -> None:
        start = min(start, LATEST - later)
        calendar = Calendar(zone)
        assert calendar.after_working_days(start, 1) <= calendar.after_working_days(start + later, 1)


class TestHours:
    @pytest.mark.parametrize(
        ("start", "length", "end"),
        [
            (FRIDAY, 2, FRIDAY + timedelta(hours=2)),
            (FRIDAY, 4, datetime(2026, 3, 9, 10, 30, tzinfo=UTC)),
            (FRIDAY, Decimal("2.5"), datetime(2026, 3, 6, 18, tzinfo=UTC)),
            (datetime(2026, 3, 6, 20, tzinfo=UTC), 4, datetime(2026, 3, 9, 13, tzinfo=UTC)),
            (datetime(2026, 3, 7, 12, tzinfo=UTC), 4, datetime(2026, 3, 9, 13, tzinfo=UTC)),
            (datetime(2026, 3, 9, 7, tzinfo=UTC), 4, datetime(2026, 3, 9, 13, tzinfo=UTC)),
            (FRIDAY, 0, FRIDAY),
            (datetime(2026, 12, 31, 17, tzinfo=UTC), 2, datetime(2027, 1, 1, 10, tzinfo=UTC)),
        ],
    )
    def test_the_clock_runs_in_working_hours_only(self, start: datetime, length: Decimal | int, end: datetime) -> None:
        assert PLAIN.after_working_hours(start, length) == end

    @pytest.mark.parametrize(
        ("start", "end", "worked"),
        [
            (FRIDAY, FRIDAY + timedelta(hours=1, seconds=59), 60),
            (FRIDAY, datetime(2026, 3, 9, 10, tzinfo=UTC), 150 + 60),
            (datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC), 0),
            (FRIDAY, FRIDAY - timedelta(days=7), 0),
            (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), 261 * 540),
            (datetime(1999, 12, 31, 12, tzinfo=UTC), datetime(2030, 1, 1, 10, tzinfo=UTC), 7826 * 540 + 360 + 60),
        ],
    )
    def test_working_minutes(self, start: datetime, end: datetime, worked: int) -> None:
        assert PLAIN.working_minutes_between(start, end) == worked

    def test_a_night_of_summer_time_is_shorter(self) -> None:
        berlin = Calendar("Europe/Berlin", {Weekday.SUNDAY: hours(0, 6)})
        start = datetime(2026, 3, 28, 12, tzinfo=UTC)
        assert berlin.working_minutes_between(start, start + timedelta(days=2)) == 5 * 60

    @pytest.mark.parametrize("zone", ["Pacific/Apia", "Pacific/Kiritimati"])
    def test_where_the_clock_leapt_over_a_day_no_hour_counts_twice(self, zone: str) -> None:
        calendar = Calendar(zone, dict.fromkeys(WEEKDAYS, hours(0, 0)))
        for year in (1994, 2011):
            start = datetime(year, 12, 28, tzinfo=UTC)
            assert calendar.working_minutes_between(start, start + timedelta(days=7)) == 7 * 24 * 60

    @settings(deadline=None)
    @given(calendars, minutes, st.integers(0, 1500))
    def test_minutes_are_those_that_a_clock_on_the_wall_would_count(
        self, calendar: Calendar, start: datetime, length: int
    ) -> None:
        end = start + length * MINUTE
        counted = sum(is_worked(calendar, start + number * MINUTE) for number in range(length))
        assert calendar.working_minutes_between(start, end) == counted

    @given(calendars, nearer_moments, nearer_moments, nearer_moments)
    @settings(deadline=None)
    def test_spans_add_up(self, calendar: Calendar, one: datetime, two: datetime, three: datetime) -> None:
        first, second, third = sorted(moment.replace(second=0, microsecond=0) for moment in (one, two, three))
        between = calendar.working_minutes_between
        assert between(first, second) + between(second, third) - between(first, third) in {-1, 0}

    @given(calendars, nearer_moments, st.integers(1, 20 * 100))
    def test_so_many_hours_later_so_many_hours_have_passed(
        self, calendar: Calendar, start: datetime, length: int
    ) -> None:
        end = calendar.after_working_hours(start, length * Decimal("0.05"))
        assert calendar.working_minutes_between(start, end) == 3 * length
        assert calendar.working_minutes_between(start, end - timedelta.resolution) == 3 * length - 1

    @given(calendars, minutes, st.integers(0, 10_000), st.integers(0, 40))
    def test_a_later_start_has_no_earlier_end(
        self, calendar: Calendar, start: datetime, later: int, length: int
    ) -> None:
        after = calendar.after_working_hours
        assert after(start, length) <= after(start + later * MINUTE, length)


def is_worked(calendar: Calendar, moment: datetime) -> bool:
    local = moment.astimezone(ZoneInfo(calendar.time_zone))
    worked = calendar.hours(local.date())
    return (
        worked is not None
        and worked.begins <= local.time()
        and (not ends_before_midnight(worked) or local.time() < worked.ends)
    )


def ends_before_midnight(worked: WorkingHours) -> bool:
    """Whether the day ends before midnight."""
    return worked.ends > time()


@pytest.mark.parametrize(
    "sent",
    [
        {"begins": "18:00", "ends": "09:00"},
        {"begins": "09:00", "ends": "09:00"},
        {"begins": "09:00+03:00", "ends": "18:00"},
        {"begins": "9", "ends": "25:00"},
        {"begins": "09:00"},
    ],
)
def test_hours_that_make_no_sense(sent: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        WorkingHours.model_validate(sent)
