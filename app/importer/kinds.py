"""What the kinds of file have in common: which rows belong together, and what a record adds to its client."""

from collections.abc import Sequence
from enum import Enum, auto
from typing import ClassVar, Protocol
from uuid import UUID

from app.importer.cells import Row
from app.importer.history import History, Story
from app.importer.records import Reader, Record
from app.importer.spool import SpooledRow


class Standing(Enum):
    """How a record stands to what is recorded already."""

    NEW = auto()
    SAME = auto()
    CHANGED = auto()


class FileKind(Protocol):
    """One kind of file. Rows are grouped by owner (client or customer key), and within it by record."""

    @property
    def reader(self) -> Reader: ...

    key: ClassVar[str]
    """The key that tells the records apart, as the mapping names it."""
    date: ClassVar[str]
    """The field with the record's main date."""
    merged: ClassVar[bool]
    """Whether records of one client go in together: where their ids and content say all that a repetition needs."""

    @property
    def by_customer(self) -> bool:
        """Whether an owner is a customer key, that leads to the client, and not the client itself."""
        ...

    def owner(self, row: Row) -> UUID:
        """The stream that the row is about: a client, or a customer key that leads to one."""
        ...

    def record(self, row: Row) -> UUID:
        """The id of the lead, deal or order that the row belongs to."""
        ...

    def part(self, row: SpooledRow) -> tuple[str, ...]:
        """What tells the row from others of its record. Where a record is one row, nothing does."""
        ...

    def customer(self, row: Row) -> UUID | None:
        """The stream of the customer key that the row gives to its client."""
        ...

    def read(self, record: UUID, rows: Sequence[SpooledRow]) -> Record:
        """The record that these rows make up.

        Raises:
            Rejected: a value is missing or wrong.
        """
        ...

    def standing(self, record: Record, history: History) -> Standing:
        """How a record stands whose rows did not cause any of the client's events."""
        ...

    def tell(self, record: Record, story: Story) -> None:
        """Add what the record says to the client's story.

        Raises:
            Refused: it contradicts what is recorded.
        """
        ...
