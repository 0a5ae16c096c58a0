"""What a client brought that another one took in goes with the event that says so.

A view folds one stream, and a client's purchases stand on its own. From its merge on nothing more is recorded there, so
that all of it is in the log before the survivor's `clients.absorbed`: whoever reads that event is given these earlier
events too, live, in a rebuild and in a snapshot alike, and a fold stays a function of what it is given.
"""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.merging import ClientAbsorbed
from domain.kernel import Recorded
from projections.decoding import Decode, decode_each
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
                events[place] = await joined(events[place])
        return events

    async def joined(recorded: Recorded) -> Recorded:
        assert isinstance(recorded.event, ClientAbsorbed)
        async with engine.connect() as connection:
            rows = await read_histories(connection, [recorded.event.client_id], _TOPICS, recorded.position)
        return recorded._replace(joined=tuple(await decode_each(decoded, rows)))

    return decoded
