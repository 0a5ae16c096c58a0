"""TEMPORARY: a fresh migrated database per test."""

import os
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.migrate import upgrade

SERVER = os.environ.get("TEST_DATABASE_URL", "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres")


@pytest.fixture
async def engine() -> AsyncIterator[AsyncEngine]:
    name = f"proj_{uuid4().hex[:12]}"
    admin = create_async_engine(SERVER, isolation_level="AUTOCOMMIT")
    async with admin.connect() as c:
        await c.execute(text(f"CREATE DATABASE {name}"))
    engine = create_async_engine(SERVER.rsplit("/", 1)[0] + "/" + name, pool_size=10, max_overflow=0)
    await upgrade(engine)
    yield engine
    await engine.dispose()
    async with admin.connect() as c:
        await c.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await admin.dispose()
