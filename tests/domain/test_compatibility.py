"""Types and the matrix of their compatibility."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.regulation.compatibility import (
    Compatibility,
    CompatibilitySet,
    SetCompatibility,
    SetTypes,
    TypesSet,
)
from tests.spec import Refusal, given_regulation, refusal

STYLES = ("driver", "expressive", "amiable", "analytical")
ANIMALS = given_regulation(TypesSet(types=("cat", "shark")))
CAT_WITH_SHARK = SetCompatibility(scores={"cat": {"shark": Decimal("0.2")}}, default_score=Decimal("0.4"))
SCORED = given_regulation(
    TypesSet(types=("cat", "shark")),
    CompatibilitySet(scores=CAT_WITH_SHARK.scores, default_score=CAT_WITH_SHARK.default_score),
)

REFUSALS = [
    refusal("nothing_to_change", given_regulation(), SetTypes(types=STYLES)),
    refusal("nothing_to_change", SCORED, CAT_WITH_SHARK),
    refusal(
        "unknown_personality_type",
        ANIMALS,
        SetCompatibility(scores={"cat": {"shark": Decimal(1), "wolf": Decimal(1)}, "eagle": {}}),
        {"unknown": ["eagle", "wolf"]},
    ),
    refusal(
        "personality_type_missing",
        ANIMALS,
        SetCompatibility(scores={"cat": {"cat": Decimal(1)}}),
        {"missing": ["shark"]},
    ),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_the_four_social_styles_are_the_default() -> None:
    default = Compatibility()
    assert default.types == STYLES
    assert {mine: default.score(mine, "driver") for mine in STYLES} == {
        "driver": Decimal("0.8"),
        "analytical": Decimal("0.6"),
        "expressive": Decimal("0.5"),
        "amiable": Decimal("0.3"),
    }


def test_the_default_matrix_is_symmetric_and_within_its_bounds() -> None:
    default = Compatibility()
    assert all(default.score(one, other) == default.score(other, one) for one in STYLES for other in STYLES)
    assert Compatibility.model_validate_json(default.model_dump_json()) == default


@pytest.mark.parametrize("pair", [("cat", "cat"), (None, "cat"), ("cat", None), ("wolf", "shark")])
def test_a_pair_without_a_score_has_the_default_score(pair: tuple[str | None, str | None]) -> None:
    compatibility = SCORED.state.compatibility
    assert (compatibility.configured(*pair), compatibility.score(*pair)) == (None, Decimal("0.4"))


def test_the_matrix_is_replaced() -> None:
    scores = {"shark": {"cat": Decimal(0), "shark": Decimal(1)}}
    command = SetCompatibility(scores=scores)
    after = SCORED.when(command).then(CompatibilitySet(scores=scores, default_score=Decimal("0.5")))
    assert after.compatibility == Compatibility(types=("cat", "shark"), scores=scores)


def test_types_that_are_gone_take_their_scores_along() -> None:
    after = given_regulation().when(SetTypes(types=("driver", "cat", "amiable"))).after()
    assert after.compatibility.scores == {
        "driver": {"driver": Decimal("0.8"), "amiable": Decimal("0.3")},
        "amiable": {"driver": Decimal("0.3"), "amiable": Decimal("0.8")},
    }


@pytest.mark.parametrize(
    "body",
    [
        {"scores": {"driver": {"driver": "1.01"}}},
        {"scores": {"driver": {"driver": "-0.1"}}},
        {"scores": {"driver": {"driver": "NaN"}}},
        {"scores": {"driver": {"driver": "0.12345"}}},
        {"scores": {"Driver!": {"driver": "0.5"}}},
        {"scores": {"driver": "0.5"}},
        {"scores": {}, "default_score": 2},
    ],
)
def test_a_matrix_outside_of_its_bounds_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SetCompatibility.model_validate(body)


@pytest.mark.parametrize("types", [[], ["cat", "cat"], ["Cat"], [""]])
def test_a_set_of_types_that_makes_no_sense_is_refused(types: list[str]) -> None:
    with pytest.raises(ValidationError):
        SetTypes.model_validate({"types": types})
