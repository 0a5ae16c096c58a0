"""Dormancy: which interval is expected of a client, and when it has not bought for too long."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from domain.client.card import CardChanged
from domain.client.dormancy import ExpectedInterval, Rhythm, Source
from domain.client.handoff_offer import OfferHandoff
from domain.client.order_events import OrderCancelled, OrderPlaced
from domain.types import Step
from tests.domain.facts import DEAL, IN_SERVICE
from tests.spec import Fact, at, day, given

QUARTERLY = CardChanged(changed=("purchase_interval",), purchase_interval="quarterly")


def order(number: int, on: float, deal_id: UUID | None = None) -> Fact:
    placed = OrderPlaced(order_id=UUID(int=number), amount=Decimal(1), currency="EUR", deal_id=deal_id)
    return at(day(on), placed)


BOUGHT = (*IN_SERVICE, order(1, 46), order(2, 106))
"""The deal of day 6 and two orders: 100 days, two intervals of 50."""


def test_the_interval_of_its_own_purchases_where_the_card_has_none() -> None:
    client = given(*BOUGHT).state
    assert client.expected_interval == ExpectedInterval(timedelta(days=50), Source.OWN)
    assert client.dormant_from == day(206)


def test_the_card_weighs_more() -> None:
    client = given(*BOUGHT, QUARTERLY).state
    assert client.expected_interval == ExpectedInterval(timedelta(days=365) / 4, Source.CARD)


def test_an_order_of_a_deal_is_no_purchase_of_its_own_but_a_sign_of_life() -> None:
    called_off = order(3, 120, DEAL)
    client = given(*BOUGHT, called_off).state
    assert client.expected_interval == ExpectedInterval(timedelta(days=50), Source.OWN)
    assert client.dormant_from == day(220)


def test_too_few_purchases_or_too_short_a_time_say_nothing() -> None:
    assert given(*IN_SERVICE, order(1, 106)).state.expected_interval is None
    assert given(*IN_SERVICE, order(1, 40), order(2, 95.9)).state.expected_interval is None
    cancelled = at(day(107), OrderCancelled(order_id=UUID(int=2)))
    assert given(*BOUGHT, cancelled).state.dormant_from is None


def test_it_can_be_offered_back_by_its_own_rhythm() -> None:
    early = OfferHandoff(to_step=Step.FIRST_DEAL, occurred_at=day(205.9))
    late = OfferHandoff(to_step=Step.FIRST_DEAL, occurred_at=day(206))
    given(*BOUGHT).when(early, now=day(300)).refused("not_dormant", dormant_from=day(206))
    (offered,) = given(*BOUGHT).when(late, now=day(300)).events()
    assert type(offered).topic == "handoffs.offered"


def test_two_rhythms_together() -> None:
    early, late = Rhythm.of([day(1), day(3)]), Rhythm.of([day(2), day(9), day(5)])
    assert early is not None
    assert early.and_then(late) == (5, day(1), day(9))
    assert early.and_then(None) == early
    assert Rhythm.of([]) is None
