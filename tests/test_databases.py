"""No test sees what another one did to its database, though most get one that was lent before."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL

from tests.databases import MOST_BYTES, Databases

Content = dict[str, list[tuple[Any, ...]]]
APPEND = """
INSERT INTO events (originator_id, originator_version, topic, state, notification_id)
SELECT gen_random_uuid(), 1, 'clients.registered', convert_to('{}', 'UTF8'), n FROM generate_series(1, %s) n
"""
FILLED = {"public.alembic_version", "public.checkpoints"}
"""The tables of a fresh database that have rows."""


@pytest.fixture
def databases(server_url: URL, template: str) -> Iterator[Databases]:
    """One that has lent nothing yet."""
    found = Databases(server_url, template)
    yield found
    found.close()


def connected(url: URL) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True)


def content(url: URL) -> Content:
    """All rows of all tables."""
    names = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'views')"
    with connected(url) as connection:
        tables = [name for (name,) in connection.execute(names).fetchall()]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}".encode()).fetchall()) for name in tables}


def filled(tables: Content) -> set[str]:
    return {name for name, rows in tables.items() if rows}


def changed(databases: Databases, *statements: str) -> tuple[URL, Content, URL, Content]:
    """The database and what is in it before the statements, and the database that is lent next, and what is in that."""
    with databases.lend() as first:
        before = content(first)
        with connected(first) as connection:
            for statement in statements:
                connection.execute(statement.encode(), [50_000] if "%s" in statement else None)
    with databases.lend() as second:
        return first, before, second, content(second)


@pytest.mark.parametrize(
    "statement",
    [
        APPEND.replace("%s", "3"),
        "DELETE FROM alembic_version",
        "UPDATE checkpoints SET position = 7, failure = 'stands'",
        "DELETE FROM checkpoints; INSERT INTO installation VALUES (1, 'x', now())",
    ],
)
def test_rows_are_those_of_the_start(databases: Databases, statement: str) -> None:
    first, before, second, after = changed(databases, statement)
    assert second == first
    assert after == before
    assert filled(after) == FILLED


@pytest.mark.parametrize(
    "statement",
    [
        "DROP SCHEMA views CASCADE",
        "CREATE TABLE more (id int)",
        "CREATE SCHEMA more",
        "CREATE SEQUENCE more",
        "ALTER TABLE events ADD COLUMN more text",
        "ALTER TABLE events ALTER COLUMN topic SET DEFAULT 'none'",
        "ALTER TABLE events DROP CONSTRAINT events_pkey",
        "CREATE INDEX more ON events (topic)",
        "CREATE FUNCTION more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TYPE more AS ENUM ('a')",
        "CREATE VIEW more AS SELECT 1",
    ],
)
def test_another_structure_is_never_seen_again(databases: Databases, statement: str) -> None:
    first, before, second, after = changed(databases, statement)
    assert second != first
    assert after == before


def test_a_large_one_is_dropped(databases: Databases) -> None:
    assert MOST_BYTES < 50_000 * 64
    first, _, second, after = changed(databases, APPEND)
    assert second != first
    assert filled(after) == FILLED


def test_connections_left_open_are_closed(databases: Databases) -> None:
    with databases.lend() as first:
        left = connected(first)
        left.execute("BEGIN")
        left.execute("LOCK TABLE events")
        left.execute(APPEND.encode(), [3])
    with databases.lend() as second:
        assert second == first
        assert filled(content(second)) == FILLED
    with pytest.raises(psycopg.OperationalError):
        left.execute("COMMIT")
    left.close()


def test_two_at_a_time_are_two(databases: Databases) -> None:
    with databases.lend() as first, databases.lend() as second:
        assert first != second
