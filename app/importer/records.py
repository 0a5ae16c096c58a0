"""What the rows of a file say, in our terms: records with their dates, checked field by field."""

from collections.abc import Callable, Sequence
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from pydantic import BaseModel, TypeAdapter, ValidationError

from app.importer import ids
from app.importer.cells import AnyCell, Cell, Getter, Row
from app.importer.mapping import AttributeCell, KeyName, Mapping, StaffCells
from app.importer.problems import Rejected, rejected_by_type
from app.importer.several import LISTS, several
from app.importer.spool import SpooledRow
from domain.employee import Code, employee_id
from domain.kernel import Event
from domain.regulation.attributes import AttributeKind
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

    `now` is the time of the import, at which what has no date of its own happened.
    """

    def __init__(self, mapping: Mapping, places: ReadOnly[str, int], now: datetime) -> None:
        self.mapping = mapping
        self.now = now
        self._places = places
        self._mapped = [places[column] for column in mapping.columns]
        self._sections: dict[str, dict[str, Getter]] = {
            section: {name: self._getter(name, cell) for name, cell in self._cells(section).items()}
            for section in ("lead", "deal", "order", "line", "card")
        }
        self._attributes = {
            name: (cell.getter(places), self._writer(cell)) for name, cell in mapping.attributes.items()
        }
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
        return named | {f"attributes.{name}": cell.shown_as for name, cell in self.mapping.attributes.items()}

    def key(self, name: KeyName, row: Row) -> ids.Key:
        """The values of a key's columns.

        Raises:
            Rejected: one of them is empty.
        """
        columns = self.mapping.keys[name]
        values = tuple(row[self._places[column]].strip() for column in columns)
        if not all(values):
            raise Rejected(columns[values.index("")], "missing_value: the row cannot be told from others without it")
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
        """The own attributes that have a value, written as their kind asks."""
        return {name: write(text) for name, (getter, write) in self._attributes.items() if (text := getter(row))}

    def _writer(self, cell: AttributeCell) -> Callable[[str], str]:
        if cell.kind is AttributeKind.NUMBER:
            return self.mapping.number
        if cell.kind is AttributeKind.DATE:
            return lambda text: self.mapping.day(text, cell.shown_as).isoformat()
        return str

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
        code, name = self._valid(_CODE, code), self._valid(_NAME, name)
        return Staff(employee_id(code), code, name, self._step, self._cells.roles, self._cells.department)

    def _valid(self, adapter: TypeAdapter[str], text: str) -> str:
        try:
            return adapter.validate_python(text)
        except ValidationError as invalid:
            raise Rejected(self._cells.code.shown_as, f"wrong_value: {invalid.errors()[0]['msg']}") from None


_REMEMBERED = 10_000
