"""Segments over HTTP: where clients, revenue and expected value are, and the leads not yet worked in the strongest."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.api.people import EmployeeRef, optional_ref
from app.api.reading import Reading, reader
from app.api.reports import ListPage, ReportPeriod, cursors_checked, page_by
from domain.types import Currency
from projections.money import Money
from projections.period import Period
from projections.segments import (
    Expected,
    SegmentBy,
    SegmentFigures,
    SegmentMoney,
    leads_not_begun,
    segments,
    strongest,
)
from projections.value import ValueView
from projections.value_totals import ZERO

router = APIRouter(tags=["Reports"])
ValueReading = Annotated[Reading, reader(ValueView.name, in_time=True)]
InCurrency = Annotated[
    Currency | None, Query(description="Only this currency, by whose revenue segments are ranked; else by clients")
]
MOST_SEGMENTS, FEW_SEGMENTS = 50, 3
_EVER = Period()


class MoneyFigures(BaseModel):
    """Figures in one currency. Shares are of all segments, to 4 places; null where there is nothing to share."""

    clients: Annotated[int, Field(description="Clients that bought in the currency within the period")]
    revenue: Money
    margin: Annotated[Money, Field(description="Over the purchases whose cost is known")]
    revenue_without_cost: Annotated[Money, Field(description="Revenue of the purchases whose cost is not known")]
    expected_value: Annotated[Money, Field(description="Of all clients that ever bought in it, by the value formula")]
    without_expectation: Annotated[int, Field(description="Clients whose expected value is not known")]


class SegmentMoneyBody(MoneyFigures):
    """A segment in one currency, with its shares of all segments."""

    currency: str
    share_of_revenue: float | None
    share_of_margin: float | None
    share_of_expected_value: float | None


_MONEY: dict[str, JsonValue] = {
    "clients": 12,
    "revenue": "600000.00",
    "margin": "240000.00",
    "revenue_without_cost": "0.00",
    "expected_value": "1440000.00",
    "without_expectation": 1,
    "currency": "EUR",
    "share_of_revenue": 0.6,
    "share_of_margin": 0.62,
    "share_of_expected_value": 0.58,
}


class SegmentCounts(BaseModel):
    """How many there are. Clients that were merged into another one are not counted."""

    registered: Annotated[int, Field(description="In the client database, leads too")]
    clients: Annotated[int, Field(description="Those that ever bought")]
    unworked_leads: Annotated[int, Field(description="Active leads in lead generation that nobody has contacted yet")]


class SegmentItem(SegmentCounts):
    """A segment; null is the value of clients where it is not known."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "segment": "metallurgy",
                    "registered": 40,
                    "clients": 12,
                    "unworked_leads": 9,
                    "share_of_clients": 0.6,
                    "currencies": [_MONEY],
                }
            ]
        }
    )

    segment: str | None
    share_of_clients: Annotated[float | None, Field(description="Of the clients that ever bought")]
    currencies: list[SegmentMoneyBody]


class SegmentTotal(SegmentCounts):
    """All segments together."""

    currencies: dict[str, MoneyFigures]


class SegmentReport(BaseModel):
    """Segments, and all of them together."""

    by: SegmentBy
    items: list[SegmentItem]
    next_cursor: str | None
    total: SegmentTotal


@router.get("/reports/segments")
async def report_segments(
    reading: ValueReading,
    period: ReportPeriod,
    page: ListPage,
    by: SegmentBy = SegmentBy.INDUSTRY,
    currency: InCurrency = None,
) -> SegmentReport:
    """How clients, revenue, margin and expected value are spread over segments, and the leads not yet worked in each.

    The period is that of the purchases. A client is split by what is known of it now. Value and its clients by other
    dimensions are in `/reports/value`; the leads behind a figure in `/reports/segments/unworked-leads`.
    """
    found = await segments(reading.connection, by, period, currency)
    totals = _totals(money for item in found for money in item.money)
    clients = sum(item.clients for item in found)
    items, next_cursor = page_by([_item(item, clients, totals) for item in found], page, "segment")
    return SegmentReport(
        by=by,
        items=items,
        next_cursor=next_cursor,
        total=SegmentTotal(
            registered=sum(item.registered for item in found),
            clients=clients,
            unworked_leads=sum(item.not_begun for item in found),
            currencies={total.currency: MoneyFigures(**_figures(total)) for total in totals.values()},
        ),
    )


def _totals(parts: Iterable[SegmentMoney]) -> dict[str, SegmentMoney]:
    totals: dict[str, SegmentMoney] = {}
    for part in parts:
        known = totals.get(part.currency, SegmentMoney(part.currency, 0, ZERO, ZERO, ZERO, Expected()))
        totals[part.currency] = SegmentMoney(
            part.currency,
            known.clients + part.clients,
            known.revenue + part.revenue,
            known.margin + part.margin,
            known.revenue_without_cost + part.revenue_without_cost,
            Expected(known.expected.value + part.expected.value, known.expected.unknown + part.expected.unknown),
        )
    return dict(sorted(totals.items()))


def _figures(money: SegmentMoney) -> dict[str, Any]:
    return {
        "clients": money.clients,
        "revenue": money.revenue,
        "margin": money.margin,
        "revenue_without_cost": money.revenue_without_cost,
        "expected_value": money.expected.value,
        "without_expectation": money.expected.unknown,
    }


def _item(item: SegmentFigures, clients: int, totals: dict[str, SegmentMoney]) -> SegmentItem:
    return SegmentItem(
        segment=item.value,
        registered=item.registered,
        clients=item.clients,
        unworked_leads=item.not_begun,
        share_of_clients=_share(item.clients, clients),
        currencies=[_money(money, totals[money.currency]) for money in item.money],
    )


def _money(money: SegmentMoney, total: SegmentMoney) -> SegmentMoneyBody:
    return SegmentMoneyBody(
        currency=money.currency,
        share_of_revenue=_share(money.revenue, total.revenue),
        share_of_margin=_share(money.margin, total.margin),
        share_of_expected_value=_share(money.expected.value, total.expected.value),
        **_figures(money),
    )


def _share(part: Decimal | int, whole: Decimal | int) -> float | None:
    return round(float(part / whole), 4) if whole > 0 else None


class UnworkedLead(BaseModel):
    """A lead that nobody has contacted yet, in a segment that buys."""

    id: UUID
    name: str | None
    segment: str
    rank: Annotated[int, Field(description="Of the segment; 1 is the strongest")]
    category: str | None
    employee: Annotated[EmployeeRef | None, Field(description="To whom it was given")]
    registered_at: datetime


class UnworkedLeadPage(BaseModel):
    """Leads of the strongest segments: `segments` names them, the strongest first."""

    segments: Sequence[str]
    items: list[UnworkedLead]
    next_cursor: str | None


@router.get("/reports/segments/unworked-leads")
async def list_unworked_leads(
    reading: ValueReading,
    page: ListPage,
    by: SegmentBy = SegmentBy.INDUSTRY,
    currency: InCurrency = None,
    most: Annotated[int, Query(ge=1, le=MOST_SEGMENTS, description="So many of the strongest segments")] = FEW_SEGMENTS,
    segment: Annotated[str | None, Query(description="Only the leads of this segment, strong or not")] = None,
) -> UnworkedLeadPage:
    """Active leads that nobody has contacted yet, in the strongest segments; the longest waiting first."""
    found = [] if segment else await segments(reading.connection, by, _EVER, currency)
    values = [segment] if segment else strongest(found, currency, most)
    with cursors_checked():
        listed = await leads_not_begun(reading.connection, by, values, page)
    items = [
        UnworkedLead(employee=optional_ref(reading.services, item.pop("employee")), **item) for item in listed.items
    ]
    return UnworkedLeadPage(segments=values, items=items, next_cursor=listed.next_cursor)
