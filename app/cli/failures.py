"""Which failures are said in one line instead of a traceback, and how."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from asyncpg.exceptions import InterfaceError, InternalClientError, PostgresError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.importer.problems import ImportRefused
from app.migrate import SchemaTooNew, SchemaTooOld
from app.settings import SettingsError
from app.vault import WrongMasterKey
from domain.kernel import Refused
from domain.refusals import REFUSALS
from projections.loading import RebuildFailed
from projections.rebuild import RebuildRunning


class Failure(Exception):
    """A command cannot do what it was asked for. The message says why, in one line."""


def explain(error: BaseException) -> str | None:
    """What went wrong, in one line; None for a defect, which deserves its traceback."""
    if isinstance(error, BaseExceptionGroup):
        return explain(cast(BaseExceptionGroup[BaseException], error).exceptions[0])
    return next((words(error) for kinds, words in _WORDS if isinstance(error, kinds)), None)


def reason_of(error: BaseException) -> str:
    """What the driver says, its first line."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return next(iter(str(cause).strip().splitlines()), type(cause).__name__)


def _of_database(error: BaseException) -> str:
    return f"cannot work with the database: {reason_of(error)}"


def _of_rule(refused: Any) -> str:
    return f"{REFUSALS[refused.code].english}. {REFUSALS[refused.code].remedy}"


_WORDS: Sequence[tuple[tuple[type[BaseException], ...], Callable[[Any], str]]] = (
    ((Failure, SettingsError, ImportRefused, SchemaTooNew), str),
    ((SchemaTooOld,), lambda error: f"{error}; bring it up to date with `conveyor migrate`"),
    ((WrongMasterKey,), lambda _: "wrong master key: this database was set up with another one"),
    ((Refused,), _of_rule),
    ((RebuildRunning,), lambda error: f"view {error.view} is being rebuilt already"),
    ((RebuildFailed,), lambda error: f"the stored views stay as they are: {error}"),
    ((DBAPIError, PoolTimeout, PostgresError, InterfaceError, InternalClientError, OSError), _of_database),
)
