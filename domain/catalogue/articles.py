"""Articles: what is sold under one code, a variant of a product; and what it costs on each price list.

One stream per article. There may be very many, so that they are read when a decision needs them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import ClassVar, NamedTuple, Self
from uuid import UUID

from pydantic import model_validator

from domain.catalogue.codes import Code, price_list_id
from domain.catalogue.price_lists import From, PriceList, Until, is_within, preferred, refuse_reversed
from domain.kernel import Command, Event, Personal, Recorded, Refused
from domain.regulation.state import RuleContext
from domain.types import Amount, OptionalText


class ArticleAdded(Event, topic="articles.added"):
    """A variant of a product is sold under this code. `unit` is what its quantities are counted in."""

    code: str
    product: str
    label: str
    unit: str
    attributes: Mapping[str, str] = {}


class PriceSet(Event, topic="articles.price_set"):
    """What a unit costs on a price list from one day to another, both included, in the currency of the list."""

    price_list: str
    currency: str
    price: Decimal
    valid_from: date
    valid_until: date | None = None


class ArticleRetired(Event, topic="articles.retired"):
    """The article is not sold any more."""

    note: Personal[str] = None


class ArticleRestored(Event, topic="articles.restored"):
    """The article is sold again."""


class StockingChanged(Event, topic="articles.stocking_changed"):
    """Whether the article is kept in stock, so that orders of it are reserved; a service is not."""

    stocked: bool


ARTICLE_EVENTS: tuple[type[Event], ...] = (ArticleAdded, PriceSet, ArticleRetired, ArticleRestored, StockingChanged)
"""All events of an article's stream."""


class Price(NamedTuple):
    """A price and the days on which it holds."""

    price: Decimal
    valid_from: date
    valid_until: date | None = None


class Offer(NamedTuple):
    """A price that holds, and the list it is from."""

    price: Decimal
    price_list: str


@dataclass(frozen=True, slots=True)
class Article:
    """An article as decisions see it; without a code before it was added. `prices` are by code of the list."""

    id: UUID
    version: int = 0
    code: str = ""
    product: str = ""
    label: str = ""
    unit: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    prices: Mapping[str, tuple[Price, ...]] = field(default_factory=dict[str, tuple[Price, ...]])
    retired: bool = False
    stocked: bool = True

    @property
    def described(self) -> str:
        """Its label with what tells it apart from other variants of the product."""
        return ", ".join((self.label, *self.attributes.values()))

    @staticmethod
    def empty(stream_id: UUID) -> "Article":
        """Before it was added."""
        return Article(stream_id)

    def evolve(self, recorded: Recorded) -> "Article":
        """The article after one more event."""
        match recorded.event:
            case ArticleAdded() as event:
                return replace(self, version=recorded.version, **event.model_dump())
            case PriceSet() as event:
                prices = {**self.prices, event.price_list: self._with(event)}
                return replace(self, version=recorded.version, prices=prices)
            case StockingChanged(stocked=stocked):
                return replace(self, version=recorded.version, stocked=stocked)
            case ArticleRetired() | ArticleRestored() as event:
                return replace(self, version=recorded.version, retired=isinstance(event, ArticleRetired))
            case _:
                return self

    def _with(self, event: PriceSet) -> tuple[Price, ...]:
        """The prices of the list; a new one takes the place of one that begins on the same day."""
        others = [price for price in self.prices.get(event.price_list, ()) if price.valid_from != event.valid_from]
        new = Price(event.price, event.valid_from, event.valid_until)
        return tuple(sorted((*others, new), key=lambda price: price.valid_from))

    def price_on(self, price_list: PriceList, day: date) -> Decimal | None:
        """What it costs on this day; of several prices that hold, the one that began last."""
        if not price_list.holds(day):
            return None
        holding = [p for p in self.prices.get(price_list.code, ()) if is_within(day, p.valid_from, p.valid_until)]
        return holding[-1].price if holding else None

    def offer(
        self, currency: str, day: date, category: str | None, named: str | None, context: RuleContext
    ) -> Offer | None:
        """The price in a currency on a day, from the lists for the client's category; only from the named one, if any.

        See `preferred` for the order of the lists.
        """
        codes = [code for code in self.prices if named is None or price_list_id(code) == price_list_id(named)]
        found = (context.known(PriceList, price_list_id(code)) for code in codes)
        lists = [each for each in found if each is not None and each.currency == currency]
        for price_list in preferred(lists, category):
            price = self.price_on(price_list, day)
            if price is not None:
                return Offer(price, price_list.code)
        return None


def sold_article(article: Article | None, code: str) -> Article:
    """The article, if it is sold."""
    if article is None or not article.code:
        raise Refused("unknown_article", article=code)
    if article.retired:
        raise Refused("article_retired", article=article.code)
    return article


class EnterArticle(Command):
    """Enter an article that was added to a product; follows from `AddArticle`."""

    code: str
    product: str
    label: str
    unit: str
    attributes: Mapping[str, str]

    refusals: ClassVar = ("in_future", "article_exists")

    def decide(self, article: Article, context: RuleContext) -> list[Event]:
        if article.code:
            raise Refused("article_exists", article=article.code, id=article.id, product=article.product)
        return [ArticleAdded(**self.model_dump(exclude={"occurred_at"}))]


class SetPrice(Command):
    """Set what a unit of the article costs on a price list, from one day to another, both included.

    Of several prices that hold on a day the one that began last goes; one that begins on the same day is replaced.
    """

    price_list: Code
    price: Amount
    valid_from: From
    valid_until: Until = None

    refusals: ClassVar = ("in_future", "unknown_article", "unknown_price_list", "nothing_to_change")
    examples: ClassVar = ({"price_list": "retail-2030", "price": "12.50", "valid_from": "2030-01-01"},)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        refuse_reversed(self.valid_from, self.valid_until)
        return self

    def decide(self, article: Article, context: RuleContext) -> list[Event]:
        if not article.code:
            raise Refused("unknown_article", id=article.id)
        price_list = context.known(PriceList, price_list_id(self.price_list))
        if price_list is None:
            raise Refused("unknown_price_list", price_list=self.price_list)
        price = Price(self.price, self.valid_from, self.valid_until)
        if price in article.prices.get(price_list.code, ()):
            raise Refused("nothing_to_change", price_list=price_list.code, **price._asdict())
        return [PriceSet(price_list=price_list.code, currency=price_list.currency, **price._asdict())]


class RetireArticle(Command):
    """Sell the article no more. What is ordered of it stays ordered."""

    note: OptionalText = None

    refusals: ClassVar = ("in_future", "unknown_article", "article_retired")
    examples: ClassVar = ({"note": "Replaced by the model with two turbos"},)

    def decide(self, article: Article, context: RuleContext) -> list[Event]:
        if not article.code:
            raise Refused("unknown_article", id=article.id)
        if article.retired:
            raise Refused("article_retired", article=article.code)
        return [ArticleRetired(note=self.note or None)]


class RestoreArticle(Command):
    """Sell a retired article again."""

    refusals: ClassVar = ("in_future", "unknown_article", "article_not_retired")

    def decide(self, article: Article, context: RuleContext) -> list[Event]:
        if not article.code:
            raise Refused("unknown_article", id=article.id)
        if not article.retired:
            raise Refused("article_not_retired", article=article.code)
        return [ArticleRestored()]


class ChangeStocking(Command):
    """Say whether the article is kept in stock. Orders of what is not, such as a service, reserve nothing."""

    stocked: bool

    refusals: ClassVar = ("in_future", "unknown_article", "nothing_to_change")
    examples: ClassVar = ({"stocked": False},)

    def decide(self, article: Article, context: RuleContext) -> list[Event]:
        if not article.code:
            raise Refused("unknown_article", id=article.id)
        if article.stocked == self.stocked:
            raise Refused("nothing_to_change", stocked=self.stocked)
        return [StockingChanged(stocked=self.stocked)]
