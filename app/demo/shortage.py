"""The last orders of the made-up firm: of a broom of which more is wanted than there is, so that they wait for it.

The first arrival is put off when they are placed, so that what was promised of it comes later than said.

Which order gets what depends on their sequence, so that they are placed one after the other when everything else is
done. Goods can only be expected on a day to come: where the firm's last day is long past, none are, nor ordered.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from app.demo.entry import Entry
from app.demo.firm import SERVICE, WAREHOUSE_KEEPER, departments
from app.demo.goods import NORTH, PORT, SCARCE
from app.execute import CLIENT, STOCK, Call, Executor
from domain.catalogue.codes import stock_id
from domain.client.order_lines import OrderLine
from domain.client.ordering import PlaceOrder
from domain.client.state import Client
from domain.kernel import Actor
from domain.stock.commands import ChangeArrival, ExpectArrival
from domain.types import Step

ORDERS, QUANTITY = 8, Decimal(15)
_COMES = {NORTH: (timedelta(days=10), Decimal(100)), PORT: (timedelta(days=24), Decimal(200))}
_PUT_OFF = timedelta(days=7)
CallOf = Callable[[Actor, str], Call]


def _is_to_come(end: datetime) -> bool:
    soonest, _ = _COMES[NORTH]
    return end + soonest >= datetime.now(UTC)


def short_entries(end: datetime, span: timedelta) -> Iterator[Entry]:
    """What is expected to come in."""
    if _is_to_come(end):
        for warehouse, (after, quantity) in _COMES.items():
            expected = ExpectArrival(
                article=SCARCE, warehouse=warehouse, quantity=quantity, expected_on=(end + after).date()
            )
            yield Entry(STOCK, stock_id(SCARCE), expected, span)


async def orders_beyond_stock(executor: Executor, client_ids: Sequence[UUID], end: datetime, call: CallOf) -> None:
    """The first clients in account service order the scarce broom; the last ones have to wait for it."""
    placed, manager = 0, departments()[SERVICE].head
    for client_id in client_ids if _is_to_come(end) else ():
        client = await executor.read(CLIENT, client_id)
        if not _may_order(client) or client.card.currency is None:
            continue
        line = OrderLine(article=SCARCE, quantity=QUANTITY, warehouse=NORTH)
        order = PlaceOrder(lines=(line,), currency=client.card.currency, occurred_at=end)
        await executor.execute(CLIENT, client_id, order, call(manager, f"shortage {client_id}"))
        placed += 1
        if placed == ORDERS:
            return


async def put_off(executor: Executor, end: datetime, call: CallOf) -> None:
    """What was to come in first comes a week later."""
    if not _is_to_come(end):
        return
    stock = await executor.read(STOCK, stock_id(SCARCE))
    arrival_id = next(key for key, warehouse in stock.arrivals.items() if warehouse == NORTH)
    after, _ = _COMES[NORTH]
    later = ChangeArrival(arrival_id=arrival_id, expected_on=(end + after + _PUT_OFF).date(), occurred_at=end)
    await executor.execute(STOCK, stock_id(SCARCE), later, call(WAREHOUSE_KEEPER, f"put off {arrival_id}"))


def _may_order(client: Client) -> bool:
    return client.step is Step.ACCOUNT_SERVICE and not client.archive.archived
