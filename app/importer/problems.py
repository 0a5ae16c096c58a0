"""What can be wrong with an import: with the whole file or its mapping, or with one row."""

import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, cast

from pydantic import ValidationError

from domain.kernel import Refused
from domain.refusals import REFUSALS


class ImportRefused(Exception):
    """The import did not begin: nothing was changed. The message says what to correct, and where."""


class MappingError(ImportRefused):
    """The mapping file cannot be used."""


class FileError(ImportRefused):
    """The data file cannot be read as the mapping describes it."""


@contextmanager
def without_folder(folder: str) -> Generator[None]:
    """Failures name files as those know them who sent them, without the folder in which they are for now."""
    try:
        yield
    except ImportRefused as refused:
        raise type(refused)(str(refused).replace(folder + os.sep, "")) from None


class RowError(NamedTuple):
    """Why one row was left out. `line` is where the row begins (the header is line 1); `field` is a column or field."""

    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.field}: {self.reason}"


class Rejected(Exception):
    """A record cannot go in. `line` is only set where one of its rows is to blame for the others."""

    def __init__(self, field: str, reason: str, line: int | None = None) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
        self.line = line

    def of(self, lines: Sequence[int]) -> Iterator[RowError]:
        """The error of each row of a record: all for this reason, or one for it and the others because of that one."""
        for line in lines:
            if self.line in {None, line}:
                yield RowError(line, self.field, self.reason)
            else:
                yield RowError(line, "row", f"incomplete_order: line {self.line} of the same order is wrong, {_WHOLE}")


_WHOLE = "so the order was left out as a whole"


def rejected_by_rule(refused: Refused, columns: Mapping[str, str], default: str) -> Rejected:
    """The row's error for a refusal of the domain; `columns` name the file's columns behind our fields."""
    facts = ", ".join(f"{name} {_plain(value)}" for name, value in refused.facts.items())
    text = f"{refused.code}: {REFUSALS[refused.code].english}" + (f" ({facts})" if facts else "")
    attribute = refused.facts.get("attribute")
    return Rejected(columns.get(f"attributes.{attribute}", str(attribute)) if attribute else default, text)


def _plain(value: Any) -> str:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return str(value)
    items = cast("Sequence[Any]", value)
    return "[" + ", ".join(map(str, items)) + "]"


def rejected_by_type(invalid: ValidationError, columns: Mapping[str, str]) -> Rejected:
    """The row's error for a value that does not fit the field it was mapped to."""
    first = invalid.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][0]) if first["loc"] else "row"
    if name == "attributes" and len(first["loc"]) > 1:
        name = f"attributes.{first['loc'][1]}"
    shown = "" if isinstance(first["input"], dict) else f" (was {first['input']!r})"
    return Rejected(columns.get(name, name), f"wrong_value: {first['msg'].removeprefix('Value error, ')}{shown}")
