"""Inquiries and the answers to them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from domain.client.card import CardChanged
from domain.client.contacts import ContactRecorded, Direction, Outcome, RecordContact
from domain.client.inquiries import (
    AnswerInquiry,
    CloseInquiry,
    ClosingReason,
    InquiryAnswered,
    InquiryClosed,
    InquiryReceived,
    ReceiveInquiry,
)
from domain.client.tasks import TaskSet
from domain.kernel import Command
from domain.regulation.categories import CommunicationStandard
from domain.regulation.response_rules import InquiryKind, ResponseRules
from domain.types import Category, Channel
from tests.domain.facts import ANNA, INQUIRY, PERSON, REGISTERED
from tests.spec import NOW, SELLER, SOMEBODY, START, Refusal, at, day, given, new, refusal, rules

RECEIVED = InquiryReceived(
    inquiry_id=INQUIRY,
    channel=Channel.EMAIL,
    subject="Pipes",
    text="How much?",
    key_person_id=None,
    category=None,
    working_hours=Decimal(4),
    due_at=day(1) + timedelta(hours=4),
)
OPEN = given(REGISTERED, at(day(1), RECEIVED))
ANSWERED = given(REGISTERED, at(day(1), RECEIVED), at(day(2), InquiryAnswered(inquiry_id=INQUIRY, working_minutes=540)))
CLOSED = given(
    REGISTERED, at(day(1), RECEIVED), at(day(2), InquiryClosed(inquiry_id=INQUIRY, reason=ClosingReason.SPAM))
)


def contact(outcome: Outcome = Outcome.REACHED, **fields: Any) -> RecordContact:
    sent: dict[str, Any] = {"answers_inquiry_id": INQUIRY, **fields}
    return RecordContact(
        channel=Channel.PHONE, direction=Direction.OUTBOUND, outcome=outcome, summary="Told the price", **sent
    )


def ends(**fields: Any) -> list[Command]:
    """Everything that ends an inquiry."""
    return [
        AnswerInquiry(inquiry_id=INQUIRY, text="920", **fields),
        CloseInquiry(inquiry_id=INQUIRY, reason=ClosingReason.OTHER, **fields),
        contact(**fields),
    ]


REFUSALS = [
    refusal(
        "unknown_key_person",
        given(REGISTERED),
        ReceiveInquiry(channel=Channel.EMAIL, text="How much?", key_person_id=SOMEBODY),
    ),
    refusal(
        "before_its_cause",
        given(REGISTERED, at(day(5), ANNA)),
        ReceiveInquiry(channel=Channel.EMAIL, text="How much?", key_person_id=PERSON, occurred_at=day(4)),
        {"since": day(5)},
    ),
    *[refusal("unknown_inquiry", given(REGISTERED), command, {"inquiry_id": INQUIRY}) for command in ends()],
    *[refusal("inquiry_not_open", stream, command) for stream in (ANSWERED, CLOSED) for command in ends()],
    *[refusal("before_its_cause", OPEN, command, {"since": day(1)}) for command in ends(occurred_at=day(0.5))],
    *[
        refusal("nobody_answered", OPEN, contact(outcome), {"outcome": outcome})
        for outcome in (Outcome.NO_ANSWER, Outcome.WRONG_CONTACT)
    ],
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_the_time_to_answer_runs_from_when_it_was_received() -> None:
    """On a Monday at 9:00, by default four working hours."""
    command = ReceiveInquiry(channel=Channel.EMAIL, subject="Pipes", text="How much?", occurred_at=day(1))
    client = given(REGISTERED).when(command).then(RECEIVED.model_copy(update={"inquiry_id": new(1)}))
    assert client.inquiries.open[new(1)].due_at == day(1) + timedelta(hours=4)


@pytest.mark.parametrize(
    ("category", "channel", "hours"),
    [
        ("VIP", Channel.MESSENGER, 1),
        ("VIP", Channel.PHONE, 2),
        ("A", Channel.MESSENGER, 3),
        (None, Channel.MESSENGER, 3),
        ("A", Channel.PHONE, 8),
    ],
)
def test_the_most_specific_rule_holds(category: str | None, channel: Channel, hours: int) -> None:
    set_rules = ResponseRules(
        {
            InquiryKind(Category.VIP, Channel.MESSENGER): Decimal(1),
            InquiryKind(Category.VIP): Decimal(2),
            InquiryKind(channel=Channel.MESSENGER): Decimal(3),
            InquiryKind(): Decimal(8),
        }
    )
    client = given(REGISTERED, CardChanged(changed=("category",), category=category))
    command = ReceiveInquiry(channel=channel, text="How much?", occurred_at=day(1))
    (event,) = client.when(command, regulation=rules(response_rules=set_rules)).events()
    assert isinstance(event, InquiryReceived)
    assert (event.category, event.working_hours) == (category, hours)
    assert event.due_at == day(1) + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("set_rules", "hours"),
    [
        ({}, 2),
        ({InquiryKind(): 8, InquiryKind(channel=Channel.PHONE): 3}, 2),
        ({InquiryKind(Category.VIP): 1}, 1),
        ({InquiryKind(Category.VIP, Channel.PHONE): 5}, 5),
        ({InquiryKind(Category.VIP, Channel.EMAIL): 5}, 2),
        ({InquiryKind(Category.A): 1}, 2),
    ],
)
def test_the_standard_of_the_category_says_how_fast_unless_a_rule_for_the_category_does(
    set_rules: dict[InquiryKind, int], hours: int
) -> None:
    standard = CommunicationStandard(contact_every_days=14, response_hours=Decimal(2))
    response_rules = ResponseRules({kind: Decimal(allowed) for kind, allowed in set_rules.items()})
    regulation = rules(standards={Category.VIP: standard}, response_rules=response_rules)
    client = given(REGISTERED, CardChanged(changed=("category",), category="VIP"))
    command = ReceiveInquiry(channel=Channel.PHONE, text="How much?", occurred_at=day(1))
    (event,) = client.when(command, regulation=regulation).events()
    assert isinstance(event, InquiryReceived)
    assert (event.working_hours, event.due_at) == (hours, day(1) + timedelta(hours=hours))


def test_a_night_and_a_week_end_do_not_count() -> None:
    friday_evening = day(4) + timedelta(hours=8)
    command = ReceiveInquiry(channel=Channel.EMAIL, text="How much?", occurred_at=friday_evening)
    (event,) = given(REGISTERED).when(command).events()
    assert isinstance(event, InquiryReceived)
    assert event.due_at == day(7) + timedelta(hours=3)


def test_answered_in_writing() -> None:
    command = AnswerInquiry(inquiry_id=INQUIRY, text="920", occurred_at=day(2) + timedelta(hours=1))
    client = OPEN.when(command).then(InquiryAnswered(inquiry_id=INQUIRY, working_minutes=600, text="920"))
    assert (client.inquiries.open, client.inquiries.ended) == ({}, {INQUIRY})


def test_answered_by_a_contact_with_a_next_step() -> None:
    step = {"text": "Call again", "due_at": day(110)}
    made = OPEN.when(contact(next_step=step, occurred_at=day(1) + timedelta(minutes=30))).events()
    recorded, answered, task = made
    assert isinstance(recorded, ContactRecorded)
    assert answered == InquiryAnswered(inquiry_id=INQUIRY, working_minutes=30, contact_id=recorded.contact_id)
    assert isinstance(task, TaskSet)


def test_a_contact_that_answers_nothing_leaves_inquiries_open() -> None:
    client = OPEN.when(contact(answers_inquiry_id=None)).after()
    assert list(client.inquiries.open) == [INQUIRY]


def test_closed_without_an_answer() -> None:
    command = CloseInquiry(inquiry_id=INQUIRY, reason=ClosingReason.SPAM, comment=" ")
    client = OPEN.when(command).then(InquiryClosed(inquiry_id=INQUIRY, reason=ClosingReason.SPAM))
    assert not client.inquiries.open


@given_any(st.timedeltas(timedelta(), NOW - START), st.timedeltas(timedelta(), NOW - START))
def test_in_time_is_within_the_working_hours_allowed(received: timedelta, waited: timedelta) -> None:
    """The two ways to measure agree: answered by `due_at`, and within so many working minutes."""
    received_at, answered_at = START + received, min(START + received + waited, NOW)
    asked = given(REGISTERED).when(ReceiveInquiry(channel=Channel.EMAIL, text="How much?", occurred_at=received_at))
    (event,) = asked.events()
    assert isinstance(event, InquiryReceived)
    answer = AnswerInquiry(inquiry_id=event.inquiry_id, text="920", occurred_at=answered_at)
    (answered,) = given(REGISTERED, at(received_at, event, SELLER)).when(answer).events()
    assert isinstance(answered, InquiryAnswered)
    if answered_at <= event.due_at:
        assert answered.working_minutes <= event.working_hours * 60
    else:
        assert answered.working_minutes >= event.working_hours * 60


def test_every_inquiry_has_an_id_of_its_own() -> None:
    again = ReceiveInquiry(channel=Channel.PHONE, text="And bolts?")
    client = OPEN.when(again, new_id=lambda: UUID(int=2)).after()
    assert list(client.inquiries.open) == [INQUIRY, UUID(int=2)]
