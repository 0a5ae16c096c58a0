"""The stock of an article in all warehouses, as decisions see it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from domain.kernel import Event, Recorded
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
from domain.stock.shelf import NOW, ZERO, Arrival, Promise, Shelf

EMPTY = Shelf()


@dataclass(frozen=True, slots=True)
class Stock:
    """The stock of an article: a shelf per warehouse, by its code; and where each expected arrival goes."""

    id: UUID
    version: int = 0
    shelves: Mapping[str, Shelf] = field(default_factory=dict[str, Shelf])
    arrivals: Mapping[UUID, str] = field(default_factory=dict[UUID, str])

    @staticmethod
    def empty(stream_id: UUID) -> "Stock":
        """Before anything came in or was expected."""
        return Stock(stream_id)

    def shelf(self, warehouse: str) -> Shelf:
        """The article in a warehouse."""
        return self.shelves.get(warehouse, EMPTY)

    def evolve(self, recorded: Recorded) -> "Stock":
        """The stock after one more event."""
        return replace(self._after(recorded.event), version=recorded.version)

    def _after(self, event: Event) -> "Stock":
        match event:
            case StockReserved() | StockReleased() | StockIssued() | StockReturned():
                return self._moved(event)
            case StockReceived():
                return self._received(event)
            case StockCorrected(warehouse=warehouse, counted=counted):
                return self.with_shelf(warehouse, replace(self.shelf(warehouse), on_hand=counted))
            case ArrivalExpected(arrival_id=key, warehouse=warehouse):
                stock = replace(self, arrivals={**self.arrivals, key: warehouse})
                return stock.expecting(key, Arrival(event.quantity, event.expected_on))
            case ArrivalChanged() | ArrivalCancelled():
                return self.expecting(event.arrival_id, _still_expected(event))
            case _:
                return self

    def _received(self, event: StockReceived) -> "Stock":
        shelf = self.shelf(event.warehouse)
        stock = self.with_shelf(event.warehouse, replace(shelf, on_hand=shelf.on_hand + event.quantity))
        key = event.arrival_id
        if key is None or key not in self.arrivals:
            return stock
        arrival = self.shelf(self.arrivals[key]).arrivals[key]
        return stock.expecting(key, arrival._replace(quantity=max(arrival.quantity - event.quantity, ZERO)))

    def expecting(self, key: UUID, arrival: Arrival) -> "Stock":
        """With an arrival as it is expected now; one of which nothing is outstanding is forgotten."""
        warehouse = self.arrivals[key]
        shelf = self.shelf(warehouse)
        others = {known: each for known, each in shelf.arrivals.items() if known != key}
        if arrival.quantity:
            return self.with_shelf(warehouse, replace(shelf, arrivals={**others, key: arrival}))
        forgotten = replace(self, arrivals={known: place for known, place in self.arrivals.items() if known != key})
        return forgotten.with_shelf(warehouse, replace(shelf, arrivals=others))

    def _moved(self, event: StockReserved | StockReleased | StockIssued | StockReturned) -> "Stock":
        stock = self
        for part in event.slices:
            stock = stock.with_shelf(part.warehouse, _after_move(stock.shelf(part.warehouse), event, part))
        return stock

    def with_shelf(self, warehouse: str, shelf: Shelf) -> "Stock":
        """With the article in one warehouse as it is now."""
        return replace(self, shelves={**self.shelves, warehouse: shelf})

    def with_slices(self, order_id: UUID, slices: Iterable[Slice]) -> "Stock":
        """The stock with these parts promised to an order."""
        stock = self
        for part in slices:
            key = Promise(order_id, part.line, part.promised_on or NOW)
            stock = stock.with_shelf(part.warehouse, stock.shelf(part.warehouse).promise({key: part.quantity}))
        return stock


def _still_expected(event: ArrivalChanged | ArrivalCancelled) -> Arrival:
    if isinstance(event, ArrivalCancelled):
        return Arrival(ZERO, NOW)
    return Arrival(event.quantity, event.expected_on)


def _after_move(shelf: Shelf, event: Event, part: Slice) -> Shelf:
    match event:
        case StockReserved(order_id=order_id):
            return shelf.promise({Promise(order_id, part.line, part.promised_on or NOW): part.quantity})
        case StockReleased(order_id=order_id):
            return shelf.without(order_id, part.line, part.quantity, latest_first=True)
        case StockIssued(order_id=order_id):
            taken = shelf.without(order_id, part.line, part.quantity, latest_first=False)
            return replace(taken, on_hand=taken.on_hand - part.quantity)
        case _:
            return replace(shelf, on_hand=shelf.on_hand + part.quantity)
