"""A view folded in memory, and a database that holds what was folded."""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.kernel import Recorded
from projections.kernel import SCHEMA, View
from projections.log import driver
from projections.shadow import create
from projections.tables import Batch, Change, ViewTables
from tests.spec import CLIENT_ID, History, recorded

S = TypeVar("S")


def fold(view: View[S], events: Iterable[Recorded], stream_id: UUID = CLIENT_ID) -> S:
    """The state after these events."""
    state = view.start(stream_id)
    for item in events:
        state = view.evolve(state, item)
    return state


def seen(view: View[S], *history: History, stream_id: UUID = CLIENT_ID) -> S:
    """The state after a history, read back from its JSON on the way, as the live view does it."""
    state = view.start(stream_id)
    for item in recorded([fact for part in history for fact in part], stream_id):
        if type(item.event) in view.reads:
            state = view.adapter.validate_json(view.adapter.dump_json(view.evolve(state, item)))
    return state


async def fill(engine: AsyncEngine, view: View[S], states: Iterable[tuple[UUID, S]]) -> None:
    """Make the view's tables anew, with these states in them."""
    batch = Batch(view)
    for stream_id, state in states:
        batch.add(Change(stream_id, None, state))
    async with engine.begin() as connection:
        raw = await driver(connection)
        await create(raw, view, SCHEMA)
        await ViewTables(view).write(raw, batch)
