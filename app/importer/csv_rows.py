"""The rows of a CSV file, with the line where each begins, in constant memory."""

import csv
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from app.importer.encodings import encoding_of
from app.importer.formulas import as_meant
from app.importer.problems import FileError
from app.importer.rows import MAX_CELL, Line, Progress

DELIMITERS = (",", ";", "\t", "|")
LONGEST_LINE = 4 * MAX_CELL
BEGINNING = 32
"""Bytes in which files that are no text mostly have a zero, and the header of a table has none."""
_BLOCK = 1 << 20
_UTF_8 = {"utf-8", "utf8", "utf_8"}


class CsvRows:
    """A CSV file. Encoding and delimiter are found where they are not named, the latter by the mapped `columns`."""

    def __init__(self, path: Path, encoding: str | None, delimiter: str | None, columns: Sequence[str]) -> None:
        self._path, self._named, self._delimiter, self._columns = path, encoding, delimiter, columns

    def lines(self, progress: Progress) -> Iterator[Line]:
        """All rows, the header first; blank ones are passed over.

        Raises:
            FileError: the file is empty, not in its encoding, or not CSV.
        """
        encoding = self._encoding()
        self._refuse_binary(encoding)
        with self._named_errors(encoding), self._path.open(encoding=encoding, newline="") as file:
            first = file.readline(MAX_CELL)
            if not first.strip():
                raise FileError(f"{self._path}, line 1: is empty; it should name the columns")
            delimiter = self._delimiter or _sniffed(first, self._columns)
            file.seek(0)
            yield from self._rows(file, delimiter, progress)

    def _refuse_binary(self, encoding: str) -> None:
        with self._path.open("rb") as file:
            if b"\0" in file.read(BEGINNING) and not encoding.startswith("utf-16"):
                raise FileError(f"{self._path}: is no table: neither CSV nor an XLSX workbook")

    def _encoding(self) -> str:
        if self._named is None:
            return encoding_of(self._path)
        return "utf-8-sig" if self._named.lower() in _UTF_8 else self._named

    def _rows(self, file: TextIO, delimiter: str, progress: Progress) -> Iterator[Line]:
        csv.field_size_limit(MAX_CELL)
        total = self._path.stat().st_size
        reader = csv.reader(self._reported(file, total, progress), delimiter=delimiter, strict=True)
        begins = 1
        try:
            for values in reader:
                number, begins = begins, reader.line_num + 1
                if values:
                    yield Line(number, as_meant(values))
        except csv.Error as error:
            raise FileError(f"{self._path}, line {begins}: is not CSV ({error})") from None

    def _reported(self, file: TextIO, total: int, progress: Progress) -> Iterator[str]:
        done = reported = number = 0
        while text := file.readline(LONGEST_LINE):
            number += 1
            if len(text) >= LONGEST_LINE:
                raise FileError(f"{self._path}, line {number}: is longer than {LONGEST_LINE:,} characters")
            done += len(text)
            if done - reported >= _BLOCK:
                reported = done
                progress("reading", min(done, total), total)
            yield text
        progress("reading", total, total)

    @contextmanager
    def _named_errors(self, encoding: str) -> Generator[None]:
        try:
            yield
        except UnicodeDecodeError as error:
            line, byte = self._first_unreadable_line(encoding), error.object[error.start]
            name = "utf-8" if encoding == "utf-8-sig" else encoding
            raise FileError(
                f"{self._path}, line {line}: is not in {name} (byte {byte:#04x}); name the encoding in the mapping"
            ) from None
        except UnicodeError as error:  # without a byte to blame, as where the byte order mark of UTF-16 is missing
            raise FileError(f"{self._path}: is not in {encoding} ({error}); correct the encoding") from None

    def _first_unreadable_line(self, encoding: str) -> int:
        with self._path.open("rb") as file:
            for number, text in enumerate(file, 1):
                try:
                    text.decode(encoding)
                except UnicodeDecodeError:
                    return number
        return 1


def _sniffed(header: str, columns: Sequence[str]) -> str:
    """The delimiter that finds most of the mapped columns in the header; of equal ones, that with more columns."""

    def score(delimiter: str) -> tuple[int, int]:
        names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter))]
        return len(set(columns) & set(names)), len(names)

    return max(DELIMITERS, key=score)
