"""Public holidays as the library knows them."""

import os
import subprocess
import sys
from datetime import date

import pytest

from app.public_holidays import LIBRARY
from domain.calendar import Calendar, HolidayRegion, HolidayYear

RUSSIA = HolidayRegion("RU")


def test_the_new_year_of_russia_is_off_and_one_saturday_is_worked_for_a_monday() -> None:
    calendar = Calendar("Europe/Moscow", region=RUSSIA, holidays=LIBRARY)
    assert next(day for day in range(1, 32) if calendar.hours(date(2025, 1, day))) == 9
    assert calendar.hours(date(2025, 11, 1)), "a Saturday, worked for the Monday after it"
    assert calendar.hours(date(2025, 11, 3)) is None
    assert calendar.name(date(2025, 1, 1)) == "New Year Holidays"


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    epiphany = date(2026, 1, 6)
    assert "BY" in LIBRARY.regions()["DE"]
    assert epiphany in LIBRARY.of(HolidayRegion("DE", "BY"), 2026).days_off
    assert epiphany not in LIBRARY.of(HolidayRegion("DE"), 2026).days_off


@pytest.mark.parametrize("region", [HolidayRegion("ZZ"), HolidayRegion("DE", "ZZ")])
def test_a_region_that_is_not_known_any_more_has_no_holidays(region: HolidayRegion) -> None:
    assert LIBRARY.of(region, 2026) == HolidayYear()


@pytest.mark.parametrize("year", [1900, 2199])
def test_years_that_nobody_has_laid_down_have_none(year: int) -> None:
    assert not LIBRARY.of(RUSSIA, year).days_off


def test_every_country_has_a_present_year() -> None:
    assert len(LIBRARY.regions()) > 100
    for country in ("RU", "BG", "DE", "BR", "US", "KZ", "BY"):
        assert len(LIBRARY.of(HolidayRegion(country), 2026).days_off) > 5


def test_names_do_not_follow_the_language_of_the_machine() -> None:
    program = "from app.public_holidays import LIBRARY as l; from domain.calendar import HolidayRegion as r;"
    program += "import datetime; print(l.of(r('RU'), 2026).days_off[datetime.date(2026, 1, 1)].isascii())"
    found = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"LANGUAGE": "ru"}, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "True"
