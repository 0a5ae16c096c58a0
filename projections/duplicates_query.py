"""Clients found by the keys of another, and merges that only one of two clients knows of."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    join,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.duplicates import ABSORBED, DUPLICATES, KEYS, DuplicatesView, Identity
from projections.identity import Halves

MOST_FOUND = 100
"""Clients that one look looks at: a key that more of them share tells nothing."""

MOST_SPELT = 200
"""Clients with one half of a name that a look looks at."""

_VIEW = DuplicatesView()


async def sharing(connection: AsyncConnection, keys: Sequence[tuple[str, str]]) -> list[Identity]:
    """The clients that have one of these keys, each a kind and a key; at most `MOST_FOUND`."""
    if not keys:
        return []
    found = select(KEYS.c.client_id).where(tuple_(KEYS.c.kind, KEYS.c.key).in_(keys)).distinct()
    found = found.order_by(KEYS.c.client_id).limit(MOST_FOUND)
    rows = await connection.execute(select(DUPLICATES.c.state).where(DUPLICATES.c.id.in_(found)))
    return [_VIEW.from_json(row.state) for row in rows]


async def clients_by_key(
    connection: AsyncConnection, keys: Collection[tuple[str, str]], most: int
) -> dict[tuple[str, str], list[Identity]]:
    """The clients that have each of these keys. Keys that more than `most` share are left out: they tell nothing."""
    if not keys:
        return {}
    kinds, words = zip(*sorted(set(keys)), strict=True)
    found: defaultdict[tuple[str, str], list[Identity]] = defaultdict(list)
    values = {"kinds": list(kinds), "words": list(words), "enough": most + 1}
    for kind, key, state in await connection.execute(_BY_KEY, values):
        found[kind, key].append(_VIEW.from_json(state))
    return {key: clients for key, clients in found.items() if len(clients) <= most}


def _by_key() -> Select[Any, Any, Any]:
    arrays = (bindparam(name, type_=ARRAY(Text)) for name in ("kinds", "words"))
    wanted = func.unnest(*arrays).table_valued("kind", "key").render_derived()
    of_key = select(KEYS.c.client_id).where(KEYS.c.kind == wanted.c.kind, KEYS.c.key == wanted.c.key)
    client = of_key.limit(bindparam("enough", type_=Integer)).lateral()
    joined = join(wanted, client, true()).join(DUPLICATES, DUPLICATES.c.id == client.c.client_id)
    return select(wanted.c.kind, wanted.c.key, DUPLICATES.c.state).select_from(joined)


_BY_KEY = _by_key()


async def spelt_nearby(connection: AsyncConnection, wanted: Collection[Halves]) -> list[tuple[str, UUID, str]]:
    """The clients that have one of the halves: that half, the client's id and its name key.

    At most `MOST_SPELT` of each half, by the order of their ids: a half that more clients share tells little.
    """
    if not wanted:
        return []
    starts, ends = (sorted(set(column)) for column in zip(*wanted, strict=True))
    return [tuple(row) for row in await connection.execute(_NEARBY, {"starts": starts, "ends": ends})]


def _with_half(column: ColumnElement[str], wanted: str) -> Select[Any, Any, Any]:
    half = select(func.unnest(bindparam(wanted, type_=ARRAY(Text))).label("half")).subquery()
    found = select(DUPLICATES.c.id, DUPLICATES.c.name_key).where(column == half.c.half)
    clients = found.order_by(DUPLICATES.c.id).limit(MOST_SPELT).lateral()
    return select(half.c.half, clients.c.id, clients.c.name_key).join_from(half, clients, true())


_NEARBY = union_all(_with_half(DUPLICATES.c.name_start, "starts"), _with_half(DUPLICATES.c.name_end, "ends"))


async def identities(connection: AsyncConnection, client_ids: Iterable[UUID]) -> dict[UUID, Identity]:
    """The clients with these ids, as far as they are known to the view."""
    rows = await connection.execute(select(DUPLICATES.c.state).where(DUPLICATES.c.id == any_(_ids(client_ids))))
    found = (_VIEW.from_json(row.state) for row in rows)
    return {identity.id: identity for identity in found}


def _ids(client_ids: Iterable[UUID]) -> ColumnElement[Any]:
    """However many there are as one parameter of the query."""
    return literal(list(client_ids), ARRAY(Uuid))


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
