"""The card: events in, card out."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.account_events import PaymentReceived
from domain.client.archive import ClientArchived, ClientRestored
from domain.client.card import CardChanged
from domain.client.contacts import CONTACTS_ON_CARD
from domain.client.deal_events import DealChanged, DealLost, DealOpened, DealReopened, DealWon
from domain.client.deal_reasons import LossReason
from domain.client.decisions import DecisionMade
from domain.client.handoff_events import HandoffExpired, HandoffReturned, HandoffWithdrawn, ReturnReason
from domain.client.inquiries import ClosingReason, InquiryAnswered, InquiryClosed
from domain.client.key_persons import KeyPersonChanged, KeyPersonRemoved
from domain.client.order_events import OrderCancelled, OrderPlaced
from domain.client.owners import OWNERS
from domain.client.qualification import ClientDisqualified, ClientReopened, DisqualificationReason
from domain.client.registration import ClientRegistered, RegistrationWithdrawn
from domain.client.tasks import TaskCancelled, TaskCompleted, TaskPassedOn, TaskPostponed, TaskSet
from domain.kernel import Event
from domain.types import Step
from projections.card import CardView, ClientCard, card_of, read_card
from projections.card_trade_rows import DEALS_ON_CARD, ORDERS_ON_CARD, Money
from projections.card_work import CardTask
from tests.domain.facts import (
    ASSIGNED,
    DEAL,
    HANDOFF,
    IN_FIRST_DEAL,
    IN_SERVICE,
    LEAD,
    OFFERED,
    ORDER,
    PERSON,
    QUALIFIED_LEAD,
    REACHED,
    REGISTERED,
    SECOND_DEAL,
    TASK,
    WITH_DEAL,
    WITH_WON_DEAL,
)
from tests.projections.filled import fill, fold, seen
from tests.projections.test_inquiries import received
from tests.spec import CLIENT_ID, CLOSER, MANAGER, SELLER, Fact, at, day, recorded

VIEW = CardView()
EUR = "EUR"
TASK_SET = TaskSet(task_id=TASK, text="Call", due_at=day(5), employee_id=SELLER.id)
LOST = DealLost(deal_id=DEAL, reason=LossReason.PRICE)
CHANGED = DealChanged(
    deal_id=DEAL, changed=("amount", "probability", "title"), amount=Decimal(1500), probability=80
)  # fmt: skip
ORDERED = OrderPlaced(order_id=ORDER, amount=Decimal(500), currency=EUR)


def card(*history: Fact | object) -> ClientCard:
    """The card after this history."""
    return seen(VIEW, history)  # pyright: ignore[reportArgumentType]


def test_every_event_of_the_client_counts_for_the_version() -> None:
    assert VIEW.reads | {RegistrationWithdrawn} == set(OWNERS)
    decided = DecisionMade(decision_id=UUID(int=1), text="No prepayment")
    assert card(REGISTERED, decided).version == 2


def test_a_client_that_is_not_registered_has_no_card() -> None:
    assert VIEW.columns(VIEW.start(CLIENT_ID)) is None
    assert card_of(CLIENT_ID, []) is None


def test_identity_and_card() -> None:
    registered = ClientRegistered(name="A", origin="social", external_id="x1", turnover=Decimal("1.50"))
    changed = CardChanged(changed=("name", "phones"), name="B", phones=("+7 900",))
    shown = card(at(day(1), registered), changed)
    assert (shown.registration.registered_at, shown.registration.external_id) == (day(1), "x1")
    assert (shown.card.name, shown.card.phones, shown.card.turnover) == ("B", ("+7 900",), Decimal("1.50"))


class TestPlace:
    def test_owners_by_step(self) -> None:
        place = card(*IN_SERVICE).place
        assert (place.step, place.since, place.owner) == ("account_service", day(8), MANAGER.id)
        assert set(place.owners) == set(Step)

    def test_a_disqualification_is_shown_with_its_reason(self) -> None:
        given_up = ClientDisqualified(
            step=Step.LEAD_GENERATION, reason=DisqualificationReason.NO_NEED, comment="Has enough"
        )
        shown = card(REGISTERED, at(day(3), given_up, CLOSER))
        judgement = shown.judgements.disqualified
        assert shown.place.status == "disqualified"
        assert judgement is not None
        assert (judgement.at, judgement.by, judgement.reason, judgement.comment) == (
            day(3),
            CLOSER.id,
            "no_need",
            "Has enough",
        )
        assert card(REGISTERED, given_up, ClientReopened(step=Step.LEAD_GENERATION)).place.status == "active"

    def test_archive_and_restore(self) -> None:
        archived = ClientArchived(step=Step.LEAD_GENERATION, reason="Closed")
        shown = card(REGISTERED, archived)
        assert shown.place.status == "archived"
        assert shown.judgements.archived
        assert shown.judgements.archived.reason == "Closed"
        assert card(REGISTERED, archived, ClientRestored(step=Step.LEAD_GENERATION)).place.status == "active"

    def test_a_qualification_ends_with_the_handoff(self) -> None:
        qualified = card(*QUALIFIED_LEAD).judgements.qualified
        assert qualified is not None
        assert (qualified.at, qualified.comment) == (day(2), "Pipes")
        handed_over = card(*IN_FIRST_DEAL).judgements
        assert (handed_over.qualified, handed_over.need) == (None, "Pipes")


class TestWork:
    def test_key_persons_come_change_and_go(self) -> None:
        changed = KeyPersonChanged(key_person_id=PERSON, changed=("position",), position="CEO")
        [person] = card(*LEAD, changed).people.by_id.values()
        assert (person.name, person.position) == ("Anna Petrova", "CEO")
        assert not card(*LEAD, KeyPersonRemoved(key_person_id=PERSON)).people.by_id

    def test_the_last_contacts_are_the_last_by_business_time(self) -> None:
        days = [3, 9, 1, 7, 5, 2, 8]
        shown = card(REGISTERED, *(at(day(number), REACHED) for number in days)).contacts
        assert [contact.occurred_at for contact in shown.last] == [day(n) for n in sorted(days, reverse=True)][
            :CONTACTS_ON_CARD
        ]
        assert shown.total == len(days)

    def test_open_inquiries_by_due_time(self) -> None:
        first, second = received(1, 3), received(2, 1)
        history = (REGISTERED, at(day(3), first), at(day(1), second))
        assert [inquiry.due_at for inquiry in card(*history).inquiries.by_due()] == [second.due_at, first.due_at]
        answered = InquiryAnswered(inquiry_id=first.inquiry_id, working_minutes=5)
        closed = InquiryClosed(inquiry_id=second.inquiry_id, reason=ClosingReason.SPAM)
        assert list(card(*history, answered).inquiries.by_id) == [second.inquiry_id]
        assert not card(*history, answered, closed).inquiries.by_id

    def test_open_tasks_by_due_time(self) -> None:
        other = UUID(int=0xC2)
        later = TaskSet(task_id=other, text="Write", due_at=day(6), employee_id=SELLER.id)
        history = (REGISTERED, later, TASK_SET)
        assert [task.id for task in card(*history).tasks.by_due()] == [TASK, other]
        postponed = TaskPostponed(task_id=TASK, due_at=day(9))
        assert [task.id for task in card(*history, postponed).tasks.by_due()] == [other, TASK]
        assert [task.id for task in card(*history, TaskCompleted(task_id=TASK)).tasks.by_due()] == [other]
        assert not card(*history, TaskCompleted(task_id=TASK), TaskCancelled(task_id=other)).tasks.by_id

    def test_the_next_step_is_what_the_owner_has_to_do(self) -> None:
        def next_step(*history: Event) -> CardTask | None:
            shown = card(REGISTERED, *history)
            return shown.tasks.next_of(shown.place.owner)

        of_another = TaskSet(task_id=UUID(int=0xC2), text="Draw it", due_at=day(1), employee_id=CLOSER.id)
        assert next_step(TASK_SET) is None, "nobody works it"
        assert next_step(ASSIGNED, of_another) is None
        assert next_step(ASSIGNED, of_another, TASK_SET) == CardTask(TASK, "Call", day(5), SELLER.id)
        passed_on = TaskPassedOn(task_id=of_another.task_id, employee_id=SELLER.id)
        assert next_step(ASSIGNED, of_another, passed_on) == CardTask(passed_on.task_id, "Draw it", day(1), SELLER.id)

    def test_the_offer_that_waits(self) -> None:
        waiting = card(*OFFERED).offers.waiting
        assert waiting is not None
        assert (waiting.id, waiting.to_step, waiting.to_employee_id) == (HANDOFF, "first_deal", CLOSER.id)
        assert (waiting.due_at, waiting.expires_at) == (day(4), day(6))
        for answer in (
            HandoffReturned(handoff_id=HANDOFF, reason=ReturnReason.NOT_READY),
            HandoffWithdrawn(handoff_id=HANDOFF),
            HandoffExpired(handoff_id=HANDOFF),
        ):
            assert card(*OFFERED, answer).offers.waiting is None
        assert card(*IN_SERVICE).offers.waiting is None
        assert card(*IN_SERVICE).offers.total == 2

    def test_the_last_offers_with_their_answers(self) -> None:
        returned = card(*OFFERED, at(day(4), HandoffReturned(handoff_id=HANDOFF, reason=ReturnReason.NOT_READY)))
        [offer] = returned.offers.last
        assert (offer.id, offer.to_step, offer.state, offer.answered_at) == (HANDOFF, "first_deal", "returned", day(4))
        assert [offer.state for offer in card(*OFFERED).offers.last] == ["waiting"]
        assert [offer.state for offer in card(*IN_SERVICE).offers.last] == ["accepted", "accepted"]


class TestMoney:
    def test_an_open_deal_is_expected(self) -> None:
        [deal] = card(*WITH_DEAL).trade.open_deals
        assert (deal.id, deal.amount, deal.title, deal.opened_at) == (DEAL, Decimal(1000), "Pipes", day(5))
        assert card(*WITH_DEAL).trade.currencies == [EUR]

    def test_a_lost_deal_is_not_open_until_it_is_reopened(self) -> None:
        assert not card(*WITH_DEAL, LOST).trade.open_deals
        [deal] = card(*WITH_DEAL, LOST, DealReopened(deal_id=DEAL)).trade.open_deals
        assert (deal.id, deal.state, deal.opened_at) == (DEAL, "open", day(5))

    def test_a_changed_deal_shows_what_is_expected_now(self) -> None:
        [deal] = card(*WITH_DEAL, at(day(6), CHANGED)).trade.open_deals
        assert (deal.title, deal.amount, deal.probability, deal.since) == (None, Decimal(1500), 80, day(5))

    def test_a_won_deal_is_money_and_a_purchase(self) -> None:
        trade = card(*WITH_WON_DEAL).trade
        [deal] = trade.last_deals
        assert (deal.id, deal.state, deal.amount, deal.since) == (DEAL, "won", Decimal(900), day(6))
        assert not trade.open_deals
        assert trade.money[EUR] == Money(won=1, revenue=Decimal(900), cost=Decimal(600))
        assert trade.last_purchase
        assert (trade.last_purchase.kind, trade.last_purchase.at) == ("deal", day(6))

    def test_orders_and_payments(self) -> None:
        paid = PaymentReceived(payment_id=UUID(int=1), amount=Decimal("120.50"), currency="USD")
        trade = card(*IN_SERVICE, at(day(9), ORDERED), paid).trade
        assert (trade.money[EUR].orders, trade.money[EUR].ordered) == (1, Decimal(500))
        assert trade.money["USD"].paid == Decimal("120.50")
        assert trade.last_purchase
        assert (trade.last_purchase.kind, trade.last_purchase.id) == ("order", ORDER)

    def test_a_cancelled_order_counts_no_more(self) -> None:
        trade = card(*IN_SERVICE, at(day(9), ORDERED), OrderCancelled(order_id=ORDER)).trade
        assert (trade.money[EUR].orders, trade.money[EUR].ordered) == (0, 0)
        assert trade.last_purchase
        assert trade.last_purchase.kind == "deal"

    def test_the_last_deals_and_orders_are_shown_and_what_cannot_change_is_not_kept(self) -> None:
        history: list[Fact] = []
        for number in range(1, 31):
            key = UUID(int=number)
            opened = DealOpened(deal_id=key, step=Step.ACCOUNT_SERVICE, amount=Decimal(1), currency=EUR)
            won = DealWon(deal_id=key, step=Step.ACCOUNT_SERVICE, revenue=Decimal(2), cost=Decimal(1), currency=EUR)
            placed = OrderPlaced(order_id=key, number=str(number), amount=Decimal(1), currency=EUR)
            closed = (won if number > 2 else opened), OrderCancelled(order_id=key)
            history += [at(day(number), fact) for fact in (opened, placed, *closed)]
        trade = card(*IN_SERVICE, *history).trade
        assert [deal.id.int for deal in trade.last_deals] == [*range(30, 30 - DEALS_ON_CARD, -1)]
        assert [order.number for order in trade.last_orders] == ["30", "29", "28", "27", "26"]
        assert all(order.cancelled for order in trade.last_orders)
        assert [deal.id.int for deal in trade.open_deals] == [1, 2]
        assert (len(trade.deals), len(trade.orders)) == (DEALS_ON_CARD + 2, ORDERS_ON_CARD)

    def test_the_last_purchase_is_the_last_by_business_time(self) -> None:
        opened = DealOpened(deal_id=SECOND_DEAL, step=Step.ACCOUNT_SERVICE, amount=Decimal(1), currency=EUR)
        won = DealWon(deal_id=SECOND_DEAL, step=Step.ACCOUNT_SERVICE, revenue=Decimal(1), cost=Decimal(0), currency=EUR)
        late = card(*WITH_WON_DEAL, at(day(4), opened), at(day(5), won)).trade.last_purchase
        assert late is not None
        assert (late.id, late.at) == (DEAL, day(6))

    def test_dormancy_follows_the_purchase_interval(self) -> None:
        assert card(*IN_SERVICE).dormant_from is None
        quarterly = CardChanged(changed=("purchase_interval",), purchase_interval="quarterly")
        assert card(*IN_SERVICE, quarterly).dormant_from == day(6) + timedelta(days=2 * 365 / 4)
        assert card(REGISTERED, quarterly).dormant_from is None


def test_what_lacks_its_cause_at_a_moment_is_passed_over() -> None:
    orphans = (
        KeyPersonChanged(key_person_id=PERSON, changed=("name",), name="B"),
        KeyPersonRemoved(key_person_id=PERSON),
        TaskPostponed(task_id=TASK, due_at=day(1)),
        TaskPassedOn(task_id=TASK, employee_id=CLOSER.id),
        TaskCompleted(task_id=TASK),
        CHANGED,
        LOST,
        DealReopened(deal_id=DEAL),
        OrderCancelled(order_id=ORDER),
        HandoffExpired(handoff_id=HANDOFF),
    )
    shown = card(REGISTERED, ASSIGNED, *orphans)
    plain = card(REGISTERED, ASSIGNED)
    assert shown._replace(version=2) == plain


def test_the_card_as_it_stood() -> None:
    events = recorded(IN_SERVICE)
    stood = card_of(CLIENT_ID, [item for item in events if item.occurred_at <= day(5)])
    assert stood is not None
    assert (stood.place.step, len(stood.trade.open_deals)) == ("first_deal", 1)
    assert stood == fold(VIEW, events[: stood.version])


async def test_the_card_is_read_as_it_was_written(engine: AsyncEngine) -> None:
    written = fold(VIEW, recorded(IN_SERVICE))
    await fill(engine, VIEW, [(CLIENT_ID, written)])
    async with engine.connect() as connection:
        assert await read_card(connection, CLIENT_ID) == written
        assert await read_card(connection, UUID(int=1)) is None
