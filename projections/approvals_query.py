"""Lists of approvals: terms beyond the rules that wait for a head, and how others were answered and used."""

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, func, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.agreed_approvals import APPROVAL_LINES, APPROVALS, WAITING
from projections.agreements import CLIENTS, OPEN
from projections.paging import Listed, Page, listed
from projections.period import Period
from projections.place import Status

_LINES_OF = and_(
    APPROVAL_LINES.c.client_id == APPROVALS.c.client_id, APPROVAL_LINES.c.approval_id == APPROVALS.c.approval_id
)
_JOINED = APPROVALS.join(CLIENTS, CLIENTS.c.id == APPROVALS.c.client_id).outerjoin(APPROVAL_LINES, _LINES_OF)
_LINES = func.coalesce(APPROVAL_LINES.c.lines, text("'[]'::jsonb"), type_=JSONB).label("lines")
_COLUMNS = (*APPROVALS.c, _LINES, CLIENTS.c.name.label("client_name"), CLIENTS.c.step, CLIENTS.c.owner_id)


class ApprovalState(StrEnum):
    """How an approval stands; one that is `used` covers no second order.

    Waiting ones of closed deals and archived clients are in `all` only: none is needed.
    """

    WAITING = "waiting"
    GIVEN = "given"
    REFUSED = "refused"
    USED = "used"
    ALL = "all"


_OPEN = or_(APPROVALS.c.deal_id.is_(None), APPROVALS.c.deal_state == OPEN)
_WAITING = and_(APPROVALS.c.state == WAITING, _OPEN, CLIENTS.c.status != Status.ARCHIVED)


class WantedApprovals(NamedTuple):
    """Which approvals to list; None does not restrict. `requested`: the period in which they were asked for.

    `of_orders`: only those of orders.
    """

    state: ApprovalState = ApprovalState.WAITING
    employees: Collection[UUID] | None = None
    client_id: UUID | None = None
    deal_id: UUID | None = None
    requested: Period = Period()
    of_orders: bool = False


async def is_known(connection: AsyncConnection, client_id: UUID) -> bool:
    """Whether there is such a client."""
    query = select(CLIENTS.c.id).where(CLIENTS.c.id == client_id)
    return (await connection.execute(query)).first() is not None


async def approvals(connection: AsyncConnection, wanted: WantedApprovals, page: Page) -> Listed:
    """Approvals, those first that were asked for first.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    conditions = wanted.requested.covers(APPROVALS.c.requested_at)
    if wanted.state is not ApprovalState.ALL:
        conditions.append(_WAITING if wanted.state is ApprovalState.WAITING else APPROVALS.c.state == wanted.state)
    if wanted.employees is not None:
        conditions.append(APPROVALS.c.requested_by.in_(wanted.employees))
    if wanted.client_id:
        conditions.append(APPROVALS.c.client_id == wanted.client_id)
    if wanted.deal_id:
        conditions.append(APPROVALS.c.deal_id == wanted.deal_id)
    if wanted.of_orders:
        conditions.append(APPROVALS.c.deal_id.is_(None))
    query = select(*_COLUMNS).select_from(_JOINED).where(*conditions)
    return await listed(connection, query, (APPROVALS.c.requested_at, APPROVALS.c.approval_id), page)
