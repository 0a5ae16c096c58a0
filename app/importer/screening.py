"""New leads looked at before they go in: those that look like a client that is there, and numbers that look wrong."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from app.identity import doubts
from app.importer.planning import Entry
from app.importer.problems import Rejected, RowError
from app.importer.spool import Spool
from app.similarity import Likeness, by_key
from domain.client.registration import RegisterClient
from projections.duplicates import DUPLICATES, KEYS, DuplicatesView, Identity

_FIELD = {"tax_id": "tax_id", "phone": "phones", "email": "emails", "domain": "site", "name": "name"}
_KEYS_PER_QUERY = 1_000
_MOST_SHARING = 50
"""A phone or domain that more clients have in common tells nothing."""
_VIEW = DuplicatesView()

Key = tuple[str, str]


class _Alike(NamedTuple):
    """A client, or an earlier row of the file, that a new lead looks like."""

    likeness: Likeness
    described: str


class Screening:
    """Screens the leads of one file. The view of duplicates is read as it stands; `region` is that of local numbers."""

    def __init__(self, engine: AsyncEngine, spool: Spool, columns: dict[str, str], region: str) -> None:
        self._engine, self._spool, self._columns, self._region = engine, spool, columns, region
        self.doubts: list[RowError] = []

    async def left_out(self, entries: Sequence[Entry]) -> list[tuple[int, Rejected]]:
        """The lines of leads that look like a client that is there, or like one further up in the file, and by what."""
        found: list[tuple[int, Rejected]] = []
        leads = [(entry, _identity(entry)) for entry in entries]
        known = await self._sharing([key for _, identity in leads for key in identity.keys])
        for entry, identity in leads:
            if alike := max(self._alike(identity, known), default=None):
                found.append((entry.record.lines[0], self._rejected(alike)))
            else:
                self._spool.remember(identity.keys, entry.record.lines[0], _VIEW.adapter.dump_json(identity))
                self._doubt(entry, identity)
        return found

    def _alike(self, lead: Identity, known: dict[Key, list[Identity]]) -> Iterator[_Alike]:
        for key in lead.keys:
            for other in known.get(key, ()):
                if other.id != lead.id and (likeness := by_key(lead, other, self._region)):
                    yield _Alike(likeness, f"client {other.standing.merged_into or other.id} ({other.name})")
            for line, stored in self._spool.remembered(key):
                if likeness := by_key(lead, _VIEW.adapter.validate_json(stored), self._region):
                    yield _Alike(likeness, f"line {line} of this file")

    async def _sharing(self, keys: Sequence[Key]) -> dict[Key, list[Identity]]:
        found: defaultdict[Key, list[Identity]] = defaultdict(list)
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            some = keys[start : start + _KEYS_PER_QUERY]
            query = (
                select(KEYS.c.kind, KEYS.c.key, DUPLICATES.c.state)
                .join(DUPLICATES, DUPLICATES.c.id == KEYS.c.client_id)
                .where(tuple_(KEYS.c.kind, KEYS.c.key).in_(some))
            )
            async with self._engine.connect() as connection:
                for kind, key, state in await connection.execute(query):
                    found[kind, key].append(_VIEW.adapter.validate_json(state))
        return {key: clients for key, clients in found.items() if len(clients) <= _MOST_SHARING}

    def _rejected(self, alike: _Alike) -> Rejected:
        field = _FIELD[alike.likeness.reason]
        text = f"duplicate_client: looks like {alike.described}: the same {alike.likeness.reason}"
        return Rejected(self._columns.get(field, field), text)

    def _doubt(self, entry: Entry, identity: Identity) -> None:
        for doubt in doubts(identity.tax_id, identity.phones, self._region):
            field = doubt.field.partition(".")[0]
            self.doubts += [
                RowError(line, self._columns.get(field, field), f"{doubt.code}: {doubt.message}")
                for line in entry.record.lines
            ]


def _identity(entry: Entry) -> Identity:
    command: RegisterClient = entry.record.content
    return Identity(
        entry.record.id,
        command.name,
        command.region,
        command.tax_id,
        tuple(command.phones or ()),
        tuple(command.emails or ()),
        command.site,
    )
