"""Distributions: what was planned, how far it has been applied."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Numeric, Text, Uuid

from domain.distribution.events import (
    DistributionEdited,
    DistributionFinished,
    DistributionPlanned,
    DistributionStarted,
    LeadsDistributed,
)
from domain.distribution.state import Stage
from domain.kernel import Event, Recorded
from projections.kernel import Row, View, view_table


class Summary(NamedTuple):
    """A distribution without its lines. Numbers are of leads; `given`, `total` as planned, before any editing."""

    id: UUID
    stage: str = Stage.PLANNED
    planned_at: datetime | None = None
    planned_by: UUID | None = None
    step: str = ""
    variant: str | None = None
    team_id: UUID | None = None
    is_review: bool = False
    leads: int = 0
    given: int = 0
    edits: int = 0
    total: Decimal = Decimal()
    greedy_total: Decimal = Decimal()
    assigned: int = 0
    skipped: int = 0
    finished_at: datetime | None = None


_INSTANT = DateTime(timezone=True)
DISTRIBUTIONS = view_table(
    "distributions",
    Column("stage", Text, nullable=False),
    Column("planned_at", _INSTANT, nullable=False),
    Column("planned_by", Uuid, nullable=False),
    Column("step", Text, nullable=False),
    Column("variant", Text),
    Column("team_id", Uuid),
    Column("is_review", Boolean, nullable=False),
    Column("leads", BigInteger, nullable=False),
    Column("given", BigInteger, nullable=False),
    Column("edits", BigInteger, nullable=False),
    Column("total", Numeric, nullable=False),
    Column("greedy_total", Numeric, nullable=False),
    Column("assigned", BigInteger, nullable=False),
    Column("skipped", BigInteger, nullable=False),
    Column("finished_at", _INSTANT),
    Index("distributions_newest", "planned_at", "id"),
    Index("distributions_stage", "stage"),
)


class DistributionsView(View[Summary]):
    """One row per distribution."""

    name: ClassVar = "distributions"
    revision: ClassVar = 2
    reads: ClassVar[frozenset[type[Event]]] = frozenset(
        {DistributionPlanned, DistributionEdited, DistributionStarted, LeadsDistributed, DistributionFinished}
    )
    table: ClassVar = DISTRIBUTIONS
    state_type = Summary

    def start(self, stream_id: UUID) -> Summary:
        return Summary(stream_id)

    def evolve(self, state: Summary, recorded: Recorded) -> Summary:
        match recorded.event:
            case DistributionPlanned() as event:
                return _planned(state, event, recorded)
            case DistributionEdited():
                return state._replace(edits=state.edits + 1)
            case LeadsDistributed(assigned=assigned, skipped=skipped):
                return state._replace(assigned=state.assigned + len(assigned), skipped=state.skipped + len(skipped))
            case DistributionFinished():
                return state._replace(stage=Stage.APPLIED.value, finished_at=recorded.occurred_at)
            case _:
                return state._replace(stage=Stage.APPLYING.value)

    def columns(self, state: Summary) -> Row:
        return state[1:]


def _planned(state: Summary, event: DistributionPlanned, recorded: Recorded) -> Summary:
    return state._replace(
        stage=Stage.PLANNED.value,
        planned_at=recorded.occurred_at,
        planned_by=recorded.actor,
        step=event.step.value,
        variant=event.variant.value if event.variant else None,
        team_id=event.team_id,
        is_review=event.is_review,
        leads=event.leads,
        given=event.given,
        total=event.total,
        greedy_total=event.greedy_total,
    )
