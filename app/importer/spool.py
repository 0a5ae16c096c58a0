"""The rows of a file, set aside on disk so that those of one client come together whatever the file's order.

A private temporary database of SQLite: it holds what memory should not, and is gone when closed.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

import orjson

from app.importer.problems import RowError

_BATCH = 1_000
_CACHE_KIB = 8_192
_MOST_LEADS, _MOST_NAMES = 20, 200
_MOST_FULL = 100
"""Halves of names with all the names that are looked at which are kept in memory: a beginning that many share."""


class SpooledRow(NamedTuple):
    """A row of the file: where it begins, the record it belongs to, and its cells."""

    line: int
    record: UUID
    values: list[str]


class Spool:
    """Rows by client and record, and the errors of rows by line. Its memory does not grow with the file."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(
            f"""
            pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -{_CACHE_KIB};
            create table rows (line integer primary key, owner blob, record blob, cells blob);
            create table claims (customer blob primary key, client blob) without rowid;
            create table errors (line integer, field text, reason text);
            create table leads (line integer primary key, identity text);
            create table keys (kind text, key text, line integer, primary key (kind, key, line)) without rowid;
            create table names (half text, line integer, name text, primary key (half, line)) without rowid;
            begin;
            """
        )
        self._waiting: list[tuple[int, bytes, bytes, bytes]] = []
        self._full: dict[str, dict[int, str]] = {}
        self.rows = 0
        self.rejected = 0

    def close(self) -> None:
        """Let go of everything."""
        self._database.close()

    def add(self, owner: UUID, row: SpooledRow) -> None:
        """Set a row aside. Rows of one `owner` (client, or key of a customer) are given back together."""
        self._waiting.append((row.line, owner.bytes, row.record.bytes, orjson.dumps(row.values)))
        self.rows += 1
        if len(self._waiting) >= _BATCH:
            self._write()

    def claim(self, customer: UUID, client: UUID) -> bool:
        """Give a customer key to a client; False when the file gave it to another one already."""
        given = self._database.execute("insert or ignore into claims values (?, ?)", (customer.bytes, client.bytes))
        if given.rowcount:
            return True
        found = self._database.execute("select client from claims where customer = ?", (customer.bytes,)).fetchone()
        return found[0] == client.bytes

    def remember(self, keys: Iterable[tuple[str, str]], line: int, identity: str) -> None:
        """Keep the lead of this line, and by which keys it is found again."""
        self._database.execute("insert or replace into leads values (?, ?)", (line, identity))
        rows = [(kind, key, line) for kind, key in keys]
        self._database.executemany("insert or replace into keys values (?, ?, ?)", rows)

    def lines_with(self, key: tuple[str, str]) -> list[int]:
        """The lines of the first few leads with this key."""
        query = "select line from keys where kind = ? and key = ? order by line limit ?"
        return [line for (line,) in self._database.execute(query, (*key, _MOST_LEADS))]

    def remembered(self, line: int) -> str:
        """The lead of this line, which was kept."""
        return self._database.execute("select identity from leads where line = ?", (line,)).fetchone()[0]

    def remember_name(self, halves: Iterable[str], line: int, name: str) -> None:
        """Keep by which halves the name of this line's lead is found again."""
        rows = [(half, line, name) for half in halves]
        self._database.executemany("insert or replace into names values (?, ?, ?)", rows)

    def names_with(self, halves: Iterable[str]) -> dict[int, str]:
        """The names of the first leads with each of these halves in them, by line."""
        found: dict[int, str] = {}
        for half in halves:
            found |= self._full.get(half) or self._names(half)
        return found

    def _names(self, half: str) -> dict[int, str]:
        query = "select line, name from names where half = ? order by line limit ?"
        found = dict[int, str](self._database.execute(query, (half, _MOST_NAMES)))
        if len(found) == _MOST_NAMES and len(self._full) < _MOST_FULL:
            self._full[half] = found
        return found

    def reject(self, errors: Iterable[RowError]) -> None:
        """Note why rows were left out; all errors of a row at once."""
        found = list(errors)
        self._database.executemany("insert into errors values (?, ?, ?)", found)
        self.rejected += len({error.line for error in found})

    def cells(self, line: int) -> list[str]:
        """The cells of the row that begins at this line; none if it was not set aside."""
        found = self._database.execute("select cells from rows where line = ?", (line,)).fetchone()
        return orjson.loads(found[0]) if found else []

    def keep(self, line: int, values: list[str]) -> None:
        """Set a row aside that belongs to nobody, for the list of errors only."""
        self._waiting.append((line, b"", b"", orjson.dumps(values)))
        self.rows += 1

    def owners(self) -> Iterator[tuple[UUID, list[SpooledRow]]]:
        """Each owner with its rows in the order of the file; owners in the order of their first rows."""
        self._write()
        self._database.execute("create index rows_by_owner on rows (owner, line)")
        found = self._database.execute(
            """
            select rows.line, rows.owner, rows.record, rows.cells
            from (select owner, min(line) as first from rows where owner <> x'' group by owner) as owners
            join rows using (owner) order by owners.first, rows.line
            """
        )
        for owner, rows in groupby(found, key=lambda row: row[1]):
            yield UUID(bytes=owner), [SpooledRow(line, UUID(bytes=rec), orjson.loads(c)) for line, _, rec, c in rows]

    def all_errors(self) -> Iterator[RowError]:
        """The errors by line."""
        self._write()
        found = self._database.execute("select line, field, reason from errors order by line, rowid")
        return (RowError(*row) for row in found)

    def _write(self) -> None:
        self._database.executemany("insert into rows values (?, ?, ?, ?)", self._waiting)
        self._waiting.clear()
