"""What an import did, in numbers, and the list of rows that it left out."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path

from app.importer.formulas import neutralised
from app.importer.problems import FileError, RowError
from app.importer.spool import Spool

SHOWN_ERRORS = 20
SHOWN_CELLS = 20
"""So many errors of one row are shown."""
CELLS_IN_FRONT = ("line", "field", "reason")
"""What the list of rows left out says before their own cells."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The rows of a file by what became of them; they add up to `rows`. A dry run tells what would become of them.

    `records` is how many leads, deals or orders went in; `errors` are the first few of each of the first few rows left
    out, `doubts` the first few of the `doubtful` numbers that went in although they look wrong.
    """

    kind: str
    dry_run: bool
    rows: int
    imported: int
    unchanged: int
    failed: int
    records: int
    employees_created: int
    attributes_declared: int
    seconds: float
    errors: tuple[RowError, ...]
    doubtful: int = 0
    doubts: tuple[RowError, ...] = ()

    @property
    def rows_shown(self) -> int:
        """Of how many rows left out the errors are named."""
        return len({error.line for error in self.errors})

    @property
    def rows_per_second(self) -> float:
        """How fast it went."""
        return self.rows / self.seconds if self.seconds else 0.0


def check_errors_path(path: Path, file: Path) -> None:
    """Make sure that the rows left out can be listed there, before anything is imported.

    Raises:
        FileError: the path cannot be written to, or is the data file.
    """
    if path.resolve() == file.resolve():
        raise FileError(f"{path}: is the data file; name another file for the rows left out")
    try:
        path.open("a").close()
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from None


def first_errors(spool: Spool) -> tuple[RowError, ...]:
    """The first few errors of each of the first few rows left out."""
    return tuple(error for _, errors in islice(_by_row(spool), SHOWN_ERRORS) for error in errors[:SHOWN_CELLS])


def _by_row(spool: Spool) -> Iterator[tuple[int, list[RowError]]]:
    return ((line, list(errors)) for line, errors in groupby(spool.all_errors(), key=attrgetter("line")))


def write_errors(path: Path, header: Sequence[str], spool: Spool) -> None:
    """Write the rows left out as CSV (UTF-8): line, fields, reasons, and the row's own cells."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*CELLS_IN_FRONT, *neutralised(header)])
        for line, errors in _by_row(spool):
            fields = "; ".join(dict.fromkeys(error.field for error in errors))
            writer.writerow([line, *neutralised((fields, _reasons(errors), *spool.cells(line)))])


def _reasons(errors: Sequence[RowError]) -> str:
    """The reason; where there are several, each after its field."""
    return "; ".join(f"{error.field}: {error.reason}" for error in errors) if len(errors) > 1 else errors[0].reason
