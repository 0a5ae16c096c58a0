"""From the rows of one client to the facts that are to be recorded on it: pure, so that a dry run decides the same."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.importer.history import History, Story, Telling
from app.importer.kinds import FileKind, Standing
from app.importer.problems import Rejected, RowError, rejected_by_rule
from app.importer.records import Fact, Record
from app.importer.spool import SpooledRow
from domain.kernel import Refused

_DATE_CODES = frozenset({"in_future", "before_registration", "before_its_cause"})


@dataclass(frozen=True, slots=True)
class Work:
    """What the file has for one owner: records by date, rows that only repeat others, and rows that are wrong."""

    owner: UUID
    records: list[Record]
    repeated: int
    errors: list[RowError]


@dataclass(frozen=True, slots=True)
class Entry:
    """A record with the facts that it adds to its client."""

    record: Record
    facts: list[Fact]


@dataclass(slots=True)
class Decision:
    """What becomes of a client's records: facts to append, in order; records that are there; rows left out."""

    entries: list[Entry] = field(default_factory=list[Entry])
    same: list[Record] = field(default_factory=list[Record])
    errors: list[RowError] = field(default_factory=list[RowError])

    @property
    def records(self) -> list[Record]:
        """The records that are there or will be."""
        return [*(entry.record for entry in self.entries), *self.same]


def plan(kind: FileKind, owner: UUID, rows: Sequence[SpooledRow]) -> Work:
    """Read an owner's rows into records, in the order of their dates."""
    by_record: dict[UUID, list[SpooledRow]] = {}
    for row in rows:
        by_record.setdefault(row.record, []).append(row)
    records, repeated, errors = list[Record](), 0, list[RowError]()
    for record_id, of_record in by_record.items():
        kept, copies, wrong = _sifted(kind, of_record)
        repeated += copies
        errors += wrong
        if wrong and kind.merged:
            errors += _left_out([row.line for row in kept], wrong[0].line)
            continue
        try:
            records.append(kind.read(record_id, kept))
        except Rejected as rejected:
            errors += _errors([row.line for row in kept], rejected)
    return Work(owner, sorted(records, key=lambda record: record.at), repeated, errors)


def _sifted(kind: FileKind, rows: Sequence[SpooledRow]) -> tuple[list[SpooledRow], int, list[RowError]]:
    """The rows without those that repeat one before; how many were mere copies; and those that contradict it."""
    first: dict[tuple[str, ...], SpooledRow] = {}
    copies, errors = 0, list[RowError]()
    for row in rows:
        before = first.setdefault(kind.part(row), row)
        if before is row:
            continue
        if kind.reader.mapped(before.values) == kind.reader.mapped(row.values):
            copies += 1
        else:
            reason = f"duplicate_key: line {before.line} has the same key and other values"
            errors.append(RowError(row.line, _key_columns(kind), reason))
    return list(first.values()), copies, errors


def decide(
    kind: FileKind, work: Work, history: History, telling: Telling, done: Collection[UUID] = frozenset()
) -> Decision:
    """Decide a client's records one after the other on its history; those in `done` went in before."""
    decision, story = Decision(), Story(history.client, telling)
    for record in work.records:
        if record.id in done:
            continue
        standing = Standing.SAME if record.row_id in history.causes else kind.standing(record, history)
        if standing is Standing.SAME:
            decision.same.append(record)
        elif standing is Standing.CHANGED:
            decision.errors += _errors(record.lines, _changed(kind))
        else:
            _tell(kind, record, story, decision)
    return decision


def _tell(kind: FileKind, record: Record, story: Story, decision: Decision) -> None:
    before = story.begin()
    try:
        kind.tell(record, story)
    except Refused as refused:
        story.give_up(before)
        decision.errors += _errors(record.lines, _refused(kind, refused))
    else:
        decision.entries.append(Entry(record, story.facts))


def nobody(kind: FileKind, work: Work) -> Decision:
    """The decision for records whose client is not known."""
    key = "customer" if "customer" in kind.reader.mapping.keys else "lead"
    columns = ", ".join(kind.reader.mapping.keys[key])
    rejected = Rejected(columns, "unknown_client: no client has this key; import its lead and deal first")
    return Decision(errors=[error for record in work.records for error in _errors(record.lines, rejected)])


def _refused(kind: FileKind, refused: Refused) -> Rejected:
    columns = kind.reader.columns
    default = columns[kind.date] if refused.code in _DATE_CODES else _key_columns(kind)
    return rejected_by_rule(refused, columns, default)


def _changed(kind: FileKind) -> Rejected:
    return Rejected(
        _key_columns(kind), "changed: was imported before with other values; an import never changes what is recorded"
    )


def link(kind: FileKind, decision: Decision, client_id: UUID, customers: Mapping[UUID, UUID]) -> None:
    """Leave out records whose customer key is another client's; take those up again that lack only their key."""
    owner_of = {record.customer: customers.get(record.customer) for record in decision.records if record.customer}
    taken = {key for key, owner in owner_of.items() if owner not in {None, client_id}}
    missing = {key for key, owner in owner_of.items() if owner is None}
    for entry in [entry for entry in decision.entries if entry.record.customer in taken]:
        decision.entries.remove(entry)
        decision.errors += _errors(entry.record.lines, key_taken(kind))
    for record in [record for record in decision.same if record.customer in missing]:
        decision.same.remove(record)
        decision.entries.append(Entry(record, []))


def key_taken(kind: FileKind) -> Rejected:
    """Why a row is left out that gives a client the customer key of another one."""
    return Rejected(", ".join(kind.reader.mapping.keys["customer"]), "key_taken: the key belongs to another client")


def _key_columns(kind: FileKind) -> str:
    return ", ".join(kind.reader.mapping.keys[kind.key])  # pyright: ignore[reportArgumentType]


def _errors(lines: Sequence[int], rejected: Rejected) -> list[RowError]:
    """One error per row of a record: all for the same reason, or one for its own and the others because of it."""
    if rejected.line is None:
        return [rejected.at(line) for line in lines]
    others = [line for line in lines if line != rejected.line]
    return [rejected.at(rejected.line), *_left_out(others, rejected.line)]


def _left_out(lines: Sequence[int], because_of: int) -> Iterator[RowError]:
    reason = f"incomplete_order: line {because_of} of the same order is wrong, so the order was left out as a whole"
    return (RowError(line, "row", reason) for line in lines)
