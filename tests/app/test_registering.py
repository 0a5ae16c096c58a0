"""Registrations of several processes meet in the database."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest
from sqlalchemy import URL, func, select
from sqlalchemy.ext.asyncio import create_async_engine

from app.execute import Call
from app.registering import register
from app.services import Services
from app.tables import events
from app.worker import BY_RULE
from domain.client.registration import ClientRegistered, RegisterClient
from domain.kernel import Refused
from tests.app.conftest import services_on


@pytest.fixture
async def two_services(database_url: URL) -> AsyncGenerator[list[Services]]:
    """Two of them on one database, each with a writer and a cache of its own, as in two processes."""
    async with AsyncExitStack() as stack:
        engines = [create_async_engine(database_url) for _ in range(2)]
        yield [await stack.enter_async_context(services_on(engine)) for engine in engines]


async def attempt(services: Services, tax_id: str) -> str:
    command = RegisterClient(name="Northern Steel", origin="cold_base", tax_id=tax_id)
    try:
        await register(services, None, command, Call(BY_RULE, uuid4()))
    except Refused as refused:
        return refused.code
    return "registered"


async def test_one_tax_id_makes_one_client(two_services: list[Services]) -> None:
    for number in range(10):
        spellings = (f"77070838{number:02}", f"ИНН 77070838{number:02}", f"RU 77070838{number:02}")
        outcomes = await asyncio.gather(
            *(attempt(services, spelling) for services in two_services for spelling in spellings)
        )
        assert sorted(outcomes) == ["duplicate_client"] * 5 + ["registered"]
    async with two_services[0].engine.connect() as connection:
        topics = select(func.count()).select_from(events).where(events.c.topic == ClientRegistered.topic)
        assert (await connection.execute(topics)).scalar_one() == 10
