"""Commands beyond the limit are turned away before any work is done for them."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI

from app.command_queue import CommandQueue
from app.problems import MEDIA_TYPE
from app.services import Services
from tests.app.api.conftest import CONTACT, LEAD, Api

LIMIT = 5


@pytest.fixture(autouse=True)
def _few_places(app: FastAPI) -> None:
    app.state.commands = CommandQueue(LIMIT)


async def test_the_limit_is_a_setting(services: Services, app: FastAPI) -> None:
    assert services.settings.queued_commands == 1_000
    answer = app.openapi()["paths"]["/api/v1/clients"]["post"]["responses"]["429"]
    assert "too_many_requests" in answer["content"][MEDIA_TYPE]["schema"]["properties"]["code"]["enum"]


async def test_those_beyond_the_limit_are_told_when_to_try_again(api: Api, services: Services) -> None:
    client = await api.lead()
    before = await services.store.head()
    answers = await asyncio.gather(*(api.post(client + "/contacts", CONTACT) for _ in range(4 * LIMIT)))
    turned_away = [answer for answer in answers if answer.status_code == 429]
    taken = [answer for answer in answers if answer.status_code == 201]
    assert len(turned_away) + len(taken) == len(answers)
    assert len(taken) >= LIMIT
    assert turned_away
    for answer in turned_away:
        assert answer.headers["Retry-After"] == "1"
        assert answer.headers["Content-Type"] == MEDIA_TYPE
        assert (answer.json()["code"], answer.json()["facts"]) == ("too_many_requests", {"limit": LIMIT})
    assert await services.store.head() == before + len(taken)


async def test_no_work_is_done_for_them(api: Api, nobody: Api, app: FastAPI) -> None:
    app.state.commands = full = CommandQueue(1)
    with full:
        assert (await nobody.post("/clients", LEAD)).status_code == 429
        assert (await api.post("/clients", content=b"{")).status_code == 429
        assert (await api.get("/regulation")).is_success


async def test_every_end_of_a_command_frees_its_place(api: Api, services: Services, monkeypatch: Any) -> None:
    for _ in range(LIMIT + 1):
        assert (await api.post("/clients", {})).status_code == 422
        assert (await api.post("/employees", {"code": "head", "name": "Head"})).status_code == 409

    async def fail(*_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(services.executor, "execute", fail)
        for _ in range(LIMIT + 1):
            assert (await api.post("/clients", LEAD)).status_code == 500
    assert (await api.post("/clients", LEAD)).is_success
