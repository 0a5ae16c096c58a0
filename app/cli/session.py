"""What every command works on: the database, brought to where it has to be, and the services on top of it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from app.cli.failures import Failure, reason_of
from app.cli.progress import progress_bar
from app.mapper import decoder_for_views
from app.migrate import check, upgrade
from app.services import Services
from app.settings import Settings
from app.vault import Vault
from projections.connections import engine_on
from projections.decoding import DATABASE_ERRORS, Decode
from projections.parallel import Source
from projections.prepare import differing, prepare
from projections.registry import VIEWS

CONNECT_WITHIN_SECONDS = 10
WORKER_CONNECTIONS = 4
"""One to read, one to write and one for the keys, for each process of a rebuild, and one to spare."""


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncGenerator[AsyncEngine]:
    """The database of the settings; the embedded one is started when it is not running yet."""
    if settings.database_url is not None:
        async with _engine(make_url(settings.database_url), settings.pool_size) as engine:
            await _reach(engine)
            yield engine
        return
    from app import embedded  # noqa: PLC0415 - an image for a server of the firm's own does without it

    url = await asyncio.to_thread(embedded.start, settings.data_dir)
    try:
        async with _engine(url, settings.pool_size) as engine:
            yield engine
    finally:
        await asyncio.to_thread(embedded.stop, settings.data_dir)


async def _reach(engine: AsyncEngine) -> None:
    """Connect once, so that a database that cannot be reached is named with its address.

    Raises:
        Failure: with what the server or the network says.
    """
    try:
        async with asyncio.timeout(CONNECT_WITHIN_SECONDS), engine.connect():
            pass
    except TimeoutError:
        raise Failure(f"{_address(engine.url)}: no answer within {CONNECT_WITHIN_SECONDS} s") from None
    except DATABASE_ERRORS as error:
        raise Failure(f"{_address(engine.url)}: {reason_of(error)}") from error


def _address(url: URL) -> str:
    host, port = url.host or url.query.get("host", "localhost"), url.port or url.query.get("port", 5432)
    return f"cannot work with the database {url.database} at {host}:{port}"


@asynccontextmanager
async def _engine(url: URL, pool_size: int) -> AsyncGenerator[AsyncEngine]:
    patience = {"timeout": CONNECT_WITHIN_SECONDS}
    engine = engine_on(url, pool_size=pool_size, max_overflow=0, connect_args=patience, hide_parameters=True)
    try:
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncGenerator[Services]:
    """The services, started. The embedded database is migrated first; another one has to be migrated already.

    Raises:
        SchemaTooOld: the database has to be migrated.
        SchemaTooNew: a newer release migrated it.
        WrongMasterKey: it was set up with another key.
        Failure: its views have to be built.
    """
    key = settings.key()
    async with open_database(settings) as engine:
        if settings.embedded:
            await upgrade(engine)
            await build_views(engine, key)
        else:
            await check(engine)
            await _refuse_stale_views(engine)
        services = Services(settings, engine, key)
        await services.start()
        try:
            yield services
        finally:
            await services.stop()


async def build_views(engine: AsyncEngine, key: bytes) -> list[str]:
    """Build the views that this release describes otherwise than they are stored. Returns their names."""
    vault = Vault(key, engine)
    await vault.check()
    with progress_bar("Building views") as progress:
        source = view_worker(engine, key)
        return await prepare(engine, VIEWS, decoder_for_views(vault, engine), progress, source)


async def _refuse_stale_views(engine: AsyncEngine) -> None:
    if stale := await differing(engine, VIEWS):
        names = ", ".join(view.name for view in stale)
        raise Failure(f"this release describes these views otherwise: {names}; build them with `conveyor migrate`")


def existing_database(settings: Settings) -> Settings:
    """The settings, if they name a database that is there: a new one would have nothing to look at.

    Raises:
        Failure: there is none in the data folder.
    """
    if settings.embedded:
        from app import embedded  # noqa: PLC0415 - as in `open_database`

        if not embedded.exists(settings.data_dir):
            where = settings.data_dir
            raise Failure(f"there is no database in {where}; CONVEYOR_DATA_DIR has to be as for `conveyor serve`")
    return settings


def view_worker(engine: AsyncEngine, key: bytes) -> Source:
    """How another process opens the same database, to fold a part of it."""
    return partial(_reader, engine.url, key)


@asynccontextmanager
async def _reader(url: URL, key: bytes) -> AsyncGenerator[tuple[AsyncEngine, Decode]]:
    async with _engine(url, WORKER_CONNECTIONS) as engine:
        yield engine, decoder_for_views(Vault(key, engine), engine)
