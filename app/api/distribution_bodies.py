"""Distributions as answers."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.api.people import EmployeeRef, employee_ref, optional_ref
from app.services import Services
from domain.distribution.lines import Line, Method, Reason
from domain.distribution.state import Distribution, Stage
from domain.types import FailureReason, Step, Variant


def _without_zeros(number: Decimal) -> Decimal:
    return Decimal(f"{number.normalize():f}")


Total = Annotated[
    Decimal,
    AfterValidator(_without_zeros),
    Field(description="Sum of the scores of the leads given", examples=["1520.4"]),
]


class Share(BaseModel):
    """What an employee gets of a distribution."""

    employee: EmployeeRef
    personality_type: str | None
    capacity: Annotated[int | None, Field(description="Clients he can work at a time; null: any number")]
    working: Annotated[int, Field(description="Clients he worked when it was planned")]
    under_review: Annotated[int, Field(description="Of those: leads of the plan; what goes to others makes room")]
    leads: Annotated[int, Field(description="Leads that he gets")]


class DistributionBody(BaseModel):
    """A distribution without its lines. Numbers are of leads, as it stands after all edits."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "5bc63c44-c4bf-4e9f-a238-9a4d05d25b23",
                    "version": 22,
                    "stage": "planned",
                    "step": "lead_generation",
                    "variant": "authoritarian",
                    "failure_reason": None,
                    "method": "compatibility",
                    "team_id": "e0a4c5a2-3f0b-4c55-8a12-6b0d9d1f7a55",
                    "is_review": False,
                    "sets_tasks": True,
                    "task_text": "Call and find out the type",
                    "task_due_at": None,
                    "planned_at": "2030-03-10T12:00:00Z",
                    "planned_by": {"id": "5c9a4a55-6a10-5f0a-9d8b-0d5f7f1e2b3c", "code": "head", "name": "Head"},
                    "finished_at": None,
                    "leads": 120,
                    "given": 100,
                    "unassigned": 20,
                    "left": {"no_capacity": 18, "nobody_left": 2},
                    "total": "84.2",
                    "greedy": {"given": 100, "total": "79.6"},
                    "assigned": 0,
                    "skipped": 0,
                    "employees": [],
                }
            ]
        }
    )

    id: UUID
    version: int
    stage: Stage
    step: Step
    variant: Variant | None
    failure_reason: FailureReason | None
    method: Method
    team_id: UUID | None
    is_review: Annotated[bool, Field(description="A review of the leads of the team")]
    sets_tasks: Annotated[bool, Field(description="Whoever gets a lead gets a first task with it")]
    task_text: Annotated[str | None, Field(description="Null: as the regulation says")]
    task_due_at: Annotated[datetime | None, Field(description="Null: in the time of the regulation")]
    planned_at: datetime
    planned_by: EmployeeRef
    finished_at: datetime | None
    leads: int
    given: Annotated[int, Field(description="Leads that get an employee")]
    unassigned: Annotated[int, Field(description="Leads that stay in the queue, or with whom works them")]
    left: Annotated[dict[Reason, int], Field(description="The unassigned ones, by the reason; each is in the lines")]
    total: Total
    greedy: Annotated[
        "Greedy | None",
        Field(description="What one pass would have reached, each lead to the best with room; null by territory"),
    ]
    assigned: Annotated[int, Field(description="Carried out so far")]
    skipped: Annotated[int, Field(description="Not possible any more when it was applied")]
    employees: list[Share]


class Greedy(BaseModel):
    """The result of a greedy pass over the same leads, for comparison."""

    given: int
    total: Total


class PlannedDistribution(DistributionBody):
    """A new distribution. Send `position` as `after` to read it in the list."""

    position: int


class DistributionEntry(BaseModel):
    """A distribution in the list; `given` and `total` as it was planned, before edits."""

    id: UUID
    stage: Stage
    planned_at: datetime
    planned_by: EmployeeRef
    step: Step
    variant: Variant | None
    team_id: UUID | None
    is_review: bool
    leads: int
    given: int
    edits: int
    total: Total
    greedy_total: Total
    assigned: int
    skipped: int
    finished_at: datetime | None


class DistributionList(BaseModel):
    """Distributions, the newest first."""

    items: list[DistributionEntry]
    next_cursor: str | None


class LineBody(BaseModel):
    """A lead of a plan, who gets it and why."""

    client_id: UUID
    client_name: str | None
    client_type: str | None
    owner: Annotated[EmployeeRef | None, Field(description="Who worked it when it was planned")]
    employee: Annotated[EmployeeRef | None, Field(description="Who gets it; null: it stays as it is")]
    score: Annotated[Decimal | None, Field(description="Of the pair of types")]
    reason: Annotated[
        Reason,
        Field(
            description="best_score: nobody suits better. better_ones_full: those who suit better are full. territory: "
            "it is his. edited: a person decided. no_capacity: everybody is full. nobody_left: all have failed with it."
        ),
    ]
    failure_reason: Annotated[FailureReason | None, Field(description="Why the owner has failed")]
    territory: Annotated[str | None, Field(description="The industry or region by which it is dealt out")]
    assigned: Annotated[bool | None, Field(description="Null: not carried out yet. False: skipped")]
    skipped_for: Annotated[str | None, Field(description="The code of the refusal", examples=["lead_changed"])]


class LineList(BaseModel):
    """Lines of a distribution, in order of the clients' ids."""

    items: list[LineBody]
    next_cursor: str | None


def distribution_body(services: Services, distribution: Distribution) -> DistributionBody:
    """The distribution as an answer."""
    assert distribution.planned_at is not None
    assert distribution.planned_by is not None
    leads, given, skipped = len(distribution.lines), distribution.given, distribution.skipped
    return DistributionBody(
        id=distribution.id,
        version=distribution.version,
        stage=distribution.stage,
        step=distribution.step,
        variant=distribution.variant,
        failure_reason=distribution.failure_reason,
        method=distribution.method,
        team_id=distribution.team_id,
        is_review=distribution.is_review,
        sets_tasks=distribution.sets_tasks,
        task_text=distribution.task_text,
        task_due_at=distribution.task_due_at,
        planned_at=distribution.planned_at,
        planned_by=employee_ref(services, distribution.planned_by),
        finished_at=distribution.finished_at,
        leads=leads,
        given=given,
        unassigned=leads - given,
        left=distribution.left(),
        total=distribution.total,
        greedy=_greedy(distribution),
        assigned=len(distribution.outcomes) - skipped,
        skipped=skipped,
        employees=[_share(services, distribution, employee_id) for employee_id in distribution.sellers],
    )


def _greedy(distribution: Distribution) -> Greedy | None:
    if distribution.method is Method.TERRITORY:
        return None
    return Greedy(given=distribution.greedy_given, total=distribution.greedy_total)


def _share(services: Services, distribution: Distribution, employee_id: UUID) -> Share:
    seller = distribution.sellers[employee_id]
    return Share(
        employee=employee_ref(services, employee_id),
        personality_type=seller.personality_type,
        capacity=seller.capacity,
        working=seller.working,
        under_review=seller.under_review,
        leads=distribution.loads.get(employee_id, 0),
    )


def line_body(services: Services, distribution: Distribution, line: Line, name: str | None) -> LineBody:
    """A line as an answer."""
    outcome = distribution.outcomes.get(line.client_id)
    return LineBody(
        client_id=line.client_id,
        client_name=name,
        client_type=line.client_type,
        owner=optional_ref(services, line.owner_id),
        employee=optional_ref(services, line.employee_id),
        score=line.score,
        reason=line.reason,
        failure_reason=(line.failure_reason or distribution.failure_reason) if line.owner_id else None,
        territory=line.territory,
        assigned=None if outcome is None else not outcome,
        skipped_for=outcome or None,
    )
