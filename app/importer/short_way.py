"""The way of a lead that nobody has touched since its import, told without a decision between each two facts.

Most won deals of a file are of such leads. Nothing can contradict them but their dates, so that their facts follow at
once, in half the time. They are the very facts that the commands make, as a test shows.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from app.importer import ids
from app.importer.history import Story, Telling
from app.importer.records import Fact, Staff
from app.importer.won_deal import WonDeal
from domain.calendar import Calendar
from domain.client.assignment import EmployeeAssigned
from domain.client.card import CardChanged
from domain.client.deal_events import DealOpened, DealWon
from domain.client.handoff_events import HandoffAccepted, HandoffOffered, Packet, PacketDeal
from domain.client.qualification import ClientQualified
from domain.kernel import Refused
from domain.types import STEPS, Step

_due = lru_cache(maxsize=64)(Calendar.after_working_days)


def is_short(deal: WonDeal, story: Story) -> bool:
    """Whether the client is a lead with nothing but its registration, and the dates contradict neither it nor today."""
    client = story.client
    registered_at = client.registration.registered_at
    if client.version != 1 or registered_at is None:
        return False
    return registered_at <= deal.qualified_at and deal.served_at <= story.telling.now


def short_way(deal_id: UUID, deal: WonDeal, story: Story) -> None:
    """Tell the whole way of such a lead.

    Raises:
        Refused: its own attributes contradict the regulation.
    """
    registered_at = story.client.registration.registered_at
    assert registered_at is not None
    caller, seller = deal.caller or deal.seller, deal.seller
    card = _card_changed(deal, story)
    packet = _packet(deal, story, card)
    in_packet = PacketDeal(
        id=deal_id, state="won", title=deal.opening.title, amount=deal.opening.amount, currency=deal.opening.currency
    )
    story.add(
        [
            (EmployeeAssigned(step=Step.LEAD_GENERATION, employee_id=caller.id), registered_at),
            *((event, deal.qualified_at) for event in (card, _qualified(deal)) if event),
            *_handed_over(deal_id, caller, seller, Step.LEAD_GENERATION, deal.opened_at, packet, story.telling),
            (_opened(deal_id, deal), deal.opened_at),
            (_won(deal_id, deal), deal.won_at),
            *_handed_over(
                deal_id,
                seller,
                deal.manager,
                Step.FIRST_DEAL,
                deal.served_at,
                packet.model_copy(update={"deals": (in_packet,)}),
                story.telling,
            ),
        ]
    )


def _card_changed(deal: WonDeal, story: Story) -> CardChanged | None:
    try:
        [event] = deal.card.decide(story.client, story.telling.context(deal.qualified_at))
    except Refused as refused:
        if refused.code != "nothing_to_change":
            raise
        return None
    assert isinstance(event, CardChanged)
    return event


def _packet(deal: WonDeal, story: Story, card: CardChanged | None) -> Packet:
    before, changed = story.client.card, card.changed if card else ()
    return Packet(
        personality_type=card.personality_type if card and "personality_type" in changed else before.personality_type,
        category=card.category if card and "category" in changed else before.category,
        need=deal.qualify.need,
        key_persons=(),
        last_contacts=(),
        open_tasks=(),
        deals=(),
    )


def _qualified(deal: WonDeal) -> ClientQualified:
    return ClientQualified(step=Step.LEAD_GENERATION, criteria=(), need=deal.qualify.need)


def _opened(deal_id: UUID, deal: WonDeal) -> DealOpened:
    opening = deal.opening
    return DealOpened(
        deal_id=deal_id, step=Step.FIRST_DEAL, title=opening.title, amount=opening.amount, currency=opening.currency
    )


def _won(deal_id: UUID, deal: WonDeal) -> DealWon:
    amount, currency = deal.opening.amount, deal.opening.currency
    return DealWon(deal_id=deal_id, step=Step.FIRST_DEAL, revenue=amount, cost=deal.winning.cost, currency=currency)


def _handed_over(
    deal_id: UUID, sender: Staff, receiver: Staff, from_step: Step, at: datetime, packet: Packet, telling: Telling
) -> Iterator[Fact]:
    to_step = STEPS[STEPS.index(from_step) + 1]
    handoff_id = ids.handoff_id(deal_id, to_step)
    rules, calendar = telling.rules.rules(to_step), telling.calendar
    due_at = _due(calendar, at, rules.accept_within_working_days)
    expires_at = _due(calendar, at, rules.expire_after_working_days)
    offered = HandoffOffered(
        handoff_id=handoff_id,
        from_step=from_step,
        to_step=to_step,
        from_employee_id=sender.id,
        to_employee_id=receiver.id,
        due_at=due_at,
        expires_at=max(due_at, expires_at),
        packet=packet,
    )
    accepted = HandoffAccepted(
        handoff_id=handoff_id,
        from_step=from_step,
        to_step=to_step,
        employee_id=receiver.id,
        automatic=sender.id == receiver.id,
    )
    return iter(((offered, at), (accepted, at)))
