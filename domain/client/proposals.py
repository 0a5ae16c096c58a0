"""Proposals: drafted, revised as often as needed, sent, and then accepted, declined, or expired at their time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field

from domain.client.proposal_events import (
    Lines,
    PerCent,
    ProposalAccepted,
    ProposalDeclined,
    ProposalDrafted,
    ProposalExpired,
    ProposalFacts,
    ProposalLine,
    ProposalRevised,
    ProposalSent,
    less,
)
from domain.kernel import Command, Event, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import Currency, Day, OptionalText, OptionalWord

if TYPE_CHECKING:
    from domain.client.state import Client

OPEN = frozenset({"draft", "sent"})
CONTENT = ("title", "lines", "discount", "currency", "valid_until", "terms")
"""What a revision may change."""
_STATES: dict[type[Event], str] = {
    ProposalSent: "sent",
    ProposalAccepted: "accepted",
    ProposalDeclined: "declined",
    ProposalExpired: "expired",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as its last revision has it; `state`: draft, sent, accepted, declined or expired.

    `since`: the business time of its last revision, or of its sending after that.
    """

    id: UUID
    number: str
    deal_id: UUID | None
    revision: int
    title: str | None
    lines: Sequence[ProposalLine]
    discount: Decimal
    subtotal: Decimal
    total: Decimal
    currency: str
    valid_until: date
    expires_at: datetime
    terms: str | None
    since: datetime
    state: str = "draft"


@dataclass(frozen=True, slots=True)
class Proposals:
    """The client's proposals by id."""

    by_id: Mapping[UUID, Proposal] = field(default_factory=dict[UUID, Proposal])

    def evolve(self, recorded: Recorded) -> "Proposals":
        """After a proposal was drafted, revised, sent or answered."""
        match recorded.event:
            case ProposalDrafted() | ProposalRevised() as facts:
                return self._with(_proposal(facts, recorded))
            case ProposalSent(proposal_id=key):
                return self._with(replace(self.by_id[key], state="sent", since=recorded.occurred_at))
            case ProposalAccepted() | ProposalDeclined() | ProposalExpired() as event:
                return self._with(replace(self.by_id[event.proposal_id], state=_STATES[type(event)]))
            case _:
                return self

    def _with(self, proposal: Proposal) -> "Proposals":
        return Proposals({**self.by_id, proposal.id: proposal})

    @property
    def open(self) -> list[Proposal]:
        """Those that may still be accepted, in the order in which they were drafted."""
        return [proposal for proposal in self.by_id.values() if proposal.state in OPEN]

    def get(self, proposal_id: UUID, context: RuleContext, **refused_states: str) -> Proposal:
        """The proposal with this id, if what it says now was said before the decision.

        `refused_states` names the states that it may not be in, each with the code of the refusal.
        """
        proposal = self.by_id.get(proposal_id)
        if proposal is None:
            raise Refused("unknown_proposal", proposal_id=proposal_id)
        if proposal.state in refused_states:
            raise Refused(refused_states[proposal.state], proposal_id=proposal_id, state=proposal.state)
        refuse_before(proposal.since, context, proposal_id=proposal_id, state=proposal.state)
        return proposal

    def get_answerable(self, proposal_id: UUID, context: RuleContext) -> Proposal:
        """The proposal with this id, if it was sent and held when it was answered.

        An answer that was given in time may be recorded after the proposal has expired.
        """
        answered = dict.fromkeys(("draft", "accepted", "declined"), "proposal_not_sent")
        proposal = self.get(proposal_id, context, **answered)
        refuse_if_expired(proposal, context)
        return proposal


def _proposal(facts: ProposalFacts, recorded: Recorded) -> Proposal:
    return Proposal(
        facts.proposal_id,
        facts.number,
        facts.deal_id,
        facts.revision,
        facts.title,
        facts.lines or (),
        facts.discount,
        facts.subtotal,
        facts.total,
        facts.currency,
        facts.valid_until,
        facts.expires_at,
        facts.terms,
        recorded.occurred_at,
    )


def refuse_if_expired(proposal: Proposal, context: RuleContext) -> None:
    """Refuse what would only count while the proposal holds, whether or not the expiry is recorded yet."""
    if context.occurred_at >= proposal.expires_at:
        facts = {"valid_until": proposal.valid_until, "expires_at": proposal.expires_at}
        raise Refused("proposal_expired", proposal_id=proposal.id, **facts)


def _offered(content: Mapping[str, Any], context: RuleContext) -> dict[str, Any]:
    """The facts of a revision that follow from its content."""
    zone = ZoneInfo(context.regulation.time_zone)
    expires_at = datetime.combine(content["valid_until"] + timedelta(days=1), time(), zone).astimezone(
        context.now.tzinfo
    )
    if expires_at <= context.occurred_at:
        raise Refused("validity_over", valid_until=content["valid_until"], occurred_at=context.occurred_at)
    subtotal = sum((line.amount for line in content["lines"]), Decimal())
    return {**content, "subtotal": subtotal, "total": less(subtotal, content["discount"]), "expires_at": expires_at}


def _refuse_other_currency(client: "Client", deal_id: UUID | None, currency: str) -> None:
    """A deal has one currency, and so have all proposals for it."""
    deal = client.deals.by_id.get(deal_id) if deal_id else None
    if deal and deal.currency != currency:
        raise Refused("currencies_mixed", deal_id=deal.id, deal_currency=deal.currency, currency=currency)


class DraftProposal(Command):
    """Make a proposal. It is the client's once it is sent."""

    deal_id: UUID | None = None
    number: Annotated[OptionalWord, Field(description="The firm's own; counted up per client, when absent")] = None
    title: OptionalWord = None
    lines: Lines
    discount: Annotated[PerCent, Field(description="Per cent of the sum of the lines")] = Decimal()
    currency: Currency
    valid_until: Annotated[Day, Field(description="The last day on which it can be accepted, in the firm's time zone")]
    terms: OptionalText = None

    refusals: ClassVar = (
        "unknown_deal",
        "deal_not_open",
        "currencies_mixed",
        "validity_over",
        "before_its_cause",
        "client_disqualified",
    )
    examples: ClassVar = (
        {
            "title": "Pipes for the new shop",
            "lines": [
                {"article": "P-40", "text": "Pipe 40 mm", "unit": "t", "quantity": "40", "price": "920"},
                {"text": "Delivery", "price": "800", "discount": "50"},
            ],
            "discount": "5",
            "currency": "EUR",
            "valid_until": "2199-03-31",
            "terms": "Half in advance",
        },
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if self.deal_id:
            client.deals.get_open(self.deal_id, context)
            _refuse_other_currency(client, self.deal_id, self.currency)
        content = {name: getattr(self, name) for name in CONTENT}
        return [
            ProposalDrafted(
                proposal_id=context.new_id(),
                revision=1,
                number=self.number or str(len(client.proposals.by_id) + 1),
                step=client.step,
                deal_id=self.deal_id,
                **_offered(content, context),
            )
        ]


class ReviseProposal(Command):
    """Change a proposal: what was sent replaces what it said. It has to be sent anew, and may have expired before."""

    proposal_id: UUID
    title: OptionalWord = None
    lines: Lines | None = None
    discount: PerCent | None = None
    currency: Currency | None = None
    valid_until: Day | None = None
    terms: OptionalText = None
    comment: OptionalText = None

    refusals: ClassVar = (
        "unknown_proposal",
        "proposal_accepted",
        "currencies_mixed",
        "validity_over",
        "nothing_to_change",
        "before_its_cause",
        "client_disqualified",
    )
    examples: ClassVar = ({"discount": "7.5", "valid_until": "2199-04-30", "comment": "As agreed by phone"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        proposal = client.proposals.get(self.proposal_id, context, accepted="proposal_accepted")
        before = {name: getattr(proposal, name) for name in CONTENT}
        after = before | {name: getattr(self, name) for name in CONTENT if self._is_said(name)}
        if after == before:
            raise Refused("nothing_to_change", proposal_id=proposal.id)
        _refuse_other_currency(client, proposal.deal_id, after["currency"])
        return [
            ProposalRevised(
                proposal_id=proposal.id,
                number=proposal.number,
                deal_id=proposal.deal_id,
                revision=proposal.revision + 1,
                comment=self.comment,
                **_offered(after, context),
            )
        ]

    def _is_said(self, name: str) -> bool:
        """Title and terms may be emptied; of the rest, null says nothing."""
        return name in self.model_fields_set and (getattr(self, name) is not None or name in {"title", "terms"})
