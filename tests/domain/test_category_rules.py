"""The rules that assign categories, and the communication standards."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.client.categories import figures_of
from domain.regulation.categories import (
    DEFAULT_RULE,
    CategoryRule,
    CategoryRules,
    CategoryRulesSet,
    ClientFigures,
    CommunicationStandard,
    CommunicationStandardSet,
    SetCategoryRules,
    SetCommunicationStandard,
    Verdict,
)
from domain.regulation.state import Regulation
from domain.types import Category
from tests.spec import Refusal, given_regulation, refusal

RULES = CategoryRules(
    rules=(
        CategoryRule(
            name="Bought much", category=Category.VIP, realised={"EUR": Decimal(1000), "RUB": Decimal(90_000)}
        ),
        CategoryRule(name="Large", category=Category.A, sizes=("Large",), turnover={"EUR": Decimal(5)}),
        CategoryRule(name="Promising", category=Category.B, potential={"EUR": Decimal(400)}),
    ),
    default=Category.C,
)
STANDARD = CommunicationStandard(contact_every_days=14)
SET_STANDARD = SetCommunicationStandard(category=Category.VIP, standard=STANDARD)

REFUSALS = [
    refusal("nothing_to_change", given_regulation(CategoryRulesSet(rules=RULES)), SetCategoryRules(rules=RULES)),
    refusal(
        "nothing_to_change",
        given_regulation(CommunicationStandardSet(category=Category.VIP, standard=STANDARD)),
        SET_STANDARD,
        {"category": Category.VIP},
    ),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_no_rules_and_no_standards_are_in_force_by_default() -> None:
    assert (Regulation().category_rules, dict(Regulation().standards)) == (None, {})


def test_rules_and_standards_are_replaced() -> None:
    regulation = given_regulation().when(SetCategoryRules(rules=RULES)).then(CategoryRulesSet(rules=RULES))
    assert regulation.category_rules == RULES
    standard_set = CommunicationStandardSet(category=Category.VIP, standard=STANDARD)
    assert given_regulation().when(SET_STANDARD).then(standard_set).standards == {Category.VIP: STANDARD}


@pytest.mark.parametrize(
    ("figures", "verdict"),
    [
        ({}, Verdict(Category.C, DEFAULT_RULE)),
        ({"realised": {"EUR": 999, "RUB": 90_000}, "size": "large"}, Verdict(Category.VIP, "Bought much")),
        ({"realised": {"USD": 10**9}}, Verdict(Category.C, DEFAULT_RULE)),
        ({"size": "LARGE"}, Verdict(Category.C, DEFAULT_RULE)),
        ({"size": "LARGE", "turnover": {"EUR": 5}, "potential": {"EUR": 400}}, Verdict(Category.A, "Large")),
        ({"potential": {"EUR": 400}}, Verdict(Category.B, "Promising")),
    ],
)
def test_the_first_rule_that_holds_gives_the_category(figures: dict[str, Any], verdict: Verdict) -> None:
    assert RULES.verdict(ClientFigures.model_validate(figures)) == verdict


@given_any(st.integers(0, 2000), st.integers(0, 2000))
def test_more_revenue_never_gives_a_worse_category(less: int, more: int) -> None:
    less, more = sorted((less, more))
    order = list(Category)
    worse, better = (RULES.verdict(ClientFigures(realised={"EUR": Decimal(amount)})) for amount in (less, more))
    assert order.index(better.category) <= order.index(worse.category)


@pytest.mark.parametrize(
    "rules",
    [
        {"rules": [{"name": "Anybody", "category": "A"}], "default": "C"},
        {"rules": [{"name": DEFAULT_RULE, "category": "A", "sizes": ["large"]}], "default": "C"},
        {"rules": [{"name": "Twice", "category": name, "sizes": ["large"]} for name in "AB"], "default": "C"},
        {"rules": []},
        {"rules": [{"name": "Odd", "category": "A", "turnover": {"euro": 1}}], "default": "C"},
    ],
)
def test_rules_that_make_no_sense_are_refused(rules: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CategoryRules.model_validate(rules)


def test_the_figures_of_a_client() -> None:
    figures = figures_of(
        size=None,
        turnover=Decimal(7),
        currency="EUR",
        expected_purchase=Decimal(10_000),
        purchase_interval="quarterly",
        realised={"RUB": Decimal(5)},
    )
    assert figures == ClientFigures(
        turnover={"EUR": Decimal(7)},
        expected_purchase={"EUR": Decimal(10_000)},
        potential={"EUR": Decimal(40_000)},
        realised={"RUB": Decimal(5)},
    )
