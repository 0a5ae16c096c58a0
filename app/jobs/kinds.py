"""The kinds of job: what does the work, and what becomes of one whose process has died."""

from importlib import import_module
from typing import Any, NamedTuple, Protocol

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


class Kind(NamedTuple):
    """A kind of job. `work` names its function as MODULE:NAME, so that only its process has to load it.

    One that `resumes` goes on in another process when its own has died; what was done by then is not done again.
    `kept`: how many that have ended are remembered; None is all of them.
    """

    work: str
    resumes: bool = False
    kept: int | None = 50

    def load(self) -> Work:
        """The function that does the work."""
        module, _, name = self.work.partition(":")
        return getattr(import_module(module), name)


KINDS = {
    "rebuild": Kind("app.jobs.rebuild:rebuild_views"),
    "duplicates": Kind("app.jobs.duplicates:search_duplicates"),
    "import": Kind("app.importer.job:import_file", resumes=True, kept=None),
    "import_undo": Kind("app.importer.undo:undo_import", resumes=True, kept=None),
}
