"""The queue of the warehouses, and the worklist of promises that cannot be kept."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.people import Department, EmployeeRef, employees_meant, optional_ref
from app.api.reading import Reading, reader
from app.api.reports import ListPage, cursors_checked
from domain.client.order_events import PromisedPart
from domain.types import Day
from projections.promises import PromisesView
from projections.warehouse import WarehouseView
from projections.warehouse_query import WantedOrders, WantedPromises, broken_promises, queue

router = APIRouter(tags=["Worklists"])
QueueReading = Annotated[Reading, reader(WarehouseView.name, PromisesView.name)]
Warehouse = Annotated[str | None, Query(max_length=64, description="The code of the warehouse")]


class QueuedLine(BaseModel):
    """What is still to be shipped of a line, and when each part of it can go out."""

    line: int
    article: str
    warehouse: str
    open: Decimal
    parts: Annotated[
        list[PromisedPart], Field(description="At once (no day), for the day of an arrival, or undated: a back-order")
    ]
    promised_on: Annotated[date | None, Field(description="The latest day of its parts that have one")]
    undated: Annotated[bool, Field(description="Whether a part of it waits without a day")]


class QueuedOrder(BaseModel):
    """An order of which a warehouse still has to ship something."""

    client_id: UUID
    client_name: str | None
    order_id: UUID
    warehouse: str
    number: str | None
    placed_at: datetime
    confirmed: bool
    promised_on: Annotated[date | None, Field(description="The latest day of all parts that have one")]
    undated: Annotated[bool, Field(description="Whether a part of it waits without a day")]
    lines: list[QueuedLine]


class QueuePage(BaseModel):
    """Orders, those placed first going first."""

    items: list[QueuedOrder]
    next_cursor: str | None


@router.get("/worklists/warehouse")
async def list_warehouse_queue(
    reading: QueueReading,
    page: ListPage,
    warehouse: Warehouse = None,
    confirmed: Annotated[bool | None, Query(description="Only those to ship, or only those to confirm")] = None,
    promised_by: Annotated[
        Day | None, Query(description="Of which a part is there or comes by this day at the latest")
    ] = None,
    undated: Annotated[bool | None, Query(description="Only those of which a part waits without a day")] = None,
) -> QueuePage:
    """Orders that a warehouse has to confirm or to ship, those placed first going first."""
    with cursors_checked():
        found = await queue(reading.connection, WantedOrders(warehouse, confirmed, promised_by, undated), page)
    return QueuePage(items=[QueuedOrder(**item) for item in found.items], next_cursor=found.next_cursor)


class BrokenPromise(BaseModel):
    """A part of a line that comes later than it was promised, or on no day that is known."""

    client_id: UUID
    client_name: str | None
    owner: Annotated[EmployeeRef | None, Field(description="Who works the client, and should tell it")]
    order_id: UUID
    number: str | None
    placed_at: datetime
    line: int
    article: str
    warehouse: str
    quantity: Decimal
    promised_on: Annotated[date | None, Field(description="Null: it was promised at once")]
    expected_on: Annotated[date | None, Field(description="The day now; null: none is known")]


class BrokenPromisePage(BaseModel):
    """Broken promises, those promised first going first."""

    items: list[BrokenPromise]
    next_cursor: str | None


@router.get("/worklists/broken-promises")
async def list_broken_promises(
    reading: QueueReading,
    page: ListPage,
    employee_id: Annotated[UUID | None, Query(description="Who works the client")] = None,
    department: Department = None,
    client_id: UUID | None = None,
    article: Annotated[str | None, Query(max_length=64, description="The code of the article")] = None,
    warehouse: Warehouse = None,
) -> BrokenPromisePage:
    """Parts of open orders that come later than promised, those promised first going first.

    An arrival was moved, cancelled or is overdue, or less was counted than there should be. What was ordered without a
    day is promised for the first one that it gets.
    """
    owners = employees_meant(reading.services, employee_id, department)
    wanted = WantedPromises(owners, client_id, article, warehouse)
    with cursors_checked():
        found = await broken_promises(reading.connection, wanted, page, reading.services.directory.today)
    items = [BrokenPromise(**item, owner=optional_ref(reading.services, item["owner_id"])) for item in found.items]
    return BrokenPromisePage(items=items, next_cursor=found.next_cursor)
