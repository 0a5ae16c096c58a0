"""Acts that reach several streams: decided on what they are by then, recorded together, whoever else is at it."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.directory import Directory
from app.execute import ARTICLE, CLIENT, PRICE_LIST, PRODUCT, STOCK, WAREHOUSE, Call, Executor
from app.loaded import Aggregate
from app.services import Services
from app.store import Store
from domain.catalogue.articles import RetireArticle, SetPrice
from domain.catalogue.codes import article_id, price_list_id, product_id, stock_id, warehouse_id
from domain.catalogue.price_lists import OpenPriceList
from domain.catalogue.products import AddArticle, AddProduct
from domain.client.order_changes import CancelOrder
from domain.client.order_lines import OrderLine
from domain.client.ordering import PlaceOrder
from domain.employee import SYSTEM
from domain.kernel import Actor, Command, Refused
from domain.stock.commands import ReceiveStock
from domain.stock.shelf import NOW, total
from domain.stock.warehouses import OpenWarehouse
from tests.app.appending import append_of
from tests.domain.facts import IN_SERVICE
from tests.spec import Fact

HEAD = Actor(SYSTEM, frozenset({"head"}))
BROOM, LONG_AGO = "BROOM", date(2020, 1, 1)


def call(key: str | None = None) -> Call:
    return Call(HEAD, uuid4(), idempotency_key=key, request_digest=b"1")


@pytest.fixture
async def other(services: Services) -> AsyncGenerator[Executor]:
    """The executor of another process: its own store and caches on the same database."""
    store = Store(services.engine, services.vault)
    await store.start()
    directory = Directory(store)
    yield Executor(store, directory, cache_bytes=100_000)
    await store.stop()


async def stocked(services: Services, quantity: int) -> None:
    """So many brooms in the main warehouse, for 2 EUR each."""
    acts: list[tuple[Aggregate[Any], UUID, Command]] = [
        (PRODUCT, product_id(BROOM), AddProduct(code=BROOM, label="Broom")),
        (PRODUCT, product_id(BROOM), AddArticle(code=BROOM)),
        (
            PRICE_LIST,
            price_list_id("all"),
            OpenPriceList(code="all", label="All", currency="EUR", valid_from=date(2020, 1, 1)),
        ),
        (ARTICLE, article_id(BROOM), SetPrice(price_list="all", price=Decimal(2), valid_from=date(2020, 1, 1))),
        (WAREHOUSE, warehouse_id("main"), OpenWarehouse(code="main", label="Main")),
        (STOCK, stock_id(BROOM), ReceiveStock(article=BROOM, warehouse="main", quantity=Decimal(quantity))),
    ]
    for aggregate, stream_id, command in acts:
        await services.executor.execute(aggregate, stream_id, command, call())


async def served(services: Services) -> UUID:
    """A client in account service."""
    client_id = uuid4()
    events = [fact.event if isinstance(fact, Fact) else fact for fact in IN_SERVICE]
    await services.store.append(append_of(client_id, *events))
    return client_id


def order(quantity: int = 1, *, back_order: bool = False) -> PlaceOrder:
    line = OrderLine(article=BROOM, quantity=Decimal(quantity), warehouse="main")
    return PlaceOrder(lines=(line,), currency="EUR", back_order=back_order)


async def test_two_processes_together_sell_what_there_is_and_no_more(services: Services, other: Executor) -> None:
    await stocked(services, 10)
    clients = [await served(services) for _ in range(4)]
    executors = services.executor, other
    wanted = [order(back_order=n % 4 > 1) for n in range(24)]
    outcomes = await asyncio.gather(
        *(executors[n % 2].execute(CLIENT, clients[n % 4], each, call()) for n, each in enumerate(wanted)),
        return_exceptions=True,
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert {getattr(refusal, "code", refusal) for refusal in refused} == {"not_enough_stock"}
    shelf = (await other.read(STOCK, stock_id(BROOM))).shelf("main")
    parts = [part for parts in shelf.promised.values() for part in parts]
    assert (shelf.on_hand, shelf.reserved) == (10, 24 - len(refused))
    assert total(part for part in parts if part.day == NOW) == 10
    told = [
        part
        for client in clients
        for placed in (await other.read(CLIENT, client)).orders.by_id.values()
        for line in placed.lines
        for part in line.promised
    ]
    assert sum(part.quantity for part in told if not part.undated) == 10


async def test_what_another_process_changed_is_looked_at_before_anything_is_refused_or_recorded(
    services: Services, other: Executor
) -> None:
    await stocked(services, 1)
    client_id = await served(services)
    first = await other.execute(CLIENT, client_id, order(), call())
    with pytest.raises(Refused, match="not_enough_stock"):
        await services.executor.execute(CLIENT, client_id, order(), call())
    await other.execute(CLIENT, client_id, CancelOrder(order_id=UUID(first.answer["order_id"])), call())
    await services.executor.execute(CLIENT, client_id, order(), call())
    receipt = ReceiveStock(article=BROOM, warehouse="main", quantity=Decimal(1))
    await services.executor.execute(STOCK, stock_id(BROOM), receipt, call())
    await services.executor.execute(ARTICLE, article_id(BROOM), RetireArticle(), call())
    with pytest.raises(Refused, match="article_retired"):
        await other.execute(CLIENT, client_id, order(), call())


async def test_whoever_takes_goods_in_and_whoever_orders_them_never_wait_for_one_another(services: Services) -> None:
    """Several articles, because the turns of stock and article could come in either order by their ids."""
    await stocked(services, 1)
    client_id, codes = await served(services), [f"B-{number}" for number in range(6)]
    for code in codes:
        await services.executor.execute(PRODUCT, product_id(code), AddProduct(code=code, label="Broom"), call())
        await services.executor.execute(PRODUCT, product_id(code), AddArticle(code=code), call())
        price = SetPrice(price_list="all", price=Decimal(1), valid_from=date(2020, 1, 1))
        await services.executor.execute(ARTICLE, article_id(code), price, call())

    def line(code: str) -> OrderLine:
        return OrderLine(article=code, quantity=Decimal(1), warehouse="main", price=Decimal(1))

    receipts = [ReceiveStock(article=code, warehouse="main", quantity=Decimal(9)) for code in codes * 3]
    orders = [PlaceOrder(lines=(line(code),), currency="EUR") for code in codes * 3]
    clients = [client_id, await served(services)]
    taken_in = [services.executor.execute(STOCK, stock_id(each.article), each, call()) for each in receipts]
    ordered = [services.executor.execute(CLIENT, clients[n % 2], each, call()) for n, each in enumerate(orders)]
    async with asyncio.timeout(20):
        both = (act for pair in zip(taken_in, ordered, strict=True) for act in pair)
        outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert {getattr(each, "code", "done") for each in outcomes} <= {"done", "not_enough_stock"}


async def test_a_repeated_order_reserves_once(services: Services, other: Executor) -> None:
    await stocked(services, 5)
    client_id = await served(services)
    outcomes = await asyncio.gather(
        *(executor.execute(CLIENT, client_id, order(2), call("k")) for executor in (services.executor, other) * 3)
    )
    assert len({outcome.answer["order_id"] for outcome in outcomes}) == 1
    assert (await other.read(STOCK, stock_id(BROOM))).shelf("main").reserved == 2


async def test_a_refused_variant_leaves_no_article_behind(services: Services) -> None:
    await stocked(services, 1)
    with pytest.raises(Refused, match="variant_exists"):
        await services.executor.execute(PRODUCT, product_id(BROOM), AddArticle(code="BESOM"), call())
    assert not (await services.executor.read(ARTICLE, article_id("BESOM"))).version
