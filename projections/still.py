"""Views that stand still while somebody reads: neither a page of projection nor a rebuild comes in between."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from projections.decoding import DATABASE_ERRORS
from projections.kernel import SCHEMA, View
from projections.log import Driver, driver
from projections.writing import quoted

_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""Sent together with the first statement: a transaction of SQLAlchemy's would take a message more, and its own time."""


@asynccontextmanager
async def standing_still(
    engine: AsyncEngine, views: Sequence[View[Any]], schema: str = SCHEMA
) -> AsyncGenerator[AsyncConnection]:
    """A connection in a read-only transaction, all of whose statements see these views at one position of the log.

    The tables are locked before anything is read, because the transaction would find a table empty that took the place
    of another after it had begun to read.

    Raises:
        asyncpg.PostgresError: also where the tables are not there.
    """
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"}
    if schema != SCHEMA:
        options["schema_translate_map"] = {SCHEMA: schema}
    tables = ", ".join(quoted(schema, table.name) for view in views for table in view.tables)
    async with engine.connect() as connection:
        await connection.execution_options(**options)
        raw = await driver(connection)
        try:
            await raw.execute(f"{_BEGIN}; LOCK TABLE {tables} IN ACCESS SHARE MODE")
            yield connection
        finally:
            await _end(connection, raw)


async def _end(connection: AsyncConnection, raw: Driver) -> None:
    """The pool knows nothing of the transaction: a connection on which it cannot be ended must not go back there."""
    ended = False
    try:
        with suppress(*DATABASE_ERRORS):
            await raw.execute("ROLLBACK")
            ended = True
    finally:
        if not ended:
            await connection.invalidate()
