"""What happens to the teams of the firm."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.employee import Names
from domain.kernel import Event, Personal
from domain.types import Step, Variant


class TeamStage(StrEnum):
    """The stages of team work, in order; after the last one it begins anew."""

    PREPARATORY = "preparatory"
    MAIN = "main"
    FINAL = "final"
    COORDINATING = "coordinating"


class TeamWorkStarted(Event, topic="team_work.started", begins="team_id"):
    """Sellers work the leads of a step together in a variant, under a head; `review_on`: the next review, if any."""

    team_id: UUID
    variant: Variant
    step: Step
    seller_ids: tuple[UUID, ...]
    head_id: UUID
    deputy_id: UUID | None = None
    department: str | None = None
    review_on: date | None = None


class TeamChanged(Event, topic="team_work.changed"):
    """The fields named in `changed` have new values."""

    team_id: UUID
    changed: Names
    seller_ids: tuple[UUID, ...] = ()
    head_id: UUID | None = None
    deputy_id: UUID | None = None
    review_on: date | None = None


class TeamStageSet(Event, topic="team_work.stage_set"):
    """The team is at another stage."""

    team_id: UUID
    stage: TeamStage


class TeamReviewed(Event, topic="team_work.reviewed"):
    """The leads without a contract were gone through; what goes to others is in the distribution, if there is one."""

    team_id: UUID
    distribution_id: UUID | None = None
    review_on: date | None = None
    note: Personal[str] = None


class TeamWorkEnded(Event, topic="team_work.ended"):
    """The team works no more. The leads stay with those who work them."""

    team_id: UUID
    note: Personal[str] = None


TEAM_WORK_EVENTS: tuple[type[Event], ...] = (
    TeamWorkStarted,
    TeamChanged,
    TeamStageSet,
    TeamReviewed,
    TeamWorkEnded,
)
"""All events of the stream of team work."""
