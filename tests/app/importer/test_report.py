"""The list of rows left out."""

import csv
from pathlib import Path

import pytest

from app.importer.problems import FileError
from tests.app.importer.conftest import Firm
from tests.app.importer.files import LEADS, deal, lead, write


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


async def test_the_rows_left_out_are_listed_by_line_with_their_cells(firm: Firm):
    listed = firm.folder / "errors.csv"
    await firm.imports("leads", lead(origin="?!"), lead(2), lead(mql_id="", origin="ф"), errors_path=listed)
    header, first, second = rows_of(listed)
    assert header == ["line", "field", "reason", "mql_id", "first_contact_date", "landing_page_id", "origin"]
    assert first[:2] == ["2", "origin"]
    assert first[2].startswith("wrong_value: must be a word of lower-case Latin letters")
    assert first[3:] == ["lead1", "2024-03-01", "page1", "?!"]
    assert second[:2] == ["4", "mql_id; origin"]
    assert second[2].startswith("mql_id: missing_value: the row cannot be told from others without it; origin: wrong")
    assert second[-1] == "ф"


async def test_no_cell_is_a_formula(firm: Firm):
    listed = firm.folder / "errors.csv"
    bad = lead(mql_id="=1+1", landing_page_id="@SUM(A1)", origin="-2", first_contact_date="+7")
    await firm.imports("leads", bad, errors_path=listed)
    assert rows_of(listed)[1][3:] == ["'=1+1", "'+7", "'@SUM(A1)", "'-2"]


async def test_the_list_is_empty_when_all_went_in(firm: Firm):
    listed = firm.folder / "errors.csv"
    listed.write_text("of an earlier import")
    await firm.imports("leads", lead(), errors_path=listed)
    assert len(rows_of(listed)) == 1


async def test_only_the_first_errors_are_in_the_report(firm: Firm):
    listed = firm.folder / "errors.csv"
    report = await firm.imports("deals", *(deal(number) for number in range(600)), errors_path=listed)
    assert report.failed == 600
    assert [error.line for error in report.errors] == list(range(2, 22))
    assert [row[0] for row in rows_of(listed)[1:]] == [str(line) for line in range(2, 602)]


async def test_a_row_counts_once_however_much_is_wrong_with_it(firm: Firm):
    bad = [lead(number, origin="?!", first_contact_date="soon") for number in range(30)]
    report = await firm.imports("leads", *bad)
    assert (report.rows, report.failed, report.rows_shown, len(report.errors)) == (30, 30, 20, 40)


async def test_of_a_very_wrong_row_some_cells_are_named_and_all_of_them_in_the_list(firm: Firm):
    columns = [f"Column {number}" for number in range(30)]
    mapping = firm.folder / "wide.toml"
    numbers = "\n".join(f'a{place} = {{ column = "{name}", kind = "number" }}' for place, name in enumerate(columns))
    mapping.write_text(LEADS + f"[attributes]\n{numbers}\n")
    row = {"id": "1", "date": "2024-03-01", "name": "One"} | dict.fromkeys(columns, "many")
    file, listed = write(firm.folder / "wide.csv", list(row), [row]), firm.folder / "errors.csv"
    report = await firm.imports_file("leads", file, mapping, errors_path=listed)
    assert [error.field for error in report.errors] == columns[:20]
    assert rows_of(listed)[1][1] == "; ".join(columns)


@pytest.mark.parametrize("name", ["leads.csv", "no/such/folder.csv"])
async def test_a_list_that_cannot_be_written_stops_the_import_before_it_begins(firm: Firm, name: str):
    with pytest.raises(FileError):
        await firm.imports("leads", lead(), errors_path=firm.folder / name)
    assert await firm.parts.store.head() == 0
