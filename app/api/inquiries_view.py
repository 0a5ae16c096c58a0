"""The worklist of inquiries, and how fast they are answered."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.parameters import NOTHING_FOR_NONE
from app.api.people import Department, EmployeeRef, employees_meant, optional_ref
from app.api.reading import Reading, reader
from app.api.reports import ListPage, ReportPeriod, cursors_checked, dimension_filters, of_employee, page_by
from app.services import Services
from domain.client.inquiries import ClosingReason
from domain.types import Category, Channel, Step
from projections.inquiries import InquiriesView
from projections.inquiries_query import InquiryState, ResponseBy, Wanted, inquiries, response

router = APIRouter(tags=["Reports"])
InquiryReading = Annotated[Reading, reader(InquiriesView.name, in_time=True)]


class InquiryBody(BaseModel):
    """An inquiry and its answer. `working_hours` it may wait, by the regulation in force when it was recorded."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "5f6c1f0a-2b4e-4f9a-8c3d-7a1e9b0d2c44",
                    "client_id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11",
                    "client_name": "Ural Steel",
                    "step": "first_deal",
                    "owner": {"id": "5d3c2a10-91a4-5b0e-8c57-3b1f6c2f4e01", "code": "ivanova", "name": "Anna Ivanova"},
                    "channel": "email",
                    "category": "VIP",
                    "subject": "Pipes",
                    "text": "What do forty tonnes of pipes cost?",
                    "key_person_id": None,
                    "received_at": "2026-03-05T09:00:00Z",
                    "working_hours": "4",
                    "due_at": "2026-03-05T13:00:00Z",
                    "regulation_version": 7,
                    "state": "open",
                    "overdue": True,
                    "in_time": None,
                    "ended_at": None,
                    "ended_by": None,
                    "contact_id": None,
                    "working_minutes": None,
                    "reason": None,
                }
            ]
        }
    )

    id: UUID
    client_id: UUID
    client_name: str | None
    step: Step
    owner: Annotated[EmployeeRef | None, Field(description="Who works the client in its present step")]
    channel: Channel
    category: Annotated[Category | None, Field(description="Of the client, when the inquiry was received")]
    subject: str | None
    text: str | None
    key_person_id: UUID | None
    received_at: datetime
    working_hours: Decimal
    due_at: datetime
    regulation_version: int
    state: Annotated[str, Field(description="open, answered or closed")]
    overdue: Annotated[bool, Field(description="Open, and the time to answer is over")]
    in_time: Annotated[bool | None, Field(description="Whether it was answered in time; null: it was not answered")]
    ended_at: Annotated[datetime | None, Field(description="When it was answered or closed")]
    ended_by: EmployeeRef | None
    contact_id: Annotated[UUID | None, Field(description="The contact that answered it")]
    working_minutes: Annotated[int | None, Field(description="How long it waited for its answer")]
    reason: Annotated[ClosingReason | None, Field(description="Why it was closed without an answer")]


class InquiryList(BaseModel):
    """Inquiries, the earliest due first."""

    items: list[InquiryBody]
    next_cursor: str | None


class ResponseFigures(BaseModel):
    """How the inquiries that were received within the period were answered."""

    received: int
    answered: int
    closed: Annotated[int, Field(description="Without an answer")]
    open: int
    archived: Annotated[int, Field(description="Open, of archived clients")]
    in_breach: Annotated[int, Field(description="Open, and the time to answer is over")]
    answered_in_time: int
    share_in_time: Annotated[
        float | None, Field(description="Answered in time, of those answered or in breach; to 4 places")
    ]
    median_working_hours: Annotated[float | None, Field(description="From receipt to answer")]
    p90_working_hours: Annotated[float | None, Field(description="From receipt to answer: nine of ten took no longer")]


class ResponseItem(ResponseFigures):
    """The figures of an employee, channel, category or month; null: of none.

    An open inquiry is its client's owner's, another of whoever answered or closed it.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "channel": "email",
                    "received": 40,
                    "answered": 34,
                    "closed": 2,
                    "open": 4,
                    "archived": 0,
                    "in_breach": 1,
                    "answered_in_time": 28,
                    "share_in_time": 0.8,
                    "median_working_hours": 1.25,
                    "p90_working_hours": 5.5,
                }
            ]
        }
    )

    employee: EmployeeRef | None = None
    channel: Channel | None = None
    category: Category | None = None
    month: Annotated[str | None, Field(examples=["2026-03"], description="Of the receipt, in UTC")] = None


class ResponseReport(BaseModel):
    """How fast inquiries are answered."""

    items: list[ResponseItem]
    next_cursor: str | None
    total: ResponseFigures


Whose = Annotated[str | None, Query(description=f"The owner of open ones, who ended others; {NOTHING_FOR_NONE}")]
OfCategory = Annotated[Category | Literal[""] | None, Query(description=f"Of the client then; {NOTHING_FOR_NONE}")]
InStep = Annotated[Step | None, Query(description="The client's present one")]


@router.get("/inquiries")
async def list_inquiries(
    reading: InquiryReading,
    page: ListPage,
    received: ReportPeriod,
    state: InquiryState = InquiryState.OPEN,
    employee_id: Whose = None,
    department: Department = None,
    channel: Channel | None = None,
    category: OfCategory = None,
    step: InStep = None,
    client_id: UUID | None = None,
    overdue: bool | None = None,
    in_time: Annotated[bool | None, Query(description="Only answered ones: in time, or late")] = None,
) -> InquiryList:
    """Inquiries received within the period that wait for an answer, or that ended, the earliest due first."""
    by = dimension_filters({"channel": channel, "category": category}, employee_id)
    employees = employees_meant(reading.services, None, department)
    wanted = Wanted(state, by, step, client_id, overdue, in_time, received, employees)
    with cursors_checked():
        found = await inquiries(reading.connection, wanted, page, reading.now)
    return InquiryList(
        items=[InquiryBody(**_named(reading.services, item)) for item in found.items], next_cursor=found.next_cursor
    )


def _named(services: Services, item: dict[str, Any]) -> dict[str, Any]:
    inquiry_id, owner, ended_by = (item.pop(key) for key in ("inquiry_id", "owner_id", "ended_by"))
    return item | {
        "id": inquiry_id,
        "owner": optional_ref(services, owner),
        "ended_by": optional_ref(services, ended_by),
    }


@router.get("/reports/response", response_model_exclude_unset=True)
async def report_response(
    reading: InquiryReading,
    page: ListPage,
    period: ReportPeriod,
    by: Annotated[ResponseBy, Query(description="What the figures are split by")] = ResponseBy.EMPLOYEE,
    employee_id: Whose = None,
    department: Department = None,
    channel: Channel | None = None,
    category: OfCategory = None,
    step: InStep = None,
) -> ResponseReport:
    """How fast the inquiries received within the period were answered, against the response rule."""
    filters = dimension_filters({"channel": channel, "category": category}, employee_id)
    employees = employees_meant(reading.services, None, department)
    wanted = Wanted(by=filters, step=step, period=period, employees=employees)
    found = await response(reading.connection, by, wanted, reading.now)
    items, next_cursor = page_by([ResponseItem(**of_employee(reading, item)) for item in found.items], page, by.value)
    return ResponseReport(items=items, next_cursor=next_cursor, total=ResponseFigures(**found.total))
