"""What the rows of a file say, in our terms: records with their dates, checked field by field."""

from collections.abc import Mapping as ReadOnly
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from pydantic import BaseModel, TypeAdapter, ValidationError

from app.importer import ids
from app.importer.cells import AnyCell, Cell, Getter, Row
from app.importer.mapping import AttributeCell, KeyName, Mapping, StaffCells
from app.importer.problems import Gathering, Rejected, Wrong, rejected_by_rule, rejected_by_type
from app.importer.several import LISTS, several
from app.importer.spool import SpooledRow
from domain.employee import Code, employee_id
from domain.kernel import Event, Refused
from domain.regulation.attributes import Attribute, AttributeKind
from domain.types import Name, Role, Step

M = TypeVar("M", bound=BaseModel)
Fact = tuple[Event, datetime]
"""An event and when it happened."""

NUMBERS = frozenset(
    {"turnover", "expected_purchase", "retention_years", "revenue", "cost", "amount", "quantity", "price"}
)
_CODE: TypeAdapter[str] = TypeAdapter(Code)
_NAME: TypeAdapter[str] = TypeAdapter(Name)


class Staff(NamedTuple):
    """An employee whom a row names for a step; the id is known before he is registered."""

    id: UUID
    code: str
    name: str
    step: Step
    roles: frozenset[Role]
    department: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """A lead, deal or order of the file. `row_id` stands for all that its rows say; `at` is its main date.

    `customer` is the stream of the key by which later files will find the client, where the record gives one.
    `copies` are lines that only repeat one of `lines`.
    """

    id: UUID
    row_id: UUID
    lines: tuple[int, ...]
    at: datetime
    staff: tuple[Staff, ...]
    content: Any
    customer: UUID | None = None
    copies: tuple[int, ...] = ()

    @property
    def all_lines(self) -> tuple[int, ...]:
        """The lines that go in or are left out with it."""
        return (*self.lines, *self.copies)


class Reader:
    """Reads our fields from the file's rows, for one file: the mapping, bound to the places of the columns.

    `now` is the time of the import, at which what has no date of its own happened; `declared` are the own attributes as
    the regulation has them, or will have.
    """

    def __init__(
        self, mapping: Mapping, places: ReadOnly[str, int], now: datetime, declared: ReadOnly[str, Attribute]
    ) -> None:
        self.mapping = mapping
        self.now = now
        self._declared = declared
        self._places = places
        self._mapped = [places[column] for column in mapping.columns]
        self._sections: dict[str, dict[str, Getter]] = {
            section: {name: self._getter(name, cell) for name, cell in self._cells(section).items()}
            for section in ("lead", "deal", "order", "line", "card")
        }
        self._attributes = {name: (cell.getter(places), cell) for name, cell in mapping.attributes.items()}
        self._staff = {step: _StaffGetters(step, cells, places) for step, cells in mapping.employees.items()}

    def _getter(self, name: str, cell: Cell) -> Getter:
        getter, number = cell.getter(self._places), self.mapping.number
        return (lambda row: number(getter(row))) if name in NUMBERS else getter

    def _cells(self, section: str) -> dict[str, AnyCell]:
        return getattr(self.mapping, section)

    @cached_property
    def columns(self) -> dict[str, str]:
        """What to call our fields in an error: the file's columns behind them."""
        named = {name: cell.shown_as for name, cell in self.mapping.card.items()}
        for section in ("lead", "deal", "order", "line"):
            named |= {name: cell.shown_as for name, cell in self._cells(section).items()}
        named |= {f"attributes.{name}": cell.shown_as for name, cell in self.mapping.attributes.items()}
        return {"amount": named["revenue"], **named} if "revenue" in named else named

    def key(self, name: KeyName, row: Row) -> ids.Key:
        """The values of a key's columns.

        Raises:
            Rejected: some of them are empty.
        """
        columns = self.mapping.keys[name]
        values = tuple(row[self._places[column]].strip() for column in columns)
        if not all(values):
            empty = [column for column, value in zip(columns, values, strict=True) if not value]
            raise Rejected.by_all([Wrong(column, _NO_KEY) for column in empty])
        return values

    def mapped(self, row: Row) -> ids.Key:
        """All that the mapping reads of a row."""
        return tuple(row[place] for place in self._mapped)

    def value(self, section: str, name: str, row: Row) -> str:
        """One value as text; empty when it is not mapped."""
        getter = self._sections[section].get(name)
        return getter(row) if getter else ""

    def values(self, section: str, row: Row, names: Sequence[str] | None = None) -> dict[str, Any]:
        """The values of a section that are not empty, as the domain's commands take them."""
        found: dict[str, Any] = {}
        for name, getter in self._sections[section].items():
            if (names is None or name in names) and (text := getter(row)):
                found[name] = several(name, text) if name in LISTS else text
        return found

    def moment(self, section: str, name: str, row: Row) -> datetime:
        """A date of the row, in UTC."""
        return self.mapping.moment(self.value(section, name, row), self.columns.get(name, name))

    def optional_moment(self, section: str, name: str, row: Row) -> datetime | None:
        """A date of the row, if it is mapped and not empty."""
        return self.moment(section, name, row) if self.value(section, name, row) else None

    def attributes(self, row: Row) -> dict[str, str]:
        """The own attributes that have a value, in the spelling of their kinds.

        Raises:
            Rejected: values are of another kind.
        """
        wrong = Gathering()
        found = {
            name: wrong.of(self._attribute, name, cell, text)
            for name, (getter, cell) in self._attributes.items()
            if (text := getter(row))
        }
        wrong.tell()
        return found

    def _attribute(self, name: str, cell: AttributeCell, text: str) -> str:
        match cell.kind:
            case AttributeKind.NUMBER:
                text = self.mapping.number(text)
            case AttributeKind.DATE:
                text = self.mapping.day(text, cell.shown_as).isoformat()
            case _:
                pass
        try:
            return self._declared[name].fitting(text)
        except Refused as refused:
            raise rejected_by_rule(refused, self.columns, cell.shown_as) from None

    def staff(self, step: Step, row: Row) -> Staff | None:
        """The employee named for the step; None where the mapping or the row names nobody."""
        getters = self._staff.get(step)
        return getters.staff(row) if getters else None

    def checked(self, model: type[M], **values: Any) -> M:
        """A command with these values.

        Raises:
            Rejected: a value does not fit its field.
        """
        try:
            return model.model_validate(values)
        except ValidationError as invalid:
            raise rejected_by_type(invalid, self.columns) from None

    def record(
        self,
        record_id: UUID,
        rows: Sequence[SpooledRow],
        at: datetime,
        content: Any,
        staff: tuple[Staff, ...] = (),
        customer: UUID | None = None,
        copies: Sequence[int] = (),
    ) -> Record:
        """The record that these rows make up."""
        row_id = ids.row_id(record_id, tuple(value for row in rows for value in self.mapped(row.values)))
        lines = tuple(row.line for row in rows)
        return Record(record_id, row_id, lines, at, staff, content, customer, tuple(copies))


class _StaffGetters:
    def __init__(self, step: Step, cells: StaffCells, places: ReadOnly[str, int]) -> None:
        self._step = step
        self._cells = cells
        self._code = cells.code.getter(places)
        self._name = (cells.name or cells.code).getter(places)
        self._checked: dict[tuple[str, str], Staff] = {}

    def staff(self, row: Row) -> Staff | None:
        code, name = self._code(row), self._name(row)
        if not code:
            return None
        known = self._checked.get((code, name))
        if known is None:
            known = self._valid_staff(code, name or code)
            if len(self._checked) < _REMEMBERED:
                self._checked[code, name] = known
        return known

    def _valid_staff(self, code: str, name: str) -> Staff:
        wrong, cells = Gathering(), self._cells
        code = wrong.of(_valid, _CODE, code, cells.code)
        name = wrong.of(_valid, _NAME, name, cells.name or cells.code)
        wrong.tell()
        return Staff(employee_id(code), code, name, self._step, cells.roles, cells.department)


def _valid(adapter: TypeAdapter[str], text: str, cell: Cell) -> str:
    try:
        return adapter.validate_python(text)
    except ValidationError as invalid:
        raise Rejected(cell.shown_as, f"wrong_value: {invalid.errors()[0]['msg']}") from None


_NO_KEY = "missing_value: the row cannot be told from others without it"
_REMEMBERED = 10_000
