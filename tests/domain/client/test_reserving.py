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
from domain.client.order_lines import OrderLine
from domain.client.ordering import PlaceOrder
from domain.kernel import Consequence, Reach
from domain.stock.events import PromisedSlice, Slice
from domain.stock.orders import ReleaseStock, ReserveStock
from domain.stock.shelf import Arrival, LineOfOrder, Part, Promises, Shelf
from domain.stock.state import Stock
from domain.stock.warehouses import Warehouse
from domain.types import Category
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
SERVICE = replace(BROOM, stocked=False)


def stock(**shelves: Shelf) -> Stock:
    """The stock of brooms in several warehouses."""
    return Stock(stock_id("BROOM"), shelves=shelves)


def anywhere(
    quantity: int = 2, *, currency: str = "EUR", price: Decimal | None = None, back_order: bool = True
) -> PlaceOrder:
    """An order of brooms that names no warehouse."""
    line = OrderLine(article="broom", quantity=Decimal(quantity), price=price)
    return PlaceOrder(lines=(line,), currency=currency, back_order=back_order)


def of_stock(quantity: int = 12, **changes: Any) -> PlaceOrder:
    """An order of brooms."""
    line = OrderLine(article="broom", quantity=Decimal(quantity), warehouse="main")
    return PlaceOrder(lines=(line,), currency="EUR").model_copy(update=changes)


def kept(
    quantity: int, promised: dict[date | None, int], line: int = 1, undated: int = 0
) -> tuple[PlacedLine, list[PromisedSlice]]:
    """A line of brooms with its promises, and the same in the terms of the stock."""
    parts = tuple(PromisedPart(quantity=Decimal(n), promised_on=on) for on, n in promised.items())
    parts += (PromisedPart(quantity=Decimal(undated), undated=True),) if undated else ()
    placed = PlacedLine(
        article="BROOM",
        quantity=Decimal(quantity),
        price=Decimal("12.5"),
        warehouse="main",
        price_list="retail",
        list_price=Decimal("12.5"),
        promised=parts,
    )
    return placed, [PromisedSlice(line=1, warehouse="main", **part.model_dump()) for part in parts]


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
    refusal("unknown_warehouse", SERVED, of_stock(), known=finds(BROOM, RETAIL)),
    refusal("warehouse_closed", SERVED, of_stock(), known=finds(BROOM, RETAIL, replace(MAIN, closed=True))),
    refusal("no_price", SERVED, of_stock(currency="USD"), {"article": "BROOM", "day": TODAY}, known=STOCKED),
    refusal("no_price", SERVED, of_stock(price_list="autumn"), known=STOCKED),
    refusal(
        "no_price", SERVED, of_stock(), known=finds(BROOM, MAIN, replace(RETAIL, valid_until=SOON.replace(year=2025)))
    ),
    refusal(
        "not_enough_stock",
        SERVED,
        of_stock(16, back_order=False),
        {"available_now": 10, "by_day": {SOON.isoformat(): 15}},
        known=STOCKED,
    ),
    refusal("unknown_article", SERVED, anywhere(), {"article": "broom"}),
    refusal("no_price", SERVED, anywhere(currency="USD", price=ONE), {"article": "BROOM"}, known=STOCKED),
    refusal("warehouse_needed", SERVED, anywhere(), {"free": {}}, known=finds(BROOM, MAIN, RETAIL)),
    refusal(
        "warehouse_needed",
        SERVED,
        anywhere(11),
        {"free": {"far": "3", "main": "10"}},
        known=finds(BROOM, MAIN, RETAIL, stock(far=Shelf(Decimal(3)), main=Shelf(Decimal(10)))),
    ),
    refusal(
        "warehouse_needed",
        SERVED,
        anywhere(),
        {"free": {}},
        known=finds(BROOM, replace(MAIN, closed=True), RETAIL, TEN),
    ),
    refusal(
        "not_enough_stock",
        SERVED,
        anywhere(5, back_order=False),
        {"warehouse": "far", "available_now": 3, "by_day": {}},
        known=finds(BROOM, MAIN, RETAIL, stock(near=Shelf(ONE), main=Shelf(Decimal(3)), far=Shelf(Decimal(3)))),
    ),
    refusal(
        "not_enough_stock",
        SERVED,
        anywhere(5, back_order=False),
        {"warehouse": None, "available_now": 0},
        known=finds(BROOM, MAIN, RETAIL),
    ),
    refusal(
        "price_list_not_for_client",
        SERVED,
        of_stock(price_list="vip"),
        {"price_list": "vip", "needed": "VIP", "category": None},
        known=finds(BROOM, MAIN, TEN, replace(RETAIL, code="vip", category=Category.VIP)),
    ),
    refusal("article_not_stocked", SERVED, of_stock(), {"article": "BROOM"}, known=finds(SERVICE, MAIN, RETAIL, TEN)),
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
    free = OrderLine(text="Paint", quantity=Decimal(1), price=Decimal(3), cost=Decimal(1))
    command = PlaceOrder(lines=(line, free, line), currency="EUR")
    (placed,) = SERVED.when(command, known=STOCKED).events()
    assert isinstance(placed, OrderPlaced)
    promised = [[(part.quantity, part.promised_on) for part in each.promised] for each in placed.lines]
    assert promised == [[(6, None)], [], [(4, None), (2, SOON)]]
    assert (placed.amount, placed.lines[0].list_price) == (27, Decimal("12.5"))
    (reserve,) = command.consequences(SERVED.state, [placed])
    assert isinstance(reserve.command, ReserveStock)
    assert [part.line for part in reserve.command.slices] == [1, 3, 3]


def test_what_no_arrival_covers_is_ordered_without_a_day() -> None:
    placed, _ = kept(18, {None: 10, SOON: 5}, undated=3)
    order = OF_STOCK.model_copy(update={"order_id": new(1), "lines": (placed,), "amount": Decimal(225)})
    SERVED.when(of_stock(18), known=STOCKED).then(order)


def test_what_others_were_promised_before_is_served_first() -> None:
    """Also where they wait for an arrival that is overdue."""
    late = Shelf(
        arrivals={new(8): Arrival(Decimal(9), TODAY - timedelta(days=1)), ARRIVAL: Arrival(Decimal(5), SOON)},
        promises=Promises.of({LineOfOrder(ORDER, 1): (Part(TODAY - timedelta(days=1), Decimal(4)),)}),
    )
    known = finds(BROOM, MAIN, RETAIL, stock(main=late))
    (placed,) = SERVED.when(of_stock(3), known=known).events()
    assert isinstance(placed, OrderPlaced)
    assert placed.lines[0].promised == (
        PromisedPart(quantity=Decimal(1), promised_on=SOON),
        PromisedPart(quantity=Decimal(2), undated=True),
    )


FIVE_SOON = Shelf(arrivals={ARRIVAL: Arrival(Decimal(5), SOON)})


@pytest.mark.parametrize(
    ("shelves", "warehouse"),
    [
        ({"far": Shelf(Decimal(1)), "main": Shelf(Decimal(2))}, "main"),
        ({"far": FIVE_SOON, "main": Shelf(Decimal(2))}, "main"),
        ({"near": FIVE_SOON, "far": FIVE_SOON, "main": Shelf()}, "far"),
        ({"main": Shelf()}, "main"),
    ],
    ids=["has-it-all", "has-it-sooner", "first-by-code", "only-one"],
)
def test_a_line_without_a_warehouse_is_of_the_one_that_has_it_first(shelves: dict[str, Shelf], warehouse: str) -> None:
    (placed,) = SERVED.when(anywhere(), known=finds(BROOM, MAIN, RETAIL, stock(**shelves))).events()
    assert isinstance(placed, OrderPlaced)
    assert placed.lines[0].warehouse == warehouse


def test_what_is_not_kept_in_stock_is_priced_and_reserves_nothing() -> None:
    command = anywhere()
    (placed,) = SERVED.when(command, known=finds(SERVICE, RETAIL)).events()
    assert isinstance(placed, OrderPlaced)
    (line,) = placed.lines
    assert (line.article, line.price, line.warehouse, line.promised) == ("BROOM", Decimal("12.5"), None, ())
    assert list(command.consequences(SERVED.state, [placed])) == []


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
