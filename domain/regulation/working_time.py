"""The firm's working time: its time zone, its working hours, the public holidays it keeps, and its own exceptions."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, ClassVar
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints

from domain.calendar import CalendarDay, HolidayRegion, Week, Weekday, WorkingHours
from domain.kernel import Command, Event, Personal, Refused
from domain.types import Day, EmptyIsNone, OptionalWord

if TYPE_CHECKING:
    from domain.regulation.state import Regulation, RuleContext


class TimeZoneSet(Event, topic="regulation.time_zone_set"):
    """Working days are counted in this time zone (IANA name)."""

    time_zone: str

    def evolve(self, time_zone: str) -> str:
        """The time zone that replaces the one before."""
        return self.time_zone


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is not an IANA time zone, such as Europe/Moscow")
    return name


class SetTimeZone(Command):
    """Set the time zone in which working days are counted."""

    time_zone: Annotated[str, AfterValidator(_known_zone), Field(examples=["Europe/Moscow"])]

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        if regulation.time_zone == self.time_zone:
            raise Refused("nothing_to_change", time_zone=self.time_zone)
        return [TimeZoneSet(time_zone=self.time_zone)]

    refusals: ClassVar = ("in_future", "nothing_to_change")
    examples: ClassVar = ({"time_zone": "Europe/Moscow"},)


class WorkingHoursSet(Event, topic="regulation.working_hours_set"):
    """The firm works these hours; a day of the week that is not there is off."""

    week: dict[Weekday, WorkingHours]

    def evolve(self, week: Week) -> Week:
        """The week that replaces the one before."""
        return self.week


class SetWorkingHours(Command):
    """Set the working hours of every day of the week; a day that is left out is off."""

    week: Annotated[dict[Weekday, WorkingHours], Field(min_length=1)]

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        if regulation.working_week == self.week:
            raise Refused("nothing_to_change", week=self.week)
        return [WorkingHoursSet(week=self.week)]

    refusals: ClassVar = ("in_future", "nothing_to_change")
    examples: ClassVar = (
        {
            "week": {
                "monday": {"begins": "09:00", "ends": "18:00"},
                "friday": {"begins": "09:00", "ends": "16:45"},
            }
        },
    )


class PublicHolidaysSet(Event, topic="regulation.public_holidays_set"):
    """The firm keeps the public holidays of this country and part of it; no country: of none.

    Only the place is kept. What follows from the days themselves, such as when an answer is due, stands in the events
    of the decisions, so that a better list of days changes no history.
    """

    country: str | None
    subdivision: str | None = None

    def evolve(self, before: HolidayRegion | None) -> HolidayRegion | None:
        """The region that replaces the one before."""
        return HolidayRegion(self.country, self.subdivision) if self.country else None


class SetPublicHolidays(Command):
    """Say whose public holidays the firm keeps; null: of no country."""

    country: Annotated[
        Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None,
        EmptyIsNone,
        Field(description="ISO 3166-1 alpha-2", examples=["RU"]),
    ]
    subdivision: Annotated[OptionalWord, Field(description="Where a part of the country has holidays of its own")] = (
        None
    )

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        event = PublicHolidaysSet(country=self.country, subdivision=self.subdivision if self.country else None)
        if self.country:
            self._check(context.holidays.regions())
        if event.evolve(None) == regulation.holiday_region:
            raise Refused("nothing_to_change", country=self.country, subdivision=self.subdivision)
        return [event]

    def _check(self, known: Mapping[str, Collection[str]]) -> None:
        subdivisions = known.get(self.country or "")
        if subdivisions is None:
            raise Refused("unknown_country", country=self.country, known=sorted(known))
        if self.subdivision and self.subdivision not in subdivisions:
            raise Refused("unknown_subdivision", subdivision=self.subdivision, known=sorted(subdivisions))

    refusals: ClassVar = ("in_future", "unknown_country", "unknown_subdivision", "nothing_to_change")
    examples: ClassVar = ({"country": "RU"}, {"country": "DE", "subdivision": "BY"})


class CalendarDaySet(Event, topic="regulation.calendar_day_set"):
    """A day is worked these hours, or is off, whatever the week and the public holidays say."""

    day: date
    hours: WorkingHours | None
    name: Personal[str] = None

    def evolve(self, days: Mapping[date, CalendarDay]) -> dict[date, CalendarDay]:
        """The exceptions with this day."""
        return {**days, self.day: CalendarDay(self.hours, self.name)}


class CalendarDayCleared(Event, topic="regulation.calendar_day_cleared"):
    """A day is no exception any more."""

    day: date

    def evolve(self, days: Mapping[date, CalendarDay]) -> dict[date, CalendarDay]:
        """The exceptions without this day."""
        return {day: kept for day, kept in days.items() if day != self.day}


class SetCalendarDay(Command):
    """Make one day an exception: worked the given hours or, with null, off."""

    day: Day
    hours: Annotated[WorkingHours | None, Field(description="When it is worked; a day off, when absent")] = None
    name: Annotated[OptionalWord, Field(description="What the day is for the firm")] = None

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        if regulation.calendar_days.get(self.day) == CalendarDay(self.hours, self.name):
            raise Refused("nothing_to_change", day=self.day, hours=self.hours)
        return [CalendarDaySet(day=self.day, hours=self.hours, name=self.name)]

    refusals: ClassVar = ("in_future", "nothing_to_change")
    examples: ClassVar = (
        {"name": "The firm's birthday"},
        {"hours": {"begins": "10:00", "ends": "14:00"}, "name": "Stocktaking"},
    )


class ClearCalendarDay(Command):
    """Let the week and the public holidays decide about a day again."""

    day: Day

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        if self.day not in regulation.calendar_days:
            raise Refused("unknown_day", day=self.day)
        return [CalendarDayCleared(day=self.day)]

    refusals: ClassVar = ("in_future", "unknown_day")
    examples: ClassVar = ({},)
