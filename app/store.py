"""The store: appends the events of commands, and reads streams and the log back as recorded events."""

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.ext.asyncio import AsyncEngine

from app.batch import NO_POSITION, KeptAnswer, KeyTaken, Rows, VersionConflict
from app.mapper import Envelope, decode_rows, digest, encode, has_personal_data
from app.vault import NewKey, Vault
from app.writer import StoreUnavailable, Writer
from domain.kernel import Event, Recorded
from projections import log
from projections.log import StoredRow, driver

logger = logging.getLogger(__name__)

__all__ = [
    "Answer",
    "Append",
    "Appended",
    "Idempotency",
    "KeyTaken",
    "Rows",
    "Store",
    "StoreUnavailable",
    "VersionConflict",
]


class Idempotency(NamedTuple):
    """Keep the answer to a command under a key of its actor.

    `response` makes the answer from the version and the position of the last event. It must put the position into the
    answer as it is, in digits.
    """

    key: str
    request_digest: bytes
    response: Callable[[int, int], str]


class Append(NamedTuple):
    """New facts of a stream, each with the time at which it occurred.

    `previous_digest` is the digest of the event at `expected_version`; empty for a new stream.
    """

    stream_id: UUID
    expected_version: int
    previous_digest: bytes
    facts: Sequence[tuple[Event, datetime]]
    actor: UUID
    regulation_version: int
    correlation_id: UUID
    causation_id: UUID | None
    recorded_at: datetime
    idempotency: Idempotency | None = None


class Appended(NamedTuple):
    """What was recorded: the stream's version now, the position and digest of its last event, and the kept answer."""

    version: int
    position: int
    digest: bytes
    response: str | None
    append: Append

    @property
    def recorded(self) -> tuple[Recorded, ...]:
        """The events as they stand in the log."""
        return tuple(_recorded(self.append, self.position - len(self.append.facts) + 1))


class Answer(NamedTuple):
    """The answer kept under an idempotency key, and the digest of the request it answered."""

    request_digest: bytes
    response: str
    position: int


class Store:
    """Appends and reads. One per process; `start` it before the first append."""

    def __init__(self, engine: AsyncEngine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault
        self._listeners: list[Callable[[int], object]] = []
        self._writer = Writer(engine, self._committed)

    async def start(self) -> None:
        """Connect the writer.

        Raises:
            OSError, SQLAlchemyError: the database cannot be reached.
        """
        await self._writer.start()

    async def stop(self) -> None:
        """Finish the appends that wait, and take no more."""
        await self._writer.stop()

    def on_commit(self, listener: Callable[[int], object]) -> None:
        """Call `listener` with the last position after each commit of this process. It must not block."""
        self._listeners.append(listener)

    async def append(self, append: Append) -> Appended:
        """Record the facts, all or none; returns once they are committed.

        Raises:
            VersionConflict: the stream is at another version.
            KeyTaken: the idempotency key was used before.
            KeyDestroyed: the stream's personal data were erased, and the facts bring new ones.
            StoreUnavailable: the database cannot be reached.
        """
        [appended] = await self.append_together((append,))
        return appended

    async def append_together(self, unit: Sequence[Append]) -> list[Appended]:
        """Record the facts of different streams, all or none; of each append what was recorded, in their order.

        An append without facts only makes sure that its stream still is at the expected version. Raises as `append`.
        """
        keys = [await self._key(append) for append in unit]
        encoded = [_encoded(append, _cipher(key)) for append, key in zip(unit, keys, strict=True)]
        rows = [_rows(*each) for each in zip(unit, encoded, keys, strict=True)]
        firsts = await self._writer.append(*rows)
        for append, key in zip(unit, keys, strict=True):
            if isinstance(key, NewKey):
                self._vault.remember(append.stream_id, key.wrapped)
        return [
            _appended(append, last_digest, first)
            for append, (_, last_digest), first in zip(unit, encoded, firsts, strict=True)
        ]

    async def append_rows(self, rows: Rows) -> int:
        """Record events that are encoded already; returns the position of the first. Raises as `append` does."""
        [first] = await self._writer.append(rows)
        return first

    async def read_stream(
        self,
        stream_id: UUID,
        after_version: int = 0,
        *,
        before_version: int | None = None,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> list[Recorded]:
        """The events of a stream between two versions, both exclusive; in order of version, or the newest first."""
        async with self._engine.connect() as connection:
            rows = await log.read_stream(
                connection, stream_id, after_version, before_version, limit, newest_first=newest_first
            )
        return await self._decoded(rows)

    async def read_together(self, stream_ids: Sequence[UUID], before: int | None, limit: int) -> list[Recorded]:
        """Up to `limit` events of some streams before a position, the newest first."""
        async with self._engine.connect() as connection:
            rows = await log.read_together(connection, stream_ids, before, limit)
        return await self._decoded(rows)

    async def read_topics(self, stream_id: UUID, topics: Sequence[str]) -> list[Recorded]:
        """The events of a stream with these topics, in order of version."""
        async with self._engine.connect() as connection:
            rows = await log.read_histories(connection, [stream_id], topics, log.NO_END)
        return await self._decoded(rows)

    async def read_tail(self, stream_id: UUID, after_version: int) -> tuple[list[Recorded], bytes]:
        """The events of a stream after a version, with the digest of the last one (empty without events)."""
        async with self._engine.connect() as connection:
            rows = await log.read_stream(connection, stream_id, after_version)
        last_digest = digest(stream_id, rows[-1].version, rows[-1].topic, rows[-1].state) if rows else b""
        return await self._decoded(rows), last_digest

    async def read_streams(self, stream_ids: Collection[UUID]) -> dict[UUID, tuple[list[Recorded], bytes]]:
        """All events of some streams, each with the digest of its last one; streams without events are absent."""
        async with self._engine.connect() as connection:
            rows = await log.read_whole(connection, stream_ids)
        streams: dict[UUID, tuple[list[Recorded], bytes]] = {}
        for row, recorded in zip(rows, await self._decoded(rows), strict=True):
            events, _ = streams.get(row.stream_id, ([], b""))
            streams[row.stream_id] = ([*events, recorded], digest(row.stream_id, row.version, row.topic, row.state))
        return streams

    async def read_log(
        self, after_position: int, limit: int, topics: Sequence[str] | None = None, until: int | None = None
    ) -> list[Recorded]:
        """Up to `limit` events after a position, in order of position; see `projections.log.read_log`."""
        async with self._engine.connect() as connection:
            rows = await log.read_log(connection, after_position, limit, topics, until)
        return await self._decoded(rows)

    async def head(self) -> int:
        """The position of the last event; 0 in an empty log."""
        async with self._engine.connect() as connection:
            return await log.head(connection)

    async def find_answer(self, actor: UUID, key: str) -> Answer | None:
        """The answer kept under an idempotency key of an actor."""
        sql = "SELECT request_digest, response, position FROM public.idempotency WHERE actor = $1 AND key = $2"
        async with self._engine.connect() as connection:
            found = await (await driver(connection)).fetchrow(sql, actor, key)
        return Answer(*found) if found else None

    async def _decoded(self, rows: Sequence[StoredRow]) -> list[Recorded]:
        return await decode_rows(rows, self._vault) if rows else []

    async def _key(self, append: Append) -> AESGCM | NewKey | None:
        """The key to seal the facts with: the stream's, or a new one; None where nothing is to be sealed."""
        if not any(has_personal_data(event) for event, _ in append.facts):
            return None
        stored = await self._vault.find(append.stream_id) if append.expected_version else None
        return stored or self._vault.new_key(append.stream_id)

    def _committed(self, position: int) -> None:
        for listener in self._listeners:
            try:
                listener(position)
            except Exception:
                logger.exception("a listener failed at position %d", position)


def _cipher(key: AESGCM | NewKey | None) -> AESGCM | None:
    return key.cipher if isinstance(key, NewKey) else key


def _rows(append: Append, encoded: tuple[list[tuple[str, bytes]], bytes], key: AESGCM | NewKey | None) -> Rows:
    events, _ = encoded
    wrapped = key.wrapped if isinstance(key, NewKey) else None
    answer = _kept_answer(append, append.expected_version + len(events))
    return Rows(append.stream_id, append.expected_version, events, wrapped, answer)


def _appended(append: Append, last_digest: bytes, first: int) -> Appended:
    version, position = append.expected_version + len(append.facts), first + len(append.facts) - 1
    response = append.idempotency.response(version, position) if append.idempotency else None
    return Appended(version, position, last_digest, response, append)


def _encoded(append: Append, cipher: AESGCM | None) -> tuple[list[tuple[str, bytes]], bytes]:
    """Topics and states, and the digest of the last event."""
    envelope = Envelope(
        append.stream_id,
        append.recorded_at,
        append.actor,
        append.regulation_version,
        append.correlation_id,
        append.causation_id,
    )
    events: list[tuple[str, bytes]] = []
    previous = append.previous_digest
    for version, (event, occurred_at) in enumerate(append.facts, append.expected_version + 1):
        state = encode(event, version, occurred_at, previous, envelope, cipher)
        events.append((event.topic, state))
        previous = digest(append.stream_id, version, event.topic, state)
    return events, previous


def _recorded(append: Append, first: int) -> list[Recorded]:
    recorded_at = append.recorded_at.astimezone(UTC)
    return [
        Recorded(
            event,
            append.stream_id,
            append.expected_version + 1 + nth,
            first + nth,
            occurred_at.astimezone(UTC),
            recorded_at,
            append.actor,
            append.regulation_version,
            append.correlation_id,
            append.causation_id,
        )
        for nth, (event, occurred_at) in enumerate(append.facts)
    ]


def _kept_answer(append: Append, version: int) -> KeptAnswer | None:
    if append.idempotency is None:
        return None
    key, request_digest, response = append.idempotency
    return KeptAnswer(append.actor, key, request_digest, response(version, NO_POSITION), append.recorded_at)
