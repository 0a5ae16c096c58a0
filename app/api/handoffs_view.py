"""The offers that wait, are overdue or were answered, and the quality of handoffs."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Reader, services_of
from app.api.documented import problems_documented
from app.api.people import EmployeeRef, employee_ref, optional_ref
from app.api.reading import After, Reading, reader, wait_for
from app.api.reports import ListPage, ReportPeriod, cursors_checked, of_employee, page_by
from app.auth import authorize
from app.problems import Problem
from app.services import Services
from domain.client.handoff_events import HandoffOffered, Packet, ReturnReason
from domain.client.registration import ClientRegistered
from domain.kernel import Recorded
from domain.types import Step
from projections.handoffs import HandoffsView, offer_of
from projections.handoffs_query import Became, Offers, OfferState, QualityBy, offers, quality

router = APIRouter(tags=["Reports"])
HandoffReading = Annotated[Reading, reader(HandoffsView.name, in_time=True)]


class HandoffBody(BaseModel):
    """An offer and its answer. `outcome`: what became of the client in `to_step` once it was accepted there."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "9b2f2b62-2f52-4b6d-8f5e-0d5c9f2f1a10",
                    "client_id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11",
                    "client_name": "Ural Steel",
                    "from_step": "lead_generation",
                    "to_step": "first_deal",
                    "from_employee": {
                        "id": "5d3c2a10-91a4-5b0e-8c57-3b1f6c2f4e01",
                        "code": "ivanova",
                        "name": "Anna Ivanova",
                    },
                    "to_employee": None,
                    "offered_at": "2026-03-05T09:00:00Z",
                    "due_at": "2026-03-06T09:00:00Z",
                    "expires_at": "2026-03-10T09:00:00Z",
                    "state": "waiting",
                    "overdue": True,
                    "answered_at": None,
                    "reason": None,
                    "accepted_by": None,
                    "automatic": False,
                    "outcome": None,
                    "outcome_at": None,
                }
            ]
        }
    )

    id: UUID
    client_id: UUID
    client_name: str | None
    from_step: Step
    to_step: Step
    from_employee: EmployeeRef
    to_employee: Annotated[EmployeeRef | None, Field(description="Null: offered to the whole department")]
    offered_at: datetime
    due_at: datetime
    expires_at: datetime
    state: Annotated[str, Field(description="waiting, accepted, returned, withdrawn or expired")]
    overdue: Annotated[bool, Field(description="Waiting, and the time to accept is over")]
    answered_at: datetime | None
    reason: Annotated[ReturnReason | None, Field(description="Why it was returned")]
    accepted_by: EmployeeRef | None
    automatic: Annotated[bool, Field(description="Both sides are one person")]
    outcome: Annotated[Became | None, Field(description="Null while it is worked there")]
    outcome_at: datetime | None


class HandoffDetail(HandoffBody):
    """An offer with what the receiver has to know of the client, as it stood when the handoff was offered."""

    model_config = ConfigDict(json_schema_extra=None)

    comment: Annotated[str | None, Field(description="Of the sender")]
    packet: Annotated[Packet | None, Field(description="Null once the client's personal data were erased")]


class HandoffPage(BaseModel):
    """Offers, the newest first; those waiting or overdue by what is due first."""

    items: list[HandoffBody]
    next_cursor: str | None


class HandedOver(BaseModel):
    """What became of the clients that were accepted. The rate leaves out account service, which never converts."""

    accepted: int
    converted: int
    lost: int
    rate: Annotated[float | None, Field(description="Converted per accepted, to 4 places")]


class QualityFigures(BaseModel):
    """How the offers of the period went. `overdue` are among those waiting, `automatic` among those accepted."""

    offered: int
    accepted: int
    automatic: int
    returned: int
    withdrawn: int
    expired: int
    waiting: int
    overdue: int
    returned_by_reason: dict[ReturnReason, int]
    median_hours_to_accept: Annotated[float | None, Field(description="Without the automatic ones")]
    handed_over: HandedOver


class QualityItem(QualityFigures):
    """The figures of a pair of steps or of an employee; null: offered to a department and accepted by nobody yet."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "from_step": "lead_generation",
                    "to_step": "first_deal",
                    "offered": 40,
                    "accepted": 30,
                    "automatic": 0,
                    "returned": 5,
                    "withdrawn": 1,
                    "expired": 2,
                    "waiting": 2,
                    "overdue": 1,
                    "returned_by_reason": {"not_ready": 4, "no_need": 1},
                    "median_hours_to_accept": 3.5,
                    "handed_over": {"accepted": 30, "converted": 18, "lost": 6, "rate": 0.6},
                }
            ]
        }
    )

    from_step: Step | None = None
    to_step: Step | None = None
    from_employee: EmployeeRef | None = None
    to_employee: EmployeeRef | None = None


class QualityReport(BaseModel):
    """The quality of handoffs."""

    items: list[QualityItem]
    next_cursor: str | None
    total: QualityFigures


@router.get("/handoffs")
async def list_handoffs(
    reading: HandoffReading,
    page: ListPage,
    offered: ReportPeriod,
    state: OfferState | None = None,
    to_step: Step | None = None,
    from_step: Step | None = None,
    to_employee_id: Annotated[UUID | None, Query(description="Who accepted it, else to whom it was offered")] = None,
    from_employee_id: UUID | None = None,
    client_id: UUID | None = None,
    reason: Annotated[ReturnReason | None, Query(description="Why it was returned")] = None,
    automatic: Annotated[bool | None, Query(description="Only where both sides are one person, or only not")] = None,
    outcome: Annotated[Became | None, Query(description="What became of the client once it was accepted")] = None,
) -> HandoffPage:
    """Offers of clients to another step within the period, with their answers; those behind a figure of the report."""
    wanted = Offers(
        state, to_step, from_step, to_employee_id, from_employee_id, client_id, reason, automatic, outcome, offered
    )
    with cursors_checked():
        found = await offers(reading.connection, wanted, page, reading.now)
    items = [HandoffBody(**_named(reading.services, item)) for item in found.items]
    return HandoffPage(items=items, next_cursor=found.next_cursor)


@router.get(
    "/clients/{client_id}/handoffs/{handoff_id}",
    responses=problems_documented({404: ["unknown_client", "unknown_handoff"]}),
)
async def read_handoff(
    request: Request, actor: Reader, client_id: UUID, handoff_id: UUID, after: After = None
) -> HandoffDetail:
    """An offer with its packet. It is read from the client's events, so that it is never behind."""
    services = services_of(request)
    authorize(actor, "read")
    await wait_for(services, (), after)
    events = await services.store.read_stream(client_id)
    if not events or not isinstance(events[0].event, ClientRegistered):
        raise Problem("unknown_client", status=404, facts={"id": client_id})
    offer = offer_of(client_id, handoff_id, events)
    if offer is None:
        raise Problem("unknown_handoff", status=404, facts={"handoff_id": handoff_id})
    overdue = offer["state"] == OfferState.WAITING and offer["due_at"] < datetime.now(UTC)
    offered = next(e for e in _offered(events) if e.handoff_id == handoff_id)
    named = _named(services, offer)
    return HandoffDetail(**named, overdue=overdue, comment=offered.comment, packet=offered.packet)


def _offered(events: Sequence[Recorded]) -> Iterator[HandoffOffered]:
    return (recorded.event for recorded in events if isinstance(recorded.event, HandoffOffered))


def _named(services: Services, offer: dict[str, Any]) -> dict[str, Any]:
    """The offer with its employees by name and its id under the key that all answers use."""
    keys = ("handoff_id", "from_employee_id", "to_employee_id", "accepted_by")
    handoff_id, sender, receiver, accepted_by = (offer.pop(key) for key in keys)
    return offer | {
        "id": handoff_id,
        "from_employee": employee_ref(services, sender),
        "to_employee": optional_ref(services, receiver),
        "accepted_by": optional_ref(services, accepted_by),
    }


@router.get("/reports/handoffs", response_model_exclude_unset=True)
async def report_handoffs(
    reading: HandoffReading,
    page: ListPage,
    period: ReportPeriod,
    by: Annotated[QualityBy, Query(description="What the figures are split by")] = QualityBy.STEP_PAIR,
) -> QualityReport:
    """The quality of the handoffs that were offered within the period."""
    found = await quality(reading.connection, by, period, reading.now)
    names = ("from_step", "to_step") if by is QualityBy.STEP_PAIR else (by.value,)
    items, next_cursor = page_by(
        [QualityItem(**of_employee(reading, item, by.value)) for item in found.items], page, *names
    )
    return QualityReport(items=items, next_cursor=next_cursor, total=QualityFigures(**found.total))
