"""The parts of the service that an import needs, on a fresh database, and imports with the shipped mappings."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.directory import Directory
from app.execute import CLIENT, Call, Executor
from app.importer import ids
from app.importer.mapping import Kind, find_mapping
from app.importer.report import ImportReport
from app.importer.run import run_import
from app.store import Store
from app.vault import Vault
from domain.client.state import Client
from domain.employee import SYSTEM
from domain.kernel import Actor, Command, Recorded
from tests.app.importer.files import DEAL_COLUMNS, LEAD_COLUMNS, ORDER_COLUMNS, Cells, write
from tests.conftest import MASTER_KEY

COLUMNS = {"leads": LEAD_COLUMNS, "deals": DEAL_COLUMNS, "orders": ORDER_COLUMNS}
HEAD = Actor(SYSTEM, frozenset({"head"}))


@dataclass
class Parts:
    """The parts that an import needs."""

    engine: AsyncEngine
    vault: Vault
    store: Store
    directory: Directory
    executor: Executor


@dataclass
class Firm:
    """A firm that imports its history."""

    parts: Parts
    folder: Path

    async def imports(self, kind: Kind, *rows: Cells, **options: Any) -> ImportReport:
        """Import these rows with the shipped mapping."""
        file = write(self.folder / f"{kind}.csv", COLUMNS[kind], rows)
        return await self.imports_file(kind, file, **options)

    async def imports_file(self, kind: Kind, file: Path, mapping: Path | None = None, **options: Any) -> ImportReport:
        """Import a file, with the shipped mapping unless another one is named."""
        return await run_import(self.parts, kind, file, mapping or find_mapping(f"olist_{kind}"), **options)

    async def history(self, lead: str = "lead1") -> list[Recorded]:
        """What is recorded of a lead's client."""
        return await self.parts.store.read_stream(ids.of_key("olist", "lead", (lead,)))

    async def client(self, lead: str = "lead1") -> Client:
        """A lead's client as it stands."""
        client = Client.empty(ids.of_key("olist", "lead", (lead,)))
        for recorded in await self.history(lead):
            client = client.evolve(recorded)
        return client

    async def command(self, body: Command) -> None:
        """Send a command on the first lead's client to the service, as a head."""
        client = await self.client()
        await self.parts.executor.execute(CLIENT, client.id, body, Call(HEAD, client.id))

    async def told(self, lead: str = "lead1") -> list[tuple[str, str]]:
        """The topics of a client's history with their dates."""
        history = await self.history(lead)
        return [(item.event.topic, item.occurred_at.strftime("%Y-%m-%d %H:%M:%S")) for item in history]


@pytest.fixture
async def parts(engine: AsyncEngine) -> AsyncIterator[Parts]:
    vault = Vault(MASTER_KEY, engine)
    store = Store(engine, vault)
    directory = Directory(store)
    await store.start()
    yield Parts(engine, vault, store, directory, Executor(store, directory, 100))
    await store.stop()


@pytest.fixture
def firm(parts: Parts, tmp_path: Path) -> Firm:
    return Firm(parts, tmp_path)
