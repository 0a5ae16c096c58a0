"""Pairs of clients with names alike, in a base too large to compare each with each.

Only those are compared that share a rare word or are in one region, and whose names have the same numbers in them. The
clients of a large region are divided by the beginnings of their names, of which more letters are taken until a part is
small enough, and once more by the ends; so one mistake does not hide a pair. Where even the beginnings are all the
same, a client is compared with its neighbours in alphabetical order.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from app.similarity import LEAST_SCORE, region_weight, similar_names
from projections.identity import words_in_order

RARE_WORD = 300
"""A word that more clients have in their names tells nothing."""
LARGEST_BLOCK = 2_000
LONGEST_BEGINNING = 40
NEIGHBOURS = 50
_LAST_LETTERS, _SHORTEST_WORD = 4, 3
_NUMBER = re.compile(r"[0-9]+")


class Named(NamedTuple):
    """A client by its name: the words in alphabetical order. `region` as `projections.clients.folded` spells it."""

    name: str
    region: str | None
    id: UUID


class Pair(NamedTuple):
    """Two clients, the lower id first, and how alike they are."""

    client_id: UUID
    other_id: UUID
    score: float


Progress = Callable[[int], None]
_by_name = attrgetter("name")


def named(client_id: UUID, name_key: str, region: str | None) -> Named:
    """A client with the name `projections.identity.name_key` gives."""
    return Named(words_in_order(name_key), region, client_id)


def alike(clients: Sequence[Named], done: Progress) -> Iterator[Pair]:
    """All pairs that are found; some of them several times. `done` is told how many more clients were looked at."""
    for keys_of in (_rare_words(clients), _region, _end):
        yield from _in_blocks(clients, keys_of, done)


def _rare_words(clients: Iterable[Named]) -> Callable[[Named], Iterable[str]]:
    times = Counter(word for client in clients for word in set(client.name.split()))

    def keys(client: Named) -> Iterable[str]:
        words = set(client.name.split())
        return [word for word in words if len(word) >= _SHORTEST_WORD and 1 < times[word] <= RARE_WORD]

    return keys


def _region(client: Named) -> Iterable[str]:
    return [str(client.region)] if client.name else ()


def _end(client: Named) -> Iterable[str]:
    return [f"{client.region}\x1f{client.name[-_LAST_LETTERS:]}"] if client.name else ()


def _in_blocks(clients: Sequence[Named], keys_of: Callable[[Named], Iterable[str]], done: Progress) -> Iterator[Pair]:
    blocks: dict[str, list[Named]] = {}
    for client in clients:
        numbers = " ".join(_NUMBER.findall(client.name))
        for key in keys_of(client):
            blocks.setdefault(f"{numbers}\x1f{key}", []).append(client)
    told = 0
    for number, block in enumerate(blocks.values(), 1):
        if len(block) > 1:
            yield from _divided(sorted(block, key=_by_name), 0)
        if (now := len(clients) * number // len(blocks)) > told:
            done(now - told)
            told = now
    done(len(clients) - told)


def _divided(block: Sequence[Named], letters: int) -> Iterator[Pair]:
    """The pairs of a block in alphabetical order."""
    if len(block) <= LARGEST_BLOCK:
        yield from _compared(block, len(block))
    elif letters >= LONGEST_BEGINNING:
        yield from _compared(block, NEIGHBOURS)
    else:
        for _, part in groupby(block, lambda client: client.name[: letters + 1]):
            yield from _divided(list(part), letters + 1)


def _compared(block: Sequence[Named], neighbours: int) -> Iterator[Pair]:
    names = [client.name for client in block]
    for place, one in enumerate(block[:-1]):
        others = names[place + 1 : place + 1 + neighbours]
        for further, alike_by in similar_names(one.name, others):
            other = block[place + 1 + further]
            score = round(alike_by * region_weight(one.region, other.region), 4)
            if score >= LEAST_SCORE and one.id != other.id:
                yield pair(one.id, other.id, score)


def pair(one: UUID, other: UUID, score: float) -> Pair:
    """The two in the order of their ids."""
    return Pair(min(one, other), max(one, other), score)
