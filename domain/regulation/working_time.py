"""The firm's working time: so far, the time zone in which its days are counted."""

from typing import TYPE_CHECKING, Annotated, ClassVar
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from domain.kernel import Command, Event, Refused

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
