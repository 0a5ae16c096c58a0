"""From the rows of one owner to the facts that are to be recorded on its client. A dry run decides the same."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.importer.history import History, Story, Telling
from app.importer.kinds import FileKind, Standing
from app.importer.problems import Rejected, RowError, rejected_by_rule
from app.importer.records import Fact, Record
from app.importer.spool import SpooledRow
from app.mapper import has_personal_data
from domain.kernel import Refused

_DATE_CODES = frozenset({"in_future", "before_registration", "before_its_cause"})
_CHANGED = "changed: was imported before with other values; an import never changes what is recorded"
Claim = Callable[[UUID, UUID], bool]
"""Claims a customer key for a client; False when it is another one's."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the file has for one owner: records by date, those with one key side by side, and rows that are wrong."""

    owner: UUID
    records: list[Record]
    errors: list[RowError]


@dataclass(frozen=True, slots=True)
class Entry:
    """A record with the facts that it adds to its client."""

    record: Record
    facts: list[Fact]


@dataclass(slots=True)
class Decision:
    """What becomes of a client's records: facts to append, in order; rows left out; how many rows are there already."""

    entries: list[Entry] = field(default_factory=list[Entry])
    errors: list[RowError] = field(default_factory=list[RowError])
    unchanged: int = 0


def plan(kind: FileKind, owner: UUID, rows: Sequence[SpooledRow]) -> Work:
    """Read an owner's rows into records, in the order of their dates."""
    by_record: dict[UUID, list[SpooledRow]] = {}
    for row in rows:
        by_record.setdefault(row.record, []).append(row)
    errors = list[RowError]()
    found = [list(_read(kind, record_id, of_record, errors)) for record_id, of_record in by_record.items()]
    found = sorted(filter(None, found), key=lambda rivals: rivals[0].at)
    return Work(owner, [record for rivals in found for record in rivals], errors)


def _read(kind: FileKind, record_id: UUID, rows: Sequence[SpooledRow], errors: list[RowError]) -> Iterator[Record]:
    """The record of these rows; where a record is one row, each of them is, and the first to go in has the key."""
    for made_of in ([row] for row in rows) if kind.one_row else (rows,):
        try:
            yield kind.read(record_id, made_of)
        except Rejected as rejected:
            errors += rejected.of([row.line for row in made_of])


class CustomerKeys:
    """Whose the customer keys are: as it is recorded, and as records of this file have claimed them."""

    def __init__(self, recorded: Mapping[UUID, UUID], claim: Claim) -> None:
        self._recorded = recorded
        self._claim = claim

    def missing(self, key: UUID | None) -> bool:
        """Whether nobody has the key on record."""
        return key is not None and key not in self._recorded

    def take(self, key: UUID | None, client_id: UUID) -> bool:
        """Give the key to a client; False when it is another one's."""
        return key is None or (self._recorded.get(key, client_id) == client_id and self._claim(key, client_id))


def decide(
    kind: FileKind,
    work: Work,
    history: History,
    telling: Telling,
    keys: CustomerKeys,
    done: Collection[UUID] = frozenset(),
) -> Decision:
    """Decide a client's records one after the other on its history; those in `done` (row ids) went in before."""
    deciding = _Deciding(kind, history, Story(history.client, telling), keys, done)
    for record in work.records:
        deciding.decide(record)
    return deciding.decision


class _Deciding:
    def __init__(
        self, kind: FileKind, history: History, story: Story, keys: CustomerKeys, done: Collection[UUID]
    ) -> None:
        self._kind = kind
        self._history = history
        self._story = story
        self._keys = keys
        self._done = done
        self._holders: dict[UUID, Record] = {}
        self.decision = Decision()

    def decide(self, record: Record) -> None:
        """Find out what becomes of the record. Once it is there, or will be, no other one can have its id."""
        try:
            self._enter(record)
        except Rejected as rejected:
            self.decision.errors += rejected.of(record.all_lines)
        except Refused as refused:
            self.decision.errors += _refused(self._kind, refused).of(record.all_lines)
        else:
            self._holders.setdefault(record.id, record)

    def _enter(self, record: Record) -> None:
        holder = self._holders.get(record.id)
        if holder:
            self._repeat(record, holder)
        elif record.row_id not in self._done:
            self._compare(record)

    def _repeat(self, record: Record, holder: Record) -> None:
        if record.row_id != holder.row_id:
            raise self._kind.duplicate(holder.lines[0])
        self.decision.unchanged += len(record.all_lines)

    def _compare(self, record: Record) -> None:
        match self._standing(record):
            case Standing.NEW:
                self.decision.entries.append(Entry(record, self._told(record)))
            case Standing.SAME if self._keys.missing(record.customer) and self._take_key(record):
                self.decision.entries.append(Entry(record, []))
            case Standing.SAME:
                self.decision.unchanged += len(record.all_lines)
            case Standing.CHANGED:
                raise Rejected(self._kind.key_columns, _CHANGED)

    def _standing(self, record: Record) -> Standing:
        return Standing.SAME if record.row_id in self._history.causes else self._kind.standing(record, self._history)

    def _told(self, record: Record) -> list[Fact]:
        before = self._story.begin()
        try:
            self._kind.tell(record, self._story)
            self._check(record)
        except (Refused, Rejected):
            self._story.give_up(before)
            raise
        return self._story.facts

    def _check(self, record: Record) -> None:
        if self._history.erased and any(has_personal_data(event) for event, _ in self._story.facts):
            raise erased()
        if not self._take_key(record):
            columns = ", ".join(self._kind.reader.mapping.keys["customer"])
            raise Rejected(columns, "key_taken: the key belongs to another client")

    def _take_key(self, record: Record) -> bool:
        return self._keys.take(record.customer, self._history.client.id)


def nobody(kind: FileKind, work: Work) -> Decision:
    """The decision for records whose client is not known."""
    columns = ", ".join(kind.reader.mapping.keys[kind.owner_key])
    rejected = Rejected(columns, f"unknown_client: no client has this key; import its {kind.after} first")
    return Decision(errors=[error for record in work.records for error in rejected.of(record.all_lines)])


def erased() -> Rejected:
    """Why nothing personal is recorded of a client any more."""
    return Rejected("row", "erased: the client's personal data were erased")


def _refused(kind: FileKind, refused: Refused) -> Rejected:
    columns = kind.reader.columns
    default = columns.get(kind.date, kind.date) if refused.code in _DATE_CODES else kind.key_columns
    return rejected_by_rule(refused, columns, default)
