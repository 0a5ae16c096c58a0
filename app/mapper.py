"""Events to stored bytes and back: JSON, with personal data sealed under the key of the stream.

The state of an event, its keys in this order: schema_version, occurred_at, recorded_at (ISO 8601, UTC, microseconds),
actor, regulation_version, correlation_id, causation_id, previous (digest of the stream's previous event, hex; empty
for the first), data, and sealed where a personal field has a value: base64 of nonce and AES-GCM ciphertext.
"""

import gc
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any, ClassVar, NamedTuple, cast
from uuid import UUID

import orjson
from asyncpg.pgproto import pgproto
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent
from sqlalchemy.ext.asyncio import AsyncEngine

from app.vault import Keys, Vault, seal, unseal
from domain import employee
from domain.catalogue import products
from domain.client import state as client
from domain.distribution import state as distribution
from domain.kernel import EVENTS, Event, Recorded
from domain.regulation import state as regulation
from projections.decoding import Decode, Discreet, describe
from projections.joining import Joining
from projections.log import StoredRow

_uuid = pgproto.UUID
"""Parses ten times as fast as its base class, `uuid.UUID`."""

DEFINE_EVENTS = (client, distribution, employee, products, regulation)
"""The modules that define events; imported here, so that whoever decodes knows every topic."""

NO_DIGEST = b""
"""In place of the previous event's digest, on a stream's first event."""


class Envelope(NamedTuple):
    """What events recorded together share beside their own content, version, date and predecessor."""

    stream_id: UUID
    recorded_at: datetime
    actor: UUID
    regulation_version: int
    correlation_id: UUID
    causation_id: UUID | None


class Undecodable(Discreet):
    """A stored event cannot be read: unknown topic, changed bytes, or data that its class does not take."""

    def __init__(self, row: StoredRow, cause: Exception) -> None:
        super().__init__(
            f"event {row.position} ({row.topic}, {row.stream_id} version {row.version}): {describe(cause)}"
        )
        self.row = row


def has_personal_data(event: Event) -> bool:
    """Whether the event has to be sealed under a data key."""
    return any(getattr(event, name) is not None for name in event.personal_fields)


def encode(
    event: Event, version: int, occurred_at: datetime, previous: bytes, envelope: Envelope, cipher: AESGCM | None
) -> bytes:
    """The state of an event. `previous` is the digest of the stream's last event.

    `cipher` may be None where the event has no personal data.
    """
    stream_id, recorded_at, actor, regulation_version, correlation_id, causation_id = envelope
    public, personal = _split(event)
    state: dict[str, Any] = {
        "schema_version": event.schema_version,
        "occurred_at": _instant(occurred_at),
        "recorded_at": _instant(recorded_at),
        "actor": actor,
        "regulation_version": regulation_version,
        "correlation_id": correlation_id,
        "causation_id": causation_id,
        "previous": previous.hex(),
        "data": public,
    }
    if personal:
        assert cipher is not None, "personal data need a data key"
        sealed = seal(cipher, orjson.dumps(personal), _associated(stream_id, version))
        state["sealed"] = b64encode(sealed).decode()
    return orjson.dumps(state, default=_driver_uuid)


def digest(stream_id: UUID, version: int, topic: str, state: bytes) -> bytes:
    """What the stream's next event keeps of this one, so that nobody can change it unnoticed."""
    return sha256(b"".join((stream_id.bytes, version.to_bytes(8, "big"), topic.encode(), b"\0", state))).digest()


def decode(row: StoredRow, keys: Keys) -> Recorded:
    """The event of a stored row. Its personal fields are None where `keys` has no key for the stream.

    Raises:
        Undecodable: the row does not hold an event that this program knows.
    """
    stream_id, version, topic, state, position = row
    try:
        cls = EVENTS[topic]
        stored = orjson.loads(state)
        causation = stored["causation_id"]
        return Recorded(
            cls.__pydantic_validator__.validate_python(_data(cls, stored, stream_id, version, keys)),
            stream_id,
            version,
            position,
            datetime.fromisoformat(stored["occurred_at"]),
            datetime.fromisoformat(stored["recorded_at"]),
            _uuid(stored["actor"]),
            stored["regulation_version"],
            _uuid(stored["correlation_id"]),
            _uuid(causation) if causation else None,
        )
    except Exception as error:
        raise Undecodable(row, error) from error


async def decode_rows(rows: Sequence[StoredRow], vault: Vault) -> list[Recorded]:
    """The events of stored rows; the data keys are loaded at once.

    The garbage collector rests meanwhile: events hold no cycles, and walking them again and again would take half of
    the time.
    """
    keys = await vault.load(row[0] for row in rows)
    collecting = gc.isenabled()
    gc.disable()
    try:
        return [decode(row, keys) for row in rows]
    finally:
        if collecting:
            gc.enable()


def decoder_for_views(vault: Vault, engine: AsyncEngine) -> Decode:
    """Decodes what views are made of: the events, and with each merge what the survivor got by it."""
    return Joining(partial(decode_rows, vault=vault), engine)


def _data(cls: type[Event], stored: dict[str, Any], stream_id: UUID, version: int, keys: Keys) -> dict[str, Any]:
    data: dict[str, Any] = stored["data"]
    sealed, cipher = stored.get("sealed"), keys.get(stream_id)
    if sealed is not None and cipher is not None:
        data.update(orjson.loads(unseal(cipher, b64decode(sealed), _associated(stream_id, version))))
    if stored["schema_version"] != cls.schema_version:
        data = cls.upcast(data, stored["schema_version"])
    for name in _shapes[cls].restored:
        data.setdefault(name, None)
    return data


def _split(event: Event) -> tuple[dict[str, Any], dict[str, Any]]:
    """The public and the personal fields, without those that read as None anyway when they are absent."""
    shape = _shapes[type(event)]
    values = event.__pydantic_serializer__.to_python(event, mode="json")
    personal = {name: value for name in event.personal_fields if (value := values.pop(name)) is not None}
    for name in shape.droppable:
        if values[name] is None:
            del values[name]
    return values, personal


class _Shape(NamedTuple):
    """`restored`: personal fields that have to be given as None when absent. `droppable`: public ones that need not."""

    restored: tuple[str, ...]
    droppable: tuple[str, ...]


class _Shapes(dict[type[Event], _Shape]):
    """The shape of each class, found at its first event."""

    def __missing__(self, cls: type[Event]) -> _Shape:
        optional = {name for name, info in cls.model_fields.items() if not info.is_required() and info.default is None}
        shape = _Shape(tuple(cls.personal_fields - optional), tuple(optional - cls.personal_fields))
        self[cls] = shape
        return shape


_shapes = _Shapes()


def _associated(stream_id: UUID, version: int) -> bytes:
    return stream_id.bytes + version.to_bytes(8, "big")


def _driver_uuid(value: object) -> str:
    """`orjson` writes `uuid.UUID` by itself, but not the driver's subclass."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(value)


@lru_cache(maxsize=256)
def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True)
class LibraryEvent:
    """A recorded event under the names by which the library `eventsourcing` knows streams and versions."""

    originator_id: UUID
    originator_version: int
    recorded: Recorded


class ConveyorMapper(Mapper[UUID]):
    """Lets an application of the library `eventsourcing` read the log. Personal fields read as None without `keys`."""

    keys: ClassVar[Keys] = {}

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """The event of a stored row; its position is known where the row comes from a notification log."""
        stream_id, position = cast("UUID", stored_event.originator_id), getattr(stored_event, "id", 0)
        row = StoredRow(stream_id, stored_event.originator_version, stored_event.topic, stored_event.state, position)
        return LibraryEvent(stream_id, row.version, decode(row, self.keys))

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """Refused: events are recorded by the store only, which keeps positions without gaps."""
        raise TypeError("an application of the library may read the log, but not append to it")
