"""A view folded in memory, and a database that holds what was folded."""

from collections.abc import Iterable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.kernel import Recorded
from projections.kernel import SCHEMA, View
from projections.log import driver
from projections.tables import Batch, Change, ViewTables
from projections.writing import quoted
from tests.spec import CLIENT_ID, History, recorded

S = TypeVar("S")


def fold(view: View[S], events: Iterable[Recorded], stream_id: UUID = CLIENT_ID) -> S:
    """The state after those of these events that the view reads."""
    state = view.start(stream_id)
    for item in events:
        if type(item.event) in view.reads:
            state = view.evolve(state, item)
    return state


def seen(view: View[S], *history: History, stream_id: UUID = CLIENT_ID) -> S:
    """The state after a history, read back from its JSON on the way, as the live view does it."""
    state = view.start(stream_id)
    for item in recorded([fact for part in history for fact in part], stream_id):
        if type(item.event) in view.reads:
            state = view.from_json(view.to_json(view.evolve(state, item)))
    return state


async def fill(engine: AsyncEngine, view: View[S], states: Iterable[tuple[UUID, S]]) -> None:
    """Fill the view's tables with these states alone."""
    await _fill(engine, view, [Change(stream_id, None, state) for stream_id, state in states])


async def fill_with(engine: AsyncEngine, view: View[Any], histories: Iterable[tuple[UUID, History]]) -> None:
    """Fill the view's tables with what these histories come to alone."""
    changes: list[Change[Any]] = []
    for stream_id, history in histories:
        events = recorded(history, stream_id)
        grown = [view.grown(item) for item in events]
        changes.append(Change(stream_id, None, fold(view, events, stream_id), grown))
    await _fill(engine, view, changes)


async def _fill(engine: AsyncEngine, view: View[Any], changes: Iterable[Change[Any]]) -> None:
    batch = Batch(view)
    for change in changes:
        batch.add(change)
    async with engine.begin() as connection:
        raw = await driver(connection)
        await raw.execute(";".join(f"DELETE FROM {quoted(SCHEMA, table.name)}" for table in view.tables))
        await ViewTables(view).write(raw, batch)
