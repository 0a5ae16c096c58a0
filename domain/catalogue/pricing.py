"""How articles are priced for a client: from the list that is named, else from those meant for it."""

from dataclasses import dataclass, replace

from domain.catalogue.articles import Article, Offer
from domain.kernel import Refused
from domain.regulation.state import RuleContext


@dataclass(frozen=True, slots=True)
class Pricing:
    """The currency of what is sold, the client's category, and the price list that was named, if any."""

    currency: str
    category: str | None
    price_list: str | None

    def listed(self, article: Article, context: RuleContext) -> Offer | None:
        """The price of the article on the day on which it is sold; None where no list has one."""
        day = context.local_day(context.occurred_at)
        return article.offer(self.currency, day, self.category, self.price_list, context)

    def compared(self, article: Article, context: RuleContext) -> Offer | None:
        """What another price is compared with: the same, else the price of any list for the client."""
        return self.listed(article, context) or replace(self, price_list=None).listed(article, context)

    def of(self, article: Article, context: RuleContext) -> Offer:
        """The same.

        Raises:
            Refused: `no_price`, where no list has one.
        """
        offer = self.listed(article, context)
        if offer is None:
            day = context.local_day(context.occurred_at)
            raise Refused("no_price", article=article.code, currency=self.currency, day=day, price_list=self.price_list)
        return offer
