"""What the made-up firm sells: products with their variants, price lists, and what lies in its two warehouses."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from app.demo.entry import Entry
from app.execute import ARTICLE, PRICE_LIST, PRODUCT, STOCK, WAREHOUSE
from domain.catalogue.articles import RetireArticle, SetPrice
from domain.catalogue.codes import article_id, price_list_id, product_id, stock_id, warehouse_id
from domain.catalogue.price_lists import OpenPriceList
from domain.catalogue.products import AddArticle, AddProduct
from domain.client.terms import HUNDREDTH
from domain.stock.commands import ReceiveStock
from domain.stock.warehouses import OpenWarehouse
from domain.types import Category

ROUBLES = {"RUB": 1, "GBP": 100}
"""What a unit of a currency is worth, as the firm's prices have it."""
WAREHOUSES = {"DEMO-NORTH": "Склад «Северный»", "DEMO-PORT": "Warehouse at the port"}
NORTH, PORT = WAREHOUSES
SCARCE = "DEMO-BROOM-GREEN-T"
"""Sold by the last orders only, of which more is wanted than there is."""
SCARCE_ON_HAND = Decimal(60)
_RECEIPTS = 3
_WORTH_OF_STOCK, _WORTH_BY_CLIENT = 5_000_000, 12_000
"""In roubles, of each article in each warehouse: nothing else ever runs short."""
_VIP_SHARE, _SPRING_SHARE, _AFTER_THE_RISE = Decimal("0.93"), Decimal("0.90"), Decimal("1.05")
_SPRING = timedelta(days=90)


class Product(NamedTuple):
    """A product: its variants with their prices in roubles, by the rest of their codes."""

    code: str
    label: str
    unit: str
    attributes: tuple[str, ...]
    variants: dict[str, tuple[int, tuple[str, ...]]]


_PRODUCTS = (
    Product(
        "DEMO-BROOM",
        "Метла",
        "шт.",
        ("colour", "turbo"),
        {
            "-GREEN-T": (1900, ("green", "yes")),
            "-GREEN": (900, ("green", "no")),
            "-BROWN-T": (1850, ("brown", "yes")),
            "-BROWN": (850, ("brown", "no")),
        },
    ),
    Product("DEMO-PIPE", "Труба", "м", ("diameter",), {"-20": (310, ("20 mm",)), "-40": (540, ("40 mm",))}),
    Product("DEMO-CABLE", "Cable", "m", ("section",), {"-15": (85, ("3×1.5",)), "-60": (420, ("5×6",))}),
    Product("DEMO-RACK", "Rack", "piece", ("height",), {"-20": (12_500, ("2.0 m",)), "-25": (14_900, ("2.5 m",))}),
    Product("DEMO-PUMP", "Насос", "шт.", ("power",), {"-15": (6_400, ("1.5 kW",)), "-40": (11_800, ("4 kW",))}),
    Product("DEMO-GLOVES", "Gloves", "pair", (), {"": (140, ())}),
)
_RETIRED = "DEMO-BROOM-BROWN"
PRICES = {product.code + rest: price for product in _PRODUCTS for rest, (price, _) in product.variants.items()}
"""Of each article, in roubles, as long as they have not risen."""
SOLD = tuple(code for code in PRICES if code not in {SCARCE, _RETIRED})
"""What clients order in the course of the story."""


class Lists(NamedTuple):
    """The price lists over the firm's time; prices rise after three quarters of it."""

    begin: datetime
    span: timedelta

    @property
    def rise_on(self) -> date:
        """The first day of the higher prices."""
        return (self.begin + self.span * 3 / 4).date()

    def price(self, article: str, currency: str, day: date, category: Category | None = None) -> Decimal:
        """What a unit costs on a day, from the list that `code` names."""
        share = _VIP_SHARE if (currency, category) == ("RUB", Category.VIP) else Decimal(1)
        return _price(article, currency, share * (_AFTER_THE_RISE if day >= self.rise_on else 1))

    @staticmethod
    def code(currency: str, category: Category | None) -> str:
        """The list for a client of this category."""
        return "DEMO-RUB-VIP" if (currency, category) == ("RUB", Category.VIP) else f"DEMO-{currency}"

    def entries(self) -> Iterator[Entry]:
        """The lists, and each article's price on them."""
        day = self.begin.date()
        opened = [
            OpenPriceList(code="DEMO-RUB", label="Розница", currency="RUB", valid_from=day),
            OpenPriceList(code="DEMO-GBP", label="Retail", currency="GBP", valid_from=day),
            OpenPriceList(code="DEMO-RUB-VIP", label="VIP", currency="RUB", valid_from=day, category=Category.VIP),
            OpenPriceList(code="DEMO-SPRING", label="Sale", currency="GBP", valid_from=day, valid_until=day + _SPRING),
        ]
        for command in opened:
            yield Entry(PRICE_LIST, price_list_id(command.code), command)
        for article in PRICES:
            yield from self._priced(article)

    def _priced(self, article: str) -> Iterator[Entry]:
        until = self.rise_on - timedelta(days=1)
        for currency, category in (("RUB", None), ("GBP", None), ("RUB", Category.VIP)):
            code = self.code(currency, category)
            for day, last in ((self.begin.date(), until), (self.rise_on, None)):
                price = self.price(article, currency, day, category)
                yield _set(article, SetPrice(price_list=code, price=price, valid_from=day, valid_until=last))
        spring = _price(article, "GBP", _SPRING_SHARE)
        yield _set(article, SetPrice(price_list="DEMO-SPRING", price=spring, valid_from=self.begin.date()))


def _price(article: str, currency: str, share: Decimal) -> Decimal:
    return (PRICES[article] * share / ROUBLES[currency]).quantize(HUNDREDTH)


def _set(article: str, command: SetPrice) -> Entry:
    return Entry(ARTICLE, article_id(article), command)


def goods(begin: datetime, span: timedelta, clients: int) -> Iterator[Entry]:
    """The catalogue, the price lists, and goods enough for so many clients."""
    for product in _PRODUCTS:
        yield from _product(product)
    yield Entry(ARTICLE, article_id(_RETIRED), RetireArticle(note="Nobody wants it without turbo"), span / 4)
    yield from Lists(begin, span).entries()
    for code, label in WAREHOUSES.items():
        yield Entry(WAREHOUSE, warehouse_id(code), OpenWarehouse(code=code, label=label))
    for article in SOLD:
        yield from _received(article, span, clients)
    received = ReceiveStock(article=SCARCE, warehouse=NORTH, quantity=SCARCE_ON_HAND, document="Demo W-1")
    yield Entry(STOCK, stock_id(SCARCE), received, span / 2)


def _product(product: Product) -> Iterator[Entry]:
    stream_id = product_id(product.code)
    added = AddProduct(code=product.code, label=product.label, unit=product.unit, attributes=product.attributes)
    yield Entry(PRODUCT, stream_id, added)
    for rest, (_, values) in product.variants.items():
        attributes = dict(zip(product.attributes, values, strict=True))
        yield Entry(PRODUCT, stream_id, AddArticle(code=product.code + rest, attributes=attributes))


def _received(article: str, span: timedelta, clients: int) -> Iterator[Entry]:
    worth = _WORTH_OF_STOCK + _WORTH_BY_CLIENT * clients
    quantity = Decimal(worth // PRICES[article] // _RECEIPTS + 1)
    for nth in range(_RECEIPTS):
        for warehouse in WAREHOUSES:
            command = ReceiveStock(article=article, warehouse=warehouse, quantity=quantity)
            yield Entry(STOCK, stock_id(article), command, span / 2 + nth * span / 12)
