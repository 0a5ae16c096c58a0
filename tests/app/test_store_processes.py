"""Several processes append to one log, and one of them is killed."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process

from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from app.store import Store
from app.vault import Vault
from app.verify import verify
from tests.conftest import MASTER_KEY

STREAMS, APPENDS = 8, 25


async def start(url: URL, appends: int = APPENDS) -> Process:
    arguments = ("-m", "tests.app.append_many", url.render_as_string(hide_password=False), str(STREAMS), str(appends))
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=PIPE)


async def acknowledged(process: Process) -> list[int]:
    output, _ = await process.communicate()
    return [int(position) for line in output.decode().splitlines() for position in line.split()]


async def test_positions_have_no_gaps_and_nothing_acknowledged_is_lost(database_url: URL, engine: AsyncEngine):
    finishing = [await start(database_url) for _ in range(2)]
    killed = await start(database_url, appends=1_000_000)
    store = Store(engine, Vault(MASTER_KEY, engine))
    while await store.head() < 200:  # noqa: ASYNC110 - the other processes have no event to set
        await asyncio.sleep(0.01)
    killed.kill()
    promised = [position for process in (*finishing, killed) for position in await acknowledged(process)]
    head = await store.head()
    assert [event.position for event in await store.read_log(0, head)] == list(range(1, head + 1))
    assert len(promised) == len(set(promised))
    assert set(promised) <= set(range(1, head + 1))
    assert [process.returncode for process in finishing] == [0, 0]
    assert await verify(engine, lambda _, __: None) == []
