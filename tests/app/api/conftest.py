"""The application over HTTP semantics, on a real database, with a token of an administrator."""

from collections.abc import AsyncGenerator
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from app.api import BASE
from app.auth import create_token
from app.execute import EMPLOYEE, Call
from app.main import create_app
from app.services import Services
from app.settings import Settings
from domain.employee import SYSTEM, RegisterEmployee, employee_id
from domain.kernel import Actor
from domain.types import Role, Step

LEAD = {"name": "Northern Steel", "origin": "cold_base"}
CONTACT = {"channel": "phone", "direction": "outbound", "outcome": "reached", "summary": "Asked for an offer"}


class Api(NamedTuple):
    """A caller with a token."""

    http: httpx.AsyncClient
    token: str | None = None

    async def post(self, path: str, body: Any = None, /, *, content: Any = None, **headers: str) -> httpx.Response:
        sent = {"content": content} if content is not None else {"json": body} if body is not None else {}
        return await self.http.post(BASE + path, headers=self._headers(headers), **sent)

    async def get(self, path: str, /, **params: Any) -> httpx.Response:
        return await self.http.get(BASE + path, params=params, headers=self._headers({}))

    async def delete(self, path: str, /) -> httpx.Response:
        return await self.http.delete(BASE + path, headers=self._headers({}))

    async def made(self, path: str, body: Any = None, /, **headers: str) -> dict[str, Any]:
        """The answer of a command that has to succeed."""
        answer = await self.post(path, body, **headers)
        assert answer.is_success, answer.text
        return answer.json()

    async def lead(self, **fields: Any) -> str:
        """The path of a new client."""
        return "/clients/" + (await self.made("/clients", LEAD | fields))["id"]

    def _headers(self, given: dict[str, str]) -> httpx.Headers:
        sent = {name.replace("_", "-"): value for name, value in given.items()}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        return httpx.Headers(sent, encoding="latin-1")


async def head(api: Api) -> int:
    """The last position, by way of a new fact."""
    attribute = {"attribute": {"name": f"a{datetime.now(UTC).timestamp():.6f}".replace(".", "_"), "kind": "text"}}
    return (await api.made("/regulation/attributes", attribute))["position"]


class Staff(NamedTuple):
    """Registers employees and gives them tokens."""

    services: Services
    http: httpx.AsyncClient

    async def hire(
        self, code: str, *roles: Role, steps: frozenset[Step] = frozenset(Step), department: str | None = None
    ) -> UUID:
        command = RegisterEmployee(
            code=code, name=code.title(), roles=frozenset(roles), steps=steps, department=department
        )
        call = Call(Actor(SYSTEM, frozenset()), uuid4())
        await self.services.executor.execute(EMPLOYEE, employee_id(code), command, call)
        return employee_id(code)

    async def api(self, code: str, role: Role | None = None) -> Api:
        return Api(self.http, await create_token(self.services.engine, employee_id(code), role))


@cache
def routed() -> tuple[FastAPI, list[Services]]:
    """The application without services, and where to put those that it opens next. Its routes take long to make."""
    given: list[Services] = []
    return create_app(Settings(), lambda _: nullcontext(given.pop())), given


@pytest.fixture
async def app(services: Services) -> AsyncGenerator[FastAPI]:
    """Started anew on the test's own services; from the test before it has nothing but the routes."""
    application, given = routed()
    given.append(services)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def http(app: FastAPI) -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://conveyor.test") as client:
        yield client


@pytest.fixture
async def staff(services: Services, http: httpx.AsyncClient) -> Staff:
    return Staff(services, http)


@pytest.fixture
async def api(staff: Staff) -> Api:
    """The head of sales, who may do everything."""
    await staff.hire("head", Role.ADMINISTRATOR)
    return await staff.api("head")


@pytest.fixture
def nobody(http: httpx.AsyncClient) -> Api:
    return Api(http)


@pytest.fixture
async def base(api: Api, staff: Staff) -> Api:
    """The manager of the client base."""
    await staff.hire("base", Role.CLIENT_BASE_MANAGER)
    return await staff.api("base")
