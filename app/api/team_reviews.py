"""The review of a team: planned here, then edited and applied as every distribution."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.api.caller import COMMAND_HEADERS, Caller, services_of
from app.api.distribution_bodies import PlannedDistribution
from app.api.distributions import CREATED, REFUSED, planned, up_to_date
from app.api.documented import problems_documented
from app.api.team_work import NOT_FOUND, ONE_TEAM
from app.auth import authorize
from app.distribution.orders import ReviewOrder
from app.distribution.reviewing import plan_review
from app.problems import Problem
from domain.distribution.commands import RecordPlan
from domain.kernel import Refused

router = APIRouter(tags=["Team work"])


@router.post(
    ONE_TEAM + "/reviews",
    status_code=CREATED,
    responses=problems_documented(
        {
            REFUSED: [code for code in RecordPlan.refusals if code not in {"in_future", "unknown_team"}],
            NOT_FOUND: ["unknown_team"],
        },
        "forbidden",
        "view_behind",
        "body_too_large",
    ),
    openapi_extra={"parameters": COMMAND_HEADERS},
)
async def plan_team_review(
    request: Request, response: Response, call: Caller, team_id: UUID, order: ReviewOrder
) -> PlannedDistribution:
    """Work out to whom the leads of the team without a contract go, so that types suit one another best.

    Nobody gets a lead back that he has failed with; a lead that nobody is left for, or that nobody has room for, stays
    with its owner and is named in the lines. What goes to others makes room for what comes. The plan is edited and
    applied as every distribution: then each client gets the reason of failure, the new owner and his first task, and
    the team the day of its next review.
    """
    services = services_of(request)
    authorize(call.actor, "lead_team")
    await up_to_date(services)
    try:
        outcome = await plan_review(services, team_id, order, call)
    except Refused as refused:
        if refused.code == "unknown_team":
            raise Problem(refused.code, status=NOT_FOUND, facts=refused.facts) from None
        raise
    return await planned(services, outcome, response)
