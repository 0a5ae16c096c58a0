"""A first mapping for a list of leads, from what its columns are called and hold; whoever imports it corrects it."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from app.importer.csv_rows import CsvRows
from app.importer.problems import FileError
from app.importer.records import NUMBERS
from app.importer.rows import MAX_COLUMNS, Line, no_progress
from app.importer.workbook_rows import is_workbook, workbook_rows
from domain.currencies import CURRENCIES
from domain.types import SLUG
from projections.words import plain

SAMPLE_ROWS, MOST_ROWS = 20, 100_000
"""Rows that columns are guessed from, and rows that are looked at for whether each has a tax id."""
SHOWN_VALUES = 3
_MOSTLY = 0.6
"""The share of the values of a column that have to look like it."""
CONTACT = "contact_person"
"""Whom to ask for there: no field of the card, but an attribute of the firm's own, which an import declares."""
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
    "turnover": "turnover revenue sales annualrevenue оборот выручка",
    "origin": "source origin leadsource источник",
    CONTACT: "contactperson contactname personname fullname контактноелицо контактлицо фио представитель",
}
_FIELDS = {plain(word): field for field, words in _WORDS.items() for word in words.split()}
_KEYS = frozenset(("id", "key", "code", "number", "код", "ид", plain("номер")))
_LOOKS = {
    "emails": re.compile(r"[^@\s]+@[^@\s]+\.\w+"),
    "tax_id": re.compile(r"[A-Z]{0,2}\d{9,12}(/\d{9})?"),
    "site": re.compile(r"(https?://|www\.)\S+"),
    "phones": re.compile(r"\+?[\d\s()-]{7,20}([,;/][+\d\s()-]{5,20})*"),
}
_ORIGINS = {
    "cold_base": "холодная база, база",
    "inbound": "inbound call, incoming, входящий, входящий звонок, звонок",
    "exhibition": "trade fair, fair, выставка",
    "tender": "тендер, торги, закупка",
    "referral": "recommendation, рекомендация, по рекомендации",
    "paid_search": "paid search, контекст, реклама, контекстная реклама",
    "organic_search": "organic search, search, поиск, сайт",
    "social": "social media, соцсети, социальные сети",
    "email": "e-mail, почта, рассылка",
    "other": "другое, прочее",
}
_ORIGIN_OF = {plain(word): code for code, words in _ORIGINS.items() for word in (code, *words.split(", "))}
_CURRENCIES = {
    "руб": "RUB",  # noqa: RUF001 - Cyrillic
    "rub": "RUB",
    "₽": "RUB",
    "евро": "EUR",
    "eur": "EUR",
    "€": "EUR",
    "долл": "USD",
    "usd": "USD",
    "$": "USD",
}
"""What a header has in it that names a currency."""
_BEGINNINGS = (
    "сотн|тыс|тис|хил|млн|млрд|трлн|милл?ион|милл?иард|триллион|hundred|thousand|tausend|mln|million|billion|trillion"
)
_WHOLE = "k|m|t|mm|mn|mio|bn|bln|mld|mrd|tys|tsd|ths|thsd|т\\.?\\s*р(уб\\w*)?"  # noqa: RUF001 - Cyrillic
_CODES = "|".join(sorted(CURRENCIES)).lower()
_MANY = re.compile(
    rf"(?<![^\W_])(({_BEGINNINGS})|({_WHOLE}|[kmt]({_CODES})|({_CODES})([kmt]|mn|mln|mio|bn))(?![^\W_]))"
    r"|(?<!\d)(1[.,\s]?)?000|10\s?\^"
)
"""What a header has in it that counts in hundreds, thousands or more: `тыс.`, `k EUR`, `TEUR`, `'000`, `10^6`."""
_COMMA = re.compile(r"\d[\d\s]*,\d+")
_CODE_WORD = re.compile(SLUG)
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_NOT_WORD = re.compile(r"[\W\d_]+")


class Column(NamedTuple):
    """A column of the file: some of its values, and what it seems to be: a field of the card, or `CONTACT`."""

    name: str
    values: tuple[str, ...]
    field: str | None


class _Sample(NamedTuple):
    """A column with all values of the first rows that are not empty."""

    column: Column
    values: tuple[str, ...]


class Guess(NamedTuple):
    """What a file seems to hold. `mapping` can be sent as it is, unless something is `missing` in it."""

    columns: list[Column]
    mapping: dict[str, Any]
    missing: list[str]


def guess(path: Path, file_name: str) -> Guess:
    """Look at the header and the first rows; at the others only where their tax ids may tell them apart.

    Raises:
        FileError: the file is no table.
    """
    further = _lines(path)
    lines = list(islice(further, SAMPLE_ROWS + 1))
    if not lines:
        raise FileError(f"{path}, line 1: is empty; it should name the columns")
    header = [name.strip() for name in lines[0].values]
    if len(header) > MAX_COLUMNS:
        raise FileError(f"{path}, line 1: has {len(header):,} columns; at most {MAX_COLUMNS:,} are read")
    samples = list(_samples(header, [line.values for line in lines[1:]]))
    mapping = _mapping(samples, file_name, chain(lines[1:], further))
    card = mapping["card"]
    needed = {
        "card.name": "name" in card,
        **{f"card.{field}": field in card for field in _counted_in_many(samples)},
        "keys.lead": mapping["keys"],
        "card.currency": "turnover" not in card or "currency" in card,
    }
    missing = [name for name, is_there in needed.items() if not is_there]
    return Guess([each.column for each in samples], mapping, missing + _unknown_origins(samples))


def _lines(path: Path) -> Iterator[Line]:
    try:
        if is_workbook(path):
            return workbook_rows(path, no_progress)
        return CsvRows(path, None, None, ()).lines(no_progress)
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from None


def _samples(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[_Sample]:
    """Each column; the first that seems to be a field is it. Those that share a name are none: no mapping names one."""
    taken, times = set[str | None](), Counter(header)
    for place, name in enumerate(header):
        values = tuple(row[place].strip() for row in rows if place < len(row) and row[place].strip())
        found = _field(name, values) if times[name] == 1 else None
        field = None if found in taken else found
        taken.add(field)
        column = Column(name, tuple(dict.fromkeys(values))[:SHOWN_VALUES], field)
        yield _Sample(column, values)


def _field(name: str, values: Sequence[str]) -> str | None:
    """None for a number that counts in more than ones: an import does not multiply, so it would come in too small."""
    field = _named(name)
    if field in NUMBERS:
        return None if _MANY.search(plain(name)) else field
    return field or _held(values)


def _counted_in_many(samples: Sequence[_Sample]) -> list[str]:
    """The fields that columns are called after which count in thousands or the like."""
    named = [_named(sample.column.name) for sample in samples if _MANY.search(plain(sample.column.name))]
    return [field for field in named if field in NUMBERS]


def _named(name: str) -> str | None:
    words = [word for word in _NOT_WORD.split(plain(name)) if word]
    return next((_FIELDS[word] for word in ("".join(words), *words) if word in _FIELDS), None)


def _held(values: Sequence[str]) -> str | None:
    for field, looks in _LOOKS.items():
        if values and sum(looks.fullmatch(value) is not None for value in values) >= _MOSTLY * len(values):
            return field
    return None


def _mapping(samples: Sequence[_Sample], file_name: str, rows: Iterator[Line]) -> dict[str, Any]:
    by_field = {sample.column.field: sample for sample in samples if sample.column.field}
    keys = _key([sample.column for sample in samples], rows)
    stem = _NOT_SLUG.sub("_", Path(file_name).stem.lower()).strip("_")
    mapping: dict[str, Any] = {
        "kind": "leads",
        "source": stem if stem[:1].isalpha() else f"list_{stem}".strip("_"),
        "keys": {"lead": keys} if keys else {},
        "card": _card(by_field),
    }
    if contact := by_field.get(CONTACT):
        name = contact.column.name
        mapping["attributes"] = {CONTACT: {"column": name, "label": name}}
    if "turnover" in by_field and any(_COMMA.search(value) for value in by_field["turnover"].values):
        mapping["decimal_separator"] = ","
    return mapping


def _card(by_field: Mapping[str, _Sample]) -> dict[str, Any]:
    card: dict[str, Any] = {field: sample.column.name for field, sample in by_field.items() if field != CONTACT}
    card["origin"] = _origin(by_field.get("origin"))
    currency = _currency(by_field["turnover"].column.name) if "turnover" in by_field else None
    return card | {"currency": {"constant": currency}} if currency else card


def _origin(sample: _Sample | None) -> dict[str, Any]:
    """The column, with our word for each of its own that is known; without such a column the cold base."""
    if sample is None:
        return {"constant": "cold_base"}
    words = {value: _ORIGIN_OF[plain(value)] for value in sample.values if plain(value) in _ORIGIN_OF}
    return {"column": sample.column.name, "values": words, "default": "unknown"}


def _unknown_origins(samples: Sequence[_Sample]) -> list[str]:
    """Where the mapping lacks our word for one of the file's: rows with it would be left out."""
    words = [word for sample in samples if sample.column.field == "origin" for word in dict.fromkeys(sample.values)]
    unknown = [word for word in words if plain(word) not in _ORIGIN_OF and not _CODE_WORD.fullmatch(word)]
    return [f"card.origin.values.{word}" for word in unknown]


def _currency(header: str) -> str | None:
    return next((code for sign, code in _CURRENCIES.items() if sign in plain(header)), None)


def _key(columns: Sequence[Column], rows: Iterator[Line]) -> list[str]:
    """The columns that tell the rows apart: one that is called so, else the tax id where every row has one.

    A row without its key would be left out.
    """
    times = Counter(column.name for column in columns)
    for name, _, field in columns:
        if not field and times[name] == 1 and _KEYS & set(_NOT_WORD.split(plain(name))):
            return [name]
    places = {column.field: place for place, column in enumerate(columns) if column.field}
    by_tax_id = "tax_id" in places and _filled(places["tax_id"], rows)
    fields = ("tax_id", "name") if by_tax_id else ("name", "tax_id", "phones", "emails")
    return [columns[places[field]].name for field in fields if field in places][:1]


def _filled(place: int, rows: Iterator[Line]) -> bool:
    """Whether every row has a value there; of a file that is longer than what is looked at nobody knows."""
    looked_at = all("".join(row.values[place : place + 1]).strip() for row in islice(rows, MOST_ROWS))
    return looked_at and next(rows, None) is None
