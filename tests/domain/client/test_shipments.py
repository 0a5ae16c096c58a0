"""Orders are confirmed, shipped in parts, delivered, and goods come back; every amount adds up."""

from decimal import Decimal
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.catalogue.codes import stock_id
from domain.client.order_changes import CancelOrder, ConfirmOrder, PartOfLine
from domain.client.order_events import (
    GoodsReturned,
    LinePart,
    OrderCancelled,
    OrderConfirmed,
    OrderPlaced,
    OrderShipped,
    PlacedLine,
    ShipmentDelivered,
)
from domain.client.order_state import Order
from domain.client.shipments import DeliverShipment, ShipOrder, TakeBackGoods
from domain.client.state import Client
from domain.kernel import Consequence, Refused
from domain.stock.events import Slice
from domain.stock.orders import IssueStock, TakeBackStock
from domain.stock.shelf import NOW, LineOfOrder, Part, Promises, Shelf
from domain.stock.state import Stock
from tests.domain.facts import DEAL, IN_SERVICE, ORDER, SHIPMENT
from tests.spec import Given, Refusal, at, day, finds, given, new, refusal

LINES = (
    PlacedLine(article="BROOM", quantity=Decimal(10), price=Decimal("12.5"), cost=Decimal(8), warehouse="main"),
    PlacedLine(article="Paint", quantity=Decimal(2), price=Decimal(3), cost=Decimal(1)),
)
PLACED = OrderPlaced(order_id=ORDER, lines=LINES, amount=Decimal(131), cost=Decimal(82), currency="EUR")
CONFIRMED = OrderConfirmed(order_id=ORDER)


def part(line: int, quantity: int) -> LinePart:
    return LinePart(line=line, quantity=Decimal(quantity))


def parts(*sent: tuple[int, int]) -> tuple[PartOfLine, ...]:
    return tuple(PartOfLine(line=line, quantity=Decimal(quantity)) for line, quantity in sent)


FOUR = OrderShipped(shipment_id=SHIPMENT, order_id=ORDER, lines=(part(1, 4),), amount=Decimal(50), currency="EUR")
DELIVERED = ShipmentDelivered(shipment_id=SHIPMENT, order_id=ORDER)
TO_CONFIRM = given(*IN_SERVICE, at(day(10), PLACED))
TO_SHIP = given(*IN_SERVICE, at(day(10), PLACED), at(day(11), CONFIRMED))
PARTLY = given(*IN_SERVICE, at(day(10), PLACED), at(day(11), CONFIRMED), at(day(12), FOUR))
ALL = given(
    *IN_SERVICE,
    at(day(10), PLACED),
    at(day(11), CONFIRMED),
    at(day(12), FOUR.model_copy(update={"lines": (part(1, 10), part(2, 2)), "amount": Decimal(131)})),
)
AT_HOME = given(*IN_SERVICE, at(day(10), PLACED), at(day(11), CONFIRMED), at(day(12), FOUR), at(day(13), DELIVERED))
CANCELLED = given(*IN_SERVICE, at(day(10), PLACED), at(day(11), OrderCancelled(order_id=ORDER)))
SERVED = given(*IN_SERVICE)
FIVE = Stock(
    stock_id("BROOM"),
    shelves={"main": Shelf(Decimal(5), promises=Promises.of({LineOfOrder(ORDER, 1): (Part(NOW, Decimal(6)),)}))},
)
PROMISED = {LineOfOrder(ORDER, 1): (Part(NOW, Decimal(1_000)),)}
MUCH = finds(Stock(stock_id("BROOM"), shelves={"main": Shelf(Decimal(1_000), promises=Promises.of(PROMISED))}))
CONFIRM, SHIP, TAKE_BACK = ConfirmOrder(order_id=ORDER), ShipOrder(order_id=ORDER), TakeBackGoods(order_id=ORDER)
DELIVER = DeliverShipment(order_id=ORDER, shipment_id=SHIPMENT)


def refusals_of_any(command: Any) -> list[Refusal]:
    return [
        refusal("unknown_order", SERVED, command),
        refusal("order_cancelled", CANCELLED, command),
        refusal("before_its_cause", PARTLY, command.model_copy(update={"occurred_at": day(9)})),
    ]


REFUSALS = [
    *(each for command in (CONFIRM, SHIP, TAKE_BACK, DELIVER) for each in refusals_of_any(command)),
    refusal("order_confirmed", TO_SHIP, CONFIRM),
    refusal("order_not_confirmed", TO_CONFIRM, SHIP),
    refusal("unknown_line", PARTLY, ShipOrder(order_id=ORDER, lines=parts((3, 1))), {"lines": 2}),
    refusal("exceeds_open", PARTLY, ShipOrder(order_id=ORDER, lines=parts((1, 3), (1, 4))), {"quantity": 7, "left": 6}),
    refusal("nothing_open", ALL, SHIP),
    refusal("not_in_stock", PARTLY, SHIP, {"wanted": 6, "on_hand": 5, "promised_to_others": 0}, known=finds(FIVE)),
    refusal("unknown_shipment", TO_SHIP, DELIVER),
    refusal("shipment_delivered", AT_HOME, DELIVER),
    refusal("unknown_line", PARTLY, TakeBackGoods(order_id=ORDER, lines=parts((3, 1)))),
    refusal("exceeds_shipped", PARTLY, TakeBackGoods(order_id=ORDER, lines=parts((1, 5))), {"left": 4}),
    refusal("exceeds_shipped", PARTLY, TakeBackGoods(order_id=ORDER, lines=parts((2, 1))), {"left": 0}),
    refusal("nothing_shipped", TO_SHIP, TAKE_BACK),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_an_order_is_confirmed_shipped_in_parts_and_delivered() -> None:
    TO_CONFIRM.when(CONFIRM).then(CONFIRMED)
    ship = ShipOrder(order_id=ORDER, lines=parts((1, 4)))
    client = TO_SHIP.when(ship, known=MUCH).then(FOUR.model_copy(update={"shipment_id": new(1)}))
    issue = IssueStock(
        article="BROOM",
        order_id=ORDER,
        shipment_id=SHIPMENT,
        slices=(Slice(line=1, warehouse="main", quantity=Decimal(4)),),
    )
    assert list(ship.consequences(TO_SHIP.state, [FOUR])) == [Consequence(Stock, stock_id("BROOM"), issue)]
    assert client.orders.by_id[ORDER].open == {1: 6, 2: 2}
    PARTLY.when(DELIVER).then(DELIVERED)
    (rest,) = PARTLY.when(SHIP, known=MUCH).events()
    assert isinstance(rest, OrderShipped)
    assert (rest.lines, rest.amount) == ((part(1, 6), part(2, 2)), 81)


def test_what_is_left_of_a_partly_shipped_order_is_cancelled() -> None:
    client = PARTLY.when(CancelOrder(order_id=ORDER)).after()
    order = client.orders.by_id[ORDER]
    assert (order.amount, order.shipped, order.open, order.cancelled) == (50, 50, {}, False)
    assert client.realised == {"EUR": 950}


@pytest.mark.parametrize("restocked", [True, False])
def test_goods_come_back(*, restocked: bool) -> None:
    take_back = TakeBackGoods(order_id=ORDER, lines=parts((1, 1)), restocked=restocked, reason="Wrong colour")
    returned = GoodsReturned(
        return_id=new(1),
        order_id=ORDER,
        lines=(part(1, 1),),
        amount=Decimal("12.5"),
        cost=Decimal(8) if restocked else None,
        currency="EUR",
        restocked=restocked,
        reason="Wrong colour",
    )
    client = PARTLY.when(take_back).then(returned)
    assert client.realised == {"EUR": Decimal("1018.5")}
    slices = (Slice(line=1, warehouse="main", quantity=Decimal(1)),)
    back = TakeBackStock(article="BROOM", order_id=ORDER, return_id=new(1), slices=slices)
    follows = list(take_back.consequences(PARTLY.state, [returned]))
    assert follows == ([Consequence(Stock, stock_id("BROOM"), back)] if restocked else [])


def test_what_comes_back_of_a_deal_is_taken_off_its_revenue() -> None:
    of_deal = PLACED.model_copy(update={"deal_id": DEAL})
    stream = given(*IN_SERVICE, at(day(10), of_deal), at(day(11), CONFIRMED), at(day(12), FOUR))
    assert stream.when(TAKE_BACK).after().realised == {"EUR": 850}


def test_an_order_without_lines_is_shipped_as_a_whole() -> None:
    whole = OrderPlaced(order_id=ORDER, amount=Decimal(70), cost=Decimal(40), currency="EUR")
    stream = given(*IN_SERVICE, at(day(10), whole), at(day(11), CONFIRMED))
    (shipped,) = stream.when(SHIP).events()
    assert isinstance(shipped, OrderShipped)
    assert (shipped.lines, shipped.amount) == ((part(1, 1),), 70)


def test_the_share_of_what_a_whole_order_cost_goes_with_what_is_cancelled() -> None:
    unknown = PLACED.model_copy(update={"lines": tuple(line.model_copy(update={"cost": None}) for line in LINES)})
    cancel = CancelOrder(order_id=ORDER, lines=parts((1, 4)))
    (reduced,) = given(*IN_SERVICE, at(day(10), unknown)).when(cancel).events()
    assert (reduced.model_dump()["amount"], reduced.model_dump()["cost"]) == (50, Decimal("31.2977"))


def _new_id(random: Random) -> UUID:
    return new(random.getrandbits(64))


def _odd(random: Random) -> Decimal:
    return Decimal(random.randrange(1, 5_000)) / 1_000


def _order_of_odd_numbers(random: Random) -> Given[Client]:
    lines = tuple(
        PlacedLine(article="Rope", quantity=_odd(random), price=Decimal(random.randrange(100_000)) / 10_000)
        for _ in range(random.randrange(1, 4))
    )
    amount = sum((line.quantity * line.price for line in lines), Decimal()).quantize(Decimal("0.0001"), "ROUND_HALF_UP")
    placed = OrderPlaced(order_id=ORDER, lines=lines, amount=amount, currency="EUR")
    return given(*IN_SERVICE, at(day(10), placed), at(day(11), CONFIRMED))


def _check(order: Order) -> None:
    """Ordered = shipped + open + cancelled, in quantities and in money; nothing is less than nothing."""
    for line in order.lines:
        assert line.quantity == line.shipped + line.open + line.cancelled
        assert min(line.open, line.cancelled, line.kept, line.returned) >= 0
    open_amount = order.amount - order.shipped
    cancelled = order.ordered - order.amount
    assert order.ordered == order.shipped + open_amount + cancelled
    assert min(open_amount, cancelled, order.shipped - order.returned) >= 0
    assert order.open or open_amount == 0
    assert order.shipped - order.returned == 0 or any(line.kept for line in order.lines)


@settings(max_examples=150, deadline=None)
@for_all(st.integers(0, 2**32))
def test_whatever_is_shipped_cancelled_and_returned_the_amounts_add_up(seed: int) -> None:
    random = Random(seed)
    stream = _order_of_odd_numbers(random)
    for _ in range(random.randrange(15)):
        line = random.randrange(1, len(stream.state.orders.by_id[ORDER].lines) + 1)
        some = (PartOfLine(line=line, quantity=_odd(random)),)
        lines = random.choice([some, some, some, ()])
        kind: Any = random.choice([ShipOrder, ShipOrder, CancelOrder, TakeBackGoods])
        try:
            stream = Given(
                stream.when(kind(order_id=ORDER, lines=lines), known=MUCH, new_id=partial(_new_id, random)).after()
            )
        except Refused:
            continue
        _check(stream.state.orders.by_id[ORDER])
