"""Lists of leads on offer between sellers."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.client.exchange_events import ACCEPTED, DECLINED, EXPIRED, LAPSED, WAITING, WITHDRAWN
from domain.types import Step
from projections.paging import Listed, Page, listed
from projections.place import Status
from projections.team_leads import LEADS, OFFERS


class ExchangeState(StrEnum):
    """How an offer stands. An overdue one waits, and the time to answer is over; lapsed: owner or step changed."""

    WAITING = WAITING
    OVERDUE = "overdue"
    ACCEPTED = ACCEPTED
    DECLINED = DECLINED
    WITHDRAWN = WITHDRAWN
    EXPIRED = EXPIRED
    LAPSED = LAPSED


class Wanted(NamedTuple):
    """Which offers; None does not restrict. `receiver`: those that he may accept, in one of his steps."""

    state: ExchangeState | None = None
    receiver: UUID | None = None
    steps: Collection[Step] = ()
    from_employees: Collection[UUID] | None = None
    client_id: UUID | None = None


_WAITING = and_(OFFERS.c.state == WAITING, LEADS.c.status == Status.ACTIVE)


def _overdue(now: datetime) -> ColumnElement[bool]:
    return and_(_WAITING, OFFERS.c.due_at < now)


async def exchanges(connection: AsyncConnection, wanted: Wanted, page: Page, now: datetime) -> Listed:
    """Offers, those to be answered first first, each with its client, client_type and whether it is overdue.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query = select(*OFFERS.c, LEADS.c.name.label("client_name"), LEADS.c.client_type, _overdue(now).label("overdue"))
    query = query.select_from(OFFERS.join(LEADS, LEADS.c.id == OFFERS.c.client_id)).where(*_conditions(wanted, now))
    return await listed(connection, query, (OFFERS.c.due_at, OFFERS.c.exchange_id), page)


class OverdueExchange(NamedTuple):
    """An offer that waits although its time is over since `expired_at`."""

    client_id: UUID
    exchange_id: UUID
    expired_at: datetime


async def exchanges_for_expiry(connection: AsyncConnection, now: datetime, limit: int) -> list[OverdueExchange]:
    """The offers whose time to expire has come, the longest overdue first."""
    query = select(OFFERS.c.client_id, OFFERS.c.exchange_id, OFFERS.c.expires_at)
    query = query.select_from(OFFERS.join(LEADS, LEADS.c.id == OFFERS.c.client_id))
    query = query.where(_WAITING, OFFERS.c.expires_at < now).order_by(OFFERS.c.expires_at).limit(limit)
    return [OverdueExchange(*row) for row in (await connection.execute(query)).all()]


def _conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.state is ExchangeState.OVERDUE:
        conditions.append(_overdue(now))
    elif wanted.state is ExchangeState.WAITING:
        conditions.append(_WAITING)
    elif wanted.state:
        conditions.append(OFFERS.c.state == wanted.state)
    if wanted.receiver:
        conditions += [_open_to(wanted.receiver), OFFERS.c.step.in_(wanted.steps)]
    if wanted.from_employees is not None:
        conditions.append(OFFERS.c.from_employee_id == func.any(list(wanted.from_employees)))
    if wanted.client_id:
        conditions.append(OFFERS.c.client_id == wanted.client_id)
    return conditions


def _open_to(employee_id: UUID) -> ColumnElement[bool]:
    """He may accept: it waits for him or for all, he does not work the lead, and has neither declined nor failed."""
    me = literal(employee_id)
    to_him = or_(OFFERS.c.to_employee_id == employee_id, OFFERS.c.to_employee_id.is_(None))
    not_he = (me != func.all(OFFERS.c.declined_by), me != func.all(LEADS.c.failed))
    return and_(_WAITING, to_him, OFFERS.c.from_employee_id != employee_id, *not_he)


async def overdue_offers(connection: AsyncConnection, senders: Collection[UUID], now: datetime) -> dict[UUID, int]:
    """How many offers nobody has answered in time, by sender; those without any are absent."""
    query = select(OFFERS.c.from_employee_id, func.count()).select_from(
        OFFERS.join(LEADS, LEADS.c.id == OFFERS.c.client_id)
    )
    query = query.where(_overdue(now), OFFERS.c.from_employee_id == func.any(list(senders)))
    return {row[0]: row[1] for row in await connection.execute(query.group_by(OFFERS.c.from_employee_id))}
