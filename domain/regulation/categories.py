"""Categories of clients: the rules that assign them, and how the firm keeps in touch with each of them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.kernel import Command, Event, Refused
from domain.types import Amount, Category, Channel, Currency, Role, Word

if TYPE_CHECKING:
    from domain.regulation.state import Regulation, RuleContext

DEFAULT_RULE = "default"
"""The name under which a client gets the category that no rule gave it."""
LONGEST_INTERVAL_DAYS = 3650
_THRESHOLDS = ("turnover", "expected_purchase", "potential", "realised")
Thresholds = Annotated[
    dict[Currency, Amount],
    Field(max_length=50, description="The least amount by currency; a client without one in these does not reach it"),
]


class ClientFigures(BaseModel):
    """What the rules look at, each amount by currency. `potential` is a year's expected purchases.

    `realised` is the revenue of won deals and of orders that fulfil no deal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: str | None = None
    turnover: dict[str, Decimal] = {}
    expected_purchase: dict[str, Decimal] = {}
    potential: dict[str, Decimal] = {}
    realised: dict[str, Decimal] = {}


class CategoryRule(BaseModel):
    """Gives the category to clients for whom everything that it names holds; alternatives are rules of their own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Word
    category: Category
    sizes: Annotated[
        tuple[Word, ...], Field(max_length=50, description="Any of these, as on the card, case aside")
    ] = ()
    turnover: Thresholds = {}
    expected_purchase: Thresholds = {}
    potential: Thresholds = {}
    realised: Thresholds = {}

    @model_validator(mode="after")
    def _names_something(self) -> "CategoryRule":
        if not self.sizes and not any(getattr(self, name) for name in _THRESHOLDS):
            raise ValueError("a rule names at least one of sizes, " + ", ".join(_THRESHOLDS))
        return self

    def holds_for(self, figures: ClientFigures) -> bool:
        """Whether the client has everything that the rule names."""
        if self.sizes and (figures.size or "").casefold() not in {size.casefold() for size in self.sizes}:
            return False
        return all(_reaches(getattr(figures, name), getattr(self, name)) for name in _THRESHOLDS)


def _reaches(amounts: Mapping[str, Decimal], thresholds: Mapping[str, Decimal]) -> bool:
    """Whether any amount reaches the threshold of its currency; amounts of two currencies are never compared."""
    return not thresholds or any(
        currency in amounts and amounts[currency] >= least for currency, least in thresholds.items()
    )


class Verdict(NamedTuple):
    """The category that the rules give, and the name of the rule that gave it."""

    category: Category
    rule: str


class CategoryRules(BaseModel):
    """The rules in their order: the first that holds gives the category, `default` where none does."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: Annotated[tuple[CategoryRule, ...], Field(max_length=100)]
    default: Category

    @model_validator(mode="after")
    def _names_tell_rules_apart(self) -> "CategoryRules":
        names = [rule.name for rule in self.rules]
        if DEFAULT_RULE in names or len(set(names)) < len(names):
            raise ValueError(f"each rule needs a name of its own, other than {DEFAULT_RULE}")
        return self

    def verdict(self, figures: ClientFigures) -> Verdict:
        """The category of a client with these figures."""
        found = next((rule for rule in self.rules if rule.holds_for(figures)), None)
        return Verdict(found.category, found.name) if found else Verdict(self.default, DEFAULT_RULE)


class CategoryRulesSet(Event, topic="regulation.category_rules_set"):
    """The rules that assign categories were replaced. Clients keep theirs until the rules are applied to them."""

    rules: CategoryRules

    def evolve(self, rules: CategoryRules | None) -> CategoryRules:
        """The rules that replace those before."""
        return self.rules


class SetCategoryRules(Command):
    """Replace the rules that assign categories. No client changes until they are applied."""

    rules: CategoryRules

    refusals: ClassVar = ("in_future", "nothing_to_change")
    examples: ClassVar = (
        {
            "rules": {
                "rules": [
                    {"name": "Large accounts", "category": "VIP", "realised": {"EUR": "500000", "RUB": "50000000"}},
                    {"name": "Large firms", "category": "A", "sizes": ["large"], "turnover": {"EUR": "10000000"}},
                    {"name": "Promising", "category": "B", "potential": {"EUR": "20000"}},
                ],
                "default": "C",
            }
        },
    )

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        if regulation.category_rules == self.rules:
            raise Refused("nothing_to_change", rules=[rule.name for rule in self.rules.rules])
        return [CategoryRulesSet(rules=self.rules)]


class CommunicationStandard(BaseModel):
    """How the firm keeps in touch with the clients of a category.

    A contact is due every so many days; an inquiry is answered within so many working hours, unless a response rule is
    set for the category; `discount_limit_percent` is what anybody may give without an approval, unless the rules of
    discounts allow more.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    contact_every_days: Annotated[int, Field(ge=1, le=LONGEST_INTERVAL_DAYS)]
    channels: Annotated[
        tuple[Channel, ...], Field(max_length=10, description="By which; any, where none is named")
    ] = ()
    role: Annotated[Role | None, Field(description="Who keeps in touch; whoever works the client, when null")] = None
    response_hours: Annotated[Decimal | None, Field(gt=0, le=1000, decimal_places=2)] = None
    discount_limit_percent: Annotated[Decimal | None, Field(ge=0, le=100, decimal_places=2)] = None


class CommunicationStandardSet(Event, topic="regulation.communication_standard_set"):
    """The communication standard of a category was replaced."""

    category: Category
    standard: CommunicationStandard

    def evolve(self, standards: Mapping[Category, CommunicationStandard]) -> dict[Category, CommunicationStandard]:
        """The standards by category, with this one in place."""
        return {**standards, self.category: self.standard}


class SetCommunicationStandard(Command):
    """Say how the firm keeps in touch with the clients of a category."""

    category: Category
    standard: CommunicationStandard

    refusals: ClassVar = ("in_future", "nothing_to_change")
    examples: ClassVar = (
        {
            "standard": {
                "contact_every_days": 14,
                "channels": ["office_meeting", "phone"],
                "role": "account_manager",
                "response_hours": "2",
                "discount_limit_percent": "10",
            }
        },
    )

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        if regulation.standards.get(self.category) == self.standard:
            raise Refused("nothing_to_change", category=self.category)
        return [CommunicationStandardSet(category=self.category, standard=self.standard)]
