"""Prices are those of the day of recording; what was agreed before is sent, and is a discount."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.catalogue.articles import Article, Price
from domain.catalogue.codes import article_id, price_list_id
from domain.catalogue.price_lists import PriceList
from domain.catalogue.pricing import Pricing
from domain.client.order_events import OrderPlaced
from domain.client.order_lines import OrderLine
from domain.client.ordering import PlaceOrder
from tests.domain.facts import IN_SERVICE
from tests.spec import day, finds, given, make_context

RISEN = (Price(Decimal(6), day(0).date(), day(98).date()), Price(Decimal(10), day(99).date()))
SWEEPING = Article(
    article_id("SWEEP"), 1, "SWEEP", "SWEEP", "Sweeping", "hour", prices={"retail": RISEN}, stocked=False
)
KNOWN = finds(SWEEPING, PriceList(price_list_id("retail"), 1, "retail", "Retail", "EUR", day(0).date()))


def yesterday(price: int | None = None) -> PlaceOrder:
    """An order of two hours that is dated to the last day of the lower price."""
    line = OrderLine(article="SWEEP", quantity=Decimal(2), price=None if price is None else Decimal(price))
    return PlaceOrder(lines=(line,), currency="EUR", occurred_at=day(98))


@pytest.mark.parametrize(
    ("sent", "amount", "discount"), [(None, 20, 0), (6, 12, 8)], ids=["by-the-list", "as-agreed-before-the-rise"]
)
def test_an_order_that_is_dated_back_dodges_no_rise_of_the_price(sent: int | None, amount: int, discount: int) -> None:
    (placed,) = given(*IN_SERVICE).when(yesterday(sent), known=KNOWN).events()
    assert isinstance(placed, OrderPlaced)
    assert (placed.lines[0].list_price, placed.amount, placed.discount) == (10, amount, discount)


def test_a_past_that_is_retold_has_the_prices_of_its_own_days() -> None:
    context = replace(make_context(yesterday(), known=KNOWN), retold=True)
    article, offer = Pricing("EUR", None, None).of("SWEEP", context)
    assert (article, offer.price) == (SWEEPING, 6)
