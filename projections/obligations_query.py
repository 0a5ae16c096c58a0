"""The worklist of obligations: what the firm owes its clients, and what it should have done by now."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.types import Step
from projections.agreements import CLIENTS, LOST, OBLIGATIONS
from projections.paging import Listed, Page, listed
from projections.period import Period
from projections.place import Status

_JOINED = OBLIGATIONS.join(CLIENTS, CLIENTS.c.id == OBLIGATIONS.c.client_id)
_COLUMNS = (*OBLIGATIONS.c, CLIENTS.c.name.label("client_name"), CLIENTS.c.step, CLIENTS.c.owner_id)


class ObligationState(StrEnum):
    """How an obligation stands. Open ones of lost deals and of archived clients are in `all` only: nobody owes them."""

    OPEN = "open"
    FULFILLED = "fulfilled"
    WAIVED = "waived"
    ALL = "all"


_OPEN = and_(
    OBLIGATIONS.c.state == ObligationState.OPEN,
    OBLIGATIONS.c.deal_state != LOST,
    CLIENTS.c.status != Status.ARCHIVED,
)
_FULFILLED = OBLIGATIONS.c.state == ObligationState.FULFILLED
_STATES = {
    ObligationState.OPEN: _OPEN,
    ObligationState.FULFILLED: _FULFILLED,
    ObligationState.WAIVED: OBLIGATIONS.c.state == ObligationState.WAIVED,
}


class WantedObligations(NamedTuple):
    """Which obligations to list; None does not restrict. `due`: the period in which they are due.

    `breached`: past their time and not fulfilled.
    """

    state: ObligationState = ObligationState.OPEN
    employees: Collection[UUID] | None = None
    step: Step | None = None
    client_id: UUID | None = None
    deal_id: UUID | None = None
    breached: bool | None = None
    due: Period = Period()


def _breached(now: datetime) -> ColumnElement[bool]:
    return and_(_OPEN, OBLIGATIONS.c.due_at < now)


async def obligations(connection: AsyncConnection, wanted: WantedObligations, page: Page, now: datetime) -> Listed:
    """Obligations, the earliest due first; `breached` as of now, `late`: fulfilled after it was due.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    late = and_(_FULFILLED, OBLIGATIONS.c.ended_at > OBLIGATIONS.c.due_at)
    query = select(*_COLUMNS, _breached(now).label("breached"), late.label("late")).select_from(_JOINED)
    ordering = (OBLIGATIONS.c.due_at, OBLIGATIONS.c.obligation_id)
    return await listed(connection, query.where(*_conditions(wanted, now)), ordering, page)


def _conditions(wanted: WantedObligations, now: datetime) -> list[ColumnElement[bool]]:
    conditions = wanted.due.covers(OBLIGATIONS.c.due_at)
    if wanted.state is not ObligationState.ALL:
        conditions.append(_STATES[wanted.state])
    if wanted.employees is not None:
        conditions.append(OBLIGATIONS.c.employee_id.in_(wanted.employees))
    if wanted.step:
        conditions.append(CLIENTS.c.step == wanted.step)
    if wanted.client_id:
        conditions.append(OBLIGATIONS.c.client_id == wanted.client_id)
    if wanted.deal_id:
        conditions.append(OBLIGATIONS.c.deal_id == wanted.deal_id)
    if wanted.breached is not None:
        conditions.append(_breached(now) if wanted.breached else ~_breached(now))
    return conditions
