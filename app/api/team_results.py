"""The last two stages of team work: results by seller and by lead, and who keeps tasks and deadlines."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.exchanges_view import LeadReading
from app.api.people import EmployeeRef, employee_ref
from app.api.reading import Reading, reader
from app.api.reports import ListPage, ReportPeriod, cursors_checked, page_by
from app.api.tasks_view import TaskFiguresBody, TaskPage, WorkTaskBody, named_people
from app.api.team_leads_view import Seller, sellers_of
from app.api.team_work import ONE_TEAM, UNKNOWN_TEAM, is_review_overdue, known_team
from domain.team_work.state import Team
from domain.types import FailureReason, Step, Variant
from projections.exchanges_query import overdue_offers
from projections.period import Period
from projections.tasks import TasksView
from projections.tasks_query import TaskFigures, TaskState, task_figures, tasks, without_next_step_by_owner
from projections.tasks_query import Wanted as WantedTasks
from projections.team_leads import TeamLeadsView
from projections.team_leads_query import Behind, Outcome, Worked, results, results_behind

router = APIRouter(tags=["Team work"])


class ResultFigures(BaseModel):
    """Leads that were worked within the period; a lead that came back to a seller counts again."""

    leads: int = 0
    working: Annotated[int, Field(description="Still worked")] = 0
    won: Annotated[int, Field(description="The first deal was won, in whichever step")] = 0
    won_not_handed_on: Annotated[int, Field(description="Of those won and still worked: contracts to hand on")] = 0
    handed_on: Annotated[int, Field(description="Accepted by the next step")] = 0
    handed_back: int = 0
    redistributed: Annotated[int, Field(description="Given to another seller")] = 0
    lost: int = 0
    incomplete: Annotated[int, Field(description="Of those still worked: the card lacks something")] = 0
    failed_by_reason: dict[FailureReason, int] = {}


class SellerResult(ResultFigures):
    """The results of a seller."""

    employee: EmployeeRef


class TeamResults(BaseModel):
    """The results of a team, in the order of its sellers."""

    items: list[SellerResult]
    next_cursor: str | None
    total: ResultFigures


@router.get(ONE_TEAM + "/results", responses=UNKNOWN_TEAM)
async def report_team_results(reading: LeadReading, page: ListPage, team_id: UUID, period: ReportPeriod) -> TeamResults:
    """What came of the leads that the sellers of the team worked; without a period, since the team is at work."""
    team = await known_team(reading.services, team_id)
    found = await results(reading.connection, Worked(team.step, team.seller_ids, _period(team, period)))
    items, next_cursor = page_by(
        [_result(reading, key, found.get(key, {})) for key in team.seller_ids], page, "employee"
    )
    return TeamResults(items=items, next_cursor=next_cursor, total=_total(found))


def _period(team: Team, asked: Period) -> Period:
    return asked if asked.start or asked.end else Period(team.started_at, team.ended_at)


def _result(reading: Reading, employee_id: UUID, figures: dict[str, Any]) -> SellerResult:
    known = {name: value for name, value in figures.items() if name != "employee_id"}
    return SellerResult(employee=employee_ref(reading.services, employee_id), **known)


def _total(found: Mapping[UUID, Mapping[str, Any]]) -> ResultFigures:
    counted = [name for name in ResultFigures.model_fields if name != "failed_by_reason"]
    reasons: dict[FailureReason, int] = {}
    for each in found.values():
        for reason, count in each.get("failed_by_reason", {}).items():
            reasons[reason] = reasons.get(reason, 0) + count
    sums = {name: sum(each[name] for each in found.values()) for name in counted}
    return ResultFigures(**sums, failed_by_reason=reasons)


class LeadResult(BaseModel):
    """What came of a seller's work on a lead."""

    client_id: UUID
    client_name: str | None
    step: Step
    employee: EmployeeRef
    variant: Variant | None
    since: datetime
    until: datetime | None
    outcome: Outcome
    failure_reason: FailureReason | None
    won_at: datetime | None
    missing: Annotated[tuple[str, ...], Field(description="What the card lacks now")]


class LeadResultPage(BaseModel):
    """Work on leads, what began first first."""

    items: list[LeadResult]
    next_cursor: str | None


@router.get(ONE_TEAM + "/results/leads", responses=UNKNOWN_TEAM)
async def list_team_results(
    reading: LeadReading,
    page: ListPage,
    team_id: UUID,
    period: ReportPeriod,
    seller_id: Seller = None,
    outcome: Outcome | None = None,
    won: bool | None = None,
    incomplete: Annotated[bool | None, Query(description="Still worked, and the card lacks something")] = None,
) -> LeadResultPage:
    """The leads behind the results. What is won and still worked has to be handed on; incomplete cards, completed."""
    team = await known_team(reading.services, team_id)
    worked = Worked(team.step, sellers_of(team, seller_id), _period(team, period))
    with cursors_checked():
        found = await results_behind(reading.connection, Behind(worked, outcome, won, incomplete), page)
    items = [
        LeadResult(employee=employee_ref(reading.services, each.pop("employee_id")), **each) for each in found.items
    ]
    return LeadResultPage(items=items, next_cursor=found.next_cursor)


class SellerDeadlines(TaskFiguresBody):
    """How a seller keeps tasks and deadlines."""

    employee: EmployeeRef
    without_next_step: Annotated[int, Field(description="Clients in work that he has no open task for")]
    offers_overdue: Annotated[int, Field(description="Leads that he offered and nobody answered in time")]


class TeamDeadlines(BaseModel):
    """The head's control over tasks and deadlines; those with most overdue tasks first."""

    review_on: date | None
    review_overdue: bool
    items: list[SellerDeadlines]
    next_cursor: str | None


ControlReading = Annotated[Reading, reader(TasksView.name, TeamLeadsView.name)]


@router.get(ONE_TEAM + "/deadlines", responses=UNKNOWN_TEAM)
async def report_team_deadlines(
    reading: ControlReading, page: ListPage, team_id: UUID, due: ReportPeriod
) -> TeamDeadlines:
    """Tasks that are due within the period, leads without a next step and offers without an answer, by seller."""
    team, connection = await known_team(reading.services, team_id), reading.connection
    figures = await task_figures(connection, WantedTasks(TaskState.ALL, team.seller_ids, due=due), reading.now)
    idle = await without_next_step_by_owner(connection, team.seller_ids)
    offers = await overdue_offers(connection, team.seller_ids, reading.now)
    items = [
        SellerDeadlines(
            employee=employee_ref(reading.services, key),
            without_next_step=idle.get(key, 0),
            offers_overdue=offers.get(key, 0),
            **figures.get(key, TaskFigures())._asdict(),
        )
        for key in team.seller_ids
    ]
    items.sort(key=lambda each: (-each.overdue, -each.open))
    overdue = is_review_overdue(reading.services, team)
    shown, next_cursor = page_by(items, page, "employee")
    return TeamDeadlines(review_on=team.review_on, review_overdue=overdue, items=shown, next_cursor=next_cursor)


@router.get(ONE_TEAM + "/tasks", responses=UNKNOWN_TEAM)
async def list_team_tasks(
    reading: Annotated[Reading, reader(TasksView.name, in_time=True)],
    page: ListPage,
    due: ReportPeriod,
    team_id: UUID,
    seller_id: Seller = None,
    state: TaskState = TaskState.OPEN,
    overdue: bool | None = None,
) -> TaskPage:
    """The tasks of the team's sellers that are due within the period, the earliest due first."""
    team = await known_team(reading.services, team_id)
    wanted = WantedTasks(state, sellers_of(team, seller_id), overdue=overdue, due=due)
    with cursors_checked():
        found = await tasks(reading.connection, wanted, page, reading.now)
    items = [WorkTaskBody(**named_people(reading.services, item)) for item in found.items]
    return TaskPage(items=items, next_cursor=found.next_cursor)
