"""Clients found by the keys of another, and merges that only one of two clients knows of."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.duplicates import ABSORBED, DUPLICATES, KEYS, DuplicatesView, Identity

MOST_FOUND = 100
"""Clients that one look looks at: a key that more of them share tells nothing."""

_VIEW = DuplicatesView()


async def sharing(connection: AsyncConnection, keys: Sequence[tuple[str, str]]) -> list[Identity]:
    """The clients that have one of these keys, each a kind and a key; at most `MOST_FOUND`."""
    if not keys:
        return []
    found = select(KEYS.c.client_id).where(tuple_(KEYS.c.kind, KEYS.c.key).in_(keys)).distinct().limit(MOST_FOUND)
    rows = await connection.execute(select(DUPLICATES.c.state).where(DUPLICATES.c.id.in_(found)))
    return [_VIEW.adapter.validate_json(row.state) for row in rows]


async def identities(connection: AsyncConnection, client_ids: Iterable[UUID]) -> dict[UUID, Identity]:
    """The clients with these ids, as far as they are known to the view."""
    rows = await connection.execute(select(DUPLICATES.c.state).where(DUPLICATES.c.id.in_(list(client_ids))))
    found = (_VIEW.adapter.validate_json(row.state) for row in rows)
    return {identity.id: identity for identity in found}


async def disagreeing(connection: AsyncConnection, limit: int) -> list[tuple[UUID, UUID]]:
    """Merged clients whose survivor does not know of it, and those it claims that are not merged into it.

    Pairs of loser and survivor.
    """
    said, heard = DUPLICATES.c.merged_into, ABSORBED.c.client_id
    same = and_(ABSORBED.c.client_id == DUPLICATES.c.merged_into, ABSORBED.c.absorbed_id == DUPLICATES.c.id)
    unheard = select(DUPLICATES.c.id, said).join(ABSORBED, same, isouter=True).where(said.is_not(None), heard.is_(None))
    loser = ABSORBED.c.absorbed_id == DUPLICATES.c.id
    unsaid = select(ABSORBED.c.absorbed_id, heard).join(DUPLICATES, loser).where(or_(said.is_(None), said != heard))
    rows = [*await connection.execute(unheard.limit(limit)), *await connection.execute(unsaid.limit(limit))]
    return [(row[0], row[1]) for row in rows]
