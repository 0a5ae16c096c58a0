"""The response rule: how many working hours an inquiry may wait for its answer, by category and channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple

from pydantic import Field

from domain.kernel import Command, Event, Refused
from domain.types import Category, Channel, EmptyIsNone

if TYPE_CHECKING:
    from domain.regulation.state import Regulation, RuleContext

DEFAULT_HOURS = Decimal(4)
WorkingTime = Annotated[
    Decimal, Field(gt=0, le=1000, decimal_places=2, description="Working hours", examples=["4", "0.5"])
]


class InquiryKind(NamedTuple):
    """Which inquiries a rule is for; None is any."""

    category: Category | None = None
    channel: Channel | None = None


ANY = InquiryKind()


@dataclass(frozen=True, slots=True)
class ResponseRules:
    """The working hours that were set, by kind of inquiry; where there is none for any inquiry, `DEFAULT_HOURS`."""

    hours: Mapping[InquiryKind, Decimal] = field(default_factory=dict[InquiryKind, Decimal])

    def allowed(self, category: Category | None, channel: Channel, by_standard: Decimal | None = None) -> Decimal:
        """The working hours by the most specific rule: both, then the category, then the channel, then any.

        `by_standard` is what the communication standard of the category says; a rule for the category goes before it.
        """
        hours = self.hours
        of_category = (hours.get(InquiryKind(category, channel)), hours.get(InquiryKind(category)), by_standard)
        found = (*of_category, hours.get(InquiryKind(channel=channel)), hours.get(ANY))
        return next((each for each in found if each is not None), DEFAULT_HOURS)


class ResponseTimeSet(Event, topic="regulation.response_time_set"):
    """An inquiry of this kind has to be answered within so many working hours; null: the next wider rule holds."""

    category: Category | None
    channel: Channel | None
    working_hours: Decimal | None

    def evolve(self, rules: ResponseRules) -> ResponseRules:
        """The rules with this one in place of the one before."""
        kind = InquiryKind(self.category, self.channel)
        others = {other: hours for other, hours in rules.hours.items() if other != kind}
        return ResponseRules(others if self.working_hours is None else {**others, kind: self.working_hours})


class SetResponseTime(Command):
    """Say within how many working hours an inquiry is answered: of a category, on a channel, both, or any.

    The most specific rule holds; the category weighs more than the channel. Where none is set for a category, the time
    in its communication standard holds. Null takes a rule back.
    """

    category: Annotated[Category | None, EmptyIsNone, Field(description="Any, when absent")] = None
    channel: Annotated[Channel | None, EmptyIsNone, Field(description="Any, when absent")] = None
    working_hours: WorkingTime | None

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        kind = InquiryKind(self.category, self.channel)
        if regulation.response_rules.hours.get(kind) == self.working_hours:
            raise Refused("nothing_to_change", **kind._asdict(), working_hours=self.working_hours)
        return [ResponseTimeSet(category=self.category, channel=self.channel, working_hours=self.working_hours)]

    refusals: ClassVar = ("in_future", "nothing_to_change")
    examples: ClassVar = (
        {"working_hours": "4"},
        {"category": "VIP", "working_hours": "1"},
        {"category": "VIP", "channel": "messenger", "working_hours": "0.5"},
    )
