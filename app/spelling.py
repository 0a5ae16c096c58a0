"""Clients whose names are much like a new one's in the same region: who mistypes a name finds the client all the same.

Compared are names that have a half in common, the first or the second one, as they are written. So one mistake leaves
a client among those compared, and two in one half do, with three exceptions: names under five letters; numbers, the
region and the legal form, which have to be written right; and halves that more clients share than are looked at
(`projections.duplicates_query.MOST_SPELT`). Whether it is the same client, `app.similarity` says.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.similarity import similar_names
from projections.duplicates import Identity
from projections.duplicates_query import identities, spelt_nearby
from projections.identity import Spelling

MOST_ALIKE = 10
"""So many of those that are most like a client are named."""


NamesByHalf = Mapping[str, Mapping[UUID, str]]
"""The words of clients' names by client, and those by a half that they have in common."""


async def misspelt(connection: AsyncConnection, new: Identity) -> Sequence[Identity]:
    """The clients whose names are so much like the new one's that it matters, the most alike first."""
    if (spelt := new.spelling) is None:
        return ()
    found = _most_alike(spelt, nearby(spelt, await names_by_half(connection, [spelt])))
    known = await identities(connection, found)
    return [known[key] for key in found if key in known]


async def names_by_half(connection: AsyncConnection, new: Iterable[Spelling]) -> NamesByHalf:
    """The names of clients, by the halves that new ones may share with them."""
    found: defaultdict[str, dict[UUID, str]] = defaultdict(dict)
    for half, client_id, key in await spelt_nearby(connection, {halves for each in new for halves in each.nearby}):
        found[half][client_id] = key
    return found


def nearby(new: Spelling, by_half: NamesByHalf) -> dict[UUID, str]:
    """The names that share a half with a new one, by client."""
    found: dict[UUID, str] = {}
    for half in {half for halves in new.nearby for half in halves}:
        found.update(by_half.get(half, {}))
    return found


def _most_alike(new: Spelling, names: Mapping[UUID, str]) -> Sequence[UUID]:
    others = sorted(names.items(), key=lambda item: (item[1], item[0]))
    found = similar_names(new.words, [name for _, name in others])
    return [others[place][0] for place, _ in found][:MOST_ALIKE]
