"""A first mapping for a list of leads, from what its columns are called and hold; whoever imports it corrects it."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from app.importer.csv_rows import CsvRows
from app.importer.problems import FileError
from app.importer.rows import MAX_COLUMNS, Line, no_progress
from app.importer.workbook_rows import is_workbook, workbook_rows
from projections.words import plain

SAMPLE_ROWS = 20
SHOWN_VALUES = 3
_MOSTLY = 0.6
"""The share of the values of a column that have to look like it."""
_WORDS = {
    "name": "name company firm organisation organization client customer название наименование компания организация "
    "фирма клиент контрагент",
    "tax_id": "inn tax taxid vat vatin eik bulstat инн иннкпп еик булстат",
    "phones": "phone phones tel telephone mobile cell телефон телефоны тел моб мобильный",
    "emails": "email mail emails почта емейл электроннаяпочта",
    "site": "site website web url homepage сайт",
    "region": "region state province city town регион область край город",
    "industry": "industry sector branch отрасль сфера деятельность",
    "preferences": "preferences wishes предпочтения пожелания",
    "specifics": "specifics notes comment comments remarks особенности примечание комментарий заметки",
}
_FIELDS = {plain(word): field for field, words in _WORDS.items() for word in words.split()}
_KEYS = frozenset(("id", "key", "code", "number", "код", "ид", plain("номер")))
_LOOKS = {
    "emails": re.compile(r"[^@\s]+@[^@\s]+\.\w+"),
    "tax_id": re.compile(r"[A-Z]{0,2}\d{9,12}(/\d{9})?"),
    "site": re.compile(r"(https?://|www\.)\S+"),
    "phones": re.compile(r"\+?[\d\s()-]{7,20}"),
}
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_NOT_WORD = re.compile(r"[\W\d_]+")


class Column(NamedTuple):
    """A column of the file: some of its values, and the field of the card that it seems to be."""

    name: str
    values: tuple[str, ...]
    field: str | None


class Guess(NamedTuple):
    """What a file seems to hold. `mapping` can be sent as it is, unless something is `missing` in it."""

    columns: list[Column]
    mapping: dict[str, Any]
    missing: list[str]


def guess(path: Path, file_name: str) -> Guess:
    """Look at the header and the first rows.

    Raises:
        FileError: the file is no table.
    """
    lines = list(islice(_lines(path), SAMPLE_ROWS + 1))
    if not lines:
        raise FileError(f"{path}, line 1: is empty; it should name the columns")
    header = [name.strip() for name in lines[0].values]
    if len(header) > MAX_COLUMNS:
        raise FileError(f"{path}, line 1: has {len(header):,} columns; at most {MAX_COLUMNS:,} are read")
    columns = list(_columns(header, [line.values for line in lines[1:]]))
    mapping = _mapping(columns, file_name)
    needed = {"card.name": "name" in mapping["card"], "keys.lead": mapping["keys"]}
    return Guess(columns, mapping, [name for name, is_there in needed.items() if not is_there])


def _lines(path: Path) -> Iterator[Line]:
    try:
        if is_workbook(path):
            return workbook_rows(path, no_progress)
        return CsvRows(path, None, None, ()).lines(no_progress)
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from None


def _columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Column]:
    """Each column; the first that seems to be a field is it."""
    taken = set[str | None]()
    for place, name in enumerate(header):
        values = tuple(row[place].strip() for row in rows if place < len(row) and row[place].strip())
        found = _named(name) or _held(values)
        field = None if found in taken else found
        taken.add(field)
        yield Column(name, tuple(dict.fromkeys(values))[:SHOWN_VALUES], field)


def _named(name: str) -> str | None:
    words = [word for word in _NOT_WORD.split(plain(name)) if word]
    return next((_FIELDS[word] for word in ("".join(words), *words) if word in _FIELDS), None)


def _held(values: Sequence[str]) -> str | None:
    for field, looks in _LOOKS.items():
        if values and sum(looks.fullmatch(value) is not None for value in values) >= _MOSTLY * len(values):
            return field
    return None


def _mapping(columns: Sequence[Column], file_name: str) -> dict[str, Any]:
    by_field = {column.field: column.name for column in columns if column.field}
    card: dict[str, Any] = dict(by_field) | {"origin": {"constant": "cold_base"}}
    keys = _key(columns, by_field)
    stem = _NOT_SLUG.sub("_", Path(file_name).stem.lower()).strip("_")
    return {
        "kind": "leads",
        "source": stem if stem[:1].isalpha() else f"list_{stem}".strip("_"),
        "keys": {"lead": keys} if keys else {},
        "card": card,
    }


def _key(columns: Sequence[Column], by_field: dict[str, str]) -> list[str]:
    """The columns that tell the rows apart: one that is called so, else the name with whatever else there is."""
    named = [column.name for column in columns if _KEYS & set(_NOT_WORD.split(plain(column.name))) and not column.field]
    told = [by_field[field] for field in ("name", "tax_id", "phones", "emails") if field in by_field]
    return named[:1] or told[:1]
