"""Databases lent to tests: each as fresh as the one before.

A database after a test that changed nothing but rows gets the rows it began with, and is lent again: on a server that
writes safely, making and dropping one takes longer than most tests. After any other test it is dropped; several are at
once, because a drop waits until the whole server has written what it has in memory.
"""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import uuid4

import psycopg
from sqlalchemy import URL

MOST_BYTES = 2**20
"""A database with a table of more than that is not worth emptying: deleted rows stay in its files."""
LEAVE_WITHIN_MILLISECONDS = 5000
DROPPED_AT_ONCE = 16
_CATALOGS = ("class", "attribute", "attrdef", "constraint", "index", "namespace", "proc", "rewrite", "trigger", "type")
_STRUCTURE = f"""
SELECT (SELECT array_agg((schemaname, sequencename, last_value) ORDER BY 1)::text FROM pg_sequences),
    {", ".join(f"(SELECT (count(*), max(xmin::text::bigint))::text FROM pg_{name})" for name in _CATALOGS)}
"""
"""Changes with any definition, and with any number that a sequence gave."""
_TABLES = r"""
SELECT format('%I.%I', n.nspname, c.relname), pg_relation_size(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
"""
_OTHERS = """
SELECT bool_and(pg_terminate_backend(pid, %s)) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


class _Fresh(NamedTuple):
    """A database as it begins: what tells its structure, all its tables, and the rows of those that have any."""

    structure: Any
    tables: tuple[str, ...]
    rows: dict[str, bytes]


@dataclass
class Databases:
    """Copies of a template on one server, for one worker of a run."""

    server: URL
    template: str
    _free: list[tuple[URL, _Fresh]] = field(default_factory=list[tuple[URL, _Fresh]])
    _spent: list[URL] = field(default_factory=list[URL])

    @contextmanager
    def lend(self) -> Generator[URL]:
        """A fresh database. Connections to it are closed afterwards."""
        url, fresh = self._free.pop() if self._free else self._made()
        try:
            yield url
        finally:
            if _restored(url, fresh):
                self._free.append((url, fresh))
            else:
                self._spent.append(url)
            if len(self._spent) == DROPPED_AT_ONCE:
                self._drop_spent()

    def close(self) -> None:
        """Drop those that are not lent."""
        self._spent += [url for url, _ in self._free]
        self._free.clear()
        self._drop_spent()

    def _drop_spent(self) -> None:
        while self._spent:
            drop(self._spent.pop())

    def _made(self) -> tuple[URL, _Fresh]:
        url = create(self.server, self.template)
        with _connected(url) as connection:
            return url, _look(connection)


def create(server: URL, template: str = "template1") -> URL:
    """A new database, a copy of the template."""
    url = server.set(database=f"conveyor_test_{uuid4().hex}")
    administer(server, f"CREATE DATABASE {url.database} TEMPLATE {template}")
    administer(server, f"ALTER DATABASE {url.database} SET synchronous_commit = off")
    return url


def drop(url: URL) -> None:
    """Drop a database, whoever uses it."""
    administer(url.set(database="postgres"), f"DROP DATABASE {url.database} WITH (FORCE)")


def administer(url: URL, statement: str) -> None:
    """Run a statement outside of a transaction."""
    with _connected(url) as connection:
        connection.execute(statement.encode())


@contextmanager
def _connected(url: URL) -> Generator[psycopg.Connection[Any]]:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield connection


def _look(connection: psycopg.Connection[Any]) -> _Fresh:
    tables = tuple(name for name, _ in connection.execute(_TABLES).fetchall())
    rows = {table: _rows(connection, table) for table in tables}
    return _Fresh(_structure(connection), tables, {table: found for table, found in rows.items() if found})


def _rows(connection: psycopg.Connection[Any], table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT".encode()) as copy:
        return b"".join(map(bytes, copy))


def _structure(connection: psycopg.Connection[Any]) -> Any:
    return connection.execute(_STRUCTURE.encode()).fetchone()


def _restored(url: URL, fresh: _Fresh) -> bool:
    """Give the database the rows it began with; False if that is not all there is to do."""
    with suppress(psycopg.Error), _connected(url) as connection:
        left = connection.execute(_OTHERS, [LEAVE_WITHIN_MILLISECONDS]).fetchone()
        if left == (False,) or _structure(connection) != fresh.structure:
            return False
        if any(size > MOST_BYTES for _, size in connection.execute(_TABLES).fetchall()):
            return False
        with connection.transaction():
            _refill(connection, fresh)
        return True
    return False


def _refill(connection: psycopg.Connection[Any], fresh: _Fresh) -> None:
    """Delete all rows, and write those of the beginning."""
    looks = " UNION ALL ".join(f"(SELECT '{table}' FROM {table} LIMIT 1)" for table in fresh.tables)
    filled = [table for (table,) in connection.execute(looks.encode()).fetchall()]
    connection.execute(";".join(f"DELETE FROM {table}" for table in filled).encode())
    for table, rows in fresh.rows.items():
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
            copy.write(rows)
