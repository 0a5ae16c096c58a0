"""The base of all proposals, one proposal with its revisions, and conversion by template and version."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.bounds import END, INCLUSIVE, Begin, End, period_between
from app.api.parameters import NOTHING_FOR_NONE
from app.api.people import EmployeeRef, employee_ref, optional_ref
from app.api.reading import Reading, reader
from app.api.reports import ListPage, ReportPeriod, cursors_checked, dimension_filters, of_employee, page_by
from app.services import Services
from domain.client.deal_reasons import LossReason
from domain.documents.template import Template
from domain.types import Category, Currency, Step
from projections.money import Money
from projections.period import Period
from projections.proposals import ProposalsView
from projections.proposals_query import (
    ProposalBy,
    ProposalState,
    WantedProposals,
    proposal_conversion,
    proposals,
)

router = APIRouter(tags=["Reports"])
NOT_FOUND = 404
ProposalReading = Annotated[Reading, reader(ProposalsView.name, in_time=True)]
REPLACED_SINCE = "Those sent by this employee, template, version or then, and anew otherwise; else, sent so last"


class ListedProposal(BaseModel):
    """A proposal as its last revision has it, with how it was sent last."""

    id: UUID
    client_id: UUID
    client_name: str | None
    number: str
    title: str | None
    deal_id: UUID | None
    stage: Annotated[Step, Field(description="The client's step when it was drafted")]
    revision: int
    total: Money
    currency: str
    valid_until: date
    expires_at: datetime
    drafted_at: datetime
    drafted_by: EmployeeRef
    sent_at: datetime | None
    sent_by: EmployeeRef | None
    template_id: UUID | None
    template_name: str | None
    template_version: int | None
    document_id: UUID | None
    state: ProposalState
    answered_at: Annotated[datetime | None, Field(description="When it was accepted or declined, or expired")]
    reason: Annotated[LossReason | None, Field(description="Why it was declined")]
    owner: Annotated[EmployeeRef | None, Field(description="Who works the client now")]


class ProposalPage(BaseModel):
    """Proposals, those first that were drafted first."""

    items: list[ListedProposal]
    next_cursor: str | None


async def _sent(
    sent_from: Annotated[Begin | None, Query(description=INCLUSIVE)] = None,
    sent_to: Annotated[End | None, Query(description=END)] = None,
) -> Period:
    return period_between(sent_from, sent_to, "sent_to")


SentPeriod = Annotated[Period, Depends(_sent)]


@router.get("/proposals")
async def list_proposals(
    reading: ProposalReading,
    page: ListPage,
    drafted: ReportPeriod,
    sent: SentPeriod,
    state: Annotated[ProposalState | None, Query(description="One revised since it was sent is a draft")] = None,
    q: Annotated[
        str | None, Query(max_length=300, description="Beginnings of words of number, title, terms and lines")
    ] = None,
    employee_id: Annotated[str | None, Query(description="Who sent it last, or drafted it")] = None,
    owner_id: UUID | None = None,
    template_id: UUID | None = None,
    template_version: int | None = None,
    stage: Step | None = None,
    origin: Annotated[str | None, Query(description=NOTHING_FOR_NONE)] = None,
    category: Annotated[Category | Literal[""] | None, Query(description=NOTHING_FOR_NONE)] = None,
    reason: LossReason | None = None,
    currency: Currency | None = None,
    client_id: UUID | None = None,
    deal_id: UUID | None = None,
    is_sent: Annotated[bool | None, Query(description="Whether it was ever sent")] = None,
    is_replaced: Annotated[bool, Query(description=REPLACED_SINCE)] = False,
) -> ProposalPage:
    """The base of all proposals, among them those behind a figure of the conversion. `from`, `to`: when drafted."""
    by = dimension_filters({"stage": stage, "origin": origin, "category": category, "reason": reason}, employee_id)
    by |= {"owner": owner_id} if owner_id else {}
    exact = {
        "template_id": template_id,
        "template_version": template_version,
        "currency": currency,
        "client_id": client_id,
        "deal_id": deal_id,
    }
    wanted = WantedProposals(state, by, exact, q, drafted, sent, is_sent, is_replaced)
    await reading.services.directory.refresh()
    with cursors_checked():
        found = await proposals(reading.connection, wanted, page)
    items = [ListedProposal(**_named(reading.services, item)) for item in found.items]
    return ProposalPage(items=items, next_cursor=found.next_cursor)


def _named(services: Services, item: dict[str, Any]) -> dict[str, Any]:
    return item | {
        "id": item["proposal_id"],
        "drafted_by": employee_ref(services, item["drafted_by"]),
        "sent_by": optional_ref(services, item["sent_by"]),
        "owner": optional_ref(services, item["owner_id"]),
        "template_name": template_name(services, item["template_id"]),
    }


def template_name(services: Services, template_id: UUID | None) -> str | None:
    """The name of a template, if it is known."""
    template = services.directory.known(Template, template_id) if template_id else None
    return template.name if template else None


class ProposalAmounts(BaseModel):
    """What the proposals are worth."""

    sent: Money
    accepted: Money


class ProposalFigures(BaseModel):
    """What came of the proposals that were sent within the period."""

    sent: int
    accepted: int
    declined: int
    expired: int
    waiting: int
    revised: Annotated[int, Field(description="Since it was sent, and not sent anew")]
    replaced: Annotated[int, Field(description="Sent anew since, so that what became of it counts there")]
    rate: Annotated[float | None, Field(description="Accepted, of those accepted, declined or expired; to 4 places")]
    median_days: Annotated[float | None, Field(description="From the sending to the acceptance")]
    declined_by_reason: dict[LossReason, int]
    amounts: Annotated[dict[str, ProposalAmounts], Field(description="By currency")]


class ProposalItem(ProposalFigures):
    """The figures of a template, version, employee, stage, origin, category or month; null: of none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "template_id": "9b2f2b62-2f52-4b6d-8f5e-0d5c9f2f1a10",
                    "template_version": 2,
                    "template_name": "Offer of pipes",
                    "sent": 40,
                    "accepted": 12,
                    "declined": 10,
                    "expired": 8,
                    "waiting": 5,
                    "revised": 2,
                    "replaced": 3,
                    "rate": 0.4,
                    "median_days": 6.5,
                    "declined_by_reason": {"price": 7, "terms": 3},
                    "amounts": {"EUR": {"sent": "480000.00", "accepted": "150000.00"}},
                }
            ]
        }
    )

    template_id: UUID | None = None
    template_version: int | None = None
    template_name: str | None = None
    employee: EmployeeRef | None = None
    stage: Step | None = None
    origin: str | None = None
    category: Category | None = None
    month: Annotated[str | None, Field(examples=["2026-03"], description="Of the sending, in UTC")] = None


class ProposalReport(BaseModel):
    """The conversion of proposals."""

    items: list[ProposalItem]
    next_cursor: str | None
    total: ProposalFigures


@router.get("/reports/proposals", response_model_exclude_unset=True)
async def report_proposals(
    reading: ProposalReading,
    period: ReportPeriod,
    page: ListPage,
    by: Annotated[ProposalBy, Query(description="What the figures are split by")] = ProposalBy.VERSION,
    currency: Currency | None = None,
) -> ProposalReport:
    """What came of the proposals sent within the period.

    A proposal counts once in each version that it was sent by; what became of it counts in the one that it was sent by
    last, and in the others it is replaced. So it is with employees, templates and months. The total has each one once.
    """
    await reading.services.directory.refresh()
    found = await proposal_conversion(reading.connection, by, period, currency)
    items = [ProposalItem(**_with_name(reading, item)) for item in found.items]
    shown, next_cursor = page_by(items, page, *found.names)
    return ProposalReport(items=shown, next_cursor=next_cursor, total=ProposalFigures(**found.total))


def _with_name(reading: Reading, item: dict[str, Any]) -> dict[str, Any]:
    if "template_id" in item:
        return item | {"template_name": template_name(reading.services, item["template_id"])}
    return of_employee(reading, item)
