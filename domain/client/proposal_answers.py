"""The answers to a proposal, and its expiry. What the client agreed to is what is expected of the deal from then on."""

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from domain.client.deal_events import DealChanged
from domain.client.deal_reasons import LossReason
from domain.client.proposal_events import ProposalAccepted, ProposalDeclined, ProposalExpired
from domain.kernel import Command, Event, Refused
from domain.regulation.state import RuleContext
from domain.types import OptionalText

if TYPE_CHECKING:
    from domain.client.deal_state import Deal
    from domain.client.proposals import Proposal
    from domain.client.state import Client


class AcceptProposal(Command):
    """The client agreed. An answer given while the proposal held may be recorded later, with its `occurred_at`.

    Where the proposal is for a deal that is open, the deal's amount becomes its total, and the deal's discount all that
    it gives away. What was said of the deal after the client agreed stands.
    """

    proposal_id: UUID
    comment: OptionalText = None

    refusals: ClassVar = ("unknown_proposal", "proposal_not_sent", "proposal_expired", "before_its_cause")
    examples: ClassVar = ({"comment": "Signed by the director"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        proposal = client.proposals.get_answerable(self.proposal_id, context)
        accepted = ProposalAccepted(proposal_id=proposal.id, revision=proposal.revision, comment=self.comment)
        deal = client.deals.by_id.get(proposal.deal_id) if proposal.deal_id else None
        if deal is None or deal.state != "open" or context.occurred_at < deal.since:
            return [accepted]
        return [accepted, _agreed(deal, proposal)]


def _agreed(deal: "Deal", proposal: "Proposal") -> DealChanged:
    return DealChanged(
        deal_id=deal.id,
        changed=("amount", "discount"),
        amount=proposal.total,
        discount=proposal.given,
        proposal_id=proposal.id,
    )


class DeclineProposal(Command):
    """The client did not agree, for a reason."""

    proposal_id: UUID
    reason: LossReason
    comment: OptionalText = None

    refusals: ClassVar = ("unknown_proposal", "proposal_not_sent", "proposal_expired", "before_its_cause")
    examples: ClassVar = ({"reason": "price", "comment": "10 % cheaper elsewhere"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        proposal = client.proposals.get_answerable(self.proposal_id, context)
        return [
            ProposalDeclined(
                proposal_id=proposal.id, revision=proposal.revision, reason=self.reason, comment=self.comment
            )
        ]


class ExpireProposal(Command):
    """Close a proposal that was not answered while it held. The service sends this by itself once the time is over."""

    proposal_id: UUID

    refusals: ClassVar = ("unknown_proposal", "proposal_not_sent", "proposal_not_expired", "before_its_cause")

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        not_waiting = dict.fromkeys(("draft", "accepted", "declined", "expired"), "proposal_not_sent")
        proposal = client.proposals.get(self.proposal_id, context, **not_waiting)
        if context.occurred_at < proposal.expires_at:
            raise Refused("proposal_not_expired", proposal_id=proposal.id, expires_at=proposal.expires_at)
        return [ProposalExpired(proposal_id=proposal.id, revision=proposal.revision)]
