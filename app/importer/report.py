"""What an import did, in numbers, and the list of rows that it left out."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.importer.problems import FileError, RowError
from app.importer.spool import Spool

SHOWN_ERRORS = 20
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The rows of a file by what became of them; they add up to `rows`. A dry run tells what would become of them.

    `records` is how many leads, deals or orders went in; `errors` are the first few of the rows left out.
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

    @property
    def rows_per_second(self) -> float:
        """How fast it went."""
        return self.rows / self.seconds if self.seconds else 0.0


def write_errors(path: Path, header: Sequence[str], spool: Spool) -> None:
    """Write the rows left out as CSV (UTF-8): line, field, reason, and the row's own cells.

    Raises:
        FileError: the path cannot be written to.
    """
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["line", "field", "reason", *neutralised(header)])
            for error in spool.all_errors():
                cells = (error.field, error.reason, *spool.cells(error.line))
                writer.writerow([error.line, *neutralised(cells)])
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from None


def neutralised(cells: Iterable[str]) -> list[str]:
    """Cells that no spreadsheet takes for a formula."""
    return [f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in cells]
