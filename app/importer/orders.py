"""Orders: rows are the items of orders; an order is placed as a whole or not at all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from app.importer.history import History, Story
from app.importer.kinds import FileKind, Standing
from app.importer.mapping import KeyName
from app.importer.problems import Gathering
from app.importer.records import Record
from app.importer.spool import SpooledRow
from domain.client.order_lines import FreeLine, OrderBody, OrderHead
from domain.client.state import Client
from domain.kernel import Command, Event
from domain.regulation.state import RuleContext

_ONE = "1"


class PastOrder(OrderBody, Command):
    """An order that was placed before the service was there.

    No process rule binds it: it was placed in whatever step the client is on record by then, even if it was given up.
    """

    def decide(self, _client: Client, context: RuleContext) -> list[Event]:
        return [self.placed(context.new_id(), self.placed_lines)]


class _Item(NamedTuple):
    row: SpooledRow
    key: tuple[str, ...]
    at: datetime
    lines: tuple[FreeLine, ...]


class Orders(FileKind):
    """A file of order items, or of orders without items. It names the client by the customer key, or by the lead's."""

    __slots__ = ()
    key: ClassVar[KeyName] = "order"
    date: ClassVar[str] = "placed_at"
    after: ClassVar[str | None] = "lead or deal"
    merged: ClassVar[bool] = True

    @property
    def owner_key(self) -> KeyName:
        """The customer's key, or else the lead's."""
        return "customer" if "customer" in self.reader.mapping.keys else "lead"

    @property
    def one_row(self) -> bool:
        """An order without items is one row."""
        return not self.reader.mapping.line

    def read(self, record: UUID, rows: Sequence[SpooledRow]) -> Record:
        """The order, on the earliest date of its rows; number and currency as its first row has them."""
        read = self.reader
        head = read.values("order", rows[0].values, ("number", "currency", "amount", "cost"))
        items, copies = self._items(self._each(rows, head))
        command = read.checked(PastOrder, **head, lines=[line for item in items for line in item.lines])
        at = min(item.at for item in items)
        return read.record(record, [item.row for item in items], at, command, copies=copies)

    def _each(self, rows: Sequence[SpooledRow], head: dict[str, Any]) -> list[_Item]:
        """The items; where one is wrong, what is wrong with the head is told with it."""
        wrong = Gathering()
        items = [wrong.of(self._item, row) for row in rows]
        if wrong.found:
            wrong.of(self.reader.checked, PastOrder if self.one_row else OrderHead, **head)
        wrong.tell()
        return items

    def _items(self, found: Sequence[_Item]) -> tuple[list[_Item], list[int]]:
        """The items, and the lines that only repeat one of them."""
        items: dict[tuple[str, ...], _Item] = {}
        copies: list[int] = []
        for item in found:
            row = item.row
            before = items.setdefault(item.key, item)
            if before is item:
                continue
            if self.reader.mapped(before.row.values) != self.reader.mapped(row.values):
                raise self.duplicate(before.row.line, row.line)
            copies.append(row.line)
        return list(items.values()), copies

    def _item(self, row: SpooledRow) -> _Item:
        wrong = Gathering()
        key = wrong.of(self._item_key, row)
        at = wrong.of(self.reader.moment, "order", "placed_at", row.values)
        lines = wrong.of(self._lines, row)
        wrong.tell(row.line)
        return _Item(row, key, at, lines)

    def _item_key(self, row: SpooledRow) -> tuple[str, ...]:
        """What tells the row from others of its order; without a key of items every row is one."""
        return self.reader.key("item", row.values) if "item" in self.reader.mapping.keys else (str(row.line),)

    def _lines(self, row: SpooledRow) -> tuple[FreeLine, ...]:
        if self.one_row:
            return ()
        return (self.reader.checked(FreeLine, **({"quantity": _ONE} | self.reader.values("line", row.values))),)

    def standing(self, record: Record, history: History) -> Standing:
        """An order is the same if the client has just this one: same items, sums and date."""
        if record.id not in history.orders:
            return Standing.NEW
        placed, at = history.orders[record.id]
        said: PastOrder = record.content
        same = (placed.lines, placed.number, placed.currency, at) == (
            said.placed_lines,
            said.number,
            said.currency,
            record.at,
        )
        return Standing.SAME if same and said.amount in {None, placed.amount} else Standing.CHANGED

    def tell(self, record: Record, story: Story) -> None:
        """Record the order; the client stays in its step."""
        story.tell(record.content, record.at, record.id)
