"""Distributions: planning, editing and applying them, and reading them with their lines."""

from enum import StrEnum
from functools import partial
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response

from app.api import BASE
from app.api.caller import COMMAND_HEADERS, REPLAYED_HEADER, Caller, Reader, services_of
from app.api.commands import NOT_FOUND, Streams, command_route
from app.api.distribution_bodies import (
    DistributionBody,
    DistributionEntry,
    DistributionList,
    LineList,
    PlannedDistribution,
    distribution_body,
    line_body,
)
from app.api.documented import problems_documented
from app.api.people import employee_ref
from app.api.reading import WAIT_SECONDS, After, Reading, reader, wait_for
from app.api.reports import ListPage, cursors_checked
from app.auth import authorize
from app.distribution.orders import DistributionOrder
from app.distribution.planning import plan_distribution
from app.distribution.runs import DistributionRuns
from app.errors import RETRY_SOON
from app.execute import DISTRIBUTION, Call, Outcome
from app.problems import Problem
from app.services import Services
from domain.distribution.commands import ApplyDistribution, EditDistribution, RecordPlan
from domain.distribution.lines import Line
from domain.distribution.state import Distribution, Stage
from domain.kernel import Actor, Refused
from projections.clients import ClientsView
from projections.distributions import DistributionsView
from projections.distributions_query import Wanted, distributions
from projections.leads_query import names
from projections.paging import Page, cursor_of, values_of
from projections.team_leads import TeamLeadsView

router = APIRouter(tags=["Distributions"])
CREATED, ACCEPTED, REFUSED = 201, 202, 409
_ONE = "/distributions/{distribution_id}"
_READ_TO_PLAN = (ClientsView.name, TeamLeadsView.name)
_streams = Streams(
    DISTRIBUTION, "distribution", begin=lambda _: uuid4(), refusals=("in_future", "unknown_distribution")
)
_add = partial(command_route, router, streams=_streams)
_UNKNOWN = problems_documented({NOT_FOUND: ["unknown_distribution"]})
_NOT_OF_APPLYING = {"in_future", "unknown_distribution"}
DistributionReading = Annotated[Reading, reader(DistributionsView.name)]


@router.post(
    "/distributions",
    status_code=CREATED,
    responses=problems_documented(
        {REFUSED: [code for code in RecordPlan.refusals if code != "in_future"]},
        "view_behind",
        "body_too_large",
        "forbidden",
    ),
    openapi_extra={"parameters": COMMAND_HEADERS},
)
async def plan_leads(
    request: Request, response: Response, call: Caller, order: DistributionOrder | None = None
) -> PlannedDistribution:
    """Work out who gets which lead, so that types suit one another best under everybody's capacity.

    By compatibility the plan has the largest total of scores that is possible; among equal ones it gives away the most
    leads, and spreads them most evenly. By territory an industry or region stays in one hand as long as he has room.
    Nobody gets a lead that he has failed with. Nothing is assigned until it is applied.

    Those who prepare sales may; over the sellers of a team its head and deputy too, even if they sell.
    """
    services, order = services_of(request), order or DistributionOrder()
    await _authorize(services, call.actor, order.team_id)
    await up_to_date(services)
    return await planned(services, await plan_distribution(services, order, call), response)


async def planned(services: Services, outcome: Outcome, response: Response) -> PlannedDistribution:
    """The answer to a plan that was made."""
    distribution = await services.executor.read(DISTRIBUTION, UUID(outcome.answer["id"]))
    _put_headers(response, outcome)
    response.headers["Location"] = f"{BASE}/distributions/{distribution.id}"
    body = distribution_body(services, distribution)
    return PlannedDistribution(**dict(body), position=outcome.answer["position"])


async def up_to_date(services: Services) -> None:
    """Wait until the views that a plan is made from know everything that has happened so far."""
    head = await services.store.head()
    if not await services.projector.wait_for(_READ_TO_PLAN, head, WAIT_SECONDS):
        raise Problem("view_behind", facts={"after": head, "views": _READ_TO_PLAN}, headers=RETRY_SOON)


def _put_headers(response: Response, outcome: Outcome) -> None:
    response.headers["ETag"] = f'"{outcome.answer["version"]}"'
    if outcome.replayed:
        response.headers[REPLAYED_HEADER] = "true"


async def _edit(services: Services, distribution_id: UUID | None, command: EditDistribution, call: Call) -> Outcome:
    assert distribution_id is not None
    await _authorize_change(services, call.actor, distribution_id)
    return await services.executor.execute(DISTRIBUTION, distribution_id, command, call)


async def _authorize_change(services: Services, actor: Actor, distribution_id: UUID) -> None:
    """Whatever is planned is changed and applied by who may plan it."""
    distribution = await services.executor.read(DISTRIBUTION, distribution_id)
    if distribution.is_review:
        authorize(actor, "lead_team")
    else:
        await _authorize(services, actor, distribution.team_id)


async def _authorize(services: Services, actor: Actor, team_id: UUID | None) -> None:
    await services.directory.refresh()
    team = services.directory.team_work.teams.get(team_id) if team_id else None
    authorize(actor, "distribute", leaders=team.leaders if team else ())


_add(_ONE + "/edit", EditDistribution, carry_out=_edit)


@router.post(
    _ONE + "/apply",
    status_code=ACCEPTED,
    responses=problems_documented(
        {
            REFUSED: [code for code in ApplyDistribution.refusals if code not in _NOT_OF_APPLYING],
            NOT_FOUND: ["unknown_distribution"],
        },
        "version_stale",
        "forbidden",
    ),
    openapi_extra={"parameters": COMMAND_HEADERS},
)
async def apply_distribution(
    request: Request, response: Response, call: Caller, distribution_id: UUID
) -> DistributionBody:
    """Assign the leads as planned, in the background; the answers to GET show how far it has come.

    A lead that was assigned otherwise since, or whose employee has left, is skipped and listed with the reason. It is
    applied by who may plan it.
    """
    services = services_of(request)
    await _authorize_change(services, call.actor, distribution_id)
    try:
        outcome = await services.executor.execute(DISTRIBUTION, distribution_id, ApplyDistribution(), call)
    except Refused as refused:
        if refused.code == "unknown_distribution":
            raise Problem(refused.code, status=NOT_FOUND, facts=refused.facts) from None
        raise
    runs: DistributionRuns = request.app.state.distributions
    runs.start(distribution_id)
    _put_headers(response, outcome)
    return distribution_body(services, await services.executor.read(DISTRIBUTION, distribution_id))


@router.get("/distributions")
async def list_distributions(
    reading: DistributionReading, page: ListPage, stage: Stage | None = None, team_id: UUID | None = None
) -> DistributionList:
    """What was planned and applied."""
    with cursors_checked():
        found = await distributions(reading.connection, Wanted(stage, team_id), page)
    items = [
        DistributionEntry(planned_by=employee_ref(reading.services, item.pop("planned_by")), **item)
        for item in found.items
    ]
    return DistributionList(items=items, next_cursor=found.next_cursor)


@router.get(_ONE, responses=_UNKNOWN)
async def read_distribution(
    request: Request, actor: Reader, distribution_id: UUID, after: After = None
) -> DistributionBody:
    """A distribution: what was planned, per employee, and how far it was applied. It is never behind."""
    services = services_of(request)
    authorize(actor, "read")
    await wait_for(services, (), after)
    return distribution_body(services, await _known(services, distribution_id))


async def _known(services: Services, distribution_id: UUID) -> Distribution:
    found = await services.executor.read(DISTRIBUTION, distribution_id)
    if not found.version:
        raise Problem("unknown_distribution", status=NOT_FOUND, facts={"id": distribution_id})
    return found


class LineState(StrEnum):
    """Which lines to list."""

    GIVEN = "given"
    UNASSIGNED = "unassigned"
    PENDING = "pending"
    ASSIGNED = "assigned"
    SKIPPED = "skipped"


@router.get(_ONE + "/lines", responses=_UNKNOWN)
async def list_lines(
    reading: Annotated[Reading, reader(TeamLeadsView.name)],
    distribution_id: UUID,
    page: ListPage,
    employee_id: Annotated[UUID | None, Query(description="Only leads that he gets")] = None,
    state: Annotated[
        LineState | None,
        Query(description="given: to an employee; unassigned: to nobody; pending, assigned, skipped: when applied"),
    ] = None,
) -> LineList:
    """The leads of a distribution, each with who gets it, the score and the reason."""
    services = reading.services
    distribution = await _known(services, distribution_id)
    with cursors_checked():
        lines = _page(distribution, employee_id, state, page)
    shown = lines[: page.limit]
    called = await names(reading.connection, [line.client_id for line in shown])
    return LineList(
        items=[line_body(services, distribution, line, called.get(line.client_id)) for line in shown],
        next_cursor=cursor_of((shown[-1].client_id,)) if len(lines) > page.limit else None,
    )


def _page(distribution: Distribution, employee_id: UUID | None, state: LineState | None, page: Page) -> list[Line]:
    """The lines of a page, and one more if there is another page."""
    last: UUID | None = values_of(page.cursor, (UUID,))[0] if page.cursor else None
    found: list[Line] = []
    for line in distribution.lines.values():
        wanted = employee_id is None or line.employee_id == employee_id
        if wanted and (last is None or line.client_id > last) and _is_in(distribution, line, state):
            found.append(line)
            if len(found) > page.limit:
                break
    return found


def _is_in(distribution: Distribution, line: Line, state: LineState | None) -> bool:
    outcome = distribution.outcomes.get(line.client_id)
    match state:
        case None:
            return True
        case LineState.GIVEN:
            return line.employee_id is not None
        case LineState.UNASSIGNED:
            return line.employee_id is None
        case LineState.PENDING:
            return line.employee_id is not None and outcome is None
        case LineState.ASSIGNED | LineState.SKIPPED:
            return outcome is not None and bool(outcome) == (state is LineState.SKIPPED)
