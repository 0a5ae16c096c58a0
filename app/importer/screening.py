"""New leads looked at before they go in: those that look like a client that is there, and numbers that look wrong."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from app.identity import doubts
from app.importer.planning import Entry
from app.importer.problems import Rejected, RowError
from app.importer.spool import Spool
from app.similarity import Likeness, mistyped_names, same_client
from app.spelling import names_by_half, nearby
from domain.client.registration import RegisterClient
from projections.duplicates import DuplicatesView, Identity
from projections.duplicates_query import clients_by_key, identities
from projections.identity import Spelling, domain_of_site

_FIELD = {"tax_id": "tax_id", "phone": "phones", "email": "emails", "domain": "site", "name": "name"}
_MOST_SHARING = 50
"""So many clients with a phone or a domain are looked at."""
_VIEW = DuplicatesView()

Key = tuple[str, str]


class _Alike(NamedTuple):
    """A client, or an earlier row of the file, that a new lead looks like."""

    likeness: Likeness
    described: str


class _Lead(NamedTuple):
    """A new lead, with all that it is compared by."""

    entry: Entry
    identity: Identity
    keys: Sequence[Key]
    spelling: Spelling | None

    @staticmethod
    def of(entry: Entry) -> "_Lead":
        identity = _identity(entry)
        return _Lead(entry, identity, identity.keys, identity.spelling)

    @property
    def line(self) -> int:
        return self.entry.record.lines[0]


class Screening:
    """Screens the leads of one file. The view of duplicates is read as it stands; `region` is that of local numbers."""

    def __init__(self, engine: AsyncEngine, spool: Spool, columns: dict[str, str], region: str) -> None:
        self._engine, self._spool, self._columns, self._region = engine, spool, columns, region
        self.doubts: list[RowError] = []

    async def left_out(self, entries: Sequence[Entry]) -> list[tuple[int, Rejected]]:
        """The lines of leads that look like a client that is there, or like one further up in the file, and by what."""
        found: list[tuple[int, Rejected]] = []
        leads = [_Lead.of(entry) for entry in entries]
        known = await self._sharing([key for lead in leads for key in lead.keys])
        misspelt = await self._misspelt(leads)
        for lead in leads:
            others = [
                *misspelt.get(lead.identity.id, ()),
                *(other for key in lead.keys for other in known.get(key, ())),
            ]
            if alike := max(self._alike(lead, others), default=None):
                found.append((lead.line, self._rejected(lead, alike)))
            else:
                self._remember(lead)
                self._doubt(lead.entry, lead.identity)
        return found

    def _alike(self, lead: "_Lead", others: Iterable[Identity]) -> Iterator[_Alike]:
        for other in others:
            if other.id != lead.identity.id and (likeness := same_client(lead.identity, other, self._region)):
                yield _Alike(likeness, f"client {other.standing.merged_into or other.id} ({other.name})")
        for line, likeness in self._further_up(lead):
            yield _Alike(likeness, f"line {line} of this file")

    def _further_up(self, lead: "_Lead") -> Iterator[tuple[int, Likeness]]:
        for line in {*self._spelt_alike(lead), *(line for key in lead.keys for line in self._spool.lines_with(key))}:
            other = _VIEW.from_json(self._spool.remembered(line))
            if likeness := same_client(lead.identity, other, self._region):
                yield line, likeness

    def _spelt_alike(self, lead: "_Lead") -> Iterator[int]:
        if lead.spelling:
            names = self._spool.names_with({half for halves in lead.spelling.nearby for half in halves})
            yield from mistyped_names(lead.spelling.words, names)

    def _remember(self, lead: "_Lead") -> None:
        self._spool.remember(lead.keys, lead.line, _VIEW.to_json(lead.identity))
        if lead.spelling and (halves := lead.spelling.halves()):
            self._spool.remember_name(halves, lead.line, lead.spelling.words)

    async def _misspelt(self, leads: Sequence["_Lead"]) -> dict[UUID, list[Identity]]:
        """By lead, the clients there whose names may be the same one with a slip in it."""
        spelt = {lead.identity.id: lead.spelling for lead in leads if lead.spelling}
        if not spelt:
            return {}
        async with self._engine.connect() as connection:
            by_half = await names_by_half(connection, spelt.values())
            alike = {key: list(mistyped_names(each.words, nearby(each, by_half))) for key, each in spelt.items()}
            known = await identities(connection, {key for found in alike.values() for key in found})
        return {lead_id: [known[key] for key in found if key in known] for lead_id, found in alike.items()}

    async def _sharing(self, keys: Sequence[Key]) -> dict[Key, list[Identity]]:
        async with self._engine.connect() as connection:
            return await clients_by_key(connection, keys, _MOST_SHARING)

    def _rejected(self, lead: "_Lead", alike: _Alike) -> Rejected:
        field = _field(alike.likeness.reason, lead.identity)
        same = alike.likeness.score == 1 or alike.likeness.reason != "name"
        what = f"the same {alike.likeness.reason}" if same else f"a name much alike ({alike.likeness.score})"
        text = f"duplicate_client: looks like {alike.described}: {what}"
        return Rejected(self._columns.get(field, field), text)

    def _doubt(self, entry: Entry, identity: Identity) -> None:
        for doubt in doubts(identity.tax_id, identity.phones, self._region):
            field = doubt.field.partition(".")[0]
            self.doubts += [
                RowError(line, self._columns.get(field, field), f"{doubt.code}: {doubt.message}")
                for line in entry.record.lines
            ]


def _field(reason: str, identity: Identity) -> str:
    """What of the lead is alike; the domain of one without a site is that of its e-mails."""
    return "emails" if reason == "domain" and not domain_of_site(identity.site) else _FIELD[reason]


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
