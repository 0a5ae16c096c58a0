"""Reading a CSV file row by row, in constant memory, with errors that name the line."""

import csv
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO

from app.importer.mapping import Mapping, line_of
from app.importer.problems import FileError

DELIMITERS = (",", ";", "\t", "|")
MAX_CELL = 1_000_000
_BLOCK = 1 << 20
_UTF_8 = {"utf-8", "utf8", "utf_8"}

Progress = Callable[[str, int, int], None]
"""Called with the stage ("reading" in bytes, "recording" in rows), how much of it is done and how much there is."""


class Line(NamedTuple):
    """A row of the file and the line where it begins; the header is line 1."""

    number: int
    values: list[str]


def no_progress(_stage: str, _done: int, _total: int) -> None:
    """For callers that show none."""


class Source:
    """A CSV file as its mapping describes it. A byte order mark and blank lines are passed over."""

    def __init__(self, path: Path, mapping: Mapping, mapping_path: Path) -> None:
        self._path = path
        self.mapping = mapping
        self.mapping_path = mapping_path
        self._encoding = "utf-8-sig" if mapping.encoding.lower() in _UTF_8 else mapping.encoding
        self.header: list[str] = []
        self.places: dict[str, int] = {}

    def lines(self, progress: Progress = no_progress) -> Iterator[Line]:
        """The rows after the header, which is checked first.

        Raises:
            FileError: the file is missing, empty, not in its encoding, not CSV, or lacks a mapped column.
        """
        with self._opened() as file, self._named_errors():
            first = file.readline(MAX_CELL)
            if not first.strip():
                raise FileError(f"{self._path}, line 1: is empty; it should name the columns")
            delimiter = self.mapping.delimiter or _sniffed(first, self.mapping.columns)
            file.seek(0)
            yield from self._rows(file, delimiter, progress)

    def _rows(self, file: TextIO, delimiter: str, progress: Progress) -> Iterator[Line]:
        csv.field_size_limit(MAX_CELL)
        total = self._path.stat().st_size
        reader = csv.reader(_reported(file, total, progress), delimiter=delimiter, strict=True)
        begins = 1
        try:
            for values in reader:
                number, begins = begins, reader.line_num + 1
                if not self.header:
                    self._take_header(values)
                elif values:
                    yield Line(number, values)
        except csv.Error as error:
            raise FileError(f"{self._path}, line {begins}: is not CSV ({error})") from None

    def _take_header(self, names: Sequence[str]) -> None:
        self.header = [name.strip() for name in names]
        self.places = {name: place for place, name in reversed(list(enumerate(self.header)))}
        for column in self.mapping.columns:
            if column not in self.places:
                place = f"{self.mapping_path}, line {line_of(self.mapping_path, column)}"
                raise FileError(f"{self._path}: has no column {column!r}, which is mapped in {place}")
            if self.header.count(column) > 1:
                raise FileError(f"{self._path}, line 1: has the column {column!r} more than once")

    @contextmanager
    def _opened(self) -> Generator[TextIO]:
        try:
            with self._path.open(encoding=self._encoding, newline="") as file:
                yield file
        except OSError as error:
            raise FileError(f"{self._path}: {error.strerror}") from None

    @contextmanager
    def _named_errors(self) -> Generator[None]:
        try:
            yield
        except UnicodeDecodeError as error:
            line, encoding = self._first_unreadable_line(), self.mapping.encoding
            byte = error.object[error.start]
            raise FileError(
                f"{self._path}, line {line}: is not in {encoding} (byte {byte:#04x}); name the encoding in the mapping"
            ) from None

    def _first_unreadable_line(self) -> int:
        with self._path.open("rb") as file:
            for number, text in enumerate(file, 1):
                try:
                    text.decode(self.mapping.encoding)
                except UnicodeDecodeError:
                    return number
        return 1


def _reported(file: TextIO, total: int, progress: Progress) -> Iterator[str]:
    done = reported = 0
    for text in file:
        done += len(text)
        if done - reported >= _BLOCK:
            reported = done
            progress("reading", min(done, total), total)
        yield text
    progress("reading", total, total)


def _sniffed(header: str, columns: Sequence[str]) -> str:
    """The delimiter that finds most of the mapped columns in the header; of equal ones, that with more columns."""

    def score(delimiter: str) -> tuple[int, int]:
        names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter))]
        return len(set(columns) & set(names)), len(names)

    return max(DELIMITERS, key=score)
