"""Cohorts: the clients by the month of their first purchase, and what they bought in each month since.

All runs by currency: a client that buys in two is in a cohort of each, by its first purchase in that currency.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, Integer, Select, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.period import Months, Period, month_after, months_between
from projections.value_expected import rounded
from projections.value_tables import CLIENTS, COHORTS, ENTRIES, OVERALL, SUMS
from projections.value_totals import ZERO


class CohortQuestion(NamedTuple):
    """What is asked. `cohorts`: those whose month lies wholly within; `filters`: values by dimension, None: not known.

    `now` is the moment up to which months are shown.
    """

    now: date
    cohorts: Period = Period()
    currency: str | None = None
    filters: Mapping[str, Any] = {}


class Bought(NamedTuple):
    """What clients bought in one month, or in several. `buyers`: how many bought."""

    buyers: int = 0
    purchases: int = 0
    revenue: Decimal = ZERO
    margin: Decimal = ZERO
    revenue_without_cost: Decimal = ZERO

    def plus(self, other: "Bought") -> "Bought":
        """Both together."""
        return Bought(
            self.buyers + other.buyers,
            self.purchases + other.purchases,
            self.revenue + other.revenue,
            self.margin + other.margin,
            self.revenue_without_cost + other.revenue_without_cost,
        )


class MonthSince(NamedTuple):
    """A cohort `since` months after its first purchase, and its revenue and margin from the beginning to that month."""

    since: int
    clients: int
    bought: Bought
    revenue: Decimal
    margin: Decimal

    @property
    def share(self) -> float:
        """The share of the clients that bought in the month."""
        return round(self.bought.buyers / self.clients, 4)

    def per_client(self, amount: Decimal) -> Decimal | None:
        """The amount by client of the cohort, to cents."""
        return rounded(amount / self.clients)


class Cohort(NamedTuple):
    """Clients by the month of their first purchase in a currency, and the months since, the first one first."""

    month: date
    currency: str
    months: Sequence[MonthSince]

    @property
    def clients(self) -> int:
        """How many there are."""
        return self.months[0].clients


async def cohorts(connection: AsyncConnection, question: CohortQuestion) -> list[Cohort]:
    """The cohorts by currency and month, each with every month up to now, those without a purchase too."""
    query = _counted(question) if len(question.filters) <= 1 else _added_up(question)
    found: dict[tuple[str, date], dict[int, Bought]] = {}
    rows: Sequence[Any] = (await connection.execute(query)).all()
    for currency, month, since, buyers, purchases, *sums in rows:
        found.setdefault((currency, month), {})[since] = Bought(int(buyers), int(purchases), *sums)
    return [
        Cohort(month, currency, list(_months(bought, months_between(month, question.now))))
        for (currency, month), bought in sorted(found.items())
    ]


def _months(bought: Mapping[int, Bought], last: int) -> Iterator[MonthSince]:
    clients = bought[0].buyers
    revenue = margin = ZERO
    for since in range(last + 1):
        month = bought.get(since, Bought())
        revenue, margin = revenue + month.revenue, margin + month.margin
        yield MonthSince(since, clients, month, revenue, margin)


def all_cohorts(found: Sequence[Cohort], now: date) -> dict[str, list[MonthSince]]:
    """All cohorts of a currency together: each month since over those cohorts for which that month is over.

    Without this rule a month that lies ahead, or has only begun, would count as one without purchases.
    """
    totals: dict[str, dict[int, MonthSince]] = {}
    for cohort in found:
        months = totals.setdefault(cohort.currency, {})
        for month in cohort.months:
            if month_after(cohort.month, month.since) < now:
                months[month.since] = _together(months[month.since], month) if month.since in months else month
    return {currency: [months[since] for since in sorted(months)] for currency, months in totals.items()}


def _together(one: MonthSince, other: MonthSince) -> MonthSince:
    clients, bought = one.clients + other.clients, one.bought.plus(other.bought)
    return MonthSince(one.since, clients, bought, one.revenue + other.revenue, one.margin + other.margin)


def _counted(question: CohortQuestion) -> Select[Any]:
    """From the counters: of everybody, or of one value of a dimension."""
    dimension, value = next(iter(question.filters.items()), (OVERALL, None))
    keys = [COHORTS.c.currency, COHORTS.c.cohort, COHORTS.c.since]
    query = select(*keys, *(func.sum(COHORTS.c[name]) for name in Bought._fields)).group_by(*keys)
    query = query.where(COHORTS.c.dimension == dimension, *_asked(question, COHORTS.c.currency, COHORTS.c.cohort))
    return query.where(COHORTS.c.value == str(value or "")) if question.filters else query


def _added_up(question: CohortQuestion) -> Select[Any]:
    """From the purchases of the clients that have all of several values."""
    buyers = func.count(ENTRIES.c.client_id.distinct()).filter(ENTRIES.c.purchases > 0)
    sums = [func.sum(ENTRIES.c[name]) for name in Bought._fields[1:]]
    keys = [SUMS.c.currency, SUMS.c.cohort, since_cohort().label("since")]
    query = select(*keys, buyers, *sums).join_from(ENTRIES, SUMS, same_currency()).group_by(*keys)
    query = query.join(CLIENTS, CLIENTS.c.id == SUMS.c.client_id)
    query = query.where(SUMS.c.cohort.is_not(None), ENTRIES.c.kind != "payment")
    query = query.where(*(CLIENTS.c[name] == value for name, value in question.filters.items()))
    return query.where(*_asked(question, SUMS.c.currency, SUMS.c.cohort))


def same_currency() -> ColumnElement[bool]:
    """The condition that an entry adds to these sums."""
    return (ENTRIES.c.client_id == SUMS.c.client_id) & (ENTRIES.c.currency == SUMS.c.currency)


def since_cohort() -> ColumnElement[int]:
    """How many months after its client's first purchase in the currency an entry is; what was before it is of month 0.

    Needs the entries and the sums.
    """
    month, cohort = func.timezone("UTC", ENTRIES.c.occurred_at), SUMS.c.cohort
    months = 12 * (func.extract("year", month) - func.extract("year", cohort))
    return cast(func.greatest(0, months + func.extract("month", month) - func.extract("month", cohort)), Integer)


def _asked(
    question: CohortQuestion, currency: ColumnElement[Any], cohort: ColumnElement[Any]
) -> list[ColumnElement[bool]]:
    conditions = Months(*question.cohorts.whole_months).covers(cast(cohort, Date))
    return [*conditions, currency == question.currency] if question.currency else conditions
