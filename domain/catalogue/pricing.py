"""How articles are priced for a client: from the list that is named, else from those meant for it."""

from dataclasses import dataclass

from domain.catalogue.articles import Article, Offer, sold_article
from domain.catalogue.codes import article_id, price_list_id
from domain.catalogue.price_lists import PriceList
from domain.kernel import Refused
from domain.regulation.state import RuleContext

PRICING_REFUSALS = ("unknown_article", "article_retired", "price_list_not_for_client", "no_price")
"""For what the pricing of an article may be refused."""


@dataclass(frozen=True, slots=True)
class Pricing:
    """The currency of what is sold, the client's category, and the price list that was named, if any."""

    currency: str
    category: str | None
    price_list: str | None

    def of(self, code: str, context: RuleContext) -> tuple[Article, Offer]:
        """The article with this code, and its list price, with which also a price that is sent is compared.

        Raises:
            Refused: one of `PRICING_REFUSALS`; `no_price` where no list has one.
        """
        article = sold_article(context.known(Article, article_id(code)), code)
        self._refuse_list_of_others(context)
        day = context.pricing_day
        offer = article.offer(self.currency, day, self.category, self.price_list, context)
        if offer is None:
            raise Refused("no_price", article=article.code, currency=self.currency, day=day, price_list=self.price_list)
        return article, offer

    def _refuse_list_of_others(self, context: RuleContext) -> None:
        """A list for one category of clients is for no others, also where somebody names it."""
        named = context.known(PriceList, price_list_id(self.price_list)) if self.price_list else None
        if named and named.category not in {None, self.category}:
            raise Refused(
                "price_list_not_for_client", price_list=named.code, needed=named.category, category=self.category
            )
