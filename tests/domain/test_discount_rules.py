"""The rules of discounts and of the minimum margin."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.regulation.categories import CommunicationStandard
from domain.regulation.discounts import (
    Buyer,
    DiscountLimit,
    DiscountRules,
    DiscountRulesSet,
    Ground,
    ListPrice,
    LoyaltyTier,
    SetDiscountRules,
    VolumeStep,
)
from domain.regulation.margin import MinimumMarginSet, SetMinimumMargin
from domain.types import Category, Role
from tests.spec import Refusal, given_regulation, refusal, rules


def limit(percent: int, role: Role | None = None, category: Category | None = None) -> DiscountLimit:
    return DiscountLimit(role=role, category=category, percent=Decimal(percent))


def step(currency: str, amount: int, percent: int) -> VolumeStep:
    return VolumeStep(currency=currency, from_amount=Decimal(amount), percent=Decimal(percent))


def tier(name: str, currency: str, amount: int, percent: int) -> LoyaltyTier:
    return LoyaltyTier(name=name, currency=currency, from_amount=Decimal(amount), percent=Decimal(percent))


CLOSING, SENIOR = Role.CLOSING_MANAGER, Role.SENIOR_MANAGER
RULES = DiscountRules(
    limits=(
        limit(5, CLOSING),
        limit(2, CLOSING, Category.C),
        limit(15, SENIOR),
        limit(1),
        limit(3, None, Category.VIP),
    ),
    volume_steps=(step("EUR", 1000, 4), step("EUR", 5000, 6), step("RUB", 1000, 50)),
    loyalty_tiers=(tier("Silver", "EUR", 10_000, 7), tier("Gold", "EUR", 50_000, 9), tier("Gold", "RUB", 10_000, 8)),
)
SET = SetDiscountRules(rules=RULES)
MARGIN = SetMinimumMargin(percent=Decimal(15))

REFUSALS = [
    refusal("nothing_to_change", given_regulation(DiscountRulesSet(rules=RULES)), SET),
    refusal("nothing_to_change", given_regulation(), SetDiscountRules(rules=None)),
    refusal("nothing_to_change", given_regulation(MinimumMarginSet(percent=Decimal("15.00"))), MARGIN),
    refusal("nothing_to_change", given_regulation(), SetMinimumMargin(percent=None)),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_rules_are_set_and_taken_away() -> None:
    regulation = given_regulation().when(SET).then(DiscountRulesSet(rules=RULES))
    assert regulation.discount_rules == RULES
    without = given_regulation(DiscountRulesSet(rules=RULES)).when(SetDiscountRules(rules=None)).after()
    assert without.discount_rules is None
    regulation = given_regulation().when(MARGIN).then(MinimumMarginSet(percent=Decimal(15)))
    assert regulation.minimum_margin_percent == 15


def grounds(
    *roles: Role, category: str | None = None, price: ListPrice | None = None, realised: dict[str, int] | None = None
) -> dict[str, Decimal]:
    found = RULES.grounds(
        Buyer(category, {key: Decimal(amount) for key, amount in (realised or {}).items()}), frozenset(roles), price
    )
    return {ground.source: ground.percent for ground in found}


@pytest.mark.parametrize(
    ("roles", "category", "percent"),
    [
        ((CLOSING,), None, 5),
        ((CLOSING,), "A", 5),
        ((CLOSING,), "C", 2),
        ((CLOSING, SENIOR), "C", 15),
        ((Role.MARKETER,), "A", 1),
        ((Role.MARKETER,), "VIP", 3),
        ((CLOSING,), "VIP", 5),
        ((), None, 1),
    ],
)
def test_the_limit_of_a_role(roles: tuple[Role, ...], category: str | None, percent: int) -> None:
    assert grounds(*roles, category=category) == {"role": percent}


@pytest.mark.parametrize(
    ("amount", "currency", "percent"), [(999, "EUR", None), (1000, "EUR", 4), (5000, "EUR", 6), (5000, "USD", None)]
)
def test_the_step_that_a_list_price_reaches(amount: int, currency: str, percent: int | None) -> None:
    assert grounds(price=ListPrice(Decimal(amount), currency)).get("volume") == percent


@pytest.mark.parametrize(
    ("realised", "name"),
    [({"EUR": 9999}, None), ({"EUR": 10_000}, 7), ({"EUR": 60_000}, 9), ({"EUR": 10_000, "RUB": 10_000}, 8)],
)
def test_the_best_tier_reached_in_any_currency(realised: dict[str, int], name: int | None) -> None:
    assert grounds(realised=realised).get("loyalty") == name


def test_the_regulation_puts_the_highest_ground_first_and_adds_the_standard_of_the_category() -> None:
    standard = CommunicationStandard(contact_every_days=14, discount_limit_percent=Decimal(8))
    regulation = rules(discount_rules=RULES, standards={Category.VIP: standard})
    buyer = Buyer("VIP", {"EUR": Decimal(10_000)})
    found = regulation.discount_grounds(buyer, frozenset({CLOSING}), ListPrice(Decimal(1000), "EUR"))
    assert found == [
        Ground("category", Decimal(8), category="VIP"),
        Ground("loyalty", Decimal(7), tier="Silver", currency="EUR", from_amount=Decimal(10_000)),
        Ground("role", Decimal(5), role=CLOSING),
        Ground("volume", Decimal(4), currency="EUR", from_amount=Decimal(1000)),
    ]


def test_nothing_ruled_is_not_the_same_as_nothing_allowed() -> None:
    nobody = Buyer(None, {})
    assert rules().discount_grounds(nobody, frozenset(), None) is None
    assert rules(discount_rules=DiscountRules()).discount_grounds(nobody, frozenset(), None) == []
    standard = CommunicationStandard(contact_every_days=14, discount_limit_percent=Decimal(8))
    only_vip = rules(standards={Category.VIP: standard})
    assert only_vip.discount_grounds(Buyer("C", {}), frozenset(), None) is None
    assert only_vip.discount_grounds(Buyer("VIP", {}), frozenset(), None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"limits": (limit(5, CLOSING), limit(6, CLOSING))},
        {"volume_steps": (step("EUR", 1, 1), step("EUR", 1, 2))},
        {"loyalty_tiers": (tier("A", "EUR", 1, 1), tier("B", "EUR", 1, 2))},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_rule_is_said_once(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=f"{next(iter(wrong))}: name each"):
        DiscountRules(**wrong)
