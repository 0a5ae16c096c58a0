"""Personality types, and how well employees of one type get along with clients of another."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from domain.kernel import Command, Event, Refused
from domain.types import PersonalityType

if TYPE_CHECKING:
    from domain.regulation.state import Regulation, RuleContext

Score = Annotated[Decimal, Field(ge=0, le=1, decimal_places=4, description="0: they do not get along; 1: perfectly")]
Matrix = dict[PersonalityType, dict[PersonalityType, Score]]
"""Scores by the employee's type, then by the client's type."""


class _Style(NamedTuple):
    """A social style: how much it asserts itself and how much emotion it shows."""

    assertive: bool
    emotional: bool


SOCIAL_STYLES = {
    "driver": _Style(assertive=True, emotional=False),
    "expressive": _Style(assertive=True, emotional=True),
    "amiable": _Style(assertive=False, emotional=True),
    "analytical": _Style(assertive=False, emotional=False),
}
"""The four styles by their two dimensions: D. Merrill, R. Reid, Personal Styles and Effective Performance (1981)."""
_NOTHING_SHARED, _SHARED_PACE, _SHARED_PRIORITY = Decimal("0.3"), Decimal("0.2"), Decimal("0.3")


def _score(employee: _Style, client: _Style) -> Decimal:
    """Our default: what both share. Assertiveness sets the pace of a talk, emotion what it is about: people or facts.

    The book has the dimensions and no figures: these are to be replaced by what the firm observes.
    """
    pace = _SHARED_PACE if employee.assertive == client.assertive else Decimal()
    priority = _SHARED_PRIORITY if employee.emotional == client.emotional else Decimal()
    return _NOTHING_SHARED + pace + priority


def _default_matrix() -> Matrix:
    styles = SOCIAL_STYLES.items()
    return {mine: {other: _score(style, others) for other, others in styles} for mine, style in styles}


class Compatibility(BaseModel):
    """The types of the firm and the scores of their pairs; `default_score` is that of every other pair.

    Cards may carry types that are not listed here; they have no score of their own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    types: tuple[PersonalityType, ...] = tuple(SOCIAL_STYLES)
    scores: Annotated[Matrix, Field(description="By the employee's type, then by the client's type")] = Field(
        default_factory=_default_matrix
    )
    default_score: Score = Decimal("0.5")

    def configured(self, employee_type: str | None, client_type: str | None) -> Decimal | None:
        """The score of the pair, where it has one of its own; a type that is not known has none."""
        return self.scores.get(employee_type or "", {}).get(client_type or "")

    def score(self, employee_type: str | None, client_type: str | None) -> Decimal:
        """The score of the pair, or else the default score."""
        configured = self.configured(employee_type, client_type)
        return self.default_score if configured is None else configured


class TypesSet(Event, topic="regulation.types_set"):
    """The firm uses these personality types. Scores of types that it does not use any more are gone."""

    types: tuple[str, ...]

    def evolve(self, before: Compatibility) -> Compatibility:
        """The same matrix, without the types that are not listed any more."""
        kept = frozenset(self.types)
        scores = {
            mine: {other: score for other, score in row.items() if other in kept}
            for mine, row in before.scores.items()
            if mine in kept
        }
        return before.model_copy(update={"types": self.types, "scores": scores})


class CompatibilitySet(Event, topic="regulation.compatibility_set"):
    """The scores of the pairs of types were replaced."""

    scores: Matrix
    default_score: Decimal

    def evolve(self, before: Compatibility) -> Compatibility:
        """The types with these scores."""
        return before.model_copy(update={"scores": self.scores, "default_score": self.default_score})


def _no_type_twice(types: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(types)) < len(types):
        raise ValueError("names a type twice")
    return types


class SetTypes(Command):
    """Say which personality types the firm uses, for employees and for clients."""

    types: Annotated[tuple[PersonalityType, ...], Field(min_length=1, max_length=50), AfterValidator(_no_type_twice)]

    refusals: ClassVar = ("in_future", "nothing_to_change")
    examples: ClassVar = ({"types": ["driver", "expressive", "amiable", "analytical"]},)

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        if self.types == regulation.compatibility.types:
            raise Refused("nothing_to_change", types=self.types)
        return [TypesSet(types=self.types)]


class SetCompatibility(Command):
    """Replace the scores of the pairs of types, by the employee's type and then by the client's type.

    Every type of the firm stands in the matrix, as a row or in one; a pair that is left out has the default score.
    """

    scores: Annotated[Matrix, Field(max_length=50)]
    default_score: Score = Decimal("0.5")

    refusals: ClassVar = ("in_future", "unknown_personality_type", "personality_type_missing", "nothing_to_change")
    examples: ClassVar = (
        {
            "scores": {
                "driver": {"driver": "0.8", "analytical": "0.7", "expressive": "0.4", "amiable": "0.2"},
                "amiable": {"amiable": "0.9", "expressive": "0.7"},
            },
            "default_score": "0.5",
        },
    )

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        before = regulation.compatibility
        named = set(chain(self.scores, *self.scores.values()))
        _refuse_unless_known(named, before.types)
        if missing := [name for name in before.types if name not in named]:
            raise Refused("personality_type_missing", missing=missing)
        if (self.scores, self.default_score) == (before.scores, before.default_score):
            raise Refused("nothing_to_change", default_score=self.default_score)
        return [CompatibilitySet(scores=self.scores, default_score=self.default_score)]


def _refuse_unless_known(named: Iterable[str], types: tuple[str, ...]) -> None:
    if unknown := sorted(set(named) - set(types)):
        raise Refused("unknown_personality_type", unknown=unknown, types=types)
