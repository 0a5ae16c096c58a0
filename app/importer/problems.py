"""What can be wrong with an import: with the whole file or its mapping, or with one row."""

import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

from pydantic import ValidationError

from domain.kernel import Refused
from domain.refusals import REFUSALS

P = ParamSpec("P")
T = TypeVar("T")


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
    """Why a row was left out; one that is wrong in several cells has several.

    `line` is where the row begins (the header is line 1); `field` is a column or field.
    """

    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.field}: {self.reason}"


class Wrong(NamedTuple):
    """What is wrong with a record: a column or field, and why. `line`: where one of its rows is to blame."""

    field: str
    reason: str
    line: int | None = None


class Rejected(Exception):
    """A record cannot go in, for one reason or for several."""

    def __init__(self, field: str, reason: str, line: int | None = None) -> None:
        super().__init__(f"{field}: {reason}")
        self.wrong: tuple[Wrong, ...] = (Wrong(field, reason, line),)

    @classmethod
    def by_all(cls, wrong: Sequence[Wrong]) -> "Rejected":
        """For all of these reasons, each once."""
        rejected = cls(*wrong[0])
        rejected.wrong = tuple(dict.fromkeys(wrong))
        return rejected

    def of(self, lines: Sequence[int]) -> Iterator[RowError]:
        """The errors of each row of a record: all for these reasons, or those that are not to blame because of one."""
        blamed = next((each.line for each in self.wrong if each.line), None)
        for line in lines:
            found = [RowError(line, field, reason) for field, reason, of in self.wrong if of in {None, line}]
            yield from found or [
                RowError(line, "row", f"incomplete_order: line {blamed} of the same order is wrong, {_WHOLE}")
            ]


class Gathering:
    """What is wrong with a record, gathered while it is read so that all of it is told at once."""

    def __init__(self) -> None:
        self._wrong: list[Wrong] = []

    def of(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What is read. Where it is wrong there is nothing, which nobody may look at before `tell`."""
        try:
            return read(*args, **kwargs)
        except Rejected as rejected:
            self._wrong += rejected.wrong
            return cast("T", None)

    @property
    def found(self) -> bool:
        """Whether anything was wrong so far."""
        return bool(self._wrong)

    def tell(self, line: int | None = None) -> None:
        """Go on only if nothing was wrong; `line` is the row to blame.

        Raises:
            Rejected: for all that was gathered.
        """
        if self.found:
            raise Rejected.by_all([each._replace(line=each.line or line) for each in self._wrong])


_WHOLE = "so the order was left out as a whole"
_WORDS = frozenset({"kind", "origin", "personality_type", "usual_channel"})
"""Fields of the card that take a word of ours, where lists of firms have their own."""


def rejected_by_rule(refused: Refused, columns: Mapping[str, str], default: str) -> Rejected:
    """The row's error for a refusal of the domain; `columns` name the file's columns behind our fields."""
    facts = ", ".join(f"{name} {_plain(value)}" for name, value in refused.facts.items())
    text = f"{refused.code}: {REFUSALS[refused.code].english}" + (f" ({facts})" if facts else "")
    return Rejected(_field(refused.facts, columns) or default, text)


def _field(facts: Mapping[str, Any], columns: Mapping[str, str]) -> str | None:
    """The column of what a refusal is about, where its facts name an own attribute or amounts without a currency."""
    if attribute := facts.get("attribute"):
        return columns.get(f"attributes.{attribute}", str(attribute))
    return ", ".join(columns.get(amount, amount) for amount in facts.get("amounts", ())) or None


def _plain(value: Any) -> str:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return str(value)
    items = cast("Sequence[Any]", value)
    return "[" + ", ".join(map(str, items)) + "]"


def rejected_by_type(invalid: ValidationError, columns: Mapping[str, str]) -> Rejected:
    """The row's error for each value that does not fit the field it was mapped to."""
    found = invalid.errors(include_url=False, include_context=False)
    return Rejected.by_all([Wrong(_column(each["loc"], columns), _misfit(each)) for each in found])


def _column(place: Sequence[int | str], columns: Mapping[str, str]) -> str:
    name = str(place[0]) if place else "row"
    if name == "attributes" and len(place) > 1:
        name = f"attributes.{place[1]}"
    return columns.get(name, name)


def _misfit(error: Mapping[str, Any]) -> str:
    if error["type"] == "missing":
        return "missing_value: a value is needed"
    name = error["loc"][0] if error["loc"] else ""
    hint = f"; say in the mapping, under card.{name}.values, which of our words it is" if name in _WORDS else ""
    shown = "" if isinstance(error["input"], dict) else f" (was {error['input']!r})"
    return f"wrong_value: {error['msg'].removeprefix('Value error, ')}{hint}{shown}"
