"""Projection driven step by step, and its results compared."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from projections.kernel import SCHEMA, View
from projections.log import driver
from projections.prepare import prepare
from projections.runner import Projector
from projections.writing import quoted
from tests.projections.log_of_facts import Log

Rows = dict[str, list[tuple[Any, ...]]]


async def project(log: Log, views: Sequence[View[Any]], page: int = 2000) -> None:
    """Project all that is in the log, by a runner that starts and ends here."""
    projector = Projector(log.engine, views, log.decode, page)
    async with log.engine.connect() as connection:
        while await projector.step(connection):
            pass


@asynccontextmanager
async def running(log: Log, views: Sequence[View[Any]], page: int = 2000) -> AsyncGenerator[Projector]:
    """A projector at work, stopped in the end."""
    projector = Projector(log.engine, views, log.decode, page)
    stop = asyncio.Event()
    task = asyncio.create_task(projector.run(stop))
    try:
        yield projector
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


async def prepared(engine: AsyncEngine, views: Sequence[View[Any]]) -> Log:
    """An empty log with empty views."""
    log = Log(engine)
    await prepare(engine, views, log.decode)
    return log


async def rows_of(engine: AsyncEngine, view: View[Any], schema: str = SCHEMA) -> Rows:
    """All rows of a view by table; its states parsed, because sets in them are written in any order."""
    async with engine.connect() as connection:
        return await rows_on(connection, view, schema)


async def rows_on(connection: AsyncConnection, view: View[Any], schema: str) -> Rows:
    """The same, as this connection sees them."""
    raw, rows = await driver(connection), Rows()
    for table in view.tables:
        found = [tuple(row) for row in await raw.fetch(f"SELECT * FROM {quoted(schema, table.name)}")]
        if table is view.table:
            found = [(key, view.from_json(state), *columns) for key, state, *columns in found]
        rows[table.name] = sorted(found, key=_place)
    return rows


def _place(row: tuple[Any, ...]) -> str:
    """The same for equal rows, whatever zeros a sum ends with."""
    return repr([value.normalize() if isinstance(value, Decimal) else value for value in row])


async def all_rows(engine: AsyncEngine, views: Sequence[View[Any]]) -> Rows:
    """All rows of some views."""
    return {name: rows for view in views for name, rows in (await rows_of(engine, view)).items()}
