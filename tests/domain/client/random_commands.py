"""Random commands on a client, most of them on parts that it has."""

from collections.abc import Iterable
from decimal import Decimal
from random import Random
from uuid import UUID

from domain.client.approvals import GiveApproval, RefuseApproval, RequestApproval
from domain.client.archive import ArchiveClient, RestoreClient
from domain.client.assignment import AssignEmployee
from domain.client.card import ChangeCard
from domain.client.contacts import Direction, Outcome, RecordContact
from domain.client.deal_correction import CorrectDeal
from domain.client.deal_reasons import LossReason
from domain.client.deals import ChangeDeal, LoseDeal, OpenDeal, ReopenDeal, WinDeal
from domain.client.decisions import RecordDecision
from domain.client.documents import SendProposal
from domain.client.handoff_events import ReturnReason
from domain.client.handoff_offer import OfferHandoff
from domain.client.handoffs import AcceptHandoff, ExpireHandoff, ReturnHandoff, WithdrawHandoff
from domain.client.key_persons import AddKeyPerson, ChangeKeyPerson, RemoveKeyPerson
from domain.client.obligations import FulfilObligation, UndertakeObligation, WaiveObligation
from domain.client.order_changes import CancelOrder, ConfirmOrder, PartOfLine
from domain.client.order_delays import TellDelay
from domain.client.ordering import PlaceOrder
from domain.client.payments import RecordPayment
from domain.client.proposal_answers import AcceptProposal, DeclineProposal, ExpireProposal
from domain.client.proposal_lines import WantedLine
from domain.client.proposing import DraftProposal, ReviseProposal
from domain.client.qualification import DisqualificationReason, DisqualifyClient, QualifyClient, ReopenClient
from domain.client.registration import RegisterClient
from domain.client.shipments import ShipOrder, TakeBackGoods
from domain.client.state import Client
from domain.client.tasks import CancelTask, CompleteTask, PassTaskOn, PostponeTask, SetTask
from domain.kernel import Command
from domain.types import Channel, FailureReason, PurchaseInterval, Step
from tests.domain.papers import TEMPLATE_ID
from tests.spec import (
    ALL_ROUNDER,
    STAFF,
    day,
    new,
)


def _any(random: Random, ids: Iterable[UUID]) -> UUID:
    """One of the ids; now and then one that nobody knows."""
    return random.choice([*(3 * list(ids)), new(0)])


def _worker(random: Random) -> UUID:
    return random.choice(list(STAFF))


def on_the_card(random: Random, client: Client) -> list[Command]:
    """What may be recorded of the client."""
    person, task = _any(random, client.key_persons.by_id), _any(random, client.tasks.open)
    personality, interval = random.choice([None, "driver"]), random.choice([None, PurchaseInterval.WEEKLY])
    return [
        RegisterClient(name="Again", origin="social", owner_id=_worker(random)),
        ChangeCard(purchase_interval=interval, expected_purchase=Decimal(random.randrange(3)), currency="EUR"),
        AddKeyPerson(name="Anna", personality_type=personality),
        ChangeKeyPerson(key_person_id=person, personality_type=personality),
        RemoveKeyPerson(key_person_id=person),
        RecordContact(
            channel=Channel.PHONE,
            direction=Direction.OUTBOUND,
            outcome=random.choice(list(Outcome)),
            summary="Talked",
            key_person_id=random.choice([None, person]),
        ),
        SetTask(text="Call", due_at=day(9), employee_id=random.choice([None, _worker(random)])),
        CompleteTask(task_id=task),
        PostponeTask(task_id=task, due_at=day(random.randrange(30))),
        PassTaskOn(task_id=task, employee_id=_worker(random)),
        CancelTask(task_id=task),
        RecordDecision(text="Wait", decided_by=random.choice([None, _worker(random)])),
    ]


def on_the_way(random: Random, client: Client) -> list[Command]:
    """What may move the client along the conveyor."""
    handoff = client.handoffs.waiting or _any(random, client.handoffs.by_id)
    to = random.choice([None, ALL_ROUNDER.id, _worker(random)])
    return [
        AssignEmployee(employee_id=_worker(random), failure_reason=random.choice([None, FailureReason.PRICE])),
        QualifyClient(need=random.choice(["Pipes", None])),
        DisqualifyClient(reason=DisqualificationReason.NO_NEED),
        ReopenClient(),
        ReopenClient(),
        OfferHandoff(to_employee_id=to),
        OfferHandoff(to_step=random.choice(list(Step)), to_employee_id=to),
        AcceptHandoff(handoff_id=handoff, employee_id=to),
        AcceptHandoff(handoff_id=handoff, employee_id=ALL_ROUNDER.id),
        ReturnHandoff(handoff_id=handoff, reason=ReturnReason.NO_NEED),
        WithdrawHandoff(handoff_id=handoff),
        ExpireHandoff(handoff_id=handoff),
        ArchiveClient(),
        RestoreClient(),
        RestoreClient(),
    ]


def on_sales(random: Random, client: Client) -> list[Command]:
    """What may be sold to the client."""
    deal, order = _any(random, client.deals.by_id), _any(random, client.orders.by_id)
    obligation = _any(random, client.obligations.by_id)
    approval = _any(random, client.approvals.by_id)
    currency = random.choice(["EUR", "EUR", "USD"])
    return [
        OpenDeal(amount=Decimal(random.randrange(100)), currency=currency),
        ChangeDeal(deal_id=deal, amount=Decimal(random.randrange(100))),
        WinDeal(deal_id=deal, revenue=Decimal(9), cost=Decimal(5)),
        WinDeal(deal_id=deal, revenue=Decimal(9), cost=Decimal(5)),
        LoseDeal(deal_id=deal, reason=LossReason.PRICE),
        ReopenDeal(deal_id=deal),
        ChangeDeal(deal_id=deal, amount=Decimal(8), discount=Decimal(random.randrange(9))),
        RequestApproval(
            deal_id=deal,
            revenue=random.choice([None, Decimal(8)]),
            discount=Decimal(random.randrange(5)),
            cost=random.choice([None, Decimal(5), Decimal(8)]),
            reason="First deal",
        ),
        GiveApproval(approval_id=approval, reason="Worth it"),
        GiveApproval(approval_id=approval, reason="Worth it"),
        RefuseApproval(approval_id=approval, reason="Too dear"),
        WinDeal(deal_id=deal, revenue=Decimal(9), cost=Decimal(8), discount=Decimal(random.randrange(4))),
        CorrectDeal(
            deal_id=deal, revenue=random.choice([None, Decimal(4)]), cost=Decimal(random.randrange(3)), reason="A"
        ),
        UndertakeObligation(deal_id=deal, text="Train", due_at=day(9), cost=Decimal(random.randrange(4))),
        FulfilObligation(obligation_id=obligation, cost=random.choice([None, Decimal(2)])),
        WaiveObligation(obligation_id=obligation, reason="Not wanted"),
        PlaceOrder(amount=random.choice([Decimal(5), Decimal(600)]), currency=currency, deal_id=deal),
        PlaceOrder(amount=Decimal(5), currency=currency),
        CancelOrder(order_id=order),
        CancelOrder(order_id=order, lines=(PartOfLine(line=1, quantity=Decimal("0.3")),)),
        ConfirmOrder(order_id=order),
        TellDelay(order_id=order),
        TellDelay(order_id=order, line=random.choice([1, 2]), promised_on=day(random.randrange(300)).date()),
        ShipOrder(order_id=order, lines=random.choice([(), (PartOfLine(line=1, quantity=Decimal("0.4")),)])),
        TakeBackGoods(order_id=order),
        RecordPayment(amount=Decimal(5), currency=currency),
        RecordPayment(amount=Decimal(5), currency=currency, order_id=order),
        RecordPayment(amount=Decimal(5), currency=currency, deal_id=deal),
    ]


def on_proposals(random: Random, client: Client) -> list[Command]:
    """What may be offered to the client in writing, and what it may answer."""
    proposal, deal = _any(random, client.proposals.by_id), _any(random, client.deals.by_id)
    draft = DraftProposal(
        deal_id=random.choice([None, deal]),
        lines=(WantedLine(text="Pipes", price=Decimal(random.randrange(100))),),
        currency=random.choice(["EUR", "EUR", "USD"]),
        valid_until=day(random.randrange(1500)).date(),
    )
    send = SendProposal(proposal_id=proposal, template_id=TEMPLATE_ID)
    accept = AcceptProposal(proposal_id=proposal)
    return [
        draft,
        draft,
        send,
        send,
        accept,
        accept,
        ReviseProposal(proposal_id=proposal, discount=Decimal(random.randrange(9)), valid_until=draft.valid_until),
        DeclineProposal(proposal_id=proposal, reason=LossReason.PRICE),
        ExpireProposal(proposal_id=proposal),
    ]
