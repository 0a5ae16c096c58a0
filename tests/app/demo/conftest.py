"""A second database beside the first."""

from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import create_async_engine

from app.services import Services
from tests.app.conftest import services_on
from tests.conftest import new_database


@pytest.fixture
async def twin(server_url: URL, template: str) -> AsyncGenerator[Services]:
    """The services on a database of their own."""
    with new_database(server_url, template) as url:
        async with services_on(create_async_engine(url)) as found:
            yield found
