"""kill -9 of the service, and of its database, under load."""

import asyncio
import random
from functools import partial

from app import embedded
from tests.faults.checks import caught_up, check_everything
from tests.faults.load import Journal, calling, staffed, under_load
from tests.faults.processes import Installation

KILLS = 2
ENOUGH = 150
"""Acknowledged commands after which the load counts as under way."""
MOST_SECONDS = 0.5
RETURN_WITHIN_SECONDS = 20


async def under_way(journal: Journal) -> None:
    """Wait until the load is at work, and a random time more."""
    done = len(journal.acknowledged) + ENOUGH
    async with asyncio.timeout(30):
        while len(journal.acknowledged) < done:  # noqa: ASYNC110 - the processes have no event to set
            await asyncio.sleep(0.01)
    await asyncio.sleep(random.uniform(0, MOST_SECONDS))


async def test_a_killed_service_has_lost_nothing_that_it_acknowledged(installation: Installation) -> None:
    journal, firm = Journal(), None
    for _ in range(KILLS):
        with installation.serving() as service:
            async with calling(service, installation.token, journal) as caller:
                firm = firm or await staffed(caller)
                async with under_load(partial(caller.travel, *firm)):
                    await under_way(journal)
                    service.kill()
    assert len(journal.acknowledged) > KILLS * ENOUGH
    assert not journal.refused
    with installation.serving() as service:
        async with calling(service, installation.token, journal) as caller:
            await check_everything(installation, service, caller)
        assert "whole" in installation.done("verify")
        assert service.stop() == 0


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
