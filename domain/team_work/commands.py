"""The commands on the teams of the firm."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, Field, field_validator

from domain.employee import present_employee, working_employee
from domain.kernel import Command, Event, Refused
from domain.regulation.state import RuleContext
from domain.team_work.events import TeamChanged, TeamReviewed, TeamStage, TeamStageSet, TeamWorkEnded, TeamWorkStarted
from domain.team_work.reviews import next_review_on
from domain.team_work.state import Team, TeamWork
from domain.types import Day, OptionalText, OptionalWord, Step, Variant

STEPS_WITH_LEADS = (Step.LEAD_GENERATION, Step.FIRST_DEAL)
_STAGES = tuple(TeamStage)
_EXAMPLE = "7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11"


def _with_leads(step: Step) -> Step:
    if step not in STEPS_WITH_LEADS:
        raise ValueError("leads are worked in lead_generation and first_deal")
    return step


def _once_each(sellers: tuple[UUID, ...]) -> tuple[UUID, ...]:
    if len(set(sellers)) < len(sellers):
        raise ValueError("names somebody twice")
    return sellers


Sellers = Annotated[tuple[UUID, ...], Field(min_length=1, max_length=1000), AfterValidator(_once_each)]


class StartTeamWork(Command):
    """Let sellers work the leads of a step together in one of the three variants, under a head.

    Without sellers: all who work in the step now and are no heads, of the department if one is named. The answer's
    `team_id` is the team, as every address of it wants it; `id` is the firm's one history of all teams.
    """

    variant: Variant
    step: Annotated[Step, AfterValidator(_with_leads)] = Step.LEAD_GENERATION
    seller_ids: Sellers | None = None
    department: Annotated[OptionalWord, Field(description="The one that the team belongs to")] = None
    head_id: Annotated[UUID | None, Field(description="The one who records, when absent")] = None
    deputy_id: UUID | None = None

    refusals: ClassVar = (
        "in_future",
        "no_employees_to_give_to",
        "unknown_employee",
        "employee_left",
        "employee_not_in_step",
        "seller_in_other_team",
    )
    examples: ClassVar = (
        {"variant": "democratic", "department": "north"},
        {"variant": "authoritarian", "seller_ids": [_EXAMPLE], "deputy_id": "5c9a4a55-6a10-5f0a-9d8b-0d5f7f1e2b3c"},
    )

    def decide(self, team_work: TeamWork, context: RuleContext) -> list[Event]:
        sellers = self.seller_ids or ()
        if not sellers:
            raise Refused("no_employees_to_give_to", step=self.step, department=self.department)
        _check_sellers(team_work, sellers, self.step, None, context)
        head = self.head_id or context.actor.employee_id
        _check_leaders((head, self.deputy_id), context)
        return [
            TeamWorkStarted(
                team_id=context.new_id(),
                variant=self.variant,
                step=self.step,
                seller_ids=sellers,
                head_id=head,
                deputy_id=self.deputy_id,
                department=self.department,
                review_on=next_review_on(self.variant, context),
            )
        ]


def _check_sellers(
    team_work: TeamWork, sellers: Iterable[UUID], step: Step, own: UUID | None, context: RuleContext
) -> None:
    """Refuse whoever cannot sell in the step, or does so in another team."""
    for employee_id in sellers:
        working_employee(employee_id, step, context)
        other = team_work.team_of(employee_id, step)
        if other and other.id != own:
            raise Refused("seller_in_other_team", employee_id=employee_id, team_id=other.id, variant=other.variant)


def _check_leaders(leaders: Iterable[UUID | None], context: RuleContext) -> None:
    for employee_id in leaders:
        if employee_id:
            present_employee(employee_id, context)


class ChangeTeam(Command):
    """Change who is in a team, who leads it, or when it is reviewed; what is not sent stays as it is.

    Null takes the deputy away, or the date of the review.
    """

    team_id: UUID
    seller_ids: Sellers | None = None
    head_id: UUID | None = None
    deputy_id: UUID | None = None
    review_on: Day | None = None

    refusals: ClassVar = (
        "in_future",
        "unknown_team",
        "team_work_ended",
        "before_its_cause",
        "nothing_to_change",
        "unknown_employee",
        "employee_left",
        "employee_not_in_step",
        "seller_in_other_team",
    )
    examples: ClassVar = ({"deputy_id": _EXAMPLE}, {"review_on": "2030-06-03"})

    @field_validator("seller_ids", "head_id")
    @classmethod
    def _kept(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("cannot be emptied with null")
        return value

    def decide(self, team_work: TeamWork, context: RuleContext) -> list[Event]:
        team = team_work.get(self.team_id, context)
        sent = {name: getattr(self, name) for name in self.model_fields_set - {"team_id", "occurred_at"}}
        changed = {name: value for name, value in sent.items() if value != getattr(team, name)}
        if not changed:
            raise Refused("nothing_to_change", fields=sorted(sent))
        added = [each for each in changed.get("seller_ids", ()) if each not in team.seller_ids]
        _check_sellers(team_work, added, team.step, team.id, context)
        _check_leaders((changed.get("head_id"), changed.get("deputy_id")), context)
        return [TeamChanged(team_id=team.id, changed=frozenset(changed), **changed)]


class SetTeamStage(Command):
    """Lead the team to its next stage; from the last one it begins anew with the first."""

    team_id: UUID
    stage: TeamStage

    refusals: ClassVar = ("in_future", "unknown_team", "team_work_ended", "before_its_cause", "stage_out_of_order")
    examples: ClassVar = ({"stage": "main"},)

    def decide(self, team_work: TeamWork, context: RuleContext) -> list[Event]:
        team = team_work.get(self.team_id, context)
        following = _STAGES[(_STAGES.index(team.stage) + 1) % len(_STAGES)]
        if self.stage is not following:
            raise Refused("stage_out_of_order", stage=team.stage, next=following)
        return [TeamStageSet(team_id=team.id, stage=self.stage)]


class HoldReview(Command):
    """Say that the team was reviewed and every lead stays with whoever works it. Sets the date of the next review."""

    team_id: UUID
    note: OptionalText = None

    refusals: ClassVar = ("in_future", "unknown_team", "team_work_ended", "before_its_cause", "variant_without_reviews")
    examples: ClassVar = ({"note": "Everything is under way"},)

    def decide(self, team_work: TeamWork, context: RuleContext) -> list[Event]:
        team = reviewed_team(team_work, self.team_id, context)
        return [TeamReviewed(team_id=team.id, review_on=_next(team, context), note=self.note)]


class RecordReview(Command):
    """Record that a review was held by a distribution; the service does it when the distribution is applied."""

    team_id: UUID
    distribution_id: UUID

    refusals: ClassVar = (
        "in_future",
        "unknown_team",
        "team_work_ended",
        "before_its_cause",
        "variant_without_reviews",
        "nothing_to_change",
    )

    def decide(self, team_work: TeamWork, context: RuleContext) -> list[Event]:
        if self.distribution_id in team_work.known(self.team_id).reviews:
            raise Refused("nothing_to_change", distribution_id=self.distribution_id)
        team = reviewed_team(team_work, self.team_id, context)
        return [TeamReviewed(team_id=team.id, distribution_id=self.distribution_id, review_on=_next(team, context))]


def reviewed_team(team_work: TeamWork, team_id: UUID, context: RuleContext) -> Team:
    """The team, if it is at work in a variant that is reviewed."""
    team = team_work.get(team_id, context)
    if team.variant not in context.regulation.team_rules.review_every_months:
        raise Refused("variant_without_reviews", team_id=team_id, variant=team.variant)
    return team


def _next(team: Team, context: RuleContext) -> date | None:
    return next_review_on(team.variant, context)


class EndTeamWork(Command):
    """End the work of a team. Its leads stay with those who work them; its sellers may join another team."""

    team_id: UUID
    note: OptionalText = None

    refusals: ClassVar = ("in_future", "unknown_team", "team_work_ended", "before_its_cause")
    examples: ClassVar = ({"note": "The base is too large for this variant now"},)

    def decide(self, team_work: TeamWork, context: RuleContext) -> list[Event]:
        team = team_work.get(self.team_id, context)
        return [TeamWorkEnded(team_id=team.id, note=self.note)]
