"""Leads: each row registers a client on its own date and, where it names one, assigns the employee of step 1."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.importer import ids
from app.importer.cells import Row
from app.importer.history import History, Story
from app.importer.kinds import Standing
from app.importer.records import Reader, Record
from app.importer.spool import SpooledRow
from domain.client.assignment import AssignEmployee
from domain.client.registration import RegisterClient
from domain.types import Step


@dataclass(frozen=True, slots=True)
class Leads:
    """A file of leads, one row each."""

    reader: Reader
    key: ClassVar[str] = "lead"
    date: ClassVar[str] = "registered_at"
    merged: ClassVar[bool] = False

    @property
    def by_customer(self) -> bool:
        """A lead is its client."""
        return False

    def owner(self, row: Row) -> UUID:
        """The client itself."""
        return ids.client_id(self.reader.mapping.source, self.reader.key("lead", row))

    record = owner

    def part(self, row: SpooledRow) -> tuple[str, ...]:
        """A lead is one row."""
        return ()

    def customer(self, row: Row) -> UUID | None:
        """A lead has no customer key yet."""
        return None

    def read(self, record: UUID, rows: Sequence[SpooledRow]) -> Record:
        """The lead, its card and attributes as the command that registers it."""
        row = rows[0].values
        at = self.reader.moment("lead", "registered_at", row)
        command = self.reader.checked(
            RegisterClient,
            **self.reader.values("card", row),
            attributes=self.reader.attributes(row),
            external_id=" ".join(self.reader.key("lead", row)),
        )
        staff = self.reader.staff(Step.LEAD_GENERATION, row)
        return Record(record, self.reader.row_id(record, rows), (rows[0].line,), at, (staff,) if staff else (), command)

    def standing(self, record: Record, history: History) -> Standing:
        """A lead is new as long as its client is not registered."""
        return Standing.CHANGED if history.client.version else Standing.NEW

    def tell(self, record: Record, story: Story) -> None:
        """Register the client and assign the employee."""
        story.tell(record.content, record.at)
        for staff in record.staff:
            story.tell(AssignEmployee(employee_id=staff.id), record.at)
