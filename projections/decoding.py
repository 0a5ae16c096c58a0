"""Stored rows become events here. One that cannot be read harms its own client only."""

import traceback
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import NamedTuple, cast
from uuid import UUID

import asyncpg
from pydantic import ValidationError
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


class Discreet(Exception):
    """An error whose message holds nothing of what is recorded of a client, so that it may be logged and kept."""


def describe(error: BaseException) -> str:
    """An error in one line, for the people who look after the service: what kind it is and where it came from.

    Never its message, which may hold what a client's card holds, and would outlive the erasure of the client.
    """
    if isinstance(error, Discreet):
        return f"{type(error).__name__}: {error}"[:1000]
    if isinstance(error, ValidationError):
        problems = error.errors(include_input=False, include_url=False, include_context=False)
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in problems)[:1000]
    if isinstance(error, asyncpg.PostgresError):
        return f"{type(error).__name__} (SQLSTATE {getattr(error, 'sqlstate', None)})"
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
