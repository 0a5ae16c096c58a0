"""The rules of each step: when a client is qualified, how soon an offer is accepted, how many deals come before it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from domain.kernel import Command, Event, Refused
from domain.types import Step

if TYPE_CHECKING:
    from domain.regulation.state import Regulation, RuleContext


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


class StepRulesSet(Event, topic="regulation.step_rules_set"):
    """The rules of a step were replaced."""

    step: Step
    rules: StepRules

    def evolve(self, steps: Mapping[Step, StepRules]) -> dict[Step, StepRules]:
        """The rules by step, with these in place."""
        return {**steps, self.step: self.rules}


class SetStepRules(Command):
    """Replace the rules of a step."""

    step: Step
    rules: StepRules

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        if regulation.rules(self.step) == self.rules:
            raise Refused("nothing_to_change", step=self.step)
        return [StepRulesSet(step=self.step, rules=self.rules)]

    refusals: ClassVar = ("in_future", "nothing_to_change")
    examples: ClassVar = ({"rules": {"accept_within_working_days": 2, "max_deals_before_handoff": 2}},)
