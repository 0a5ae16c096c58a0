"""What a view is: a pure fold per client, and the rows and counters that follow from the folded state.

Live projection, rebuild and snapshots (`as_of`, `at`) all run the same fold; only reading and writing differ.
Tables live in the schema `views`; a rebuild or a snapshot is written to another schema and read through SQLAlchemy's
`schema_translate_map`.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import Column, MetaData, Table, Text, Uuid

from domain.client.registration import RegistrationWithdrawn
from domain.kernel import Event, Recorded

S = TypeVar("S")
Row = tuple[Any, ...]
Counts = Sequence[tuple[Row, Row]]

SCHEMA = "views"
_write = msgspec.json.Encoder().encode
metadata = MetaData(schema=SCHEMA)


def view_table(name: str, *columns: Any) -> Table:
    """The main table of a view: one row per client with its folded `state` (JSON) and the columns to search by."""
    return Table(name, metadata, Column("id", Uuid, primary_key=True), Column("state", Text, nullable=False), *columns)


class View(Generic[S]):
    """A view. `state_type` is a frozen dataclass or a named tuple, one per client, kept as JSON in the main table.

    What a state is made of has to be of types that msgspec knows. `revision` is raised when the fold changes; together
    with the definitions of the tables it tells a stored view from the one the code describes, and the service rebuilds
    views that differ. `looks_at_joined`: whether the fold asks for what a client that was taken in had brought
    (`Recorded.joined`).
    """

    name: ClassVar[str]
    revision: ClassVar[int] = 1
    reads: ClassVar[frozenset[type[Event]]]
    table: ClassVar[Table]
    part_tables: ClassVar[tuple[Table, ...]] = ()
    growing_tables: ClassVar[tuple[Table, ...]] = ()
    counter_tables: ClassVar[tuple[Table, ...]] = ()
    looks_at_joined: ClassVar[bool] = False
    state_type: Any

    def start(self, stream_id: UUID) -> S:
        """The state before the first event."""
        raise NotImplementedError

    def evolve(self, state: S, recorded: Recorded) -> S:
        """The state after one more event of `reads`."""
        raise NotImplementedError

    def columns(self, state: S) -> Row | None:
        """The main row's columns after `id` and `state`, in the table's order; None where there is no row."""
        raise NotImplementedError

    def parts(self, state: S) -> Mapping[Table, Sequence[Row]]:
        """Rows of the part tables, in each table's column order, the primary key first."""
        return {}

    def grown(self, recorded: Recorded) -> Mapping[Table, Row]:
        """Rows that an event adds to the growing tables, for good. They follow from the event alone.

        For what a client may have any number of: the state, which is written anew with each event, does not hold it.
        """
        return {}

    def counts(self, state: S) -> Mapping[Table, Counts]:
        """What this client adds to the counter tables: pairs of key columns and numbers, in each table's column order.

        A key may come several times.
        """
        return {}

    def after(self, state: S | None, recorded: Recorded) -> S:
        """The state after one more event, of `reads` or one that takes a client back; None is before the first."""
        if type(recorded.event) is RegistrationWithdrawn:
            return self.start(recorded.stream_id)
        return self.evolve(self.start(recorded.stream_id) if state is None else state, recorded)

    def added(self, recorded: Recorded) -> Mapping[Table, Row]:
        """Rows for the growing tables; a client that has any is never taken back."""
        return {} if type(recorded.event) is RegistrationWithdrawn else self.grown(recorded)

    @cached_property
    def topics(self) -> list[str]:
        """The topics of the events that the fold is given."""
        return sorted(event.topic for event in self.reads | {RegistrationWithdrawn})

    def to_json(self, state: S) -> str:
        """The state as it is stored."""
        return _write(state).decode()

    def from_json(self, stored: str | bytes) -> S:
        """The state that was stored."""
        return self._reader.decode(stored)

    @cached_property
    def _reader(self) -> msgspec.json.Decoder[S]:
        return msgspec.json.Decoder(self.state_type)

    @property
    def row_tables(self) -> tuple[Table, ...]:
        """The tables with rows of clients, the main one first."""
        return (self.table, *self.part_tables, *self.growing_tables)

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables of the view, the main one first."""
        return (*self.row_tables, *self.counter_tables)
