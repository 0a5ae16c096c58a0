"""Reading workbooks: what a cell says, and files that are none or were made to do harm."""

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from app.importer.mapping import SHIPPED, load_mapping
from app.importer.problems import FileError
from app.importer.reading import Source
from app.importer.rows import MAX_COLUMNS, Line
from app.importer.workbook_rows import MOST_UNPACKED
from tests.app.importer.files import LEAD_COLUMNS

MAPPING = SHIPPED / "olist_leads.toml"


def read(path: Path) -> list[Line]:
    return list(Source(path, load_mapping(MAPPING, "leads"), MAPPING).lines())


def saved(folder: Path, *rows: Any) -> Path:
    """A workbook with these rows on its first sheet, under a name that says nothing of its format."""
    book: Any = Workbook()
    for row in rows:
        book.active.append(row)
    book.create_sheet("Another").append(["is not read"])
    path = folder / "leads.dat"
    book.save(path)
    return path


def test_cells_are_read_as_csv_would_have_them(tmp_path: Path):
    path = saved(
        tmp_path,
        LEAD_COLUMNS,
        ["лид", date(2024, 3, 1), 12.0, "social"],
        [None, None, None, None],
        ["lead2", datetime(2024, 3, 1, 9, 30), 12.5, None],  # noqa: DTZ001 - cells have no time zone
        [3, "2024-03-02", True, " tender "],
    )
    assert read(path) == [
        Line(2, ["лид", "2024-03-01", "12", "social"]),
        Line(4, ["lead2", "2024-03-01T09:30:00", "12.5", ""]),
        Line(5, ["3", "2024-03-02", "true", " tender "]),
    ]


def test_formulas_are_not_computed(tmp_path: Path):
    path = saved(tmp_path, LEAD_COLUMNS, ["lead1", "2024-03-01", '=HYPERLINK("http://a.example","x")', "=1+1"])
    assert read(path) == [Line(2, ["lead1", "2024-03-01", "", ""])]


def test_what_is_no_workbook_or_locked_is_named(tmp_path: Path):
    path = tmp_path / "leads.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000))
    with pytest.raises(FileError, match="protected by a password or in the old format"):
        read(path)
    path.write_bytes(b"PK\x03\x04 and nothing that follows")
    with pytest.raises(FileError, match="no workbook that can be read"):
        read(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letter.txt", "Not a workbook")
    with pytest.raises(FileError, match="no workbook that can be read"):
        read(path)


def test_what_unpacks_to_more_than_any_list_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = saved(tmp_path, LEAD_COLUMNS)
    with zipfile.ZipFile(path) as archive:
        size = sum(part.file_size for part in archive.infolist())
    assert size < MOST_UNPACKED
    monkeypatch.setattr("app.importer.workbook_rows.MOST_UNPACKED", size - 1)
    with pytest.raises(FileError, match="unpacks to"):
        read(path)


def test_more_columns_than_any_list_has(tmp_path: Path):
    with pytest.raises(FileError, match="more than 2,000 columns"):
        read(saved(tmp_path, [*LEAD_COLUMNS, *map(str, range(MAX_COLUMNS))]))


def test_an_empty_workbook(tmp_path: Path):
    with pytest.raises(FileError, match="is empty; it should name the columns"):
        read(saved(tmp_path))
