"""Whatever commands come in whatever order: a refusal is the only "no", and the client stays consistent."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from random import Random
from uuid import UUID

from hypothesis import event, given, settings
from hypothesis import strategies as st

from domain.client.deal_events import DealWon
from domain.client.handoff_events import HandoffAccepted
from domain.client.proposal_events import ProposalAccepted
from domain.client.state import COMMON_REFUSALS, Client
from domain.client.terms import Terms
from domain.employee import Employee
from domain.kernel import Command, Event, Recorded, Refused
from domain.regulation.discounts import DiscountLimit, DiscountRules
from domain.regulation.state import Regulation
from domain.regulation.step_rules import StepRules
from domain.stock.shelf import UNDATED, Part
from domain.types import Mode, Step
from tests.domain.client.random_commands import on_proposals, on_sales, on_the_card, on_the_way
from tests.domain.client.test_order_delays import LATER, PLACED, stock
from tests.domain.facts import IN_FIRST_DEAL, IN_SERVICE, LEAD, OFFERED, REGISTERED, WITH_DEAL, WITH_WON_DEAL
from tests.domain.papers import OFFER, PAGES
from tests.spec import (
    ALL_ROUNDER,
    CLIENT_ID,
    HEAD,
    MANAGER,
    SELLER,
    at,
    day,
    decide,
    finds,
    folded,
    make_context,
    new,
    recorded,
)

WORKERS = [SELLER, ALL_ROUNDER, MANAGER, HEAD]
AWAITING = (*IN_SERVICE, at(day(9), PLACED))
BEGINNINGS = [(REGISTERED,), LEAD, OFFERED, IN_FIRST_DEAL, WITH_DEAL, WITH_WON_DEAL, IN_SERVICE, AWAITING, AWAITING]
KNOWN = finds(OFFER, PAGES, stock(Part(LATER, Decimal(4)), Part(UNDATED, Decimal(6)), arrives=LATER))


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
    margin, limit = random.choice([None, Decimal(25)]), DiscountLimit(percent=Decimal(20))
    regulation = replace(
        Regulation(),
        mode=random.choice(list(Mode)),
        steps=steps,
        minimum_margin_percent=margin,
        discount_rules=random.choice([None, DiscountRules(limits=(limit,))]),
    )
    log = recorded(random.choice(BEGINNINGS))
    life = Life(folded(Client.empty(CLIENT_ID), log), log, regulation)
    new_id, now = partial(next, map(new, count(1))), day(10)
    for _ in range(commands):
        now += timedelta(days=random.choice([0.01, 0.5, 20]))
        command = random.choice(random.choice([on_the_card, on_the_way, on_sales, on_proposals])(random, life.client))
        if random.random() < 0.3:
            command = command.model_copy(update={"occurred_at": now + timedelta(days=random.uniform(-9, 0.1))})
        life = _send(life, command, random.choice(WORKERS), now, new_id)
    return life


def _send(life: Life, command: Command, by: Employee, now: datetime, new_id: Callable[[], UUID]) -> Life:
    context = make_context(command, by=by, now=now, regulation=life.regulation, new_id=new_id, known=KNOWN)
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
    for fact in (item.event for item in log if isinstance(item.event, DealWon)):
        _check_terms(before.client, fact)
    assert all(client.orders.ordered_of(deal.id) <= deal.amount for deal in client.deals.by_id.values())
    for proposal in client.proposals.by_id.values():
        assert proposal.deal_id is None or client.deals.by_id[proposal.deal_id].currency == proposal.currency
    for item in log:
        if isinstance(item.event, ProposalAccepted):
            assert item.occurred_at < client.proposals.by_id[item.event.proposal_id].expires_at


def _check_terms(before: Client, won: DealWon) -> None:
    """What is beyond the rules was agreed to by a head for terms that were no better."""
    terms = Terms(won.revenue, won.discount, won.cost, before.obligations.cost_of(won.deal_id))
    agreed = [each.terms for each in before.approvals.by_id.values() if each.state == "given"]
    event(f"won, margin agreed to: {bool(won.margin_approved_by)}, discount: {bool(won.discount_approved_by)}")
    if won.needed_margin_percent is not None and not terms.reaches(won.needed_margin_percent):
        assert any(each.cost is not None and each.cost >= won.cost and each.revenue <= won.revenue for each in agreed)
        assert won.margin_approved_by
    if won.discount_limit_percent is not None and not terms.within(won.discount_limit_percent):
        assert any(each.discount >= won.discount and each.revenue <= won.revenue for each in agreed)
        assert won.discount_approved_by


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
