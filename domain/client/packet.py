"""The packet of a handoff: what the next step needs, so that the client need not repeat himself."""

from typing import TYPE_CHECKING

from domain.client.handoff_events import (
    Packet,
    PacketContact,
    PacketDeal,
    PacketObligation,
    PacketPerson,
    PacketProposal,
    PacketTask,
)

if TYPE_CHECKING:
    from domain.client.contacts import Contact
    from domain.client.deal_state import Deal
    from domain.client.key_persons import KeyPerson
    from domain.client.obligations import Obligation
    from domain.client.proposals import Proposal
    from domain.client.state import Client
    from domain.client.tasks import Task


def packet_of(client: "Client") -> Packet:
    """What the next step needs to know of the client as it stands."""
    return Packet(
        personality_type=client.personality_type,
        category=client.card.category,
        need=client.qualification.need,
        key_persons=tuple(_person(person) for person in client.key_persons.by_id.values()),
        last_contacts=tuple(_contact(contact) for contact in client.contacts.last),
        open_tasks=tuple(_task(task) for task in client.tasks.open.values()),
        open_obligations=tuple(_obligation(obligation) for obligation in client.owed),
        open_proposals=tuple(_proposal(proposal) for proposal in client.proposals.open),
        deals=tuple(_deal(deal) for deal in client.deals.by_id.values()),
    )


def _person(person: "KeyPerson") -> PacketPerson:
    return PacketPerson(
        id=person.id,
        name=person.name,
        position=person.position,
        role=person.role,
        part_in_decisions=person.part_in_decisions,
        personality_type=person.personality_type,
        phones=person.phones,
        emails=person.emails,
    )


def _contact(contact: "Contact") -> PacketContact:
    return PacketContact(
        occurred_at=contact.occurred_at,
        channel=contact.channel,
        outcome=contact.outcome,
        summary=contact.summary,
        agreed=contact.agreed,
    )


def _task(task: "Task") -> PacketTask:
    return PacketTask(id=task.id, text=task.text, due_at=task.due_at, employee_id=task.employee_id)


def _obligation(obligation: "Obligation") -> PacketObligation:
    return PacketObligation(
        id=obligation.id,
        deal_id=obligation.deal_id,
        text=obligation.text,
        due_at=obligation.due_at,
        cost=obligation.cost,
        currency=obligation.currency,
        employee_id=obligation.employee_id,
    )


def _deal(deal: "Deal") -> PacketDeal:
    return PacketDeal(id=deal.id, state=deal.state, title=deal.title, amount=deal.amount, currency=deal.currency)


def _proposal(proposal: "Proposal") -> PacketProposal:
    return PacketProposal(
        id=proposal.id,
        number=proposal.number,
        state=proposal.state,
        title=proposal.title,
        total=proposal.total,
        currency=proposal.currency,
        valid_until=proposal.valid_until,
    )
