"""The mode: how the steps are spread over the firm's people."""

from typing import TYPE_CHECKING, ClassVar

from domain.kernel import Command, Event, Refused
from domain.types import Mode, Step

if TYPE_CHECKING:
    from domain.regulation.state import Regulation, RuleContext


_IN_ONE_HAND: dict[Mode, frozenset[Step]] = {
    Mode.SEPARATE: frozenset(),
    Mode.LEAD_AND_DEAL: frozenset({Step.LEAD_GENERATION, Step.FIRST_DEAL}),
    Mode.DEAL_AND_SERVICE: frozenset({Step.FIRST_DEAL, Step.ACCOUNT_SERVICE}),
    Mode.SINGLE: frozenset(Step),
}


def in_one_hand(mode: Mode, *steps: Step) -> bool:
    """Whether the mode leaves these steps in one hand."""
    return _IN_ONE_HAND[mode].issuperset(steps)


class ModeSet(Event, topic="regulation.mode_set"):
    """The firm spreads the steps over its people in another way."""

    mode: Mode

    def evolve(self, mode: Mode) -> Mode:
        """The mode that replaces the one before."""
        return self.mode


class SetMode(Command):
    """Say how the steps are spread over the firm's people."""

    mode: Mode

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        if regulation.mode == self.mode:
            raise Refused("nothing_to_change", mode=self.mode)
        return [ModeSet(mode=self.mode)]

    refusals: ClassVar = ("in_future", "nothing_to_change")
    examples: ClassVar = ({"mode": "lead_and_deal"},)
