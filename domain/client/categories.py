"""The client's category: assigned by the regulation's rules, or by a person who overrides them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from domain.client.card import Card, CardChanged, CardFacts
from domain.client.category_events import CategoryAssigned, CategoryReleased
from domain.kernel import Command, Event, Recorded, Refused, refuse_before
from domain.regulation.categories import CategoryRules, ClientFigures
from domain.regulation.state import RuleContext
from domain.types import PURCHASES_PER_YEAR, Category, OptionalText, PurchaseInterval, SomeText

if TYPE_CHECKING:
    from domain.client.state import Client


@dataclass(frozen=True, slots=True)
class CategoryBasis:
    """Why the client is of its category: the rule, or a person since then (business time)."""

    rule: str | None = None
    overridden_at: datetime | None = None

    def evolve(self, recorded: Recorded) -> "CategoryBasis":
        """After the category was assigned, released or written on the card: the last counts as a person's word."""
        match recorded.event:
            case CategoryAssigned(rule=str(rule)):
                return CategoryBasis(rule)
            case CategoryReleased():
                return CategoryBasis()
            case CardChanged(changed=changed) if "category" not in changed:
                return self
            case CardFacts(category=None):
                return CategoryBasis()
            case _:
                return CategoryBasis(overridden_at=recorded.occurred_at)


def figures_of(
    *,
    size: str | None,
    turnover: Decimal | None,
    currency: str | None,
    expected_purchase: Decimal | None,
    purchase_interval: str | None,
    realised: Mapping[str, Decimal],
) -> ClientFigures:
    """The figures that rules look at, from fields of the card and what was sold. Unknown amounts are left out."""
    each = {} if currency is None or expected_purchase is None else {currency: expected_purchase}
    a_year = PURCHASES_PER_YEAR[PurchaseInterval(purchase_interval)] if purchase_interval else None
    return ClientFigures(
        size=size,
        turnover={} if currency is None or turnover is None else {currency: turnover},
        expected_purchase=each,
        potential={name: amount * a_year for name, amount in each.items()} if a_year else {},
        realised=dict(sorted(realised.items())),
    )


def _figures(client: "Client") -> ClientFigures:
    card: Card = client.card
    return figures_of(
        size=card.size,
        turnover=card.turnover,
        currency=card.currency,
        expected_purchase=card.expected_purchase,
        purchase_interval=card.purchase_interval,
        realised=client.realised,
    )


def _before(client: "Client") -> Category | None:
    return Category(client.card.category) if client.card.category else None


def _by_rule(client: "Client", rules: CategoryRules) -> CategoryAssigned:
    figures = _figures(client)
    verdict = rules.verdict(figures)
    return CategoryAssigned(category=verdict.category, before=_before(client), rule=verdict.rule, figures=figures)


class AssignCategory(Command):
    """Give the client a category whatever the rules say, until this is released."""

    category: Category
    reason: SomeText

    refusals: ClassVar = ("nothing_to_change",)
    examples: ClassVar = ({"category": "VIP", "reason": "Sits on the board of our largest client"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if client.category_basis.overridden_at and client.card.category == self.category:
            raise Refused("nothing_to_change", category=self.category)
        return [CategoryAssigned(category=self.category, before=_before(client), reason=self.reason)]


class ReleaseCategory(Command):
    """Let the rules assign the category again. They do so at once, where there are any."""

    reason: OptionalText = None

    refusals: ClassVar = ("category_not_overridden", "before_its_cause")
    examples: ClassVar = ({"reason": "Left the board"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        category, overridden_at = _before(client), client.category_basis.overridden_at
        if not overridden_at or category is None:
            raise Refused("category_not_overridden", category=category)
        refuse_before(overridden_at, context)
        released = CategoryReleased(category=category, reason=self.reason)
        rules = context.regulation.category_rules
        return [released, _by_rule(client, rules)] if rules else [released]


class ApplyCategoryRules(Command):
    """Assign the category that the regulation's rules give; what a person said stands."""

    expected: Annotated[
        Category | None, Field(description="Refuse where the rules give another; any will do, when absent")
    ] = None

    refusals: ClassVar = ("no_category_rules", "category_overridden", "category_differs", "nothing_to_change")
    examples: ClassVar = ({}, {"expected": "A"})

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        rules, basis = context.regulation.category_rules, client.category_basis
        if rules is None:
            raise Refused("no_category_rules")
        if basis.overridden_at:
            raise Refused("category_overridden", category=client.card.category, since=basis.overridden_at)
        assigned = _by_rule(client, rules)
        if self.expected and assigned.category != self.expected:
            raise Refused("category_differs", category=assigned.category, rule=assigned.rule, expected=self.expected)
        if (assigned.before, basis.rule) == (assigned.category, assigned.rule):
            raise Refused("nothing_to_change", category=assigned.category, rule=assigned.rule)
        return [assigned]
