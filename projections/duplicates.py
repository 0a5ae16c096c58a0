"""Duplicates: by which keys clients can be found again, and which pairs somebody has told apart."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Column, Index, Table, Text, Uuid

from domain.client.card import CardChanged, CardFacts
from domain.client.duplicates import DuplicateAllowed, DuplicateDismissed
from domain.client.merging import ClientAbsorbed, ClientReleased
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from projections.clients import folded
from projections.identity import Spelling, keys, name_key, place_key, spelling
from projections.kernel import Row, View, metadata, view_table
from projections.standing import IN_WORK, STANDING_EVENTS, Standing

_IDENTITY = ("name", "region", "tax_id", "phones", "emails", "site")


class Identity(NamedTuple):
    """What tells a client from others, as people typed it.

    `dismissed` are clients told apart from this one, `absorbed` those merged into it.
    """

    id: UUID
    name: str | None = None
    region: str | None = None
    tax_id: str | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    site: str | None = None
    standing: Standing = IN_WORK
    dismissed: tuple[UUID, ...] = ()
    absorbed: tuple[UUID, ...] = ()

    @property
    def keys(self) -> list[tuple[str, str]]:
        """The keys it can be found by, each with its kind; its name is one together with its region."""
        place = place_key(self.name, self.region)
        found = keys(self.tax_id, self.phones, self.emails, self.site)
        return [*found, ("name", place)] if place else found

    @property
    def spelling(self) -> Spelling | None:
        """How its name is spelt, if its region is known: those spelt much alike may be the same."""
        return spelling(name_key(self.name), folded(self.region))


DUPLICATES = view_table(
    "duplicates",
    Column("name_key", Text, nullable=False),
    Column("region", Text),
    Column("merged_into", Uuid),
    Column("name_start", Text),
    Column("name_end", Text),
    Index("duplicates_merged_into", "merged_into"),
    Index("duplicates_name_start", "name_start", "id"),
    Index("duplicates_name_end", "name_end", "id"),
)
"""One row per client, with its name as it is compared, the client that stands for it, and the halves of its name."""
KEYS = Table(
    "duplicate_keys",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Index("duplicate_keys_key", "kind", "key"),
)
DISMISSALS = Table(
    "duplicate_dismissals",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("other_id", Uuid, primary_key=True),
    Index("duplicate_dismissals_other", "other_id"),
)
ABSORBED = Table(
    "duplicate_absorbed",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("absorbed_id", Uuid, primary_key=True),
)


class DuplicatesView(View[Identity]):
    """The keys of every client, the dismissed pairs, and who stands for whom."""

    name: ClassVar = "duplicates"
    revision: ClassVar = 6
    reads: ClassVar[frozenset[type[Event]]] = STANDING_EVENTS | {
        ClientRegistered,
        CardChanged,
        DuplicateAllowed,
        DuplicateDismissed,
        ClientAbsorbed,
        ClientReleased,
    }
    table: ClassVar = DUPLICATES
    part_tables: ClassVar = (KEYS, DISMISSALS, ABSORBED)
    state_type = Identity

    def start(self, stream_id: UUID) -> Identity:
        return Identity(stream_id)

    def evolve(self, state: Identity, recorded: Recorded) -> Identity:
        match recorded.event:
            case CardChanged(changed=changed) as event:
                return _with_facts(state, event, changed)
            case ClientRegistered() as event:
                return _with_facts(state, event, _IDENTITY)
            case DuplicateAllowed() | DuplicateDismissed() as event:
                others = event.client_ids if isinstance(event, DuplicateAllowed) else (event.other_id,)
                return state._replace(dismissed=(*state.dismissed, *others))
            case ClientAbsorbed() | ClientReleased() as event:
                others = [key for key in state.absorbed if key != event.client_id]
                others += [event.client_id] if isinstance(event, ClientAbsorbed) else []
                return state._replace(absorbed=tuple(others))
            case event:
                return state._replace(standing=state.standing.after(event))

    def columns(self, state: Identity) -> Row:
        key, region, spelt = name_key(state.name), folded(state.region), state.spelling
        return (key, region, state.standing.merged_into, *((spelt and spelt.halves()) or (None, None)))

    def parts(self, state: Identity) -> Mapping[Table, Sequence[Row]]:
        return {
            KEYS: [(state.id, kind, key) for kind, key in state.keys],
            DISMISSALS: [(state.id, other_id) for other_id in dict.fromkeys(state.dismissed)],
            ABSORBED: [(state.id, absorbed_id) for absorbed_id in dict.fromkeys(state.absorbed)],
        }


def _with_facts(state: Identity, event: CardFacts, names: Sequence[str]) -> Identity:
    values: dict[str, Any] = {name: getattr(event, name) for name in names if name in _IDENTITY}
    for name in ("phones", "emails"):
        if name in values:
            values[name] = values[name] or ()
    return state._replace(**values)
