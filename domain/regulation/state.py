"""The regulation as decisions see it: every decision uses the one in force and carries its version (0: the defaults).

A rule is a field of `Regulation` and a module of this package: the event that sets it, which knows what the field
becomes, and the command.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, cast
from uuid import UUID

from domain.kernel import Context, Event, Recorded
from domain.regulation.attributes import Attribute, AttributeDeclared
from domain.regulation.mode import ModeSet, in_one_hand
from domain.regulation.step_rules import StepRules, StepRulesSet
from domain.regulation.working_time import TimeZoneSet
from domain.types import Mode, Step

REGULATION_ID = UUID("5f0a3b52-51a5-5d0c-9a1e-7c3c2f8f7a01")
"""The one stream of the regulation."""

_DEFAULT_RULES = StepRules()


@dataclass(frozen=True, slots=True)
class Regulation:
    """The rules in force. `version` is the version of the regulation's stream."""

    version: int = 0
    mode: Mode = Mode.SEPARATE
    time_zone: str = "UTC"
    steps: Mapping[Step, StepRules] = field(default_factory=dict[Step, StepRules])
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])

    def rules(self, step: Step) -> StepRules:
        """The rules of a step; the defaults where none were set."""
        return self.steps.get(step, _DEFAULT_RULES)

    def joined(self, from_step: Step, to_step: Step) -> bool:
        """Whether the mode leaves both steps in one hand, whichever way the client goes."""
        return in_one_hand(self.mode, from_step, to_step)

    @staticmethod
    def empty(_: UUID) -> "Regulation":
        """The defaults, before anything was set."""
        return Regulation()

    def evolve(self, recorded: Recorded) -> "Regulation":
        """The regulation after one more event."""
        name = OWNERS.get(type(recorded.event))
        if name is None:
            return self
        changed: dict[str, Any] = {name: cast("_Rule", recorded.event).evolve(getattr(self, name))}
        return replace(self, version=recorded.version, **changed)


class _Rule(Protocol):
    """An event that sets a rule knows what the field that holds the rule becomes."""

    def evolve(self, before: Any) -> Any: ...


OWNERS: dict[type[Event], str] = {
    StepRulesSet: "steps",
    ModeSet: "mode",
    TimeZoneSet: "time_zone",
    AttributeDeclared: "attributes",
}
"""The field of the regulation that each event sets. Every event of the regulation's stream is listed."""


@dataclass(frozen=True, slots=True)
class RuleContext(Context[Regulation]):
    """The context in which commands are decided."""
