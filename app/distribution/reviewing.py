"""Plans the review of a team: its leads without a contract go to other sellers of the team, by compatibility."""

import asyncio
from collections import Counter
from uuid import UUID, uuid4

from app.distribution.orders import ReviewOrder, tasks_of
from app.distribution.planning import check_named, figures, solve
from app.distribution.sellers import sellers_of_plan, under_review
from app.execute import DISTRIBUTION, Call, Outcome
from app.problems import invalid
from app.services import Services
from domain.distribution.commands import MOST_LEADS, RecordPlan, refuse_impossible
from domain.distribution.problem import Lead, plan
from domain.team_work.state import Team
from domain.types import FailureReason
from projections.team_leads_query import UnderReview, Wanted
from projections.team_leads_query import under_review as leads_under_review


async def plan_review(services: Services, team_id: UUID, order: ReviewOrder, call: Call) -> Outcome:
    """Work out who gets which lead of the team, and record it as a new distribution.

    Raises:
        Refused: the team is unknown, has ended or has no reviews; it has no leads without a contract, or too many.
        Problem: `invalid_request` for leads that are not under review, or whose reason of failure is not said.
    """
    if earlier := await services.executor.replay(call):
        return earlier
    await services.directory.refresh()
    team = services.directory.team_work.known(team_id)
    async with services.engine.connect() as connection:
        sellers = await sellers_of_plan(services, connection, order.sellers, team, team.step)
        rows = await leads_under_review(connection, _wanted(team, order), MOST_LEADS + 1)
    check_named(order.client_ids or [], {row.client_id for row in rows}, "under review in this team")
    refuse_impossible(len(rows), len(sellers))
    leads = _with_reasons(order, rows)
    sellers = under_review(sellers, Counter(lead.owner_id for lead in leads if lead.owner_id))
    compatibility = services.directory.regulation.compatibility
    worked_out = await asyncio.to_thread(plan, leads, sellers, compatibility, solve)
    command = RecordPlan(
        step=team.step,
        variant=team.variant,
        failure_reason=order.failure_reason,
        team_id=team_id,
        is_review=True,
        sellers=tuple(sellers),
        **tasks_of(order.task, wanted=True),
        **figures(worked_out),
    )
    return await services.executor.execute(DISTRIBUTION, uuid4(), command, call)


def _wanted(team: Team, order: ReviewOrder) -> Wanted:
    return Wanted(team.step, team.seller_ids, client_ids=order.client_ids, reviewed=True)


def _with_reasons(order: ReviewOrder, rows: list[UnderReview]) -> list[Lead]:
    """The leads, each with the reason why its owner has failed."""
    found = {row.client_id for row in rows}
    reasons: dict[UUID, FailureReason] = {}
    for number, each in enumerate(order.reasons):
        if each.client_id not in found or each.client_id in reasons:
            raise invalid(f"reasons.{number}.client_id", "Send leads that are under review, each once.", "not_a_lead")
        reasons[each.client_id] = each.failure_reason
    without = [row for row in rows if row.client_id not in reasons]
    if without and order.failure_reason is None:
        message = f"Say why {len(without)} of the leads have come to nothing: for all, or for each in reasons."
        raise invalid("failure_reason", message, "missing")
    return [_lead(row, reasons.get(row.client_id) or order.failure_reason) for row in rows]


def _lead(row: UnderReview, reason: FailureReason | None) -> Lead:
    barred = tuple(sorted({*row.failed, row.owner_id}))
    return Lead(row.client_id, row.client_type, row.owner_id, barred, reason)
