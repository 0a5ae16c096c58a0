"""What the warehouses have to do: orders of their articles to confirm and to ship."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, DateTime, Index, Table, Text, Uuid, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.client.card import CardChanged
from domain.client.order_events import LinePart, OrderCancelled, OrderConfirmed, OrderPlaced, OrderReduced, OrderShipped
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from projections.kernel import Row, View, metadata, view_table
from projections.paging import Listed, Page, listed


class OpenLine(NamedTuple):
    """What is still to be shipped of a line, and by when it was promised; None: at once."""

    line: int
    article: str
    warehouse: str
    open: Decimal
    promised_on: date | None


class OpenOrder(NamedTuple):
    """An order of which a warehouse still has to ship something."""

    number: str | None
    placed_at: datetime
    lines: tuple[OpenLine, ...]
    confirmed: bool = False

    def less(self, parts: Iterable[LinePart]) -> "OpenOrder":
        """The order with so much less to be shipped."""
        gone = {part.line: part.quantity for part in parts}
        lines = (line._replace(open=line.open - gone.get(line.line, Decimal())) for line in self.lines)
        return self._replace(lines=tuple(line for line in lines if line.open > 0))


class ClientOrders(NamedTuple):
    """The open orders of one client by id; `known` once it is registered."""

    id: UUID
    known: bool = False
    name: str | None = None
    orders: Mapping[UUID, OpenOrder] = {}

    def having(self, key: UUID, order: OpenOrder) -> "ClientOrders":
        """With an order as it stands now; one of which nothing is open is not kept."""
        others = {known: each for known, each in self.orders.items() if known != key}
        return self._replace(orders={**others, key: order} if order.lines else others)


CLIENTS = view_table("warehouse_clients", Column("name", Text))
QUEUE = Table(
    "warehouse_queue",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("order_id", Uuid, primary_key=True),
    Column("warehouse", Text, primary_key=True),
    Column("number", Text),
    Column("placed_at", DateTime(timezone=True), nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("promised_on", Date),
    Column("lines", Text, nullable=False),
    Index("warehouse_queue_order", "warehouse", "confirmed", "placed_at", "order_id"),
)
"""An order in a warehouse; `promised_on` is the latest day of its lines, `lines` are JSON."""


class WarehouseView(View[ClientOrders]):
    """Open orders, one part row for each warehouse of each."""

    name: ClassVar = "warehouse"
    reads: ClassVar[frozenset[type[Event]]] = frozenset(
        {ClientRegistered, CardChanged, OrderPlaced, OrderConfirmed, OrderReduced, OrderCancelled, OrderShipped}
    )
    table: ClassVar = CLIENTS
    part_tables: ClassVar = (QUEUE,)
    state_type = ClientOrders

    def start(self, stream_id: UUID) -> ClientOrders:
        return ClientOrders(stream_id)

    def evolve(self, state: ClientOrders, recorded: Recorded) -> ClientOrders:
        match recorded.event:
            case ClientRegistered(name=name):
                return state._replace(known=True, name=name)
            case CardChanged(changed=changed, name=name):
                return state._replace(name=name) if "name" in changed else state
            case OrderPlaced() as event:
                return _placed(state, event, recorded.occurred_at)
            case event:
                return _changed(state, event)

    def columns(self, state: ClientOrders) -> Row | None:
        return (state.name,) if state.known else None

    def parts(self, state: ClientOrders) -> Mapping[Table, Sequence[Row]]:
        return {QUEUE: [row for key, order in state.orders.items() for row in _rows(state.id, key, order)]}


def _placed(state: ClientOrders, event: OrderPlaced, at: datetime) -> ClientOrders:
    lines = tuple(
        OpenLine(
            number, line.article, line.warehouse, line.quantity, _last_day(part.promised_on for part in line.promised)
        )
        for number, line in enumerate(event.lines, 1)
        if line.warehouse is not None
    )
    return state.having(event.order_id, OpenOrder(event.number, at, lines)) if lines else state


def _changed(state: ClientOrders, event: Event) -> ClientOrders:
    key: UUID = event.model_dump()["order_id"]
    order = state.orders.get(key)
    if order is None:
        return state
    match event:
        case OrderConfirmed():
            return state.having(key, order._replace(confirmed=True))
        case OrderReduced(lines=parts) | OrderShipped(lines=parts):
            return state.having(key, order.less(parts))
        case _:
            return state.having(key, order._replace(lines=()))


def _last_day(days: Iterable[date | None]) -> date | None:
    return max((day for day in days if day), default=None)


def _rows(client_id: UUID, key: UUID, order: OpenOrder) -> Iterable[Row]:
    for warehouse in dict.fromkeys(line.warehouse for line in order.lines):
        lines = [line for line in order.lines if line.warehouse == warehouse]
        promised_on = _last_day(line.promised_on for line in lines)
        text = json.dumps([line._asdict() for line in lines], default=str)
        yield (client_id, key, warehouse, order.number, order.placed_at, order.confirmed, promised_on, text)


class WantedOrders(NamedTuple):
    """Which orders to list; None does not restrict. `promised_by`: promised for this day at the latest, or at once."""

    warehouse: str | None = None
    confirmed: bool | None = None
    promised_by: date | None = None


async def queue(connection: AsyncConnection, wanted: WantedOrders, page: Page) -> Listed:
    """Orders with something to be shipped, those placed first going first.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    columns = (*QUEUE.c, CLIENTS.c.name.label("client_name"))
    query = select(*columns).join_from(QUEUE, CLIENTS, CLIENTS.c.id == QUEUE.c.client_id)
    if wanted.warehouse is not None:
        query = query.where(QUEUE.c.warehouse == wanted.warehouse)
    if wanted.confirmed is not None:
        query = query.where(QUEUE.c.confirmed.is_(wanted.confirmed))
    if wanted.promised_by is not None:
        query = query.where(QUEUE.c.promised_on.is_(None) | (QUEUE.c.promised_on <= wanted.promised_by))
    found = await listed(connection, query, (QUEUE.c.placed_at, QUEUE.c.order_id), page)
    items: list[dict[str, Any]] = [item | {"lines": json.loads(item["lines"])} for item in found.items]
    return Listed(items, found.next_cursor)
