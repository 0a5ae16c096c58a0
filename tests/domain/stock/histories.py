"""Random histories of an article's stock: what is decided, one command after the other."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from domain.catalogue.articles import Article
from domain.catalogue.codes import article_id, stock_id, warehouse_id
from domain.kernel import Event, Refused
from domain.stock.commands import CancelArrival, ChangeArrival, CorrectStock, ExpectArrival, ReceiveStock
from domain.stock.events import PromisedSlice, Slice
from domain.stock.orders import IssueStock, ReleaseStock, RenewDays, ReserveStock
from domain.stock.promises import promise
from domain.stock.shelf import NOW, LineOfOrder, Part, Parts, total
from domain.stock.state import Stock
from domain.stock.warehouses import Warehouse
from tests.domain.facts import ARRIVAL, PERSON, SHIPMENT
from tests.spec import CLIENT_ID, day, decide, finds, folded, make_context, new, recorded

TODAY = day(100).date()
SOON, LATER = TODAY + timedelta(days=5), TODAY + timedelta(days=9)
ARTICLE, WAREHOUSE = "BROOM", "main"
_KNOWN = finds(Article(article_id(ARTICLE), 1, ARTICLE), Warehouse(warehouse_id(WAREHOUSE), 1, WAREHOUSE))
_WHERE: dict[str, Any] = {"article": ARTICLE, "warehouse": WAREHOUSE}


class Happened(NamedTuple):
    """What a command made, and what the stock came to by it."""

    events: Sequence[Event]
    stock: Stock


def histories(seed: int, commands: int) -> Iterator[Happened]:
    """So many commands on brooms, of which some are refused; orders have one line each, and the ids 1 to 8."""
    random, stock, ids = Random(seed), Stock.empty(stock_id(ARTICLE)), iter(range(1000, 2000))
    for _ in range(commands):
        command = _any_command(random, stock)
        try:
            events = decide(command, stock, make_context(command, known=_KNOWN, new_id=lambda: new(next(ids))))
        except Refused:
            continue
        stock = folded(stock, recorded(events, CLIENT_ID))
        yield Happened(events, stock)


def _any_command(random: Random, stock: Stock) -> Any:
    order, quantity = UUID(int=random.randrange(1, 9)), Decimal(random.randrange(1, 9))
    commands = _of_the_warehouse(random, stock, quantity)
    if order in stock.promised_to(order):
        return random.choice([*commands, *_of_an_order(stock, order, quantity)])
    return random.choice([*commands, *[_reserve(stock, order, quantity)] * 8])


def _of_the_warehouse(random: Random, stock: Stock, quantity: Decimal) -> list[Any]:
    arrival, expected_on = random.choice([*stock.arrivals, ARRIVAL]), random.choice([SOON, LATER])
    return [
        ReceiveStock(quantity=quantity, arrival_id=random.choice([None, arrival]), **_WHERE),
        CorrectStock(counted=quantity, **_WHERE),
        ExpectArrival(quantity=quantity, expected_on=expected_on, **_WHERE),
        ChangeArrival(quantity=quantity, expected_on=expected_on, arrival_id=arrival),
        CancelArrival(arrival_id=arrival),
    ]


def _reserve(stock: Stock, order: UUID, quantity: Decimal) -> ReserveStock:
    who = LineOfOrder(order, 1)
    parts = stock.shelf(WAREHOUSE).ordered(who, quantity, TODAY).promised_to(who)
    slices = tuple(PromisedSlice(line=1, warehouse=WAREHOUSE, **promise(each)) for each in parts)
    return ReserveStock(article=ARTICLE, order_id=order, client_id=PERSON, slices=slices)


def _of_an_order(stock: Stock, order: UUID, quantity: Decimal) -> Iterator[Any]:
    held = stock.shelf(WAREHOUSE).promised_to(LineOfOrder(order, 1))
    there = total(each for each in held if each.day == NOW)
    for wanted in {min(quantity, total(held)), there} - {Decimal()}:
        slices = (Slice(line=1, warehouse=WAREHOUSE, quantity=wanted),)
        yield RenewDays(article=ARTICLE, order_id=order, slices=_told(held))
        yield ReleaseStock(article=ARTICLE, order_id=order, slices=slices)
        yield IssueStock(article=ARTICLE, order_id=order, shipment_id=SHIPMENT, slices=slices)


def _told(held: Parts) -> tuple[PromisedSlice, ...]:
    """Of what comes soon the client is told that it comes later."""
    parts = (Part(LATER, part.quantity) if part.day == SOON else part for part in held)
    return tuple(PromisedSlice(line=1, warehouse=WAREHOUSE, **promise(each)) for each in parts)
