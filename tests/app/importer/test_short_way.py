"""The short way of an untouched lead tells the very facts that the commands make."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.importer.history import Story, Telling, rules_for_history
from app.importer.mapping import find_mapping, load_mapping
from app.importer.records import Staff
from app.importer.short_way import is_short, short_way
from app.importer.won_deal import WonDeal, whole_way
from domain.client.card import ChangeCard
from domain.client.deal_events import DealWon
from domain.client.deals import OpenDeal, WinDeal
from domain.client.qualification import QualifyClient
from domain.client.registration import RegisterClient
from domain.client.state import Client
from domain.employee import SYSTEM, employee_id
from domain.kernel import Refused
from domain.regulation.categories import CommunicationStandard
from domain.regulation.discounts import DiscountRules
from domain.regulation.state import Regulation
from domain.regulation.step_rules import StepRules
from domain.types import Category, Step

REGISTERED = datetime(2024, 3, 1, tzinfo=UTC)
DEAL = uuid4()
STRICT = StepRules(accept_within_working_days=5, expire_after_working_days=2)
RULES = Regulation(time_zone="Europe/Moscow", steps={Step.FIRST_DEAL: STRICT})
UNBOUND = {step: RULES.rules(step).model_copy(update={"qualification_criteria": ()}) for step in Step}
TELLING = Telling(Regulation(time_zone="Europe/Moscow", steps=UNBOUND), SYSTEM, datetime(2026, 1, 1, tzinfo=UTC))


def staff(code: str) -> Staff:
    return Staff(employee_id(code), code, code, Step.FIRST_DEAL, frozenset(), None)


def story(**card: Any) -> Story:
    started = Story(Client.empty(uuid4()), TELLING)
    started.tell(RegisterClient(name="Romashka", origin="social", **card), REGISTERED)
    told = Story(started.client, TELLING)
    told.begin()
    return told


cards: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "personality_type": st.sampled_from(["cat", "wolf"]),
        "category": st.sampled_from(Category),
        "industry": st.just("pet"),
    },
)


def deal(days: Sequence[int], people: Sequence[Staff], card: dict[str, Any], need: str | None, title: str | None):
    qualified_at, opened_at, won_at, served_at = (REGISTERED + timedelta(days=day) for day in sorted(days))
    caller, seller, manager = people
    return WonDeal(
        qualified_at,
        opened_at,
        won_at,
        served_at,
        caller,
        seller,
        manager,
        ChangeCard(**card),
        QualifyClient(need=need),
        OpenDeal(title=title, amount=Decimal(7), currency="EUR"),
        WinDeal(deal_id=DEAL, revenue=Decimal(7), cost=Decimal(1)),
    )


deals = st.builds(
    deal,
    st.lists(st.integers(0, 30), min_size=4, max_size=4),
    st.lists(st.sampled_from("ab").map(staff), min_size=3, max_size=3),
    cards,
    st.none() | st.just("Pallets"),
    st.none() | st.just("First order"),
)


@given(deals, cards)
def test_both_ways_tell_the_same(won: WonDeal, card: dict[str, Any]):
    short, whole = story(**card), story(**card)
    assert is_short(won, short)
    short_way(DEAL, won, short)
    whole_way(DEAL, won, whole)
    assert short.facts == whole.facts
    assert short.client.step is Step.ACCOUNT_SERVICE


@pytest.mark.parametrize("days", [-1, 1_000])
def test_dates_that_contradict_the_lead_or_today_are_left_to_the_commands(days: int):
    won, told = deal([days] * 4, [staff("a")] * 3, {"industry": "pet"}, None, None), story()
    assert not is_short(won, told)
    with pytest.raises(Refused):
        whole_way(DEAL, won, told)


def test_rules_about_terms_do_not_bind_the_past():
    standard = CommunicationStandard(contact_every_days=14, discount_limit_percent=Decimal(1))
    strict = replace(
        RULES,
        minimum_margin_percent=Decimal(99),
        discount_rules=DiscountRules(),
        standards=dict.fromkeys(Category, standard),
    )
    unbound = rules_for_history(strict, load_mapping(find_mapping("olist_deals"), "deals"))
    told = Story(story().client, Telling(unbound, SYSTEM, TELLING.now))
    told.begin()
    whole_way(DEAL, deal([1, 2, 3, 4], [staff("a")] * 3, {"industry": "pet"}, None, None), told)
    (won,) = [event for event, _ in told.facts if isinstance(event, DealWon)]
    assert (won.needed_margin_percent, won.discount_limit_percent) == (None, None)
