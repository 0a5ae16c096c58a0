"""Works out a distribution: reads leads and employees from the views, lets the solver decide, and records the plan."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from app.execute import DISTRIBUTION, Call, Outcome
from app.problems import Problem, invalid
from app.services import Services
from domain.distribution.commands import MOST_LEADS, RecordPlan, refuse_impossible
from domain.distribution.lines import Seller
from domain.distribution.problem import Flow, Lead, plan
from domain.distribution.problem import Problem as DistributionProblem
from domain.employee import Capacity, Employee
from domain.kernel import HEAD_ROLES
from domain.types import Category, FailureReason, Origin, PersonalityType, Step, Variant, Word
from projections.leads_query import LeadRow, Wanted, clients_worked, leads

MOST_NAMED = 20
"""So many wrong clients are named in an answer."""


class SellerOrder(BaseModel):
    """An employee who is to get leads. `capacity` replaces the one he is registered with, for this plan."""

    model_config = ConfigDict(extra="forbid")

    employee_id: UUID
    capacity: Capacity | None = None


class DistributionOrder(BaseModel):
    """Which leads to distribute and over whom.

    Without `client_ids`: all clients of the step that nobody works and that fit the filters. With `failure_reason`
    also those that somebody works: they go to others, and he has failed for this reason.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {},
                {
                    "variant": "authoritarian",
                    "industry": "metallurgy",
                    "sellers": [{"employee_id": "7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11", "capacity": 40}],
                },
            ]
        },
    )

    step: Step = Step.LEAD_GENERATION
    variant: Variant | None = None
    client_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_LEADS)] | None = None
    industry: Word | None = None
    region: Word | None = None
    category: Category | None = None
    origin: Origin | None = None
    personality_type: PersonalityType | None = None
    failure_reason: FailureReason | None = None
    sellers: (
        Annotated[
            list[SellerOrder],
            Field(min_length=1, max_length=1000, description="All employees who work in the step, when absent"),
        ]
        | None
    ) = None

    @property
    def filters(self) -> dict[str, str]:
        """The values that clients must have, by column."""
        names = ("industry", "region", "category", "origin", "personality_type")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


async def plan_distribution(services: Services, order: DistributionOrder, call: Call) -> Outcome:
    """Work the plan out and record it as a new distribution.

    Raises:
        Refused: there are no leads or employees, or an employee cannot work in the step.
        Problem: `invalid_request` for clients that cannot be distributed.
    """
    if earlier := await services.executor.replay(call):
        return earlier
    await services.directory.refresh()
    async with services.engine.connect() as connection:
        sellers = await _sellers(services, connection, order)
        rows = await _rows(connection, order)
    refuse_impossible(len(rows), len(sellers))
    compatibility = services.directory.regulation.compatibility
    worked_out = await asyncio.to_thread(plan, [_lead(row) for row in rows], sellers, compatibility, _solve)
    command = RecordPlan(
        step=order.step,
        variant=order.variant,
        failure_reason=order.failure_reason,
        sellers=tuple(sellers),
        lines=worked_out.lines,
        total=worked_out.total,
        greedy_total=worked_out.greedy_total,
        greedy_given=worked_out.greedy_given,
    )
    return await services.executor.execute(DISTRIBUTION, uuid4(), command, call)


async def _sellers(services: Services, connection: AsyncConnection, order: DistributionOrder) -> list[Seller]:
    wanted = _capacities(services, order)
    working = await clients_worked(connection, wanted)
    found: list[Seller] = []
    for employee_id, capacity in wanted.items():
        employee = services.directory.employee(employee_id) or Employee(employee_id)
        own = employee.capacity if capacity is None else capacity
        found.append(
            Seller(
                employee_id=employee_id,
                personality_type=employee.personality_type,
                capacity=own,
                working=working.get(employee_id, 0),
            )
        )
    return found


def _solve(problem: DistributionProblem) -> Flow:
    from app.distribution.solver import solve_apart  # noqa: PLC0415 - brings 50 MB, for whoever never plans as well

    return solve_apart(problem)


def _capacities(services: Services, order: DistributionOrder) -> Mapping[UUID, int | None]:
    """The employees of the plan, each with the capacity that the order gives him; heads only where it names them."""
    if order.sellers is not None:
        named = {seller.employee_id: seller.capacity for seller in order.sellers}
        if len(named) < len(order.sellers):
            raise invalid("sellers", "Name each employee once.", "named_twice")
        return named
    employees = services.directory.employees()
    return {
        each.id: None
        for each in employees
        if order.step in each.steps and not each.has_left and each.roles.isdisjoint(HEAD_ROLES)
    }


async def _rows(connection: AsyncConnection, order: DistributionOrder) -> list[LeadRow]:
    """The leads, if all that were named can be distributed."""
    named = None if order.client_ids is None else dict.fromkeys(order.client_ids)
    owned = named is not None or order.failure_reason is not None
    rows = await leads(connection, Wanted(order.step, owned, named, order.filters), MOST_LEADS + 1)
    if named is not None:
        _check_named(order, list(named), rows)
    return rows


def _check_named(order: DistributionOrder, named: Sequence[UUID], rows: Sequence[LeadRow]) -> None:
    found = {row.client_id for row in rows}
    if wrong := [number for number, key in enumerate(named) if key not in found]:
        message = f"Send clients that are worked in the step {order.step} and fit the filters."
        errors = {f"client_ids.{number}": [{"message": message, "rule": "not_a_lead"}] for number in wrong[:MOST_NAMED]}
        raise Problem("invalid_request", facts={"not_leads": len(wrong)}, errors=errors)
    owned = sum(row.owner_id is not None for row in rows)
    if owned and order.failure_reason is None:
        message = f"Say why those have failed who work {owned} of the clients, or leave these out."
        raise invalid("failure_reason", message, "missing")


def _lead(row: LeadRow) -> Lead:
    barred = {*row.failed, row.owner_id} - {None}
    return Lead(row.client_id, row.client_type, row.owner_id, tuple(sorted(key for key in barred if key)))
