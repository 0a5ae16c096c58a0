"""Who ordered first is served first, from what comes first; nothing is promised twice."""

from collections import Counter
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.stock.events import StockCorrected, StockIssued, StockReceived, StockReleased, StockReserved
from domain.stock.shelf import NOW as AT_ONCE
from domain.stock.shelf import UNDATED, Arrival, LineOfOrder, Part, Promises, Shelf, total
from tests.domain.facts import ARRIVAL, ORDER
from tests.domain.stock.histories import LATER, SOON, TODAY, WAREHOUSE, histories
from tests.spec import day, new

PAST = day(99).date()
OTHER_ORDER = UUID(int=0xE2)
SHELF = Shelf(
    Decimal(10),
    {new(1): Arrival(Decimal(6), SOON), new(2): Arrival(Decimal(20), LATER), new(3): Arrival(Decimal(50), PAST)},
    Promises.of({LineOfOrder(ORDER, 1): (Part(AT_ONCE, Decimal(4)),)}),
)


def test_what_is_free_on_a_day_is_what_comes_by_then_less_all_that_is_promised() -> None:
    assert SHELF.free(TODAY) == [Part(AT_ONCE, Decimal(6)), Part(SOON, Decimal(12)), Part(LATER, Decimal(32))]
    assert (SHELF.day_for(Decimal(12), TODAY), SHELF.day_for(Decimal(33), TODAY)) == (SOON, None)


@pytest.mark.parametrize(
    ("quantity", "parts"),
    [
        (6, (Part(AT_ONCE, Decimal(6)),)),
        (7, (Part(AT_ONCE, Decimal(6)), Part(SOON, Decimal(1)))),
        (13, (Part(AT_ONCE, Decimal(6)), Part(SOON, Decimal(6)), Part(LATER, Decimal(1)))),
        (33, (Part(AT_ONCE, Decimal(6)), Part(SOON, Decimal(6)), Part(LATER, Decimal(20)), Part(UNDATED, Decimal(1)))),
    ],
)
def test_a_line_takes_what_comes_first_and_waits_without_a_day_for_the_rest(
    quantity: int, parts: tuple[Part, ...]
) -> None:
    who = LineOfOrder(OTHER_ORDER, 1)
    after = SHELF.ordered(who, Decimal(quantity), TODAY)
    assert after.promised_to(who) == parts
    assert after.promised_to(LineOfOrder(ORDER, 1)) == (Part(AT_ONCE, Decimal(4)),)


def test_nothing_is_promised_from_an_arrival_that_is_overdue() -> None:
    shelf, who = Shelf(arrivals={ARRIVAL: Arrival(Decimal(50), PAST)}), LineOfOrder(ORDER, 1)
    assert shelf.ordered(who, Decimal(1), TODAY).promised_to(who) == (Part(UNDATED, Decimal(1)),)
    assert shelf.ordered(who, Decimal(1), PAST).promised_to(who) == (Part(PAST, Decimal(1)),)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 60))
def test_nothing_is_ever_promised_twice_and_who_ordered_first_is_served_first(seed: int, commands: int) -> None:
    """Whatever is ordered, cancelled, shipped, received, counted and expected otherwise."""
    on_hand, ordered = Decimal(), Counter[UUID]()
    for events, stock in histories(seed, commands):
        for event in events:
            if isinstance(event, StockReceived):
                on_hand += event.quantity
            elif isinstance(event, StockIssued):
                on_hand -= sum(each.quantity for each in event.slices)
            elif isinstance(event, StockCorrected):
                on_hand = event.counted
            if isinstance(event, StockReserved | StockReleased | StockIssued):
                sign = 1 if isinstance(event, StockReserved) else -1
                ordered[event.order_id] += sign * int(sum(each.quantity for each in event.slices))
        _check(stock.shelf(WAREHOUSE), on_hand, +ordered)


def _check(shelf: Shelf, on_hand: Decimal, ordered: Counter[UUID]) -> None:
    """All that stands is promised; no day twice; as much as can be; and the first before the second."""
    assert shelf.on_hand == on_hand >= 0
    assert {who.order_id: total(parts) for who, parts in shelf.promised.items()} == ordered
    assert shelf.promises == Promises.of(shelf.promised)
    every = [part for parts in shelf.promised.values() for part in parts]
    for limit in (AT_ONCE, SOON, LATER):
        comes = on_hand + sum(each.quantity for each in shelf.arrivals.values() if each.expected_on <= limit)
        assert total(part for part in every if part.day <= limit) == min(comes, total(every))
    days = [part.day for part in every]
    assert days == sorted(days)
