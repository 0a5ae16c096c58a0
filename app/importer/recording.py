"""Batches of clients: what is known of them is loaded at once, decided purely, and appended with many in flight."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.importer import planning
from app.importer.declaring import Declaring
from app.importer.history import History, Telling
from app.importer.kinds import FileKind
from app.importer.loading import Known, load
from app.importer.noting import Noting
from app.importer.planning import Claim, CustomerKeys, Decision, Entry, Work
from app.importer.problems import Rejected, RowError
from app.importer.records import Record
from app.importer.screening import Screening
from app.importer.services import Services
from app.importer.staffing import Staffing
from app.mapper import NO_DIGEST
from app.store import Append, VersionConflict
from app.vault import KeyDestroyed
from domain.client_keys import ClientKeyLinked

ATTEMPTS = 5
MAX_FACTS = 500


@dataclass(slots=True)
class Tally:
    """How many rows went in or were there already, how many records they made, and why the others did not."""

    imported: int = 0
    unchanged: int = 0
    records: int = 0
    errors: list[RowError] = field(default_factory=list[RowError])

    def add(self, other: "Tally") -> None:
        """Count the other's too."""
        self.imported += other.imported
        self.unchanged += other.unchanged
        self.records += other.records
        self.errors += other.errors


@dataclass(slots=True)
class _Client:
    """One owner's work on its way in. What is `done` survives a conflict, after which the rest is decided again."""

    work: Work
    history: History | None
    decision: Decision
    customers: dict[UUID, UUID]
    done: set[UUID] = field(default_factory=set[UUID])
    tally: Tally = field(default_factory=Tally)

    def going_in(self) -> Iterator[tuple[UUID, Record]]:
        """The client's id with each of the records that are to go in."""
        for entry in self.decision.entries:
            assert self.history is not None, "a record goes in on a client that is known"
            yield self.history.client.id, entry.record

    def finish(self, entries: Iterable[Entry]) -> None:
        """Count these records as gone in."""
        for entry in entries:
            self.done.add(entry.record.row_id)
            self.tally.records += 1
            self.tally.imported += len(entry.record.lines)
            self.tally.unchanged += len(entry.record.copies)

    def leave_out(self, rejected: Mapping[int, Rejected]) -> None:
        """Leave out the records whose first line is named."""
        decision = self.decision
        for entry in decision.entries:
            if reason := rejected.get(entry.record.lines[0]):
                decision.errors += reason.of(entry.record.all_lines)
        decision.entries = [entry for entry in decision.entries if entry.record.lines[0] not in rejected]

    def settle(self, rejected: Rejected | None = None) -> Tally:
        """The tally once nothing is left to do; with `rejected`, what did not go in is left out for that reason."""
        self.tally.unchanged += self.decision.unchanged
        self.tally.errors += [*self.work.errors, *self.decision.errors]
        if rejected:
            left = (entry.record for entry in self.decision.entries if entry.record.row_id not in self.done)
            self.tally.errors += [error for record in left for error in rejected.of(record.all_lines)]
        return self.tally


class Recording:
    """Records the work of one file."""

    def __init__(
        self,
        services: Services,
        kind: FileKind,
        telling: Telling,
        claim: Claim,
        declaring: Declaring,
        *,
        dry_run: bool,
        screening: Screening | None = None,
        noting: Noting | None = None,
    ) -> None:
        self._screening = screening
        self._noting = noting
        self._services = services
        self._kind = kind
        self._telling = telling
        self._claim = claim
        self._declaring = declaring
        self._dry_run = dry_run
        self._staffing = Staffing(services, dry_run=dry_run)
        self._turn = asyncio.Lock()

    @property
    def employees_created(self) -> int:
        """How many employees were new."""
        return len(self._staffing.created)

    async def record(self, works: Sequence[Work]) -> Tally:
        """Decide the work of some owners and, unless this is a dry run, append it.

        Batches are decided in turn, so that of two records that claim one key the first of the file gets it.
        """
        async with self._turn:
            known = await load(self._services, self._kind, works)
            clients = [self._decided(work, known) for work in works]
            await self._screen(clients)
            await self._prepare([entry for client in clients for entry in client.decision.entries])
            if self._noting:
                await self._noting.going_in([pair for client in clients for pair in client.going_in()])
        total = Tally()
        for tally in await asyncio.gather(*(self._settled(client) for client in clients)):
            total.add(tally)
        if self._noting:
            await self._noting.left_out(total.errors)
        return total

    async def _screen(self, clients: Sequence[_Client]) -> None:
        """Leave out the new leads that look like a client that is there."""
        if self._screening is None:
            return
        entries = [entry for client in clients for entry in client.decision.entries]
        left_out = dict(await self._screening.left_out(entries))
        for client in clients:
            client.leave_out(left_out)

    async def _prepare(self, entries: Sequence[Entry]) -> None:
        """Declare and register what these records need, now that they are about to go in."""
        if entries:
            self._telling = await self._declaring.ensure(self._telling)
            await self._staffing.ensure(entries, self._telling)

    def _decided(self, work: Work, known: Known, done: frozenset[UUID] = frozenset()) -> _Client:
        history = known.histories.get(work.owner)
        if history is None:
            return _Client(work, None, planning.nobody(self._kind, work), known.customers)
        keys = CustomerKeys(known.customers, self._claim)
        decision = planning.decide(self._kind, work, history, self._telling, keys, done)
        return _Client(work, history, decision, known.customers)

    async def _settled(self, client: _Client) -> Tally:
        if self._dry_run:
            client.finish(client.decision.entries)
            return client.settle()
        for _ in range(ATTEMPTS):
            try:
                await self._append(client)
            except VersionConflict:
                await self._decide_again(client)
            except KeyDestroyed:
                return client.settle(planning.erased())
            else:
                return client.settle()
        return client.settle(Rejected("row", "busy: the client was being changed by others; import the file again"))

    async def _decide_again(self, client: _Client) -> None:
        async with self._turn:
            known = await load(self._services, self._kind, [client.work])
            again = self._decided(client.work, known, frozenset(client.done))
            await self._prepare(again.decision.entries)
        client.history, client.decision, client.customers = again.history, again.decision, again.customers

    async def _append(self, client: _Client) -> None:
        if client.history is None:
            return
        stream_id, version, last = client.history.client.id, client.history.client.version, client.history.digest
        for unit in _units(client.decision.entries, merged=self._kind.merged):
            for key in _unlinked(unit, client.customers):
                await self._services.store.append(self._link(key, stream_id, unit[0].record.at))
                client.customers[key] = stream_id
            facts = [fact for entry in unit for fact in entry.facts]
            if facts:
                causation_id = None if self._kind.merged else unit[0].record.row_id
                appended = await self._services.store.append(
                    self._telling.append(stream_id, version, last, facts, causation_id)
                )
                version, last = appended.version, appended.digest
            client.finish(unit)

    def _link(self, key: UUID, client_id: UUID, at: datetime) -> Append:
        return self._telling.append(key, 0, NO_DIGEST, [(ClientKeyLinked(client_id=client_id), at)])


def _units(entries: Sequence[Entry], *, merged: bool) -> Iterator[list[Entry]]:
    """The entries that go in together: one by one, or up to `MAX_FACTS` facts of a client at once."""
    if not merged:
        yield from ([entry] for entry in entries)
        return
    unit, count = list[Entry](), 0
    for entry in entries:
        if unit and count + len(entry.facts) > MAX_FACTS:
            yield unit
            unit, count = [], 0
        unit.append(entry)
        count += len(entry.facts)
    if unit:
        yield unit


def _unlinked(unit: Sequence[Entry], customers: dict[UUID, UUID]) -> list[UUID]:
    keys = (entry.record.customer for entry in unit)
    return [key for key in keys if key is not None and key not in customers]
