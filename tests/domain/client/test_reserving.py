"""Orders of the catalogue are priced from a list and reserved; what is cancelled of them is free again."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.catalogue.articles import Article, Price
from domain.catalogue.codes import article_id, price_list_id, stock_id, warehouse_id
from domain.catalogue.price_lists import PriceList
from domain.client.order_changes import CancelOrder, PartOfLine
from domain.client.order_events import (
    LinePart,
    OrderCancelled,
    OrderPlaced,
    OrderReduced,
    OrderShipped,
    PlacedLine,
    PromisedPart,
)
from domain.client.ordering import OrderLine, PlaceOrder
from domain.kernel import Consequence, Reach
from domain.stock.events import Slice
from domain.stock.orders import ReleaseStock, ReserveStock
from domain.stock.shelf import Arrival, Shelf
from domain.stock.state import Stock
from domain.stock.warehouses import Warehouse
from tests.domain.facts import ARRIVAL, IN_SERVICE, ORDER, SHIPMENT
from tests.spec import Refusal, at, day, finds, given, new, refusal

SERVED, ONE = given(*IN_SERVICE), Decimal(1)
FREE = PlaceOrder(amount=ONE, currency="EUR")
TODAY = day(100).date()
SOON = TODAY + timedelta(days=5)
BROOM = Article(
    article_id("BROOM"),
    1,
    "BROOM",
    "BROOM",
    "Broom",
    "piece",
    prices={"retail": (Price(Decimal("12.5"), day(0).date()),)},
)
MAIN = Warehouse(warehouse_id("main"), 1, "main", "Main")
RETAIL = PriceList(price_list_id("retail"), 1, "retail", "Retail", "EUR", day(0).date())
TEN = Stock(
    stock_id("BROOM"),
    shelves={"main": Shelf(Decimal(10), {ARRIVAL: Arrival(Decimal(5), SOON)})},
    arrivals={ARRIVAL: "main"},
)
STOCKED = finds(BROOM, MAIN, RETAIL, TEN)


def of_stock(quantity: int = 12, **changes: Any) -> PlaceOrder:
    """An order of brooms."""
    line = OrderLine(article="broom", quantity=Decimal(quantity), warehouse="main")
    return PlaceOrder(lines=(line,), currency="EUR").model_copy(update=changes)


def kept(quantity: int, promised: dict[date | None, int], line: int = 1) -> tuple[PlacedLine, list[Slice]]:
    """A line of brooms with its promises, and the same in the terms of the stock."""
    parts = tuple(PromisedPart(quantity=Decimal(n), promised_on=on) for on, n in promised.items())
    placed = PlacedLine(
        article="BROOM",
        quantity=Decimal(quantity),
        price=Decimal("12.5"),
        warehouse="main",
        price_list="retail",
        promised=parts,
    )
    return placed, [Slice(line=line, warehouse="main", **part.model_dump()) for part in parts]


TWELVE, TWELVE_SLICES = kept(12, {None: 10, SOON: 2})
OF_STOCK = OrderPlaced(order_id=ORDER, lines=(TWELVE,), amount=Decimal(150), currency="EUR")
ALL_SHIPPED = OrderShipped(
    shipment_id=SHIPMENT,
    order_id=ORDER,
    lines=(LinePart(line=1, quantity=Decimal(12)),),
    amount=Decimal(150),
    currency="EUR",
)
WITH_STOCK_ORDER = given(*IN_SERVICE, at(day(10), OF_STOCK))


REFUSALS = [
    refusal("unknown_article", SERVED, of_stock(), {"article": "broom"}),
    refusal("unknown_article", SERVED, of_stock(), known=finds(Article.empty(BROOM.id), MAIN)),
    refusal("article_retired", SERVED, of_stock(), known=finds(replace(BROOM, retired=True))),
    refusal("unknown_warehouse", SERVED, of_stock(), known=finds(BROOM)),
    refusal("warehouse_closed", SERVED, of_stock(), known=finds(BROOM, replace(MAIN, closed=True))),
    refusal("no_price", SERVED, of_stock(currency="USD"), {"article": "BROOM", "day": TODAY}, known=STOCKED),
    refusal("no_price", SERVED, of_stock(price_list="autumn"), known=STOCKED),
    refusal(
        "no_price", SERVED, of_stock(), known=finds(BROOM, MAIN, replace(RETAIL, valid_until=SOON.replace(year=2025)))
    ),
    refusal(
        "not_enough_stock", SERVED, of_stock(16), {"available_now": 10, "by_day": {SOON.isoformat(): 15}}, known=STOCKED
    ),
    refusal(
        "amount_too_large",
        SERVED,
        of_stock(12),
        known=finds(replace(BROOM, prices={"retail": (Price(Decimal(10**11), day(0).date()),)}), MAIN, RETAIL, TEN),
    ),
    refusal("unknown_line", WITH_STOCK_ORDER, CancelOrder(order_id=ORDER, lines=(PartOfLine(line=2, quantity=ONE),))),
    refusal(
        "exceeds_open",
        WITH_STOCK_ORDER,
        CancelOrder(order_id=ORDER, lines=(PartOfLine(line=1, quantity=Decimal(13)),)),
        {"left": 12},
    ),
    refusal(
        "nothing_open", given(*IN_SERVICE, at(day(10), OF_STOCK), at(day(11), ALL_SHIPPED)), CancelOrder(order_id=ORDER)
    ),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_an_article_of_the_catalogue_is_priced_and_promised_now_and_for_the_day_of_an_arrival() -> None:
    command = of_stock()
    made = SERVED.when(command, known=STOCKED)
    client = made.then(OF_STOCK.model_copy(update={"order_id": new(1)}))
    assert list(command.consequences(SERVED.state, [OF_STOCK])) == [
        Consequence(
            Stock,
            TEN.id,
            ReserveStock(article="BROOM", order_id=ORDER, client_id=client.id, slices=tuple(TWELVE_SLICES)),
        )
    ]
    assert set(command.reach(SERVED.state)) == {Reach(Article, BROOM.id), Reach(Stock, TEN.id)}


def test_lines_of_one_article_take_what_the_lines_before_have_left() -> None:
    line = OrderLine(article="BROOM", quantity=Decimal(6), warehouse="main", price=Decimal(2))
    free = OrderLine(article="Paint", quantity=Decimal(1), price=Decimal(3), cost=Decimal(1))
    command = PlaceOrder(lines=(line, free, line), currency="EUR")
    (placed,) = SERVED.when(command, known=STOCKED).events()
    assert isinstance(placed, OrderPlaced)
    promised = [[(part.quantity, part.promised_on) for part in each.promised] for each in placed.lines]
    assert promised == [[(6, None)], [], [(4, None), (2, SOON)]]
    assert (placed.amount, placed.lines[0].price_list) == (27, None)
    (reserve,) = command.consequences(SERVED.state, [placed])
    assert isinstance(reserve.command, ReserveStock)
    assert [part.line for part in reserve.command.slices] == [1, 3, 3]


def test_orders_of_free_articles_reach_nothing() -> None:
    assert list(FREE.reach(SERVED.state)) == []
    free = OrderPlaced(order_id=ORDER, amount=ONE, currency="EUR")
    assert list(FREE.consequences(SERVED.state, [free])) == []


def test_a_cancelled_order_frees_what_it_reserved() -> None:
    cancel = CancelOrder(order_id=ORDER)
    WITH_STOCK_ORDER.when(cancel).then(OrderCancelled(order_id=ORDER))
    slices = (Slice(line=1, warehouse="main", quantity=Decimal(12)),)
    release = ReleaseStock(article="BROOM", order_id=ORDER, slices=slices)
    assert list(cancel.consequences(WITH_STOCK_ORDER.state, [OrderCancelled(order_id=ORDER)])) == [
        Consequence(Stock, TEN.id, release)
    ]
    assert list(cancel.reach(WITH_STOCK_ORDER.state)) == [Reach(Stock, TEN.id)]


def test_parts_of_an_order_are_cancelled() -> None:
    cancel = CancelOrder(order_id=ORDER, lines=(PartOfLine(line=1, quantity=Decimal(2)),), reason="Too many")
    reduced = OrderReduced(
        order_id=ORDER,
        lines=(LinePart(line=1, quantity=Decimal(2)),),
        amount=Decimal(25),
        currency="EUR",
        reason="Too many",
    )
    client = WITH_STOCK_ORDER.when(cancel).then(reduced)
    order = client.orders.by_id[ORDER]
    assert (order.ordered, order.amount, order.open) == (150, 125, {1: 10})
    assert client.realised == {"EUR": 1025}
