"""The log of events as projections see it: its table, raw pages of it, and how far each view has come.

Pages are read straight from the driver, because a rebuild reads every event there is.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any, NamedTuple, Protocol, cast
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.ext.asyncio import AsyncConnection

metadata = MetaData(schema="public")

events = Table(
    "events",
    metadata,
    Column("originator_id", Uuid, primary_key=True),
    Column("originator_version", BigInteger, primary_key=True, autoincrement=False),
    Column("topic", Text, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("notification_id", BigInteger, nullable=False),
    Index("events_notification_id", "notification_id", unique=True),
)
"""Every event: stream, version on it, topic, state (JSON) and position (`notification_id`)."""

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("view", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("failure", Text),
)
"""Up to which position a view has read, the fingerprint of the definition it was built by, and why it cannot go on."""

parked = Table(
    "parked",
    metadata,
    Column("view", Text, primary_key=True),
    Column("stream_id", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
)
"""Streams that a view could not fold, with the position of the event it stopped at."""


class StoredRow(NamedTuple):
    """A row of the log as it is stored; `position` is the place in the whole log."""

    stream_id: UUID
    version: int
    topic: str
    state: bytes
    position: int


class StreamPlace(NamedTuple):
    """A place in the log read stream by stream."""

    stream_id: UUID
    version: int


FIRST_STREAM = UUID(int=0)
LAST_STREAM = UUID(int=2**128 - 1)
START = StreamPlace(FIRST_STREAM, 0)
"""The place before every event."""

_COLUMNS = "SELECT originator_id, originator_version, topic, state, notification_id FROM public.events"
_BY_POSITION = f"{_COLUMNS} WHERE notification_id > $1 AND notification_id <= $2"
_BY_STREAM = (
    f"{_COLUMNS} WHERE (originator_id, originator_version) > ($1, $2) AND originator_id <= $3 AND notification_id <= $4"
)
_OF_STREAM = f"{_COLUMNS} WHERE originator_id = $1 AND originator_version > $2 AND originator_version < $3"
_OF_STREAMS = f"""
    WITH own AS MATERIALIZED ({_COLUMNS} WHERE originator_id = ANY($1) AND notification_id < $2)
    SELECT * FROM own ORDER BY notification_id DESC LIMIT $3
"""  # noqa: S608 - the columns are a constant
"""Materialised, because the whole log might be walked backwards for it otherwise."""
NO_END = 2**63 - 1


class PreparedStatement(Protocol):
    """A statement prepared on a connection."""

    async def fetch(self, *args: Any) -> list[Any]: ...
    async def fetchrow(self, *args: Any) -> Any: ...


class Driver(Protocol):
    """What is used of a connection of asyncpg, which comes without types."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...
    async def fetchrow(self, query: str, *args: Any) -> Any: ...
    async def fetchval(self, query: str, *args: Any) -> Any: ...
    async def execute(self, query: str, *args: Any) -> str: ...
    async def executemany(self, command: str, args: Iterable[Sequence[Any]]) -> None: ...
    async def prepare(self, query: str) -> PreparedStatement: ...
    async def copy_records_to_table(
        self, table_name: str, *, records: Iterable[Any], columns: Sequence[str], schema_name: str
    ) -> str: ...
    async def add_listener(self, channel: str, callback: Callable[..., Any]) -> None: ...
    async def remove_listener(self, channel: str, callback: Callable[..., Any]) -> None: ...
    def transaction(self) -> AbstractAsyncContextManager[Any]: ...
    def is_closed(self) -> bool: ...


async def driver(connection: AsyncConnection) -> Driver:
    """The driver's connection underneath, the same one for as long as `connection` is held, even if it breaks.

    A transaction that SQLAlchemy has begun holds here too, once a statement has been executed through SQLAlchemy.
    """
    return cast("Driver", (await connection.get_raw_connection()).driver_connection)


async def read_log(
    connection: AsyncConnection,
    after: int,
    limit: int,
    topics: Sequence[str] | None = None,
    until: int | None = None,
) -> list[StoredRow]:
    """Up to `limit` rows after a position, in order of position; of the given topics only, and not past `until`."""
    end = NO_END if until is None else until
    raw = await driver(connection)
    if topics is None:
        return rows(await raw.fetch(f"{_BY_POSITION} ORDER BY 5 LIMIT $3", after, end, limit))
    sql = f"{_BY_POSITION} AND topic = ANY($4) ORDER BY 5 LIMIT $3"
    return rows(await raw.fetch(sql, after, end, limit, list(topics)))


async def read_streams(
    connection: AsyncConnection,
    after: StreamPlace,
    limit: int,
    topics: Sequence[str] | None = None,
    until: int | None = None,
    last_stream: UUID = LAST_STREAM,
) -> list[StoredRow]:
    """Up to `limit` rows after a place, stream by stream and in order of version.

    Rows past the position `until` and streams past `last_stream` are left out, so that several readers can share the
    log by ranges of streams.
    """
    end = NO_END if until is None else until
    raw = await driver(connection)
    if topics is None:
        return rows(await raw.fetch(f"{_BY_STREAM} ORDER BY 1, 2 LIMIT $5", *after, last_stream, end, limit))
    sql = f"{_BY_STREAM} AND topic = ANY($6) ORDER BY 1, 2 LIMIT $5"
    return rows(await raw.fetch(sql, *after, last_stream, end, limit, list(topics)))


async def read_stream(
    connection: AsyncConnection,
    stream_id: UUID,
    after: int = 0,
    before: int | None = None,
    limit: int | None = None,
    *,
    newest_first: bool = False,
) -> list[StoredRow]:
    """The rows of one stream between two versions, both exclusive; in order of version, or the newest first."""
    raw = await driver(connection)
    sql = f"{_OF_STREAM} ORDER BY 2 {'DESC' if newest_first else 'ASC'} LIMIT $4"
    return rows(await raw.fetch(sql, stream_id, after, NO_END if before is None else before, limit))


async def read_together(
    connection: AsyncConnection, stream_ids: Sequence[UUID], before: int | None, limit: int
) -> list[StoredRow]:
    """Up to `limit` rows of some streams before a position, the newest first."""
    raw = await driver(connection)
    return rows(await raw.fetch(_OF_STREAMS, stream_ids, NO_END if before is None else before, limit))


async def read_whole(connection: AsyncConnection, stream_ids: Collection[UUID]) -> list[StoredRow]:
    """All rows of some streams, stream by stream and in order of version."""
    raw = await driver(connection)
    return rows(await raw.fetch(f"{_COLUMNS} WHERE originator_id = ANY($1) ORDER BY 1, 2", list(stream_ids)))


async def read_histories(
    connection: AsyncConnection, stream_ids: Sequence[UUID], topics: Sequence[str], until: int
) -> list[StoredRow]:
    """All rows of some streams and topics up to a position, stream by stream and in order of version."""
    raw = await driver(connection)
    sql = f"{_COLUMNS} WHERE originator_id = ANY($1) AND topic = ANY($2) AND notification_id <= $3 ORDER BY 1, 2"
    return rows(await raw.fetch(sql, stream_ids, list(topics), until))


async def head(connection: AsyncConnection) -> int:
    """The last position; 0 in an empty log."""
    raw = await driver(connection)
    return cast("int", await raw.fetchval("SELECT coalesce(max(notification_id), 0) FROM public.events"))


_row = partial(cast("Callable[[type[StoredRow], Any], StoredRow]", tuple.__new__), StoredRow)
"""`StoredRow._make` without its checks, which a rebuild would pay for millions of times."""


def rows(records: Iterable[Any]) -> list[StoredRow]:
    """Records of the driver as rows of the log."""
    return list(map(_row, records))
