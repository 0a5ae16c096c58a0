"""The report on what was given away against the rules, with won deals and by orders beyond them, and what is behind."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.api.approvals_view import Percent
from app.api.people import EmployeeRef, optional_ref
from app.api.reports import ListPage, ReportPeriod, cursors_checked, dimension_filters
from app.api.terms_reports import (
    By,
    Dimension,
    InCurrency,
    SplitReport,
    TermsReading,
    Value,
    conditions_of,
    split_report,
)
from app.services import Services
from domain.client.terms import share_percent
from projections.discounts import (
    ABOVE_LIMIT,
    APPROVED,
    DISCOUNTED,
    IMPLIED,
    LOWERED,
    OF_DEALS,
    WITHOUT_LIMIT,
    SaleKind,
    discounts,
    discounts_behind,
)
from projections.money import Money, Number
from projections.terms_split import TermsBy, TermsQuestion, WantedTerms

router = APIRouter(tags=["Reports"])
_EMPLOYEE: JsonValue = {"id": "5d3c2a10-91a4-5b0e-8c57-3b1f6c2f4e01", "code": "ivanova", "name": "Anna Ivanova"}


class DiscountFiguresBody(BaseModel):
    """Won deals with a discount and orders with one that is in no deal, in one currency."""

    model_config = ConfigDict(from_attributes=True)

    deals: Annotated[int, Field(description="Won deals with a discount")]
    orders: Annotated[int, Field(description="Orders with a discount beyond that of the deal they fulfil, if any")]
    list_price: Annotated[
        Money,
        Field(
            description="Of deals revenue and discount together; of orders their articles by the list, unless the deal "
            "that they fulfil is in the report with a discount: then they are in its list price"
        ),
    ]
    discount: Annotated[Money, Field(description="What the discounts cost")]
    discount_percent: Annotated[
        Number | None,
        Field(description="The discounts in per cent of the list prices, with those of orders whose deal is elsewhere"),
    ]
    above_limit: Annotated[int, Field(description="Deals and orders above what whoever gave it might give on that day")]
    approved: Annotated[int, Field(description="Of those, with the approval of a head")]
    excess: Annotated[Money, Field(description="What these discounts had beyond the limit")]
    without_limit: Annotated[int, Field(description="Deals and orders with a discount while nothing was ruled")]
    implied: Annotated[Money, Field(description="Of the discounts, what nobody named: won for less than was agreed")]
    lowered_deals: Annotated[int, Field(description="Deals whose list price was lowered before they were won")]
    lowered: Annotated[Money, Field(description="By how much; it is in no discount, so that no limit held it")]


class DiscountItem(Dimension, DiscountFiguresBody):
    """The figures of one value in one currency."""

    currency: str


class DiscountReport(SplitReport[DiscountItem, DiscountFiguresBody]):
    """Discounts given against the rules; in each currency the items add up to its total."""


@router.get("/reports/discounts", response_model_exclude_unset=True)
async def report_discounts(
    reading: TermsReading, page: ListPage, given: ReportPeriod, by: By = TermsBy.EMPLOYEE, currency: InCurrency = None
) -> DiscountReport:
    """What discounts cost of deals won and orders placed within the period, and how far they kept to the rules.

    What an order gives that fulfils a won deal is in the deal, as far as the deal gave as large a share of the list
    price; what it gives beyond that is the order's. One that was cancelled gives nothing away.
    """
    found = await discounts(reading.connection, TermsQuestion(by, given, currency))
    return DiscountReport(**split_report(reading, page, by, found, DiscountItem, DiscountFiguresBody))


class GivenBody(BaseModel):
    """A won deal, or an order: what was given away with it alone, and what the rules said on the day."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "order",
                    "id": "7d8b0a54-8a55-4b8e-9a3f-2c6d7e8f9a01",
                    "deal_id": None,
                    "order_id": "7d8b0a54-8a55-4b8e-9a3f-2c6d7e8f9a01",
                    "client_id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11",
                    "client_name": "Ural Steel",
                    "title": None,
                    "number": "2026-117",
                    "origin": "exhibition",
                    "category": "A",
                    "given_at": "2026-03-09T10:00:00Z",
                    "employee": _EMPLOYEE,
                    "given_by": _EMPLOYEE,
                    "currency": "EUR",
                    "list_price": "10000.00",
                    "discount": "1000.00",
                    "given_with_deal": "0.00",
                    "discount_percent": "10.00",
                    "revenue": "9000.00",
                    "discount_limit_percent": "5",
                    "allowed": "500.00",
                    "above_limit": True,
                    "discount_approved_by": _EMPLOYEE,
                    "implied_discount": "0.00",
                    "lowered": "0.00",
                }
            ]
        }
    )

    kind: SaleKind
    id: Annotated[UUID, Field(description="Of the deal or the order")]
    deal_id: Annotated[UUID | None, Field(description="The deal, or that which the order fulfils")]
    order_id: UUID | None
    client_id: UUID
    client_name: str | None
    title: Annotated[str | None, Field(description="Of the deal")]
    number: Annotated[str | None, Field(description="Of the order")]
    origin: str | None
    category: str | None
    given_at: Annotated[datetime, Field(description="When the deal was won, or the order placed")]
    employee: Annotated[EmployeeRef | None, Field(description="Who worked the client then")]
    given_by: Annotated[EmployeeRef | None, Field(description="Who won the deal or placed the order, by his limit")]
    currency: str
    list_price: Annotated[Money, Field(description="Of an order: of its articles that have a list price")]
    discount: Annotated[Money, Field(description="Of an order: of what stands of it, beyond its deal")]
    given_with_deal: Annotated[Money, Field(description="What of the order's whole discount is in the deal's")]
    discount_percent: Number | None
    revenue: Annotated[Money, Field(description="What the deal brought; what stands of the order")]
    discount_limit_percent: Percent
    allowed: Annotated[Money | None, Field(description="The limit of the list price; null: no rule was set")]
    above_limit: Annotated[bool, Field(description="The whole discount, what was given with the deal included")]
    discount_approved_by: EmployeeRef | None
    implied_discount: Annotated[Money, Field(description="Of the discount, what nobody named; of deals")]
    lowered: Annotated[Money, Field(description="What the list price was lowered by before the deal was won")]


class GivenPage(BaseModel):
    """What was given away, by currency."""

    items: list[GivenBody]
    next_cursor: str | None


Chosen = bool | None


@router.get("/reports/discounts/deals")
async def list_discounts(
    reading: TermsReading,
    page: ListPage,
    given: ReportPeriod,
    currency: InCurrency = None,
    employee_id: Value = None,
    origin: Value = None,
    category: Value = None,
    kind: Annotated[SaleKind | None, Query(description="Only won deals, or only orders")] = None,
    discounted: Annotated[Chosen, Query(description="Only those with a discount, or only not")] = None,
    above_limit: Annotated[Chosen, Query(description="Only those above the limit, or only not")] = None,
    approved: Annotated[Chosen, Query(description="Only those above the limit by approval, or only not")] = None,
    without_limit: Annotated[Chosen, Query(description="Only discounts while nothing was ruled, or only not")] = None,
    implied: Annotated[Chosen, Query(description="Only those with a discount nobody named, or only not")] = None,
    lowered: Annotated[Chosen, Query(description="Only deals lowered before they were won, or only not")] = None,
) -> GivenPage:
    """The deals and orders behind a figure of the report on discounts, the largest discount of a currency first.

    `kind=deal&discounted=true` are those behind `deals`, `kind=order` those behind `orders`.
    """
    asked = {
        OF_DEALS: None if kind is None else kind is SaleKind.DEAL,
        DISCOUNTED: discounted,
        ABOVE_LIMIT: above_limit,
        APPROVED: approved,
        WITHOUT_LIMIT: without_limit,
        IMPLIED: implied,
        LOWERED: lowered,
    }
    filters = dimension_filters({"origin": origin, "category": category}, employee_id)
    with cursors_checked():
        wanted = WantedTerms(given, currency, filters, conditions_of(asked))
        found = await discounts_behind(reading.connection, wanted, page)
    items = [GivenBody(**_named(reading.services, item)) for item in found.items]
    return GivenPage(items=items, next_cursor=found.next_cursor)


def _named(services: Services, item: dict[str, Any]) -> dict[str, Any]:
    of_deal = item["kind"] == SaleKind.DEAL.value
    return item | {
        "deal_id": item["id"] if of_deal else item["fulfils"],
        "order_id": None if of_deal else item["id"],
        "given_at": item["since"],
        "employee": optional_ref(services, item["closed_by"]),
        **{name: optional_ref(services, item[name]) for name in ("given_by", "discount_approved_by")},
        "discount_percent": share_percent(item["discount"], item["list_price"]),
    }
