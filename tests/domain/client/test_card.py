"""Identity and card."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.client.card import CardChanged, ChangeCard
from domain.client.registration import ClientRegistered
from domain.regulation.attributes import Attribute, AttributeKind
from domain.types import Category
from tests.domain.facts import REGISTERED
from tests.spec import Refusal, at, day, given, refusal, rules

RICH = ClientRegistered(
    name="Steelworks",
    origin="cold_base",
    phones=("+7 495 000",),
    turnover=Decimal(5000),
    currency="EUR",
    category="A",
    attributes={"colour": "red", "staff": "250"},
)
OWN = rules(
    attributes={
        "colour": Attribute(name="colour", kind=AttributeKind.CHOICE, choices=("red", "blue")),
        "staff": Attribute(name="staff", kind=AttributeKind.NUMBER),
    }
)

REFUSALS = [
    refusal("nothing_to_change", given(REGISTERED), ChangeCard()),
    refusal("nothing_to_change", given(REGISTERED), ChangeCard(name="Steelworks"), {"fields": ["name"]}),
    refusal("nothing_to_change", given(REGISTERED), ChangeCard(phones=(), region=None)),
    refusal("nothing_to_change", given(RICH), ChangeCard(attributes={"staff": "250.0"}), regulation=OWN),
    refusal(
        "unknown_attribute",
        given(RICH),
        ChangeCard(attributes={"size": "1"}),
        {"declared": ["colour", "staff"]},
        regulation=OWN,
    ),
    refusal("wrong_attribute_value", given(RICH), ChangeCard(attributes={"colour": "green"}), regulation=OWN),
    refusal("currency_required", given(REGISTERED), ChangeCard(expected_purchase=Decimal(1))),
    refusal(
        "before_its_cause",
        given(REGISTERED, at(day(9), CardChanged(changed=("region",), region="Ural"))),
        ChangeCard(region="Moscow", industry="metallurgy", occurred_at=day(8)),
        {"field": "region", "since": day(9)},
    ),
    refusal("currency_required", given(RICH), ChangeCard(currency=None), {"amounts": ["turnover"]}),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_only_what_differs_is_a_fact() -> None:
    command = ChangeCard(name="Steelworks", category=Category.VIP, region="Ural")
    card = (
        given(RICH).when(command).then(CardChanged(changed=("category", "region"), category="VIP", region="Ural")).card
    )
    assert (card.category, card.region, card.phones) == ("VIP", "Ural", ("+7 495 000",))


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_null_or_empty_text_empties_a_field(empty: str | None) -> None:
    command = ChangeCard.model_validate({"category": empty})
    card = given(RICH).when(command).then(CardChanged(changed=("category",))).card
    assert card.category is None


def test_a_list_is_emptied_by_null_or_by_an_empty_list() -> None:
    for phones in (None, ()):
        card = given(RICH).when(ChangeCard(phones=phones)).then(CardChanged(changed=("phones",))).card
        assert card.phones == ()


def test_zero_is_a_value() -> None:
    command = ChangeCard(expected_purchase=Decimal(0), currency="EUR")
    changed = CardChanged(changed=("currency", "expected_purchase"), expected_purchase=Decimal(0), currency="EUR")
    given(REGISTERED).when(command).then(changed)


def test_an_amount_may_use_the_currency_that_is_there() -> None:
    command = ChangeCard(expected_purchase=Decimal(100))
    given(RICH).when(command).then(CardChanged(changed=("expected_purchase",), expected_purchase=Decimal(100)))


def test_attributes_are_merged_and_null_removes_one() -> None:
    command = ChangeCard(attributes={"colour": "blue", "staff": None})
    changed = CardChanged(changed=("attributes",), attributes={"colour": "blue", "staff": None})
    card = given(RICH).when(command, regulation=OWN).then(changed).card
    assert card.attributes == {"colour": "blue"}


def test_an_unchanged_attribute_is_no_fact() -> None:
    command = ChangeCard(attributes={"colour": "blue", "staff": "250"})
    given(RICH).when(command, regulation=OWN).then(CardChanged(changed=("attributes",), attributes={"colour": "blue"}))


@pytest.mark.parametrize(
    "body",
    [
        {"name": None},
        {"name": ""},
        {"origin": None},
        {"kind": None},
        {"turnover": "NaN"},
        {"turnover": "1e400"},
        {"turnover": "-1"},
        {"turnover": float("inf")},
        {"retention_years": "0"},
        {"currency": "euro"},
        {"emails": ["nobody"]},
        {"phones": ["1" * 41]},
        {"specifics": "x" * 10_001},
        {"region": "a\x00b"},
        {"region": "\ud800"},
        {"category": "D"},
        {"attributes": {"colour": True}},
        {"attributes": {"Colour": "red"}},
        {"unheard_of": 1},
    ],
)
def test_malformed_bodies(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ChangeCard.model_validate(body)


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"emails": ["nobody"]}, "must be one e-mail address, as name@firm.example"),
        ({"emails": ["a@b.example\nc"]}, "must be one e-mail address, as name@firm.example"),
        ({"origin": "Trade fair"}, "must be a word of lower-case Latin letters, digits and _, as cold_base"),
        ({"attributes": {"Colour": "red"}}, "must be a word of lower-case Latin letters, digits and _, as cold_base"),
    ],
)
def test_what_has_to_be_of_a_form_is_told_in_a_sentence(body: dict[str, Any], wanted: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ChangeCard.model_validate(body)
    (error,) = caught.value.errors()
    assert wanted in error["msg"]
