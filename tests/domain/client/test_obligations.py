"""Obligations from agreements."""

from decimal import Decimal

import pytest

from domain.client.deal_events import DealLost
from domain.client.deal_reasons import LossReason
from domain.client.handoff_events import HandoffOffered, PacketObligation
from domain.client.handoff_offer import OfferHandoff
from domain.client.obligations import (
    FulfilObligation,
    ObligationFulfilled,
    ObligationPostponed,
    ObligationUndertaken,
    ObligationWaived,
    PostponeObligation,
    UndertakeObligation,
    WaiveObligation,
)
from tests.domain.facts import (
    DEAL,
    IN_FIRST_DEAL,
    OBLIGATION,
    UNDERTAKEN,
    WITH_DEAL,
    WITH_OBLIGATION,
    WITH_WON_DEAL,
    WON,
)
from tests.spec import CLOSER, GONE, SELLER, SOMEBODY, Refusal, at, day, given, new, refusal

UNDERTAKE = UndertakeObligation(deal_id=DEAL, text="Train two operators", due_at=day(20), cost=Decimal(60))
FULFIL = FulfilObligation(obligation_id=OBLIGATION)
POSTPONE = PostponeObligation(obligation_id=OBLIGATION, due_at=day(40), reason="They asked for it")
WAIVE = WaiveObligation(obligation_id=OBLIGATION, reason="They train themselves")
LOST = DealLost(deal_id=DEAL, reason=LossReason.PRICE)
FULFILLED = ObligationFulfilled(obligation_id=OBLIGATION, cost=Decimal(60))
WITH_FULFILLED = (*WITH_OBLIGATION, at(day(8), FULFILLED, CLOSER))

REFUSALS = [
    refusal("unknown_deal", given(*IN_FIRST_DEAL), UNDERTAKE, {"deal_id": DEAL}),
    refusal("deal_not_open", given(*WITH_DEAL, at(day(6), LOST)), UNDERTAKE, {"state": "lost"}),
    refusal("unknown_employee", given(*WITH_DEAL), UNDERTAKE.model_copy(update={"employee_id": SOMEBODY})),
    refusal("employee_left", given(*WITH_DEAL), UNDERTAKE.model_copy(update={"employee_id": GONE.id})),
    refusal("before_its_cause", given(*WITH_DEAL), UNDERTAKE.model_copy(update={"occurred_at": day(4.5)})),
    *[
        row
        for command in (FULFIL, POSTPONE, WAIVE)
        for row in (
            refusal("unknown_obligation", given(*WITH_DEAL), command, {"obligation_id": OBLIGATION}),
            refusal("obligation_not_open", given(*WITH_FULFILLED), command, {"state": "fulfilled"}),
            refusal("before_its_cause", given(*WITH_OBLIGATION), command.model_copy(update={"occurred_at": day(5.5)})),
        )
    ],
    refusal("nothing_to_change", given(*WITH_OBLIGATION), POSTPONE.model_copy(update={"due_at": day(20)})),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_an_obligation_is_undertaken_in_the_currency_of_the_deal_by_whoever_records_it() -> None:
    made = UNDERTAKEN.model_copy(update={"obligation_id": new(1), "employee_id": SELLER.id})
    given(*WITH_DEAL).when(UNDERTAKE).then(made)
    given(*WITH_WON_DEAL).when(UNDERTAKE).then(made)


def test_somebody_else_may_see_to_it() -> None:
    command = UNDERTAKE.model_copy(update={"employee_id": CLOSER.id})
    (made,) = given(*WITH_DEAL).when(command).events()
    assert isinstance(made, ObligationUndertaken)
    assert made.employee_id == CLOSER.id


def test_it_costs_what_was_planned_until_it_is_known_what_it_cost() -> None:
    client = given(*WITH_OBLIGATION)
    assert client.state.obligations.cost_of(DEAL) == Decimal(60)
    assert client.state.obligations.cost_of(new(1)) == 0
    after = client.when(FULFIL).then(FULFILLED)
    assert after.obligations.cost_of(DEAL) == Decimal(60)
    dearer = FULFIL.model_copy(update={"cost": Decimal(75), "comment": "A day longer"})
    made = ObligationFulfilled(obligation_id=OBLIGATION, cost=Decimal(75), comment="A day longer")
    assert client.when(dearer).then(made).obligations.cost_of(DEAL) == Decimal(75)


def test_it_is_moved_with_a_reason() -> None:
    moved = ObligationPostponed(obligation_id=OBLIGATION, due_at=day(40), reason="They asked for it")
    (owed,) = given(*WITH_OBLIGATION).when(POSTPONE).then(moved).owed
    assert owed.due_at == day(40)


def test_what_is_waived_costs_nothing_and_is_not_owed() -> None:
    waived = ObligationWaived(obligation_id=OBLIGATION, reason="They train themselves")
    client = given(*WITH_OBLIGATION).when(WAIVE).then(waived)
    assert (client.obligations.cost_of(DEAL), client.owed) == (0, [])


def test_a_lost_deal_binds_nobody() -> None:
    assert given(*WITH_OBLIGATION).state.owed
    assert not given(*WITH_OBLIGATION, at(day(7), LOST)).state.owed


def test_a_handoff_tells_the_next_step_what_is_owed() -> None:
    (offered,) = given(*WITH_OBLIGATION, at(day(7), WON, CLOSER)).when(OfferHandoff(), by=CLOSER).events()
    assert isinstance(offered, HandoffOffered)
    assert offered.packet
    assert offered.packet.open_obligations == (
        PacketObligation(
            id=OBLIGATION,
            deal_id=DEAL,
            text="Train two operators",
            due_at=day(20),
            cost=Decimal(60),
            currency="EUR",
            employee_id=CLOSER.id,
        ),
    )
