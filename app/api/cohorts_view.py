"""Cohorts over HTTP: how many clients of a month's first purchases still buy, and what they have brought since."""

from datetime import date
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.api.people import EmployeeRef, optional_ref
from app.api.reading import Reading, reader
from app.api.reports import ListPage, ReportPeriod, cursors_checked, dimension_filters, page_by
from domain.types import Currency, Month
from projections.cohort_clients import CohortMember, cohort_clients
from projections.cohorts import CohortQuestion, MonthSince, all_cohorts, cohorts
from projections.money import Money
from projections.period import month_after, month_of
from projections.value import ValueView

router = APIRouter(tags=["Reports"])
ValueReading = Annotated[Reading, reader(ValueView.name, in_time=True)]
MOST_MONTHS = 1200
_Value = Annotated[str | None, Query(description="Only clients with this value; empty: those where it is not known")]


class Filters(NamedTuple):
    """The clients asked for: values by dimension."""

    values: dict[str, Any]


async def _filters(
    origin: _Value = None,
    industry: _Value = None,
    region: _Value = None,
    category: _Value = None,
    size: _Value = None,
    employee_id: _Value = None,
) -> Filters:
    sent = {"origin": origin, "industry": industry, "region": region, "category": category, "size": size}
    return Filters(dimension_filters(sent, employee_id))


OfClients = Annotated[Filters, Depends(_filters)]


class MonthFigures(BaseModel):
    """A month since the first purchase. Margin is over the purchases whose cost is known."""

    months_since: int
    cohort_clients: Annotated[int, Field(description="The clients of the cohort, or of all cohorts this is over")]
    clients: Annotated[int, Field(description="How many of them bought in the month")]
    share: Annotated[float, Field(description="The retained share, to 4 places")]
    purchases: int
    revenue: Money
    margin: Money
    revenue_without_cost: Annotated[Money, Field(description="Revenue of the purchases whose cost is not known")]
    cumulative_revenue: Annotated[Money, Field(description="From the first purchase to the end of this month")]
    cumulative_margin: Money
    revenue_per_client: Annotated[Money | None, Field(description="Cumulative, by client of the cohort, to cents")]
    margin_per_client: Money | None

    @staticmethod
    def of(month: MonthSince) -> dict[str, Any]:
        """The figures of a month as an answer shows them."""
        bought = month.bought
        return {
            "months_since": month.since,
            "cohort_clients": month.clients,
            "clients": bought.buyers,
            "share": month.share,
            "purchases": bought.purchases,
            "revenue": bought.revenue,
            "margin": bought.margin,
            "revenue_without_cost": bought.revenue_without_cost,
            "cumulative_revenue": month.revenue,
            "cumulative_margin": month.margin,
            "revenue_per_client": month.per_client(month.revenue),
            "margin_per_client": month.per_client(month.margin),
        }


class CohortMonth(MonthFigures):
    """A month since, and which calendar month (UTC) it was."""

    month: Month
    is_over: Annotated[bool, Field(description="False: the month has only begun")]


_MONTH: dict[str, JsonValue] = {
    "months_since": 1,
    "cohort_clients": 12,
    "clients": 9,
    "share": 0.75,
    "purchases": 11,
    "revenue": "110000.00",
    "margin": "44000.00",
    "revenue_without_cost": "0.00",
    "cumulative_revenue": "230000.00",
    "cumulative_margin": "92000.00",
    "revenue_per_client": "19166.67",
    "margin_per_client": "7666.67",
    "month": "2026-02",
    "is_over": True,
}


class CohortItem(BaseModel):
    """The clients that bought first, in this currency, in a month."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"cohort": "2026-01", "currency": "EUR", "clients": 12, "months": [_MONTH]}],
        }
    )

    cohort: Month
    currency: str
    clients: int
    months: Annotated[list[CohortMonth], Field(description="Up to now, those without a purchase too")]


class CohortReport(BaseModel):
    """Cohorts by currency and month; currencies are never added.

    `total` has, by currency, each month since over those cohorts for which that month is over.
    """

    items: list[CohortItem]
    next_cursor: str | None
    total: dict[str, list[MonthFigures]]


@router.get("/reports/cohorts")
async def report_cohorts(
    reading: ValueReading,
    period: ReportPeriod,
    page: ListPage,
    clients: OfClients,
    currency: Annotated[Currency | None, Query(description="Only this currency; without it each for itself")] = None,
) -> CohortReport:
    """How many of the clients won in a month still buy, and what one of them has brought since.

    A client is in the cohort of the month (UTC) of its first purchase in the currency. The period restricts the
    cohorts to months that lie wholly within it. A client is split by what is known of it now.
    """
    now = month_of(reading.now)
    found = await cohorts(reading.connection, CohortQuestion(now, period, currency, clients.values))
    items = [
        CohortItem(
            cohort=cohort.month,
            currency=cohort.currency,
            clients=cohort.clients,
            months=[_month(cohort.month, month, now) for month in cohort.months],
        )
        for cohort in found
    ]
    totals = all_cohorts(found, now).items()
    shown, next_cursor = page_by(items, page, "currency", "cohort")
    return CohortReport(
        items=shown,
        next_cursor=next_cursor,
        total={currency: [MonthFigures(**MonthFigures.of(month)) for month in months] for currency, months in totals},
    )


def _month(cohort: date, month: MonthSince, now: date) -> CohortMonth:
    begins = month_after(cohort, month.since)
    return CohortMonth(month=begins, is_over=begins < now, **MonthFigures.of(month))


class CohortClient(BaseModel):
    """A client of a cohort, and what it bought in the month asked for, or since its first purchase."""

    id: UUID
    name: str | None
    employee: Annotated[EmployeeRef | None, Field(description="Who works it, or worked it last")]
    purchases: int
    revenue: Money
    margin: Money
    revenue_without_cost: Money


class CohortClients(BaseModel):
    """Clients, the largest revenue first."""

    items: list[CohortClient]
    next_cursor: str | None


@router.get("/reports/cohorts/clients")
async def list_cohort_clients(
    reading: ValueReading,
    page: ListPage,
    clients: OfClients,
    cohort: Annotated[Month, Query(description="The month of the first purchase")],
    currency: Currency,
    months_since: Annotated[
        int | None, Query(ge=0, le=MOST_MONTHS, description="What was bought in this month only; else all since")
    ] = None,
    bought: Annotated[
        bool | None, Query(description="Only clients that bought then; false: only those that did not")
    ] = None,
) -> CohortClients:
    """The clients behind a figure of the cohort report, also those that have stopped buying."""
    wanted = CohortMember(cohort, currency, months_since, bought, clients.values)
    with cursors_checked():
        found = await cohort_clients(reading.connection, wanted, page)
    items = [
        CohortClient(employee=optional_ref(reading.services, item.pop("employee")), **item) for item in found.items
    ]
    return CohortClients(items=items, next_cursor=found.next_cursor)
