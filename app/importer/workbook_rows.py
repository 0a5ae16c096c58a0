"""The rows of the first sheet of an XLSX workbook, read as a stream.

Formulas are never computed: a cell has the value that was saved with it.
"""

import zipfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO

from app.importer.problems import FileError
from app.importer.rows import MAX_CELL, MAX_COLUMNS, Line, Progress

ZIP_MAGIC, OLE_MAGIC = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MOST_UNPACKED = 2_000_000_000
"""Bytes: 100 MB of real cells unpack to about half of it; what unpacks to more was made to fill a disk."""
ROWS_PER_REPORT = 1_000


def is_workbook(path: Path) -> bool:
    """Whether the file is a workbook rather than text, as its first bytes say.

    Raises:
        FileError: it is one that cannot be read: of the old format, or protected by a password.
    """
    with path.open("rb") as file:
        first = file.read(4)
    if first == OLE_MAGIC:
        raise FileError(f"{path}: is protected by a password or in the old format XLS; save it as XLSX, without one")
    return first == ZIP_MAGIC


def workbook_rows(path: Path, progress: Progress) -> Iterator[Line]:
    """The rows of the first sheet, the header first; blank ones are passed over.

    Raises:
        FileError: it is no workbook, or larger than any list.
    """
    with _named_errors(path):
        _refuse_what_bursts(path)
        with path.open("rb") as file, closing(_opened(file)) as workbook:
            yield from _lines(path, workbook.worksheets[0], progress)


def _lines(path: Path, sheet: Any, progress: Progress) -> Iterator[Line]:
    total, width = sheet.max_row or 0, 0
    for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS + 1), 1):
        values = [_text(cell) for cell in cells]
        while values and not values[-1]:
            values.pop()
        if len(values) > MAX_COLUMNS:
            raise FileError(f"{path}, row {number}: has more than {MAX_COLUMNS:,} columns")
        if not number % ROWS_PER_REPORT:
            progress("reading", min(number, total), total)
        width = width or len(values)
        if values:
            yield Line(number, values + [""] * (width - len(values)))
    progress("reading", total, total)


def _refuse_what_bursts(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > MOST_UNPACKED:
        raise FileError(f"{path}: unpacks to {unpacked:,} bytes, which no list has")


def _opened(file: BinaryIO) -> Any:
    from openpyxl import load_workbook  # noqa: PLC0415 - for workbooks only

    return load_workbook(file, read_only=True, data_only=True, keep_links=False)


@contextmanager
def _named_errors(path: Path) -> Generator[None]:
    try:
        yield
    except (FileError, GeneratorExit):
        raise
    except Exception as error:  # the library raises whatever the file made it stumble over
        raise FileError(f"{path}: is no workbook that can be read ({type(error).__name__})") from None


def _text(cell: Any) -> str:
    """A cell as the text that CSV would have: dates in ISO 8601, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell[:MAX_CELL]
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, (date, time)) else str(cell)
