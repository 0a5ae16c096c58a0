"""kill -9 in the middle of an import and of a rebuild, beside the running service."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from projections import shadow
from projections.log import driver
from projections.rebuild import PREFIX
from tests.faults.checks import caught_up, check_views
from tests.faults.load import LEAD, Journal, calling
from tests.faults.processes import Installation, Service

CLIENTS = 2000
KILLED_AFTER = 50
"""So many deals have gone in when their import is killed."""
LOOK_SECONDS = 0.002
READ: dict[str, dict[str, Any]] = {
    "/clients": {"with_total": True},
    "/board": {},
    "/reports/conversion": {"by": "origin"},
    "/reports/value": {"by": "industry"},
}
HEADERS = {
    "leads": "mql_id,first_contact_date,landing_page_id,origin",
    "deals": "mql_id,seller_id,sdr_id,sr_id,won_date,business_segment,lead_type,lead_behaviour_profile,has_company,"
    "has_gtin,average_stock,business_type,declared_product_catalog_size,declared_monthly_revenue",
}


class Running(NamedTuple):
    """An installation whose service runs, its database, and files to import."""

    installation: Installation
    service: Service
    engine: AsyncEngine
    files: Path

    def read(self) -> list[Any]:
        """What the views answer."""
        token = self.installation.token
        answers = [self.service.get(path, token, **params) for path, params in READ.items()]
        assert [answer.status_code for answer in answers] == [200] * len(READ)
        return [answer.json() for answer in answers]

    async def recorded(self, topic: str) -> int:
        """How many events of a topic there are."""
        async with self.engine.connect() as connection:
            raw = await driver(connection)
            return await raw.fetchval("SELECT count(*) FROM public.events WHERE topic = $1", topic)

    async def shadows(self) -> list[str]:
        """The schemas of rebuilds under way, and of those that were killed."""
        async with self.engine.connect() as connection:
            return await shadow.schemas(await driver(connection), PREFIX)

    def importing(self, kind: str) -> tuple[str, ...]:
        """The command that imports a file."""
        return "import", kind, str(self.files / f"{kind}.csv"), "--mapping", f"olist_{kind}"

    async def break_off(self, arguments: tuple[str, ...], condition: Callable[[], Awaitable[object]]) -> None:
        """Kill a command as soon as the condition holds."""
        with self.installation.begun(*arguments) as process:
            while not await condition():
                assert process.poll() is None, "it ended before it could be killed"
                await asyncio.sleep(LOOK_SECONDS)
            process.kill()
            assert process.wait() == -9


def write(file: Path, header: str, rows: list[str]) -> None:
    file.write_text("\n".join([header, *rows]))


@pytest.fixture
async def running(installation: Installation, tmp_path: Path) -> AsyncIterator[Running]:
    """A service, and files of leads and of the deals that they became."""
    days = [f"2018-01-{number % 28 + 1:02}" for number in range(CLIENTS)]
    leads = [f"lead-{number},{day},page-{number % 7},social" for number, day in enumerate(days)]
    sellers = [f"lead-{number},shop-{number},sdr-{number % 5},sr-{number % 3}" for number in range(CLIENTS)]
    write(tmp_path / "leads.csv", HEADERS["leads"], leads)
    deals = [f"{seller},2018-03-01 10:00:00,pet,,cat,,,,,5,100" for seller in sellers]
    write(tmp_path / "deals.csv", HEADERS["deals"], deals)
    with installation.serving() as service:
        async with installation.database() as engine:
            yield Running(installation, service, engine, tmp_path)


async def test_what_was_killed_is_finished_by_a_second_run(running: Running) -> None:
    running.installation.done(*running.importing("leads"))
    await check_import(running)
    clients = running.service.get("/clients", running.installation.token, with_total=True).json()
    assert clients["total"] == CLIENTS
    await check_rebuild(running)


async def check_import(running: Running) -> None:
    """Killed with some deals in, and finished without doing those again."""

    async def some_went_in() -> bool:
        return await running.recorded("deals.won") >= KILLED_AFTER

    await running.break_off(running.importing("deals"), some_went_in)
    await caught_up(running.service)
    running.read()
    finished = running.installation.done(*running.importing("deals"))
    assert f"{CLIENTS} rows" in finished
    assert "went in: 0 " not in finished
    assert "there already: 0\n" not in finished
    assert "left out: 0\n" in finished
    assert await running.recorded("deals.won") == CLIENTS
    await caught_up(running.service)


async def check_rebuild(running: Running) -> None:
    """Killed beside the service, which answers from the old views and takes commands."""
    before = running.read()
    await running.break_off(("rebuild",), running.shadows)
    assert await running.shadows()
    assert running.read() == before
    async with calling(running.service, running.installation.token, Journal()) as caller:
        lead = await caller.send("/clients", LEAD)
        answer = await caller.http.get(f"/clients/{lead['id']}", params={"after": lead["position"]})
        assert answer.json()["name"] == LEAD["name"]
        await caught_up(running.service)
    await check_views(running.engine, lambda: asyncio.to_thread(running.installation.done, "rebuild"))
    assert await running.shadows() == []
