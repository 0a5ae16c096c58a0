"""Works out a distribution: reads leads and employees from the views, lets the solver decide, and records the plan."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from app.distribution.orders import DistributionOrder
from app.distribution.sellers import check_territories, sellers_of_plan
from app.execute import DISTRIBUTION, Call, Outcome
from app.problems import Problem, invalid
from app.services import Services
from domain.distribution.commands import MOST_LEADS, RecordPlan, refuse_impossible
from domain.distribution.lines import Method, Seller
from domain.distribution.problem import Flow, Lead, Plan, plan
from domain.distribution.problem import Problem as DistributionProblem
from domain.distribution.territories import deal_out
from domain.regulation.compatibility import Compatibility
from domain.team_work.state import Team
from domain.types import Step
from projections.clients import folded
from projections.leads_query import LeadRow, Wanted, leads

MOST_NAMED = 20
"""So many wrong clients are named in an answer."""


async def plan_distribution(services: Services, order: DistributionOrder, call: Call) -> Outcome:
    """Work the plan out and record it as a new distribution.

    Raises:
        Refused: there are no leads or employees, an employee cannot work in the step, or there is no such team.
        Problem: `invalid_request` for clients that cannot be distributed.
    """
    if earlier := await services.executor.replay(call):
        return earlier
    await services.directory.refresh()
    team = services.directory.team_work.known(order.team_id) if order.team_id else None
    step = _step(order, team)
    async with services.engine.connect() as connection:
        sellers = await sellers_of_plan(services, connection, order.sellers, team, step)
        rows = await _rows(connection, order, team, step)
    refuse_impossible(len(rows), len(sellers))
    check_territories(order.territories, sellers)
    worked_out = await asyncio.to_thread(_worked_out, services, order, rows, sellers)
    command = RecordPlan(
        step=step,
        variant=_variant(order, team),
        failure_reason=order.failure_reason,
        method=order.method,
        team_id=order.team_id,
        sellers=tuple(sellers),
        **order.tasks,
        **figures(worked_out),
    )
    return await services.executor.execute(DISTRIBUTION, uuid4(), command, call)


def figures(worked_out: Plan) -> dict[str, Any]:
    """The fields of `RecordPlan` that come from the plan."""
    return worked_out._asdict()


def _step(order: DistributionOrder, team: Team | None) -> Step:
    if team and order.step not in {None, team.step}:
        raise invalid("step", f"The team works in {team.step}.", "not_of_the_team")
    return order.step or (team.step if team else Step.LEAD_GENERATION)


def _variant(order: DistributionOrder, team: Team | None) -> Any:
    if team and order.variant not in {None, team.variant}:
        raise invalid("variant", f"The team works in the variant {team.variant}.", "not_of_the_team")
    return team.variant if team else order.variant


def _worked_out(
    services: Services, order: DistributionOrder, rows: Sequence[LeadRow], sellers: Sequence[Seller]
) -> Plan:
    compatibility = services.directory.regulation.compatibility
    if order.method is Method.TERRITORY:
        return _dealt_out(order, rows, sellers, compatibility)
    return plan([_lead(row) for row in rows], sellers, compatibility, solve)


def _dealt_out(
    order: DistributionOrder, rows: Sequence[LeadRow], sellers: Sequence[Seller], compatibility: Compatibility
) -> Plan:
    """By industry or region; those that differ in case or diacritics only are one, in one of their spellings."""
    names: dict[UUID, str | None] = {row.client_id: getattr(row, order.by) for row in rows}
    spelt = {folded(name): name for name in sorted(filter(None, names.values()), reverse=True)}
    found = [_lead(row, spelt.get(folded(names[row.client_id]))) for row in rows]
    given = ((spelt.get(folded(each.name)), each.employee_id) for each in order.territories)
    return deal_out(found, sellers, compatibility, {name: employee_id for name, employee_id in given if name})


def solve(problem: DistributionProblem) -> Flow:
    """The optimum, in a process of its own where that takes long."""
    from app.distribution.solver import solve_apart  # noqa: PLC0415 - brings 50 MB, for whoever never plans as well

    return solve_apart(problem)


async def _rows(connection: AsyncConnection, order: DistributionOrder, team: Team | None, step: Step) -> list[LeadRow]:
    """The leads, if all that were named can be distributed. A team takes none from those who are not in it."""
    named = None if order.client_ids is None else dict.fromkeys(order.client_ids)
    owned = named is not None or order.failure_reason is not None
    owners = team and team.leaders.union(team.seller_ids)
    rows = await leads(connection, Wanted(step, owned, named, order.filters, owners), MOST_LEADS + 1)
    if named is not None:
        whose = ", by the team or by nobody," if team else ""
        what = f"worked in the step {step}{whose} and fit the filters"
        check_named(list(named), {row.client_id for row in rows}, what)
        _refuse_without_reason(order, rows)
    return rows


def check_named(named: Sequence[UUID], found: set[UUID], what: str) -> None:
    """See that all clients that were named are such as they should be.

    Raises:
        Problem: `invalid_request`, naming the first ones that are not.
    """
    if wrong := [number for number, key in enumerate(named) if key not in found]:
        message = f"Send clients that are {what}."
        errors = {f"client_ids.{number}": [{"message": message, "rule": "not_a_lead"}] for number in wrong[:MOST_NAMED]}
        raise Problem("invalid_request", facts={"not_leads": len(wrong)}, errors=errors)


def _refuse_without_reason(order: DistributionOrder, rows: Sequence[LeadRow]) -> None:
    owned = sum(row.owner_id is not None for row in rows)
    if owned and order.failure_reason is None:
        message = f"Say why those have failed who work {owned} of the clients, or leave these out."
        raise invalid("failure_reason", message, "missing")


def _lead(row: LeadRow, territory: str | None = None) -> Lead:
    barred = {*row.failed, row.owner_id} - {None}
    named = tuple(sorted(key for key in barred if key))
    return Lead(row.client_id, row.client_type, row.owner_id, named, territory=territory)
