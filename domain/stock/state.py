"""The stock of an article in all warehouses, as decisions see it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from domain.kernel import Event, Recorded
from domain.stock.events import (
    ArrivalCancelled,
    ArrivalChanged,
    ArrivalExpected,
    PromisedSlice,
    PromiseMoved,
    Slice,
    StockCorrected,
    StockIssued,
    StockReceived,
    StockReleased,
    StockReserved,
    StockReturned,
)
from domain.stock.promises import by_line, day_of, promise
from domain.stock.shelf import NOW, ZERO, Arrival, LineOfOrder, Shelf, less

EMPTY = Shelf()


@dataclass(frozen=True, slots=True)
class Stock:
    """The stock of an article: a shelf per warehouse, by its code; and where each expected arrival goes.

    The code of the article is known once anything of it was expected.
    """

    id: UUID
    version: int = 0
    shelves: Mapping[str, Shelf] = field(default_factory=dict[str, Shelf])
    arrivals: Mapping[UUID, str] = field(default_factory=dict[UUID, str])
    article: str = ""

    @staticmethod
    def empty(stream_id: UUID) -> "Stock":
        """Before anything came in or was expected."""
        return Stock(stream_id)

    def shelf(self, warehouse: str) -> Shelf:
        """The article in a warehouse."""
        return self.shelves.get(warehouse, EMPTY)

    def evolve(self, recorded: Recorded) -> "Stock":
        """The stock after one more event."""
        return replace(self.after(recorded.event), version=recorded.version)

    def after(self, event: Event) -> "Stock":
        """The stock once this has happened."""
        match event:
            case StockReserved() | PromiseMoved():
                return self._promising(event)
            case StockReleased() | StockIssued() | StockReturned():
                return self._moved(event)
            case StockReceived():
                return self._received(event)
            case StockCorrected(warehouse=warehouse, counted=counted):
                return self.with_shelf(warehouse, replace(self.shelf(warehouse), on_hand=counted))
            case _:
                return self._expecting(event)

    def _expecting(self, event: Event) -> "Stock":
        match event:
            case ArrivalExpected(arrival_id=key, article=article, warehouse=warehouse):
                stock = replace(self, article=article, arrivals={**self.arrivals, key: warehouse})
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

    def _promising(self, event: StockReserved | PromiseMoved) -> "Stock":
        stock = self
        for (warehouse, line), parts in by_line(event.slices).items():
            shelf = stock.shelf(warehouse).promising(LineOfOrder(event.order_id, line), parts)
            stock = stock.with_shelf(warehouse, shelf)
        return stock

    def _moved(self, event: StockReleased | StockIssued | StockReturned) -> "Stock":
        stock = self
        for part in event.slices:
            stock = stock.with_shelf(part.warehouse, _after_move(stock.shelf(part.warehouse), event, part))
        return stock

    def with_shelf(self, warehouse: str, shelf: Shelf) -> "Stock":
        """With the article in one warehouse as it is now."""
        return replace(self, shelves={**self.shelves, warehouse: shelf})

    def promised_to(self, *orders: UUID) -> Mapping[UUID, tuple[PromisedSlice, ...]]:
        """All that is promised to each of some orders, by line; those that nothing is promised to are absent."""
        found: defaultdict[UUID, list[PromisedSlice]] = defaultdict(list)
        wanted = frozenset(orders)
        for warehouse, shelf in self.shelves.items():
            for who, parts in shelf.promised.items():
                if who.order_id in wanted:
                    slices = (PromisedSlice(line=who.line, warehouse=warehouse, **promise(part)) for part in parts)
                    found[who.order_id].extend(slices)
        return {order: tuple(sorted(own, key=lambda each: (each.line, day_of(each)))) for order, own in found.items()}

    def served(self, today: date) -> "Stock":
        """The stock with everybody promised the earliest goods that those before him leave."""
        return replace(self, shelves={warehouse: shelf.served(today) for warehouse, shelf in self.shelves.items()})

    def with_moves(self, article: str, events: Iterable[Event], today: date) -> list[Event]:
        """What happens, and which promises it moves to other days."""
        happening = list(events)
        after = self
        for event in happening:
            after = after.after(event)
        served = after.served(today)
        moved = list(dict.fromkeys(who.order_id for who in _changed(after, served)))
        promised = served.promised_to(*moved)
        return [
            *happening,
            *(PromiseMoved(article=article, order_id=order, slices=promised[order]) for order in moved),
        ]


def _changed(before: Stock, after: Stock) -> Iterator[LineOfOrder]:
    for warehouse, shelf in after.shelves.items():
        was = before.shelf(warehouse).promises
        if shelf.promises is not was:
            yield from (who for who, parts in shelf.promised.items() if was.by_line[who] != parts)


def _still_expected(event: ArrivalChanged | ArrivalCancelled) -> Arrival:
    if isinstance(event, ArrivalCancelled):
        return Arrival(ZERO, NOW)
    return Arrival(event.quantity, event.expected_on)


def _after_move(shelf: Shelf, event: StockReleased | StockIssued | StockReturned, part: Slice) -> Shelf:
    who = LineOfOrder(event.order_id, part.line)
    held = shelf.promised_to(who)
    match event:
        case StockReleased():
            return shelf.promising(who, less(held, part.quantity, latest_first=True))
        case StockIssued():
            left = shelf.promising(who, less(held, part.quantity))
            return replace(left, on_hand=left.on_hand - part.quantity)
        case StockReturned():
            return replace(shelf, on_hand=shelf.on_hand + part.quantity)
