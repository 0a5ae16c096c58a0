"""What may be done with the proposals of a client in a random history."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from domain.client.deal_reasons import LossReason
from domain.client.documents import SendProposal
from domain.client.proposal_answers import AcceptProposal, DeclineProposal, ExpireProposal
from domain.client.proposal_lines import WantedLine
from domain.client.proposing import DraftProposal, ReviseProposal
from domain.client.state import Client
from domain.kernel import Command
from tests.projections.firm import OFFER, choose, pick
from tests.spec import NOW


def on_a_proposal(client: Client, choice: int) -> Command:
    """What comes next for one of the client's proposals; now and then a new one."""
    if not client.proposals.by_id or choice == 0:
        return _draft(client, choice)
    proposal = client.proposals.by_id[pick(client.proposals.by_id, choice)]
    match proposal.state:
        case "draft":
            return SendProposal(proposal_id=proposal.id, template_id=OFFER, template_version=choose((1, 2), choice))
        case "sent":
            return _answer(proposal.id, choice)
        case _:
            return ReviseProposal(proposal_id=proposal.id, discount=Decimal(choice), valid_until=_until(choice))


def _draft(client: Client, choice: int) -> Command:
    deal = pick(client.deals.by_id, choice) if client.deals.by_id and choice % 2 else None
    return DraftProposal(
        deal_id=deal,
        title=choose((None, "Трубы"), choice),
        lines=(WantedLine(text=f"Труба {choice}", price=Decimal(1000 * choice + 1) / 4),),
        currency=client.deals.by_id[deal].currency if deal else "EUR",
        valid_until=_until(choice),
    )


def _until(choice: int) -> date:
    return (NOW + timedelta(days=choice)).date()


def _answer(proposal_id: UUID, choice: int) -> Command:
    return choose(
        (
            AcceptProposal(proposal_id=proposal_id),
            DeclineProposal(proposal_id=proposal_id, reason=choose(LossReason, choice)),
            ReviseProposal(proposal_id=proposal_id, discount=Decimal(choice)),
            ExpireProposal(proposal_id=proposal_id),
        ),
        choice,
    )
