"""Two databases, on which nothing happens but the load: while it tells the past, no rule of the present works on it."""

from collections.abc import AsyncGenerator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.services import Services
from app.settings import Settings
from tests.conftest import MASTER_KEY
from tests.databases import Databases


@pytest.fixture
async def services(engine: AsyncEngine) -> AsyncGenerator[Services]:
    """The services, started."""
    found = Services(Settings(), engine, MASTER_KEY)
    await found.start()
    yield found
    await found.stop()


@pytest.fixture
async def twin(databases: Databases) -> AsyncGenerator[Services]:
    """The services on a database of their own."""
    with databases.lend() as url:
        found = Services(Settings(), create_async_engine(url), MASTER_KEY)
        await found.start()
        yield found
        await found.stop()
