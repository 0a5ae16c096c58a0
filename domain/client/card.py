"""Identity and card: who the client is and what is known of it. The card's fields can all be changed later."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, Field, field_validator

from domain.client.category_events import CategoryAssigned
from domain.kernel import Command, Event, Personal, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import (
    Amount,
    Category,
    Channel,
    ClientKind,
    Currency,
    Email,
    EmptyIsNone,
    Line,
    Name,
    OptionalText,
    OptionalWord,
    Origin,
    PersonalityType,
    Phone,
    PurchaseInterval,
    Slug,
    TaxId,
    none_if_empty,
)

if TYPE_CHECKING:
    from domain.client.state import Client


def _number_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else value


AttributeValue = Annotated[Line, BeforeValidator(_number_as_text)]
RetentionYears = Annotated[
    Decimal, Field(gt=0, le=100, decimal_places=2, description="Years the client is planned to stay")
]


class CardBody(BaseModel):
    """The fields of the card as a caller sends them."""

    kind: ClientKind | None = None
    tax_id: Annotated[TaxId | None, EmptyIsNone] = None
    phones: Annotated[tuple[Phone, ...], Field(max_length=20)] | None = None
    emails: Annotated[tuple[Email, ...], Field(max_length=20)] | None = None
    site: OptionalWord = None
    region: OptionalWord = None
    industry: OptionalWord = None
    size: OptionalWord = None
    turnover: Annotated[Amount | None, EmptyIsNone, Field(description="Per year, in `currency`")] = None
    currency: Annotated[Currency | None, EmptyIsNone, Field(description="Of turnover and expected_purchase")] = None
    category: Annotated[Category | None, EmptyIsNone] = None
    personality_type: Annotated[PersonalityType | None, EmptyIsNone] = None
    preferences: OptionalText = None
    specifics: OptionalText = None
    usual_channel: Annotated[Channel | None, EmptyIsNone] = None
    purchase_interval: Annotated[PurchaseInterval | None, EmptyIsNone] = None
    expected_purchase: Annotated[Amount | None, EmptyIsNone, Field(description="One purchase, in `currency`")] = None
    retention_years: Annotated[RetentionYears | None, EmptyIsNone] = None
    attributes: Annotated[
        dict[Slug, Annotated[AttributeValue | None, EmptyIsNone]],
        Field(description="The firm's own attributes by name; null removes one", max_length=200),
    ] = {}


class CardFacts(Event):
    """The fields of the card as events keep them."""

    name: Personal[str] = None
    kind: str | None = None
    tax_id: Personal[str] = None
    phones: Personal[tuple[str, ...]] = None
    emails: Personal[tuple[str, ...]] = None
    site: str | None = None
    region: str | None = None
    industry: str | None = None
    size: str | None = None
    turnover: Decimal | None = None
    currency: str | None = None
    origin: str | None = None
    category: str | None = None
    personality_type: str | None = None
    preferences: Personal[str] = None
    specifics: Personal[str] = None
    usual_channel: str | None = None
    purchase_interval: str | None = None
    expected_purchase: Decimal | None = None
    retention_years: Decimal | None = None
    attributes: Personal[dict[str, str | None]] = None


class CardChanged(CardFacts, topic="card.changed"):
    """The fields named in `changed` have new values; attributes are merged, a null removes one."""

    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """The card as it stands. Field by field as in `CardFacts`; `attributes` without the removed ones.

    `changed_at`: the business time of the last change of each field that was changed.
    """

    name: str | None = None
    kind: str | None = None
    tax_id: str | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    site: str | None = None
    region: str | None = None
    industry: str | None = None
    size: str | None = None
    turnover: Decimal | None = None
    currency: str | None = None
    origin: str | None = None
    category: str | None = None
    personality_type: str | None = None
    preferences: str | None = None
    specifics: str | None = None
    usual_channel: str | None = None
    purchase_interval: str | None = None
    expected_purchase: Decimal | None = None
    retention_years: Decimal | None = None
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    changed_at: Mapping[str, datetime] = field(default_factory=dict[str, datetime])

    def evolve(self, recorded: Recorded) -> "Card":
        """The card after its client was registered or changed, or got a category."""
        match recorded.event:
            case CategoryAssigned(category=category):
                return replace(self, category=category.value)
            case CardChanged(changed=changed) as facts:
                changed_at = {**self.changed_at, **dict.fromkeys(changed, recorded.occurred_at)}
                return replace(self.with_facts(facts, changed), changed_at=changed_at)
            case CardFacts() as facts:
                return self.with_facts(facts, CARD_FIELDS)
            case _:
                return self

    def with_facts(self, facts: CardFacts, names: tuple[str, ...]) -> "Card":
        """This card with the named fields taken over from an event."""
        values: dict[str, Any] = {name: getattr(facts, name) for name in names}
        if "attributes" in values:
            merged = {**self.attributes, **(facts.attributes or {})}
            values["attributes"] = {name: value for name, value in merged.items() if value is not None}
        for name in ("phones", "emails"):
            if name in values:
                values[name] = values[name] or ()
        return replace(self, **values)


CARD_FIELDS = tuple(item.name for item in fields(Card) if item.name != "changed_at")


def check_attributes(attributes: Mapping[str, str | None], context: RuleContext) -> dict[str, str | None]:
    """The attributes in the spelling of their kinds. Refuses undeclared ones and values of another kind."""
    return {name: _attribute_value(name, value, context) for name, value in attributes.items()}


def _attribute_value(name: str, value: str | None, context: RuleContext) -> str | None:
    declared = context.regulation.attributes.get(name)
    if declared is None:
        raise Refused("unknown_attribute", attribute=name, declared=sorted(context.regulation.attributes))
    return None if value is None else declared.fitting(value)


def check_currency(values: Mapping[str, Any]) -> None:
    """Refuse an amount on the card that would be left without its currency."""
    amounts = [name for name in ("turnover", "expected_purchase") if values[name] is not None]
    if amounts and values["currency"] is None:
        raise Refused("currency_required", amounts=amounts)


class ChangeCard(CardBody, Command):
    """Change what was sent; fields that are absent stay as they are, null empties a field."""

    name: Name | None = None
    origin: Origin | None = None

    refusals: ClassVar = (
        "nothing_to_change",
        "unknown_attribute",
        "wrong_attribute_value",
        "currency_required",
        "before_its_cause",
    )
    examples: ClassVar = ({"category": "VIP", "industry": "metallurgy"},)

    @field_validator("name", "origin", "kind")
    @classmethod
    def _kept(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("cannot be emptied with null")
        return value

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        changed = self._changed(client.card, context)
        if not changed:
            raise Refused("nothing_to_change", fields=sorted(self.model_fields_set.intersection(CARD_FIELDS)))
        for name in changed:
            refuse_before(client.card.changed_at.get(name), context, field=name)
        if not changed.keys().isdisjoint(("turnover", "expected_purchase", "currency")):
            check_currency({name: changed.get(name, getattr(client.card, name)) for name in CARD_FIELDS})
        return [CardChanged(changed=tuple(sorted(changed)), **changed)]

    def _changed(self, card: Card, context: RuleContext) -> dict[str, Any]:
        sent: dict[str, Any] = {name: none_if_empty(getattr(self, name)) for name in CARD_FIELDS}
        attributes = check_attributes(self.attributes, context)
        sent["attributes"] = {name: value for name, value in attributes.items() if card.attributes.get(name) != value}
        if not sent["attributes"]:
            del sent["attributes"]
        return {
            name: value
            for name, value in sent.items()
            if name in self.model_fields_set and value != none_if_empty(getattr(card, name))
        }
