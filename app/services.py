"""The composition root: everything the service consists of, started and stopped together."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from app.directory import Directory
from app.execute import Executor
from app.mapper import decoder_for_views
from app.settings import Settings
from app.store import Store
from app.vault import Vault
from app.worker import run_worker
from projections.registry import VIEWS
from projections.runner import Projector
from projections.snapshots import Snapshots

LOOK_EVERY_SECONDS = 1.0


class Services:
    """The parts, wired. The database has to be migrated and its views prepared before `start`."""

    def __init__(self, settings: Settings, engine: AsyncEngine, master_key: bytes) -> None:
        self.settings = settings
        self.master_key = master_key
        self.engine = engine
        self.vault = Vault(master_key, engine)
        self.store = Store(engine, self.vault)
        self.directory = Directory(self.store)
        self.executor = Executor(self.store, self.directory, settings.cache_megabytes * 2**20)
        self.decode = decoder_for_views(self.vault, engine)
        self.projector = Projector(engine, VIEWS, self.decode)
        self.snapshots = Snapshots(engine, VIEWS, self.decode)
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open the store and learn the regulation and the employees.

        Raises:
            WrongMasterKey: the master key is not the one that this database was set up with.
        """
        await self.vault.check()
        await self.store.start()
        await self.directory.refresh()

    def project(self) -> None:
        """Keep the views up to date from now on, unless another process does."""
        self.store.on_commit(lambda _: self.projector.wake())
        self._tasks.append(asyncio.create_task(self.projector.run(self._stop)))

    def work_by_rule(self) -> None:
        """Do what the service does by itself, as letting offers expire."""
        self._tasks.append(asyncio.create_task(run_worker(self.engine, self.executor, self.directory, self._stop)))

    async def catch_up(self) -> int:
        """Bring the views up to the end of the log, here or in the process that projects. Returns that position."""
        end, names, done = await self.store.head(), [view.name for view in VIEWS], asyncio.Event()
        projecting = asyncio.create_task(self.projector.run(done))
        try:
            while not projecting.done() and not await self.projector.wait_for(names, end, LOOK_EVERY_SECONDS):
                pass
        finally:
            done.set()
            await projecting
        return end

    async def stop(self) -> None:
        """Finish what was begun and close the database."""
        self._stop.set()
        self.projector.wake()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.snapshots.close()
        await self.store.stop()
        await self.engine.dispose()
