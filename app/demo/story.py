"""The life of one made-up client, as the commands that its sellers would send, one after the other."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from app.demo.bargain import Table, bargain
from app.demo.books import FIRST_CALL, SEARCHES, VERSIONS, script_version
from app.demo.firm import DEALS, LEADS, SERVICE, Department
from app.demo.words import (
    ENGLISH,
    INDUSTRIES,
    INDUSTRY_WEIGHTS,
    ORIGIN_WEIGHTS,
    PERSONALITY_TYPES,
    RUSSIAN,
)
from domain.client.archive import ArchiveClient
from domain.client.card import ChangeCard
from domain.client.contacts import Direction, NextStep, Outcome, RecordContact
from domain.client.deal_reasons import LossReason
from domain.client.deals import LoseDeal, OpenDeal
from domain.client.decisions import RecordDecision
from domain.client.handoff_events import ReturnReason
from domain.client.handoff_offer import OfferHandoff
from domain.client.handoffs import AcceptHandoff, ExpireHandoff, ReturnHandoff
from domain.client.inquiries import AnswerInquiry, ReceiveInquiry
from domain.client.key_persons import AddKeyPerson
from domain.client.ordering import OrderLine, PlaceOrder
from domain.client.payments import RecordPayment
from domain.client.qualification import DisqualificationReason, DisqualifyClient, QualifyClient
from domain.client.registration import RegisterClient
from domain.client.tasks import CompleteTask
from domain.kernel import Actor, Command
from domain.playbook import ScriptUse
from domain.regulation.discounts import ListPrice
from domain.types import PURCHASES_PER_YEAR, Category, Channel, DecisionRole, PurchaseInterval, Step


@dataclass(frozen=True, slots=True)
class Beat:
    """Somebody does something at some time."""

    at: datetime
    actor: Actor
    command: Command


Beats = Generator[Beat, dict[str, Any], None]
"""Yields beats; is sent the answer to each command."""

_MISSES = (Outcome.NO_ANSWER, Outcome.GATEKEEPER, Outcome.WRONG_CONTACT)
_LEAD_LOSSES = (DisqualificationReason.NO_CONTACT, DisqualificationReason.NO_NEED, DisqualificationReason.NOT_A_TARGET)
_INTERVALS = (PurchaseInterval.MONTHLY, PurchaseInterval.QUARTERLY, PurchaseInterval.HALF_YEARLY)


class Story:
    """One client's life from `start`, within the `time` of the firm. The same random source makes the same story."""

    def __init__(
        self,
        random: Random,
        number: int,
        start: datetime,
        departments: dict[Step, Department],
        time: tuple[datetime, timedelta],
    ) -> None:
        self._time = time
        self._random = random
        self._number = number
        self._now = start
        self._departments = departments
        self._tongue = random.choice((RUSSIAN, ENGLISH))
        self._interval = random.choice(_INTERVALS)
        self._purchase = Decimal(random.randrange(5, 120)) * 1000

    def beats(self) -> Beats:
        """The whole life; the caller stops listening at the present day."""
        seller = self._seller(LEADS)
        yield self._beat(seller, self._registration(seller))
        if not (yield from self._lead(seller)):
            return
        closer = self._seller(DEALS)
        if not (yield from self._handoff(seller, closer)):
            return
        if not (yield from self._first_deal(closer)):
            return
        account_manager = self._seller(SERVICE)
        if not (yield from self._handoff(closer, account_manager)):
            return
        yield from self._service(account_manager)

    def _lead(self, seller: Actor) -> Generator[Beat, dict[str, Any], bool]:
        for _ in range(self._random.choices((0, 1, 2, 4), (40, 30, 20, 10))[0]):
            yield self._beat(seller, self._call(self._random.choice(_MISSES), "No conversation yet."))
        if self._chance(0.25):
            return False
        if self._chance(0.2):
            yield from self._inquiry(seller)
        answer = yield self._beat(seller, self._key_person())
        person = UUID(answer["key_person_id"])
        yield from self._talk(seller, "Spoke about needs and terms.", person)
        if self._chance(0.4):
            reason = self._random.choice(_LEAD_LOSSES)
            yield self._beat(seller, DisqualifyClient(reason=reason, occurred_at=self._later()))
            return False
        yield self._beat(seller, QualifyClient(need="Regular deliveries", occurred_at=self._later()))
        return True

    def _handoff(self, sender: Actor, receiver: Actor) -> Generator[Beat, dict[str, Any], bool]:
        offer = OfferHandoff(to_employee_id=receiver.employee_id, occurred_at=self._later())
        answer = yield self._beat(sender, offer)
        if self._chance(0.04):
            self._now += timedelta(days=9)
            expiry = ExpireHandoff(handoff_id=UUID(answer["handoff_id"]), occurred_at=self._now)
            yield self._beat(self._head(LEADS), expiry)
            answer = yield self._beat(sender, offer.model_copy(update={"occurred_at": self._later()}))
        elif self._chance(0.1):
            reason = self._random.choice((ReturnReason.INCOMPLETE, ReturnReason.NOT_READY))
            back = ReturnHandoff(handoff_id=UUID(answer["handoff_id"]), reason=reason, occurred_at=self._soon())
            yield self._beat(receiver, back)
            if self._chance(0.3):
                return False
            answer = yield self._beat(sender, offer.model_copy(update={"occurred_at": self._later()}))
        acceptance = AcceptHandoff(handoff_id=UUID(answer["handoff_id"]), occurred_at=self._soon())
        yield self._beat(receiver, acceptance)
        return True

    def _first_deal(self, closer: Actor) -> Generator[Beat, dict[str, Any], bool]:
        yield self._beat(closer, self._contact(Outcome.MEETING_AGREED, "Meeting at the client's office agreed."))
        opened = OpenDeal(
            title="First delivery",
            amount=self._purchase,
            currency=self._tongue.currency,
            probability=self._random.choice((30, 50, 70)),
            close_on=(self._now + timedelta(days=30)).date(),
            occurred_at=self._later(),
        )
        answer = yield self._beat(closer, opened)
        deal = UUID(answer["deal_id"])
        yield from self._talk(closer, "Terms and delivery discussed.")
        if self._chance(0.35):
            loss = self._random.choice((LossReason.PRICE, LossReason.COMPETITOR, LossReason.TIMING))
            yield self._beat(closer, LoseDeal(deal_id=deal, reason=loss, occurred_at=self._later(20)))
            if self._chance(0.7):
                given_up = DisqualifyClient(reason=DisqualificationReason(loss), occurred_at=self._later())
                yield self._beat(closer, given_up)
            return False
        table = Table(closer, self._head(DEALS), self._beat, self._later)
        yield from bargain(self._random, table, deal, ListPrice(self._purchase, self._tongue.currency))
        return True

    def _service(self, manager: Actor) -> Beats:
        plan = ChangeCard(
            category=self._random.choices(tuple(Category), (5, 20, 40, 35))[0],
            purchase_interval=self._interval,
            expected_purchase=self._purchase,
            currency=self._tongue.currency,
            retention_years=Decimal(self._random.randrange(2, 7)),
            occurred_at=self._later(),
        )
        yield self._beat(manager, plan)
        if self._chance(0.2):
            decision = RecordDecision(
                text="Deliver on account for 30 days", basis="Good record", occurred_at=self._later()
            )
            yield self._beat(self._head(SERVICE), decision)
        pause = 365 / PURCHASES_PER_YEAR[self._interval]
        for _ in range(self._random.randrange(1, 20)):
            self._now += timedelta(days=pause * self._random.uniform(0.6, 1.4))
            yield from self._order(manager)
        self._now += timedelta(days=3 * pause)
        yield self._beat(manager, ArchiveClient(reason="No purchases any more", occurred_at=self._now))

    def _order(self, manager: Actor) -> Beats:
        price = (self._purchase / 10).quantize(Decimal("0.01"))
        line = OrderLine(
            article=f"DEMO-{self._random.randrange(100, 140)}",
            quantity=Decimal(self._random.randrange(6, 15)),
            price=price,
            cost=(price * self._random.randrange(60, 85) / 100).quantize(Decimal("0.01")),
        )
        order = PlaceOrder(lines=(line,), currency=self._tongue.currency, occurred_at=self._now)
        answer = yield self._beat(manager, order)
        if self._chance(0.85):
            payment = RecordPayment(
                amount=line.quantity * price,
                currency=order.currency,
                order_id=UUID(answer["order_id"]),
                occurred_at=self._later(10),
            )
            yield self._beat(manager, payment)
        if self._chance(0.5):
            yield self._beat(manager, self._contact(Outcome.REACHED, "Asked how the delivery went."))
        if self._chance(0.1):
            yield from self._inquiry(manager)

    def _talk(self, seller: Actor, summary: str, person: UUID | None = None) -> Beats:
        """A conversation with a task that follows from it, mostly done later."""
        answer = yield self._beat(seller, self._contact(Outcome.REACHED, summary, person, follow_up=True))
        if self._chance(0.8):
            done = CompleteTask(task_id=UUID(answer["task_id"]), result="Done", occurred_at=self._later())
            yield self._beat(seller, done)

    def _call(self, outcome: Outcome, summary: str) -> RecordContact:
        """A first call by the script, which seldom came to its end."""
        contact = self._contact(outcome, summary).model_copy(update={"channel": Channel.PHONE})
        assert contact.occurred_at is not None
        version = script_version(contact.occurred_at, *self._time)
        keys = [step.key for step in VERSIONS[version - 1]]
        passed = 0 if outcome is Outcome.NO_ANSWER else self._random.randrange(len(keys))
        use = ScriptUse(
            script_id=FIRST_CALL, version=version, steps_passed=tuple(keys[:passed]), broke_off_at=keys[passed]
        )
        return contact.model_copy(update={"script": use})

    def _inquiry(self, answering: Actor) -> Beats:
        """Something the client asks, mostly answered within the day."""
        received = ReceiveInquiry(channel=Channel.EMAIL, text="What does it cost?", occurred_at=self._later(1))
        answer = yield self._beat(answering, received)
        self._now += timedelta(hours=self._random.choice((1, 2, 4, 7, 30)))
        reply = AnswerInquiry(
            inquiry_id=UUID(answer["inquiry_id"]), text="As in the list", occurred_at=self._now.replace(microsecond=0)
        )
        yield self._beat(answering, reply)

    def _registration(self, seller: Actor) -> RegisterClient:
        tongue, random = self._tongue, self._random
        name = tongue.firm_pattern.format(
            head=random.choice(tongue.firm_heads), tail=random.choice(tongue.firm_tails), number=self._number
        )
        region = random.choice(tongue.regions)
        return RegisterClient(
            name=name,
            origin=random.choices(tuple(ORIGIN_WEIGHTS), tuple(ORIGIN_WEIGHTS.values()))[0],
            external_id=f"demo-{self._number:05}",
            industry=random.choices(INDUSTRIES, INDUSTRY_WEIGHTS)[0],
            region=region,
            search_assignment_id=SEARCHES.get(region) if self._chance(0.3) else None,
            phones=(f"{tongue.phone_prefix}{self._number % 10_000:04}",),
            emails=(f"office{self._number}@example.com",),
            owner_id=seller.employee_id,
            occurred_at=self._now,
        )

    def _key_person(self) -> AddKeyPerson:
        tongue, random = self._tongue, self._random
        return AddKeyPerson(
            name=f"{random.choice(tongue.first_names)} {random.choice(tongue.last_names)}",
            position=random.choice(tongue.positions),
            role=random.choice(tuple(DecisionRole)),
            personality_type=random.choice(PERSONALITY_TYPES),
            occurred_at=self._later(),
        )

    def _contact(
        self, outcome: Outcome, summary: str, person: UUID | None = None, *, follow_up: bool = False
    ) -> RecordContact:
        at = self._later()
        return RecordContact(
            channel=self._random.choice((Channel.PHONE, Channel.PHONE, Channel.EMAIL, Channel.OFFICE_MEETING)),
            direction=Direction.OUTBOUND,
            outcome=outcome,
            summary=summary,
            key_person_id=person,
            duration_minutes=self._random.randrange(1, 40),
            next_step=NextStep(text="Call again", due_at=at + timedelta(days=7)) if follow_up else None,
            occurred_at=at,
        )

    def _beat(self, actor: Actor, command: Command) -> Beat:
        return Beat(command.occurred_at or self._now, actor, command)

    def _later(self, days: float = 4) -> datetime:
        self._now += timedelta(hours=max(1.0, self._random.expovariate(1 / (days * 24))))
        return self._now.replace(microsecond=0)

    def _soon(self) -> datetime:
        """Within three days, before an offer expires."""
        self._now += timedelta(hours=min(70.0, max(1.0, self._random.expovariate(1 / 16))))
        return self._now.replace(microsecond=0)

    def _seller(self, step: Step) -> Actor:
        return self._random.choice(self._departments[step].sellers)

    def _head(self, step: Step) -> Actor:
        return self._departments[step].head

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability
