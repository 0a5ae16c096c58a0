"""What similar clients buy and one does not: support, confidence and lift worked out by hand."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.order_events import OrderCancelled, OrderPlaced
from domain.client.registration import ClientRegistered
from domain.types import Step
from projections.additional_sales import (
    Baskets,
    Buyer,
    Group,
    Least,
    Rule,
    Similar,
    Suggestion,
    baskets_of,
    book_of,
    buyer,
    groups_of,
    suggestions,
)
from projections.book import BookView
from projections.paging import BadCursor, Page
from tests.domain.facts import accepted
from tests.projections.histories import Fact
from tests.projections.support import prepared, project
from tests.spec import MANAGER, day

VIEW = BookView()
ANY = Least(0, 1, 1)
BASKETS = Baskets(10, {"pipe": 5, "bend": 4, "valve": 2, "crane": 1}, {("pipe", "bend"): 4, ("pipe", "valve"): 1})
"""Ten clients: five buy pipes, all four that buy bends do, and one of the two that buy valves."""


def test_support_confidence_and_lift() -> None:
    found = suggestions(["pipe"], BASKETS, ANY)
    assert found == [
        Suggestion("bend", 4, 0.4, Rule("pipe", 5, 4, 0.4, 0.8, 2.0)),
        Suggestion("valve", 2, 0.2, Rule("pipe", 5, 1, 0.1, 0.2, 1.0)),
        Suggestion("crane", 1, 0.1, None),
    ]


def test_small_samples_are_left_out() -> None:
    assert [each.article for each in suggestions(["pipe"], BASKETS, Least(0, 2, 1))] == ["bend", "valve"]
    assert suggestions(["pipe"], BASKETS, Least(0, 2, 1))[1].rule is None
    assert [each.article for each in suggestions(["pipe"], BASKETS, Least(0.3, 1, 1))] == ["bend"]


def test_who_buys_nothing_yet_is_shown_what_most_buy() -> None:
    assert [(each.article, each.share) for each in suggestions([], BASKETS, ANY)][:2] == [("pipe", 0.5), ("bend", 0.4)]


def test_what_is_not_known_of_a_client_it_shares_with_nobody() -> None:
    client = Buyer(UUID(int=1), None, "metal", None, "north", frozenset())
    assert [dict(group.shared) for group in groups_of(client)] == [
        {"industry": "metal", "region": "north"},
        {"industry": "metal"},
        {},
    ]


@given(st.lists(st.frozensets(st.sampled_from("abcd"), min_size=1), min_size=1, max_size=30))
def test_rules_hold_what_they_say(bought: list[frozenset[str]]) -> None:
    """Confidence, support and lift follow from counting the baskets one by one."""
    buyers = {article: sum(article in basket for basket in bought) for article in "abcd"}
    pairs = {(a, b): sum({a, b} <= basket for basket in bought) for a in "abcd" for b in "abcd" if a != b}
    baskets = Baskets(len(bought), buyers, {pair: count for pair, count in pairs.items() if count})
    for each in suggestions({"a"}, baskets, ANY):
        with_cause = [basket for basket in bought if "a" in basket]
        both = sum(each.article in basket for basket in with_cause)
        assert (each.rule.both_clients if each.rule else 0) == both
        if each.rule:
            assert each.rule.confidence == pytest.approx(both / len(with_cause), abs=1e-4)
            assert each.rule.lift == pytest.approx(both / len(with_cause) / (each.clients / len(bought)), abs=1e-4)


def client(number: int, articles: Sequence[str], industry: str | None = "metal", category: str = "A") -> list[Fact]:
    key = UUID(int=300 + number)
    lines = [{"article": article, "quantity": "1", "price": "1"} for article in articles]
    order = OrderPlaced.model_validate(
        {"order_id": str(UUID(int=number)), "lines": lines, "amount": "1", "currency": "EUR"}
    )
    served = accepted(Step.ACCOUNT_SERVICE, MANAGER, from_step=Step.FIRST_DEAL).event
    return [
        Fact(key, ClientRegistered(name=f"Client {number}", industry=industry, category=category), day(0)),
        Fact(key, served, day(1)),
        *([Fact(key, order, day(2))] if lines else []),
    ]


FACTS = [
    *client(0, ["pipe"]),
    *client(1, ["pipe", "bend"]),
    *client(2, ["pipe", "bend"], category="B"),
    *client(3, ["valve"], industry="wood"),
    *client(4, ["pipe", "valve"], industry="wood"),
    *client(5, ["pipe", "crane"]),
    *client(6, []),
    Fact(UUID(int=305), OrderCancelled(order_id=UUID(int=5)), day(3)),
]
"""Of the five that buy, three are in metal: all buy pipes, two bends. The order with the crane was cancelled."""


class TestOnTheBase:
    @pytest.fixture(autouse=True)
    async def _filled(self, engine: AsyncEngine) -> None:
        log = await prepared(engine, [VIEW])
        await log.add(FACTS)
        await project(log, [VIEW])

    async def test_of_a_client_by_the_most_similar_that_are_enough(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            first = await buyer(connection, UUID(int=300))
            assert first is not None
            few = await Similar(connection, [first], Least(0, 1, 2)).suggested(first, 5)
            more = await Similar(connection, [first], Least(0, 1, 3)).suggested(first, 5)
            everybody = await Similar(connection, [first], Least(0, 1, 50)).suggested(first, 5)
            assert await buyer(connection, UUID(int=999)) is None
        assert (dict(few.group.shared), few.clients) == ({"industry": "metal", "category": "A"}, 2)
        assert few.suggestions == [Suggestion("bend", 1, 0.5, Rule("pipe", 2, 1, 0.5, 0.5, 1.0))]
        assert (dict(more.group.shared), more.clients) == ({"industry": "metal"}, 3)
        assert more.suggestions == [Suggestion("bend", 2, 0.6667, Rule("pipe", 3, 2, 0.6667, 0.6667, 1.0))]
        assert (dict(everybody.group.shared), everybody.clients) == ({}, 5)
        assert everybody.suggestions == [
            Suggestion("bend", 2, 0.4, Rule("pipe", 4, 2, 0.4, 0.5, 1.25)),
            Suggestion("valve", 2, 0.4, Rule("pipe", 4, 1, 0.2, 0.25, 0.625)),
        ]

    async def test_over_a_book(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            first, cursor = await book_of(connection, MANAGER.id, Page(limit=4))
            rest, end = await book_of(connection, MANAGER.id, Page(cursor, 4))
            with pytest.raises(BadCursor):
                await book_of(connection, MANAGER.id, Page("nonsense"))
            similar = Similar(connection, [*first, *rest], Least(0, 2, 3))
            found = [await similar.suggested(each, 1) for each in (*first, *rest)]
        assert [each.buyer.id.int for each in found] == [300, 301, 302, 303, 304, 305, 306]
        assert [each.suggestions[0].article if each.suggestions else None for each in found] == [
            "bend",
            None,
            None,
            "pipe",
            "bend",
            "pipe",
            "pipe",
        ]
        assert end is None

    async def test_baskets_of_everybody(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            found = await baskets_of(connection, Group(()), ["valve"])
        assert found == Baskets(5, {"pipe": 4, "bend": 2, "valve": 2}, {("valve", "pipe"): 1})
