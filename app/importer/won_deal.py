"""The way of a client to a won deal, decided fact by fact with the commands of the service, each at its own date."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.importer import ids
from app.importer.history import Story
from app.importer.records import Staff
from domain.client.assignment import AssignEmployee
from domain.client.card import ChangeCard
from domain.client.deals import OpenDeal, WinDeal
from domain.client.handoff_offer import OfferHandoff
from domain.client.handoffs import AcceptHandoff
from domain.client.qualification import QualifyClient
from domain.kernel import Refused
from domain.types import FailureReason, Step


@dataclass(frozen=True, slots=True)
class WonDeal:
    """What a row says of a deal. Dates that it does not tell are the next later one that it tells.

    `manager` serves the account afterwards; where the file names nobody it is the seller, who keeps the client.
    """

    qualified_at: datetime
    opened_at: datetime
    won_at: datetime
    served_at: datetime
    caller: Staff | None
    seller: Staff
    manager: Staff
    card: ChangeCard
    qualify: QualifyClient
    opening: OpenDeal
    winning: WinDeal


def whole_way(deal_id: UUID, deal: WonDeal, story: Story) -> None:
    """Tell whatever of the way is not recorded yet, the deal, and the handoff to account service.

    Raises:
        Refused: it contradicts what is recorded.
    """
    registered_at = story.client.registration.registered_at
    assert registered_at is not None, "a deal is told of a registered client"
    if story.client.step is Step.LEAD_GENERATION:
        _assign_caller(deal, story, registered_at)
    _tell_card(deal, story)
    _bring_to_seller(deal_id, deal, story)
    story.tell(deal.opening, deal.opened_at, deal_id)
    story.tell(deal.winning, deal.won_at)
    if story.client.step is Step.FIRST_DEAL:
        _hand_over(deal_id, deal.manager, Step.ACCOUNT_SERVICE, deal.served_at, story)


def _assign_caller(deal: WonDeal, story: Story, registered_at: datetime) -> None:
    """Whoever called; from the lead's first day where nobody is known to have worked it before."""
    if story.client.owner is None:
        _assign(deal.caller or deal.seller, registered_at, story)
    elif deal.caller:
        _assign(deal.caller, deal.qualified_at, story)


def _bring_to_seller(deal_id: UUID, deal: WonDeal, story: Story) -> None:
    if story.client.step is Step.FIRST_DEAL:
        _assign(deal.seller, deal.opened_at, story)
    if story.client.step is not Step.LEAD_GENERATION:
        return
    if not story.client.qualification.qualified:
        story.tell(deal.qualify, deal.qualified_at)
    _hand_over(deal_id, deal.seller, Step.FIRST_DEAL, deal.opened_at, story)


def _assign(staff: Staff, at: datetime, story: Story) -> None:
    previous = story.client.owner
    if previous != staff.id:
        reason = FailureReason.OTHER if previous else None
        story.tell(AssignEmployee(employee_id=staff.id, failure_reason=reason), at)


def _hand_over(deal_id: UUID, staff: Staff, to_step: Step, at: datetime, story: Story) -> None:
    handoff_id = ids.handoff_id(deal_id, to_step)
    from_himself = story.client.owner == staff.id
    story.tell(OfferHandoff(to_step=to_step, to_employee_id=staff.id), at, handoff_id)
    if not from_himself:
        story.tell(AcceptHandoff(handoff_id=handoff_id), at)


def _tell_card(deal: WonDeal, story: Story) -> None:
    try:
        story.tell(deal.card, deal.qualified_at)
    except Refused as refused:
        if refused.code != "nothing_to_change":
            raise
