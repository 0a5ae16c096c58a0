"""Categories of clients: by the regulation's rules, and by people."""

from decimal import Decimal

import pytest

from domain.client.card import CardChanged
from domain.client.categories import ApplyCategoryRules, AssignCategory, ReleaseCategory
from domain.client.category_events import CategoryAssigned, CategoryReleased
from domain.client.deal_events import DealOpened, DealWon
from domain.client.order_events import OrderCancelled, OrderPlaced
from domain.client.registration import ClientRegistered
from domain.regulation.categories import DEFAULT_RULE, CategoryRule, CategoryRules, ClientFigures
from domain.types import Category, Step
from tests.domain.facts import DEAL, ORDER, REGISTERED, SECOND_DEAL
from tests.spec import Refusal, at, day, given, new, refusal, rules

RULES = rules(
    category_rules=CategoryRules(
        rules=(
            CategoryRule(name="Bought much", category=Category.VIP, realised={"EUR": Decimal(1000)}),
            CategoryRule(name="Large", category=Category.A, sizes=("Large",)),
        ),
        default=Category.C,
    )
)
LARGE = ClientRegistered(name="Steelworks", origin="cold_base", size="large")
OVERRIDE = AssignCategory(category=Category.VIP, reason="A reference for the whole region")
OVERRIDDEN = CategoryAssigned(category=Category.VIP, before=None, reason="A reference for the whole region")
RELEASED = CategoryReleased(category=Category.VIP)
BY_SIZE = CategoryAssigned(category=Category.A, before=None, rule="Large", figures=ClientFigures(size="large"))

REFUSALS = [
    refusal("nothing_to_change", given(LARGE, OVERRIDDEN), OVERRIDE),
    refusal("category_not_overridden", given(LARGE), ReleaseCategory()),
    refusal("category_not_overridden", given(LARGE, BY_SIZE), ReleaseCategory(), {"category": "A"}),
    refusal("before_its_cause", given(LARGE, at(day(2), OVERRIDDEN)), ReleaseCategory(occurred_at=day(1))),
    refusal("no_category_rules", given(LARGE), ApplyCategoryRules()),
    refusal("category_overridden", given(LARGE, OVERRIDDEN), ApplyCategoryRules(), {"since": day(0)}, regulation=RULES),
    refusal(
        "category_differs",
        given(LARGE),
        ApplyCategoryRules(expected=Category.C),
        {"category": Category.A, "rule": "Large"},
        regulation=RULES,
    ),
    refusal("nothing_to_change", given(LARGE, BY_SIZE), ApplyCategoryRules(), {"rule": "Large"}, regulation=RULES),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_a_rule_assigns_and_leaves_what_it_looked_at() -> None:
    client = given(LARGE).when(ApplyCategoryRules(expected=Category.A), regulation=RULES).then(BY_SIZE)
    assert (client.card.category, client.category_basis.rule, client.category_basis.overridden_at) == (
        "A",
        "Large",
        None,
    )


def test_the_same_category_by_another_rule_is_assigned_anew() -> None:
    history = (LARGE, BY_SIZE, CardChanged(changed=("size",)))
    by_default = CategoryAssigned(category=Category.C, before=Category.A, rule=DEFAULT_RULE, figures=ClientFigures())
    given(*history).when(ApplyCategoryRules(), regulation=RULES).then(by_default)


def test_a_person_overrides_until_it_is_released() -> None:
    state = given(LARGE, BY_SIZE).when(OVERRIDE).then(OVERRIDDEN.model_copy(update={"before": Category.A}))
    assert (state.card.category, state.category_basis.rule) == ("VIP", None)
    by_rule = BY_SIZE.model_copy(update={"before": Category.VIP})
    after = given(LARGE, OVERRIDDEN).when(ReleaseCategory(), regulation=RULES).then(RELEASED, by_rule)
    assert (after.card.category, after.category_basis.overridden_at) == ("A", None)


def test_without_rules_a_released_category_stays() -> None:
    client = given(LARGE, OVERRIDDEN).when(ReleaseCategory()).then(RELEASED)
    assert (client.card.category, client.category_basis.overridden_at) == ("VIP", None)


@pytest.mark.parametrize(
    "history",
    [
        (REGISTERED.model_copy(update={"category": "B"}),),
        (LARGE, BY_SIZE, CardChanged(changed=("category",), category="B")),
    ],
)
def test_a_category_on_the_card_is_a_persons_word(history: tuple[ClientRegistered | CategoryAssigned, ...]) -> None:
    assert given(*history).state.category_basis.overridden_at == day(0)


def test_an_emptied_category_leaves_the_word_to_the_rules() -> None:
    emptied = given(LARGE, OVERRIDDEN, CardChanged(changed=("category",)))
    emptied.when(ApplyCategoryRules(), regulation=RULES).then(BY_SIZE)


def test_sales_that_stand_are_realised_once() -> None:
    client = given(
        REGISTERED,
        DealOpened(deal_id=DEAL, step=Step.FIRST_DEAL, amount=Decimal(500), currency="EUR"),
        DealWon(deal_id=DEAL, step=Step.FIRST_DEAL, revenue=Decimal(700), cost=Decimal(1), currency="EUR"),
        DealOpened(deal_id=SECOND_DEAL, step=Step.FIRST_DEAL, amount=Decimal(900), currency="EUR"),
        OrderPlaced(order_id=ORDER, amount=Decimal(700), currency="EUR", deal_id=DEAL),
        OrderPlaced(order_id=new(1), amount=Decimal(300), currency="EUR"),
        OrderPlaced(order_id=new(2), amount=Decimal(40), currency="RUB"),
        OrderPlaced(order_id=new(3), amount=Decimal(50), currency="RUB"),
        OrderCancelled(order_id=new(3)),
    )
    assert client.state.realised == {"EUR": Decimal(1000), "RUB": Decimal(40)}
    assert client.when(ApplyCategoryRules(), regulation=RULES).after().category_basis.rule == "Bought much"
