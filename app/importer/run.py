"""An import from beginning to end: check the file, set its rows aside by client, decide them and record them."""

import asyncio
import gc
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import NamedTuple
from uuid import UUID, uuid4

from app.importer.deals import Deals
from app.importer.declaring import Declaring
from app.importer.history import Telling, rules_for_history
from app.importer.kinds import FileKind
from app.importer.leads import Leads
from app.importer.mapping import Kind, load_mapping
from app.importer.noting import Noting
from app.importer.orders import Orders
from app.importer.planning import Work, plan
from app.importer.problems import Gathering, Rejected
from app.importer.reading import Source
from app.importer.recording import Recording, Tally
from app.importer.records import Reader
from app.importer.report import SHOWN_ERRORS, ImportReport, check_errors_path, first_errors, write_errors
from app.importer.rows import Line, Progress, no_progress
from app.importer.screening import Screening
from app.importer.services import Services
from app.importer.spool import Spool, SpooledRow
from domain.employee import SYSTEM

BATCH_ROWS = 250
BATCHES_IN_FLIGHT = 4
_YOUNG_OBJECTS = 500_000
_NOBODY = UUID(int=0)
_KINDS: dict[Kind, type[Leads] | type[Deals] | type[Orders]] = {"leads": Leads, "deals": Deals, "orders": Orders}


async def run_import(
    services: Services,
    kind: Kind,
    file: Path,
    mapping: Path,
    *,
    dry_run: bool = False,
    errors_path: Path | None = None,
    actor: UUID = SYSTEM,
    progress: Progress = no_progress,
    region: str | None = None,
    import_id: UUID | None = None,
) -> ImportReport:
    """Import a file. Rows that are wrong are left out and reported; the others go in, each record in one piece.

    Whatever went in before is recognised by its keys, so that an import can be broken off and run again. `region` is
    the country of local phone numbers: with it, leads that look like a client that is there are left out. What goes in
    under an `import_id` is noted, so that it can be undone.

    Raises:
        MappingError: the mapping cannot be used; nothing was changed.
        FileError: the file cannot be read as the mapping describes it, or `errors_path` not be written to; nothing was
            changed.
    """
    if errors_path:
        check_errors_path(errors_path, file)
    spool = Spool()
    try:
        with _fewer_collections():
            about = _About(dry_run, actor, region, import_id)
            run = _Run(services, Source(file, load_mapping(mapping, kind), mapping), spool, about)
            return await run.report(errors_path, progress)
    finally:
        spool.close()


@contextmanager
def _fewer_collections() -> Generator[None]:
    """An import makes much that lives for a moment and nothing cyclic: looking for it is a tenth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(_YOUNG_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _About(NamedTuple):
    dry_run: bool
    actor: UUID
    region: str | None
    import_id: UUID | None


class _Run:
    def __init__(self, services: Services, source: Source, spool: Spool, about: _About) -> None:
        self._services = services
        self._source = source
        self._mapping = source.mapping
        self._spool = spool
        self._about = about
        self._now = datetime.now(UTC)
        self._tally = Tally()
        self._began = perf_counter()

    async def report(self, errors_path: Path | None, progress: Progress) -> ImportReport:
        """Do it, and tell what was done."""
        kind = self._read(progress)
        declaring = Declaring(self._services, self._mapping, self._source.mapping_path, dry_run=self._about.dry_run)
        rules = rules_for_history(self._services.directory.regulation, self._mapping)
        telling = Telling(rules, self._about.actor, self._now, self._about.import_id or uuid4())
        screening, noting = self._screening(kind), self._noting()
        recording = Recording(
            self._services,
            kind,
            telling,
            self._spool.claim,
            declaring,
            dry_run=self._about.dry_run,
            screening=screening,
            noting=noting,
        )
        await self._record(kind, recording, progress)
        if errors_path:
            write_errors(errors_path, self._source.header, self._spool)
        return ImportReport(
            kind=self._mapping.kind,
            dry_run=self._about.dry_run,
            rows=self._spool.rows,
            imported=self._tally.imported,
            unchanged=self._tally.unchanged,
            failed=self._spool.rejected,
            records=self._tally.records,
            employees_created=recording.employees_created,
            attributes_declared=declaring.declared,
            seconds=perf_counter() - self._began,
            errors=first_errors(self._spool),
            doubtful=len(screening.doubts) if screening else 0,
            doubts=tuple(screening.doubts[:SHOWN_ERRORS]) if screening else (),
        )

    def _screening(self, kind: FileKind) -> Screening | None:
        region = self._about.region
        if region is None or not isinstance(kind, Leads):
            return None
        return Screening(self._services.engine, self._spool, kind.reader.columns, region)

    def _noting(self) -> Noting | None:
        import_id = self._about.import_id
        return Noting(self._services.engine, import_id) if import_id and not self._about.dry_run else None

    def _read(self, progress: Progress) -> FileKind:
        """Set all rows aside; those that cannot belong to anybody are errors at once."""
        lines = self._source.lines(progress)
        first = next(lines, None)
        rules = rules_for_history(self._services.directory.regulation, self._mapping)
        kind = _KINDS[self._mapping.kind](Reader(self._mapping, self._source.places, self._now, rules.attributes))
        if first:
            self._take(kind, first)
            for line in lines:
                self._take(kind, line)
        return kind

    def _take(self, kind: FileKind, line: Line) -> None:
        number, values = line
        try:
            self._check_width(values)
            owner, row = _located(kind, line)
        except Rejected as rejected:
            self._spool.keep(number, values)
            self._spool.reject(rejected.of([number]))
        else:
            self._spool.add(owner, row)

    def _check_width(self, values: list[str]) -> None:
        wanted = len(self._source.header)
        if len(values) != wanted:
            raise Rejected("row", f"wrong_columns: has {len(values)} cells, the header has {wanted}")

    async def _record(self, kind: FileKind, recording: Recording, progress: Progress) -> None:
        """Plan batch after batch while those before are on their way in."""
        turns = asyncio.Semaphore(BATCHES_IN_FLIGHT)

        async def record(works: list[Work]) -> None:
            try:
                self._count(await recording.record(works), progress)
            finally:
                turns.release()

        try:
            async with asyncio.TaskGroup() as group:
                for works in self._batches(kind):
                    await turns.acquire()
                    group.create_task(record(works))
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from failed

    def _batches(self, kind: FileKind) -> Iterator[list[Work]]:
        works, size = list[Work](), 0
        for owner, rows in self._spool.owners():
            works.append(plan(kind, owner, rows))
            size += len(rows)
            if size >= BATCH_ROWS:
                yield works
                works, size = [], 0
        if works:
            yield works

    def _count(self, tally: Tally, progress: Progress) -> None:
        self._spool.reject(tally.errors)
        tally.errors = []
        self._tally.add(tally)
        progress("recording", self._tally.imported + self._tally.unchanged + self._spool.rejected, self._spool.rows)


def _located(kind: FileKind, line: Line) -> tuple[UUID, SpooledRow]:
    """The row with whom it is about.

    Raises:
        Rejected: a key is missing; whatever else is wrong with the row is told with it, as it is not read again.
    """
    number, values = line
    wrong = Gathering()
    owner = wrong.of(kind.owner, values)
    record = wrong.of(kind.record, values, owner)
    if wrong.found:
        wrong.of(kind.read, _NOBODY, [SpooledRow(number, _NOBODY, values)])
    wrong.tell()
    return owner, SpooledRow(number, record, values)
