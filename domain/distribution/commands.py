"""The commands on a distribution. What is planned and how far applying has come is recorded by the service itself."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import ClassVar
from uuid import UUID

from domain.distribution.events import (
    CHUNK,
    DistributionEdited,
    DistributionFinished,
    DistributionPlanned,
    DistributionStarted,
    LeadsDistributed,
    LinesPlanned,
)
from domain.distribution.lines import Line, Method, Seller, Skipped
from domain.distribution.state import Distribution, Stage
from domain.employee import working_employee
from domain.kernel import Command, Event, Refused
from domain.regulation.state import RuleContext
from domain.team_work.commands import reviewed_team
from domain.team_work.state import TEAM_WORK_ID, Team, TeamWork
from domain.types import FailureReason, Step, Variant

MOST_LEADS = 50_000
"""Leads in one plan or review: for so many it is worked out in some seconds, even where no two leads are alike."""


def refuse_impossible(leads: int, sellers: int) -> None:
    """Refuse a plan without leads, without employees, or with too many leads."""
    if not leads:
        raise Refused("no_leads")
    if not sellers:
        raise Refused("no_employees_to_give_to")
    if leads > MOST_LEADS:
        raise Refused("too_many_leads", at_most=MOST_LEADS)


class RecordPlan(Command):
    """Record who is to get which lead, as it was worked out."""

    step: Step
    variant: Variant | None = None
    failure_reason: FailureReason | None = None
    sellers: tuple[Seller, ...]
    lines: tuple[Line, ...]
    total: Decimal
    greedy_total: Decimal
    greedy_given: int
    method: Method = Method.COMPATIBILITY
    team_id: UUID | None = None
    is_review: bool = False
    sets_tasks: bool = False
    task_text: str | None = None
    task_due_at: datetime | None = None

    refusals: ClassVar = (
        "in_future",
        "no_leads",
        "no_employees_to_give_to",
        "too_many_leads",
        "unknown_team",
        "team_work_ended",
        "variant_without_reviews",
        "unknown_employee",
        "employee_left",
        "employee_not_in_step",
        "before_its_cause",
    )

    def decide(self, distribution: Distribution, context: RuleContext) -> list[Event]:
        refuse_impossible(len(self.lines), len(self.sellers))
        _team(self.team_id, self.is_review, context)
        for seller in self.sellers:
            working_employee(seller.employee_id, self.step, context)
        facts = {name: getattr(self, name) for name in type(self).model_fields if name not in {"lines", "occurred_at"}}
        given = sum(line.employee_id is not None for line in self.lines)
        planned = DistributionPlanned(leads=len(self.lines), given=given, **facts)
        return [planned, *(LinesPlanned(lines=some) for some in _chunks(self.lines))]


def _team(team_id: UUID | None, is_review: bool, context: RuleContext) -> Team | None:
    """The team of a distribution, if it has one; refused unless it is at work, and is reviewed where this is one."""
    if team_id is None:
        return None
    team_work = context.known(TeamWork, TEAM_WORK_ID) or TeamWork.empty(TEAM_WORK_ID)
    return reviewed_team(team_work, team_id, context) if is_review else team_work.get(team_id, context)


def _chunks(lines: Iterable[Line]) -> Iterator[tuple[Line, ...]]:
    rest = iter(lines)
    while some := tuple(islice(rest, CHUNK)):
        yield some


def _refuse_unless(stage: Stage, distribution: Distribution) -> None:
    if not distribution.version:
        raise Refused("unknown_distribution", id=distribution.id)
    if distribution.stage is not stage:
        raise Refused("distribution_in_other_stage", stage=distribution.stage, needed=stage)


class EditDistribution(Command):
    """Give a lead of the plan to another of its employees, or, without an employee, leave it as it is."""

    client_id: UUID
    employee_id: UUID | None = None

    refusals: ClassVar = (
        "in_future",
        "unknown_distribution",
        "distribution_in_other_stage",
        "lead_not_in_plan",
        "employee_not_in_plan",
        "nothing_to_change",
        "failed_with_lead",
        "no_capacity_left",
    )
    examples: ClassVar = (
        {
            "client_id": "c4bbc059-f74b-4971-8825-d4ca407cd006",
            "employee_id": "7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11",
        },
        {"client_id": "c4bbc059-f74b-4971-8825-d4ca407cd006", "employee_id": None},
    )

    def decide(self, distribution: Distribution, context: RuleContext) -> list[Event]:
        _refuse_unless(Stage.PLANNED, distribution)
        line = distribution.lines.get(self.client_id)
        if line is None:
            raise Refused("lead_not_in_plan", client_id=self.client_id)
        if line.employee_id == self.employee_id:
            raise Refused("nothing_to_change", client_id=self.client_id, employee_id=self.employee_id)
        if self.employee_id is None:
            if not distribution.may_stay(line):
                raise Refused("no_capacity_left", employee_id=line.owner_id)
            return [DistributionEdited(client_id=self.client_id)]
        seller = self._seller(distribution, line)
        score = context.regulation.compatibility.score(seller.personality_type, line.client_type)
        return [DistributionEdited(client_id=self.client_id, employee_id=seller.employee_id, score=score)]

    def _seller(self, distribution: Distribution, line: Line) -> Seller:
        """The employee, if he may get the lead and has room for it."""
        seller = distribution.sellers.get(self.employee_id) if self.employee_id else None
        if seller is None:
            raise Refused("employee_not_in_plan", employee_id=self.employee_id)
        if seller.employee_id in line.barred:
            raise Refused("failed_with_lead", client_id=self.client_id, employee_id=self.employee_id)
        if not distribution.has_room(seller.employee_id):
            raise Refused("no_capacity_left", employee_id=self.employee_id, free=seller.free)
        return seller


class ApplyDistribution(Command):
    """Begin to assign the leads as planned. A review that was held by another plan since is not held again."""

    refusals: ClassVar = (
        "in_future",
        "unknown_distribution",
        "distribution_in_other_stage",
        "unknown_team",
        "team_work_ended",
        "before_its_cause",
        "variant_without_reviews",
        "review_outdated",
    )

    def decide(self, distribution: Distribution, context: RuleContext) -> list[Event]:
        _refuse_unless(Stage.PLANNED, distribution)
        team = _team(distribution.team_id, distribution.is_review, context)
        if distribution.is_review and team and team.reviewed_at and distribution.planned_at:
            _refuse_unless_newer(distribution.planned_at, team.reviewed_at)
        return [DistributionStarted()]


def _refuse_unless_newer(planned_at: datetime, reviewed_at: datetime) -> None:
    if reviewed_at >= planned_at:
        raise Refused("review_outdated", planned_at=planned_at, reviewed_at=reviewed_at)


class RecordDistributed(Command):
    """Record which leads were assigned and which were skipped; after the last one the distribution is finished."""

    assigned: tuple[UUID, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    refusals: ClassVar = ("in_future", "unknown_distribution", "distribution_in_other_stage")

    def decide(self, distribution: Distribution, context: RuleContext) -> list[Event]:
        _refuse_unless(Stage.APPLYING, distribution)
        done = {*self.assigned, *(lead.client_id for lead in self.skipped)}
        made: list[Event] = [LeadsDistributed(assigned=self.assigned, skipped=self.skipped)] if done else []
        if not any(line.client_id not in done for line in distribution.pending()):
            skipped = distribution.skipped + len(self.skipped)
            assigned = len(distribution.outcomes) - distribution.skipped + len(self.assigned)
            made.append(DistributionFinished(assigned=assigned, skipped=skipped))
        return made
