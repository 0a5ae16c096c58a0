"""Plan and fact of expanding the existing base, per account manager."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.api.people import EmployeeRef, employee_ref
from app.api.reading import Reading, reader
from app.api.reports import ListPage, cursors_checked, page_by
from domain.regulation.expansion import ExpansionPlan, Planned
from domain.types import Currency, Month
from projections.book import BookView
from projections.expansion import (
    MONTHS_BEFORE,
    BookMonth,
    ExpansionQuestion,
    expansion,
    expansion_clients,
    percent,
)
from projections.money import Money
from projections.period import month_after, month_of

router = APIRouter(tags=["Reports"])
BookReading = Annotated[Reading, reader(BookView.name, in_time=True)]
MonthsBefore = Annotated[int, Query(ge=1, le=60, description="So many months before are looked at")]
_FIGURES: dict[str, JsonValue] = {
    "clients": 35,
    "revenue": "91000.00",
    "revenue_before": "80000.00",
    "growth": "11000.00",
    "additional_articles": 6,
    "planned_growth": "12000.00",
    "planned_articles": 8,
    "growth_percent_of_plan": 91.7,
    "articles_percent_of_plan": 75.0,
}


class ExpansionFigures(BaseModel):
    """A book in the month, of clients that had bought before it began; null where nothing was planned."""

    clients: int
    revenue: Money
    revenue_before: Annotated[Money, Field(description="The mean month of each client before, added up")]
    growth: Money
    additional_articles: Annotated[int, Field(description="Articles sold to clients that had never ordered them")]
    planned_growth: Money | None
    planned_articles: int | None
    growth_percent_of_plan: Annotated[float | None, Field(description="To one place")]
    articles_percent_of_plan: float | None


class ExpansionItem(ExpansionFigures):
    """The book of an account manager."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "employee": {"id": "5d3c2a10-91a4-5b0e-8c57-3b1f6c2f4e01", "code": "ivanova", "name": "A. Ivanova"},
                    **_FIGURES,
                }
            ]
        }
    )

    employee: EmployeeRef


class ExpansionReport(BaseModel):
    """Plan and fact by account manager, the largest growth first, and of all together."""

    month: Month
    currency: str
    is_over: Annotated[bool, Field(description="False: the month has not ended, the fact is of a part of it")]
    items: list[ExpansionItem]
    next_cursor: str | None
    total: ExpansionFigures


@router.get("/reports/expansion")
async def report_expansion(
    reading: BookReading,
    page: ListPage,
    currency: Currency,
    month: Annotated[Month | None, Query(description="The present one, when absent")] = None,
    employee_id: UUID | None = None,
    months_before: MonthsBefore = MONTHS_BEFORE,
) -> ExpansionReport:
    """How much more existing clients bought in a month than in their mean month before, against the plan.

    The book is that of the end of the month, or of now; plans are set by
    `POST /regulation/expansion-plans`. Articles count whatever the currency of their order.
    """
    now = month_of(reading.now)
    asked = ExpansionQuestion(month or now, currency, months_before, employee_id)
    await reading.services.directory.refresh()
    plans = _plans(reading, asked)
    facts = await expansion(reading.connection, asked)
    books = {key: facts.get(key, BookMonth()) for key in {*facts, *plans}}
    items = [
        ExpansionItem(employee=employee_ref(reading.services, key), **_figures(fact, plans.get(key)).model_dump())
        for key, fact in books.items()
    ]
    items.sort(key=lambda item: (-item.growth, item.employee.code or "", item.employee.id))
    shown, next_cursor = page_by(items, page, "employee")
    total = BookMonth()
    for fact in books.values():
        total = total.plus(fact)
    return ExpansionReport(
        month=asked.month,
        currency=currency,
        is_over=month_after(asked.month) <= now,
        items=shown,
        next_cursor=next_cursor,
        total=_figures(total, _together(plans.values())),
    )


def _plans(reading: Reading, asked: ExpansionQuestion) -> dict[UUID, ExpansionPlan]:
    plans: dict[Planned, ExpansionPlan] = dict(reading.services.directory.regulation.expansion_plans)
    return {
        planned.employee_id: plan
        for planned, plan in plans.items()
        if (planned.month, planned.currency) == (asked.month, asked.currency)
        and asked.employee_id in {None, planned.employee_id}
    }


def _together(plans: Iterable[ExpansionPlan]) -> ExpansionPlan | None:
    listed = list(plans)
    if not listed:
        return None
    articles = [plan.additional_articles for plan in listed if plan.additional_articles is not None]
    growth = sum((plan.revenue_growth for plan in listed), Decimal())
    return ExpansionPlan(revenue_growth=growth, additional_articles=sum(articles) if articles else None)


def _figures(fact: BookMonth, plan: ExpansionPlan | None) -> ExpansionFigures:
    growth, articles = (plan.revenue_growth, plan.additional_articles) if plan else (None, None)
    return ExpansionFigures(
        clients=fact.clients,
        revenue=fact.revenue,
        revenue_before=fact.before,
        growth=fact.growth,
        additional_articles=fact.additional_articles,
        planned_growth=growth,
        planned_articles=articles,
        growth_percent_of_plan=percent(fact.growth, growth),
        articles_percent_of_plan=percent(fact.additional_articles, articles),
    )


class ExpansionClient(BaseModel):
    """A client of the book: what it bought in the month, in its mean month before, and what was new to it."""

    id: UUID
    name: str | None
    revenue: Money
    revenue_before: Money
    growth: Money
    additional_articles: list[str]


class ExpansionClients(BaseModel):
    """Clients, those that grew most first."""

    items: list[ExpansionClient]
    next_cursor: str | None


@router.get("/reports/expansion/clients")
async def list_expansion_clients(
    reading: BookReading,
    page: ListPage,
    employee_id: UUID,
    currency: Currency,
    month: Annotated[Month | None, Query(description="The present one, when absent")] = None,
    months_before: MonthsBefore = MONTHS_BEFORE,
) -> ExpansionClients:
    """The clients behind the figures of an account manager, with the articles that were new to them."""
    asked = ExpansionQuestion(month or month_of(reading.now), currency, months_before, employee_id)
    with cursors_checked():
        found = await expansion_clients(reading.connection, asked, page)
    items = [
        ExpansionClient(
            id=item["id"],
            name=item["name"],
            revenue=item["revenue"],
            revenue_before=item["before"],
            growth=item["growth"],
            additional_articles=item["articles"],
        )
        for item in found.items
    ]
    return ExpansionClients(items=items, next_cursor=found.next_cursor)
