"""Which failures are said in one line instead of a traceback, and how."""

from asyncpg.exceptions import InterfaceError, PostgresError
from sqlalchemy.exc import DBAPIError

from app.importer.problems import ImportRefused
from app.migrate import SchemaTooNew, SchemaTooOld
from app.settings import SettingsError
from app.vault import WrongMasterKey
from domain.kernel import Refused
from domain.refusals import REFUSALS


class Failure(Exception):
    """A command cannot do what it was asked for. The message says why, in one line."""


def explain(error: BaseException) -> str | None:
    """What went wrong, in one line; None for a defect, which deserves its traceback."""
    match error:
        case BaseExceptionGroup(exceptions=(first, *_)):
            reason = explain(first)
        case Failure() | SettingsError() | ImportRefused() | SchemaTooNew():
            reason = str(error)
        case SchemaTooOld():
            reason = f"{error}; bring it up to date with `conveyor migrate`"
        case WrongMasterKey():
            reason = "wrong master key: this database was set up with another one"
        case Refused():
            reason = f"{REFUSALS[error.code].english}. {REFUSALS[error.code].remedy}"
        case DBAPIError() | PostgresError() | InterfaceError() | OSError():
            reason = f"cannot work with the database: {_first_line(error)}"
        case _:
            reason = None
    return reason


def _first_line(error: BaseException) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return next(iter(str(cause).strip().splitlines()), type(cause).__name__)
