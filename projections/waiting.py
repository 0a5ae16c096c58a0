"""Readers who wait for a position, in the process that projects and in those that do not."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from projections.log import driver

LOOK_SECONDS = 0.02
"""How often a process that does not project looks how far the views are, while somebody waits."""


class Positions:
    """How far the views are known to be. `hurry` is called when somebody begins to wait."""

    def __init__(self, engine: AsyncEngine, hurry: Callable[[], None]) -> None:
        self._engine = engine
        self._hurry = hurry
        self._known: dict[str, int] = {}
        self._changed = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._told = False
        self.waiting = 0

    def publish(self, positions: Mapping[str, int]) -> None:
        """Tell those who wait."""
        self._known.update(positions)
        self._changed.set()
        self._changed = asyncio.Event()

    def rely_on_publish(self, *, rely: bool) -> None:
        """Whether this process projects, so that all progress is published here; otherwise it has to look."""
        self._told = rely
        self.publish({})

    async def wait_for(self, views: Sequence[str], position: int, seconds: float) -> bool:
        """Wait until all these views have taken in the position; False if they have not in time."""
        if self._passed(views, position):
            return True
        self.waiting += 1
        self._hurry()
        try:
            async with asyncio.timeout(seconds):
                while not self._passed(views, position):
                    await (self._changed.wait() if self._told else self._look())
        except TimeoutError:
            return False
        else:
            return True
        finally:
            self.waiting -= 1

    def _passed(self, views: Sequence[str], position: int) -> bool:
        return all(self._known.get(view, 0) >= position for view in views)

    async def _look(self) -> None:
        """One look for all who wait."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._read())
        await asyncio.shield(self._looking)

    async def _read(self) -> None:
        async with self._engine.connect() as connection:
            rows = await (await driver(connection)).fetch("SELECT view, position FROM public.checkpoints")
        self.publish({row[0]: row[1] for row in rows})
        await asyncio.sleep(LOOK_SECONDS)
