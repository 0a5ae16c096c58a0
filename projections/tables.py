"""The tables of one view in one schema: stored states read back, changes of states written, whole tables filled."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import add
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import Table

from projections.kernel import SCHEMA, Counts, Row, View
from projections.log import Driver
from projections.recent import Recent
from projections.writing import TableWriter, quoted

S = TypeVar("S")
T = TypeVar("T")
Numbers = dict[Row, list[Any]]

MOST_PAIRS = 5_000
"""So many numbers are remembered before they are added up. With many more the garbage collector has much to walk."""


class Shown(NamedTuple):
    """What follows from the states of some clients: rows of the main and of the part tables, and what they count."""

    rows: Mapping[Table, list[Row]]
    counts: Mapping[Table, list[tuple[Row, Row]]]


class Change(NamedTuple, Generic[S]):
    """A client whose state went from `old` (None: nothing was stored or counted yet) to `new`.

    `grown`: what its events add to the growing tables.
    """

    stream_id: UUID
    old: S | None
    new: S
    grown: Sequence[Mapping[Table, Row]] = ()


def shown(view: View[S], clients: Iterable[tuple[UUID, S]]) -> Shown:
    """What the tables of a view hold of clients in these states; nothing in that before the first event.

    Every question is put to all clients before the next one, which costs less than to put all to each.
    """
    begun = [(stream_id, state) for stream_id, state in clients if state != view.start(stream_id)]
    states = [state for _, state in begun]
    main = [
        (stream_id, view.to_json(state), *columns)
        for (stream_id, state), columns in zip(begun, map(view.columns, states), strict=True)
        if columns is not None
    ]
    return Shown({view.table: main, **_parts(view, states)}, _counts(view, states))


def _shown_before(view: View[S], stream_id: UUID, state: S) -> Shown:
    """What they held of a client in an earlier state, beside its main row, which is replaced by its key."""
    states = [] if state == view.start(stream_id) else [state]
    return Shown(_parts(view, states), _counts(view, states))


def _parts(view: View[S], states: Iterable[S]) -> dict[Table, list[Row]]:
    return _by_table(view.part_tables, map(view.parts, states)) if view.part_tables else {}


def _counts(view: View[S], states: Iterable[S]) -> dict[Table, list[tuple[Row, Row]]]:
    return _by_table(view.counter_tables, map(view.counts, states)) if view.counter_tables else {}


def _by_table(tables: Iterable[Table], each: Iterable[Mapping[Table, Sequence[T]]]) -> dict[Table, list[T]]:
    gathered: dict[Table, list[T]] = {table: [] for table in tables}
    for some in each:
        for table, items in some.items():
            gathered[table] += items
    return gathered


class Sums:
    """Sums of what clients add to one counter table.

    Most clients add the same few numbers under the same few keys, so that it is cheaper to count how often each is
    added, and to multiply and add up once in a while.
    """

    def __init__(self) -> None:
        self._added: list[tuple[Row, Row]] = []
        self._numbers: Numbers = {}

    def add(self, counts: Counts) -> None:
        """Add what a client adds."""
        self._added += counts
        if len(self._added) > MOST_PAIRS:
            self._add_up()

    def take_away(self, counts: Counts) -> None:
        """Take away what a client added."""
        self.add([(key, tuple(-number for number in numbers)) for key, numbers in counts])

    def numbers(self) -> Numbers:
        """The sums by key, those that are zero throughout left out."""
        self._add_up()
        return {key: numbers for key, numbers in self._numbers.items() if any(numbers)}

    def _add_up(self) -> None:
        for (key, numbers), times in Counter(self._added).items():
            added = numbers if times == 1 else [times * number for number in numbers]
            present = self._numbers.get(key)
            self._numbers[key] = list(added) if present is None else list(map(add, present, added))
        self._added.clear()


class Batch:
    """Changes of a view collected for writing: rows to replace, keys to remove, numbers to add, by table."""

    def __init__(self, view: View[Any]) -> None:
        self._view = view
        self.rows: dict[Table, list[Row]] = {table: [] for table in view.row_tables}
        self.vanished: dict[Table, list[Row]] = {table: [] for table in self.rows}
        self.sums = {table: Sums() for table in view.counter_tables}

    def add(self, change: Change[Any]) -> None:
        """Take a change in. If the view cannot show one of the two states it raises, and nothing is taken in."""
        new = shown(self._view, [(change.stream_id, change.new)])
        old = None if change.old is None else _shown_before(self._view, change.stream_id, change.old)
        self._add_grown(change.grown)
        if old is None:
            self._add_first(new)
            return
        main = new.rows[self._view.table]
        self.rows[self._view.table] += main
        if not main:
            self.vanished[self._view.table].append((change.stream_id,))
        for table in self._view.part_tables:
            self._add_parts(table, old.rows[table], new.rows[table])
        if old.counts != new.counts:
            for table in self._view.counter_tables:
                self.sums[table].take_away(old.counts[table])
                self.sums[table].add(new.counts[table])

    def _add_grown(self, grown: Iterable[Mapping[Table, Row]]) -> None:
        for rows in grown:
            for table, row in rows.items():
                self.rows[table].append(row)

    def _add_first(self, new: Shown) -> None:
        for table, rows in new.rows.items():
            self.rows[table] += rows
        for table, counts in new.counts.items():
            self.sums[table].add(counts)

    def _add_parts(self, table: Table, old: Sequence[Row], new: Sequence[Row]) -> None:
        if old == new:
            return
        keys = len(table.primary_key.columns)
        known = {tuple(row[:keys]): row for row in old}
        for row in new:
            if known.pop(tuple(row[:keys]), None) != row:
                self.rows[table].append(row)
        self.vanished[table].extend(known)


class ViewTables(Generic[S]):
    """One view in one schema: `views`, the schema of a rebuild, or that of a snapshot. Uses the driver's connection."""

    def __init__(self, view: View[S], schema: str = SCHEMA) -> None:
        self.view, self.schema = view, schema
        self.topics = view.topics
        self.recent: Recent[S] = Recent()
        self._writers = {table: TableWriter(table, schema) for table in view.tables}
        self._stored = f"SELECT id, state FROM {quoted(schema, view.table.name)} WHERE id = ANY($1)"  # noqa: S608

    async def stored(self, connection: Driver, stream_ids: Iterable[UUID]) -> dict[UUID, str]:
        """The stored states of clients, as JSON; those without a row are absent."""
        wanted = list(stream_ids)
        return {row[0]: row[1] for row in await connection.fetch(self._stored, wanted)} if wanted else {}

    async def write(self, connection: Driver, batch: Batch) -> None:
        """Write a batch of changes, one statement per table and kind of change."""
        for table, keys in batch.vanished.items():
            await self._writers[table].delete(connection, keys)
        for table, rows in batch.rows.items():
            await self._writers[table].upsert(connection, rows)
        for table, sums in batch.sums.items():
            await self._writers[table].add(connection, sums.numbers())

    async def fill(self, connection: Driver, rows: Mapping[Table, Sequence[Row]]) -> None:
        """Append rows of clients that the tables do not hold yet."""
        for table, new in rows.items():
            if new:
                await self._writers[table].copy(connection, new)

    async def count(self, connection: Driver, sums: Mapping[Table, Sums], *, empty: bool) -> None:
        """Add to the counters; into an empty table they are copied."""
        for table, summed in sums.items():
            if empty:
                rows = [(*key, *numbers) for key, numbers in summed.numbers().items()]
                await self._writers[table].copy(connection, rows)
            else:
                await self._writers[table].add(connection, summed.numbers())
