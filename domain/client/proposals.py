"""Proposals: drafted, revised as often as needed, sent, and then accepted, declined, or expired at their time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from domain.client.proposal_events import (
    ProposalAccepted,
    ProposalDeclined,
    ProposalDrafted,
    ProposalExpired,
    ProposalFacts,
    ProposalLine,
    ProposalRevised,
    ProposalSent,
)
from domain.kernel import Event, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext

OPEN = frozenset({"draft", "sent"})
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
    list_total: Decimal
    since: datetime
    state: str = "draft"

    @property
    def given(self) -> Decimal:
        """All that is given away: what the list prices of its lines have beyond its total."""
        return self.list_total - self.total


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
        list_total(facts),
        recorded.occurred_at,
    )


def list_total(facts: ProposalFacts) -> Decimal:
    """What the lines are worth at list prices; of the first version as the lines say it, unless they are erased."""
    if facts.list_total is not None:
        return facts.list_total
    return sum((line.worth for line in facts.lines), Decimal()) if facts.lines else facts.subtotal


def refuse_if_expired(proposal: Proposal, context: RuleContext) -> None:
    """Refuse what would only count while the proposal holds, whether or not the expiry is recorded yet."""
    if context.occurred_at >= proposal.expires_at:
        facts = {"valid_until": proposal.valid_until, "expires_at": proposal.expires_at}
        raise Refused("proposal_expired", proposal_id=proposal.id, **facts)
