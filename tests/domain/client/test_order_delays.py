"""A client is told of other days than promised: what it was told is the promise from then on."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.catalogue.codes import stock_id
from domain.client.order_delays import TellDelay
from domain.client.order_events import DelayTold, LinePart, OrderCancelled, OrderPlaced, OrderShipped, PlacedLine
from domain.client.order_events import PromisedPart as Days
from domain.client.order_events import ToldLine as Told
from domain.kernel import Consequence
from domain.stock.events import PromisedSlice
from domain.stock.orders import RenewDays
from domain.stock.shelf import UNDATED, Arrival, LineOfOrder, Part, Promises, Shelf
from domain.stock.state import Stock
from tests.domain.facts import ARRIVAL, IN_SERVICE, ORDER, SHIPMENT
from tests.spec import Refusal, at, day, finds, given, new, refusal

TODAY = day(100).date()
SOON, LATER = TODAY + timedelta(5), TODAY + timedelta(9)
BROOMS = PlacedLine(article="BROOM", quantity=Decimal(10), price=Decimal(2), warehouse="main")
PLACED = OrderPlaced(
    order_id=ORDER,
    lines=(BROOMS, BROOMS.model_copy(update={"warehouse": None}), BROOMS.model_copy(update={"article": "MOP"})),
    amount=Decimal(60),
    currency="EUR",
)
SHIPPED = OrderShipped(
    shipment_id=SHIPMENT,
    order_id=ORDER,
    lines=(LinePart(line=3, quantity=Decimal(10)),),
    amount=Decimal(20),
    currency="EUR",
)
AWAITED = given(*IN_SERVICE, at(day(10), PLACED), at(day(11), SHIPPED))
ALL_SHIPPED = SHIPPED.model_copy(update={"lines": (LinePart(line=1, quantity=Decimal(10)),)})
WAITS = LineOfOrder(ORDER, 1)


def stock(*parts: Part, arrives: date) -> Stock:
    shelf = Shelf(arrivals={ARRIVAL: Arrival(Decimal(4), arrives)}, promises=Promises.of({WAITS: parts}))
    return Stock(stock_id("BROOM"), shelves={"main": shelf})


LATE = finds(stock(Part(LATER, Decimal(4)), Part(UNDATED, Decimal(6)), arrives=LATER))
OVERDUE = finds(stock(Part(TODAY - timedelta(1), Decimal(4)), Part(UNDATED, Decimal(6)), arrives=TODAY - timedelta(1)))
IN_TIME = BROOMS.model_copy(update={"promised": (Days(quantity=Decimal(10), promised_on=SOON),)})
ON_TIME = given(*IN_SERVICE, at(day(10), PLACED.model_copy(update={"lines": (IN_TIME,)})))
AGREED = DelayTold(order_id=ORDER, lines=(Told(line=1, promised=(Days(quantity=Decimal(10), promised_on=LATER),)),))
TOLD_LATER = given(*IN_SERVICE, at(day(10), PLACED.model_copy(update={"lines": (IN_TIME,)})), AGREED)
TELL, OTHER = TellDelay(order_id=ORDER), TellDelay(order_id=new(9))
REFUSALS = [
    refusal("unknown_order", AWAITED, OTHER),
    refusal("order_cancelled", given(*IN_SERVICE, at(day(10), PLACED), OrderCancelled(order_id=ORDER)), TELL),
    refusal("before_its_cause", AWAITED, TELL.model_copy(update={"occurred_at": day(9)})),
    refusal("unknown_line", AWAITED, TellDelay(order_id=ORDER, line=4), {"lines": 3}),
    refusal("nothing_open", AWAITED, TellDelay(order_id=ORDER, line=2)),
    refusal("nothing_open", given(*IN_SERVICE, at(day(10), PLACED), SHIPPED, ALL_SHIPPED), TELL),
    refusal("day_has_passed", AWAITED, TellDelay(order_id=ORDER, promised_on=TODAY - timedelta(1)), {"today": TODAY}),
    refusal("nothing_to_change", ON_TIME, TellDelay(order_id=ORDER, promised_on=SOON)),
    refusal("nothing_to_change", TOLD_LATER, TellDelay(order_id=ORDER, promised_on=LATER)),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_what_holds_now_is_told_of_what_awaits_goods() -> None:
    days = (Days(quantity=Decimal(4), promised_on=LATER), Days(quantity=Decimal(6), undated=True))
    told = DelayTold(order_id=ORDER, lines=(Told(line=1, promised=days),))
    client = AWAITED.when(TELL, known=LATE).then(told)
    assert [line.told for line in client.orders.by_id[ORDER].lines] == [days, (), ()]
    slices = tuple(PromisedSlice(line=1, warehouse="main", **part.model_dump()) for part in days)
    renew = RenewDays(article="BROOM", order_id=ORDER, slices=slices)
    assert list(TELL.consequences(AWAITED.state, [told])) == [Consequence(Stock, stock_id("BROOM"), renew)]


def test_another_day_is_told_though_nothing_is_late_and_the_first_one_again_after_it() -> None:
    ON_TIME.when(TellDelay(order_id=ORDER, promised_on=LATER)).then(AGREED)
    again = Told(line=1, promised=(Days(quantity=Decimal(10), promised_on=SOON),))
    TOLD_LATER.when(TellDelay(order_id=ORDER, promised_on=SOON)).then(DelayTold(order_id=ORDER, lines=(again,)))


def test_that_there_is_no_day_may_be_told_again_as_one_may_have_been_lost_since() -> None:
    told = DelayTold(order_id=ORDER, lines=(Told(line=1, promised=(Days(quantity=Decimal(10), undated=True),)),))
    given(*IN_SERVICE, at(day(10), PLACED), SHIPPED, told).when(TELL, known=OVERDUE).then(told)


def test_the_day_of_an_arrival_that_is_overdue_is_told_to_nobody() -> None:
    told = Told(line=1, promised=(Days(quantity=Decimal(10), undated=True),))
    AWAITED.when(TELL, known=OVERDUE).then(DelayTold(order_id=ORDER, lines=(told,)))


def test_a_day_that_is_named_is_for_all_of_the_line() -> None:
    told = Told(line=1, promised=(Days(quantity=Decimal(10), promised_on=SOON),))
    tell = TellDelay(order_id=ORDER, line=1, promised_on=SOON)
    AWAITED.when(tell, known=LATE).then(DelayTold(order_id=ORDER, lines=(told,)))
