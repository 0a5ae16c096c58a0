"""Reading a file row by row, in constant memory: CSV or XLSX, with its header checked against the mapping."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from app.importer.csv_rows import CsvRows
from app.importer.mapping import Mapping, line_of
from app.importer.problems import FileError
from app.importer.rows import MAX_COLUMNS, Line, Progress, no_progress
from app.importer.workbook_rows import is_workbook, workbook_rows


class Source:
    """A file as its mapping describes it. A byte order mark and blank lines are passed over."""

    def __init__(self, path: Path, mapping: Mapping, mapping_path: Path) -> None:
        self._path = path
        self.mapping = mapping
        self.mapping_path = mapping_path
        self.header: list[str] = []
        self.places: dict[str, int] = {}

    def lines(self, progress: Progress = no_progress) -> Iterator[Line]:
        """The rows after the header, which is checked first.

        Raises:
            FileError: the file is missing, empty, not in its encoding, no table, or lacks a mapped column.
        """
        try:
            for line in self._rows(progress):
                if self.header:
                    yield line
                else:
                    self._take_header(line.values)
        except OSError as error:
            raise FileError(f"{self._path}: {error.strerror}") from None
        if not self.header:
            raise FileError(f"{self._path}, line 1: is empty; it should name the columns")

    def _rows(self, progress: Progress) -> Iterator[Line]:
        if is_workbook(self._path):
            return workbook_rows(self._path, progress)
        mapping = self.mapping
        return CsvRows(self._path, mapping.encoding, mapping.delimiter, mapping.columns).lines(progress)

    def _take_header(self, names: Sequence[str]) -> None:
        if len(names) > MAX_COLUMNS:
            raise FileError(f"{self._path}, line 1: has {len(names):,} columns; at most {MAX_COLUMNS:,} are read")
        self.header = [name.strip() for name in names]
        self.places = {name: place for place, name in reversed(list(enumerate(self.header)))}
        for column in self.mapping.columns:
            if column not in self.places:
                line = line_of(self.mapping_path, column)
                place = f"{self.mapping_path}, line {line}" if line else f"{self.mapping_path}"
                raise FileError(f"{self._path}: has no column {column!r}, which is mapped in {place}")
            if self.header.count(column) > 1:
                raise FileError(f"{self._path}, line 1: has the column {column!r} more than once")
