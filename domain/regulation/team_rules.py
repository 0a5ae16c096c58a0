"""The rules of team work on leads: how often it is reviewed, which variant suits which base, and times to act."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.kernel import Command, Event, Refused
from domain.types import SomeText, Variant

if TYPE_CHECKING:
    from domain.regulation.state import Regulation, RuleContext

LeadsPerSeller = Annotated[int, Field(ge=0, le=1_000_000)]
WorkingDays = Annotated[int, Field(ge=1, le=250)]


class TeamRules(BaseModel):
    """The rules of team work.

    `review_every_months`: by variant; one that is not there is not reviewed, as its leads are exchanged all the time.
    The three thresholds tell which variant suits a base; they are ours, as no source has figures, and the firm sets
    its own. `first_task` is the task of whoever gets a lead that another one worked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    review_every_months: Annotated[
        Mapping[Variant, Annotated[int, Field(ge=1, le=60)]],
        Field(description="A variant that is left out has no reviews", examples=[{"trusting": 6, "authoritarian": 1}]),
    ] = Field(default_factory=lambda: {Variant.TRUSTING: 6, Variant.AUTHORITARIAN: 1})
    few_leads_per_seller: Annotated[LeadsPerSeller, Field(description="Up to so many the base is sharply limited")] = 50
    many_leads_per_seller: Annotated[
        LeadsPerSeller, Field(description="From so many on it is as good as unlimited")
    ] = 500
    vip_share: Annotated[
        Decimal, Field(gt=0, le=1, decimal_places=4, description="From this share of VIP clients on, status decides")
    ] = Decimal("0.2")
    first_task: SomeText = "Get in touch with the client"
    first_task_within_working_days: WorkingDays = 3
    answer_within_working_days: Annotated[WorkingDays, Field(description="To an offer of a colleague")] = 2
    offer_expires_after_working_days: Annotated[
        WorkingDays,
        Field(description="Then an offer that nobody took is void, or at `due_at` if that is later"),
    ] = 5

    @model_validator(mode="after")
    def _in_order(self) -> "TeamRules":
        if self.few_leads_per_seller >= self.many_leads_per_seller:
            raise ValueError("few_leads_per_seller must be less than many_leads_per_seller")
        return self


class TeamRulesSet(Event, topic="regulation.team_rules_set"):
    """The rules of team work were replaced."""

    schema_version: ClassVar = 2

    rules: TeamRules

    def evolve(self, before: TeamRules) -> TeamRules:
        """The rules that replace those before."""
        return self.rules


class SetTeamRules(Command):
    """Replace the rules of team work on leads. Review dates that are set already stay."""

    rules: TeamRules

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        if regulation.team_rules == self.rules:
            raise Refused("nothing_to_change", rules=self.rules.model_dump(mode="json"))
        return [TeamRulesSet(rules=self.rules)]

    refusals: ClassVar = ("in_future", "nothing_to_change")
    examples: ClassVar = (
        {"rules": {"few_leads_per_seller": 30, "many_leads_per_seller": 400, "vip_share": "0.15"}},
        {"rules": {"review_every_months": {"trusting": 6, "authoritarian": 1, "democratic": 12}}},
    )
