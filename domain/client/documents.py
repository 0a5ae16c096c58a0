"""Documents sent to the client: filled from a template, put on pages, and kept as they were sent."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field

from domain.client.approvals import approved
from domain.client.document_values import Subject, values_of
from domain.client.proposal_events import ProposalSent
from domain.client.proposals import refuse_if_expired
from domain.client.terms import Terms, judged
from domain.documents.fields import DocumentKind
from domain.documents.filled import Filled, filled_document, rendered
from domain.documents.template import Template, usable_template
from domain.kernel import Command, Event, Personal, Refused
from domain.regulation.state import RuleContext
from domain.types import Channel, EmptyIsNone

if TYPE_CHECKING:
    from domain.client.proposals import Proposal
    from domain.client.state import Client

FOR_PROPOSALS = frozenset({DocumentKind.PROPOSAL})
FOR_OTHERS = frozenset(DocumentKind) - FOR_PROPOSALS


class DocumentSent(Event, topic="documents.sent", begins="document_id"):
    """The client got a document. What was sent is kept under its `content_hash`: the SHA-256 of `size` bytes of PDF."""

    document_id: UUID
    kind: DocumentKind
    title: Personal[str]
    template_id: UUID
    template_version: int
    content_hash: str
    size: int
    pages: int
    deal_id: UUID | None = None
    proposal_id: UUID | None = None
    key_person_id: UUID | None = None
    channel: Channel | None = None


class Order(BaseModel):
    """By which template a document is made, to whom it goes and how."""

    template_id: UUID
    template_version: Annotated[int | None, Field(ge=1, description="The latest, when absent")] = None
    key_person_id: Annotated[UUID | None, Field(description="Whom it is addressed to")] = None
    channel: Annotated[Channel | None, EmptyIsNone, Field(description="How it is sent")] = None


class Draft:
    """A document about to be made for a client: the template, its version and what it is about."""

    def __init__(self, template: Template, number: int, subject: Subject) -> None:
        self.template, self.number, self.subject = template, number, subject

    def filled(self, client: "Client", context: RuleContext) -> Filled:
        """The document with its values.

        Raises:
            Refused: `document_too_long`.
        """
        content, tongue = self.template.versions[self.number], self.template.tongue
        return filled_document(self.template, self.number, values_of(client, self.subject, content, tongue, context))

    def sent(self, client: "Client", channel: Channel | None, context: RuleContext) -> DocumentSent:
        """The document goes to the client.

        Raises:
            NotRendered: it has to be put on pages first.
            Refused: `document_too_long`.
        """
        filled = self.filled(client, context)
        pages = rendered(filled, context)
        deal, proposal, person = self.subject
        return DocumentSent(
            document_id=context.new_id(),
            kind=self.template.kind,
            title=filled.title,
            template_id=self.template.id,
            template_version=self.number,
            content_hash=pages.content_hash,
            size=pages.size,
            pages=pages.pages or 0,
            deal_id=deal and deal.id,
            proposal_id=proposal and proposal.id,
            key_person_id=person and person.id,
            channel=channel,
        )


def draft(client: "Client", order: Order, kinds: frozenset[DocumentKind], context: RuleContext, **about: Any) -> Draft:
    """The document that was ordered; `about`: the deal or the proposal.

    Raises:
        Refused: the template, its version or the person is not there or does not fit.
    """
    template = usable_template(order.template_id, kinds, context)
    number, _ = template.numbered(order.template_version)
    person = client.key_persons.get_known(order.key_person_id, context) if order.key_person_id else None
    return Draft(template, number, Subject(person=person, **about))


_TEMPLATE_REFUSALS = (
    "unknown_template",
    "template_retired",
    "template_of_another_kind",
    "unknown_template_version",
    "unknown_key_person",
    "document_too_long",
    "before_its_cause",
)
_TEMPLATE = {"template_id": "9b2f2b62-2f52-4b6d-8f5e-0d5c9f2f1a10", "channel": "email"}


class SendDocument(Order, Command):
    """Make a letter, presentation or questionnaire by its template, and keep it as it is sent.

    The service makes the PDF; that somebody sends it is what is recorded.
    """

    deal_id: UUID | None = None

    refusals: ClassVar = (*_TEMPLATE_REFUSALS, "unknown_deal")
    examples: ClassVar = (_TEMPLATE,)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        deal = client.deals.get(self.deal_id, context) if self.deal_id else None
        return [draft(client, self, FOR_OTHERS, context, deal=deal).sent(client, self.channel, context)]


def _refuse_beyond_limit(client: "Client", proposal: "Proposal", context: RuleContext) -> None:
    """What is offered binds the firm. Before there is a deal nobody can have approved more than the limit."""
    terms = judged(client, Terms(proposal.total, proposal.given), proposal.currency, context)
    if proposal.deal_id:
        approved(client, proposal.deal_id, terms, context.occurred_at)
    elif terms.exceeds_discount:
        raise Refused("discount_above_limit", proposal_id=proposal.id, **terms.discount_facts)


class SendProposal(Order, Command):
    """Make a proposal's document by a template, keep it as it is sent, and let the proposal wait for the answer.

    What it gives away has to be within the limit of discounts of whoever sends it, or approved for its deal.
    """

    proposal_id: UUID

    refusals: ClassVar = (
        *_TEMPLATE_REFUSALS,
        "unknown_proposal",
        "proposal_accepted",
        "proposal_declined",
        "proposal_expired",
        "client_disqualified",
        "discount_above_limit",
        "approval_required",
    )
    examples: ClassVar = (_TEMPLATE,)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        settled = {"accepted": "proposal_accepted", "declined": "proposal_declined"}
        proposal = client.proposals.get(self.proposal_id, context, **settled)
        refuse_if_expired(proposal, context)
        _refuse_beyond_limit(client, proposal, context)
        deal = client.deals.by_id.get(proposal.deal_id) if proposal.deal_id else None
        ordered = draft(client, self, FOR_PROPOSALS, context, deal=deal, proposal=proposal)
        document = ordered.sent(client, self.channel, context)
        sent = ProposalSent(
            proposal_id=proposal.id,
            revision=proposal.revision,
            document_id=document.document_id,
            template_id=document.template_id,
            template_version=document.template_version,
            channel=self.channel,
            key_person_id=document.key_person_id,
        )
        return [document, sent]
