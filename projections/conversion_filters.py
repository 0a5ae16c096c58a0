"""Which clients a report of conversion counts: those with certain values of what it can be split by."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Text, case, literal

EmployeeTypes = Mapping[UUID, str | None]
"""The types of the employees; the views of clients do not know them."""
EMPLOYEE_TYPE = "employee_type"
_COLUMNS = {"client_type": "personality_type"}
"""How the report by types names the type of a client."""


class Filters(NamedTuple):
    """Values by dimension, None where it is not known; all have to hold. `types` are those of the employees.

    Beside the dimensions there are `client_type` and, by `types`, `employee_type`.
    """

    values: Mapping[str, Any] = {}
    types: Mapping[UUID, str | None] = {}

    def hold(self, table: Table) -> list[ColumnElement[bool]]:
        """The conditions on a table of clients or of passages."""
        return [self._known(table, name) == value for name, value in self.values.items()]

    def employee_type(self, table: Table) -> ColumnElement[str | None]:
        """The type of the employee of a row; null where it is not known."""
        known = [(table.c.employee == key, literal(name)) for key, name in self.types.items() if name]
        return case(*known) if known else literal(None, Text)

    def _known(self, table: Table, name: str) -> ColumnElement[Any]:
        return self.employee_type(table) if name == EMPLOYEE_TYPE else table.c[_COLUMNS.get(name, name)]


EVERYBODY = Filters()
