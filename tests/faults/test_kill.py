"""kill -9 of the service, and of its database, under load; and connections that the server ends."""

import asyncio
import random
from functools import partial

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app import embedded
from tests.faults.checks import caught_up, check_everything
from tests.faults.load import Journal, calling, staffed, under_load
from tests.faults.processes import Installation

ENOUGH = 150
"""Acknowledged commands after which the load counts as under way."""
MOST_SECONDS = 0.5
RETURN_WITHIN_SECONDS = 20
STORMS = 3


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
    assert not journal.refused
    with installation.serving() as service:
        async with calling(service, installation.token, journal) as caller:
            await check_everything(installation, service, caller)
        assert "whole" in installation.done("verify")
        assert await asyncio.to_thread(service.stop) == 0


async def test_a_service_whose_connections_are_ended_goes_on(installation: Installation) -> None:
    journal, answers = Journal(), set[tuple[int, str]]()
    with installation.serving() as service:
        async with calling(service, installation.token, journal) as caller, installation.database() as engine:
            firm = await staffed(caller)
            async with under_load(partial(caller.travel, *firm)):
                await under_way(journal)
                for share in (0.1, 0.5, 1.0) * STORMS:
                    await end_connections(engine, share)
                    answer = await caller.http.get("/clients")
                    answers.add((answer.status_code, answer.json().get("code", "ok")))
                    await asyncio.sleep(random.uniform(0.05, 0.2))
                await under_way(journal)
                assert await asyncio.to_thread(service.stop) == 0
        assert answers | set(journal.refused) <= {(200, "ok"), (503, "database_unavailable")}
    with installation.serving() as service:
        async with calling(service, installation.token, journal) as caller:
            await check_everything(installation, service, caller)


async def end_connections(engine: AsyncEngine, share: float) -> None:
    """End so many of the connections that others have."""
    sql = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' AND random() < :share"
    )
    async with engine.connect() as connection:
        await connection.execute(text(sql), {"share": share})


async def test_a_service_whose_database_was_killed_says_so_and_comes_back(installation: Installation) -> None:
    journal = Journal()
    with installation.serving() as service:
        async with calling(service, installation.token, journal) as caller:
            firm = await staffed(caller)
            async with under_load(partial(caller.travel, *firm)):
                await under_way(journal)
                installation.kill_postgres()
                await asyncio.sleep(1)
                for path in ("/health", "/clients", "/board"):
                    answer = await caller.http.get(path)
                    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
                    assert answer.headers["Retry-After"]
                assert (await caller.http.get("/health/live")).status_code == 200
                before = len(journal.acknowledged)
                embedded.start(installation.folder)
                async with asyncio.timeout(RETURN_WITHIN_SECONDS):
                    while len(journal.acknowledged) < before + ENOUGH:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
        assert set(journal.refused) == {(503, "database_unavailable")}
        await caught_up(service)
        service.kill()
    installation.kill_postgres()
    embedded.stop(installation.folder)
    with installation.serving() as service:
        async with calling(service, installation.token, journal) as caller:
            await check_everything(installation, service, caller)
