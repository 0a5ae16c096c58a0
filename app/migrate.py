"""Brings the database to the schema that this program needs, or says that it is not at it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

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


def head() -> str:
    """The schema that this program needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


async def current(engine: AsyncEngine) -> str | None:
    """The schema of the database; None where it has none yet."""
    async with engine.connect() as connection:
        return await connection.run_sync(_current)


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
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    _refuse_newer(_current(connection))
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(revision: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise SchemaTooNew(revision, head())


def _config() -> Config:
    """Alembic's configuration, which works from an installed package and in any directory."""
    assert migrations.__file__ is not None
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    return config
