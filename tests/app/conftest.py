"""The services on a real database."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.services import Services
from app.settings import Settings
from projections.prepare import prepare
from projections.registry import VIEWS
from tests.conftest import MASTER_KEY


@pytest.fixture
async def services(engine: AsyncEngine) -> AsyncGenerator[Services]:
    """Started, and projecting in the background."""
    async with services_on(engine) as found:
        yield found


@asynccontextmanager
async def services_on(engine: AsyncEngine) -> AsyncGenerator[Services]:
    """The services on a migrated database."""
    found = Services(Settings(), engine, MASTER_KEY)
    await found.vault.check()
    await prepare(engine, VIEWS, found.decode)
    await found.start()
    found.project()
    found.work_by_rule()
    yield found
    await found.stop()
