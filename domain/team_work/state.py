"""The teams as decisions see them. One stream for the firm, so that nobody is in two teams of a step."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.kernel import Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.team_work.events import (
    TEAM_WORK_EVENTS,
    TeamChanged,
    TeamReviewed,
    TeamStage,
    TeamStageSet,
    TeamWorkEnded,
    TeamWorkStarted,
)
from domain.types import Step, Variant

TEAM_WORK_ID = UUID("0b8f6a3e-90d5-5d53-9c2e-6f5c1d7e4a21")


@dataclass(frozen=True, slots=True)
class Team:
    """A team. Times are business time; `since` is that of the last change. `reviews`: the distributions they made."""

    id: UUID
    variant: Variant
    step: Step
    seller_ids: tuple[UUID, ...]
    head_id: UUID
    started_at: datetime
    since: datetime
    deputy_id: UUID | None = None
    department: str | None = None
    stage: TeamStage = TeamStage.PREPARATORY
    review_on: date | None = None
    reviewed_at: datetime | None = None
    reviews: tuple[UUID, ...] = ()
    ended_at: datetime | None = None

    @property
    def at_work(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    @property
    def leaders(self) -> frozenset[UUID]:
        """Its head, and his deputy if it has one."""
        return frozenset({self.head_id, self.deputy_id or self.head_id})


@dataclass(frozen=True, slots=True)
class TeamWork:
    """All teams by id, in the order in which they started. `version` is that of their stream."""

    id: UUID
    version: int = 0
    teams: Mapping[UUID, Team] = field(default_factory=dict[UUID, Team])

    @staticmethod
    def empty(stream_id: UUID) -> "TeamWork":
        """Before the first team."""
        return TeamWork(stream_id)

    def team_of(self, employee_id: UUID, step: Step) -> Team | None:
        """The team at work in which the employee sells in the step."""
        return next((team for team in self._at_work(step) if employee_id in team.seller_ids), None)

    def _at_work(self, step: Step) -> list[Team]:
        return [team for team in self.teams.values() if team.at_work and team.step is step]

    def get(self, team_id: UUID, context: RuleContext) -> Team:
        """The team with this id, if it is at work and nothing happened to it after the decision."""
        team = self.known(team_id)
        if not team.at_work:
            raise Refused("team_work_ended", team_id=team_id, ended_at=team.ended_at)
        refuse_before(team.since, context, team_id=team_id)
        return team

    def known(self, team_id: UUID) -> Team:
        """The team with this id, at work or not."""
        team = self.teams.get(team_id)
        if team is None:
            raise Refused("unknown_team", team_id=team_id)
        return team

    def evolve(self, recorded: Recorded) -> "TeamWork":
        """The teams after one more event."""
        event = recorded.event
        if not isinstance(event, TEAM_WORK_EVENTS):
            return self
        team = _started(event, recorded) if isinstance(event, TeamWorkStarted) else self._changed(event, recorded)
        return replace(self, version=recorded.version, teams={**self.teams, team.id: team})

    def _changed(self, event: Any, recorded: Recorded) -> Team:
        return replace(self.teams[event.team_id], since=recorded.occurred_at, **_values(self, event, recorded))


def _started(event: TeamWorkStarted, recorded: Recorded) -> Team:
    facts = event.model_dump(exclude={"team_id"})
    return Team(event.team_id, started_at=recorded.occurred_at, since=recorded.occurred_at, **facts)


def _values(before: TeamWork, event: Any, recorded: Recorded) -> dict[str, Any]:
    """What an event changes on its team."""
    match event:
        case TeamChanged(changed=changed):
            return {name: getattr(event, name) for name in changed}
        case TeamStageSet(stage=stage):
            return {"stage": stage}
        case TeamReviewed(review_on=review_on, distribution_id=distribution_id):
            held = before.teams[event.team_id].reviews
            reviews = (*held, distribution_id) if distribution_id else held
            return {"review_on": review_on, "reviewed_at": recorded.occurred_at, "reviews": reviews}
        case TeamWorkEnded():
            return {"ended_at": recorded.occurred_at}
        case _:
            return {}


def team_of(employee_id: UUID, step: Step, context: RuleContext) -> Team | None:
    """The team in which an employee sells in a step, as decisions on clients see it."""
    found = context.known(TeamWork, TEAM_WORK_ID)
    return found.team_of(employee_id, step) if found else None


def working_variant(employee_id: UUID, step: Step, context: RuleContext) -> Variant | None:
    """The variant in which an employee works leads in a step; None where he is in no team."""
    team = team_of(employee_id, step, context)
    return team.variant if team else None
