"""The worklist of inquiries, and how fast they are answered."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.types import Step
from projections.inquiries import CLIENTS, INQUIRIES
from projections.paging import Listed, Page, listed
from projections.period import Period
from projections.place import Status

MINUTES_IN_HOUR = 60
_JOINED = INQUIRIES.join(CLIENTS, CLIENTS.c.id == INQUIRIES.c.client_id)
_COLUMNS = (*INQUIRIES.c, CLIENTS.c.name.label("client_name"), CLIENTS.c.step, CLIENTS.c.owner_id)


class InquiryState(StrEnum):
    """How an inquiry stands. Open ones of archived clients are in `all` only: nobody can answer them."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    ALL = "all"


_STATE = INQUIRIES.c.state
_ANSWERED = _STATE == InquiryState.ANSWERED
_OPEN = and_(_STATE == InquiryState.OPEN, CLIENTS.c.status != Status.ARCHIVED)
_CLOSED = _STATE == InquiryState.CLOSED
_STATES = {InquiryState.OPEN: _OPEN, InquiryState.ANSWERED: _ANSWERED, InquiryState.CLOSED: _CLOSED}
_IN_TIME = and_(_ANSWERED, INQUIRIES.c.ended_at <= INQUIRIES.c.due_at)
_EMPLOYEE = case((_STATE == InquiryState.OPEN, CLIENTS.c.owner_id), else_=INQUIRIES.c.ended_by)
"""Whose inquiry it is: the owner's while it is open, then of whoever answered or closed it."""


class Wanted(NamedTuple):
    """Which inquiries to list; None does not restrict.

    `by` restricts the employee, the channel and the category, where None asks for those without; `employees` are those
    of a department. `overdue`: open and past their time, or not; `in_time`: answered in time, or not.
    """

    state: InquiryState = InquiryState.OPEN
    by: Mapping[str, Any] = {}
    step: Step | None = None
    client_id: UUID | None = None
    overdue: bool | None = None
    in_time: bool | None = None
    period: Period = Period()
    employees: Collection[UUID] | None = None


def _overdue(now: datetime) -> ColumnElement[bool]:
    return and_(_OPEN, INQUIRIES.c.due_at < now)


async def inquiries(connection: AsyncConnection, wanted: Wanted, page: Page, now: datetime) -> Listed:
    """Inquiries, the earliest due first.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    marks = (_overdue(now).label("overdue"), case((_ANSWERED, _IN_TIME)).label("in_time"))
    query = select(*_COLUMNS, *marks).select_from(_JOINED).where(*_conditions(wanted, now))
    return await listed(connection, query, (INQUIRIES.c.due_at, INQUIRIES.c.inquiry_id), page)


def _conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    conditions = [_KEYS[ResponseBy(name)] == value for name, value in wanted.by.items()]
    conditions += wanted.period.covers(INQUIRIES.c.received_at)
    if wanted.employees is not None:
        conditions.append(_EMPLOYEE.in_(wanted.employees))
    if wanted.state is not InquiryState.ALL:
        conditions.append(_STATES[wanted.state])
    if wanted.step:
        conditions.append(CLIENTS.c.step == wanted.step)
    if wanted.client_id:
        conditions.append(INQUIRIES.c.client_id == wanted.client_id)
    if wanted.overdue is not None:
        conditions.append(_overdue(now) if wanted.overdue else ~_overdue(now))
    if wanted.in_time is not None:
        conditions.append(_IN_TIME if wanted.in_time else and_(_ANSWERED, ~_IN_TIME))
    return conditions


class ResponseBy(StrEnum):
    """What the response report is split by: months are those of the receipt, in UTC."""

    EMPLOYEE = "employee"
    CHANNEL = "channel"
    CATEGORY = "category"
    MONTH = "month"


_KEYS: dict[ResponseBy, ColumnElement[Any]] = {
    ResponseBy.EMPLOYEE: _EMPLOYEE,
    ResponseBy.CHANNEL: INQUIRIES.c.channel,
    ResponseBy.CATEGORY: INQUIRIES.c.category,
    ResponseBy.MONTH: func.to_char(func.timezone("UTC", INQUIRIES.c.received_at), "YYYY-MM"),
}


class Response(NamedTuple):
    """The figures of each group and of all together."""

    items: list[dict[str, Any]]
    total: dict[str, Any]


async def response(connection: AsyncConnection, by: ResponseBy, wanted: Wanted, now: datetime) -> Response:
    """How the inquiries were answered, whatever their state.

    Each group has its key and: received, answered, closed, open, archived (open, of archived clients), in_breach (of
    those open), answered_in_time, share_in_time (of those answered or in breach: an inquiry whose time is not over
    says nothing yet), and the median and 90th percentile of the working hours to an answer. Groups by month come in
    their order, others the largest first.
    """
    key = _KEYS[by].label(by.value)
    within = _conditions(wanted._replace(state=InquiryState.ALL), now)
    order = [key] if by is ResponseBy.MONTH else [func.count().desc(), key]
    groups: Select[Any] = _figures(now, key).where(*within).group_by(key).order_by(*order)
    items = (await connection.execute(groups)).mappings().all()
    total = (await connection.execute(_figures(now).where(*within))).mappings().one()
    return Response([_shown(dict(item)) for item in items], _shown(dict(total)))


def _figures(now: datetime, *keys: ColumnElement[Any]) -> Select[Any]:
    counted = {
        "answered": _ANSWERED,
        "closed": _CLOSED,
        "open": _OPEN,
        "archived": and_(_STATE == InquiryState.OPEN, CLIENTS.c.status == Status.ARCHIVED),
        "in_breach": _overdue(now),
        "answered_in_time": _IN_TIME,
        "decided": or_(_ANSWERED, _overdue(now)),
    }
    counts = [func.count().filter(condition).label(name) for name, condition in counted.items()]
    percentiles = {"median_working_hours": 0.5, "p90_working_hours": 0.9}
    minutes = [
        func.percentile_cont(share).within_group(INQUIRIES.c.working_minutes).label(name)
        for name, share in percentiles.items()
    ]
    columns: Sequence[ColumnElement[Any]] = (*keys, func.count().label("received"), *counts, *minutes)
    return select(*columns).select_from(_JOINED)


def _shown(figures: dict[str, Any]) -> dict[str, Any]:
    decided = figures.pop("decided")
    for name in ("median_working_hours", "p90_working_hours"):
        figures[name] = None if figures[name] is None else round(figures[name] / MINUTES_IN_HOUR, 2)
    return figures | {"share_in_time": round(figures["answered_in_time"] / decided, 4) if decided else None}
