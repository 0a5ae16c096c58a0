"""How a card shows whoever works the client, and the offer of it to colleagues."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from app.api.people import EmployeeRef, employee_ref, optional_ref
from app.services import Services
from domain.types import FailureReason, Variant
from projections.card import ClientCard
from projections.card_assignment import CardAssignment
from projections.exchange_offers import Offer


class AssignmentBody(BaseModel):
    """How whoever works the client got it."""

    since: datetime
    previous: Annotated[EmployeeRef | None, Field(description="Who worked it before in this step")]
    failure_reason: Annotated[FailureReason | None, Field(description="Why that one has failed")]
    reason: str | None
    variant: Annotated[Variant | None, Field(description="Of the team work in which it was assigned")]
    score: Annotated[Decimal | None, Field(description="How the types suit, where a run or an exchange assigned it")]
    distribution_id: Annotated[UUID | None, Field(description="The run")]


class CardExchangeBody(BaseModel):
    """The offer of the client to colleagues that waits for an answer."""

    id: UUID
    from_employee: EmployeeRef
    to_employee: Annotated[EmployeeRef | None, Field(description="Null: offered to all")]
    reason: FailureReason
    offered_at: datetime
    due_at: datetime
    expires_at: datetime | None
    comment: str | None
    declined_by: list[EmployeeRef]


def assignment_bodies(card: ClientCard, services: Services) -> dict[str, Any]:
    """The fields of the card."""
    assignment, exchange = card.working
    return {
        "assignment": _assignment(assignment, services) if assignment else None,
        "exchange": _exchange(exchange, services) if exchange else None,
    }


def _assignment(assignment: CardAssignment, services: Services) -> AssignmentBody:
    facts = assignment._asdict()
    return AssignmentBody(previous=optional_ref(services, facts.pop("previous_id")), **facts)


def _exchange(offer: Offer, services: Services) -> CardExchangeBody:
    return CardExchangeBody(
        id=offer.id,
        from_employee=employee_ref(services, offer.from_employee_id),
        to_employee=optional_ref(services, offer.to_employee_id),
        reason=FailureReason(offer.reason),
        offered_at=offer.offered_at,
        due_at=offer.due_at,
        expires_at=offer.expires_at,
        comment=offer.comment,
        declined_by=[employee_ref(services, each) for each in offer.declined_by],
    )
