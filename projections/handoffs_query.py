"""Lists of offers, and the quality of handoffs per pair of steps or employee."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.client.handoff_events import ReturnReason
from domain.types import Step
from projections.handoffs import OFFERS, RECEIVER
from projections.paging import Page, cursor_of, instant, place, values_of
from projections.period import Period

SECONDS_IN_HOUR = 3600


class OfferState(StrEnum):
    """How an offer stands. An overdue one is waiting, and the receiver's time to accept is over."""

    WAITING = "waiting"
    OVERDUE = "overdue"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Became(StrEnum):
    """What became of a client in the step that accepted it."""

    CONVERTED = "converted"
    RETURNED = "returned"
    LOST = "lost"


class Offers(NamedTuple):
    """Which offers to list; None does not restrict. `offered`: within which period."""

    state: OfferState | None = None
    to_step: Step | None = None
    from_step: Step | None = None
    to_employee_id: UUID | None = None
    from_employee_id: UUID | None = None
    client_id: UUID | None = None
    reason: ReturnReason | None = None
    automatic: bool | None = None
    outcome: Became | None = None
    offered: Period = Period()


class OfferPage(NamedTuple):
    """A page of offers, and the cursor of the next one if there is one."""

    items: list[dict[str, Any]]
    next_cursor: str | None


def _overdue(now: datetime) -> ColumnElement[bool]:
    return and_(OFFERS.c.state == OfferState.WAITING, OFFERS.c.due_at < now)


async def offers(connection: AsyncConnection, wanted: Offers, page: Page, now: datetime) -> OfferPage:
    """Offers, the newest first; those waiting or overdue by what is due first.

    Raises:
        BadCursor: the cursor is not of a list with this order.
    """
    by_due = wanted.state in {OfferState.WAITING, OfferState.OVERDUE}
    moment = OFFERS.c.due_at if by_due else OFFERS.c.offered_at
    ordering = [moment, OFFERS.c.handoff_id]
    query = select(OFFERS, _overdue(now).label("overdue")).where(*_conditions(wanted, now))
    if page.cursor:
        order, last = tuple_(*ordering), place(ordering, values_of(page.cursor, (instant, UUID)))
        query = query.where(order > last if by_due else order < last)
    query = query.order_by(*(ordering if by_due else [column.desc() for column in ordering])).limit(page.limit + 1)
    rows = (await connection.execute(query)).mappings().all()
    items = [dict(row) for row in rows[: page.limit]]
    if len(rows) <= page.limit:
        return OfferPage(items, None)
    return OfferPage(items, cursor_of((items[-1][moment.name].isoformat(), items[-1]["handoff_id"])))


def _conditions(wanted: Offers, now: datetime) -> list[ColumnElement[bool]]:
    columns = {**OFFERS.c, "to_employee_id": RECEIVER}
    exact = {name: value for name, value in wanted._asdict().items() if name not in {"state", "offered"}}
    conditions = [columns[name] == value for name, value in exact.items() if value is not None]
    conditions += wanted.offered.covers(OFFERS.c.offered_at)
    if wanted.state is OfferState.OVERDUE:
        return [*conditions, _overdue(now)]
    return [*conditions, OFFERS.c.state == wanted.state] if wanted.state else conditions


class OverdueOffer(NamedTuple):
    """An offer that nobody answered until it expired."""

    client_id: UUID
    handoff_id: UUID
    expired_at: datetime


async def overdue_for_expiry(connection: AsyncConnection, now: datetime, limit: int) -> list[OverdueOffer]:
    """The offers whose time to expire has come, the longest overdue first."""
    query = select(OFFERS.c.client_id, OFFERS.c.handoff_id, OFFERS.c.expires_at).where(
        OFFERS.c.state == OfferState.WAITING, OFFERS.c.expires_at < now
    )
    rows = (await connection.execute(query.order_by(OFFERS.c.expires_at).limit(limit))).all()
    return [OverdueOffer(*row) for row in rows]


class QualityBy(StrEnum):
    """What the quality of handoffs is split by."""

    STEP_PAIR = "step_pair"
    FROM_EMPLOYEE = "from_employee"
    TO_EMPLOYEE = "to_employee"


_KEYS: dict[QualityBy, tuple[ColumnElement[Any], ...]] = {
    QualityBy.STEP_PAIR: (OFFERS.c.from_step, OFFERS.c.to_step),
    QualityBy.FROM_EMPLOYEE: (OFFERS.c.from_employee_id.label("from_employee"),),
    QualityBy.TO_EMPLOYEE: (RECEIVER.label("to_employee"),),
}


class Quality(NamedTuple):
    """The figures of each group, the largest first, and of all together."""

    items: list[dict[str, Any]]
    total: dict[str, Any]


async def quality(connection: AsyncConnection, by: QualityBy, period: Period, now: datetime) -> Quality:
    """How the handoffs offered within the period went.

    Each group has its key columns and: offered, accepted, automatic, returned, withdrawn, expired, waiting, overdue (of
    those waiting), median_hours_to_accept, returned_by_reason, and handed_over: accepted, converted, lost, rate.
    Automatic acceptances do not count in the median: they take no time.
    """
    keys = _KEYS[by]
    within = period.covers(OFFERS.c.offered_at)
    groups = (await connection.execute(_figures(now, keys).where(*within))).mappings().all()
    overall = (await connection.execute(_figures(now, ()).where(*within))).mappings().one()
    reasons = await _reasons(connection, keys, within)
    names = [key.key or "" for key in keys]
    items = [_shown(dict(row), reasons.get(tuple(row[name] for name in names), {})) for row in groups]
    return Quality(items, _shown(dict(overall), _added_up(reasons.values())))


def _figures(now: datetime, keys: Sequence[ColumnElement[Any]]) -> Select[Any]:
    state, outcome = OFFERS.c.state, OFFERS.c.outcome
    accepted = state == OfferState.ACCEPTED
    can_convert = and_(accepted, OFFERS.c.to_step != Step.ACCOUNT_SERVICE)
    hours = func.extract("epoch", OFFERS.c.answered_at - OFFERS.c.offered_at) / SECONDS_IN_HOUR
    by_hand = and_(accepted, OFFERS.c.automatic.is_(False))
    counted = {
        **{name.value: state == name for name in OfferState if name is not OfferState.OVERDUE},
        "overdue": _overdue(now),
        "automatic": and_(accepted, OFFERS.c.automatic),
        "converted": and_(accepted, outcome == "converted"),
        "lost": and_(accepted, outcome == "lost"),
        "can_convert": can_convert,
    }
    counts = [func.count().filter(condition).label(name) for name, condition in counted.items()]
    median = func.percentile_cont(0.5).within_group(hours).filter(by_hand).label("median_hours_to_accept")
    query = select(*keys, func.count().label("offered"), *counts, median).group_by(*keys)
    return query.order_by(func.count().desc(), *keys) if keys else query


async def _reasons(
    connection: AsyncConnection, keys: Sequence[ColumnElement[Any]], within: Sequence[ColumnElement[bool]]
) -> dict[tuple[Any, ...], dict[str, int]]:
    query = select(*keys, OFFERS.c.reason, func.count()).where(OFFERS.c.state == OfferState.RETURNED, *within)
    query = query.group_by(*keys, OFFERS.c.reason).order_by(OFFERS.c.reason)
    found: dict[tuple[Any, ...], dict[str, int]] = {}
    rows: Sequence[Any] = (await connection.execute(query)).all()
    for *group, reason, count in rows:
        found.setdefault(tuple(group), {})[reason] = count
    return found


def _added_up(groups: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for group in groups:
        for reason, count in group.items():
            total[reason] = total.get(reason, 0) + count
    return dict(sorted(total.items()))


def _shown(figures: dict[str, Any], reasons: dict[str, int]) -> dict[str, Any]:
    converted, lost, can_convert = figures.pop("converted"), figures.pop("lost"), figures.pop("can_convert")
    median = figures["median_hours_to_accept"]
    return {
        **figures,
        "median_hours_to_accept": None if median is None else round(float(median), 2),
        "returned_by_reason": reasons,
        "handed_over": {
            "accepted": figures["accepted"],
            "converted": converted,
            "lost": lost,
            "rate": round(converted / can_convert, 4) if can_convert else None,
        },
    }
