"""Discounts: how much may be given without an approval, by role and category, by volume and by loyalty.

Each rule is a ground for a discount. Discounts of several grounds are not added up: the highest ground is the limit.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.kernel import Command, Event, Refused
from domain.types import Amount, Category, Currency, Role, Word

if TYPE_CHECKING:
    from domain.regulation.state import Regulation, RuleContext

Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2, description="Per cent of the list price")]


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DiscountLimit(_Rule):
    """What an employee of a role may give a client of a category; null: of any.

    Of the limits of a role the one that names the category holds, and those of his roles go before one of any role.
    """

    role: Role | None = None
    category: Category | None = None
    percent: Percent


class VolumeStep(_Rule):
    """From this list price on."""

    currency: Currency
    from_amount: Amount
    percent: Percent


class LoyaltyTier(_Rule):
    """For clients that have brought at least this in this currency."""

    name: Word
    currency: Currency
    from_amount: Amount
    percent: Percent


class ListPrice(NamedTuple):
    """What is to be sold is worth this before any discount."""

    amount: Decimal
    currency: str


class Ground(NamedTuple):
    """Why a discount may be given, and how much. `source`: role, category, volume or loyalty; the others tell which."""

    source: str
    percent: Decimal
    role: str | None = None
    category: str | None = None
    tier: str | None = None
    currency: str | None = None
    from_amount: Decimal | None = None


class Buyer(NamedTuple):
    """What the rules look at of a client: its category, and by currency what it has brought so far."""

    category: str | None
    realised: Mapping[str, Decimal]


_Keyed = tuple[str | None, ...]


class DiscountRules(_Rule):
    """The rules. What none of them allows is above the limit."""

    limits: Annotated[tuple[DiscountLimit, ...], Field(max_length=100)] = ()
    volume_steps: Annotated[tuple[VolumeStep, ...], Field(max_length=100)] = ()
    loyalty_tiers: Annotated[tuple[LoyaltyTier, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _said_once(self) -> Self:
        _refuse_repeated("limits", "role and category", [(rule.role, rule.category) for rule in self.limits])
        for name, rules in {"volume_steps": self.volume_steps, "loyalty_tiers": self.loyalty_tiers}.items():
            keys = [(rule.currency, str(rule.from_amount.normalize())) for rule in rules]
            _refuse_repeated(name, "currency and from_amount", keys)
        return self

    def tier(self, realised: Mapping[str, Decimal]) -> LoyaltyTier | None:
        """The best tier that a client has reached in any currency; amounts of two currencies are never added."""
        reached = (tier for tier in self.loyalty_tiers if realised.get(tier.currency, Decimal()) >= tier.from_amount)
        return max(reached, key=lambda tier: (tier.percent, tier.from_amount), default=None)

    def grounds(self, buyer: Buyer, roles: frozenset[str], price: ListPrice | None) -> Iterator[Ground]:
        """The grounds on which somebody in these roles may give a discount; by volume only where a price is told."""
        limit = self._limit(buyer.category, roles)
        if limit:
            yield Ground("role", limit.percent, limit.role, limit.category)
        step = self._step(price) if price else None
        if step:
            yield Ground("volume", step.percent, currency=step.currency, from_amount=step.from_amount)
        tier = self.tier(buyer.realised)
        if tier:
            yield Ground("loyalty", tier.percent, tier=tier.name, currency=tier.currency, from_amount=tier.from_amount)

    def _limit(self, category: str | None, roles: frozenset[str]) -> DiscountLimit | None:
        own = [limit for role in sorted(roles) if (limit := self._of_role(role, category))]
        return max(own, key=_percent) if own else self._of_role(None, category)

    def _of_role(self, role: str | None, category: str | None) -> DiscountLimit | None:
        matching = [rule for rule in self.limits if rule.role == role and rule.category in (None, category)]
        return max(matching, key=lambda rule: rule.category is not None, default=None)

    def _step(self, price: ListPrice) -> VolumeStep | None:
        reached = (
            step for step in self.volume_steps if step.currency == price.currency and price.amount >= step.from_amount
        )
        return max(reached, key=_percent, default=None)


R = TypeVar("R", DiscountLimit, VolumeStep)


def _percent(rule: R) -> Decimal:
    return rule.percent


def _refuse_repeated(field: str, what: str, keys: Sequence[_Keyed]) -> None:
    if len(set(keys)) < len(keys):
        raise ValueError(f"{field}: name each {what} once")


class DiscountRulesSet(Event, topic="regulation.discount_rules_set"):
    """The rules of discounts were replaced; None: there are none, and discounts are not limited by them."""

    rules: DiscountRules | None

    def evolve(self, _before: DiscountRules | None) -> DiscountRules | None:
        """The rules that replace those before."""
        return self.rules


class SetDiscountRules(Command):
    """Replace the rules of discounts; null takes them away, so that any discount may be given."""

    rules: DiscountRules | None

    refusals: ClassVar = ("in_future", "nothing_to_change")
    examples: ClassVar = (
        {
            "rules": {
                "limits": [
                    {"role": "closing_manager", "percent": "5"},
                    {"role": "closing_manager", "category": "VIP", "percent": "10"},
                    {"role": "head", "percent": "20"},
                ],
                "volume_steps": [
                    {"currency": "EUR", "from_amount": "10000", "percent": "7"},
                    {"currency": "EUR", "from_amount": "50000", "percent": "12"},
                ],
                "loyalty_tiers": [
                    {"name": "Silver", "currency": "EUR", "from_amount": "50000", "percent": "6"},
                    {"name": "Gold", "currency": "EUR", "from_amount": "200000", "percent": "9"},
                ],
            }
        },
    )

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        if regulation.discount_rules == self.rules:
            raise Refused("nothing_to_change", rules=None if self.rules is None else self.rules.model_dump(mode="json"))
        return [DiscountRulesSet(rules=self.rules)]
