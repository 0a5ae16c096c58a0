"""One proposal with its revisions and the documents as which it was sent."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Reader, services_of
from app.api.documented import problems_documented
from app.api.people import EmployeeRef, employee_ref
from app.api.reading import After, wait_for
from app.auth import authorize
from app.problems import Problem
from app.services import Services
from domain.client.proposal_events import ProposalDrafted, ProposalFacts, ProposalRevised, ProposalSent
from domain.client.proposals import list_total
from domain.client.registration import ClientRegistered
from domain.client.state import Client
from domain.client.terms import share_percent
from domain.kernel import Recorded
from projections.money import Money, Number
from projections.proposals_query import ProposalState

router = APIRouter(tags=["Clients: views"])
NOT_FOUND = 404


class OfferedLine(BaseModel):
    """A line of a proposal with its amount: quantity times price less the discount in per cent."""

    model_config = ConfigDict(from_attributes=True)

    article: str | None
    text: str | None
    unit: str | None
    quantity: Number
    price: Money
    list_price: Annotated[Money | None, Field(description="What a list says; a lower price is a discount against it")]
    price_list: str | None
    discount: Number
    amount: Money


class RevisionBody(BaseModel):
    """What a revision offers, and the documents as which it was sent."""

    revision: int
    made_at: datetime
    made_by: EmployeeRef
    title: str | None
    lines: Annotated[list[OfferedLine] | None, Field(description="Null once the personal data were erased")]
    list_total: Annotated[Money, Field(description="The lines at list prices, without any discount")]
    discount: Annotated[Number, Field(description="Per cent of the sum of the lines")]
    subtotal: Money
    total: Money
    given: Annotated[Money, Field(description="All discounts together: what the list prices have beyond the total")]
    given_percent: Annotated[Number | None, Field(description="The same, in per cent of the list prices")]
    currency: str
    valid_until: date
    terms: str | None
    comment: Annotated[str | None, Field(description="Why it was revised")]
    documents: list[UUID]


class ProposalDetail(BaseModel):
    """A proposal with all its revisions, the first one first."""

    id: UUID
    number: str
    deal_id: UUID | None
    state: ProposalState
    revision: int
    total: Money
    currency: str
    valid_until: date
    expires_at: datetime
    revisions: list[RevisionBody]


@router.get(
    "/clients/{client_id}/proposals/{proposal_id}",
    responses=problems_documented({NOT_FOUND: ["unknown_client", "unknown_proposal"]}),
)
async def read_proposal(
    request: Request, actor: Reader, client_id: UUID, proposal_id: UUID, after: After = None
) -> ProposalDetail:
    """A proposal with its revisions and documents. It is read from the client's events, so that it is never behind."""
    services = services_of(request)
    authorize(actor, "read")
    await wait_for(services, (), after)
    events = await services.store.read_stream(client_id)
    if not events or not isinstance(events[0].event, ClientRegistered):
        raise Problem("unknown_client", status=NOT_FOUND, facts={"id": client_id})
    client = Client.empty(client_id)
    for recorded in events:
        client = client.evolve(recorded)
    proposal = client.proposals.by_id.get(proposal_id)
    if proposal is None:
        raise Problem("unknown_proposal", status=NOT_FOUND, facts={"proposal_id": proposal_id})
    return ProposalDetail(
        id=proposal.id,
        number=proposal.number,
        deal_id=proposal.deal_id,
        state=ProposalState(proposal.state),
        revision=proposal.revision,
        total=proposal.total,
        currency=proposal.currency,
        valid_until=proposal.valid_until,
        expires_at=proposal.expires_at,
        revisions=_revisions(services, proposal_id, events),
    )


def _revisions(services: Services, proposal_id: UUID, events: Sequence[Recorded]) -> list[RevisionBody]:
    sent: dict[int, list[UUID]] = {}
    made: list[tuple[Recorded, ProposalFacts]] = []
    for recorded in events:
        match recorded.event:
            case ProposalDrafted() | ProposalRevised() as facts if facts.proposal_id == proposal_id:
                made.append((recorded, facts))
            case ProposalSent() as event if event.proposal_id == proposal_id:
                sent.setdefault(event.revision, []).append(event.document_id)
            case _:
                pass
    return [_revision(services, recorded, facts, sent.get(facts.revision, [])) for recorded, facts in made]


def _revision(services: Services, recorded: Recorded, facts: ProposalFacts, documents: list[UUID]) -> RevisionBody:
    lines = None if facts.lines is None else [OfferedLine.model_validate(line) for line in facts.lines]
    return RevisionBody(
        revision=facts.revision,
        made_at=recorded.occurred_at,
        made_by=employee_ref(services, recorded.actor),
        title=facts.title,
        lines=lines,
        list_total=list_total(facts),
        discount=facts.discount,
        subtotal=facts.subtotal,
        total=facts.total,
        given=list_total(facts) - facts.total,
        given_percent=share_percent(list_total(facts) - facts.total, list_total(facts)),
        currency=facts.currency,
        valid_until=facts.valid_until,
        terms=facts.terms,
        comment=facts.comment if isinstance(facts, ProposalRevised) else None,
        documents=documents,
    )
