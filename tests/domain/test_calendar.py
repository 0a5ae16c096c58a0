"""Working days."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import after_working_days
from domain.types import EARLIEST, LATEST

FRIDAY = datetime(2026, 3, 6, 15, 30, tzinfo=UTC)
ZONES = ["UTC", "Europe/Moscow", "America/New_York", "Pacific/Kiritimati", "Pacific/Niue", "Asia/Kolkata"]
moments = st.datetimes(EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None), timezones=st.just(UTC))


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
def test_week_ends_do_not_count(start: datetime, days: int, end: datetime) -> None:
    assert after_working_days(start, days, "UTC") == end


def test_days_are_those_of_the_firm() -> None:
    """In Moscow it is Saturday already."""
    assert after_working_days(FRIDAY.replace(hour=22), 1, "Europe/Moscow") == datetime(2026, 3, 9, 21, tzinfo=UTC)


def test_summer_time_keeps_the_time_of_day() -> None:
    before = datetime(2026, 3, 27, 9, tzinfo=UTC)
    assert after_working_days(before, 1, "Europe/Berlin") == datetime(2026, 3, 30, 8, tzinfo=UTC)


@given(moments, st.integers(1, 250), st.sampled_from(ZONES))
def test_every_moment_of_business_time_has_an_end(start: datetime, days: int, zone: str) -> None:
    end = after_working_days(start, days, zone)
    assert timedelta(days=days) - timedelta(hours=3) <= end - start <= timedelta(days=days * 7 / 5 + 5)


@given(moments, st.timedeltas(timedelta(), timedelta(days=8)), st.sampled_from(["UTC", "Asia/Kolkata"]))
def test_a_later_start_has_no_earlier_end(start: datetime, later: timedelta, zone: str) -> None:
    start = min(start, LATEST - later)
    assert after_working_days(start, 1, zone) <= after_working_days(start + later, 1, zone)
