"""The schema: made from nothing, the same as the tables in the code, and told apart from older and newer ones."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, MetaData, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app import migrate
from app.tables import metadata
from tests.databases import create, drop

ROOT = Path(__file__).parents[2]


@pytest.fixture
def empty_url(server_url: URL) -> Iterator[URL]:
    url = create(server_url)
    yield url
    drop(url)


@pytest.fixture
async def empty(empty_url: URL) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(empty_url)
    yield engine
    await engine.dispose()


async def test_an_empty_database_is_brought_up_by_several_at_once(empty: AsyncEngine):
    assert await migrate.current(empty) is None
    with pytest.raises(migrate.SchemaTooOld, match="at schema none, this program needs"):
        await migrate.check(empty)
    await asyncio.gather(*(migrate.upgrade(empty) for _ in range(3)))
    assert await migrate.current(empty) == migrate.head()
    await migrate.check(empty)


def _differences(connection: Connection) -> list[Any]:
    """How the tables of the database differ from those in the code; Alembic knows the default schema as None."""
    tables = MetaData()
    for table in metadata.tables.values():
        table.to_metadata(tables, schema=None)  # pyright: ignore[reportArgumentType]
    options: dict[str, Any] = {"include_name": _ours}
    return compare_metadata(MigrationContext.configure(connection, opts=options), tables)


def _ours(name: str | None, *_: object) -> bool:
    return name != "alembic_version"


async def test_the_revisions_make_the_tables_of_the_code(engine: AsyncEngine):
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_a_newer_schema_is_refused(engine: AsyncEngine):
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for refused in (migrate.check, migrate.upgrade):
        with pytest.raises(migrate.SchemaTooNew, match="at schema 9999, which is newer"):
            await refused(engine)


@pytest.mark.parametrize("command", ["upgrade head", "downgrade base"])
def test_alembic_works_from_the_command_line(empty_url: URL, database_url: URL, command: str):
    url = empty_url if command.startswith("upgrade") else database_url
    environment = os.environ | {"DATABASE_URL": url.set(drivername="postgresql").render_as_string(hide_password=False)}
    arguments = [sys.executable, "-m", "alembic", *command.split()]
    subprocess.run(arguments, cwd=ROOT, env=environment, check=True, capture_output=True)


async def test_it_works_in_any_folder(empty: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    await migrate.upgrade(empty)
    await migrate.check(empty)


def test_the_files_of_migrations_are_numbered_by_their_revisions():
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    assert [script.revision for script in scripts.walk_revisions()] == migrate.revisions()[::-1]
    assert scripts.get_current_head() == migrate.head()
