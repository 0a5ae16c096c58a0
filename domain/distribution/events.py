"""What happens to a distribution. Its lines are spread over several events of at most `CHUNK` lines each."""

from decimal import Decimal
from uuid import UUID

from domain.distribution.lines import Line, Seller, Skipped
from domain.kernel import Event
from domain.types import FailureReason, Step, Variant

CHUNK = 1_000
"""Lines or leads in one event."""


class DistributionPlanned(Event, topic="distribution.planned"):
    """It was worked out who gets which lead; the lines follow in events of their own.

    `total` is the sum of the scores, `greedy_total` what a greedy pass would have reached. `failure_reason` is why
    those who work leads of the plan now have failed.
    """

    step: Step
    variant: Variant | None = None
    failure_reason: FailureReason | None = None
    sellers: tuple[Seller, ...]
    leads: int
    given: int
    total: Decimal
    greedy_given: int
    greedy_total: Decimal


class LinesPlanned(Event, topic="distribution.lines_planned"):
    """Some of the lines of a plan."""

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
