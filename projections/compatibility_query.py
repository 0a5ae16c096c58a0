"""Observed compatibility beside the configured one, and the trials behind each figure."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.regulation.compatibility import Compatibility
from domain.types import Step
from projections.compatibility import CLIENTS, TRIALS
from projections.conversion_filters import EmployeeTypes
from projections.paging import Page, cursor_of, instant, place, values_of
from projections.period import Period
from projections.wilson import wilson


class CompatibilityBy(StrEnum):
    """What the trials are split by."""

    PAIR = "pair"
    EMPLOYEE_TYPE = "employee_type"
    CLIENT_TYPE = "client_type"
    EMPLOYEE = "employee"
    EMPLOYEE_AND_CLIENT_TYPE = "employee_and_client_type"


_SHOWN = {
    CompatibilityBy.PAIR: ("employee_type", "client_type"),
    CompatibilityBy.EMPLOYEE_TYPE: ("employee_type",),
    CompatibilityBy.CLIENT_TYPE: ("client_type",),
    CompatibilityBy.EMPLOYEE: ("employee", "employee_type"),
    CompatibilityBy.EMPLOYEE_AND_CLIENT_TYPE: ("employee", "employee_type", "client_type"),
}
"""The keys of an item; a type that is not known is null."""


class Tried(NamedTuple):
    """Which trials count: those that were decided within the period, in the step if one is given.

    `values` are wanted values by column of `TRIALS`, None: where it is not known. `employees`: only theirs;
    `not_employees`: only those of others.
    """

    period: Period = Period()
    step: Step | None = None
    values: Mapping[str, Any] = {}
    employees: Collection[UUID] | None = None
    not_employees: Collection[UUID] | None = None

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions on `TRIALS`."""
        conditions = [TRIALS.c.step == self.step] if self.step else []
        conditions += [*self.period.covers(TRIALS.c.ended_at)]
        conditions += [TRIALS.c[name] == value for name, value in self.values.items()]
        if self.employees is not None:
            conditions.append(TRIALS.c.employee.in_(self.employees))
        if self.not_employees is not None:
            conditions.append(TRIALS.c.employee.not_in(self.not_employees))
        return conditions

    @property
    def of_all(self) -> bool:
        """Whether the trials of all employees with all clients are asked for."""
        return not self.values and self.employees is None and self.not_employees is None


class Observed(NamedTuple):
    """The figures of each group, those with most trials first, and of all together. `names` tell the groups apart."""

    names: tuple[str, ...]
    items: list[dict[str, Any]]
    total: dict[str, Any]


async def observed(
    connection: AsyncConnection, by: CompatibilityBy, tried: Tried, types: EmployeeTypes, configured: Compatibility
) -> Observed:
    """The trials of each group: trials, successes, rate, and where the rate lies with 95 % confidence (low, high).

    By pairs, the score of the matrix stands beside them; where all are asked for, also for pairs that nobody has tried.
    """
    query = select(TRIALS.c.employee, TRIALS.c.client_type, TRIALS.c.success, func.count())
    rows = await connection.execute(query.where(*tried.conditions).group_by(*query.selected_columns[:3]))
    trials: Counter[tuple[Any, ...]] = Counter()
    successes: Counter[tuple[Any, ...]] = Counter()
    if by is CompatibilityBy.PAIR and tried.of_all:
        trials.update({(mine, other): 0 for mine, row in configured.scores.items() for other in row})
    for employee, client_type, success, number in rows:
        known = {"employee": employee, "employee_type": types.get(employee), "client_type": client_type}
        key = tuple(known[name] for name in _SHOWN[by])
        trials[key] += number
        successes[key] += number if success else 0
    items = [_item(by, key, _figures(trials[key], successes[key]), configured) for key in _ordered(trials)]
    return Observed(_SHOWN[by], items, _figures(trials.total(), successes.total()))


def _ordered(trials: Counter[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(trials, key=lambda key: (-trials[key], [str(part or "") for part in key]))


def _figures(trials: int, successes: int) -> dict[str, Any]:
    interval = wilson(successes, trials)
    return {
        "trials": trials,
        "successes": successes,
        "rate": round(successes / trials, 4) if trials else None,
        "low": interval and interval.low,
        "high": interval and interval.high,
    }


def _item(
    by: CompatibilityBy, key: tuple[Any, ...], figures: dict[str, Any], configured: Compatibility
) -> dict[str, Any]:
    item = dict(zip(_SHOWN[by], key, strict=True)) | figures
    return item | {"configured_score": configured.score(*key)} if by is CompatibilityBy.PAIR else item


class TrialPage(NamedTuple):
    """A page of trials, and the cursor of the next one if there is one."""

    items: list[dict[str, Any]]
    next_cursor: str | None


_ORDER = [TRIALS.c.ended_at, TRIALS.c.client_id, TRIALS.c.number]


async def trials_behind(connection: AsyncConnection, tried: Tried, page: Page) -> TrialPage:
    """Trials with client_id, client_name, step, employee, client_type, ended_at and success; the last decided first.

    Raises:
        BadCursor: the cursor is not of such a list.
    """
    shown = [column for column in TRIALS.c if column.name != "number"]
    query = select(*shown, CLIENTS.c.name.label("client_name"), TRIALS.c.number)
    query = query.join(CLIENTS, CLIENTS.c.id == TRIALS.c.client_id).where(*tried.conditions)
    if page.cursor:
        query = query.where(tuple_(*_ORDER) < place(_ORDER, values_of(page.cursor, (instant, UUID, int))))
    query = query.order_by(*(column.desc() for column in _ORDER)).limit(page.limit + 1)
    rows: Sequence[Any] = (await connection.execute(query)).mappings().all()
    items = [dict(row) for row in rows[: page.limit]]
    places = [(item["ended_at"].isoformat(), item["client_id"], item.pop("number")) for item in items]
    return TrialPage(items, cursor_of(places[-1]) if len(rows) > page.limit else None)
