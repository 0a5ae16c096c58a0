"""Handoffs: offers and their answers."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.client.handoff_events import (
    HandoffAccepted,
    HandoffExpired,
    HandoffOffered,
    HandoffReturned,
    HandoffWithdrawn,
    ReturnReason,
)
from domain.client.handoff_offer import OfferHandoff
from domain.client.handoffs import AcceptHandoff, ExpireHandoff, ReturnHandoff, WithdrawHandoff
from domain.client.key_persons import KeyPersonChanged, KeyPersonRemoved
from domain.client.order_events import OrderPlaced
from domain.client.qualification import ClientDisqualified, DisqualificationReason
from domain.client.registration import ClientRegistered
from domain.client.tasks import TaskSet
from domain.employee import SYSTEM, Employee
from domain.kernel import Command
from domain.regulation.step_rules import Criterion, StepRules
from domain.types import Mode, PurchaseInterval, Step
from tests.domain.facts import (
    ASSIGNED,
    HANDOFF,
    IN_FIRST_DEAL,
    IN_SERVICE,
    LEAD,
    OFFERED,
    ORDER,
    PERSON,
    QUALIFIED_LEAD,
    REGISTERED,
    TASK,
    WITH_DEAL,
    WITH_WON_DEAL,
    accepted,
    offered,
)
from tests.spec import (
    ALL_ROUNDER,
    CLOSER,
    GONE,
    HEAD,
    MANAGER,
    SECOND_CLOSER,
    SELLER,
    SOMEBODY,
    STAFF,
    Refusal,
    at,
    day,
    given,
    new,
    refusal,
    rules,
)

LEAD_STEP, DEAL_STEP, SERVICE_STEP = Step
OFFER = OfferHandoff(to_employee_id=CLOSER.id)
IN_TIME = day(5)
ACCEPT = AcceptHandoff(handoff_id=HANDOFF, occurred_at=IN_TIME)
RETURN = ReturnHandoff(handoff_id=HANDOFF, reason=ReturnReason.INCOMPLETE, occurred_at=IN_TIME)
EXPIRE, WITHDRAW = ExpireHandoff(handoff_id=HANDOFF), WithdrawHandoff(handoff_id=HANDOFF)
ANSWERS: list[tuple[Command, Employee]] = [(ACCEPT, CLOSER), (RETURN, CLOSER), (WITHDRAW, SELLER), (EXPIRE, SELLER)]
GIVEN_UP = ClientDisqualified(step=LEAD_STEP, reason=DisqualificationReason.NO_NEED)
TO_DEPARTMENT = (*QUALIFIED_LEAD, offered(DEAL_STEP, None))
RETURNED = (*OFFERED, at(day(5), HandoffReturned(handoff_id=HANDOFF, reason=ReturnReason.INCOMPLETE), CLOSER))
TO_GONE = (*QUALIFIED_LEAD, offered(DEAL_STEP, GONE))
MONTHLY = ClientRegistered(name="Steelworks", origin="cold_base", purchase_interval=PurchaseInterval.MONTHLY)
DORMANT = (MONTHLY, *IN_SERVICE[1:])
"""Its last purchase is the deal of day 6: dormant 60.8 days later."""
UNTIL_DORMANT = day(6 + 2 * 365 / 12)


def occurring(command: Command, on: float) -> Command:
    return command.model_copy(update={"occurred_at": day(on)})


def offer(**fields: Any) -> OfferHandoff:
    return OfferHandoff.model_validate(fields)


def accept_for(employee_id: UUID) -> AcceptHandoff:
    return AcceptHandoff(handoff_id=HANDOFF, employee_id=employee_id, occurred_at=IN_TIME)


REFUSALS = [
    refusal("wrong_step", given(*QUALIFIED_LEAD), offer(to_step=SERVICE_STEP), {"step": LEAD_STEP}),
    refusal("wrong_step", given(*QUALIFIED_LEAD), offer(to_step=LEAD_STEP)),
    refusal("wrong_step", given(*WITH_WON_DEAL), offer(to_step=LEAD_STEP)),
    refusal("wrong_step", given(*IN_SERVICE), offer()),
    refusal("handoff_pending", given(*OFFERED), OFFER, {"handoff_id": HANDOFF}),
    refusal("not_qualified", given(*LEAD), OFFER),
    refusal(
        "criteria_not_met",
        given(*QUALIFIED_LEAD, KeyPersonRemoved(key_person_id=PERSON)),
        OFFER,
        {"missing": [Criterion.KEY_PERSON_KNOWN, Criterion.KEY_PERSON_TYPE_KNOWN, Criterion.KEY_PERSON_REACHED]},
    ),
    refusal(
        "criteria_not_met",
        given(*QUALIFIED_LEAD, KeyPersonChanged(key_person_id=PERSON, changed=("personality_type",))),
        OFFER,
        {"missing": [Criterion.KEY_PERSON_TYPE_KNOWN]},
    ),
    refusal("no_won_deal", given(*WITH_DEAL), offer(to_employee_id=MANAGER.id)),
    refusal("not_dormant", given(*IN_SERVICE), offer(to_step=DEAL_STEP), {"purchase_interval": None}),
    refusal("not_dormant", given(*DORMANT), occurring(offer(to_step=LEAD_STEP), 60), {"dormant_from": UNTIL_DORMANT}),
    refusal("unknown_employee", given(*QUALIFIED_LEAD), offer(to_employee_id=SOMEBODY)),
    refusal("employee_left", given(*QUALIFIED_LEAD), offer(to_employee_id=GONE.id)),
    refusal("employee_not_in_step", given(*QUALIFIED_LEAD), offer(to_employee_id=MANAGER.id)),
    refusal("before_its_cause", given(*QUALIFIED_LEAD), occurring(OFFER, 1), {"since": day(2)}),
    refusal("before_its_cause", given(*WITH_WON_DEAL), occurring(offer(), 3), {"since": day(4)}),
    refusal("before_its_cause", given(*WITH_WON_DEAL), occurring(offer(), 5.5), {"since": day(6)}),
    refusal("client_disqualified", given(*QUALIFIED_LEAD, GIVEN_UP), OFFER),
    *[refusal("unknown_handoff", given(*QUALIFIED_LEAD), command, by=by) for command, by in ANSWERS],
    *[
        refusal("handoff_not_waiting", given(*IN_FIRST_DEAL), command, {"state": "accepted"}, by=by)
        for command, by in ANSWERS
    ],
    *[refusal("before_its_cause", given(*OFFERED), occurring(command, 2.5), by=by) for command, by in ANSWERS],
    refusal("not_the_receiver", given(*OFFERED), ACCEPT, by=SECOND_CLOSER),
    refusal("not_the_receiver", given(*OFFERED), RETURN, by=SELLER),
    refusal("not_the_receiver", given(*TO_DEPARTMENT), ACCEPT, by=SELLER),
    refusal("not_the_receiver", given(*OFFERED), accept_for(SECOND_CLOSER.id), by=CLOSER),
    refusal("unknown_employee", given(*OFFERED), accept_for(SOMEBODY), by=HEAD),
    refusal("employee_left", given(*TO_GONE), ACCEPT, by=HEAD),
    refusal("employee_not_in_step", given(*OFFERED), accept_for(MANAGER.id), by=HEAD),
    refusal("employee_not_in_step", given(*TO_DEPARTMENT), ACCEPT, by=HEAD),
    *[
        refusal("handoff_expired", given(*OFFERED), occurring(answer, 6.1), {"expires_at": day(6)}, by=CLOSER)
        for answer in (ACCEPT, RETURN)
    ],
    refusal("before_its_cause", given(*RETURNED), occurring(OFFER, 4), {"since": day(5)}),
    refusal("not_the_sender", given(*OFFERED), WITHDRAW, {"from_employee_id": SELLER.id}, by=CLOSER),
    refusal("handoff_not_expired", given(*OFFERED), occurring(EXPIRE, 5.9), {"expires_at": day(6)}),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_an_offer_changes_neither_step_nor_owner() -> None:
    client = given(*QUALIFIED_LEAD).when(occurring(OFFER, 3)).after()
    assert (client.step, client.owner) == (LEAD_STEP, SELLER.id)
    assert client.handoffs.waiting == new(1)


def test_an_offer_freezes_the_packet_and_the_times() -> None:
    task = TaskSet(task_id=TASK, text="Send prices", due_at=day(9), employee_id=SELLER.id)
    (made,) = given(*QUALIFIED_LEAD, task).when(occurring(OFFER, 3)).events()
    assert isinstance(made, HandoffOffered)
    assert (made.due_at, made.expires_at) == (day(4), day(8))
    assert made.packet
    assert (made.packet.need, made.packet.personality_type) == ("Pipes", "driver")
    assert [(person.name, person.personality_type) for person in made.packet.key_persons] == [
        ("Anna Petrova", "driver")
    ]
    assert [contact.summary for contact in made.packet.last_contacts] == ["Needs pipes"]
    assert [item.text for item in made.packet.open_tasks] == ["Send prices"]


def test_the_packet_has_the_deals() -> None:
    (made,) = given(*WITH_WON_DEAL).when(offer(), by=CLOSER).events()
    assert isinstance(made, HandoffOffered)
    assert made.packet
    assert [(deal.state, deal.amount) for deal in made.packet.deals] == [("won", Decimal(900))]


def test_times_are_those_of_the_receiving_step_and_never_expire_before_they_are_due() -> None:
    slow = rules(steps={DEAL_STEP: StepRules(accept_within_working_days=5, expire_after_working_days=1)})
    (made,) = given(*QUALIFIED_LEAD).when(occurring(OFFER, 3), regulation=slow).events()
    assert isinstance(made, HandoffOffered)
    assert (made.due_at, made.expires_at) == (day(10), day(10))


def test_without_a_name_the_whole_department_is_asked() -> None:
    (made,) = given(*QUALIFIED_LEAD).when(offer()).events()
    assert isinstance(made, HandoffOffered)
    assert made.to_employee_id is None


def test_acceptance_changes_step_and_owner() -> None:
    happened = HandoffAccepted(handoff_id=HANDOFF, from_step=LEAD_STEP, to_step=DEAL_STEP, employee_id=CLOSER.id)
    client = given(*OFFERED).when(occurring(ACCEPT, 4), by=CLOSER).then(happened)
    assert (client.step, client.owner, client.handoffs.step_since) == (DEAL_STEP, CLOSER.id, day(4))
    assert client.handoffs.waiting is None


def test_anybody_of_the_department_takes_what_is_offered_to_all() -> None:
    assert given(*TO_DEPARTMENT).when(ACCEPT, by=SECOND_CLOSER).after().owner == SECOND_CLOSER.id


@pytest.mark.parametrize("history", [OFFERED, TO_DEPARTMENT, TO_GONE])
def test_a_head_accepts_for_a_colleague(history: tuple[Any, ...]) -> None:
    assert given(*history).when(accept_for(SECOND_CLOSER.id), by=HEAD).after().owner == SECOND_CLOSER.id


@pytest.mark.parametrize("by", [CLOSER, HEAD])
def test_return_leaves_step_and_owner(by: Employee) -> None:
    returned = HandoffReturned(handoff_id=HANDOFF, reason=ReturnReason.INCOMPLETE)
    client = given(*OFFERED).when(RETURN, by=by).then(returned)
    assert (client.step, client.owner, client.handoffs.waiting) == (LEAD_STEP, SELLER.id, None)
    assert client.qualification.qualified


@pytest.mark.parametrize("by", [SELLER, HEAD])
def test_withdrawal(by: Employee) -> None:
    client = given(*OFFERED).when(WITHDRAW, by=by).then(HandoffWithdrawn(handoff_id=HANDOFF))
    assert client.handoffs.by_id[HANDOFF].state == "withdrawn"


def test_who_offered_for_the_owner_may_withdraw() -> None:
    by_colleague = offered(DEAL_STEP, CLOSER)._replace(by=ALL_ROUNDER.id)
    given(*QUALIFIED_LEAD, by_colleague).when(WITHDRAW, by=ALL_ROUNDER).then(HandoffWithdrawn(handoff_id=HANDOFF))


def test_an_unanswered_offer_expires() -> None:
    service = replace(SELLER, id=SYSTEM)
    client = given(*OFFERED).when(occurring(EXPIRE, 6), by=service).then(HandoffExpired(handoff_id=HANDOFF))
    assert (client.step, client.handoffs.by_id[HANDOFF].state) == (LEAD_STEP, "expired")


def test_after_an_answer_it_may_be_offered_again() -> None:
    expired = at(day(7), HandoffExpired(handoff_id=HANDOFF))
    assert given(*OFFERED, expired).when(OFFER).after().handoffs.waiting == new(1)


def test_an_overdue_offer_may_still_be_accepted() -> None:
    assert given(*OFFERED).when(occurring(ACCEPT, 5), by=CLOSER).after().step is DEAL_STEP


ALL_HIS = (REGISTERED, ASSIGNED.model_copy(update={"employee_id": ALL_ROUNDER.id}), *QUALIFIED_LEAD[2:])


@pytest.mark.parametrize(
    ("mode", "fields"),
    [
        (Mode.SEPARATE, {"to_employee_id": ALL_ROUNDER.id}),
        (Mode.LEAD_AND_DEAL, {}),
        (Mode.SINGLE, {}),
        (Mode.DEAL_AND_SERVICE, {"to_employee_id": ALL_ROUNDER.id}),
    ],
)
def test_the_same_person_on_both_sides_accepts_automatically(mode: Mode, fields: dict[str, UUID]) -> None:
    made = given(*ALL_HIS).when(offer(**fields), regulation=rules(mode=mode), by=ALL_ROUNDER)
    _, happened = made.events()
    assert happened == HandoffAccepted(
        handoff_id=new(1), from_step=LEAD_STEP, to_step=DEAL_STEP, employee_id=ALL_ROUNDER.id, automatic=True
    )
    assert made.after().step is DEAL_STEP


@pytest.mark.parametrize("mode", [Mode.SEPARATE, Mode.DEAL_AND_SERVICE])
def test_steps_in_different_hands_wait_for_an_answer(mode: Mode) -> None:
    client = given(*ALL_HIS).when(offer(), regulation=rules(mode=mode), by=ALL_ROUNDER).after()
    assert (client.step, client.handoffs.waiting) == (LEAD_STEP, new(1))


def test_in_one_hand_a_client_of_one_who_does_not_work_the_next_step_is_offered_to_its_department() -> None:
    waiting = given(*QUALIFIED_LEAD).when(offer(), regulation=rules(mode=Mode.SINGLE)).after().handoffs.by_id[new(1)]
    assert (waiting.state, waiting.to_employee_id) == ("waiting", None)


def test_a_joined_step_may_still_be_offered_to_a_colleague() -> None:
    client = given(*ALL_HIS).when(OFFER, regulation=rules(mode=Mode.SINGLE), by=ALL_ROUNDER).after()
    assert client.handoffs.waiting == new(1)


@pytest.mark.parametrize("to_step", [LEAD_STEP, DEAL_STEP])
def test_a_dormant_client_goes_back(to_step: Step) -> None:
    client = given(*DORMANT).when(occurring(offer(to_step=to_step), 67), by=MANAGER).after()
    assert client.handoffs.waiting == new(1)


def test_in_one_hand_a_dormant_client_goes_back_at_once() -> None:
    staff = {**STAFF, MANAGER.id: replace(MANAGER, steps=frozenset(Step))}
    command = occurring(offer(to_step=LEAD_STEP), 67)
    client = given(*DORMANT).when(command, regulation=rules(mode=Mode.SINGLE), by=MANAGER, staff=staff).after()
    assert (client.step, client.owner) == (LEAD_STEP, MANAGER.id)


def test_a_purchase_keeps_the_client_awake() -> None:
    order = at(day(40), OrderPlaced(order_id=ORDER, amount=Decimal(5), currency="EUR"))
    given(*DORMANT, order).when(occurring(offer(to_step=DEAL_STEP), 80)).refused("not_dormant")


def test_a_client_that_came_back_starts_with_no_won_deal() -> None:
    back = accepted(DEAL_STEP, CLOSER, from_step=SERVICE_STEP, handoff_id=new(9), on=day(71))
    history = (*DORMANT, offered(DEAL_STEP, CLOSER, from_step=SERVICE_STEP, handoff_id=new(9), on=day(70)), back)
    given(*history).when(offer(to_employee_id=MANAGER.id)).refused("no_won_deal")
