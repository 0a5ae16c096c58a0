"""What a client brought that another one took in goes with the event that says so.

A view folds one stream, and a client's purchases stand on its own. From its merge on nothing is recorded there but
that others were parted from it, so that all of it is in the log before the survivor's `clients.absorbed`: whoever reads
that event is given these earlier events too, live, in a rebuild and in a snapshot alike, and a fold stays a function of
what it is given.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.merging import ClientAbsorbed, ClientReleased
from domain.kernel import Recorded
from projections.decoding import Decode, Unreadable, decode_each
from projections.kernel import View
from projections.log import StoredRow, read_histories
from projections.value import ValueView

_TOPICS = ValueView().topics
"""Of the events of the other client only those that a view asks for."""


class Joining:
    """Decodes as `decode` does, and joins to each `clients.absorbed` the history of the client that was taken in.

    An event of that history which cannot be decoded is an error of the views that look at it only. Histories are read
    by one query for all rows, and one more for those that these clients stood for, and so on.
    """

    def __init__(self, decode: Decode, engine: AsyncEngine) -> None:
        self.alone, self._engine = decode, engine

    async def __call__(self, rows: Sequence[StoredRow]) -> list[Recorded]:
        events = await self.alone(rows)
        places = [place for place, row in enumerate(rows) if row.topic == ClientAbsorbed.topic]
        taken = {place: found for place in places if (found := _TakenIn.of(events[place], set()))}
        level = list(taken.values())
        while level:
            histories = await self._histories(level)
            level = [within for each in level for within in each.take(histories)]
        for place, each in taken.items():
            events[place] = each.joined()
        return events

    async def _histories(self, level: Sequence["_TakenIn"]) -> dict[UUID, list[Recorded]]:
        clients = list({each.client_id for each in level})
        until = max(each.recorded.position for each in level)
        async with self._engine.connect() as connection:
            rows = await read_histories(connection, clients, _TOPICS, until)
        events = await decode_each(self.alone, rows)
        return {key: list(history) for key, history in groupby(events, key=lambda recorded: recorded.stream_id)}


def decode_for(views: Iterable[View[Any]], decode: Decode) -> Decode:
    """What these views are made of: without the joined histories where none of them looks at these."""
    if isinstance(decode, Joining) and not any(view.looks_at_joined for view in views):
        return decode.alone
    return decode


class _TakenIn:
    """A client that an event takes in; `seen` are all that go with that event so far.

    Each goes in once, however often clients were merged and parted.
    """

    def __init__(self, recorded: Recorded, client_id: UUID, seen: set[UUID]) -> None:
        self.recorded, self.client_id = recorded, client_id
        self._seen = seen
        self._history: list[Recorded] = []
        self._within: dict[int, _TakenIn] = {}

    @classmethod
    def of(cls, recorded: Recorded, seen: set[UUID]) -> "_TakenIn | None":
        """None where the client is in already."""
        assert isinstance(recorded.event, ClientAbsorbed)
        seen.add(recorded.stream_id)
        client_id = recorded.event.client_id
        if client_id in seen:
            return None
        seen.add(client_id)
        return cls(recorded, client_id, seen)

    def take(self, histories: Mapping[UUID, Sequence[Recorded]]) -> Collection["_TakenIn"]:
        """Take what the client had brought by then; returns those that it stood for."""
        own = histories.get(self.client_id, ())
        self._history = [recorded for recorded in own if recorded.position <= self.recorded.position]
        for place in _standing(self._history):
            if found := _TakenIn.of(self._history[place], self._seen):
                self._within[place] = found
        return self._within.values()

    def joined(self) -> Recorded:
        """The event with the history of the client, and with those which that one stood for."""
        for place, each in self._within.items():
            self._history[place] = each.joined()
        return self.recorded._replace(joined=tuple(self._history))


def _standing(history: Sequence[Recorded]) -> list[int]:
    """Where in a history clients were taken in for whom it still stands in the end."""
    found: dict[UUID, int] = {}
    for place, recorded in enumerate(history):
        if isinstance(recorded, Unreadable):
            break
        match recorded.event:
            case ClientAbsorbed(client_id=client_id):
                found[client_id] = place
            case ClientReleased(client_id=client_id):
                found.pop(client_id, None)
            case _:
                pass
    return list(found.values())
