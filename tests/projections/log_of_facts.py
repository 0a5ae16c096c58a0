"""A log written directly, and read by the projections under test."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.ext.asyncio import AsyncEngine

from app.mapper import Envelope, decode, encode
from domain.employee import employee_id
from domain.kernel import Recorded
from projections.decoding import Decode
from projections.joining import Joining
from projections.log import StoredRow, driver
from tests.projections.firm import CODES
from tests.projections.histories import Fact
from tests.spec import NOW

_CIPHER = AESGCM(bytes(32))
_COLUMNS = ("originator_id", "originator_version", "topic", "state", "notification_id")


class Log:
    """Appends facts to the table of events. `decode` makes events of its rows again."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.head = 0
        self.decode: Decode = Joining(_decode, engine)
        self._versions: dict[UUID, int] = {}

    async def add(self, facts: Iterable[Fact], recorded_at: datetime = NOW) -> int:
        """Append; returns the last position."""
        rows = [self._row(fact, recorded_at) for fact in facts]
        async with self.engine.connect() as connection:
            raw = await driver(connection)
            await raw.copy_records_to_table("events", schema_name="public", columns=_COLUMNS, records=rows)
        return self.head

    def _row(self, fact: Fact, recorded_at: datetime) -> StoredRow:
        self.head += 1
        version = self._versions[fact.stream_id] = self._versions.get(fact.stream_id, 0) + 1
        actor = employee_id(CODES[0])
        envelope = Envelope(fact.stream_id, recorded_at, actor, 0, fact.stream_id, None)
        state = encode(fact.event, version, fact.occurred_at, b"", envelope, _CIPHER)
        return StoredRow(fact.stream_id, version, fact.event.topic, state, self.head)


async def _decode(rows: Sequence[StoredRow]) -> list[Recorded]:
    keys = {row.stream_id: _CIPHER for row in rows}
    return [decode(row, keys) for row in rows]
