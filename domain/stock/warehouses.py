"""Warehouses: where goods lie. One stream each, under a code of the firm's own."""

from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple
from uuid import UUID

from domain.catalogue.codes import Code, Label, warehouse_id
from domain.kernel import Command, Event, Personal, Recorded, Refused
from domain.regulation.state import RuleContext
from domain.types import OptionalText


class WarehouseOpened(Event, topic="warehouses.opened"):
    """A warehouse takes in and gives out goods."""

    code: str
    label: str


class WarehouseClosed(Event, topic="warehouses.closed"):
    """Nothing more is received at this warehouse or ordered from it. What lies there or is promised still goes out."""

    note: Personal[str] = None


WAREHOUSE_EVENTS: tuple[type[Event], ...] = (WarehouseOpened, WarehouseClosed)
"""All events of a warehouse's stream."""


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A warehouse as decisions see it; without a code before it was opened."""

    id: UUID
    version: int = 0
    code: str = ""
    label: str = ""
    closed: bool = False

    @staticmethod
    def empty(stream_id: UUID) -> "Warehouse":
        """Before it was opened."""
        return Warehouse(stream_id)

    def evolve(self, recorded: Recorded) -> "Warehouse":
        """The warehouse after one more event."""
        match recorded.event:
            case WarehouseOpened(code=code, label=label):
                return Warehouse(self.id, recorded.version, code, label)
            case WarehouseClosed():
                return replace(self, version=recorded.version, closed=True)
            case _:
                return self


def open_warehouse(code: str, context: RuleContext) -> Warehouse:
    """The warehouse with this code, if it is open."""
    warehouse = known_warehouse(code, context)
    if warehouse.closed:
        raise Refused("warehouse_closed", warehouse=warehouse.code)
    return warehouse


def known_warehouse(code: str, context: RuleContext) -> Warehouse:
    """The warehouse with this code, open or closed."""
    warehouse = context.known(Warehouse, warehouse_id(code))
    if warehouse is None:
        raise Refused("unknown_warehouse", warehouse=code)
    return warehouse


class OpenWarehouse(Command):
    """Open a warehouse under a code of the firm's own."""

    code: Code
    label: Label

    refusals: ClassVar = ("in_future", "warehouse_exists")
    examples: ClassVar = ({"code": "main", "label": "Main warehouse"},)

    def decide(self, warehouse: Warehouse, context: RuleContext) -> list[Event]:
        if warehouse.code:
            raise Refused("warehouse_exists", warehouse=warehouse.code, id=warehouse.id)
        return [WarehouseOpened(code=self.code, label=self.label)]


class AwaitedOrders(NamedTuple):
    """How many orders still await something from the warehouse, and the ids of some of them."""

    orders: int
    order_ids: tuple[UUID, ...] = ()


class CloseWarehouse(Command):
    """Close the warehouse: nothing more is received there or ordered from it.

    What orders still await from it is shipped or cancelled before: who waits for goods there would wait for ever.
    """

    note: OptionalText = None

    refusals: ClassVar = ("in_future", "unknown_warehouse", "warehouse_closed", "warehouse_awaited")
    examples: ClassVar = ({"note": "The lease has ended"},)

    def decide(self, warehouse: Warehouse, context: RuleContext) -> list[Event]:
        if not warehouse.code:
            raise Refused("unknown_warehouse", id=warehouse.id)
        if warehouse.closed:
            raise Refused("warehouse_closed", warehouse=warehouse.code)
        awaited = context.known(AwaitedOrders, warehouse.id)
        if awaited and awaited.orders:
            raise Refused("warehouse_awaited", warehouse=warehouse.code, **awaited._asdict())
        return [WarehouseClosed(note=self.note or None)]
