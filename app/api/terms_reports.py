"""The report on what won deals left, and the deals behind it; and what it shares with that on discounts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.api.approvals_view import Percent
from app.api.people import EmployeeRef, optional_ref
from app.api.reading import Reading, reader
from app.api.reports import ListPage, ReportPeriod, cursors_checked, dimension_filters, of_employee, page_by
from app.services import Services
from domain.client.terms import share_percent
from domain.types import Currency
from projections.deals import DealsView
from projections.money import Money, Number
from projections.paging import Listed, Page
from projections.terms_reports import BELOW_MINIMUM, UNPROFITABLE, deals_behind, profitability
from projections.terms_split import Split, TermsBy, TermsQuestion, WantedTerms

router = APIRouter(tags=["Reports"])
TermsReading = Annotated[Reading, reader(DealsView.name, in_time=True)]
InCurrency = Annotated[Currency | None, Query(description="Only this currency; without it each one for itself")]
By = Annotated[TermsBy, Query(description="What the figures are split by; employee: who worked the client then")]
Value = Annotated[str | None, Query(description="Only what has this value; empty: where it is not known")]
F = TypeVar("F", bound=BaseModel)
ItemOf = TypeVar("ItemOf", bound=BaseModel)
_EMPLOYEE: JsonValue = {"id": "5d3c2a10-91a4-5b0e-8c57-3b1f6c2f4e01", "code": "ivanova", "name": "Anna Ivanova"}


class Dimension(BaseModel):
    """The value of the dimension asked for; null where it is not known."""

    employee: EmployeeRef | None = None
    origin: str | None = None
    category: str | None = None
    month: Annotated[str | None, Field(description="In which it was sold (UTC)", examples=["2026-03"])] = None


class SplitTotal(BaseModel, Generic[F]):
    """Everything, by currency."""

    currencies: dict[str, F]


class SplitReport(BaseModel, Generic[ItemOf, F]):
    """A report split by value and currency: its items have the figures of each, its total those of all."""

    items: list[ItemOf]
    next_cursor: str | None
    total: SplitTotal[F]


class ProfitFiguresBody(BaseModel):
    """Won deals in one currency. Profit = list price - discount - cost - obligations."""

    model_config = ConfigDict(from_attributes=True)

    deals: int
    list_price: Annotated[Money, Field(description="Revenue and discounts together")]
    discount: Money
    revenue: Money
    cost: Annotated[Money, Field(description="Direct cost")]
    obligations: Annotated[Money, Field(description="Fulfilled ones as they cost, open ones as planned")]
    profit: Money
    margin_percent: Annotated[Number | None, Field(description="The profit in per cent of the revenue")]
    unprofitable: Annotated[int, Field(description="Deals with a profit below zero")]
    loss: Annotated[Money, Field(description="The profit of those, below zero")]
    below_minimum: Annotated[int, Field(description="Deals below the minimum margin of their day")]


class ProfitItem(Dimension, ProfitFiguresBody):
    """The figures of one value in one currency."""

    currency: str


class ProfitabilityReport(SplitReport[ProfitItem, ProfitFiguresBody]):
    """Profitability of won deals; in each currency the items add up to its total."""


@router.get("/reports/profitability", response_model_exclude_unset=True)
async def report_profitability(
    reading: TermsReading, page: ListPage, won: ReportPeriod, by: By = TermsBy.EMPLOYEE, currency: InCurrency = None
) -> ProfitabilityReport:
    """What the deals won within the period left by their terms, and how many left nothing; the least profit first.

    What came back or was let down afterwards is taken off in the reports on value, not here.
    """
    found = await profitability(reading.connection, TermsQuestion(by, won, currency))
    return ProfitabilityReport(**split_report(reading, page, by, found, ProfitItem, ProfitFiguresBody))


def split_report(
    reading: Reading, page: Page, by: TermsBy, found: Split, item: type[BaseModel], figures: type[BaseModel]
) -> dict[str, Any]:
    """The fields of a report whose items are the value of the dimension, the currency, and these figures."""
    items = [
        item(**of_employee(reading, {by.value: value, "currency": currency, **_dumped(figures, found_figures)}))
        for (value, currency), found_figures in found.items.items()
    ]
    shown, next_cursor = page_by(items, page, by.value, "currency")
    currencies = {currency: figures.model_validate(sums) for currency, sums in found.total.items()}
    return {"items": shown, "next_cursor": next_cursor, "total": {"currencies": currencies}}


def _dumped(figures: type[BaseModel], found: Any) -> dict[str, Any]:
    return figures.model_validate(found).model_dump()


class WonDealBody(BaseModel):
    """A won deal: each summand of its profit, and what the rules said of its terms on the day."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "7d8b0a54-8a55-4b8e-9a3f-2c6d7e8f9a01",
                    "client_id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11",
                    "client_name": "Ural Steel",
                    "title": "Trial delivery",
                    "origin": "exhibition",
                    "category": "A",
                    "won_at": "2026-03-09T10:00:00Z",
                    "employee": _EMPLOYEE,
                    "won_by": _EMPLOYEE,
                    "currency": "EUR",
                    "list_price": "10000.00",
                    "discount": "1000.00",
                    "discount_percent": "10.00",
                    "discount_limit_percent": "5",
                    "allowed": "500.00",
                    "above_limit": True,
                    "implied_discount": "0.00",
                    "lowered": "0.00",
                    "discount_approved_by": _EMPLOYEE,
                    "revenue": "9000.00",
                    "cost": "8000.00",
                    "obligations": "600.00",
                    "profit": "400.00",
                    "margin_percent": "4.44",
                    "needed_margin_percent": "15",
                    "below_minimum": True,
                    "margin_approved_by": _EMPLOYEE,
                }
            ]
        }
    )

    id: UUID
    client_id: UUID
    client_name: str | None
    title: str | None
    origin: str | None
    category: str | None
    won_at: datetime
    employee: Annotated[EmployeeRef | None, Field(description="Who worked the client then")]
    won_by: Annotated[EmployeeRef | None, Field(description="Who recorded that it was won: the limit was his")]
    currency: str
    list_price: Money
    discount: Money
    discount_percent: Number | None
    discount_limit_percent: Percent
    allowed: Annotated[Money | None, Field(description="The limit of the list price; null: no rule was set")]
    above_limit: bool
    implied_discount: Annotated[Money, Field(description="Of the discount, what nobody named")]
    lowered: Annotated[Money, Field(description="What the list price was lowered by before it was won")]
    discount_approved_by: EmployeeRef | None
    revenue: Money
    cost: Money
    obligations: Money
    profit: Money
    margin_percent: Number | None
    needed_margin_percent: Percent
    below_minimum: bool
    margin_approved_by: EmployeeRef | None


class WonDealPage(BaseModel):
    """Won deals, by currency."""

    items: list[WonDealBody]
    next_cursor: str | None


@router.get("/reports/profitability/deals")
async def list_profitability_deals(
    reading: TermsReading,
    page: ListPage,
    won: ReportPeriod,
    currency: InCurrency = None,
    employee_id: Value = None,
    origin: Value = None,
    category: Value = None,
    unprofitable: Annotated[bool | None, Query(description="Only those with a profit below zero, or only not")] = None,
    below_minimum: Annotated[bool | None, Query(description="Only those below the minimum margin, or only not")] = None,
) -> WonDealPage:
    """The deals behind a figure of the report on profitability, the least profit of a currency first."""
    filters = dimension_filters({"origin": origin, "category": category}, employee_id)
    conditions = conditions_of({UNPROFITABLE: unprofitable, BELOW_MINIMUM: below_minimum})
    return await _listed(reading, WantedTerms(won, currency, filters, conditions), page)


def conditions_of(asked: Mapping[Any, bool | None]) -> list[Any]:
    """The conditions that are asked for, or asked not to hold."""
    return [condition if wanted else ~condition for condition, wanted in asked.items() if wanted is not None]


async def _listed(reading: Reading, wanted: WantedTerms, page: Page) -> WonDealPage:
    with cursors_checked():
        found: Listed = await deals_behind(reading.connection, wanted, page)
    items = [WonDealBody(**_named(reading.services, item)) for item in found.items]
    return WonDealPage(items=items, next_cursor=found.next_cursor)


def _named(services: Services, item: dict[str, Any]) -> dict[str, Any]:
    people = ("won_by", "discount_approved_by", "margin_approved_by")
    return item | {
        "won_at": item["since"],
        "revenue": item["amount"],
        "employee": optional_ref(services, item["closed_by"]),
        **{name: optional_ref(services, item[name]) for name in people},
        "discount_percent": share_percent(item["discount"], item["list_price"]),
        "margin_percent": share_percent(item["profit"], item["amount"]),
    }
