"""Brings the database to the schema that this program needs, or says that it is not at it.

The library that does it is imported only where there is something to do: it takes 12 MB.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

import migrations

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7236478120518)")


class SchemaTooOld(Exception):
    """The database has an older schema than this program needs; `current` is None where it has none yet."""

    def __init__(self, current: str | None, needed: str) -> None:
        super().__init__(f"the database is at schema {current or 'none'}, this program needs {needed}")
        self.current = current
        self.needed = needed


class SchemaTooNew(Exception):
    """The database was migrated by a newer program: this one does not know its schema."""

    def __init__(self, current: str, needed: str) -> None:
        super().__init__(f"the database is at schema {current}, which is newer than this program's {needed}")
        self.current = current
        self.needed = needed


@cache
def revisions() -> list[str]:
    """The schemas that this program knows, oldest first: the numbers with which the files of migrations begin."""
    return sorted(path.name.partition("_")[0] for path in (_folder() / "versions").glob("[0-9]*_*.py"))


def head() -> str:
    """The schema that this program needs."""
    return revisions()[-1]


async def current(engine: AsyncEngine) -> str | None:
    """The schema of the database; None where it has none yet."""
    async with engine.connect() as connection:
        return await _current(connection)


async def check(engine: AsyncEngine) -> None:
    """Make sure that the database has the schema that this program needs.

    Raises:
        SchemaTooOld: it has to be migrated first.
        SchemaTooNew: a newer program migrated it.
    """
    found = await current(engine)
    _refuse_newer(found)
    if found != head():
        raise SchemaTooOld(found, head())


async def upgrade(engine: AsyncEngine) -> None:
    """Bring the database to `head`. Does nothing where it is there already; several processes may call it at once.

    Raises:
        SchemaTooNew: a newer program migrated it.
    """
    async with engine.begin() as connection:
        await connection.execute(_ONE_AT_A_TIME)
        found = await _current(connection)
        _refuse_newer(found)
        if found != head():
            await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415

    config = Config()  # which works from an installed package and in any directory
    config.set_main_option("script_location", str(_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _current(connection: AsyncConnection) -> str | None:
    if await connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    return await connection.scalar(text("SELECT version_num FROM alembic_version"))


def _refuse_newer(revision: str | None) -> None:
    if revision is not None and revision not in revisions():
        raise SchemaTooNew(revision, head())


def _folder() -> Path:
    assert migrations.__file__ is not None
    return Path(migrations.__file__).parent
