"""The leads that may be distributed, and how many clients each employee works."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.types import Step
from projections.clients import CLIENTS, FOLDED, folded
from projections.place import Status
from projections.team_leads import LEADS


class LeadRow(NamedTuple):
    """A client that is worked in a step: its type, who works it, who has failed with it, its industry and region."""

    client_id: UUID
    client_type: str | None
    owner_id: UUID | None
    failed: Sequence[UUID]
    industry: str | None
    region: str | None


class Wanted(NamedTuple):
    """Which clients: of a step, and not given up or archived; without `owned` only those that nobody works.

    `owners`: no others than these work them. `client_ids`: of these only. `values`: with these values by column of the
    client list.
    """

    step: Step
    owned: bool = False
    client_ids: Collection[UUID] | None = None
    values: Mapping[str, str] = {}
    owners: Collection[UUID] | None = None


async def leads(connection: AsyncConnection, wanted: Wanted, limit: int) -> list[LeadRow]:
    """Up to `limit` of the leads, in order of their ids."""
    query = (
        select(CLIENTS.c.id, LEADS.c.client_type, CLIENTS.c.owner_id, LEADS.c.failed, LEADS.c.industry, LEADS.c.region)
        .join(LEADS, LEADS.c.id == CLIENTS.c.id)
        .where(CLIENTS.c.step == wanted.step, CLIENTS.c.status == Status.ACTIVE)
    )
    if not wanted.owned:
        query = query.where(CLIENTS.c.owner_id.is_(None))
    elif wanted.owners is not None:
        query = query.where(or_(CLIENTS.c.owner_id.is_(None), CLIENTS.c.owner_id == func.any(list(wanted.owners))))
    if wanted.client_ids is not None:
        query = query.where(CLIENTS.c.id == func.any(list(wanted.client_ids)))
    for name, value in wanted.values.items():
        column = LEADS.c.client_type if name == "personality_type" else CLIENTS.c[name]
        query = query.where(column == (folded(value) if name in FOLDED else value))
    rows = await connection.execute(query.order_by(CLIENTS.c.id).limit(limit))
    return [LeadRow(*row) for row in rows]


async def clients_worked(connection: AsyncConnection, employee_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many clients each of the employees works now, in whatever step; those who work none are absent."""
    query = (
        select(CLIENTS.c.owner_id, func.count())
        .where(CLIENTS.c.status == Status.ACTIVE, CLIENTS.c.owner_id == func.any(list(employee_ids)))
        .group_by(CLIENTS.c.owner_id)
    )
    return {row[0]: row[1] for row in await connection.execute(query)}


async def names(connection: AsyncConnection, client_ids: Collection[UUID]) -> dict[UUID, Any]:
    """The names of clients, where they are known."""
    query = select(LEADS.c.id, LEADS.c.name).where(LEADS.c.id.in_(client_ids))
    return {row[0]: row[1] for row in await connection.execute(query)}
