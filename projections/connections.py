"""Engines whose pool gives out only connections that are open."""

from typing import Any

from sqlalchemy import URL, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def engine_on(url: URL | str, **options: Any) -> AsyncEngine:
    """An engine of SQLAlchemy's. A connection that broke while it lay in the pool is replaced when it is asked for.

    Never later: whoever works on a connection may have begun a transaction or taken a lock there, which another one
    would not have.
    """
    engine = create_async_engine(url, **options)
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    if connection.driver_connection.is_closed():
        raise DisconnectionError
