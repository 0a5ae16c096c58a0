"""Checks the log from end to end: that nothing was changed, lost or moved, and that every event can still be read."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from app.documents.checking import missing_documents
from app.mapper import Undecodable, decode, digest
from app.vault import Keys, Vault
from projections import log
from projections.log import START, StoredRow, StreamPlace, driver

PAGE = 5_000
_GAPS = """
    SELECT before + 1, position - 1 FROM (
        SELECT notification_id AS position, lag(notification_id, 1, 0::bigint) OVER (ORDER BY notification_id) AS before
        FROM public.events WHERE notification_id <= $1
    ) AS neighbours WHERE position <> before + 1 ORDER BY 1
"""
_SEEN = """
    SELECT greatest(
        (SELECT max(position) FROM public.checkpoints), (SELECT max(position) FROM public.idempotency), 0::bigint
    )
"""
"""How far the log went, as those say who have seen it: the views, and the answers that were kept."""

Progress = Callable[[int, int], None]
"""Called with the number of events checked, and of all."""


class Fault(StrEnum):
    """What can be wrong with the log."""

    CHANGED = "changed"
    MISSING_VERSION = "missing_version"
    MISSING_POSITION = "missing_position"
    UNREADABLE = "unreadable"
    NO_DOCUMENT = "no_document"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault, and where it shows: `CHANGED` at the event after the one that was changed."""

    fault: Fault
    detail: str
    stream_id: UUID | None = None
    version: int | None = None
    position: int | None = None


async def verify(engine: AsyncEngine, progress: Progress, vault: Vault | None = None) -> list[Finding]:
    """Check every event that was there when the check began. An empty list means that all is well.

    The last event of a stream has no successor to vouch for its digest: it is checked only as far as it can be read.
    With a vault, personal data are opened too, so that a changed ciphertext is found there as well; so
    are the documents that were sent.
    """
    findings: list[Finding] = []
    async with engine.connect() as connection:
        raw = await driver(connection)
        seen = await raw.fetchval(_SEEN)
        until = await log.head(connection)
        gaps = await raw.fetch(_GAPS, until)
        count = until - sum(last - first + 1 for first, last in gaps)
    findings += (
        Finding(Fault.MISSING_POSITION, f"positions {first} to {last}", position=first) for first, last in gaps
    )
    if seen > until:
        findings.append(Finding(Fault.MISSING_POSITION, f"positions {until + 1} to {seen}", position=until + 1))
    chain, done = _Chain(), 0
    async for page in _pages(engine, until):
        keys: Keys = await vault.load(row.stream_id for row in page) if vault else {}
        for row in page:
            findings += chain.check(row, keys)
        if vault:
            findings += [
                Finding(Fault.NO_DOCUMENT, detail, row.stream_id, row.version, row.position)
                async for row, detail in missing_documents(engine, vault, page, keys)
            ]
        done += len(page)
        progress(done, count)
    return findings


async def _pages(engine: AsyncEngine, until: int) -> AsyncIterator[list[StoredRow]]:
    place = START
    while True:
        async with engine.connect() as connection:
            page = await log.read_streams(connection, place, PAGE, until=until)
        if not page:
            return
        yield page
        place = StreamPlace(page[-1].stream_id, page[-1].version)


class _Chain:
    """Follows each stream from its first event on; rows have to come stream by stream in order of version."""

    def __init__(self) -> None:
        self._stream_id: UUID | None = None
        self._version = 0
        self._digest = b""

    def check(self, row: StoredRow, keys: Keys) -> list[Finding]:
        """The faults that show at this row."""
        if row.stream_id != self._stream_id:
            self._stream_id, self._version, self._digest = row.stream_id, 0, b""
        faults = [*self._gap(row), *self._broken(row), *_unreadable(row, keys)]
        self._version = row.version
        self._digest = digest(row.stream_id, row.version, row.topic, row.state)
        return [Finding(fault, detail, row.stream_id, row.version, row.position) for fault, detail in faults]

    def _gap(self, row: StoredRow) -> list[tuple[Fault, str]]:
        if row.version == self._version + 1:
            return []
        return [(Fault.MISSING_VERSION, f"follows on version {self._version}")]

    def _broken(self, row: StoredRow) -> list[tuple[Fault, str]]:
        previous = _previous(row)
        if row.version != self._version + 1 or previous is None or compare_digest(previous, self._digest.hex()):
            return []
        return [(Fault.CHANGED, f"the event before, version {self._version}, is not the one that was recorded")]


def _previous(row: StoredRow) -> str | None:
    """The digest that the event keeps of the one before; None where it cannot be read."""
    try:
        state: Any = orjson.loads(row.state)
        return str(state["previous"])
    except (ValueError, KeyError, TypeError):
        return None


def _unreadable(row: StoredRow, keys: Keys) -> list[tuple[Fault, str]]:
    try:
        decode(row, keys)
    except Undecodable as error:
        return [(Fault.UNREADABLE, repr(error.__cause__))]
    return []
