"""What happens to a distribution. Its lines are spread over several events of at most `CHUNK` lines each."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from domain.distribution.lines import Line, Method, Seller, Skipped
from domain.kernel import Event, Personal
from domain.types import FailureReason, Step, Variant

CHUNK = 1_000
"""Lines or leads in one event."""


class DistributionPlanned(Event, topic="distribution.planned"):
    """It was worked out who gets which lead; the lines follow in events of their own.

    `total` is the sum of the scores, `greedy_total` what a greedy pass would have reached. `failure_reason` is why
    those who work leads of the plan now have failed. `team_id`: the team that it is for; `is_review`: it is a review
    of its leads. `sets_tasks`: whoever gets a lead gets a first task with it, with this text and due then, else as the
    regulation says.
    """

    schema_version: ClassVar = 2

    step: Step
    variant: Variant | None = None
    failure_reason: FailureReason | None = None
    sellers: tuple[Seller, ...]
    leads: int
    given: int
    total: Decimal
    greedy_given: int
    greedy_total: Decimal
    method: Method = Method.COMPATIBILITY
    team_id: UUID | None = None
    is_review: bool = False
    sets_tasks: bool = False
    task_text: Personal[str] = None
    task_due_at: datetime | None = None


class LinesPlanned(Event, topic="distribution.lines_planned"):
    """Some of the lines of a plan."""

    schema_version: ClassVar = 2

    lines: tuple[Line, ...]


class DistributionEdited(Event, topic="distribution.edited"):
    """A person gives a lead of the plan to another employee; without one the lead stays as it is."""

    client_id: UUID
    employee_id: UUID | None = None
    score: Decimal | None = None


class DistributionStarted(Event, topic="distribution.started"):
    """The plan is being applied, lead by lead."""


class LeadsDistributed(Event, topic="distribution.applied"):
    """Some leads were assigned as planned, or skipped because it was not possible any more."""

    assigned: tuple[UUID, ...]
    skipped: tuple[Skipped, ...] = ()


class DistributionFinished(Event, topic="distribution.finished"):
    """Every lead of the plan was assigned or skipped."""

    assigned: int
    skipped: int


DISTRIBUTION_EVENTS = (
    DistributionPlanned,
    LinesPlanned,
    DistributionEdited,
    DistributionStarted,
    LeadsDistributed,
    DistributionFinished,
)
"""All events of a distribution's stream."""
