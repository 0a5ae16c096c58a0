"""The stored views brought in line with the code, before anything reads or projects them."""

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from projections.decoding import Decode
from projections.fingerprint import fingerprint
from projections.kernel import View
from projections.log import checkpoints, head
from projections.parallel import Source, workers_for
from projections.rebuild import PREFIX, Progress, RebuildRunning, rebuild
from projections.shadow import drop_leftovers

PAUSE = 0.5
"""Seconds between two looks at a rebuild that another process does."""


async def differing(engine: AsyncEngine, views: Sequence[View[Any]]) -> list[View[Any]]:
    """The views that are not stored, or stored otherwise than the code describes them."""
    async with engine.connect() as connection:
        found = await connection.execute(select(checkpoints.c.view, checkpoints.c.fingerprint))
        stored = {row.view: row.fingerprint for row in found}
    return [view for view in views if stored.get(view.name) != fingerprint(view)]


async def _events(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return await head(connection)


async def prepare(
    engine: AsyncEngine,
    views: Sequence[View[Any]],
    decode: Decode,
    progress: Progress | None = None,
    source: Source | None = None,
) -> list[str]:
    """Build the views that differ, and remove what a killed rebuild left. Returns the names of those built.

    With `source` a long log is shared by several processes. Where somebody else is at it already, that is waited for.

    Raises:
        RebuildFailed: a view cannot fold some client.
    """
    await drop_leftovers(engine, PREFIX)
    while stale := await differing(engine, views):
        try:
            await rebuild(engine, stale, decode, progress, source and workers_for(await _events(engine), source))
        except RebuildRunning:
            await asyncio.sleep(PAUSE)
        else:
            return [view.name for view in stale]
    return []
