"""Exchange of leads between sellers."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.client.assignment import EmployeeAssigned
from domain.client.exchange_events import (
    ExchangeAccepted,
    ExchangeDeclined,
    ExchangeExpired,
    ExchangeOffered,
    ExchangeWithdrawn,
)
from domain.client.exchanges import AcceptExchange, DeclineExchange, ExpireExchange, OfferExchange, WithdrawExchange
from domain.client.qualification import ClientDisqualified, DisqualificationReason
from domain.client.tasks import TaskCancelled, TaskSet
from domain.regulation.state import Regulation
from domain.regulation.team_rules import TeamRules
from domain.team_work.state import TEAM_WORK_ID, Team, TeamWork
from domain.types import FailureReason, Step, Variant
from tests.domain.facts import ASSIGNED, EXCHANGE, IN_SERVICE, LEAD, QUALIFIED_LEAD, REGISTERED, TASK, TEAM, offered
from tests.spec import (
    ALL_ROUNDER,
    CLOSER,
    GONE,
    HEAD,
    NOW,
    SECOND_SELLER,
    SELLER,
    SOMEBODY,
    STAFF,
    Refusal,
    at,
    day,
    finds,
    given,
    new,
    refusal,
)

LG = Step.LEAD_GENERATION
TO_SECOND = ExchangeOffered(
    exchange_id=EXCHANGE,
    step=LG,
    from_employee_id=SELLER.id,
    to_employee_id=SECOND_SELLER.id,
    reason=FailureReason.TYPES_INCOMPATIBLE,
    due_at=day(4),
    expires_at=day(200),
)
TO_ALL = TO_SECOND.model_copy(update={"to_employee_id": None})
ENDLESS = TO_ALL.model_copy(update={"expires_at": None})
BRIEF = TO_SECOND.model_copy(update={"expires_at": day(6)})
WITHDRAWN = ExchangeWithdrawn(exchange_id=EXCHANGE)
LATE = ExchangeExpired(exchange_id=EXCHANGE)
DECLINED = ExchangeDeclined(exchange_id=EXCHANGE, employee_id=SECOND_SELLER.id)
GIVEN_UP = ClientDisqualified(step=LG, reason=DisqualificationReason.NO_NEED)
REPLACED = EmployeeAssigned(
    step=LG, employee_id=SELLER.id, previous_id=ALL_ROUNDER.id, failure_reason=FailureReason.PRICE
)

FREE = given(*LEAD)
ON_OFFER = given(*LEAD, at(day(2), TO_SECOND))
FOR_A_WHILE = given(*LEAD, at(day(2), BRIEF))
FOR_ALL = given(*LEAD, at(day(2), TO_ALL))
AFTER_FAILURE = (REGISTERED, REPLACED)
OFFER = OfferExchange()
ACCEPT = AcceptExchange(exchange_id=EXCHANGE)
DECLINE = DeclineExchange(exchange_id=EXCHANGE)
WITHDRAW = WithdrawExchange(exchange_id=EXCHANGE)
EXPIRE = ExpireExchange(exchange_id=EXCHANGE)
ANSWERS = (ACCEPT, DECLINE, WITHDRAW, EXPIRE)


def to(employee: Any) -> OfferExchange:
    return OfferExchange(to_employee_id=getattr(employee, "id", employee))


def accepting(employee: Any) -> AcceptExchange:
    return ACCEPT.model_copy(update={"employee_id": getattr(employee, "id", employee)})


REFUSALS = [
    refusal("wrong_step", given(*IN_SERVICE), OFFER),
    refusal("nobody_works_lead", given(REGISTERED), OFFER),
    refusal("not_the_owner", FREE, OFFER, {"employee_id": SELLER.id}, by=SECOND_SELLER),
    refusal("exchange_pending", ON_OFFER, OFFER, {"exchange_id": EXCHANGE}),
    refusal("handoff_pending", given(*QUALIFIED_LEAD, offered(Step.FIRST_DEAL, CLOSER)), OFFER),
    refusal("already_assigned", FREE, to(SELLER)),
    refusal("failed_with_lead", given(*AFTER_FAILURE), to(ALL_ROUNDER)),
    refusal("unknown_employee", FREE, to(SOMEBODY)),
    refusal("employee_left", FREE, to(GONE)),
    refusal("employee_not_in_step", FREE, to(CLOSER)),
    refusal("before_its_cause", given(REGISTERED, at(day(2), ASSIGNED)), OfferExchange(occurred_at=day(1))),
    refusal(
        "before_its_cause",
        given(*LEAD, at(day(2), TO_ALL), at(day(3), WITHDRAWN)),
        OfferExchange(occurred_at=day(2)),
        {"since": day(3)},
    ),
    refusal("client_disqualified", given(REGISTERED, ASSIGNED, GIVEN_UP), OFFER),
    refusal("client_disqualified", given(*LEAD, at(day(2), TO_SECOND), GIVEN_UP), ACCEPT, by=SECOND_SELLER),
    *[refusal("unknown_exchange", FREE, each) for each in ANSWERS],
    *[
        refusal("exchange_not_waiting", given(*LEAD, TO_SECOND, event), each, {"state": state})
        for each in ANSWERS
        for event, state in ((WITHDRAWN, "withdrawn"), (DECLINED, "declined"), (LATE, "expired"))
    ],
    *[refusal("exchange_lapsed", given(*LEAD, TO_SECOND, REPLACED), each, {"state": "lapsed"}) for each in ANSWERS],
    *[
        refusal("exchange_expired", FOR_A_WHILE, each.model_copy(update={"occurred_at": day(6.1)}), by=SECOND_SELLER)
        for each in (ACCEPT, DECLINE)
    ],
    refusal("exchange_not_expired", FOR_A_WHILE, EXPIRE.model_copy(update={"occurred_at": day(5)})),
    refusal("exchange_not_expired", given(*LEAD, at(day(2), ENDLESS)), EXPIRE, {"expires_at": None}),
    *[refusal("before_its_cause", ON_OFFER, each.model_copy(update={"occurred_at": day(1)})) for each in ANSWERS],
    refusal("not_the_receiver", ON_OFFER, ACCEPT, by=ALL_ROUNDER),
    refusal("not_the_receiver", FOR_ALL, accepting(SECOND_SELLER), by=ALL_ROUNDER),
    refusal("not_the_receiver", ON_OFFER, DECLINE, by=ALL_ROUNDER),
    refusal(
        "handoff_pending",
        given(*QUALIFIED_LEAD, at(day(2), TO_ALL), offered(Step.FIRST_DEAL, CLOSER)),
        ACCEPT,
        by=SECOND_SELLER,
    ),
    refusal("already_assigned", FOR_ALL, ACCEPT, by=SELLER),
    refusal("failed_with_lead", given(*AFTER_FAILURE, TO_ALL), ACCEPT, by=ALL_ROUNDER),
    refusal("unknown_employee", FOR_ALL, accepting(SOMEBODY), by=HEAD),
    refusal("employee_left", FOR_ALL, accepting(GONE), by=HEAD),
    refusal("employee_not_in_step", FOR_ALL, ACCEPT, by=CLOSER),
    refusal(
        "before_its_cause",
        given(*LEAD, TO_ALL, at(day(3), TaskSet(task_id=TASK, text="Call", due_at=day(9), employee_id=SELLER.id))),
        ACCEPT.model_copy(update={"occurred_at": day(2)}),
        {"task_id": TASK},
        by=ALL_ROUNDER,
    ),
    refusal("nothing_to_change", given(*LEAD, TO_ALL, DECLINED), DECLINE, by=SECOND_SELLER),
    refusal("not_the_sender", ON_OFFER, WITHDRAW, by=SECOND_SELLER),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_an_offer_has_to_be_answered_within_two_working_days() -> None:
    """Wednesday, 10 June 2026, and the Friday after it."""
    command = OfferExchange(to_employee_id=SECOND_SELLER.id, reason=FailureReason.PRICE, comment="Too dear for him")
    made = TO_SECOND.model_copy(
        update={
            "exchange_id": new(1),
            "reason": FailureReason.PRICE,
            "due_at": day(102),
            "expires_at": day(107),
            "comment": "Too dear for him",
        }
    )
    client = FREE.when(command).then(made)
    assert client.owner == SELLER.id


def test_who_accepts_works_the_lead_with_its_tasks_and_a_first_one() -> None:
    """Of two open tasks of the one before, one is overdue; that of a third person stays his."""
    tasks = [
        at(day(2), TaskSet(task_id=new(91), text="Price list", due_at=day(50), employee_id=SELLER.id)),
        at(day(2), TaskSet(task_id=new(92), text="Meeting", due_at=day(120), employee_id=SELLER.id)),
        at(day(2), TaskSet(task_id=new(93), text="Check", due_at=day(120), employee_id=HEAD.id)),
    ]
    amiable = replace(SECOND_SELLER, personality_type="amiable")
    team = Team(TEAM, Variant.DEMOCRATIC, LG, (SELLER.id, amiable.id), HEAD.id, day(0), day(0))
    client = (
        given(*LEAD, at(day(2), TO_SECOND), *tasks)
        .when(
            ACCEPT,
            by=amiable,
            staff=STAFF | {amiable.id: amiable},
            known=finds(TeamWork(TEAM_WORK_ID, 1, {TEAM: team})),
        )
        .then(
            ExchangeAccepted(exchange_id=EXCHANGE, employee_id=amiable.id),
            EmployeeAssigned(
                step=LG,
                employee_id=amiable.id,
                previous_id=SELLER.id,
                failure_reason=FailureReason.TYPES_INCOMPATIBLE,
                score=Decimal("0.3"),
                variant=Variant.DEMOCRATIC,
            ),
            TaskCancelled(task_id=new(91)),
            TaskSet(task_id=new(1), text="Price list", due_at=day(105), employee_id=amiable.id),
            TaskCancelled(task_id=new(92)),
            TaskSet(task_id=new(2), text="Meeting", due_at=day(120), employee_id=amiable.id),
            TaskSet(task_id=new(3), text="Get in touch with the client", due_at=day(105), employee_id=amiable.id),
        )
    )
    assert (client.owner, client.assignment.failed) == (amiable.id, {SELLER.id})
    assert client.exchanges.ended == {EXCHANGE: "accepted"}
    assert client.exchanges.answered_at == NOW


def test_what_one_declines_waits_for_the_others() -> None:
    client = FOR_ALL.when(DECLINE, by=SECOND_SELLER).then(DECLINED)
    assert client.exchanges.waiting
    assert client.exchanges.waiting.declined_by == {SECOND_SELLER.id}
    directed = ON_OFFER.when(DECLINE, by=SECOND_SELLER).then(DECLINED)
    assert (directed.exchanges.waiting, directed.owner) == (None, SELLER.id)


def test_a_head_answers_for_others() -> None:
    assert FOR_ALL.when(accepting(ALL_ROUNDER), by=HEAD).after().owner == ALL_ROUNDER.id
    assert ON_OFFER.when(DECLINE, by=HEAD).events() == [DECLINED]
    assert ON_OFFER.when(WITHDRAW, by=HEAD).after().exchanges.ended == {EXCHANGE: "withdrawn"}


def test_what_nobody_took_in_time_is_void() -> None:
    client = FOR_A_WHILE.when(EXPIRE.model_copy(update={"occurred_at": day(6)})).then(LATE)
    assert (client.exchanges.waiting, client.exchanges.ended) == (None, {EXCHANGE: "expired"})


def test_an_offer_never_expires_before_it_is_due() -> None:
    regulation = Regulation(team_rules=TeamRules(answer_within_working_days=4, offer_expires_after_working_days=1))
    (made,) = FREE.when(OFFER, regulation=regulation).events()
    assert isinstance(made, ExchangeOffered)
    assert made.expires_at == made.due_at
