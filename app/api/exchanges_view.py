"""Leads on offer between sellers: the offers to somebody, those by somebody, and how they were answered."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.people import EmployeeRef, employee_ref, employee_types, optional_ref
from app.api.reading import Reading, reader
from app.api.reports import ListPage, cursors_checked
from domain.types import FailureReason, Step
from projections.exchanges_query import ExchangeState, Wanted, exchanges
from projections.team_leads import TeamLeadsView

router = APIRouter(tags=["Worklists"])
LeadReading = Annotated[Reading, reader(TeamLeadsView.name, in_time=True)]


class ExchangeBody(BaseModel):
    """A lead on offer, and how the offer was answered."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "b8ffaf99-8caf-4885-99e8-ef89674a1c76",
                    "client_id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11",
                    "client_name": "Ural Steel",
                    "client_type": "analytical",
                    "step": "lead_generation",
                    "from_employee": {"id": "5d3c2a10-91a4-5b0e-8c57-3b1f6c2f4e01", "code": "ivanova", "name": None},
                    "to_employee": None,
                    "reason": "types_incompatible",
                    "comment": "He wants numbers, not talk",
                    "offered_at": "2026-03-02T09:00:00Z",
                    "due_at": "2026-03-04T09:00:00Z",
                    "expires_at": "2026-03-09T09:00:00Z",
                    "state": "waiting",
                    "overdue": False,
                    "answered_at": None,
                    "accepted_by": None,
                    "declined_by": [],
                    "score": None,
                }
            ]
        }
    )

    id: UUID
    client_id: UUID
    client_name: str | None
    client_type: str | None
    step: Step
    from_employee: EmployeeRef
    to_employee: Annotated[EmployeeRef | None, Field(description="Null: offered to all")]
    reason: Annotated[FailureReason, Field(description="Why it does not suit whoever offers it")]
    comment: str | None
    offered_at: datetime
    due_at: datetime
    expires_at: Annotated[datetime | None, Field(description="When it is void; null for the first offers ever made")]
    state: Annotated[str, Field(description="waiting, accepted, declined, withdrawn, expired or lapsed")]
    overdue: Annotated[bool, Field(description="Waiting, and the time to answer is over")]
    answered_at: datetime | None
    accepted_by: EmployeeRef | None
    declined_by: list[EmployeeRef]
    score: Annotated[
        Decimal | None,
        Field(description="How the lead suits, by types as they are now, the receiver asked for or named in the offer"),
    ]


class ExchangePage(BaseModel):
    """Offers, those to be answered first first."""

    items: list[ExchangeBody]
    next_cursor: str | None


@router.get("/exchanges")
async def list_exchanges(
    reading: LeadReading,
    page: ListPage,
    state: ExchangeState | None = None,
    for_employee_id: Annotated[
        UUID | None, Query(description="What he may accept: offered to him or to all, not declined, not failed before")
    ] = None,
    from_employee_id: Annotated[UUID | None, Query(description="What he has offered")] = None,
    client_id: UUID | None = None,
) -> ExchangePage:
    """Leads that sellers offer to one another."""
    await reading.services.directory.refresh()
    receiver = reading.services.directory.employee(for_employee_id) if for_employee_id else None
    steps = [Step(step) for step in receiver.steps] if receiver else ()
    senders = None if from_employee_id is None else {from_employee_id}
    wanted = Wanted(state, for_employee_id, steps, senders, client_id)
    with cursors_checked():
        found = await exchanges(reading.connection, wanted, page, reading.now)
    items = [_body(reading, item, for_employee_id) for item in found.items]
    return ExchangePage(items=items, next_cursor=found.next_cursor)


def _body(reading: Reading, item: dict[str, Any], receiver: UUID | None) -> ExchangeBody:
    services = reading.services
    judged = receiver or item["to_employee_id"]
    matrix = services.directory.regulation.compatibility
    score = matrix.score(employee_types(services).get(judged), item["client_type"]) if judged else None
    keys = ("exchange_id", "from_employee_id", "to_employee_id", "accepted_by", "declined_by")
    key, sender, to, accepted_by, declined_by = (item.pop(name) for name in keys)
    return ExchangeBody(
        **item,
        id=key,
        from_employee=employee_ref(services, sender),
        to_employee=optional_ref(services, to),
        accepted_by=optional_ref(services, accepted_by),
        declined_by=[employee_ref(services, each) for each in declined_by],
        score=score,
    )
