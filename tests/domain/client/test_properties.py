"""Whatever commands come in whatever order: a refusal is the only "no", and the client stays consistent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from random import Random
from uuid import UUID

from hypothesis import event, given, settings
from hypothesis import strategies as st

from domain.client.archive import ArchiveClient, RestoreClient
from domain.client.assignment import AssignEmployee
from domain.client.card import ChangeCard
from domain.client.contacts import Direction, Outcome, RecordContact
from domain.client.deal_reasons import LossReason
from domain.client.deals import ChangeDeal, DealWon, LoseDeal, OpenDeal, ReopenDeal, WinDeal
from domain.client.decisions import RecordDecision
from domain.client.handoff_events import HandoffAccepted, ReturnReason
from domain.client.handoff_offer import OfferHandoff
from domain.client.handoffs import AcceptHandoff, ExpireHandoff, ReturnHandoff, WithdrawHandoff
from domain.client.key_persons import AddKeyPerson, ChangeKeyPerson, RemoveKeyPerson
from domain.client.obligations import FulfilObligation, UndertakeObligation, WaiveObligation
from domain.client.order_changes import CancelOrder, ConfirmOrder, PartOfLine
from domain.client.ordering import PlaceOrder
from domain.client.payments import RecordPayment
from domain.client.qualification import DisqualificationReason, DisqualifyClient, QualifyClient, ReopenClient
from domain.client.registration import RegisterClient
from domain.client.shipments import ShipOrder, TakeBackGoods
from domain.client.state import COMMON_REFUSALS, Client
from domain.client.tasks import CancelTask, CompleteTask, PostponeTask, SetTask
from domain.employee import Employee
from domain.kernel import Command, Event, Recorded, Refused
from domain.regulation.state import Regulation
from domain.regulation.step_rules import StepRules
from domain.types import Channel, FailureReason, Mode, PurchaseInterval, Step
from tests.domain.facts import IN_FIRST_DEAL, IN_SERVICE, LEAD, OFFERED, REGISTERED, WITH_DEAL, WITH_WON_DEAL
from tests.spec import (
    ALL_ROUNDER,
    CLIENT_ID,
    HEAD,
    MANAGER,
    SELLER,
    STAFF,
    day,
    decide,
    folded,
    make_context,
    new,
    recorded,
)

WORKERS = [SELLER, ALL_ROUNDER, MANAGER, HEAD]
BEGINNINGS = [(REGISTERED,), LEAD, OFFERED, IN_FIRST_DEAL, WITH_DEAL, WITH_WON_DEAL, IN_SERVICE]


def _any(random: Random, ids: Iterable[UUID]) -> UUID:
    """One of the ids; now and then one that nobody knows."""
    return random.choice([*(3 * list(ids)), new(0)])


def _worker(random: Random) -> UUID:
    return random.choice(list(STAFF))


def _on_the_card(random: Random, client: Client) -> list[Command]:
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
        CancelTask(task_id=task),
        RecordDecision(text="Wait", decided_by=random.choice([None, _worker(random)])),
    ]


def _on_the_way(random: Random, client: Client) -> list[Command]:
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


def _on_sales(random: Random, client: Client) -> list[Command]:
    deal, order = _any(random, client.deals.by_id), _any(random, client.orders.by_id)
    obligation = _any(random, client.obligations.by_id)
    currency = random.choice(["EUR", "EUR", "USD"])
    return [
        OpenDeal(amount=Decimal(random.randrange(100)), currency=currency),
        ChangeDeal(deal_id=deal, amount=Decimal(random.randrange(100))),
        WinDeal(deal_id=deal, revenue=Decimal(9), cost=Decimal(5)),
        WinDeal(deal_id=deal, revenue=Decimal(9), cost=Decimal(5)),
        LoseDeal(deal_id=deal, reason=LossReason.PRICE),
        ReopenDeal(deal_id=deal),
        UndertakeObligation(deal_id=deal, text="Train", due_at=day(9), cost=Decimal(random.randrange(4))),
        FulfilObligation(obligation_id=obligation, cost=random.choice([None, Decimal(2)])),
        WaiveObligation(obligation_id=obligation, reason="Not wanted"),
        PlaceOrder(amount=random.choice([Decimal(5), Decimal(600)]), currency=currency, deal_id=deal),
        PlaceOrder(amount=Decimal(5), currency=currency),
        CancelOrder(order_id=order),
        CancelOrder(order_id=order, lines=(PartOfLine(line=1, quantity=Decimal("0.3")),)),
        ConfirmOrder(order_id=order),
        ShipOrder(order_id=order, lines=random.choice([(), (PartOfLine(line=1, quantity=Decimal("0.4")),)])),
        TakeBackGoods(order_id=order),
        RecordPayment(amount=Decimal(5), currency=currency),
        RecordPayment(amount=Decimal(5), currency=currency, order_id=order),
        RecordPayment(amount=Decimal(5), currency=currency, deal_id=deal),
    ]


@dataclass(frozen=True)
class Life:
    """A client that lived through random commands under one regulation, with its log."""

    client: Client
    log: list[Recorded]
    regulation: Regulation


def live(seed: int, commands: int) -> Life:
    """Begin somewhere on the way and send random commands, some of them back-dated, as time goes on."""
    random = Random(seed)
    steps = {Step.FIRST_DEAL: StepRules(max_deals_before_handoff=random.choice([1, 2]))}
    regulation = replace(Regulation(), mode=random.choice(list(Mode)), steps=steps)
    log = recorded(random.choice(BEGINNINGS))
    life = Life(folded(Client.empty(CLIENT_ID), log), log, regulation)
    new_id, now = partial(next, map(new, count(1))), day(10)
    for _ in range(commands):
        now += timedelta(days=random.choice([0.01, 0.5, 20]))
        command = random.choice(random.choice([_on_the_card, _on_the_way, _on_sales])(random, life.client))
        if random.random() < 0.3:
            command = command.model_copy(update={"occurred_at": now + timedelta(days=random.uniform(-9, 0.1))})
        life = _send(life, command, random.choice(WORKERS), now, new_id)
    return life


def _send(life: Life, command: Command, by: Employee, now: datetime, new_id: Callable[[], UUID]) -> Life:
    context = make_context(command, by=by, now=now, regulation=life.regulation, new_id=new_id)
    try:
        made = decide(command, life.client, context)
    except Refused as refused:
        event(f"{type(command).__name__} {refused.code}")
        _check_announced(command, refused)
        return life
    assert made
    log = [_record(item, life, number, context.occurred_at, now, by) for number, item in enumerate(made, start=1)]
    client = folded(life.client, log)
    _check_invariants(life, client, log)
    return Life(client, life.log + log, life.regulation)


def _check_announced(command: Command, refused: Refused) -> None:
    assert refused.code in {*COMMON_REFUSALS, *type(command).refusals}


def _record(fact: Event, life: Life, number: int, occurred_at: datetime, now: datetime, by: Employee) -> Recorded:
    version = life.client.version + number
    return Recorded(fact, CLIENT_ID, version, version, occurred_at, now, by.id, 0, CLIENT_ID, None)


def _check_invariants(before: Life, client: Client, log: list[Recorded]) -> None:
    """The invariants that hold after every command."""
    moved = [item.event for item in log if isinstance(item.event, HandoffAccepted)]
    if client.step is not before.client.step:
        assert [(fact.from_step, fact.to_step) for fact in moved] == [(before.client.step, client.step)]
    waiting = [offer.id for offer in client.handoffs.by_id.values() if offer.state == "waiting"]
    assert waiting == ([client.handoffs.waiting] if client.handoffs.waiting else [])
    allowed = before.regulation.rules(Step.FIRST_DEAL).max_deals_before_handoff
    assert client.step is not Step.FIRST_DEAL or client.deals.won_in_step <= allowed
    assert not (client.archive.archived and client.handoffs.waiting)
    assert not (client.qualification.disqualified and client.qualification.qualified)
    assert not client.qualification.disqualified or not client.handoffs.waiting
    assert all(client.orders.ordered_of(deal.id) <= deal.amount for deal in client.deals.by_id.values())


lives = st.builds(live, st.integers(0, 2**32), st.integers(0, 100))
MANY = settings(max_examples=150, deadline=None)


@MANY
@given(lives)
def test_commands_are_decided_or_refused_and_the_client_stays_consistent(life: Life) -> None:
    assert life.client.version == len(life.log)
    for fact in (item.event for item in life.log):
        assert not isinstance(fact, DealWon) or fact.step is not Step.LEAD_GENERATION


@MANY
@given(lives, st.data())
def test_a_fold_depends_on_the_events_only(life: Life, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(life.log)))
    first = folded(Client.empty(CLIENT_ID), life.log[:cut])
    assert folded(first, life.log[cut:]) == folded(Client.empty(CLIENT_ID), life.log) == life.client


@MANY
@given(lives)
def test_facts_survive_being_stored(life: Life) -> None:
    loaded = [
        item._replace(event=type(item.event).model_validate_json(item.event.model_dump_json())) for item in life.log
    ]
    assert folded(Client.empty(CLIENT_ID), loaded) == life.client


@MANY
@given(lives, st.floats(0, 300))
def test_a_past_moment_can_be_shown_from_what_occurred_by_then(life: Life, days: float) -> None:
    """No effect is without its cause, though facts were recorded late."""
    known = [item for item in life.log if item.occurred_at <= day(days)]
    client = folded(Client.empty(CLIENT_ID), known)
    assert not known or client.registration.registered_at


@MANY
@given(lives)
def test_each_step_begins_after_the_one_before(life: Life) -> None:
    moves = [item.occurred_at for item in life.log if isinstance(item.event, HandoffAccepted)]
    assert moves == sorted(moves)


@MANY
@given(lives)
def test_erased_facts_still_fold(life: Life) -> None:
    """Without their personal fields, as after the destruction of the data key."""
    erased = [item._replace(event=_without_personal_fields(item.event)) for item in life.log]
    client = folded(Client.empty(CLIENT_ID), erased)
    assert (client.step, client.owner, client.version) == (life.client.step, life.client.owner, life.client.version)


def _without_personal_fields(fact: Event) -> Event:
    return fact.model_copy(update=dict.fromkeys(fact.personal_fields))
