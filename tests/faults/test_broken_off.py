"""kill -9 in the middle of an import and of a rebuild, beside the running service."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from projections import log, shadow
from projections.log import driver
from projections.rebuild import PREFIX
from tests.faults.checks import caught_up, check_views
from tests.faults.load import LEAD, Journal, calling
from tests.faults.processes import Installation, Service

LEADS, DEALS = 3000, 500
EVENTS_BEFORE = 200
"""After so many events of an import it is killed."""
READ = {"/clients": {"total": True}, "/board": {}, "/reports/conversion": {"by": "origin"}, "/reports/value": {}}


def write_files(folder: Path) -> None:
    """A file of leads, and one of the deals that some of them became."""
    leads = [f"lead-{number},2018-01-{number % 28 + 1:02},page-{number % 7},social" for number in range(LEADS)]
    deals = [
        f"lead-{number},shop-{number},sdr-{number % 5},sr-{number % 3},2018-03-01 10:00:00,pet,cat"
        for number in range(DEALS)
    ]
    (folder / "leads.csv").write_text("\n".join(["mql_id,first_contact_date,landing_page_id,origin", *leads]))
    header = "mql_id,seller_id,sdr_id,sr_id,won_date,business_segment,lead_behaviour_profile"
    (folder / "deals.csv").write_text("\n".join([header, *deals]))


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    """Wait for something that happens in another process."""
    async with asyncio.timeout(30):
        while not await condition():
            await asyncio.sleep(0.002)


@asynccontextmanager
async def broken_off(
    installation: Installation, condition: Callable[[], Awaitable[object]], *arguments: str
) -> AsyncGenerator[None]:
    """A command that is killed as soon as the condition holds."""
    with installation.begun(*arguments) as process:
        await until(condition)
        assert process.poll() is None, "it was over too soon"
        process.kill()
        assert process.wait() == -9
    yield


async def head(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return await log.head(connection)


async def shadows(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return await shadow.schemas(await driver(connection), PREFIX)


def read(service: Service, token: str) -> list[Any]:
    """What the views answer."""
    answers = [service.get(path, token, **params) for path, params in READ.items()]
    assert [answer.status_code for answer in answers] == [200] * len(READ)
    return [answer.json() for answer in answers]


async def test_an_import_that_was_killed_is_finished_by_another(installation: Installation, tmp_path: Path) -> None:
    write_files(tmp_path)
    with installation.serving() as service:
        async with installation.database() as engine:
            for kind, count in (("leads", LEADS), ("deals", DEALS)):
                command = ("import", kind, str(tmp_path / f"{kind}.csv"), "--mapping", f"olist_{kind}")
                before = await head(engine)

                async def some_went_in(least: int = before + EVENTS_BEFORE) -> bool:
                    return await head(engine) >= least

                async with broken_off(installation, some_went_in, *command):
                    await caught_up(service)
                read(service, installation.token)
                assert ", 0 left out" in installation.done(*command)
                again = installation.done(*command)
                assert f" 0 imported as 0 {kind}, {count} unchanged, 0 left out" in again
        await caught_up(service)
        clients = service.get("/clients", installation.token, total=True, limit=1).json()
        assert clients["total"] == LEADS
        await check_views(installation)
