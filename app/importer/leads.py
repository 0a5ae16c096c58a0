"""Leads: each row registers a client on its own date and, where it names one, assigns the employee of step 1."""

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from app.importer.cells import Row
from app.importer.history import History, Story
from app.importer.kinds import FileKind, Standing
from app.importer.mapping import KeyName
from app.importer.problems import Gathering
from app.importer.records import Record
from app.importer.spool import SpooledRow
from domain.client.assignment import AssignEmployee
from domain.client.registration import RegisterClient
from domain.types import Step


class Leads(FileKind):
    """A file of leads, one row each. A lead is its client."""

    __slots__ = ()
    key: ClassVar[KeyName] = "lead"
    date: ClassVar[str] = "registered_at"
    after: ClassVar[str | None] = None

    def read(self, record: UUID, rows: Sequence[SpooledRow]) -> Record:
        """The lead, its card and attributes as the command that registers it."""
        read, row, wrong = self.reader, rows[0].values, Gathering()
        command = wrong.of(
            read.checked,
            RegisterClient,
            **read.values("card", row),
            attributes=wrong.of(read.attributes, row) or {},
            external_id=wrong.of(self._external_id, row),
        )
        staff = wrong.of(read.staff, Step.LEAD_GENERATION, row)
        at = wrong.of(read.moment, "lead", "registered_at", row) if read.mapping.lead else read.now
        wrong.tell()
        return read.record(record, rows, at, command, (staff,) if staff else ())

    def _external_id(self, row: Row) -> str:
        return " ".join(self.reader.key("lead", row))

    def standing(self, record: Record, history: History) -> Standing:
        """A lead is new as long as its client is not registered."""
        return Standing.CHANGED if history.client.registration.registered_at else Standing.NEW

    def tell(self, record: Record, story: Story) -> None:
        """Register the client and assign the employee."""
        story.tell(record.content, record.at)
        for staff in record.staff:
            story.tell(AssignEmployee(employee_id=staff.id), record.at)
