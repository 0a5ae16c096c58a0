"""A rebuild shared by several processes, each of which folds a range of the clients."""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from projections.decoding import Decode
from projections.kernel import View
from projections.loading import Loader, Part
from projections.log import LAST_STREAM, START, StreamPlace
from projections.tables import ViewTables

LOOK_EVERY_SECONDS = 0.1
MOST_PROCESSES = 8
"""Each of them takes some 150 MB and three connections."""
EVENTS_EACH = 100_000
"""Fewer events are not worth the start of a process, which takes as long as to fold twenty thousand of them."""
_counter: Any = None

Source = Callable[[], AbstractAsyncContextManager[tuple[AsyncEngine, Decode]]]
"""Opens a database and a decoder in another process; has to be importable there."""


@dataclass(frozen=True, slots=True)
class Workers:
    """How many processes fold, and how each of them opens the database."""

    count: int
    source: Source


def workers_for(events: int, source: Source, processes: int | None = None) -> Workers | None:
    """So many processes; if it is left open, one for every core, as far as there is enough to do for each of them.

    None: this process is enough.
    """
    count = processes or min(os.cpu_count() or 1, events // EVENTS_EACH, MOST_PROCESSES)
    return Workers(count, source) if count > 1 else None


def parts(until: int, count: int) -> Iterator[Part]:
    """The log up to a position in `count` parts, by equal ranges of client ids."""
    borders = [UUID(int=(2**128 - 1) * number // count) for number in range(count + 1)]
    for number in range(count):
        after = START if number == 0 else StreamPlace(borders[number], 2**63 - 1)
        yield Part(until, after, borders[number + 1] if number + 1 < count else LAST_STREAM)


async def load_in_parallel(
    workers: Workers, tables: Sequence[ViewTables[Any]], until: int, loaded: Callable[[int], None]
) -> None:
    """Fill empty tables from the log up to a position. `loaded` is told how many more events are done.

    Raises:
        RebuildFailed: a client cannot be folded.
    """
    context = get_context("spawn")
    counter = context.Value("q", 0)
    views = [(type(view.view), view.schema) for view in tables]
    with ProcessPoolExecutor(workers.count, context, _share, (counter,)) as pool:
        loop = asyncio.get_running_loop()
        jobs = [loop.run_in_executor(pool, _load, workers.source, views, part) for part in parts(until, workers.count)]
        done = 0
        while True:
            _, pending = await asyncio.wait(jobs, timeout=LOOK_EVERY_SECONDS)
            done, new = counter.value, counter.value - done
            loaded(new)
            if not pending:
                break
        for job in jobs:
            job.result()


def _share(counter: Any) -> None:
    global _counter  # noqa: PLW0603 - how a value reaches the processes of a pool
    _counter = counter


def _load(source: Source, views: Sequence[tuple[type[View[Any]], str]], part: Part) -> None:
    asyncio.run(_load_part(source, views, part))


async def _load_part(source: Source, views: Sequence[tuple[type[View[Any]], str]], part: Part) -> None:
    async with source() as (engine, decode):
        tables = [ViewTables(view(), schema) for view, schema in views]
        await Loader(tables, decode, partial(_count, _counter), alone=False).load(engine, part)


def _count(counter: Any, number: int) -> None:
    with counter.get_lock():
        counter.value += number
