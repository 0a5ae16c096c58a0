"""Orders: rows are the items of orders; an order is placed as a whole or not at all."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from app.importer import ids
from app.importer.cells import Row
from app.importer.history import History, Story
from app.importer.kinds import Standing
from app.importer.problems import Rejected
from app.importer.records import Reader, Record
from app.importer.spool import SpooledRow
from domain.client.fulfilment import OrderLine, PlaceOrder

_ONE = "1"


@dataclass(frozen=True, slots=True)
class Orders:
    """A file of order items, or of orders without items."""

    reader: Reader
    key: ClassVar[str] = "order"
    date: ClassVar[str] = "placed_at"
    merged: ClassVar[bool] = True

    @property
    def by_customer(self) -> bool:
        """An order names its client by the customer key, or else by the lead's."""
        return "customer" in self.reader.mapping.keys

    def owner(self, row: Row) -> UUID:
        """The customer key that leads to the client, or the client itself."""
        source, read = self.reader.mapping.source, self.reader
        if self.by_customer:
            return ids.customer_stream_id(source, read.key("customer", row))
        return ids.client_id(source, read.key("lead", row))

    def record(self, row: Row) -> UUID:
        """The order."""
        return ids.order_id(self.reader.mapping.source, self.reader.key("order", row))

    def part(self, row: SpooledRow) -> tuple[str, ...]:
        """The item. Without a key of items every row is one; without items an order is one row."""
        if not self.reader.mapping.line:
            return ()
        if "item" in self.reader.mapping.keys:
            return self.reader.key("item", row.values)
        return (str(row.line),)

    def customer(self, row: Row) -> UUID | None:
        """An order gives its client no key."""
        return None

    def read(self, record: UUID, rows: Sequence[SpooledRow]) -> Record:
        """The order, on the earliest date of its rows; number and currency as its first row has them."""
        read = self.reader
        dated = [self._dated(row) for row in rows]
        lines = [self._line(row) for row in rows] if read.mapping.line else []
        head = read.values("order", rows[0].values, ("number", "currency", "amount", "cost"))
        command = read.checked(PlaceOrder, **head, lines=lines)
        return Record(record, read.row_id(record, rows), tuple(row.line for row in rows), min(dated), (), command)

    def _line(self, row: SpooledRow) -> OrderLine:
        with _at(row):
            return self.reader.checked(OrderLine, **({"quantity": _ONE} | self.reader.values("line", row.values)))

    def _dated(self, row: SpooledRow) -> datetime:
        with _at(row):
            return self.reader.moment("order", "placed_at", row.values)

    def standing(self, record: Record, history: History) -> Standing:
        """An order is the same if the client has just this one: same items, sums and date."""
        if record.id not in history.orders:
            return Standing.NEW
        placed, at = history.orders[record.id]
        said: PlaceOrder = record.content
        same = (placed.lines, placed.number, placed.currency, at) == (said.lines, said.number, said.currency, record.at)
        return Standing.SAME if same and said.amount in {None, placed.amount} else Standing.CHANGED

    def tell(self, record: Record, story: Story) -> None:
        """Place the order."""
        story.tell(record.content, record.at, record.id)


@contextmanager
def _at(row: SpooledRow) -> Generator[None]:
    try:
        yield
    except Rejected as rejected:
        raise Rejected(rejected.field, rejected.reason, row.line) from None
