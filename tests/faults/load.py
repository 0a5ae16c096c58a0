"""Concurrent load over HTTP, by a caller who remembers every answer and everything that got none."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx

from tests.faults.processes import Service

CONNECTIONS = 8
ANSWER_WITHIN_SECONDS = 20
PAUSE_SECONDS = 0.2
LEAD = {"name": "Northern Steel", "origin": "cold_base", "specifics": "Calls before noon"}
PERSON = {"name": "Anna Petrova", "role": "decides", "personality_type": "driver"}
CONTACT = {"channel": "phone", "direction": "outbound", "outcome": "reached", "summary": "Asked for an offer"}
BROOM = {"article": "BROOM", "warehouse": "main", "quantity": "3"}
SINCE = {"valid_from": "2020-01-01"}
RETAIL = {"code": "retail"} | SINCE
ORDER = {"currency": "EUR", "lines": [BROOM]}
"""Everybody orders the same article, of which there is plenty."""
MONEY = {"amount": "12000.50", "currency": "EUR"}
CLOSER = {"code": "closer", "name": "Clara", "roles": ["closing_manager"], "steps": ["first_deal"]}
ACCOUNT = {"code": "account", "name": "Alan", "roles": ["account_manager"], "steps": ["account_service"]}


class Sent(NamedTuple):
    """A command as it was sent."""

    path: str
    body: Any
    key: str | None


class Acknowledged(NamedTuple):
    """A command, and the answer on which its caller relies."""

    sent: Sent
    answer: dict[str, Any]

    @property
    def place(self) -> tuple[UUID, int]:
        """Its stream and version."""
        return UUID(self.answer["id"]), self.answer["version"]

    @property
    def parts(self) -> list[str]:
        """The ids of what it made."""
        return [value for name, value in self.answer.items() if name.endswith("_id")]


@dataclass
class Journal:
    """All that the callers know: `in_doubt` was sent with a key and got no answer that says what became of it."""

    acknowledged: list[Acknowledged] = field(default_factory=list[Acknowledged])
    in_doubt: list[Sent] = field(default_factory=list[Sent])
    refused: Counter[tuple[int, str]] = field(default_factory=Counter[tuple[int, str]])
    """Other answers, by status and code of the problem."""


class NoAnswer(Exception):
    """The connection broke before the answer, or the service said that it could not work."""


class Caller(NamedTuple):
    """Sends commands and writes down what came of them."""

    http: httpx.AsyncClient
    journal: Journal

    async def send(self, path: str, body: Any = None, key: str | None = None) -> dict[str, Any]:
        """The answer to a command.

        Raises:
            NoAnswer: with anything but success.
        """
        sent = Sent(path, body, key)
        try:
            answer = await self.post(sent)
        except (httpx.NetworkError, httpx.ProtocolError) as error:
            self._doubt(sent)
            raise NoAnswer from error
        if answer.is_success:
            self.journal.acknowledged.append(Acknowledged(sent, answer.json()))
            return answer.json()
        self.journal.refused[refusal(answer)] += 1
        if answer.status_code >= 500:
            self._doubt(sent)
        raise NoAnswer

    async def post(self, sent: Sent, **headers: str) -> httpx.Response:
        """The answer, whatever it is."""
        given = headers | ({"Idempotency-Key": sent.key} if sent.key else {})
        return await self.http.post(sent.path, json=sent.body, headers=given)

    def _doubt(self, sent: Sent) -> None:
        if sent.key:
            self.journal.in_doubt.append(sent)

    async def travel(self, closer: str, account: str, shared: str) -> None:
        """Take a new client down the whole conveyor; every other command has a key. Others write to `shared` too."""
        number = count()

        async def send(path: str, body: Any = None) -> dict[str, Any]:
            return await self.send(path, body, str(uuid4()) if next(number) % 2 else None)

        client = f"/clients/{(await send('/clients', LEAD))['id']}"
        person = (await send(f"{client}/key-persons", PERSON))["key_person_id"]
        await send(f"{shared}/contacts", CONTACT)
        due_at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        next_step = {"text": "Send the offer", "due_at": due_at}
        contact = CONTACT | {"key_person_id": person, "next_step": next_step}
        task = (await send(f"{client}/contacts", contact))["task_id"]
        await send(f"{client}/tasks/{task}/complete")
        await send(f"{client}/qualify", {"need": "Pipes"})
        offer = (await send(f"{client}/handoffs", {"to_employee_id": closer}))["handoff_id"]
        await send(f"{client}/handoffs/{offer}/accept")
        deal = (await send(f"{client}/deals", MONEY))["deal_id"]
        await send(f"{client}/deals/{deal}/win", {"revenue": "12000.50", "cost": "8000"})
        await send(f"{shared}/tasks", next_step)
        offer = (await send(f"{client}/handoffs", {"to_employee_id": account}))["handoff_id"]
        await send(f"{client}/handoffs/{offer}/accept")
        order = (await send(f"{client}/orders", ORDER))["order_id"]
        await send(f"{client}/orders/{order}/confirm")
        await send(f"{client}/orders/{order}/shipments", {"lines": [{"line": 1, "quantity": "2"}]})
        await send(f"{client}/orders/{order}/cancel", {"reason": "The rest is not needed"})
        await send(f"{client}/payments", MONEY | {"order_id": order})
        await send(f"{client}/decisions", {"text": "No prepayment from now on"})


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """The status and the code of a problem; in place of the code the text of an answer that is none."""
    problem = answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"] if problem else answer.text


@asynccontextmanager
async def calling(service: Service, token: str, journal: Journal) -> AsyncGenerator[Caller]:
    """A caller of a service."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=service.url, headers=headers, timeout=ANSWER_WITHIN_SECONDS) as http:
        yield Caller(http, journal)


async def staffed(caller: Caller) -> tuple[str, str, str]:
    """The ids of somebody who closes deals and somebody who serves accounts, and the path of a client for everybody.

    There is a warehouse with brooms.
    """
    product = (await caller.send("/products", {"code": "BROOM", "label": "Broom"}))["id"]
    article = (await caller.send(f"/products/{product}/articles", {"code": "BROOM"}))["article_id"]
    await caller.send("/price-lists", RETAIL | {"label": "Retail", "currency": "EUR"})
    await caller.send(f"/articles/{article}/prices", {"price_list": "retail", "price": "12.50"} | SINCE)
    await caller.send("/warehouses", {"code": "main", "label": "Main"})
    await caller.send("/stock/receipts", BROOM | {"quantity": "1000000"})
    closer, account = [(await caller.send("/employees", employee))["id"] for employee in (CLOSER, ACCOUNT)]
    return closer, account, f"/clients/{(await caller.send('/clients', LEAD))['id']}"


@asynccontextmanager
async def under_load(travel: Callable[[], Awaitable[None]], connections: int = CONNECTIONS) -> AsyncGenerator[None]:
    """Travellers on so many connections, one after another on each, until the end of the context."""
    going = True

    async def go() -> None:
        while going:
            try:
                await travel()
            except NoAnswer:
                await asyncio.sleep(PAUSE_SECONDS)

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(go())
        try:
            yield
        finally:
            going = False
