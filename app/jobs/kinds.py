"""The kinds of job: what does the work, and what becomes of one whose process has died."""

from importlib import import_module
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from app.services import Services


class Stopped(Exception):
    """Nobody waits for the job any more: the service stops."""


class Note(Protocol):
    """Says how far the work has come: how much is done, of how much, and of what.

    Raises:
        Stopped: it should end here.
    """

    def __call__(self, done: int, total: int, stage: str | None = None) -> None: ...


class Task(NamedTuple):
    """A job as its process sees it. `order` is what was asked for."""

    id: Any
    order: dict[str, Any]
    requested_by: Any
    services: Services
    note: Note


class Work(Protocol):
    """Does a job; what it returns is the job's result. An exception is why it failed."""

    async def __call__(self, task: Task) -> dict[str, Any]: ...


class Clean(Protocol):
    """Puts away what an ended job does not need any more."""

    async def __call__(self, engine: AsyncEngine, job_id: UUID) -> None: ...


class Kind(NamedTuple):
    """A kind of job. `work` names its function as MODULE:NAME, so that only its process has to load it.

    One that `resumes` goes on in another process when its own has died; what was done by then is not done again.
    `kept`: how many that have ended are remembered; None is all of them.
    """

    work: str
    resumes: bool = False
    kept: int | None = 50
    clean: str | None = None

    def load(self) -> Work:
        """The function that does the work."""
        return _load(self.work)

    def load_clean(self) -> Clean | None:
        """The function that puts away what the job does not need once it has ended, if there is any."""
        return _load(self.clean) if self.clean else None


def _load(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)


KINDS = {
    "rebuild": Kind("app.jobs.rebuild:rebuild_views"),
    "duplicates": Kind("app.jobs.duplicates:search_duplicates"),
    "import": Kind(
        "app.importer.job:import_file", resumes=True, kept=None, clean="app.importer.kept_files:forget_list"
    ),
    "import_undo": Kind("app.importer.undo:undo_import", resumes=True, kept=None),
}
