"""The answers to a proposal, and its expiry."""

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from domain.client.deal_reasons import LossReason
from domain.client.proposal_events import ProposalAccepted, ProposalDeclined, ProposalExpired
from domain.kernel import Command, Event, Refused
from domain.regulation.state import RuleContext
from domain.types import OptionalText

if TYPE_CHECKING:
    from domain.client.state import Client


class AcceptProposal(Command):
    """The client agreed. An answer given while the proposal held may be recorded later, with its `occurred_at`."""

    proposal_id: UUID
    comment: OptionalText = None

    refusals: ClassVar = ("unknown_proposal", "proposal_not_sent", "proposal_expired", "before_its_cause")
    examples: ClassVar = ({"comment": "Signed by the director"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        proposal = client.proposals.get_answerable(self.proposal_id, context)
        return [ProposalAccepted(proposal_id=proposal.id, revision=proposal.revision, comment=self.comment)]


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
