"""Price lists: a currency, when they are valid, and for which clients. Prices are kept with the articles."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from domain.catalogue.codes import Code, Label
from domain.kernel import Command, Event, Recorded, Refused
from domain.regulation.state import RuleContext
from domain.types import Category, Currency, Day, EmptyIsNone

From = Annotated[Day, Field(description="The first day on which it holds")]
Until = Annotated[Day | None, EmptyIsNone, Field(description="The last day on which it holds; no end, when absent")]


class PriceListOpened(Event, topic="price_lists.opened"):
    """A price list holds from one day to another, both included; for clients of a category where one is named."""

    code: str
    label: str
    currency: str
    valid_from: date
    valid_until: date | None = None
    category: Category | None = None


class PriceListLimited(Event, topic="price_lists.limited"):
    """The last day of the price list is another one; None: it has no end."""

    valid_until: date | None = None


PRICE_LIST_EVENTS: tuple[type[Event], ...] = (PriceListOpened, PriceListLimited)
"""All events of a price list's stream."""


@dataclass(frozen=True, slots=True)
class PriceList:
    """A price list as decisions see it; without a code before it was opened."""

    id: UUID
    version: int = 0
    code: str = ""
    label: str = ""
    currency: str = ""
    valid_from: date = date.max
    valid_until: date | None = None
    category: Category | None = None

    @staticmethod
    def empty(stream_id: UUID) -> "PriceList":
        """Before it was opened."""
        return PriceList(stream_id)

    def evolve(self, recorded: Recorded) -> "PriceList":
        """The list after one more event."""
        match recorded.event:
            case PriceListOpened() as event:
                return PriceList(self.id, recorded.version, **event.model_dump())
            case PriceListLimited(valid_until=valid_until):
                return replace(self, version=recorded.version, valid_until=valid_until)
            case _:
                return self

    def holds(self, day: date) -> bool:
        """Whether it is valid on this day."""
        return is_within(day, self.valid_from, self.valid_until)


def is_within(day: date, first: date, last: date | None) -> bool:
    """Whether the day lies between two others, both included; without a last one there is no end."""
    return first <= day and (last is None or day <= last)


def preferred(lists: Iterable[PriceList], category: str | None) -> list[PriceList]:
    """The lists for clients of this category: those made for it first, then the general ones; the newest first.

    Of two that begin on one day the one whose code comes first in the alphabet goes first.
    """
    meant = [each for each in lists if each.category is None or each.category == category]
    return sorted(meant, key=lambda each: (each.category is None, -each.valid_from.toordinal(), each.code))


class OpenPriceList(Command):
    """Open a price list under a code of the firm's own. Prices are set article by article."""

    code: Code
    label: Label
    currency: Currency
    valid_from: From
    valid_until: Until = None
    category: Annotated[Category | None, EmptyIsNone, Field(description="Only for these clients; all, if absent")] = (
        None
    )

    refusals: ClassVar = ("in_future", "price_list_exists")
    examples: ClassVar = (
        {"code": "retail-2030", "label": "Retail 2030", "currency": "EUR", "valid_from": "2030-01-01"},
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        refuse_reversed(self.valid_from, self.valid_until)
        return self

    def decide(self, price_list: PriceList, context: RuleContext) -> list[Event]:
        if price_list.code:
            raise Refused("price_list_exists", price_list=price_list.code, id=price_list.id)
        return [PriceListOpened(**self.model_dump(exclude={"occurred_at"}))]


class LimitPriceList(Command):
    """Say until which day, this one included, the price list holds; null: it has no end."""

    valid_until: Until

    refusals: ClassVar = ("in_future", "unknown_price_list", "nothing_to_change", "ends_before_it_begins")
    examples: ClassVar = ({"valid_until": "2030-12-31"},)

    def decide(self, price_list: PriceList, context: RuleContext) -> list[Event]:
        if not price_list.code:
            raise Refused("unknown_price_list", id=price_list.id)
        if self.valid_until == price_list.valid_until:
            raise Refused("nothing_to_change", valid_until=self.valid_until)
        if self.valid_until is not None and self.valid_until < price_list.valid_from:
            raise Refused("ends_before_it_begins", valid_from=price_list.valid_from, valid_until=self.valid_until)
        return [PriceListLimited(valid_until=self.valid_until)]


def refuse_reversed(first: date, last: date | None) -> None:
    """Raises ValueError where the last day lies before the first."""
    if last is not None and last < first:
        raise ValueError("valid_until must not lie before valid_from")
