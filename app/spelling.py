"""Clients whose names are much like a new one's in the same region: who mistypes a name finds the client all the same.

Compared are names that have a half in common, the first or the second one, as they are written. So one mistake leaves
a client among those compared, and two in one half do, with three exceptions: names under five letters; numbers, the
region and the legal form, which have to be written right; and halves that more clients share than are looked at
(`projections.duplicates_query.MOST_SPELT`). Whether it is the same client, `app.similarity` says.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.similarity import similar_names
from projections.duplicates import Identity
from projections.duplicates_query import identities, spelt_nearby
from projections.identity import Spelling

MOST_ALIKE = 10
"""So many of those that are most like a client are named."""


class Named(NamedTuple):
    """A client by the words of its name."""

    name: str
    client_id: UUID


async def misspelt(connection: AsyncConnection, new: Identity) -> Sequence[Identity]:
    """The clients whose names are so much like the new one's that it matters, the most alike first."""
    if (spelt := new.spelling) is None:
        return ()
    found = most_alike(spelt, await names_nearby(connection, [spelt]))
    known = await identities(connection, found)
    return [known[key] for key in found if key in known]


async def names_nearby(connection: AsyncConnection, new: Iterable[Spelling]) -> dict[str, list[Named]]:
    """The names of clients, by the halves that new ones may share with them."""
    found: defaultdict[str, list[Named]] = defaultdict(list)
    for half, client_id, key in await spelt_nearby(connection, {halves for each in new for halves in each.nearby}):
        found[half].append(Named(key, client_id))
    return found


def most_alike(new: Spelling, nearby: Mapping[str, Iterable[Named]]) -> Sequence[UUID]:
    """The clients whose names are so much like the new one's that it matters, the most alike first."""
    others = sorted({other for halves in new.nearby for half in halves for other in nearby.get(half, ())})
    found = similar_names(new.words, [other.name for other in others])
    return [others[place].client_id for place, _ in found][:MOST_ALIKE]
