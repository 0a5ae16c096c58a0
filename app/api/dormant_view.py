"""Dormant clients: who has stopped buying, since when, and what it had brought."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.api import BASE
from app.api.people import Department, EmployeeRef, optional_ref, owners_meant
from app.api.reading import Reading, reader
from app.api.reports import ListPage, cursors_checked
from app.problems import invalid
from domain.client.dormancy import Source
from domain.types import Currency, Step
from projections.dormant import VIEWS, Dormant, DormantSort, dormant_clients
from projections.money import Money

router = APIRouter(tags=["Worklists"])
_DAY = timedelta(days=1)
_EXAMPLE: dict[str, JsonValue] = {
    "id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11",
    "name": "Ural Steel",
    "step": "account_service",
    "owner": {"id": "5d3c2a10-91a4-5b0e-8c57-3b1f6c2f4e01", "code": "ivanova", "name": "Anna Ivanova"},
    "last_purchase_at": "2026-01-10T09:00:00Z",
    "interval_days": 30.4,
    "interval_source": "card",
    "dormant_from": "2026-03-12T03:00:00Z",
    "days_dormant": 40,
    "realised": [{"currency": "EUR", "revenue": "50000.00", "margin": "20000.00"}],
    "offer": None,
    "offer_back": "/api/v1/clients/3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11/handoffs",
    "not_offered_because": None,
}


class RealisedBody(BaseModel):
    """What a client has brought in one currency."""

    currency: str
    revenue: Money
    margin: Annotated[Money, Field(description="Over the purchases whose cost is known")]


class OpenOfferBody(BaseModel):
    """A handoff that waits for an answer."""

    handoff_id: UUID
    to_step: Step
    to_employee: EmployeeRef | None
    due_at: datetime


class DormantClient(BaseModel):
    """A client that has not bought for twice the interval expected of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: UUID
    name: str | None
    step: Step
    owner: EmployeeRef | None
    last_purchase_at: Annotated[datetime, Field(description="An order that fulfils a deal counts too")]
    interval_days: Annotated[float, Field(description="Expected from one purchase to the next, to a tenth")]
    interval_source: Annotated[
        Source, Field(description="The card, else the client's own purchases, else the mean of its industry")
    ]
    dormant_from: datetime
    days_dormant: Annotated[int, Field(description="Whole days")]
    realised: list[RealisedBody]
    offer: Annotated[OpenOfferBody | None, Field(description="The handoff that waits for an answer")]
    offer_back: Annotated[
        str | None, Field(description="POST a handoff here, with `to_step`; null where it would fail")
    ]
    not_offered_because: Annotated[str | None, Field(description="What keeps it from being offered back")]


class DormantClientPage(BaseModel):
    """Dormant clients."""

    items: list[DormantClient]
    next_cursor: str | None


@router.get("/worklists/dormant-clients")
async def list_dormant_clients(
    reading: Annotated[Reading, reader(*VIEWS)],
    page: ListPage,
    owner_id: Annotated[list[UUID] | None, Query()] = None,
    unassigned: Annotated[bool, Query(description="Clients that nobody works; beside those of `owner_id`")] = False,
    department: Department = None,
    step: Annotated[list[Step] | None, Query()] = None,
    currency: Annotated[Currency | None, Query(description="Only clients that have bought in this currency")] = None,
    sort: Annotated[
        DormantSort, Query(description="dormant_from: the longest dormant first; revenue: in `currency`")
    ] = DormantSort.LONGEST,
) -> DormantClientPage:
    """Active clients without a purchase for twice the expected interval; they may be offered back to earlier steps."""
    if sort.by_revenue and not currency:
        raise invalid("currency", "Send the currency by whose revenue to sort.", "missing")
    await reading.services.directory.refresh()
    owners = owners_meant(reading.services, owner_id or (), department, unassigned=unassigned)
    wanted = Dormant(owners, step or (), currency, sort)
    with cursors_checked():
        found = await dormant_clients(reading.connection, wanted, page, reading.now)
    return DormantClientPage(items=[_body(reading, item) for item in found.items], next_cursor=found.next_cursor)


def _body(reading: Reading, item: dict[str, Any]) -> DormantClient:
    reason = _kept_by(item)
    interval: timedelta = item["interval"]
    return DormantClient(
        id=item["id"],
        name=item["name"],
        step=item["step"],
        owner=optional_ref(reading.services, item["owner_id"]),
        last_purchase_at=item["last_purchase_at"],
        interval_days=round(interval / _DAY, 1),
        interval_source=item["interval_source"],
        dormant_from=item["dormant_from"],
        days_dormant=(reading.now - item["dormant_from"]) // _DAY,
        realised=item["sums"],
        offer=_offer(reading, item),
        offer_back=None if reason else f"{BASE}/clients/{item['id']}/handoffs",
        not_offered_because=reason,
    )


def _kept_by(item: dict[str, Any]) -> str | None:
    """Why the client cannot be offered back now, as the rules of handoffs see it."""
    if item["step"] != Step.ACCOUNT_SERVICE:
        return "It is in an earlier step already."
    if item["offer_handoff_id"]:
        return "An offer is waiting for its answer."
    if item["interval_source"] == Source.SEGMENT:
        return "Its interval is only that of its industry: set purchase_interval on its card first."
    return None


def _offer(reading: Reading, item: dict[str, Any]) -> OpenOfferBody | None:
    if item["offer_handoff_id"] is None:
        return None
    return OpenOfferBody(
        handoff_id=item["offer_handoff_id"],
        to_step=item["offer_to_step"],
        to_employee=optional_ref(reading.services, item["offer_to_employee_id"]),
        due_at=item["offer_due_at"],
    )
