"""What the warehouses have to do: orders of their articles to confirm and to ship."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, Column, DateTime, Index, Table, Text, Uuid

from domain.client.card import CardChanged
from domain.client.order_events import LinePart, OrderCancelled, OrderConfirmed, OrderPlaced, OrderReduced, OrderShipped
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from projections.kernel import Row, View, metadata, view_table
from projections.place import PLACE_EVENTS, Place


class OpenLine(NamedTuple):
    """What is still to be shipped of a line."""

    line: int
    article: str
    warehouse: str
    open: Decimal


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
    """The open orders of one client by id, and who works it."""

    id: UUID
    place: Place = Place()
    name: str | None = None
    orders: Mapping[UUID, OpenOrder] = {}

    def having(self, key: UUID, order: OpenOrder) -> "ClientOrders":
        """With an order as it stands now; one of which nothing is open is not kept."""
        others = {known: each for known, each in self.orders.items() if known != key}
        return self._replace(orders={**others, key: order} if order.lines else others)


CLIENTS = view_table("warehouse_clients", Column("name", Text), Column("owner_id", Uuid))
QUEUE = Table(
    "warehouse_queue",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("order_id", Uuid, primary_key=True),
    Column("warehouse", Text, primary_key=True),
    Column("number", Text),
    Column("placed_at", DateTime(timezone=True), nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("lines", Text, nullable=False),
    Index("warehouse_queue_order", "warehouse", "confirmed", "placed_at", "order_id"),
)
"""An order in a warehouse; `lines` are JSON. For which days they are promised is in `projections.promises`."""


_ORDER_CHANGES = (OrderConfirmed, OrderReduced, OrderCancelled, OrderShipped)


class WarehouseView(View[ClientOrders]):
    """Open orders, one part row for each warehouse of each."""

    name: ClassVar = "warehouse"
    revision: ClassVar = 2
    reads: ClassVar[frozenset[type[Event]]] = PLACE_EVENTS | {
        CardChanged,
        OrderPlaced,
        *_ORDER_CHANGES,
    }
    table: ClassVar = CLIENTS
    part_tables: ClassVar = (QUEUE,)
    state_type = ClientOrders

    def start(self, stream_id: UUID) -> ClientOrders:
        return ClientOrders(stream_id)

    def evolve(self, state: ClientOrders, recorded: Recorded) -> ClientOrders:
        match recorded.event:
            case ClientRegistered(name=name):
                return state._replace(name=name, place=state.place.evolve(recorded))
            case CardChanged(changed=changed, name=name):
                return state._replace(name=name) if "name" in changed else state
            case OrderPlaced() as event:
                return _placed(state, event, recorded.occurred_at)
            case OrderConfirmed() | OrderReduced() | OrderCancelled() | OrderShipped() as event:
                return _changed(state, event)
            case _:
                return state._replace(place=state.place.evolve(recorded))

    def columns(self, state: ClientOrders) -> Row | None:
        return None if state.place.since is None else (state.name, state.place.owner)

    def parts(self, state: ClientOrders) -> Mapping[Table, Sequence[Row]]:
        return {QUEUE: [row for key, order in state.orders.items() for row in _rows(state.id, key, order)]}


def _placed(state: ClientOrders, event: OrderPlaced, at: datetime) -> ClientOrders:
    lines = tuple(
        OpenLine(number, line.article, line.warehouse, line.quantity)
        for number, line in enumerate(event.lines, 1)
        if line.warehouse is not None
    )
    return state.having(event.order_id, OpenOrder(event.number, at, lines)) if lines else state


def _changed(state: ClientOrders, event: OrderConfirmed | OrderReduced | OrderCancelled | OrderShipped) -> ClientOrders:
    key = event.order_id
    order = state.orders.get(key)
    if order is None:
        return state
    match event:
        case OrderConfirmed():
            return state.having(key, order._replace(confirmed=True))
        case OrderReduced(lines=parts) | OrderShipped(lines=parts):
            return state.having(key, order.less(parts))
        case OrderCancelled():
            return state.having(key, order._replace(lines=()))


def _rows(client_id: UUID, key: UUID, order: OpenOrder) -> Iterable[Row]:
    for warehouse in dict.fromkeys(line.warehouse for line in order.lines):
        lines = [line for line in order.lines if line.warehouse == warehouse]
        text = json.dumps([line._asdict() for line in lines], default=str)
        yield (client_id, key, warehouse, order.number, order.placed_at, order.confirmed, text)
