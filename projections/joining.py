"""What a client brought that another one took in goes with the event that says so.

A view folds one stream, and a client's purchases stand on its own. From its merge on nothing more is recorded there, so
that all of it is in the log before the survivor's `clients.absorbed`: whoever reads that event is given these earlier
events too, live, in a rebuild and in a snapshot alike, and a fold stays a function of what it is given.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.merging import ClientAbsorbed, ClientReleased
from domain.kernel import Recorded
from projections.decoding import Decode, Unreadable, decode_each
from projections.log import StoredRow, read_histories
from projections.value import ValueView

_TOPICS = ValueView().topics
"""Of the events of the other client only those that a view asks for."""


def joining(decode: Decode, engine: AsyncEngine) -> Decode:
    """Decodes as `decode` does, and joins to each `clients.absorbed` the history of the client that was taken in.

    An event of that history which cannot be decoded is an error of the views that look at it only.
    """

    async def decoded(rows: Sequence[StoredRow]) -> list[Recorded]:
        events = await decode(rows)
        for place, row in enumerate(rows):
            if row.topic == ClientAbsorbed.topic:
                events[place] = await _Joiner(decode, engine).joined(events[place])
        return events

    return decoded


class _Joiner:
    """Joins histories for one event; each client goes in once, however often clients were merged and parted."""

    def __init__(self, decode: Decode, engine: AsyncEngine) -> None:
        self._decode, self._engine = decode, engine
        self._seen = set[UUID]()

    async def joined(self, recorded: Recorded) -> Recorded:
        """The event with the history of the client that it takes in, and with those which that one stood for."""
        assert isinstance(recorded.event, ClientAbsorbed)
        other = recorded.event.client_id
        self._seen.add(recorded.stream_id)
        if other in self._seen:
            return recorded
        self._seen.add(other)
        async with self._engine.connect() as connection:
            rows = await read_histories(connection, [other], _TOPICS, recorded.position)
        history = await decode_each(self._decode, rows)
        for place in _standing(history):
            history[place] = await self.joined(history[place])
        return recorded._replace(joined=tuple(history))


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
