"""Views as of a moment, when the database or the connections to it are lost after they were made."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from app import embedded
from projections.shadow import LOCK_SPACE
from tests.faults.processes import Installation, Service

WITHIN_SECONDS = 30
LEADS = 3
END_OWNERS = text(
    "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_namespace n ON starts_with(n.nspname, 'snapshot_')"
    f" WHERE l.locktype = 'advisory' AND l.classid = {LOCK_SPACE}"
)


def count_as_of(installation: Installation, service: Service, moment: str) -> int:
    """The clients on the board then, once the service answers again. It may say that it is unavailable, no more."""
    deadline = time.monotonic() + WITHIN_SECONDS
    while True:
        answer = service.get("/board", installation.token, as_of=moment)
        if answer.status_code == 200:
            return answer.json()["items"][0]["count"]
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
        assert time.monotonic() < deadline
        time.sleep(0.05)


def kill_the_server(installation: Installation) -> None:
    installation.kill_postgres()
    embedded.start(installation.folder)
    embedded.stop(installation.folder)


def kill_a_backend(installation: Installation) -> None:
    """The server ends all the others then, and recovers as from a crash."""
    idle = [process for process in installation.postgres() if " ".join(process.cmdline()).strip().endswith("idle")]
    idle[0].kill()


def end_the_owners(installation: Installation) -> None:
    async def end() -> None:
        async with installation.database() as engine, engine.connect() as connection:
            await connection.execute(END_OWNERS)

    asyncio.run(end())


@pytest.mark.parametrize("loss", [kill_the_server, kill_a_backend, end_the_owners])
def test_what_was_known_then_is_answered_again(
    installation: Installation, loss: Callable[[Installation], None]
) -> None:
    with installation.serving() as service:
        for number in range(LEADS):
            body = {"name": f"Lead {number}", "origin": "cold_base"}
            assert service.post("/clients", installation.token, body).status_code == 201
        moment = datetime.now(UTC).isoformat()
        assert count_as_of(installation, service, moment) == LEADS
        loss(installation)
        assert count_as_of(installation, service, moment) == LEADS
        assert count_as_of(installation, service, moment) == LEADS
