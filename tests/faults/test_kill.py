"""kill -9 of the service, and of its database, under load; and connections that the server ends."""

import asyncio
import random
from functools import partial

from sqlalchemy import text

from app import embedded
from tests.faults.checks import check_everything
from tests.faults.load import Caller, Journal, calling, refusal, staffed, under_load
from tests.faults.processes import Installation

ENOUGH = 150
"""Acknowledged commands after which the load counts as under way."""
MOST_SECONDS = 0.5
STORMS = 3
DOWN_SECONDS = 1
UNAVAILABLE = (503, "database_unavailable")


async def under_way(journal: Journal) -> None:
    """Wait until the load is at work, and a random time more."""
    done = len(journal.acknowledged) + ENOUGH
    async with asyncio.timeout(30):
        while len(journal.acknowledged) < done:  # noqa: ASYNC110 - the processes have no event to set
            await asyncio.sleep(0.01)
    await asyncio.sleep(random.uniform(0, MOST_SECONDS))


async def test_a_killed_service_has_lost_nothing_that_it_acknowledged(installation: Installation) -> None:
    journal, firm = Journal(), None
    for with_children in (False, True):
        with installation.serving() as service:
            async with calling(service, installation.token, journal) as caller:
                firm = firm or await staffed(caller)
                async with under_load(partial(caller.travel, *firm)):
                    await under_way(journal)
                    service.kill(with_children=with_children)
    assert len(journal.acknowledged) > 2 * ENOUGH
    assert any(known.sent.path.endswith("/shipments") for known in journal.acknowledged)
    assert not journal.refused
    with installation.serving() as service:
        async with calling(service, installation.token, journal) as caller:
            await check_everything(installation, service, caller)
        assert "whole" in installation.done("verify")
        assert await asyncio.to_thread(service.stop) == 0


async def test_a_service_whose_database_fails_says_so_and_comes_back(installation: Installation) -> None:
    journal = Journal()
    with installation.serving() as service:
        async with calling(service, installation.token, journal) as caller:
            firm = await staffed(caller)
            async with under_load(partial(caller.travel, *firm)):
                await under_way(journal)
                await lose_connections(installation, caller)
                await under_way(journal)
                await lose_the_server(installation, caller)
                await under_way(journal)
                assert await asyncio.to_thread(service.stop) == 0
    assert set(journal.refused) == {UNAVAILABLE}
    installation.kill_postgres()
    with installation.serving() as service:
        async with calling(service, installation.token, journal) as caller:
            await check_everything(installation, service, caller)


async def lose_connections(installation: Installation, caller: Caller) -> None:
    """The server ends connections, some or all, again and again."""
    sql = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' AND random() < :share"
    )
    async with installation.database() as engine:
        for share in (0.1, 0.5, 1.0) * STORMS:
            async with engine.connect() as connection:
                await connection.execute(text(sql), {"share": share})
            answer = await caller.http.get("/clients")
            assert answer.status_code == 200 or refusal(answer) == UNAVAILABLE
            await asyncio.sleep(random.uniform(0.05, 0.2))


async def lose_the_server(installation: Installation, caller: Caller) -> None:
    """kill -9 of every process of the database, and its return."""
    installation.kill_postgres()
    await asyncio.sleep(DOWN_SECONDS)
    for path in ("/health", "/clients", "/board"):
        answer = await caller.http.get(path)
        assert refusal(answer) == UNAVAILABLE
        assert answer.headers["Retry-After"]
    assert (await caller.http.get("/health/live")).status_code == 200
    embedded.start(installation.folder)
    embedded.stop(installation.folder)
