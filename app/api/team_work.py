"""Teams that work leads in one of the three variants: starting, leading and ending them, and what each has to do."""

from datetime import date, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from app.api.caller import Reader, services_of
from app.api.commands import Streams, command_route
from app.api.documented import problems_documented
from app.api.history import HistoryPage, HistoryQuery, history_of
from app.api.language import Language
from app.api.people import EmployeeRef, employee_ref, optional_ref
from app.api.reading import After, wait_for
from app.api.reports import ListPage, page_by
from app.auth import authorize
from app.execute import TEAM_WORK
from app.problems import Problem
from app.services import Services
from app.team_work import start_team_work
from domain.kernel import Actor
from domain.team_work.commands import ChangeTeam, EndTeamWork, HoldReview, SetTeamStage, StartTeamWork
from domain.team_work.duties import Duty, Whose, duties
from domain.team_work.events import TeamStage
from domain.team_work.state import TEAM_WORK_ID, Team
from domain.types import Step, Variant

router = APIRouter(tags=["Team work"])
NOT_FOUND = 404
UNKNOWN_TEAM = problems_documented({NOT_FOUND: ["unknown_team"]})
ONE_TEAM = "/team-work/{team_id}"
_add = partial(
    command_route,
    router,
    streams=Streams(TEAM_WORK, "team_work", begin=lambda _: TEAM_WORK_ID, action="lead_team"),
)


class DutyBody(BaseModel):
    """What is to be done at the team's stage."""

    code: str
    whose: tuple[Whose, ...]
    text: Annotated[str, Field(description="In English or Russian, by Accept-Language")]
    worklist: Annotated[str, Field(description="Where it is seen or done in the API")]


class TeamBody(BaseModel):
    """A team."""

    id: UUID
    variant: Variant
    step: Step
    stage: TeamStage
    department: str | None
    head: EmployeeRef
    deputy: EmployeeRef | None
    sellers: list[EmployeeRef]
    started_at: datetime
    ended_at: datetime | None
    review_on: Annotated[date | None, Field(description="Null: the leads are exchanged all the time, not reviewed")]
    review_overdue: Annotated[bool, Field(description="The day of the review has passed")]
    reviewed_at: datetime | None
    reviews: Annotated[tuple[UUID, ...], Field(description="The distributions that reviews have made, oldest first")]
    duties: list[DutyBody]


class TeamList(BaseModel):
    """Teams, the one that started last first."""

    items: list[TeamBody]
    next_cursor: str | None


@router.get("/team-work")
async def list_teams(
    request: Request,
    actor: Reader,
    language: Language,
    page: ListPage,
    at_work: Annotated[bool | None, Query(description="Only teams at work, or only those that ended")] = None,
    step: Step | None = None,
    variant: Variant | None = None,
    review_overdue: Annotated[
        bool | None, Query(description="Only those whose day of review has passed, or not")
    ] = None,
    after: After = None,
) -> TeamList:
    """The teams of the firm, each with its duties at the stage where it is."""
    services = await _opened(request, actor, after)
    teams = [
        team
        for team in reversed(list(services.directory.team_work.teams.values()))
        if at_work in {None, team.at_work}
        and step in {None, team.step}
        and variant in {None, team.variant}
        and review_overdue in {None, is_review_overdue(services, team)}
    ]
    shown, next_cursor = page_by(teams, page, "id")
    return TeamList(items=[_body(services, team, language) for team in shown], next_cursor=next_cursor)


@router.get(ONE_TEAM, responses=UNKNOWN_TEAM)
async def read_team(
    request: Request, actor: Reader, language: Language, team_id: UUID, after: After = None
) -> TeamBody:
    """One team. It is never behind."""
    services = await _opened(request, actor, after)
    return _body(services, await known_team(services, team_id), language)


@router.get("/team-work-history")
async def read_team_work_history(
    request: Request, actor: Reader, query: Annotated[HistoryQuery, Query()]
) -> HistoryPage:
    """All that happened to the teams of the firm, the newest first."""
    return await history_of(services_of(request), actor, TEAM_WORK_ID, query)


async def _opened(request: Request, actor: Actor, after: int | None) -> Services:
    services = services_of(request)
    authorize(actor, "read")
    await wait_for(services, (), after)
    await services.directory.refresh()
    return services


async def known_team(services: Services, team_id: UUID) -> Team:
    """The team with this id, as it is now, whichever process was told of it.

    Raises:
        Problem: `unknown_team`.
    """
    await services.directory.refresh()
    team = services.directory.team_work.teams.get(team_id)
    if team is None:
        raise Problem("unknown_team", status=NOT_FOUND, facts={"team_id": team_id})
    return team


def is_review_overdue(services: Services, team: Team) -> bool:
    """Whether the day of the team's next review has passed, where the firm is."""
    today = services.directory.today
    return bool(team.at_work and team.review_on and team.review_on < today)


def _body(services: Services, team: Team, language: str) -> TeamBody:
    return TeamBody(
        id=team.id,
        variant=team.variant,
        step=team.step,
        stage=team.stage,
        department=team.department,
        head=employee_ref(services, team.head_id),
        deputy=optional_ref(services, team.deputy_id),
        sellers=[employee_ref(services, key) for key in team.seller_ids],
        started_at=team.started_at,
        ended_at=team.ended_at,
        review_on=team.review_on,
        review_overdue=is_review_overdue(services, team),
        reviewed_at=team.reviewed_at,
        reviews=team.reviews,
        duties=[_duty(team, each, language) for each in duties(team.variant, team.stage)] if team.at_work else [],
    )


def _duty(team: Team, duty: Duty, language: str) -> DutyBody:
    inside = not duty.worklist.startswith("/")
    return DutyBody(
        code=duty.code,
        whose=duty.whose,
        text=duty.russian if language == "ru" else duty.english,
        worklist=f"/team-work/{team.id}/{duty.worklist}" if inside else duty.worklist,
    )


_add("/team-work", StartTeamWork, creates="team_id", carry_out=start_team_work)
_add(ONE_TEAM + "/change", ChangeTeam)
_add(ONE_TEAM + "/stage", SetTeamStage)
_add(ONE_TEAM + "/hold-review", HoldReview)
_add(ONE_TEAM + "/end", EndTeamWork)
