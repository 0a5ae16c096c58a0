"""Stored rows become events here. One that cannot be read harms its own client only."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, cast
from uuid import UUID

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from domain.kernel import Event, Recorded
from projections.log import StoredRow

Decode = Callable[[Sequence[StoredRow]], Awaitable[list[Recorded]]]
"""Turns stored rows into events; it may raise anything where it cannot."""

DATABASE_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, SQLAlchemyError)
"""Failures of the database. They are tried again, all but `BAD_ROWS`.

The driver raises its `InternalClientError` on a connection that the server has just ended.
"""

BAD_ROWS = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.CardinalityViolationError,
    asyncpg.ProgramLimitExceededError,
)
"""What the database says of a row that it can never take, however often it is tried."""


class Unreadable(NamedTuple):
    """Stands for an event that could not be decoded: whoever looks at the event gets the error."""

    stream_id: UUID
    version: int
    position: int
    error: Exception

    @property
    def event(self) -> Event:
        """Never an event.

        Raises:
            Exception: what the decoding raised.
        """
        raise self.error


async def decode_each(decode: Decode, rows: Sequence[StoredRow]) -> list[Recorded]:
    """Rows as events, with an `Unreadable` in place of each that cannot be decoded.

    Raises:
        Exception: one of `DATABASE_ERRORS`.
    """
    try:
        return await decode(rows)
    except DATABASE_ERRORS:
        raise
    except Exception as error:
        if len(rows) == 1:
            row = rows[0]
            return [cast(Recorded, Unreadable(row.stream_id, row.version, row.position, error))]
    half = len(rows) // 2
    return [*await decode_each(decode, rows[:half]), *await decode_each(decode, rows[half:])]


def describe(error: Exception) -> str:
    """An error in one line, for the people who look after the service."""
    return f"{type(error).__name__}: {error}"[:1000]
