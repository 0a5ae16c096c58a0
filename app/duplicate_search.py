"""Finds the pairs of clients in the whole base that may be the same, and writes them to a table as it goes along."""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from functools import partial
from itertools import combinations, islice
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.blocking import Named, Pair, alike, named, pair
from app.similarity import by_key
from app.tables import duplicate_pairs as pairs
from projections.duplicates import DUPLICATES, KEYS
from projections.duplicates_query import identities

PASSES = 3
"""How often `alike` goes through all clients."""
MOST_SHARING = 50
"""A phone or a domain that more clients have in common tells nothing."""
GROUPS_AT_ONCE, PAIRS_AT_ONCE = 200, 2_000

Progress = Callable[[int, int], None]
"""Is told how many steps are done and how many there are; each client is a step in each pass."""


async def search(engine: AsyncEngine, run_id: UUID, region: str, progress: Progress) -> int:
    """Find the pairs and write them under this run. Returns how many there are.

    `region` is the country of phone numbers that are written without one. The views are read as they stand.
    """
    async with engine.connect() as writing:
        clients = await _clients(engine)
        steps = _Steps(PASSES * len(clients), progress)
        async for found in _by_key(engine, region):
            await _write(writing, run_id, ((*likely, reason) for likely, reason in found))
        by_name = alike(clients, steps.done)
        while some := list(islice(by_name, PAIRS_AT_ONCE)):
            await _write(writing, run_id, ((*likely, "name") for likely in some))
        count = select(func.count()).select_from(pairs).where(pairs.c.run_id == run_id)
        return (await writing.execute(count)).scalar_one()


class _Steps:
    def __init__(self, total: int, progress: Progress) -> None:
        self._done, self._total, self._progress = 0, total, progress
        progress(0, total)

    def done(self, more: int) -> None:
        self._done += more
        self._progress(self._done, self._total)


async def _clients(engine: AsyncEngine) -> list[Named]:
    """All clients. The view is let go at once: it could not be rebuilt while it is read."""
    regions: dict[str | None, str | None] = {}
    async with engine.connect() as connection:
        query = select(DUPLICATES.c.id, DUPLICATES.c.name_key, DUPLICATES.c.region)
        found = await connection.stream(query.where(DUPLICATES.c.merged_into.is_(None)))
        return [named(row.id, row.name_key, regions.setdefault(row.region, row.region)) async for row in found]


async def _by_key(engine: AsyncEngine, region: str) -> AsyncGenerator[list[tuple[Pair, str]]]:
    """Pairs that share what stands for one client, with the kind of it."""
    members, count = func.array_agg(KEYS.c.client_id), func.count()
    groups = select(members).group_by(KEYS.c.kind, KEYS.c.key).having(count.between(2, MOST_SHARING))
    async with engine.connect() as connection:
        found = await connection.stream(groups)
        async for some in found.partitions(GROUPS_AT_ONCE):
            yield await _confirmed(connection, [row[0] for row in some], region)


async def _confirmed(
    connection: AsyncConnection, groups: Sequence[Sequence[UUID]], region: str
) -> list[tuple[Pair, str]]:
    known = await identities(connection, {client_id for group in groups for client_id in group})
    likely = partial(by_key, region=region)
    found: dict[Pair, str] = {}
    for group in groups:
        open_to_merge = [known[key] for key in group if key in known and not known[key].standing.merged_into]
        for one, other in combinations(open_to_merge, 2):
            if likeness := likely(one, other):
                found[pair(one.id, other.id, likeness.score)] = likeness.reason
    return list(found.items())


async def _write(connection: AsyncConnection, run_id: UUID, found: Iterable[tuple[Any, ...]]) -> None:
    """Of the reasons for a pair the strongest stays."""
    best: dict[tuple[UUID, UUID], tuple[float, str]] = {}
    for client_id, other_id, score, reason in found:
        best[client_id, other_id] = max(best.get((client_id, other_id), (0.0, "")), (score, reason))
    if not best:
        return
    names = ("run_id", "client_id", "other_id", "score", "reason")
    rows: list[dict[str, Any]] = [dict(zip(names, (run_id, *key, *value), strict=True)) for key, value in best.items()]
    new = insert(pairs)
    stronger = new.excluded.score > pairs.c.score
    changes = {"score": new.excluded.score, "reason": new.excluded.reason}
    keys = [pairs.c.run_id, pairs.c.client_id, pairs.c.other_id]
    await connection.execute(new.on_conflict_do_update(index_elements=keys, set_=changes, where=stronger), rows)
    await connection.commit()
