"""A PostgreSQL server per run, and per test a fresh database with the schema and with empty views.

The server is the embedded one, or the one that TEST_DATABASE_URL names; then databases are created and dropped there.
"""

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from app import embedded, migrate
from app.mapper import decode_rows
from app.vault import Vault
from projections.connections import engine_on
from projections.prepare import prepare
from projections.registry import VIEWS
from tests.databases import Databases, administer, create, drop

THROWN_AWAY_AFTERWARDS = ("fsync", "full_page_writes")
"""Safeguards of the data that the server of a test run does without."""
MASTER_KEY = bytes(range(32))
MEMORY = Path("/dev/shm")
"""A file system in memory, on Linux."""
MEMORY_BYTES = 4 * 2**30
"""So much must be free there for the server's folder, which takes less than half of it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use the server. The others would find out nothing new on another one."""
    for item in items:
        if "server_url" in getattr(item, "fixturenames", ()):
            item.add_marker("server")


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """The server, as its administrator. The workers of a parallel run share it."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+asyncpg")
        return
    folder = _shared_folder(tmp_path_factory)
    url = embedded.start(folder)
    for setting in THROWN_AWAY_AFTERWARDS:
        administer(url, f"ALTER SYSTEM SET {setting} = off")
    administer(url, "SELECT pg_reload_conf()")
    yield url
    embedded.stop(folder)
    _remove_if_stopped(folder)


def _shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run's own. Not in pytest's: that is closed to the server's user when another run begins.

    In memory, where there is room: nothing in it outlives the run.
    """
    base = tmp_path_factory.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    name = hashlib.sha256(bytes(run)).hexdigest()[:16]
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_BYTES
    return (MEMORY if roomy else Path(tempfile.gettempdir())) / f"conveyor-tests-{name}"


def _remove_if_stopped(folder: Path) -> None:
    """The last worker to leave has stopped the server."""
    if not (folder / embedded.FOLDER / "postmaster.pid").exists():
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(server_url: URL) -> Iterator[str]:
    """A migrated database with the views of an empty log, to copy."""
    url = create(server_url)
    asyncio.run(_set_up(url))
    assert url.database
    yield url.database
    drop(url)


async def _set_up(url: URL) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    await migrate.upgrade(engine)
    await prepare(engine, VIEWS, partial(decode_rows, vault=Vault(MASTER_KEY, engine)))
    await engine.dispose()


@pytest.fixture(scope="session")
def databases(server_url: URL, template: str) -> Iterator[Databases]:
    """Fresh databases, as the service finds its own at the second start."""
    found = Databases(server_url, template)
    yield found
    found.close()


@pytest.fixture
def database_url(databases: Databases) -> Iterator[URL]:
    """A fresh database."""
    with databases.lend() as url:
        yield url


@pytest.fixture
def no_views(database_url: URL) -> None:
    """The database as it is before its views are built for the first time."""
    administer(database_url, "DROP SCHEMA views CASCADE")
    administer(database_url, "DELETE FROM checkpoints")


@pytest.fixture
async def engine(database_url: URL) -> AsyncIterator[AsyncEngine]:
    """An engine on a fresh database."""
    engine = engine_on(database_url, pool_size=20)
    yield engine
    await engine.dispose()
