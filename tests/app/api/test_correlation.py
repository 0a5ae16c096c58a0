"""Every answer carries the id that ties the request to others."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from app.services import Services
from tests.app.api.conftest import LEAD, Api

ID = "8b0f5c3e-6f39-4b7e-9d3b-2a1c4d5e6f70"
NAME = "X-Correlation-ID"


@pytest.mark.parametrize("path", ["/api/v1/regulation", "/api/v1/health", "/api/v1/nothing", "/", "/openapi.json"])
async def test_the_one_that_was_sent_comes_back_on_every_get(api: Api, path: str) -> None:
    answer = await api.http.get(path, headers={NAME: ID.upper(), "Authorization": f"Bearer {api.token}"})
    assert answer.headers.get_list(NAME) == [ID]


async def test_there_is_a_new_one_where_none_was_sent(nobody: Api) -> None:
    (first,), (second,) = [(await nobody.get("/health")).headers.get_list(NAME) for _ in range(2)]
    assert UUID(first) != UUID(second)


async def test_a_get_with_a_broken_one_gets_a_new_one(nobody: Api) -> None:
    answer = await nobody.http.get("/api/v1/health", headers={NAME: "mine"})
    assert answer.is_success
    assert UUID(answer.headers[NAME])


async def test_a_command_answers_with_the_one_on_its_event(api: Api, services: Services) -> None:
    sent = str(uuid4())
    answer = await api.post("/clients", LEAD, x_correlation_id=sent)
    (recorded,) = await services.store.read_log(answer.json()["position"] - 1, 1)
    assert answer.headers.get_list(NAME) == [sent] == [str(recorded.correlation_id)]


async def test_refusals_and_failures_carry_it_once(api: Api, services: Services, monkeypatch: Any) -> None:
    refused = await api.post(f"/clients/{uuid4()}/archive", x_correlation_id=ID)
    too_large = await api.post("/clients", content=b"x" * 1_000_001, x_correlation_id=ID)

    async def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(services.executor, "execute", fail)
    failed = await api.post("/clients", LEAD, x_correlation_id=ID)
    assert [answer.status_code for answer in (refused, too_large, failed)] == [404, 413, 500]
    assert all(answer.headers.get_list(NAME) == [ID] for answer in (refused, too_large, failed))
