"""A PostgreSQL server per run, and per test a fresh database with the schema and with empty views.

The server is the embedded one, or the one that TEST_DATABASE_URL names; then databases are created and dropped there.
"""

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from app import embedded, migrate
from app.mapper import decode_rows
from app.vault import Vault
from projections.prepare import prepare
from projections.registry import VIEWS

THROWN_AWAY_AFTERWARDS = ("fsync", "full_page_writes")
"""Safeguards of the data that the server of a test run does without."""
MASTER_KEY = bytes(range(32))


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
    """A folder of this run's own. Not in pytest's: that is closed to the server's user when another run begins."""
    base = tmp_path_factory.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    name = hashlib.sha256(bytes(run)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"conveyor-tests-{name}"


def _remove_if_stopped(folder: Path) -> None:
    """The last worker to leave has stopped the server."""
    if not (folder / embedded.FOLDER / "postmaster.pid").exists():
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(server_url: URL) -> Iterator[str]:
    """A migrated database with the views of an empty log, to copy."""
    with new_database(server_url) as url:
        asyncio.run(_set_up(url))
        assert url.database
        yield url.database


async def _set_up(url: URL) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    await migrate.upgrade(engine)
    await prepare(engine, VIEWS, partial(decode_rows, vault=Vault(MASTER_KEY, engine)))
    await engine.dispose()


@pytest.fixture
def database_url(server_url: URL, template: str) -> Iterator[URL]:
    """A fresh database, as the service finds it at its second start."""
    with new_database(server_url, template) as url:
        yield url


@pytest.fixture
def no_views(database_url: URL) -> None:
    """The database as it is before its views are built for the first time."""
    administer(database_url, "DROP SCHEMA views CASCADE")
    administer(database_url, "DELETE FROM checkpoints")


@contextmanager
def new_database(server_url: URL, template: str = "template1") -> Generator[URL]:
    """A copy of the template, dropped afterwards."""
    name = f"conveyor_test_{uuid4().hex}"
    administer(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server_url.set(database=name)
    administer(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def engine(database_url: URL) -> AsyncIterator[AsyncEngine]:
    """An engine on a fresh database."""
    engine = create_async_engine(database_url, pool_size=20)
    yield engine
    await engine.dispose()


def administer(url: URL, statement: str) -> None:
    """Run a statement outside of a transaction."""
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.encode())
