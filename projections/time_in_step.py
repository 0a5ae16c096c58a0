"""Time in step: how long clients took to go on, and how long those still there have been there."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.types import STEPS, Step
from projections.conversion import PASSAGES
from projections.conversion_filters import EVERYBODY, Filters
from projections.passages import CONVERTED
from projections.period import Period

SECONDS_IN_HOUR = 3600


class TimeBy(StrEnum):
    """What the times are split by; month is the month (UTC) in which the client went on.

    The values of types are texts: the type of the employee, a slash, and the type of the client.
    """

    STEP = "step"
    ORIGIN = "origin"
    INDUSTRY = "industry"
    REGION = "region"
    CATEGORY = "category"
    PERSONALITY_TYPE = "personality_type"
    SEARCH_ASSIGNMENT = "search_assignment"
    EMPLOYEE = "employee"
    VARIANT = "variant"
    SCRIPT = "script"
    TYPES = "types"
    MONTH = "month"


class Times(NamedTuple):
    """The figures by value of the dimension, and of all together.

    Each has count, median_hours and p90_hours of the passages that ended within the period by conversion; still_in_step
    and median_age_hours of those that last. Who is still in a step belongs to no month: there both are None.
    """

    items: dict[Any, dict[str, Any]]
    total: dict[str, Any]


async def time_in_step(
    connection: AsyncConnection,
    by: TimeBy,
    period: Period,
    now: datetime,
    step: Step | None = None,
    filters: Filters = EVERYBODY,
) -> Times:
    """Hours spent in steps; ages are at `now`. With `step`, of that step only."""
    key = _key(by, filters)
    in_step = [*filters.hold(PASSAGES), *([PASSAGES.c.step == step] if step else [])]
    left = _left().where(*in_step, *period.covers(PASSAGES.c.left_at))
    still = _still(now).where(*in_step)
    by_month = by is TimeBy.MONTH
    gone = await _by_value(connection, left, key)
    there = {} if by_month else await _by_value(connection, still, key)
    total = _figures(await _one(connection, left), await _one(connection, still))
    values = sorted(gone.keys() | there.keys(), key=lambda value: _order(by, value, gone))
    nobody = None if by_month else (0, None)
    items = {value: _figures(gone.get(value, (0, None, None)), there.get(value, nobody)) for value in values}
    return Times(items, total)


def _key(by: TimeBy, filters: Filters) -> ColumnElement[Any]:
    if by is TimeBy.TYPES:
        of_employee = func.coalesce(filters.employee_type(PASSAGES), "")
        return of_employee + "/" + func.coalesce(PASSAGES.c.personality_type, "")
    if by is TimeBy.MONTH:
        return func.to_char(func.timezone("UTC", PASSAGES.c.left_at), "YYYY-MM")
    return PASSAGES.c[by.value]


def _order(by: TimeBy, value: Any, gone: dict[Any, Any]) -> tuple[int, str]:
    if by is TimeBy.STEP:
        return (STEPS.index(Step(value)), "")
    largest = 0 if by is TimeBy.MONTH else -gone.get(value, (0,))[0]
    return (largest, str(value or ""))


def _hours(duration: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.extract("epoch", duration) / SECONDS_IN_HOUR


def _left() -> Select[Any]:
    hours = _hours(PASSAGES.c.left_at - PASSAGES.c.entered_at)
    percentiles = [func.percentile_cont(share).within_group(hours) for share in (0.5, 0.9)]
    return select(*[func.count(), *percentiles]).where(PASSAGES.c.outcome == CONVERTED)


def _still(now: datetime) -> Select[Any]:
    age = _hours(now - PASSAGES.c.entered_at)
    return select(*[func.count(), func.percentile_cont(0.5).within_group(age)]).where(PASSAGES.c.left_at.is_(None))


async def _by_value(connection: AsyncConnection, query: Select[Any], key: ColumnElement[Any]) -> dict[Any, Any]:
    rows: Sequence[Any] = (await connection.execute(query.add_columns(key.label("key")).group_by("key"))).all()
    return {value: numbers for *numbers, value in rows}


async def _one(connection: AsyncConnection, query: Select[Any]) -> Any:
    return (await connection.execute(query)).one()


def _figures(left: Any, still: Any) -> dict[str, Any]:
    count, median, p90 = left
    staying, age = still or (None, None)
    return {
        "count": count,
        "median_hours": _rounded(median),
        "p90_hours": _rounded(p90),
        "still_in_step": staying,
        "median_age_hours": _rounded(age),
    }


def _rounded(hours: Any) -> float | None:
    return None if hours is None else round(float(hours), 2)
