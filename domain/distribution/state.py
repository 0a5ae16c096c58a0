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
from domain.distribution.lines import Line, Method, Reason, Seller
from domain.kernel import Recorded
from domain.types import FailureReason, Step, Variant


class Stage(StrEnum):
    """How far a distribution is. While it is planned it may be edited."""

    PLANNED = "planned"
    APPLYING = "applying"
    APPLIED = "applied"


_PLANNED = (
    "step",
    "variant",
    "failure_reason",
    "greedy_total",
    "greedy_given",
    "method",
    "team_id",
    "is_review",
    "sets_tasks",
    "task_text",
    "task_due_at",
)
"""What a distribution keeps of its plan as it is."""


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
    method: Method = Method.COMPATIBILITY
    team_id: UUID | None = None
    is_review: bool = False
    sets_tasks: bool = False
    task_text: str | None = None
    task_due_at: datetime | None = None
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
        """Whether the employee can take one more lead of the plan; what stays with him under a review takes room."""
        seller = self.sellers[employee_id]
        staying = self._staying(employee_id) if seller.under_review else 0
        return seller.free is None or self.loads.get(employee_id, 0) + staying < seller.free

    def _staying(self, employee_id: UUID) -> int:
        return sum(line.owner_id == employee_id and line.employee_id is None for line in self.lines.values())

    def may_stay(self, line: Line) -> bool:
        """Whether the lead can stay with its owner: others may have got the room that it would have made."""
        owner = self.sellers.get(line.owner_id) if line.owner_id else None
        return owner is None or not owner.under_review or self.has_room(owner.employee_id)

    def left(self) -> dict[Reason, int]:
        """How many leads nobody gets, by the reason."""
        left: dict[Reason, int] = {}
        for line in self.lines.values():
            if line.employee_id is None:
                left[line.reason] = left.get(line.reason, 0) + 1
        return left

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
            sellers={seller.employee_id: seller for seller in event.sellers},
            **{name: getattr(event, name) for name in _PLANNED},
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
