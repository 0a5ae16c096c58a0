"""The part of a card that is about proposals: those that may still be accepted."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from domain.client.proposal_events import (
    ProposalAccepted,
    ProposalDeclined,
    ProposalExpired,
    ProposalFacts,
    ProposalSent,
)
from domain.kernel import Recorded


class CardProposal(NamedTuple):
    """A proposal that is a draft or was sent, as its last revision has it, and when it was sent."""

    id: UUID
    number: str
    deal_id: UUID | None
    revision: int
    title: str | None
    total: Decimal
    currency: str
    valid_until: date
    state: str = "draft"
    sent_at: datetime | None = None


class OpenProposals(NamedTuple):
    """The open proposals by id."""

    by_id: Mapping[UUID, CardProposal] = {}

    def evolve(self, recorded: Recorded) -> "OpenProposals":
        """After a proposal was drafted, revised, sent or answered."""
        proposals = dict(self.by_id)
        match recorded.event:
            case ProposalFacts(proposal_id=key) as facts:
                proposals[key] = _offered(facts)
            case ProposalSent(proposal_id=key) if key in proposals:
                proposals[key] = proposals[key]._replace(state="sent", sent_at=recorded.occurred_at)
            case ProposalAccepted() | ProposalDeclined() | ProposalExpired() as event:
                proposals.pop(event.proposal_id, None)
            case _:
                return self
        return OpenProposals(proposals)

    def by_validity(self) -> list[CardProposal]:
        """The proposals, those first that end first."""
        return sorted(self.by_id.values(), key=lambda proposal: (proposal.valid_until, proposal.id))


def _offered(facts: ProposalFacts) -> CardProposal:
    return CardProposal(
        facts.proposal_id,
        facts.number,
        facts.deal_id,
        facts.revision,
        facts.title,
        facts.total,
        facts.currency,
        facts.valid_until,
    )
