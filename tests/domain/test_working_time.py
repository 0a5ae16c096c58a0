"""The rules of working time."""

from datetime import date, time

import pytest
from pydantic import ValidationError

from domain.calendar import DEFAULT_WEEK, NINE_TO_SIX, CalendarDay, HolidayRegion, Weekday, WorkingHours
from domain.regulation.state import Regulation
from domain.regulation.working_time import (
    CalendarDayCleared,
    CalendarDaySet,
    ClearCalendarDay,
    PublicHolidaysSet,
    SetCalendarDay,
    SetPublicHolidays,
    SetWorkingHours,
    WorkingHoursSet,
)
from tests.domain.test_calendar import MadeUp
from tests.spec import Refusal, given_regulation, refusal

DEFAULTS = given_regulation()
KNOWN = MadeUp()
PARTY = date(2026, 12, 31)
SHORT = WorkingHours(begins=time(9), ends=time(14))
WITH_PARTY = given_regulation(CalendarDaySet(day=PARTY, hours=SHORT, name="Party"))
KEEPING = given_regulation(PublicHolidaysSet(country="XX"))

REFUSALS = [
    refusal("nothing_to_change", DEFAULTS, SetWorkingHours(week=dict(DEFAULT_WEEK))),
    refusal("nothing_to_change", DEFAULTS, SetPublicHolidays(country=None)),
    refusal("nothing_to_change", KEEPING, SetPublicHolidays(country="XX"), holidays=KNOWN),
    refusal("unknown_country", DEFAULTS, SetPublicHolidays(country="ZZ"), {"known": ["XX"]}, holidays=KNOWN),
    refusal(
        "unknown_subdivision",
        DEFAULTS,
        SetPublicHolidays(country="XX", subdivision="BY"),
        {"known": []},
        holidays=KNOWN,
    ),
    refusal("nothing_to_change", WITH_PARTY, SetCalendarDay(day=PARTY, hours=SHORT, name="Party")),
    refusal("unknown_day", WITH_PARTY, ClearCalendarDay(day=date(2027, 12, 31))),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_a_week_is_replaced_as_a_whole() -> None:
    week = {Weekday.SATURDAY: NINE_TO_SIX}
    regulation = DEFAULTS.when(SetWorkingHours(week=week)).then(WorkingHoursSet(week=week))
    assert regulation.calendar(KNOWN).hours(date(2026, 3, 7)) == NINE_TO_SIX
    assert regulation.calendar(KNOWN).hours(date(2026, 3, 6)) is None


def test_public_holidays() -> None:
    when = DEFAULTS.when(SetPublicHolidays(country="XX"), holidays=KNOWN)
    regulation = when.then(PublicHolidaysSet(country="XX"))
    assert regulation.holiday_region == HolidayRegion("XX")
    assert regulation.calendar(KNOWN).hours(date(2026, 3, 9)) is None
    none_kept = KEEPING.when(SetPublicHolidays(country=None, subdivision="BY")).then(PublicHolidaysSet(country=None))
    assert none_kept.calendar(KNOWN).hours(date(2026, 3, 9)) == NINE_TO_SIX


def test_days_of_the_firms_own() -> None:
    command = SetCalendarDay(day=PARTY, hours=None, name="Party")
    off = WITH_PARTY.when(command).then(CalendarDaySet(day=PARTY, hours=None, name="Party"))
    assert off.calendar_days == {PARTY: CalendarDay(None, "Party")}
    cleared = WITH_PARTY.when(ClearCalendarDay(day=PARTY)).then(CalendarDayCleared(day=PARTY))
    assert cleared.calendar_days == {}


def test_a_calendar_is_made_once_for_a_version_of_the_regulation() -> None:
    regulation = Regulation()
    assert regulation.calendar(KNOWN) is regulation.calendar(KNOWN)
    assert WITH_PARTY.state.calendar(KNOWN) is not regulation.calendar(KNOWN)


@pytest.mark.parametrize("country", ["ru", "RUS", "R", "12"])
def test_a_country_has_two_letters(country: str) -> None:
    with pytest.raises(ValidationError):
        SetPublicHolidays(country=country)


def test_a_week_without_a_working_day() -> None:
    with pytest.raises(ValidationError):
        SetWorkingHours(week={})
