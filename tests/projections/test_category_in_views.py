"""The category in force is the same in every view that shows or splits by it, whoever assigned it."""

from typing import Any

import pytest

from domain.client.card import CardChanged
from domain.client.category_events import CategoryAssigned, CategoryReleased
from domain.types import Category
from projections.board import BoardView
from projections.card import CardView
from projections.clients import CLIENTS, ClientsView
from projections.conversion import MONTHS, ConversionView
from projections.value import ValueView
from projections.value_tables import CARD_DIMENSIONS
from tests.domain.facts import REGISTERED
from tests.projections.filled import seen
from tests.spec import at, day

BY_RULE = CategoryAssigned(category=Category.A, before=None, rule="Large")
BY_HAND = CategoryAssigned(category=Category.VIP, before=Category.A, reason="Well known")
ON_CARD = CardChanged(changed=("category",), category="B")


def shown(*history: Any) -> set[Any]:
    """What the views say of a client with this history: one category where they agree."""
    clients = ClientsView().columns(seen(ClientsView(), history))
    assert clients is not None
    return {
        seen(CardView(), history).card.category,
        seen(BoardView(), history).category,
        seen(ConversionView(), history).profile.category,
        seen(ValueView(), history).card.category,
        clients[list(CLIENTS.c.keys()).index("category") - 2],
    }


@pytest.mark.parametrize(
    ("history", "category"),
    [
        ([REGISTERED], None),
        ([REGISTERED, BY_RULE], "A"),
        ([REGISTERED, BY_RULE, BY_HAND], "VIP"),
        ([REGISTERED, BY_HAND, CategoryReleased(category=Category.VIP)], "VIP"),
        ([REGISTERED, BY_HAND, CategoryReleased(category=Category.VIP), BY_RULE], "A"),
        ([REGISTERED, BY_RULE, ON_CARD], "B"),
        ([REGISTERED, ON_CARD, BY_RULE], "A"),
    ],
)
def test_the_last_word_counts(history: list[Any], category: str | None) -> None:
    assert shown(*history) == {category}


def test_reports_split_by_it() -> None:
    months = dict(ConversionView().counts(seen(ConversionView(), [REGISTERED, BY_RULE]))[MONTHS])
    assert {key[3] for key in months if key[0] == "category"} == {"A"}
    columns: Any = ValueView().columns(seen(ValueView(), [REGISTERED, BY_RULE]))
    assert columns[1 + CARD_DIMENSIONS.index("category")] == "A"


def test_the_card_says_who_has_the_word() -> None:
    by_rule = seen(CardView(), [REGISTERED, BY_RULE]).category_basis
    by_hand = seen(CardView(), [REGISTERED, BY_RULE, at(day(3), BY_HAND)]).category_basis
    assert (by_rule.rule, by_rule.overridden_at) == ("Large", None)
    assert (by_hand.rule, by_hand.overridden_at) == (None, day(3))
