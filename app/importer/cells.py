"""Where a value comes from: a column of the file, a constant or a template; and how text becomes a value."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from string import Formatter
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.importer.problems import Rejected
from domain.types import EARLIEST, LATEST

Row = Sequence[str]
Getter = Callable[[Row], str]
Part = tuple[str, str | None, int | None]
"""A piece of a template: literal text, then a column (if any) and to how many characters it is cut."""


class Cell(BaseModel):
    """Where one value comes from, and what is done to it on the way, in this order.

    `values` replaces the file's words by ours (case does not count), `first_of` keeps what stands before the separator,
    `default` fills in for an empty value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str | None = None
    constant: str | None = None
    template: str | None = None
    first_of: str | None = None
    values: dict[str, str] = Field(default_factory=dict[str, str])
    default: str = ""

    @model_validator(mode="after")
    def _one_source(self) -> "Cell":
        if sum(source is not None for source in (self.column, self.constant, self.template)) != 1:
            raise ValueError("give one of column, constant and template")
        if self.template is not None:
            template_parts(self.template)
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The file's columns that this value is made of."""
        if self.column is not None:
            return (self.column,)
        if self.template is not None:
            return tuple(column for _, column, _ in template_parts(self.template) if column is not None)
        return ()

    @property
    def shown_as(self) -> str:
        """What to call the value in an error: its column, if it is from one."""
        return ", ".join(self.columns) or repr(self.constant)

    def getter(self, places: Mapping[str, int]) -> Getter:
        """A function from a row to this value, given the place of each column."""
        raw = self._raw_getter(places)
        if not (self.values or self.first_of or self.default):
            return raw
        values = {word.casefold(): ours for word, ours in self.values.items()} | self.values
        first_of, default = self.first_of, self.default

        def converted(row: Row) -> str:
            text = raw(row)
            text = values[text] if text in values else values.get(text.casefold(), text)
            if first_of:
                text = text.split(first_of, 1)[0].strip()
            return text or default

        return converted

    def _raw_getter(self, places: Mapping[str, int]) -> Getter:
        if self.column is not None:
            place = places[self.column]
            return lambda row: row[place].strip()
        if self.template is not None:
            parts = [(text, None if column is None else places[column], cut) for text, column, cut in
                     template_parts(self.template)]  # fmt: skip
            return lambda row: "".join(
                text if place is None else text + row[place].strip()[:cut] for text, place, cut in parts
            ).strip()
        constant = self.constant or ""
        return lambda _: constant


def template_parts(template: str) -> list[Part]:
    """The pieces of a template such as "Lead {id:.8}".

    Raises:
        ValueError: it is not made of text, {column} and {column:.LENGTH}.
    """
    parts: list[Part] = []
    for text, column, spec, conversion in Formatter().parse(template):
        if conversion or (spec and not (spec.startswith(".") and spec[1:].isdecimal())) or column == "":
            raise ValueError(f"template {template!r}: use {{column}} or {{column:.8}} for its first 8 characters")
        parts.append((text, column, int(spec[1:]) if spec else None))
    return parts


def as_cell(value: Any) -> Any:
    """A plain string in a mapping names a column."""
    return {"column": value} if isinstance(value, str) else value


AnyCell = Annotated[Cell, BeforeValidator(as_cell)]
"""A cell; a plain string in the mapping names a column."""


class Formats(BaseModel):
    """How the file writes dates and numbers. Dates are ISO 8601 where no format is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    date_format: str | None = None
    time_zone: str = "UTC"
    decimal_separator: str = "."

    def moment(self, text: str, shown_as: str) -> datetime:
        """The moment that a date (its first instant) or a date with time stands for, in UTC.

        Raises:
            Rejected: the text is empty or not a date of the format.
        """
        parsed = self._parsed(text, shown_as)
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=_zone(self.time_zone))
        try:
            moment = parsed.astimezone(UTC)
        except OverflowError:
            moment = None
        if moment is None or not EARLIEST <= moment <= LATEST:
            raise Rejected(shown_as, f"wrong_date: {text!r} is not between {EARLIEST.year} and {LATEST.year}")
        return moment

    @property
    def reads_dates(self) -> bool:
        """Whether the format of dates is one: a day, the first of its month, that is written by it is read again."""
        if not self.date_format:
            return True
        try:
            read = datetime.strptime(f"{_A_DAY:{self.date_format}}", self.date_format)  # noqa: DTZ007  it is not kept
        except ValueError:
            return False
        return read.date() == _A_DAY.date()

    def day(self, text: str, shown_as: str) -> date:
        """The calendar day of a date."""
        return self._parsed(text, shown_as).date()

    def _parsed(self, text: str, shown_as: str) -> datetime:
        if not text:
            raise Rejected(shown_as, "missing_value: a date is needed")
        try:
            if self.date_format:
                return datetime.strptime(text, self.date_format)  # noqa: DTZ007  the zone is added by the caller
            return datetime.fromisoformat(text)
        except ValueError:
            wanted = (
                f"of the form {self.date_format}" if self.date_format else "as in 2018-02-26 or 2018-02-26 19:58:54"
            )
            raise Rejected(shown_as, f"wrong_date: {text!r} is not a date {wanted}") from None

    def number(self, text: str) -> str:
        """A number with a decimal point and without the spaces between thousands."""
        plain = "".join(text.split())
        return plain.replace(",", ".") if self.decimal_separator == "," else plain


_ZONES: dict[str, ZoneInfo] = {}
_A_DAY = datetime(2031, 2, 1, tzinfo=UTC)
"""Neither the year nor the month that are read where the text has none."""


def _zone(name: str) -> ZoneInfo:
    if name not in _ZONES:
        _ZONES[name] = ZoneInfo(name)
    return _ZONES[name]
