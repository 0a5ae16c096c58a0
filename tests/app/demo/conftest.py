"""A second database beside the first."""

from collections.abc import AsyncGenerator
from uuid import uuid4

import pytest
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import create_async_engine

from app.services import Services
from tests.app.conftest import services_on
from tests.conftest import administer


@pytest.fixture
async def twin(server_url: URL, template: str) -> AsyncGenerator[Services]:
    """The services on a database of their own."""
    name = f"conveyor_test_{uuid4().hex}"
    administer(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    async with services_on(create_async_engine(server_url.set(database=name))) as found:
        yield found
    administer(server_url, f"DROP DATABASE {name} WITH (FORCE)")
