"""Reading: encodings, delimiters, quoting, and errors of the whole file."""

import gc
import tracemalloc
from pathlib import Path

import pytest

from app.importer.mapping import SHIPPED, load_mapping
from app.importer.problems import FileError
from app.importer.reading import Source
from app.importer.rows import MAX_COLUMNS, Line
from tests.app.importer.conftest import Firm
from tests.app.importer.files import LEAD_COLUMNS, lead, write

HEADER = ",".join(LEAD_COLUMNS)
MAPPING = SHIPPED / "olist_leads.toml"


def read(path: Path, mapping: str = "") -> list[Line]:
    """The rows of a file; `mapping` is what stands before the shipped mapping."""
    own = path.with_name("mapping.toml")
    own.write_text(mapping + "\n" + MAPPING.read_text())
    return list(Source(path, load_mapping(own, "leads"), own).lines())


def file_with(path: Path, content: bytes | str) -> Path:
    file = path / "leads.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str):
    text = f"{HEADER}\nlead1,2024-03-01,page,social\n".replace(",", delimiter)
    assert read(file_with(tmp_path, text)) == [Line(2, ["lead1", "2024-03-01", "page", "social"])]


def test_an_apostrophe_that_kept_a_spreadsheet_from_calculating_is_no_part_of_the_cell(tmp_path: Path):
    """So the list of rows left out can be mended and sent again."""
    file = write(tmp_path / "leads.csv", LEAD_COLUMNS, [lead(origin="'+44 20 7946"), lead(origin="'n'")])
    origin = LEAD_COLUMNS.index("origin")
    assert [line.values[origin] for line in read(file)] == ["+44 20 7946", "'n'"]


def test_the_delimiter_may_be_named(tmp_path: Path):
    text = f"{HEADER}\nlead1,2024-03-01,page,social\n".replace(",", "^")
    assert read(file_with(tmp_path, text), 'delimiter = "^"')[0].values[0] == "lead1"


def test_a_byte_order_mark_and_line_ends_of_windows_are_passed_over(tmp_path: Path):
    file = file_with(tmp_path, f"\ufeff{HEADER}\r\nlead1,2024-03-01,page,social\r\n\r\nlead2,2024-03-01,,\r\n")
    assert [line.number for line in read(file)] == [2, 4]


def test_line_breaks_and_quotes_within_quotes(tmp_path: Path):
    text = f'{HEADER}\nlead1,2024-03-01,"page ""one""\nand, more",social\nlead2,2024-03-01,p,s\n'
    first, second = read(file_with(tmp_path, text))
    assert first == Line(2, ["lead1", "2024-03-01", 'page "one"\nand, more', "social"])
    assert second.number == 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str):
    file = file_with(tmp_path, f"{HEADER}\nлид,2024-03-01,страница,social\n".encode(encoding))
    assert read(file)[0].values[:3] == ["лид", "2024-03-01", "страница"]


def test_the_encoding_may_be_named(tmp_path: Path):
    file = file_with(tmp_path, f"{HEADER}\nлид,2024-03-01,страница,social\n".encode("koi8-r"))
    assert read(file, 'encoding = "koi8-r"')[0].values[0] == "лид"
    with pytest.raises(FileError, match=r"line 2: is not in utf-8 \(byte 0xcc\)"):
        read(file, 'encoding = "utf-8"')


@pytest.mark.parametrize("named", ["utf-16", "utf-32"])
def test_a_byte_order_mark_that_is_missing_is_said(tmp_path: Path, named: str):
    file = file_with(tmp_path, f"{HEADER}\n1,2024-03-01,page,social\n".encode())
    with pytest.raises(FileError, match=f"is not in {named}"):
        read(file, f'encoding = "{named}"')


def test_a_western_encoding_is_not_taken_for_a_cyrillic_one(tmp_path: Path):
    file = file_with(tmp_path, f"{HEADER}\ncafé,2024-03-01,à côté,social\n".encode("latin-1"))
    with pytest.raises(FileError, match="name the encoding in the mapping"):
        read(file)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "leads.csv, line 1: is empty; it should name the columns"),
        ("\n\nlead1,2024-03-01,page,social", "line 1: is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "leads.csv: is no table"),
        (f"{HEADER}," + ",".join(map(str, range(MAX_COLUMNS))) + "\n", "line 1: has 2,004 columns"),
        ("," * 5_000_000, "leads.csv, line 1: is longer than 4,000,000 characters"),
        (f"{HEADER}\n" + "a,b,c,d\n" * 20_000 + "\udcff", "leads.csv, line 20002: is not in utf-8"),
        (f'{HEADER}\nlead1,"2024-03-01,page,social\nlead2', "leads.csv, line 2: is not CSV"),
        (f'{HEADER}\nlead1,"2024"-03-01,page,social\n', "leads.csv, line 2: is not CSV"),
        (
            "mql_id,date,landing_page_id,origin\n",
            "leads.csv: has no column 'first_contact_date', which is mapped in",
        ),
        (f"{HEADER},origin\n", "leads.csv, line 1: has the column 'origin' more than once"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | str, message: str):
    raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    with pytest.raises(FileError) as caught:
        read(file_with(tmp_path, raw))
    assert message in str(caught.value)


def test_a_missing_column_is_named_with_the_line_of_the_mapping(tmp_path: Path):
    with pytest.raises(FileError) as caught:
        read(file_with(tmp_path, "mql_id,landing_page_id,origin\n"))
    line = (tmp_path / "mapping.toml").read_text().splitlines().index('registered_at = "first_contact_date"') + 1
    assert str(caught.value).endswith(f"mapping.toml, line {line}")


def test_there_is_no_such_file(tmp_path: Path):
    with pytest.raises(FileError, match="No such file"):
        read(tmp_path / "leads.csv")


async def test_nothing_is_changed_by_a_file_that_breaks_in_its_middle(firm: Firm):
    rows = "".join(f"lead{number},2024-03-01,page,social\n" for number in range(5_000))
    with pytest.raises(FileError, match="line 5002"):
        await firm.imports_file("leads", file_with(firm.folder, f"{HEADER}\n{rows}".encode() + b"\xff,,,\n"))
    assert await firm.parts.store.head() == 0


async def test_only_a_header_is_an_empty_import(firm: Firm):
    report = await firm.imports("leads")
    assert (report.rows, report.imported, report.failed) == (0, 0, 0)


async def test_progress_is_told_to_its_end(firm: Firm):
    told: list[tuple[str, int, int]] = []

    def tell(stage: str, done: int, total: int) -> None:
        told.append((stage, done, total))

    await firm.imports("leads", lead(), lead(2, origin="?"), progress=tell)
    assert [stage for stage, _, _ in told] == ["reading", "recording"]
    assert all(done == total > 0 for _, done, total in told)


async def test_memory_does_not_grow_with_the_file(firm: Firm):
    async def peak(rows: int) -> int:
        cells = [lead(number, landing_page_id="x" * 500, first_contact_date="?") for number in range(rows)]
        file = write(firm.folder / "big.csv", LEAD_COLUMNS, cells)
        del cells
        gc.collect()
        tracemalloc.start()
        try:
            report = await firm.imports_file("leads", file)
            assert report.failed == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    await peak(100)
    assert await peak(12_000) < await peak(6_000) + 2_500_000, "6,000 rows more are 3.4 MB of text"
