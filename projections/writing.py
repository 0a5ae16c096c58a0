"""How rows get into the tables of views: one set-based statement per table, or COPY into a table nobody reads yet."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Column, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import TSVECTOR

from projections.kernel import Row
from projections.log import Driver

DIALECT = postgresql.dialect()
ROWS_PER_TURN = 500
"""Rows in one statement: encoding them all at once would hold up the other tasks of the process."""


def quoted(*names: str) -> str:
    """A name, with its schema before it if given, as SQL writes it."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


class TableWriter:
    """Writes rows of one table in one schema, through a raw asyncpg connection.

    Rows have the table's columns in order, the primary key first; columns that the database computes are left out.
    """

    def __init__(self, table: Table, schema: str) -> None:
        self._schema, self._name = schema, table.name
        self._columns = [column for column in table.columns if column.computed is None]
        self._encoders = [(index, _ENCODERS[kind]) for index, kind in self._kinds()]
        keys = [column.name for column in table.primary_key.columns]
        self.key_length = len(keys)
        assert keys == [column.name for column in self._columns[: self.key_length]], "the primary key comes first"
        self._upsert = self._insert(_replaced)
        self._add = self._insert(_added)
        self._delete = self._delete_where("true")
        zero = " AND ".join(f"t.{quoted(column.name)} = 0" for column in self._columns[self.key_length :])
        self._delete_zero = self._delete_where(zero or "true")

    def _kinds(self) -> Iterable[tuple[int, type]]:
        for index, column in enumerate(self._columns):
            for kind in _ENCODERS:
                if isinstance(column.type, kind):
                    yield index, kind

    def _source(self, columns: Sequence[Column[Any]]) -> tuple[str, str]:
        """What to select and from where, for rows that arrive as one array per column."""
        names = [quoted(column.name) for column in columns]
        types = [column.type.compile(DIALECT) for column in columns]
        wires = [
            "text" if isinstance(column.type, _AS_TEXT) else kind for column, kind in zip(columns, types, strict=True)
        ]
        arrays = ", ".join(f"${number}::{wire}[]" for number, wire in enumerate(wires, 1))
        selected = ", ".join(f"r.{name}::{kind}" for name, kind in zip(names, types, strict=True))
        return selected, f"unnest({arrays}) AS r({', '.join(names)})"

    def _insert(self, change: Callable[[str], str]) -> str:
        names = [column.name for column in self._columns]
        selected, source = self._source(self._columns)
        changes = ", ".join(change(name) for name in names[self.key_length :])
        keys = ", ".join(map(quoted, names[: self.key_length]))
        on_conflict = f"UPDATE SET {changes}" if changes else "NOTHING"
        into = f"{quoted(self._schema, self._name)} AS t ({', '.join(map(quoted, names))})"
        return f"INSERT INTO {into} SELECT {selected} FROM {source} ON CONFLICT ({keys}) DO {on_conflict}"  # noqa: S608

    def _delete_where(self, condition: str) -> str:
        keys = self._columns[: self.key_length]
        _, source = self._source(keys)
        same = " AND ".join(f"t.{quoted(key.name)} = r.{quoted(key.name)}" for key in keys)
        return f"DELETE FROM {quoted(self._schema, self._name)} AS t USING {source} WHERE {same} AND {condition}"  # noqa: S608

    async def upsert(self, connection: Driver, rows: Sequence[Row]) -> None:
        """Write rows, replacing those with the same key."""
        for start in range(0, len(rows), ROWS_PER_TURN):
            some = self._encoded(rows[start : start + ROWS_PER_TURN])
            await connection.execute(self._upsert, *zip(*some, strict=True))

    async def delete(self, connection: Driver, keys: Sequence[Row]) -> None:
        """Remove the rows with these keys."""
        if keys:
            await connection.execute(self._delete, *zip(*keys, strict=True))

    async def add(self, connection: Driver, deltas: Mapping[Row, Sequence[Any]]) -> None:
        """Add numbers to counters; a counter that comes to zero throughout disappears.

        The first number of each is how many there are of something: where it rises, the counter is not zero. The others
        may be negative, as a margin is, and come to zero by what is added.
        """
        rows = [(*key, *numbers) for key, numbers in deltas.items()]
        if not rows:
            return
        await connection.execute(self._add, *zip(*rows, strict=True))
        not_risen = [row[: self.key_length] for row in rows if row[self.key_length] <= 0]
        if not_risen:
            await connection.execute(self._delete_zero, *zip(*not_risen, strict=True))

    async def copy(self, connection: Driver, rows: Sequence[Row]) -> None:
        """Append rows whose keys are new."""
        if any(isinstance(column.type, TSVECTOR) for column in self._columns):
            await self.upsert(connection, rows)  # has no binary form that COPY could take
            return
        names = [column.name for column in self._columns]
        await connection.copy_records_to_table(self._name, schema_name=self._schema, columns=names, records=rows)

    def _encoded(self, rows: Sequence[Row]) -> Iterable[Row]:
        if not self._encoders:
            return rows
        return map(self._encode, rows)

    def _encode(self, row: Row) -> Row:
        values = list(row)
        for index, encode in self._encoders:
            values[index] = encode(values[index])
        return tuple(values)


def _replaced(name: str) -> str:
    return f"{quoted(name)} = excluded.{quoted(name)}"


def _added(name: str) -> str:
    return f"{quoted(name)} = t.{quoted(name)} + excluded.{quoted(name)}"


def _array_literal(values: Iterable[Any] | None) -> str | None:
    if values is None:
        return None
    return "{" + ",".join("NULL" if value is None else _array_item(str(value)) for value in values) + "}"


def _array_item(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


_ENCODERS: Mapping[type, Any] = {ARRAY: _array_literal}
_AS_TEXT = (ARRAY, TSVECTOR)
"""Types that go over the wire as text, because an array of them has no binary form."""
