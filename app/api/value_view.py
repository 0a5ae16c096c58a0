"""The value of a client, and the value of segments with the clients behind it."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.converted import Converter, In, Rates
from app.api.documented import problems_documented
from app.api.people import EmployeeRef
from app.api.reading import Reading, reader
from app.api.reports import ListPage, ReportPeriod, cursors_checked, dimension_filters, of_employee, page_by
from app.problems import Problem
from domain.types import Currency
from projections.money import Money
from projections.value import ValueView
from projections.value_clients import Buyers, buyers
from projections.value_query import RealisedSums, ValueOfClient, client_value
from projections.value_report import ValueBy, ValueQuestion, value_by_segment

router = APIRouter(tags=["Reports"])
ValueReading = Annotated[Reading, reader(ValueView.name, in_time=True)]
InCurrency = Annotated[Currency | None, Query(description="Only this currency; without it each one for itself")]


@router.get("/clients/{client_id}/value", responses=problems_documented({404: ["unknown_client"]}))
async def read_client_value(reading: ValueReading, client_id: UUID) -> ValueOfClient:
    """What the client has brought and is expected to bring, and where each input of the expectation came from."""
    value = await client_value(reading.connection, client_id)
    if value is None:
        raise Problem("unknown_client", status=404, facts={"id": client_id})
    return value


class ValueFigures(RealisedSums):
    """Figures in one currency. `clients` are those that bought."""

    currency: str
    clients: int
    average_purchase: Annotated[Money | None, Field(description="Revenue per purchase, rounded to cents")]


class ValueItem(ValueFigures):
    """A segment in one currency; null is the value of clients where it is not known."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "industry": "metallurgy",
                    "currency": "EUR",
                    "clients": 12,
                    "purchases": 60,
                    "revenue": "600000.00",
                    "margin": "240000.00",
                    "revenue_without_cost": "0.00",
                    "paid": "550000.00",
                    "average_purchase": "10000.00",
                    "expected_per_year": "40000.00",
                    "share_of_revenue": 0.6,
                }
            ]
        }
    )

    industry: str | None = None
    region: str | None = None
    category: str | None = None
    origin: str | None = None
    size: str | None = None
    employee: EmployeeRef | None = None
    year: int | None = None
    expected_per_year: Annotated[
        Money | None,
        Field(
            description="What one client brings in a year, from all purchases of the segment; null by year or too few"
        ),
    ]
    share_of_revenue: Annotated[float | None, Field(description="Of the currency's revenue, to 4 places")]


class ConvertedTotal(RealisedSums):
    """Everything in one currency, by the rates that the report names."""

    currency: str


class ValueTotal(BaseModel):
    """Everything: how many clients bought, and the figures by currency; and in one, where that was asked for."""

    clients: int
    currencies: dict[str, ValueFigures]
    converted: ConvertedTotal | None = None


class ValueReport(BaseModel):
    """Value by segment; in each currency the items add up to its total.

    Converted, the amounts of an item are in the currency asked for; its `currency` still is the one of the purchases.
    """

    items: list[ValueItem]
    next_cursor: str | None
    total: ValueTotal
    rates: Rates = []


@router.get("/reports/value", response_model_exclude_unset=True, responses=problems_documented({}, "no_rate"))
async def report_value(
    reading: ValueReading,
    period: ReportPeriod,
    page: ListPage,
    by: ValueBy = ValueBy.INDUSTRY,
    currency: InCurrency = None,
    to: In = None,
) -> ValueReport:
    """Purchases and payments of the period by segment. A client is split by what is known of it now.

    Converted by the rates recorded for the end of the period; without one, for the day of the report.
    """
    found = await value_by_segment(reading.connection, ValueQuestion(by, period, currency))
    if to is None:
        items = [ValueItem(**of_employee(reading, item)) for item in found.items]
        shown, next_cursor = page_by(items, page, by.value, "currency")
        return ValueReport(items=shown, next_cursor=next_cursor, total=ValueTotal(**found.total))
    ended = period.end - timedelta(microseconds=1) if period.end else reading.now
    day = min(ended, reading.now).date()
    converter = Converter(reading.services, to, day, found.total["currencies"])
    items = [ValueItem(**of_employee(reading, _converted(item, converter))) for item in found.items]
    currencies = {key: _converted(item, converter) for key, item in found.total["currencies"].items()}
    sums: dict[str, Any] = {
        name: sum((item[name] for item in currencies.values()), Decimal()) for name in RealisedSums.model_fields
    }
    total = ValueTotal(
        clients=found.total["clients"],
        currencies={key: ValueFigures(**item) for key, item in currencies.items()},
        converted=ConvertedTotal(currency=to, **sums),
    )
    shown, next_cursor = page_by(items, page, by.value, "currency")
    return ValueReport(items=shown, next_cursor=next_cursor, total=total, rates=list(converter.rates.values()))


_AMOUNTS = ("revenue", "margin", "revenue_without_cost", "paid", "average_purchase", "expected_per_year")


def _converted(item: dict[str, Any], converter: Converter) -> dict[str, Any]:
    """A row with its amounts in the currency of the report, to the cent."""
    amounts = {name: item[name] for name in _AMOUNTS if item.get(name) is not None}
    return item | {name: converter(amount, item["currency"]) for name, amount in amounts.items()}


class Buyer(RealisedSums):
    """A client and its sums in one currency."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11",
                    "name": "Ural Steel",
                    "currency": "EUR",
                    "purchases": 5,
                    "revenue": "50000.00",
                    "margin": "20000.00",
                    "revenue_without_cost": "0.00",
                    "paid": "40000.00",
                }
            ]
        }
    )

    id: UUID
    name: str | None
    currency: str


class BuyerPage(BaseModel):
    """Clients; one with several currencies is there once for each."""

    items: list[Buyer]
    next_cursor: str | None


Value = Annotated[str | None, Query(description="Only clients with this value; empty: those where it is not known")]
Sort = Literal["-revenue", "revenue", "-margin", "margin", "-paid", "paid", "-purchases", "purchases"]


@router.get("/reports/value/clients")
async def list_value_clients(
    reading: ValueReading,
    period: ReportPeriod,
    page: ListPage,
    currency: InCurrency = None,
    sort: Annotated[Sort, Query(description="Within a currency; - is the largest first")] = "-revenue",
    industry: Value = None,
    region: Value = None,
    category: Value = None,
    origin: Value = None,
    size: Value = None,
    employee_id: Value = None,
    bought: Annotated[bool | None, Query(description="Whether it bought; `clients` of the report are those")] = None,
) -> BuyerPage:
    """The clients behind a figure of the value report: those that bought, and those that only paid or cost."""
    sent = {"industry": industry, "region": region, "category": category, "origin": origin, "size": size}
    wanted = Buyers(dimension_filters(sent, employee_id), currency, period, sort, bought)
    with cursors_checked():
        found = await buyers(reading.connection, wanted, page)
    return BuyerPage(items=[Buyer(**item) for item in found.items], next_cursor=found.next_cursor)
