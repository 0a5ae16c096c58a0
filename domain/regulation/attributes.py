"""The firm's own client attributes: their kinds, and the values these take."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from domain.kernel import Command, Event, Refused
from domain.types import Slug, Word

if TYPE_CHECKING:
    from domain.regulation.state import Regulation, RuleContext


class AttributeKind(StrEnum):
    """What values a firm's own attribute takes."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


class Attribute(BaseModel):
    """A client attribute of the firm's own. `choices` belongs to the kind choice only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Slug
    kind: AttributeKind
    label: Word | None = None
    choices: Annotated[tuple[Word, ...], Field(max_length=200)] = ()

    def normalised(self, value: str) -> str | None:
        """The value in the one spelling of its kind, so that equal values are equal texts; None if it is of another."""
        match self.kind:
            case AttributeKind.NUMBER:
                return _plain_number(value)
            case AttributeKind.DATE:
                return _iso_date(value)
            case AttributeKind.CHOICE:
                return value if value in self.choices else None
            case AttributeKind.TEXT:
                return value

    def fitting(self, value: str) -> str:
        """The value in the one spelling of its kind. Refuses one of another kind."""
        normalised = self.normalised(value)
        if normalised is None:
            raise Refused(
                "wrong_attribute_value", attribute=self.name, value=value, kind=self.kind, choices=self.choices
            )
        return normalised

    def accepts(self, value: str) -> bool:
        """Whether the value, written as text, is of the attribute's kind."""
        return self.normalised(value) is not None


_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,9})?")


def _plain_number(value: str) -> str | None:
    """At most 15 digits before and 9 after the point, without sign of plus, leading or trailing zeros."""
    if not _NUMBER.fullmatch(value):
        return None
    plain = f"{Decimal(value):f}"
    shortened = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if shortened == "-0" else shortened


def _iso_date(value: str) -> str | None:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return None


class AttributeDeclared(Event, topic="regulation.attribute_declared"):
    """Clients may carry this attribute; a second declaration of a name replaces the first."""

    attribute: Attribute

    def evolve(self, attributes: Mapping[str, Attribute]) -> dict[str, Attribute]:
        """The attributes by name, with this one in place."""
        return {**attributes, self.attribute.name: self.attribute}


class DeclareAttribute(Command):
    """Let clients carry an attribute of the firm's own, or change its label and choices."""

    attribute: Attribute

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        is_choice = self.attribute.kind is AttributeKind.CHOICE
        if is_choice != bool(self.attribute.choices):
            raise Refused("wrong_choice", attribute=self.attribute.name, kind=self.attribute.kind)
        before = regulation.attributes.get(self.attribute.name)
        if before == self.attribute:
            raise Refused("nothing_to_change", attribute=self.attribute.name)
        if before and before.kind is not self.attribute.kind:
            raise Refused("attribute_of_another_kind", attribute=self.attribute.name, kind=before.kind)
        return [AttributeDeclared(attribute=self.attribute)]

    refusals: ClassVar = ("in_future", "wrong_choice", "nothing_to_change", "attribute_of_another_kind")
    examples: ClassVar = ({"attribute": {"name": "fleet_size", "kind": "number", "label": "Trucks"}},)
