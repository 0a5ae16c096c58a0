"""Stock: receipts, counts, expected arrivals, and promises that never go beyond what there is and comes."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.catalogue.articles import Article
from domain.catalogue.codes import article_id, stock_id, warehouse_id
from domain.stock.commands import CancelArrival, ChangeArrival, CorrectStock, ExpectArrival, ReceiveStock
from domain.stock.events import (
    ArrivalCancelled,
    ArrivalChanged,
    ArrivalExpected,
    DaysRenewed,
    PromisedSlice,
    PromiseMoved,
    StockCorrected,
    StockIssued,
    StockReceived,
    StockReleased,
    StockReserved,
    StockReturned,
)
from domain.stock.orders import IssueStock, ReleaseStock, RenewDays, RenewPromises, ReserveStock, TakeBackStock
from domain.stock.shelf import Arrival
from domain.stock.state import Stock
from domain.stock.warehouses import Warehouse
from tests.domain.facts import ARRIVAL, ORDER, PERSON, SHIPMENT
from tests.spec import (
    Given,
    Refusal,
    day,
    finds,
    given_stream,
    new,
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
CHANGE = ChangeArrival(arrival_id=ARRIVAL, expected_on=LATER)
CANCEL = CancelArrival(arrival_id=ARRIVAL)
COUNT = CorrectStock(counted=Decimal(7), **AT_MAIN)


def part(quantity: int, on: date | None = None, line: int = 1) -> PromisedSlice:
    return PromisedSlice(line=line, warehouse="main", quantity=Decimal(quantity), promised_on=on)


def undated(quantity: int) -> PromisedSlice:
    return part(quantity).model_copy(update={"undated": True})


def moved(*slices: PromisedSlice, order: UUID = OTHER_ORDER) -> PromiseMoved:
    return PromiseMoved(article="BROOM", order_id=order, slices=slices)


def reserved(*slices: PromisedSlice, order: UUID = ORDER) -> StockReserved:
    return StockReserved(article="BROOM", order_id=order, client_id=PERSON, slices=slices)


def reserve(*slices: PromisedSlice, order: UUID = ORDER) -> ReserveStock:
    return ReserveStock(article="BROOM", order_id=order, client_id=PERSON, slices=slices)


def issue(*slices: PromisedSlice, order: UUID = ORDER) -> IssueStock:
    return IssueStock(article="BROOM", order_id=order, shipment_id=SHIPMENT, slices=slices)


TEN = given_stream(EMPTY, RECEIVED)
TEN_AND_SIX = given_stream(EMPTY, RECEIVED, EXPECTED)
REFUSALS = [
    refusal("nothing_to_change", TEN_AND_SIX, RenewPromises(article="BROOM")),
    *(refusal("unknown_article", given_stream(EMPTY), each) for each in (RECEIVE, EXPECT, COUNT)),
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


def test_a_count_moves_the_promise_of_who_ordered_last() -> None:
    stream = given_stream(
        EMPTY, RECEIVED, EXPECTED, reserved(part(6)), reserved(part(4), part(3, SOON), order=OTHER_ORDER)
    )
    after = stream.when(COUNT, known=KNOWN).then(
        StockCorrected(counted=Decimal(7), before=Decimal(10), **WHERE), moved(part(1), part(6, SOON))
    )
    assert after.promised_to(ORDER)[ORDER] == (part(6),)
    Given(after).when(CorrectStock(counted=Decimal(2), **AT_MAIN), known=KNOWN).then(
        StockCorrected(counted=Decimal(2), before=Decimal(7), **WHERE),
        moved(part(2), part(4, SOON), order=ORDER),
        moved(part(2, SOON), undated(5)),
    )


WAITING = given_stream(EMPTY, RECEIVED, reserved(part(10), undated(4)), reserved(undated(5), order=OTHER_ORDER))


def test_an_arrival_that_is_announced_gives_those_who_wait_their_day_first_come_first_served() -> None:
    announced = EXPECTED.model_copy(update={"arrival_id": new(1)})
    after = WAITING.when(EXPECT, known=KNOWN).then(
        announced, moved(part(10), part(4, SOON), order=ORDER), moved(part(2, SOON), undated(3))
    )
    receipt = RECEIVE.model_copy(update={"arrival_id": new(1), "quantity": Decimal(6)})
    Given(after).when(receipt, known=KNOWN).then(
        RECEIVED.model_copy(update={"arrival_id": new(1), "quantity": Decimal(6)}),
        moved(part(14), order=ORDER),
        moved(part(2), undated(3)),
    )


PROMISED = given_stream(
    EMPTY, EXPECTED, reserved(part(4, SOON)), reserved(part(2, SOON), undated(1), order=OTHER_ORDER)
)


def test_what_was_promised_of_an_arrival_moves_with_it_and_loses_its_day_when_it_is_cancelled() -> None:
    later = ArrivalChanged(arrival_id=ARRIVAL, quantity=Decimal(5), expected_on=LATER)
    PROMISED.when(CHANGE.model_copy(update={"quantity": Decimal(5)}), known=KNOWN).then(
        later, moved(part(4, LATER), order=ORDER), moved(part(1, LATER), undated(2))
    )
    PROMISED.when(CANCEL, known=KNOWN).then(
        ArrivalCancelled(arrival_id=ARRIVAL), moved(undated(4), order=ORDER), moved(undated(3))
    )


def test_who_ordered_first_goes_before_who_was_promised_the_same_day() -> None:
    """What is free again, or comes earlier than anything so far, is for the first who waits."""
    release = ReleaseStock(article="BROOM", order_id=ORDER, slices=(part(3),))
    PROMISED.when(release).then(StockReleased(article="BROOM", order_id=ORDER, slices=(part(3),)), moved(part(3, SOON)))
    receive = RECEIVE.model_copy(update={"quantity": Decimal(5)})
    PROMISED.when(receive, known=KNOWN).then(
        RECEIVED.model_copy(update={"quantity": Decimal(5)}),
        moved(part(4), order=ORDER),
        moved(part(1), part(2, SOON)),
    )


def test_what_was_promised_for_a_day_that_has_passed_is_promised_anew() -> None:
    renew = RenewPromises(article="BROOM")
    other = EXPECTED.model_copy(update={"arrival_id": new(1), "expected_on": LATER})
    stream = given_stream(EMPTY, EXPECTED, other, reserved(part(4, SOON)))
    stream.when(renew).refused("nothing_to_change")
    stream.when(renew, now=day(107)).then(moved(part(4, LATER), order=ORDER))
    stream.when(renew, now=day(120)).then(moved(undated(4), order=ORDER))


def test_days_that_have_passed_are_moved_when_the_client_is_told_of_it() -> None:
    stream = given_stream(EMPTY, EXPECTED, reserved(part(4, SOON)))
    told = RenewDays(article="BROOM", order_id=ORDER, slices=(undated(4),))
    renewed = DaysRenewed(article="BROOM", order_id=ORDER, slices=(undated(4),))
    stream.when(told).then(renewed)
    stream.when(told, now=day(107)).then(renewed, moved(undated(4), order=ORDER))


def test_promises_of_older_facts_are_served_in_turn_with_the_next_command() -> None:
    """Before, a line waited as a whole for the first arrival that covered it."""
    other = EXPECTED.model_copy(update={"arrival_id": new(1), "quantity": Decimal(20), "expected_on": LATER})
    stream = given_stream(EMPTY, EXPECTED, other, reserved(part(10, LATER)))
    stream.when(reserve(part(1, LATER), order=OTHER_ORDER)).then(
        reserved(part(1, LATER), order=OTHER_ORDER), moved(part(6, SOON), part(4, LATER), order=ORDER)
    )


def test_what_is_not_wanted_any_more_is_freed_from_the_latest_day_on() -> None:
    stream = given_stream(EMPTY, RECEIVED, EXPECTED, reserved(part(10), part(4, SOON)))
    release = ReleaseStock(article="BROOM", order_id=ORDER, slices=(part(5),))
    after = stream.when(release).then(StockReleased(article="BROOM", order_id=ORDER, slices=(part(5),)))
    assert after.promised_to(ORDER)[ORDER] == (part(9),)


def test_goods_go_out_and_come_back() -> None:
    stream = given_stream(EMPTY, RECEIVED, EXPECTED, reserved(part(10), part(4, SOON)))
    after = stream.when(issue(part(5))).then(
        StockIssued(article="BROOM", order_id=ORDER, shipment_id=SHIPMENT, slices=(part(5),))
    )
    assert after.shelf("main").on_hand == 5
    assert after.promised_to(ORDER)[ORDER] == (part(5), part(4, SOON))
    back = TakeBackStock(article="BROOM", order_id=ORDER, return_id=SHIPMENT, slices=(part(2),))
    returned = (
        Given(after)
        .when(back)
        .then(
            StockReturned(article="BROOM", order_id=ORDER, return_id=SHIPMENT, slices=(part(2),)),
            moved(part(7), part(2, SOON), order=ORDER),
        )
    )
    assert returned.shelf("main").on_hand == 7
