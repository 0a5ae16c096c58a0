"""Stock: receipts, counts, expected arrivals, and promises that never go beyond what there is and comes."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.catalogue.articles import Article
from domain.catalogue.codes import article_id, stock_id, warehouse_id
from domain.kernel import Refused
from domain.stock.commands import CancelArrival, ChangeArrival, CorrectStock, ExpectArrival, ReceiveStock
from domain.stock.events import (
    ArrivalCancelled,
    ArrivalChanged,
    ArrivalExpected,
    Slice,
    StockCorrected,
    StockIssued,
    StockReceived,
    StockReleased,
    StockReserved,
    StockReturned,
)
from domain.stock.orders import IssueStock, ReleaseStock, ReserveStock, TakeBackStock
from domain.stock.shelf import NOW as AT_ONCE
from domain.stock.shelf import Arrival, Free, Promise, Shelf
from domain.stock.state import Stock
from domain.stock.warehouses import Warehouse
from tests.domain.facts import ARRIVAL, ORDER, PERSON, SHIPMENT
from tests.spec import (
    CLIENT_ID,
    Given,
    Refusal,
    day,
    decide,
    finds,
    folded,
    given_stream,
    make_context,
    new,
    recorded,
    refusal,
)

TODAY = day(100).date()
SOON, LATER, PAST = TODAY + timedelta(days=5), TODAY + timedelta(days=9), TODAY - timedelta(days=1)
BROOM = Article(article_id("BROOM"), 1, "BROOM")
MAIN = Warehouse(warehouse_id("main"), 1, "main", "Main")
CLOSED = Warehouse(warehouse_id("main"), 1, "main", "Main", closed=True)
KNOWN = finds(BROOM, MAIN)
EMPTY = Stock.empty(stock_id("BROOM"))
OTHER_ORDER = UUID(int=0xE2)
OF_BROOM: dict[str, Any] = {"article": "broom"}
AT_MAIN: dict[str, Any] = {**OF_BROOM, "warehouse": "MAIN"}
WHERE: dict[str, Any] = {"article": "BROOM", "warehouse": "main"}
RECEIVED = StockReceived(quantity=Decimal(10), **WHERE)
EXPECTED = ArrivalExpected(arrival_id=ARRIVAL, quantity=Decimal(6), expected_on=SOON, **WHERE)
RECEIVE = ReceiveStock(quantity=Decimal(10), **AT_MAIN)
EXPECT = ExpectArrival(quantity=Decimal(6), expected_on=SOON, **AT_MAIN)
CHANGE = ChangeArrival(arrival_id=ARRIVAL, expected_on=LATER, **OF_BROOM)
CANCEL = CancelArrival(arrival_id=ARRIVAL, **OF_BROOM)
COUNT = CorrectStock(counted=Decimal(7), **AT_MAIN)


def part(quantity: int, on: date | None = None, line: int = 1) -> Slice:
    return Slice(line=line, warehouse="main", quantity=Decimal(quantity), promised_on=on)


def reserved(*slices: Slice, order: UUID = ORDER) -> StockReserved:
    return StockReserved(article="BROOM", order_id=order, client_id=PERSON, slices=slices)


def reserve(*slices: Slice, order: UUID = ORDER) -> ReserveStock:
    return ReserveStock(article="BROOM", order_id=order, client_id=PERSON, slices=slices)


def issue(*slices: Slice, order: UUID = ORDER) -> IssueStock:
    return IssueStock(article="BROOM", order_id=order, shipment_id=SHIPMENT, slices=slices)


TEN = given_stream(EMPTY, RECEIVED)
TEN_AND_SIX = given_stream(EMPTY, RECEIVED, EXPECTED)
REFUSALS = [
    *(refusal("unknown_article", given_stream(EMPTY), each) for each in (RECEIVE, EXPECT, CHANGE, CANCEL, COUNT)),
    *(refusal("unknown_warehouse", TEN, each, known=finds(BROOM)) for each in (RECEIVE, EXPECT, COUNT)),
    *(refusal("warehouse_closed", TEN, each, known=finds(BROOM, CLOSED)) for each in (RECEIVE, EXPECT)),
    *(refusal("unknown_arrival", TEN, each, known=KNOWN) for each in (CHANGE, CANCEL)),
    refusal("unknown_arrival", TEN, RECEIVE.model_copy(update={"arrival_id": ARRIVAL}), known=KNOWN),
    refusal(
        "arrival_elsewhere",
        TEN_AND_SIX,
        RECEIVE.model_copy(update={"arrival_id": ARRIVAL}),
        {"warehouse": "main"},
        known=finds(BROOM, Warehouse(warehouse_id("far"), 1, "far", "Far")),
    ),
    refusal("nothing_to_change", TEN, CorrectStock(counted=Decimal(10), **AT_MAIN), known=KNOWN),
    refusal("nothing_to_change", TEN_AND_SIX, CHANGE.model_copy(update={"expected_on": SOON}), known=KNOWN),
    refusal("day_has_passed", TEN, EXPECT.model_copy(update={"expected_on": PAST}), {"today": TODAY}, known=KNOWN),
    refusal("day_has_passed", TEN_AND_SIX, CHANGE.model_copy(update={"expected_on": PAST}), known=KNOWN),
    refusal(
        "not_enough_stock",
        given_stream(EMPTY, RECEIVED, EXPECTED, reserved(part(3), part(5, SOON))),
        reserve(part(8), order=OTHER_ORDER),
        {"wanted": 8, "available_now": 7, "by_day": {SOON.isoformat(): 8}},
    ),
    refusal("not_in_stock", given_stream(EMPTY, RECEIVED, reserved(part(10))), issue(part(11)), {"on_hand": 10}),
    refusal(
        "not_in_stock",
        given_stream(EMPTY, RECEIVED, EXPECTED, reserved(part(6)), reserved(part(5, SOON), order=OTHER_ORDER)),
        issue(part(5), order=OTHER_ORDER),
        {"promised_to_others": 6},
    ),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_goods_come_in_as_expected_and_otherwise() -> None:
    given_stream(EMPTY).when(RECEIVE, known=KNOWN).then(RECEIVED)
    of_arrival = RECEIVE.model_copy(update={"arrival_id": ARRIVAL, "quantity": Decimal(4)})
    after = TEN_AND_SIX.when(of_arrival, known=KNOWN).after()
    assert (after.shelf("main").on_hand, after.shelf("main").arrivals) == (14, {ARRIVAL: Arrival(Decimal(2), SOON)})
    more = Given(after).when(of_arrival, known=KNOWN).after()
    assert (more.shelf("main").on_hand, more.arrivals) == (18, {})


def test_arrivals_are_expected_changed_and_cancelled() -> None:
    TEN.when(EXPECT, known=KNOWN).then(EXPECTED.model_copy(update={"arrival_id": new(1)}))
    changed = ArrivalChanged(arrival_id=ARRIVAL, quantity=Decimal(6), expected_on=LATER)
    after = TEN_AND_SIX.when(CHANGE, known=KNOWN).then(changed)
    assert after.shelf("main").arrivals == {ARRIVAL: Arrival(Decimal(6), LATER)}
    gone = TEN_AND_SIX.when(CANCEL, known=KNOWN).then(ArrivalCancelled(arrival_id=ARRIVAL))
    assert (gone.arrivals, gone.shelf("main").arrivals) == ({}, {})


def test_a_count_is_recorded_even_where_more_is_promised() -> None:
    stream = given_stream(EMPTY, RECEIVED, reserved(part(9)))
    after = stream.when(COUNT, known=KNOWN).then(StockCorrected(counted=Decimal(7), before=Decimal(10), **WHERE))
    assert after.shelf("main").is_overpromised(TODAY)
    assert after.shelf("main").available(TODAY) == 0


SHELF = Shelf(
    Decimal(10),
    {new(1): Arrival(Decimal(6), SOON), new(2): Arrival(Decimal(20), LATER), new(3): Arrival(Decimal(50), PAST)},
    {Promise(ORDER, 1, AT_ONCE): Decimal(4), Promise(ORDER, 2, LATER): Decimal(24)},
)


def test_what_is_free_on_a_day_stays_free_on_every_later_one() -> None:
    assert SHELF.free(TODAY) == [Free(AT_ONCE, Decimal(6)), Free(SOON, Decimal(8)), Free(LATER, Decimal(8))]
    assert SHELF.reserved == 28


@pytest.mark.parametrize(
    ("quantity", "parts"),
    [
        (6, [Free(AT_ONCE, Decimal(6))]),
        (7, [Free(AT_ONCE, Decimal(6)), Free(SOON, Decimal(1))]),
        (8, [Free(AT_ONCE, Decimal(6)), Free(SOON, Decimal(2))]),
        (9, None),
    ],
)
def test_a_shortage_waits_for_the_first_arrival_that_covers_it(quantity: int, parts: list[Free] | None) -> None:
    assert SHELF.split(Decimal(quantity), TODAY) == parts


def test_nothing_is_promised_from_an_arrival_that_is_overdue() -> None:
    shelf = Shelf(arrivals={ARRIVAL: Arrival(Decimal(50), PAST)})
    assert shelf.split(Decimal(1), TODAY) is None
    assert shelf.split(Decimal(1), PAST) == [Free(PAST, Decimal(1))]


BY_DAY = st.dictionaries(st.sampled_from([AT_ONCE, PAST, SOON, LATER]), st.integers(1, 9))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 9), BY_DAY, BY_DAY, st.integers(1, 12))
def test_what_is_offered_can_be_reserved_and_nothing_else(
    on_hand: int, comes: dict[date, int], promised: dict[date, int], quantity: int
) -> None:
    """Even where an arrival that was promised is overdue, or less was counted than is promised."""
    shelf = Shelf(
        Decimal(on_hand),
        {UUID(int=day.toordinal()): Arrival(Decimal(n), day) for day, n in comes.items() if day != AT_ONCE},
        {Promise(OTHER_ORDER, 1, day): Decimal(n) for day, n in promised.items()},
    )
    stream = Given(EMPTY.with_shelf("main", shelf))
    for free in shelf.free(TODAY):
        slices = part(quantity, None if free.day == AT_ONCE else free.day)
        if quantity <= free.quantity:
            stream.when(reserve(slices)).then(reserved(slices))
        else:
            stream.when(reserve(slices)).refused("not_enough_stock")
    parts = shelf.split(Decimal(quantity), TODAY)
    if parts:
        slices = [part(int(each.quantity), None if each.day == AT_ONCE else each.day) for each in parts]
        stream.when(reserve(*slices)).then(reserved(*slices))


def test_a_later_arrival_is_promised_though_an_earlier_one_that_was_promised_is_overdue() -> None:
    arrivals = {new(1): Arrival(Decimal(10), PAST), new(2): Arrival(Decimal(100), SOON)}
    shelf = Shelf(arrivals=arrivals, promised={Promise(OTHER_ORDER, 1, PAST): Decimal(10)})
    assert shelf.split(Decimal(90), TODAY) == [Free(SOON, Decimal(90))]
    stream = Given(EMPTY.with_shelf("main", shelf))
    stream.when(reserve(part(90, SOON))).then(reserved(part(90, SOON)))
    stream.when(reserve(part(91, SOON))).refused("not_enough_stock", by_day={SOON.isoformat(): 90})


def test_what_is_not_wanted_any_more_is_freed_from_the_latest_day_on() -> None:
    stream = given_stream(EMPTY, RECEIVED, EXPECTED, reserved(part(10), part(4, SOON)))
    release = ReleaseStock(article="BROOM", order_id=ORDER, slices=(part(5),))
    after = stream.when(release).then(StockReleased(article="BROOM", order_id=ORDER, slices=(part(5),)))
    assert after.shelf("main").promised_to(ORDER, 1) == [(Promise(ORDER, 1, AT_ONCE), 9)]


def test_goods_go_out_and_come_back() -> None:
    stream = given_stream(EMPTY, RECEIVED, EXPECTED, reserved(part(4), part(4, SOON)))
    after = stream.when(issue(part(5))).then(
        StockIssued(article="BROOM", order_id=ORDER, shipment_id=SHIPMENT, slices=(part(5),))
    )
    assert after.shelf("main").on_hand == 5
    assert after.shelf("main").promised_to(ORDER, 1) == [(Promise(ORDER, 1, SOON), 3)]
    back = TakeBackStock(article="BROOM", order_id=ORDER, return_id=SHIPMENT, slices=(part(2),))
    returned = (
        Given(after)
        .when(back)
        .then(StockReturned(article="BROOM", order_id=ORDER, return_id=SHIPMENT, slices=(part(2),)))
    )
    assert returned.shelf("main").on_hand == 7


def _any_command(random: Random, stock: Stock) -> Any:
    shelf, order, quantity = stock.shelf("main"), UUID(int=random.randrange(1, 5)), Decimal(random.randrange(1, 9))
    held = sum((n for key, n in shelf.promised.items() if (key.order_id, key.line) == (order, 1)), Decimal())
    parts = shelf.split(quantity, TODAY) or [Free(random.choice([AT_ONCE, SOON]), quantity)]
    slices = [part(int(each.quantity), None if each.day == AT_ONCE else each.day) for each in parts]
    arrival = random.choice([*stock.arrivals, ARRIVAL])
    expected_on = random.choice([SOON, LATER])
    own: dict[str, Any] = {"article": "BROOM", "order_id": order, "slices": (part(int(min(quantity, held))),)}
    commands: list[Any] = [
        ReceiveStock(quantity=quantity, **AT_MAIN),
        ExpectArrival(quantity=quantity, expected_on=expected_on, **AT_MAIN),
    ]
    commands += [reserve(*slices, order=order)] * 4
    if held:
        commands += [ReleaseStock(**own), IssueStock(shipment_id=SHIPMENT, **own)]
    if not shelf.reserved:
        commands += [CancelArrival(arrival_id=arrival, **OF_BROOM), CorrectStock(counted=quantity, **AT_MAIN)]
    return random.choice(commands)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 60))
def test_nothing_is_ever_promised_beyond_what_there_is_and_comes(seed: int, commands: int) -> None:
    """Whatever is ordered, cancelled, shipped and received; and what was moved adds up to what lies there."""
    random, stock, on_hand, ids = Random(seed), EMPTY, Decimal(), iter(range(1000, 2000))
    for _ in range(commands):
        command = _any_command(random, stock)
        try:
            events = decide(command, stock, make_context(command, known=KNOWN, new_id=lambda: new(next(ids))))
        except Refused:
            continue
        stock = folded(stock, recorded(events, CLIENT_ID))
        for event in events:
            if isinstance(event, StockReceived):
                on_hand += event.quantity
            elif isinstance(event, StockIssued):
                on_hand -= sum(each.quantity for each in event.slices)
            elif isinstance(event, StockCorrected):
                on_hand = event.counted
        shelf = stock.shelf("main")
        assert shelf.on_hand == on_hand >= 0
        for limit in (AT_ONCE, SOON, LATER):
            comes = sum(each.quantity for each in shelf.arrivals.values() if each.expected_on <= limit)
            assert sum(n for key, n in shelf.promised.items() if key.day <= limit) <= shelf.on_hand + comes
