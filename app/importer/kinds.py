"""What the kinds of file have in common: which rows belong together, and what a record adds to its client."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import ClassVar
from uuid import UUID

from app.importer import ids
from app.importer.cells import Row
from app.importer.history import History, Story
from app.importer.mapping import KeyName
from app.importer.problems import Rejected
from app.importer.records import Reader, Record
from app.importer.spool import SpooledRow


class Standing(Enum):
    """How a record stands to what is recorded already."""

    NEW = auto()
    SAME = auto()
    CHANGED = auto()


@dataclass(frozen=True, slots=True)
class FileKind(ABC):
    """One kind of file. Rows are grouped by owner (client or customer key), and within it by record."""

    reader: Reader

    key: ClassVar[KeyName]
    """The key that tells the records apart."""
    date: ClassVar[str]
    """The field with the record's main date."""
    after: ClassVar[str | None]
    """What has to be imported before; None where a record is the first that is told of its client."""
    merged: ClassVar[bool] = False
    """Whether records of one client go in together: where their ids and content say all that a repetition needs."""

    @property
    def owner_key(self) -> KeyName:
        """The key that leads to the client: the lead's, whose id is the client's own, or the customer's."""
        return "lead"

    @property
    def one_row(self) -> bool:
        """Whether each row is a record by itself."""
        return True

    def owner(self, row: Row) -> UUID:
        """The stream that the row is about: a client, or a customer key that leads to one.

        Raises:
            Rejected: the key is missing.
        """
        return self._id_of(self.owner_key, row)

    def record(self, row: Row, owner: UUID) -> UUID:
        """The id of the lead, deal or order that the row belongs to.

        Raises:
            Rejected: the key is missing.
        """
        return owner if self.key == self.owner_key else self._id_of(self.key, row)

    @property
    def key_columns(self) -> str:
        """The file's columns that tell the records apart."""
        return ", ".join(self.reader.mapping.keys[self.key])

    def duplicate(self, holder: int, line: int | None = None) -> Rejected:
        """Why a row is left out whose key the row at line `holder` has, with other values."""
        return Rejected(self.key_columns, f"duplicate_key: line {holder} has the same key and other values", line)

    def _id_of(self, key: KeyName, row: Row) -> UUID:
        return ids.of_key(self.reader.mapping.source, key, self.reader.key(key, row))

    @abstractmethod
    def read(self, record: UUID, rows: Sequence[SpooledRow]) -> Record:
        """The record that these rows make up.

        Raises:
            Rejected: a value is missing or wrong.
        """

    @abstractmethod
    def standing(self, record: Record, history: History) -> Standing:
        """How a record stands whose rows did not cause any of the client's events."""

    @abstractmethod
    def tell(self, record: Record, story: Story) -> None:
        """Add what the record says to the client's story.

        Raises:
            Refused: it contradicts what is recorded.
        """
