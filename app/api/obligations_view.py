"""The worklist of obligations to clients: due and breached."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.api.people import Department, EmployeeRef, employee_ref, employees_meant, optional_ref
from app.api.reading import Reading, reader
from app.api.reports import ListPage, ReportPeriod, cursors_checked
from app.services import Services
from domain.types import Step
from projections.agreements import AgreementsView
from projections.money import Money
from projections.obligations_query import ObligationState, WantedObligations, obligations

router = APIRouter(tags=["Worklists"])
ObligationReading = Annotated[Reading, reader(AgreementsView.name, in_time=True)]
_EMPLOYEE: JsonValue = {"id": "5d3c2a10-91a4-5b0e-8c57-3b1f6c2f4e01", "code": "ivanova", "name": "Anna Ivanova"}


class ObligationBody(BaseModel):
    """What the firm owes a client by the agreement of a deal."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "3f6f2c0a-0d1b-4c55-9b43-6f7a9a5f8d22",
                    "client_id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11",
                    "client_name": "Ural Steel",
                    "step": "account_service",
                    "owner": _EMPLOYEE,
                    "deal_id": "7d8b0a54-8a55-4b8e-9a3f-2c6d7e8f9a01",
                    "deal_title": "Trial delivery",
                    "deal_state": "won",
                    "text": "Train two operators on site",
                    "employee": _EMPLOYEE,
                    "undertaken_at": "2026-03-04T09:00:00Z",
                    "undertaken_by": _EMPLOYEE,
                    "due_at": "2026-03-20T09:00:00Z",
                    "cost": "600.00",
                    "currency": "EUR",
                    "postponed": 1,
                    "state": "open",
                    "breached": True,
                    "late": False,
                    "ended_at": None,
                    "ended_by": None,
                    "comment": None,
                }
            ]
        }
    )

    id: UUID
    client_id: UUID
    client_name: str | None
    step: Step
    owner: Annotated[EmployeeRef | None, Field(description="Who works the client in its present step")]
    deal_id: UUID
    deal_title: str | None
    deal_state: Annotated[str, Field(description="open, won or lost")]
    text: str | None
    employee: Annotated[EmployeeRef, Field(description="Who sees to it")]
    undertaken_at: datetime
    undertaken_by: EmployeeRef
    due_at: datetime
    cost: Annotated[Money, Field(description="As planned; once it is fulfilled, what it really was")]
    currency: str
    postponed: Annotated[int, Field(description="How often its time was moved")]
    state: Annotated[str, Field(description="open, fulfilled or waived")]
    breached: Annotated[bool, Field(description="Open, and its time is over")]
    late: Annotated[bool, Field(description="Fulfilled after its time")]
    ended_at: Annotated[datetime | None, Field(description="When it was fulfilled or waived")]
    ended_by: EmployeeRef | None
    comment: Annotated[str | None, Field(description="What came of it, or why it was waived")]


class ObligationPage(BaseModel):
    """Obligations, the earliest due first."""

    items: list[ObligationBody]
    next_cursor: str | None


@router.get("/obligations")
async def list_obligations(
    reading: ObligationReading,
    page: ListPage,
    due: ReportPeriod,
    state: ObligationState = ObligationState.OPEN,
    employee_id: Annotated[UUID | None, Query(description="Who sees to it")] = None,
    department: Department = None,
    step: Annotated[Step | None, Query(description="The client's present one")] = None,
    client_id: UUID | None = None,
    deal_id: UUID | None = None,
    breached: Annotated[
        bool | None, Query(description="Only those that should be fulfilled by now, or only not")
    ] = None,
) -> ObligationPage:
    """What the firm owes its clients and is due within the period, the earliest due first."""
    employees = employees_meant(reading.services, employee_id, department)
    wanted = WantedObligations(state, employees, step, client_id, deal_id, breached, due)
    with cursors_checked():
        found = await obligations(reading.connection, wanted, page, reading.now)
    items = [ObligationBody(**_named(reading.services, item)) for item in found.items]
    return ObligationPage(items=items, next_cursor=found.next_cursor)


def _named(services: Services, item: dict[str, Any]) -> dict[str, Any]:
    keys = ("obligation_id", "employee_id", "undertaken_by", "owner_id", "ended_by")
    obligation_id, employee, undertaken_by, owner, ended_by = (item.pop(key) for key in keys)
    return item | {
        "id": obligation_id,
        "employee": employee_ref(services, employee),
        "undertaken_by": employee_ref(services, undertaken_by),
        "owner": optional_ref(services, owner),
        "ended_by": optional_ref(services, ended_by),
    }
