"""A distribution as decisions see it: one stream each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.distribution.events import (
    DistributionEdited,
    DistributionFinished,
    DistributionPlanned,
    DistributionStarted,
    LeadsDistributed,
    LinesPlanned,
)
from domain.distribution.lines import Line, Reason, Seller
from domain.kernel import Recorded
from domain.types import FailureReason, Step, Variant


class Stage(StrEnum):
    """How far a distribution is. While it is planned it may be edited."""

    PLANNED = "planned"
    APPLYING = "applying"
    APPLIED = "applied"


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution. `outcomes`: by lead, empty where it was assigned, else the code for which it was skipped."""

    id: UUID
    version: int = 0
    planned_at: datetime | None = None
    planned_by: UUID | None = None
    started_by: UUID | None = None
    finished_at: datetime | None = None
    stage: Stage = Stage.PLANNED
    step: Step = Step.LEAD_GENERATION
    variant: Variant | None = None
    failure_reason: FailureReason | None = None
    sellers: Mapping[UUID, Seller] = field(default_factory=dict[UUID, Seller])
    lines: Mapping[UUID, Line] = field(default_factory=dict[UUID, Line])
    loads: Mapping[UUID, int] = field(default_factory=dict[UUID, int])
    total: Decimal = Decimal()
    greedy_total: Decimal = Decimal()
    greedy_given: int = 0
    outcomes: Mapping[UUID, str] = field(default_factory=dict[UUID, str])

    @staticmethod
    def empty(stream_id: UUID) -> "Distribution":
        """Before it was planned."""
        return Distribution(stream_id)

    @property
    def given(self) -> int:
        """How many leads get an employee."""
        return sum(self.loads.values())

    @property
    def skipped(self) -> int:
        """How many leads were skipped so far."""
        return sum(map(bool, self.outcomes.values()))

    def pending(self) -> list[Line]:
        """The lines that are still to be carried out, in order of the clients' ids."""
        return [line for key, line in self.lines.items() if line.employee_id and key not in self.outcomes]

    def has_room(self, employee_id: UUID) -> bool:
        """Whether the employee can take one more lead of the plan."""
        free = self.sellers[employee_id].free
        return free is None or self.loads.get(employee_id, 0) < free

    def evolve(self, recorded: Recorded) -> "Distribution":
        """The distribution after one more event."""
        return replace(self._after(recorded), version=recorded.version)

    def _after(self, recorded: Recorded) -> "Distribution":
        match recorded.event:
            case DistributionPlanned() as event:
                return self._planned(event, recorded)
            case LinesPlanned(lines=lines):
                return self._with({**self.lines, **{line.client_id: line for line in lines}})
            case DistributionEdited() as event:
                return self._edited(event)
            case LeadsDistributed(assigned=assigned, skipped=skipped):
                codes = {lead.client_id: lead.code for lead in skipped}
                return replace(self, outcomes={**self.outcomes, **dict.fromkeys(assigned, ""), **codes})
            case _:
                return self._moved(recorded)

    def _moved(self, recorded: Recorded) -> "Distribution":
        """On to the next stage."""
        match recorded.event:
            case DistributionStarted():
                return replace(self, stage=Stage.APPLYING, started_by=recorded.actor)
            case DistributionFinished():
                return replace(self, stage=Stage.APPLIED, finished_at=recorded.occurred_at)
            case _:
                return self

    def _planned(self, event: DistributionPlanned, recorded: Recorded) -> "Distribution":
        return replace(
            self,
            planned_at=recorded.occurred_at,
            planned_by=recorded.actor,
            step=event.step,
            variant=event.variant,
            failure_reason=event.failure_reason,
            sellers={seller.employee_id: seller for seller in event.sellers},
            greedy_total=event.greedy_total,
            greedy_given=event.greedy_given,
        )

    def _edited(self, event: DistributionEdited) -> "Distribution":
        changed = {"employee_id": event.employee_id, "score": event.score, "reason": Reason.EDITED}
        line = self.lines[event.client_id].model_copy(update=changed)
        return self._with({**self.lines, event.client_id: line})

    def _with(self, lines: Mapping[UUID, Line]) -> "Distribution":
        loads: dict[UUID, int] = {}
        total = Decimal()
        for line in lines.values():
            if line.employee_id:
                loads[line.employee_id] = loads.get(line.employee_id, 0) + 1
                total += line.score or 0
        return replace(self, lines=lines, loads=loads, total=total)
