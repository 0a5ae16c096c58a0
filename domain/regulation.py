"""The regulation: the firm's rules of each step, its mode and its own client attributes, versioned as one stream.

Every decision uses the regulation in force at that moment and carries its version (0: the defaults below).
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from domain.kernel import Command, Context, Event, Recorded, Refused
from domain.types import Mode, Slug, Step, Word

REGULATION_ID = UUID("5f0a3b52-51a5-5d0c-9a1e-7c3c2f8f7a01")
"""The one stream of the regulation."""


class Criterion(StrEnum):
    """What must be known or done before a client is qualified."""

    KEY_PERSON_KNOWN = "key_person_known"
    KEY_PERSON_TYPE_KNOWN = "key_person_type_known"
    NEED_CONFIRMED = "need_confirmed"
    KEY_PERSON_REACHED = "key_person_reached"


class StepRules(BaseModel):
    """The rules of one step. Times to accept are of the step that receives a client, in working days.

    Criteria count in lead generation, the number of deals in the first deal. An offer never expires before it is
    overdue.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    qualification_criteria: Annotated[tuple[Criterion, ...], Field(max_length=20)] = tuple(Criterion)
    accept_within_working_days: Annotated[int, Field(ge=1, le=60)] = 1
    expire_after_working_days: Annotated[int, Field(ge=1, le=250)] = 3
    max_deals_before_handoff: Annotated[int, Field(ge=1, le=2)] = 1


class AttributeKind(StrEnum):
    """What values a firm's own attribute takes."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


class Attribute(BaseModel):
    """A client attribute of the firm's own. `choices` belongs to the kind choice only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Slug
    kind: AttributeKind
    label: Word | None = None
    choices: Annotated[tuple[Word, ...], Field(max_length=200)] = ()

    def normalised(self, value: str) -> str | None:
        """The value in the one spelling of its kind, so that equal values are equal texts; None if it is of another."""
        match self.kind:
            case AttributeKind.NUMBER:
                return _plain_number(value)
            case AttributeKind.DATE:
                return _iso_date(value)
            case AttributeKind.CHOICE:
                return value if value in self.choices else None
            case AttributeKind.TEXT:
                return value

    def accepts(self, value: str) -> bool:
        """Whether the value, written as text, is of the attribute's kind."""
        return self.normalised(value) is not None


_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,9})?")


def _plain_number(value: str) -> str | None:
    """At most 15 digits before and 9 after the point, without sign of plus, leading or trailing zeros."""
    if not _NUMBER.fullmatch(value):
        return None
    plain = f"{Decimal(value):f}"
    shortened = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if shortened == "-0" else shortened


def _iso_date(value: str) -> str | None:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return None


class StepRulesSet(Event, topic="regulation.step_rules_set"):
    """The rules of a step were replaced."""

    step: Step
    rules: StepRules


class ModeSet(Event, topic="regulation.mode_set"):
    """The firm spreads the steps over its people in another way."""

    mode: Mode


class TimeZoneSet(Event, topic="regulation.time_zone_set"):
    """Working days are counted in this time zone (IANA name)."""

    time_zone: str


class AttributeDeclared(Event, topic="regulation.attribute_declared"):
    """Clients may carry this attribute; a second declaration of a name replaces the first."""

    attribute: Attribute


RegulationEvent = StepRulesSet | ModeSet | TimeZoneSet | AttributeDeclared

_DEFAULT_RULES = StepRules()
_IN_ONE_HAND: dict[Mode, frozenset[Step]] = {
    Mode.SEPARATE: frozenset(),
    Mode.LEAD_AND_DEAL: frozenset({Step.LEAD_GENERATION, Step.FIRST_DEAL}),
    Mode.DEAL_AND_SERVICE: frozenset({Step.FIRST_DEAL, Step.ACCOUNT_SERVICE}),
    Mode.SINGLE: frozenset(Step),
}


@dataclass(frozen=True, slots=True)
class Regulation:
    """The rules in force. `version` is the version of the regulation's stream."""

    version: int = 0
    mode: Mode = Mode.SEPARATE
    time_zone: str = "UTC"
    steps: dict[Step, StepRules] = field(default_factory=dict)
    attributes: dict[str, Attribute] = field(default_factory=dict)

    def rules(self, step: Step) -> StepRules:
        """The rules of a step; the defaults where none were set."""
        return self.steps.get(step, _DEFAULT_RULES)

    def joined(self, from_step: Step, to_step: Step) -> bool:
        """Whether the mode leaves both steps in one hand, whichever way the client goes."""
        return {from_step, to_step} <= _IN_ONE_HAND[self.mode]

    @staticmethod
    def empty(_: UUID) -> "Regulation":
        """The defaults, before anything was set."""
        return Regulation()

    def evolve(self, recorded: Recorded) -> "Regulation":
        """The regulation after one more event."""
        match recorded.event:
            case StepRulesSet(step=step, rules=rules):
                return replace(self, version=recorded.version, steps={**self.steps, step: rules})
            case ModeSet(mode=mode):
                return replace(self, version=recorded.version, mode=mode)
            case TimeZoneSet(time_zone=time_zone):
                return replace(self, version=recorded.version, time_zone=time_zone)
            case AttributeDeclared(attribute=attribute):
                declared = {**self.attributes, attribute.name: attribute}
                return replace(self, version=recorded.version, attributes=declared)
            case _:
                return self


class SetStepRules(Command):
    """Replace the rules of a step."""

    step: Step
    rules: StepRules

    def decide(self, regulation: Regulation, context: "RuleContext") -> list[Event]:
        if regulation.rules(self.step) == self.rules:
            raise Refused("nothing_to_change", step=self.step)
        return [StepRulesSet(step=self.step, rules=self.rules)]

    refusals: ClassVar = ("in_future", "nothing_to_change")


class SetMode(Command):
    """Say how the steps are spread over the firm's people."""

    mode: Mode

    def decide(self, regulation: Regulation, context: "RuleContext") -> list[Event]:
        if regulation.mode == self.mode:
            raise Refused("nothing_to_change", mode=self.mode)
        return [ModeSet(mode=self.mode)]

    refusals: ClassVar = ("in_future", "nothing_to_change")


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is not an IANA time zone, such as Europe/Moscow")
    return name


class SetTimeZone(Command):
    """Set the time zone in which working days are counted."""

    time_zone: Annotated[str, AfterValidator(_known_zone), Field(examples=["Europe/Moscow"])]

    def decide(self, regulation: Regulation, context: "RuleContext") -> list[Event]:
        if regulation.time_zone == self.time_zone:
            raise Refused("nothing_to_change", time_zone=self.time_zone)
        return [TimeZoneSet(time_zone=self.time_zone)]

    refusals: ClassVar = ("in_future", "nothing_to_change")


class DeclareAttribute(Command):
    """Let clients carry an attribute of the firm's own, or change its label and choices."""

    attribute: Attribute

    def decide(self, regulation: Regulation, context: "RuleContext") -> list[Event]:
        is_choice = self.attribute.kind is AttributeKind.CHOICE
        if is_choice != bool(self.attribute.choices):
            raise Refused("wrong_choice", attribute=self.attribute.name, kind=self.attribute.kind)
        before = regulation.attributes.get(self.attribute.name)
        if before == self.attribute:
            raise Refused("nothing_to_change", attribute=self.attribute.name)
        if before and before.kind is not self.attribute.kind:
            raise Refused("attribute_of_another_kind", attribute=self.attribute.name, kind=before.kind)
        return [AttributeDeclared(attribute=self.attribute)]

    refusals: ClassVar = ("in_future", "wrong_choice", "nothing_to_change", "attribute_of_another_kind")


@dataclass(frozen=True, slots=True)
class RuleContext(Context[Regulation]):
    """The context in which commands are decided."""
