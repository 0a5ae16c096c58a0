"""Schemas beside `views`, where a rebuild or a snapshot is made out of sight."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast
from zlib import crc32

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.schema import CreateIndex, CreateTable

from projections.kernel import SCHEMA, View
from projections.log import Driver, driver
from projections.writing import DIALECT, quoted

LOCK_SPACE = 0x636F6E76
"""The first key of the advisory locks of projections, so that they meet no others."""
_PATIENCE = 0.2
"""Seconds to wait for readers before a swap lets them pass; well under PostgreSQL's deadlock timeout."""


def table_statements(view: View[Any], schema: str) -> list[str]:
    """What creates the tables of a view, without their secondary indexes."""
    return [_compiled(CreateTable(table), schema) for table in view.tables]


def index_statements(view: View[Any], schema: str) -> list[str]:
    """What creates the secondary indexes of a view."""
    indexes = [index for table in view.tables for index in sorted(table.indexes, key=lambda index: str(index.name))]
    return [_compiled(CreateIndex(index), schema) for index in indexes]


def _compiled(statement: Any, schema: str) -> str:
    compiled = statement.compile(dialect=DIALECT, schema_translate_map={SCHEMA: schema}, render_schema_translate=True)
    return str(compiled).strip()


async def create(connection: Driver, view: View[Any], schema: str, *, logged: bool = True) -> None:
    """Make the schema with the view's empty tables, and drop what lay there before. A crash empties unlogged tables.

    The indexes are there from the start: the database keeps them while the process folds, which takes longer.
    """
    await drop(connection, schema)
    statements = table_statements(view, schema)
    if not logged:
        statements = [statement.replace("CREATE TABLE", "CREATE UNLOGGED TABLE", 1) for statement in statements]
    await connection.execute(
        ";".join([f"CREATE SCHEMA {quoted(schema)}", *statements, *index_statements(view, schema)])
    )


async def drop(connection: Driver, schema: str) -> None:
    """Remove the schema and all that is in it, if it is there."""
    await connection.execute(f"DROP SCHEMA IF EXISTS {quoted(schema)} CASCADE")


async def analyze(connection: Driver, view: View[Any], schema: str) -> None:
    """Let the planner know what is in the tables."""
    await connection.execute(f"ANALYZE {', '.join(quoted(schema, table.name) for table in view.tables)}")


async def take_place(connection: Driver, view: View[Any], schema: str) -> None:
    """Put the tables of a schema in the place of the view's tables, in the caller's transaction.

    Raises:
        asyncpg.LockNotAvailableError: somebody is reading the view; the transaction is lost and has to be tried again.
    """
    await connection.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}s'; CREATE SCHEMA IF NOT EXISTS {quoted(SCHEMA)}")
    names = [table.name for table in view.tables]
    sql = "SELECT tablename FROM pg_tables WHERE schemaname = $1 AND tablename = ANY($2)"
    present = [quoted(SCHEMA, row[0]) for row in await connection.fetch(sql, SCHEMA, names)]
    if present:
        await connection.execute(f"LOCK TABLE {', '.join(present)} IN ACCESS EXCLUSIVE MODE")
        await connection.execute(f"DROP TABLE {', '.join(present)}")
    for name in names:
        await connection.execute(f"ALTER TABLE {quoted(schema, name)} SET SCHEMA {quoted(SCHEMA)}")
    await connection.execute(f"DROP SCHEMA {quoted(schema)}")


@asynccontextmanager
async def locked(engine: AsyncEngine, names: Sequence[str]) -> AsyncGenerator[tuple[AsyncConnection, str | None]]:
    """Hold the locks with these names for as long as the given connection lives.

    The second value is the name of a lock that somebody else holds; then none is held here.
    """
    async with engine.connect() as connection:
        raw = await driver(connection)
        taken = await _taken_by_others(raw, names)
        try:
            yield connection, taken
        finally:
            if not raw.is_closed():
                await raw.execute("SELECT pg_advisory_unlock_all()")


async def _taken_by_others(raw: Driver, names: Sequence[str]) -> str | None:
    for name in names:
        if not await raw.fetchval("SELECT pg_try_advisory_lock($1, $2)", LOCK_SPACE, lock_key(name)):
            await raw.execute("SELECT pg_advisory_unlock_all()")
            return name
    return None


def lock_key(name: str) -> int:
    """The second key of an advisory lock, as a signed 32-bit number."""
    return crc32(name.encode()) - 2**31


async def schemas(connection: Driver, prefix: str) -> list[str]:
    """The schemas whose names begin like this."""
    sql = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname::text, $1) ORDER BY 1"
    return [cast(str, row[0]) for row in await connection.fetch(sql, prefix)]


async def drop_leftovers(engine: AsyncEngine, prefix: str) -> None:
    """Remove the schemas that a killed process left behind: those whose lock nobody holds."""
    async with engine.connect() as connection:
        found = await schemas(await driver(connection), prefix)
    for name in found:
        async with locked(engine, [name]) as (connection, taken):
            if taken is None:
                await drop(await driver(connection), name)
