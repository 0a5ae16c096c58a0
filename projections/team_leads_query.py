"""The leads of a team: own lists, the calling list, those without a contract, and the results by seller and by lead."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.types import Step
from projections.board import BOARD_COUNTS, NO_CURRENCY
from projections.lead_work import HANDED_BACK, HANDED_ON, REDISTRIBUTED
from projections.paging import Listed, Page, listed
from projections.period import Period
from projections.place import Status
from projections.team_leads import LEADS, LOST, WORKING, WORKS

_HIDDEN = {"state", "step", "status", "industry", "region", "is_handed_over"}
_SHOWN = tuple(column for column in LEADS.c if column.name not in _HIDDEN)
_INCOMPLETE = func.cardinality(LEADS.c.missing) > 0


class Wanted(NamedTuple):
    """Which leads: in work in the step, of these employees; with `unowned` also those that nobody works.

    None does not restrict: `has_contract`: whether the first deal was won; `incomplete`: whether the card lacks
    something; `client_ids`: only these. `reviewed`: only those that a review goes through: without a contract, and not
    on offer to another step.
    """

    step: Step
    sellers: Collection[UUID]
    unowned: bool = False
    has_contract: bool | None = None
    incomplete: bool | None = None
    client_ids: Collection[UUID] | None = None
    reviewed: bool = False

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions on `LEADS`."""
        owned = LEADS.c.owner_id == func.any(list(self.sellers))
        whose = or_(owned, LEADS.c.owner_id.is_(None)) if self.unowned else owned
        conditions = [LEADS.c.step == self.step, LEADS.c.status == Status.ACTIVE, whose]
        if self.has_contract is not None:
            conditions.append(LEADS.c.won_at.is_not(None) if self.has_contract else LEADS.c.won_at.is_(None))
        if self.incomplete is not None:
            conditions.append(_INCOMPLETE if self.incomplete else ~_INCOMPLETE)
        if self.reviewed:
            conditions += [LEADS.c.won_at.is_(None), ~LEADS.c.is_handed_over]
        if self.client_ids is not None:
            conditions.append(LEADS.c.id == func.any(list(self.client_ids)))
        return conditions


async def own_lists(connection: AsyncConnection, wanted: Wanted, page: Page) -> Listed:
    """The leads, those that their owners have had for longest first.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query = select(*_SHOWN).where(*wanted.conditions, LEADS.c.owned_since.is_not(None))
    return await listed(connection, query, (LEADS.c.owned_since, LEADS.c.id), page)


async def calling_list(connection: AsyncConnection, wanted: Wanted, page: Page) -> Listed:
    """The leads, those registered first first.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query = select(*_SHOWN).where(*wanted.conditions)
    return await listed(connection, query, (LEADS.c.registered_at, LEADS.c.id), page)


class UnderReview(NamedTuple):
    """A lead to be reviewed: its type, who works it, who has failed with it."""

    client_id: UUID
    client_type: str | None
    owner_id: UUID
    failed: Sequence[UUID]


async def under_review(connection: AsyncConnection, wanted: Wanted, limit: int) -> list[UnderReview]:
    """Up to `limit` of the leads, in order of their ids."""
    query = select(LEADS.c.id, LEADS.c.client_type, LEADS.c.owner_id, LEADS.c.failed).where(*wanted.conditions)
    rows = await connection.execute(query.order_by(LEADS.c.id).limit(limit))
    return [UnderReview(*row) for row in rows]


class Outcome(StrEnum):
    """How an employee's work on a lead stands or ended."""

    WORKING = WORKING
    HANDED_ON = HANDED_ON
    HANDED_BACK = HANDED_BACK
    REDISTRIBUTED = REDISTRIBUTED
    LOST = LOST


class Worked(NamedTuple):
    """Whose work counts: of these employees in the step, as far as it was under way within the period."""

    step: Step
    sellers: Collection[UUID]
    period: Period = Period()

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions on `WORKS`."""
        conditions = [WORKS.c.step == self.step, WORKS.c.employee_id == func.any(list(self.sellers))]
        if self.period.start:
            conditions.append(or_(WORKS.c.until.is_(None), WORKS.c.until >= self.period.start))
        if self.period.end:
            conditions.append(WORKS.c.since < self.period.end)
        return conditions


_OPEN = WORKS.c.outcome == WORKING
_WON = WORKS.c.won_at.is_not(None)
_COUNTED: Mapping[str, ColumnElement[bool]] = {
    **{outcome.value: WORKS.c.outcome == outcome.value for outcome in Outcome},
    "won": _WON,
    "won_not_handed_on": and_(_WON, _OPEN),
    "incomplete": and_(_OPEN, _INCOMPLETE),
}


async def results(connection: AsyncConnection, worked: Worked) -> dict[UUID, dict[str, Any]]:
    """The figures of each employee who worked anything: leads, those of `_COUNTED`, and failed_by_reason."""
    counts = [func.count().filter(condition).label(name) for name, condition in _COUNTED.items()]
    joined = WORKS.join(LEADS, LEADS.c.id == WORKS.c.client_id)
    query = select(WORKS.c.employee_id, func.count().label("leads"), *counts).select_from(joined)
    rows = await connection.execute(query.where(*worked.conditions).group_by(WORKS.c.employee_id))
    found: dict[UUID, dict[str, Any]] = {row["employee_id"]: dict(row) for row in rows.mappings()}
    reasons = select(WORKS.c.employee_id, WORKS.c.failure_reason, func.count()).where(
        *worked.conditions, WORKS.c.failure_reason.is_not(None)
    )
    grouped = reasons.group_by(WORKS.c.employee_id, WORKS.c.failure_reason).order_by(WORKS.c.failure_reason)
    for employee_id, reason, count in await connection.execute(grouped):
        found[employee_id].setdefault("failed_by_reason", {})[reason] = count
    return found


class Behind(NamedTuple):
    """Which works to list; None does not restrict."""

    worked: Worked
    outcome: Outcome | None = None
    won: bool | None = None
    incomplete: bool | None = None


async def results_behind(connection: AsyncConnection, behind: Behind, page: Page) -> Listed:
    """The work on each lead, what began first first: a lead that an employee had twice is there twice.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    shown = [column for column in WORKS.c if column.name != "number"]
    query = select(*shown, LEADS.c.name.label("client_name"), LEADS.c.missing)
    query = query.select_from(WORKS.join(LEADS, LEADS.c.id == WORKS.c.client_id)).where(*behind.worked.conditions)
    for condition, wanted in ((_WON, behind.won), (_COUNTED["incomplete"], behind.incomplete)):
        if wanted is not None:
            query = query.where(condition if wanted else ~condition)
    if behind.outcome:
        query = query.where(WORKS.c.outcome == behind.outcome)
    return await listed(connection, query, (WORKS.c.since, WORKS.c.client_id), page)


class Base(NamedTuple):
    """A base of leads: how many are in work in the step, and how many of them are VIP."""

    leads: int
    vip: int


async def base(connection: AsyncConnection, step: Step, vip: str) -> Base:
    """The base of a step, by the counters of the board."""
    counts = BOARD_COUNTS.c
    query = select(func.sum(counts.clients), func.sum(counts.clients).filter(counts.category == vip))
    row = (await connection.execute(query.where(counts.step == step, counts.currency == NO_CURRENCY))).one()
    return Base(int(row[0] or 0), int(row[1] or 0))
