"""The mapping file: which column of a file feeds which of our fields. The format is explained in docs/importing.md."""

import codecs
import json
import tomllib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from app.importer.cells import AnyCell, Cell, Formats, as_cell
from app.importer.problems import MappingError
from domain.client.card import CARD_FIELDS
from domain.regulation.attributes import Attribute, AttributeKind
from domain.types import Role, Slug, Step, Word

Kind = Literal["leads", "deals", "orders"]
KeyName = Literal["lead", "deal", "customer", "order", "item"]
Columns = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
    Field(min_length=1, max_length=10),
]
Cells = dict[str, AnyCell]
_NO_FILES = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape"})
"""Encodings of names of domains and of the literals of a programming language: no program writes lists in them."""
_NO_DELIMITERS = frozenset('\r\n"')
LONGEST_MAPPING = 1_000_000
"""Bytes."""
SHIPPED = Path(__file__).parent / "mappings"

_CARD = frozenset(CARD_FIELDS) - {"attributes"}
FIELDS: dict[str, dict[str, frozenset[str]]] = {
    "leads": {"lead": frozenset({"registered_at"}), "card": _CARD},
    "deals": {
        "deal": frozenset(
            {"won_at", "qualified_at", "opened_at", "served_at", "title", "need", "revenue", "cost", "currency"}
        ),
        "card": _CARD,
    },
    "orders": {
        "order": frozenset({"placed_at", "number", "currency", "amount", "cost"}),
        "line": frozenset({"article", "quantity", "price", "cost"}),
    },
}
"""The fields that each section of a mapping may have, by kind of file."""
NEEDED: dict[str, tuple[str, ...]] = {
    "leads": ("keys.lead", "card.name", "card.origin"),
    "deals": ("keys.lead", "keys.deal", "deal.won_at", "deal.revenue", "deal.currency", "employees.first_deal"),
    "orders": ("keys.order", "order.placed_at", "order.currency"),
}
_KEYS = {"leads": {"lead"}, "deals": {"lead", "deal", "customer"}, "orders": {"lead", "customer", "order", "item"}}


class StaffCells(BaseModel):
    """The employee named in a row. He is registered in the step, with these roles, when the code is new."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: AnyCell
    name: AnyCell | None = None
    roles: frozenset[Role] = frozenset()
    department: Word | None = None


class AttributeCell(Cell):
    """An own attribute of the client and its value. It is declared in the regulation when it is not there yet."""

    kind: AttributeKind = AttributeKind.TEXT
    label: Word | None = None
    choices: tuple[Word, ...] = ()

    @model_validator(mode="after")
    def _choices(self) -> "AttributeCell":
        if (self.kind is AttributeKind.CHOICE) != bool(self.choices):
            raise ValueError("an attribute of the kind choice, and only such a one, has choices")
        return self

    def declared_as(self, name: str) -> Attribute:
        """The attribute as the regulation declares it."""
        return Attribute(name=name, kind=self.kind, label=self.label, choices=self.choices)


AnyAttributeCell = Annotated[AttributeCell, BeforeValidator(as_cell)]


class Mapping(Formats):
    """A mapping file. `source` names the system the file is from: keys are unique within a source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    source: Slug
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    encoding: str | None = None
    keys: dict[KeyName, Columns]
    lead: Cells = Field(default_factory=dict[str, Cell])
    deal: Cells = Field(default_factory=dict[str, Cell])
    order: Cells = Field(default_factory=dict[str, Cell])
    line: Cells = Field(default_factory=dict[str, Cell])
    card: Cells = Field(default_factory=dict[str, Cell])
    employees: dict[Step, StaffCells] = Field(default_factory=dict[Step, StaffCells])
    attributes: dict[Slug, AnyAttributeCell] = Field(default_factory=dict[str, AttributeCell])

    @model_validator(mode="after")
    def _complete(self) -> "Mapping":
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        if self.time_zone not in available_timezones():
            yield f"time_zone {self.time_zone!r} is not an IANA time zone, such as Europe/Moscow"
        if not self.reads_dates:
            yield f"date_format {self.date_format!r} is not a format of dates, such as %d.%m.%Y"
        if self.decimal_separator not in {".", ","}:
            yield "decimal_separator is a point or a comma"
        if self.encoding is not None and not _is_encoding(self.encoding):
            yield f"encoding {self.encoding!r} is not known"
        if self.delimiter in _NO_DELIMITERS:
            yield f"delimiter {self.delimiter!r} cannot part columns"
        yield from self._problems_of_fields()
        yield from self._problems_of_keys()
        yield from self._problems_of_parts()

    def _problems_of_fields(self) -> Iterator[str]:
        for section in ("lead", "deal", "order", "line", "card"):
            allowed = FIELDS[self.kind].get(section, frozenset())
            for name in getattr(self, section):
                if name not in allowed:
                    yield f"{section}.{name} has no meaning for {self.kind}; known: {sorted(allowed) or 'none'}"

    def _problems_of_keys(self) -> Iterator[str]:
        for name in self.keys:
            if name not in _KEYS[self.kind]:
                yield f"keys.{name} has no meaning for {self.kind}; known: {sorted(_KEYS[self.kind])}"
        for needed in NEEDED[self.kind]:
            section, name = needed.split(".")
            if name not in getattr(self, section):
                yield f"{needed} is missing"
        if self.kind == "orders" and ("lead" in self.keys) == ("customer" in self.keys):
            yield "give one of keys.lead and keys.customer: how an order finds its client"

    def _problems_of_parts(self) -> Iterator[str]:
        if self.kind == "orders" and bool(self.line) == ("amount" in self.order):
            yield "give either order.amount or the section line"
        if self.line and not {"article", "price"} <= set(self.line):
            yield "line needs article and price"
        if self.kind == "orders" and (self.employees or self.attributes):
            yield "orders name no employees and no attributes"

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every column that the mapping reads, in the order of the mapping, each once."""
        cells = [cell for section in FIELDS[self.kind] for cell in getattr(self, section).values()]
        cells += [cell for staff in self.employees.values() for cell in (staff.code, staff.name) if cell]
        cells += self.attributes.values()
        of_keys = [column for columns in self.keys.values() for column in columns]
        return tuple(dict.fromkeys([*of_keys, *(column for cell in cells for column in cell.columns)]))

    @property
    def declared(self) -> dict[str, Attribute]:
        """The attributes that the mapping fills."""
        return {name: cell.declared_as(name) for name, cell in self.attributes.items()}


def _is_encoding(name: str) -> bool:
    """Whether it is one of texts: Python knows others too, as base64, and one that nothing is in."""
    try:
        bytes(4).decode(name)
    except (LookupError, ValueError):
        return False
    return codecs.lookup(name).name.replace("_", "-") not in _NO_FILES


def find_mapping(name: str) -> Path:
    """The mapping file at this path, or the shipped one of this name (`olist_leads`).

    Raises:
        MappingError: there is neither.
    """
    path, shipped = Path(name), SHIPPED / f"{name}.toml"
    if path.is_file():
        return path
    if shipped.is_file():
        return shipped
    names = ", ".join(sorted(item.stem for item in SHIPPED.glob("*.toml")))
    raise MappingError(f"{name}: no such mapping file, and no shipped mapping of that name ({names})")


def load_mapping(path: Path, kind: Kind) -> Mapping:
    """The mapping in this file, for files of this kind.

    Raises:
        MappingError: it is neither TOML nor JSON, says something unknown, or is of another kind.
    """
    try:
        mapping = Mapping.model_validate(_content(_text(path)))
    except OSError as error:
        raise MappingError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise MappingError(f"{path}: is not in UTF-8") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise MappingError(
            f"{path}: {place + ': ' if place else ''}{first['msg'].removeprefix('Value error, ')}"
        ) from None
    except RecursionError:
        raise MappingError(f"{path}: is nested too deeply") from None
    except ValueError as error:
        raise MappingError(f"{path}: {error}") from None
    if mapping.kind != kind:
        raise MappingError(f"{path}: is a mapping of {mapping.kind}, not of {kind}")
    return mapping


def _text(path: Path) -> str:
    if path.stat().st_size > LONGEST_MAPPING:
        raise ValueError(f"is longer than {LONGEST_MAPPING:,} bytes, which no mapping is")
    return path.read_text(encoding="utf-8-sig")


def _content(text: str) -> Any:
    """What the mapping says, in TOML or in JSON."""
    return json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)


def line_of(path: Path, column: str) -> int | None:
    """The line of a mapping file that first names a column."""
    quoted = (f'"{column}"', f"'{column}'", f"{{{column}}}", f"{{{column}:")
    for number, text in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if any(item in text for item in quoted) and not text.lstrip().startswith("#"):
            return number
    return None
