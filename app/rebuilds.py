"""Rebuilds asked for over HTTP: they run in the background and are watched by their progress."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from app.execute import Call, KeyReused
from app.services import Services
from projections.kernel import View
from projections.rebuild import RebuildRunning, rebuild

log = logging.getLogger(__name__)

KEPT = 50
"""How many finished rebuilds are remembered."""


@dataclass
class Rebuild:
    """One run over some views. `state`: running, done or failed; `error` says why it failed.

    `request` is the idempotency key and the digest of the request that asked for it.
    """

    views: tuple[str, ...]
    requested_by: UUID
    request: tuple[str | None, bytes] = (None, b"")
    id: UUID = field(default_factory=uuid4)
    state: str = "running"
    events_done: int = 0
    events_total: int = 0
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    finished_at: datetime | None = None
    error: str | None = None

    def progress(self, done: int, total: int) -> None:
        """Take note of how far it has come."""
        self.events_done, self.events_total = done, total

    def finish(self, error: str | None = None) -> None:
        """Take note of its end."""
        self.state = "failed" if error else "done"
        self.error, self.finished_at = error, datetime.now(UTC)


class Rebuilds:
    """The rebuilds of this process, oldest first."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: dict[UUID, Rebuild] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def find(self, call: Call) -> Rebuild | None:
        """The rebuild that an earlier request with the same idempotency key began.

        Raises:
            KeyReused: that was another request.
        """
        if call.idempotency_key is None:
            return None
        for job in self._known.values():
            key, digest = job.request
            if (job.requested_by, key) == (call.actor.employee_id, call.idempotency_key):
                if digest != call.request_digest:
                    raise KeyReused
                return job
        return None

    def start(self, views: Sequence[View[Any]], call: Call) -> Rebuild:
        """Begin to build these views anew.

        Raises:
            RebuildRunning: one of them is being rebuilt.
        """
        request = (call.idempotency_key, call.request_digest)
        job = Rebuild(tuple(view.name for view in views), call.actor.employee_id, request)
        for running in self._known.values():
            if running.state == "running" and (shared := set(running.views) & set(job.views)):
                raise RebuildRunning(min(shared))
        self._remember(job)
        task = asyncio.create_task(self._run(job, views))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def all(self) -> list[Rebuild]:
        """Every rebuild that is remembered, newest first."""
        return list(reversed(self._known.values()))

    def get(self, rebuild_id: UUID) -> Rebuild | None:
        """The rebuild with this id."""
        return self._known.get(rebuild_id)

    async def stop(self) -> None:
        """Give up what is running; the stored views stay as they are."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _remember(self, job: Rebuild) -> None:
        finished = [key for key, known in self._known.items() if known.state != "running"]
        for key in finished[: max(0, len(finished) - KEPT)]:
            del self._known[key]
        self._known[job.id] = job

    async def _run(self, job: Rebuild, views: Sequence[View[Any]]) -> None:
        try:
            await rebuild(self._services.engine, views, self._services.decode, job.progress)
            job.finish()
        except asyncio.CancelledError:
            job.finish("the service was stopped")
            raise
        except Exception as error:
            log.exception("the rebuild of %s failed", ", ".join(job.views))
            job.finish(str(error) or type(error).__name__)
