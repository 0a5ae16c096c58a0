"""The facts of a proposal, and its lines. Apart from the rules, because documents and handoffs read them too."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.client.deal_reasons import LossReason
from domain.kernel import Event, Personal
from domain.types import Amount, Channel, EmptyIsNone, Line, Quantity, Step, Word

CENT = Decimal("0.01")
WHOLE = Decimal(100)
PerCent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2, description="Per cent")]


class LineOffered(BaseModel):
    """What a line of a proposal says beside its price: an article of the catalogue, or something described in words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    article: Annotated[Word | None, EmptyIsNone, Field(description="The code of an article of the catalogue")] = None
    text: Annotated[Line | None, EmptyIsNone, Field(description="What it is; the article's label, when absent")] = None
    unit: Annotated[Word | None, EmptyIsNone, Field(description="The article's, when absent")] = None
    quantity: Quantity = Decimal(1)
    discount: PerCent = Decimal()

    @model_validator(mode="after")
    def _said(self) -> Self:
        if not (self.article or self.text):
            raise ValueError("send article or text")
        return self


class ProposalLine(LineOffered):
    """A line at its price per unit. `list_price` is what a unit costs on `price_list`, where a list has it."""

    price: Amount
    list_price: Amount | None = None
    price_list: str | None = None

    @property
    def amount(self) -> Decimal:
        """Quantity times price less the discount, to a cent."""
        return less(self.quantity * self.price, self.discount)

    @property
    def worth(self) -> Decimal:
        """The same before any discount: at the list price, or at its own where that is higher."""
        return less(self.quantity * max(self.price, self.list_price or self.price), Decimal())


def less(amount: Decimal, discount: Decimal) -> Decimal:
    """The amount less so many per cent, to a cent; halves go up."""
    return (amount * (WHOLE - discount) / WHOLE).quantize(CENT, ROUND_HALF_UP)


class ProposalFacts(Event):
    """What a revision offers. It holds until `expires_at`: the end of the day `valid_until` in the firm's time zone.

    `subtotal` is the sum of the lines, `total` the same less `discount` per cent; `list_total` is what the lines are
    worth at their list prices. They are there for when the lines are erased.

    Version 1 knew no list prices.
    """

    schema_version: ClassVar = 2

    proposal_id: UUID
    number: str
    deal_id: UUID | None
    revision: int
    title: Personal[str] = None
    lines: Personal[tuple[ProposalLine, ...]]
    discount: Decimal
    subtotal: Decimal
    total: Decimal
    list_total: Decimal | None = None
    currency: str
    valid_until: date
    expires_at: datetime
    terms: Personal[str] = None


class ProposalDrafted(ProposalFacts, topic="proposals.drafted", begins="proposal_id"):
    """A proposal is being made, for a deal or before there is one. `step`: that of the client."""

    step: Step


class ProposalRevised(ProposalFacts, topic="proposals.revised"):
    """The proposal was changed, and has to be sent anew."""

    comment: Personal[str] = None


class ProposalSent(Event, topic="proposals.sent"):
    """The client got a revision, as the document that was kept."""

    proposal_id: UUID
    revision: int
    document_id: UUID
    template_id: UUID
    template_version: int
    channel: Channel | None = None
    key_person_id: UUID | None = None


class ProposalAccepted(Event, topic="proposals.accepted"):
    """The client agreed to the revision it got last."""

    proposal_id: UUID
    revision: int
    comment: Personal[str] = None


class ProposalDeclined(Event, topic="proposals.declined"):
    """The client did not agree to the revision it got last."""

    proposal_id: UUID
    revision: int
    reason: LossReason
    comment: Personal[str] = None


class ProposalExpired(Event, topic="proposals.expired"):
    """The client did not answer while the proposal held."""

    proposal_id: UUID
    revision: int
