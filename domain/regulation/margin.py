"""The minimum margin: the least share of a deal's revenue that has to be left as profit without an approval."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from domain.kernel import Command, Event, Refused

if TYPE_CHECKING:
    from domain.regulation.state import Regulation, RuleContext


class MinimumMarginSet(Event, topic="regulation.minimum_margin_set"):
    """The minimum margin was set, in per cent of the revenue; None: any margin may be agreed."""

    percent: Decimal | None

    def evolve(self, _before: Decimal | None) -> Decimal | None:
        """The minimum margin that holds from now on."""
        return self.percent


class SetMinimumMargin(Command):
    """Set the minimum margin of deals. Deals below it are won only with the approval of a head."""

    percent: Annotated[
        Decimal | None,
        Field(ge=0, le=100, decimal_places=2, description="Profit in per cent of the revenue; null: any"),
    ]

    refusals: ClassVar = ("in_future", "nothing_to_change")
    examples: ClassVar = ({"percent": "15"},)

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        if regulation.minimum_margin_percent == self.percent:
            raise Refused("nothing_to_change", percent=self.percent)
        return [MinimumMarginSet(percent=self.percent)]
