"""Lists of deals, what the open ones let expect by month, and why deals are won and lost."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.deals import CLIENTS, DEALS
from projections.paging import Listed, Page, listed
from projections.period import Period
from projections.place import Status

_JOINED = DEALS.join(CLIENTS, CLIENTS.c.id == DEALS.c.client_id)
_COLUMNS = (*DEALS.c, *(CLIENTS.c[name] for name in ("origin", "category", "step", "owner_id")))
_IS_OPEN = and_(DEALS.c.state == "open", CLIENTS.c.status == Status.ACTIVE)
"""Deals of clients that were given up, archived or merged are not worked: nothing is expected of them."""
_IS_CLOSED = DEALS.c.state.in_(("won", "lost"))
_EMPLOYEE = case((DEALS.c.state == "open", CLIENTS.c.owner_id), else_=DEALS.c.closed_by)
"""Whose deal it is: of whoever works the client while it is open, then of whoever worked it when it was closed."""
_STAGE = case((DEALS.c.state == "open", CLIENTS.c.step), else_=DEALS.c.closed_in)
"""The step of the client while the deal is open, then that in which it was closed."""
PER_CENT = 100


class DealState(StrEnum):
    """How a deal stands."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class CloseDays(NamedTuple):
    """From the first to the last day of the expected close, both inclusive; None is open on that side."""

    first: date | None = None
    last: date | None = None

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions that a deal is expected to close on one of these days."""
        first = [DEALS.c.close_on >= self.first] if self.first else []
        return [*first, DEALS.c.close_on <= self.last] if self.last else first


class WantedDeals(NamedTuple):
    """Which deals to list; None does not restrict.

    `by` restricts employee, stage, origin, category and reason, where None asks for those without; `has` whether there
    is a close_on or a probability. `since`: the period in which the deal came into its state.
    """

    state: DealState | None = None
    by: Mapping[str, Any] = {}
    has: Mapping[str, bool] = {}
    currency: str | None = None
    client_id: UUID | None = None
    close: CloseDays = CloseDays()
    since: Period = Period()


_KEYS: dict[str, ColumnElement[Any]] = {
    "employee": _EMPLOYEE,
    "stage": _STAGE,
    "origin": CLIENTS.c.origin,
    "category": CLIENTS.c.category,
    "reason": DEALS.c.reason,
}


async def deals(connection: AsyncConnection, wanted: WantedDeals, page: Page) -> Listed:
    """Deals, those first that are in their state for the longest time. Open ones only of clients that are worked.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    columns = (*_COLUMNS, CLIENTS.c.name.label("client_name"), _STAGE.label("stage"), _EMPLOYEE.label("employee_id"))
    query = select(*columns).select_from(_JOINED).where(*_conditions(wanted))
    return await listed(connection, query, (DEALS.c.since, DEALS.c.deal_id), page)


def _conditions(wanted: WantedDeals) -> list[ColumnElement[bool]]:
    states = [] if wanted.state is None else [DEALS.c.state == wanted.state]
    conditions = [*states, *([_IS_OPEN] if wanted.state is DealState.OPEN else [])]
    conditions += [_KEYS[name] == value for name, value in wanted.by.items()]
    conditions += [DEALS.c[name].is_not(None) == there for name, there in wanted.has.items()]
    exact = {"currency": wanted.currency, "client_id": wanted.client_id}
    conditions += [DEALS.c[name] == value for name, value in exact.items() if value is not None]
    return [*conditions, *wanted.close.conditions, *wanted.since.covers(DEALS.c.since)]


class ForecastBy(StrEnum):
    """What the forecast of a month is split by; the step is the client's."""

    EMPLOYEE = "employee"
    ORIGIN = "origin"
    CATEGORY = "category"
    STAGE = "stage"


class Expected(NamedTuple):
    """Open deals: how many, what they are worth, and what they are worth weighted by their probability.

    `unweighted` and `unweighted_amount`: those among them whose probability nobody said; they weigh nothing. `late`:
    those that were expected to close before today.
    """

    deals: int = 0
    amount: Decimal = Decimal()
    weighted: Decimal = Decimal()
    unweighted: int = 0
    unweighted_amount: Decimal = Decimal()
    late: int = 0

    def plus(self, other: "Expected") -> "Expected":
        """Both together."""
        return Expected(
            self.deals + other.deals,
            self.amount + other.amount,
            self.weighted + other.weighted,
            self.unweighted + other.unweighted,
            self.unweighted_amount + other.unweighted_amount,
            self.late + other.late,
        )


class Forecast(NamedTuple):
    """By month, value of the dimension and currency; then what has no month; then all, by currency."""

    months: list[dict[str, Any]]
    undated: list[dict[str, Any]]
    total: dict[str, Expected]


async def forecast(
    connection: AsyncConnection, by: ForecastBy | None, close: CloseDays, currency: str | None, today: date
) -> Forecast:
    """What the open deals of clients that are worked let expect.

    Deals without a day to close on are named apart; where days are asked for, they are left out.
    """
    month = func.to_char(DEALS.c.close_on, "YYYY-MM")
    keys = [month, *([_KEYS[by.value]] if by else []), DEALS.c.currency]
    query = select(*keys, *_expected(today)).select_from(_JOINED).where(_IS_OPEN, *close.conditions)
    if currency:
        query = query.where(DEALS.c.currency == currency)
    order = [month, DEALS.c.currency, func.sum(DEALS.c.amount).desc(), *keys]
    rows: Sequence[Any] = (await connection.execute(query.group_by(*keys).order_by(*order))).all()
    return _forecast([_item(row, by) for row in rows])


def _expected(today: date) -> tuple[ColumnElement[Any], ...]:
    amount, unknown = DEALS.c.amount, DEALS.c.probability.is_(None)
    return (
        func.count(),
        func.sum(amount),
        func.coalesce(func.sum(amount * DEALS.c.probability / Decimal(PER_CENT)), 0),
        func.count().filter(unknown),
        func.coalesce(func.sum(amount).filter(unknown), 0),
        func.count().filter(DEALS.c.close_on < today),
    )


class _Item(NamedTuple):
    month: str | None
    value: dict[str, Any]
    currency: str
    figures: Expected


def _item(row: Any, by: ForecastBy | None) -> _Item:
    month, *value, currency = row[: -len(Expected._fields)]
    figures = Expected(*row[-len(Expected._fields) :])
    return _Item(month, {by.value: value[0]} if by else {}, currency, figures)


def _forecast(items: Sequence[_Item]) -> Forecast:
    total: defaultdict[str, Expected] = defaultdict(Expected)
    for item in items:
        total[item.currency] = total[item.currency].plus(item.figures)
    shown = [(item.month, item.value | {"currency": item.currency, **item.figures._asdict()}) for item in items]
    months = [{"month": month} | figures for month, figures in shown if month]
    return Forecast(months, [figures for month, figures in shown if month is None], dict(sorted(total.items())))


class OutcomeBy(StrEnum):
    """What won and lost deals are split by."""

    REASON = "reason"
    STAGE = "stage"
    ORIGIN = "origin"
    EMPLOYEE = "employee"
    CATEGORY = "category"


class Outcomes(NamedTuple):
    """The figures of each group, the largest first, and of all together."""

    items: list[dict[str, Any]]
    total: dict[str, Any]


async def outcomes(connection: AsyncConnection, by: OutcomeBy, period: Period, currency: str | None) -> Outcomes:
    """The deals that were closed within the period and are closed still.

    Each group has its key and: won, lost, win_rate (of both together, to 4 places), won_by_reason and lost_by_reason
    (the empty text where nobody said why), and by currency the amounts won and lost.
    """
    key = _KEYS[by.value]
    columns = (key, DEALS.c.state, DEALS.c.reason, DEALS.c.currency)
    query = select(*columns, func.count(), func.sum(DEALS.c.amount)).select_from(_JOINED)
    query = query.where(_IS_CLOSED, *period.covers(DEALS.c.since))
    if currency:
        query = query.where(DEALS.c.currency == currency)
    rows: Sequence[Any] = (await connection.execute(query.group_by(*columns).order_by(*columns))).all()
    groups: defaultdict[Any, list[Any]] = defaultdict(list)
    for value, *closed in rows:
        groups[value].append(closed)
    items = [{by.value: value, **_figures(closed)} for value, closed in groups.items()]
    items.sort(key=lambda item: -(item["won"] + item["lost"]))
    return Outcomes(items, _figures([closed for _, *closed in rows]))


def _figures(rows: Sequence[Any]) -> dict[str, Any]:
    counts = {state: _sums(rows, state) for state in (DealState.WON, DealState.LOST)}
    won, lost = (sum(by_reason.values()) for by_reason in counts.values())
    return {
        "won": won,
        "lost": lost,
        "win_rate": round(won / (won + lost), 4) if won + lost else None,
        "won_by_reason": counts[DealState.WON],
        "lost_by_reason": counts[DealState.LOST],
        "amounts": _amounts(rows),
    }


def _sums(rows: Sequence[Any], state: DealState) -> dict[str, int]:
    counts: defaultdict[str, int] = defaultdict(int)
    for found, reason, _, count, _ in rows:
        if found == state:
            counts[reason or ""] += count
    return dict(sorted(counts.items()))


def _amounts(rows: Sequence[Any]) -> dict[str, dict[str, Decimal]]:
    sums: defaultdict[str, dict[str, Decimal]] = defaultdict(lambda: {"won": Decimal(), "lost": Decimal()})
    for state, _, currency, _, amount in rows:
        sums[currency][state] += amount
    return dict(sorted(sums.items()))
