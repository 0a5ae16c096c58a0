"""Two services on one database: both decide and append, one of them projects, and either may be killed."""

import asyncio
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from app.cli.session import build_views
from app.cli.tokens import issue_token
from app.services import Services
from app.settings import Settings
from domain.types import Role
from tests.conftest import MASTER_KEY
from tests.faults.checks import check_everything
from tests.faults.load import CONTACT, LEAD, Acknowledged, Caller, Journal, Sent, calling
from tests.faults.processes import Installation, foreign

CLIENTS, CALLERS, ROUNDS = 3, 4, 10
TAKE_OVER_WITHIN_SECONDS = 5


@pytest.fixture
async def token(database_url: URL, engine: AsyncEngine) -> str:
    """A token for a database that is ready to be served."""
    await build_views(engine, MASTER_KEY)
    services = Services(Settings(), engine, MASTER_KEY)
    await services.start()
    token, _ = await issue_token(services, "head", Role.ADMINISTRATOR)
    await services.stop()
    return token


@pytest.fixture
def shared(database_url: URL, tmp_path: Path) -> Installation:
    """What both services are started with."""
    settings = {"DATABASE_URL": foreign(database_url), "CONVEYOR_MASTER_KEY": b64encode(MASTER_KEY).decode()}
    return Installation(tmp_path / "data", settings)


async def test_both_take_commands_and_each_can_do_alone(shared: Installation, token: str) -> None:
    journal = Journal()
    with shared.serving() as one, shared.serving() as other:
        async with calling(one, token, journal) as here, calling(other, token, journal) as there:
            await write_together(here, there)
            await exclude_each_other(here, there)
            await read_own_writes(here, there)
            await same_key(here, there)
            one.kill()
            await works_again(there)
        with shared.serving() as third:
            async with calling(third, token, journal) as here:
                other.kill()
                await works_again(here)
                await check_everything(shared, third, here)


async def write_together(*callers: Caller) -> None:
    """Every command on the same clients succeeds, or is told that it came too late; none overwrites another."""
    clients = [(await callers[0].send("/clients", LEAD))["id"] for _ in range(CLIENTS)]

    async def write(caller: Caller, client: str) -> list[httpx.Response]:
        path, etag, answers = f"/clients/{client}/contacts", '"1"', list[httpx.Response]()
        for number in range(ROUNDS):
            sent = Sent(path, CONTACT, None)
            headers = {"If-Match": etag} if number % 2 else {}
            answers.append(await caller.post(sent, **headers))
            if answers[-1].is_success:
                etag = answers[-1].headers["ETag"]
                caller.journal.acknowledged.append(Acknowledged(sent, answers[-1].json()))
        return answers

    for client in clients:
        answers = await gathered(write(caller, client) for caller in callers for _ in range(CALLERS))
        versions = [answer.json()["version"] for answer in answers if answer.is_success]
        assert sorted(versions) == list(range(2, len(versions) + 2))
        refused = Counter((a.status_code, a.json()["code"]) for a in answers if not a.is_success)
        assert set(refused) <= {(412, "version_stale"), (409, "too_many_conflicts")}
        assert len(versions) >= ROUNDS * CALLERS
        assert refused[409, "too_many_conflicts"] < ROUNDS
        history = await callers[1].http.get(f"/clients/{client}/history", params={"limit": 200, "after": len(versions)})
        assert len(history.json()["items"]) == len(versions) + 1


async def gathered(work: Iterable[Any]) -> list[httpx.Response]:
    return list(chain.from_iterable(await asyncio.gather(*work)))


async def exclude_each_other(*callers: Caller) -> None:
    """Of two commands that exclude each other, one wins and the other is told why not."""
    for _ in range(ROUNDS):
        client = (await callers[0].send("/clients", LEAD))["id"]
        archive = Sent(f"/clients/{client}/archive", None, None)
        answers = await asyncio.gather(*(caller.post(archive) for caller in callers))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert [a.json()["code"] for a in answers if a.status_code == 409] == ["client_archived"]


async def read_own_writes(*callers: Caller) -> None:
    """What one has answered, the other one shows."""
    for writer, reader in (callers, callers[::-1]):
        for _ in range(ROUNDS):
            name = f"Client {uuid4()}"
            made = await writer.send("/clients", LEAD | {"name": name})
            answer = await reader.http.get(f"/clients/{made['id']}", params={"after": made["position"]})
            assert answer.json()["name"] == name


async def same_key(*callers: Caller) -> None:
    """A request that is sent to both at once is carried out once."""
    for _ in range(ROUNDS):
        sent = Sent("/clients", LEAD, str(uuid4()))
        answers = await asyncio.gather(*(caller.post(sent) for caller in callers))
        assert [answer.status_code for answer in answers] == [201, 201]
        assert len({UUID(answer.json()["id"]) for answer in answers}) == 1
        assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 1


async def works_again(caller: Caller) -> None:
    """Alone it decides and projects, whichever of the two was killed."""
    began = time.monotonic()
    made = await caller.send("/clients", LEAD)
    answer = await caller.http.get(f"/clients/{made['id']}", params={"after": made["position"]})
    assert answer.status_code == 200
    assert time.monotonic() - began < TAKE_OVER_WITHIN_SECONDS
    await read_own_writes(caller, caller)
