"""A small view that uses everything a view may use, and can be told to fail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, Index, Numeric, Table, Text, Uuid

from domain.client.archive import ClientArchived
from domain.client.contacts import ContactRecorded
from domain.client.deal_events import DealLost, DealOpened, DealWon
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from projections.kernel import Counts, Row, View, metadata, view_table


@dataclass(frozen=True, slots=True)
class ClientSums:
    """The contacts of a client, and its deals by id. It has no row until it was contacted."""

    id: UUID
    origin: str = "unknown"
    contacts: int = 0
    words: tuple[str, ...] = ()
    deals: Mapping[UUID, Decimal] | None = None
    archived: bool = False


SUMS = view_table(
    "test_sums",
    Column("contacts", BigInteger, nullable=False),
    Column("words", ARRAY(Text)),
    Index("test_sums_contacts", "contacts"),
)
DEALS = Table(
    "test_sums_deals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("deal_id", Uuid, primary_key=True),
    Column("amount", Numeric, nullable=False),
)
ORIGINS = Table(
    "test_sums_origins",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("clients", BigInteger, nullable=False),
    Column("amount", Numeric, nullable=False),
)


class SumsView(View[ClientSums]):
    """Open and won deals by origin. `broken` lists texts of contacts that make it fail: to fold, to show, to write."""

    name: ClassVar = "test_sums"
    reads: ClassVar[frozenset[type[Event]]] = frozenset(
        {ClientRegistered, ContactRecorded, DealOpened, DealWon, DealLost, ClientArchived}
    )
    table: ClassVar = SUMS
    part_tables: ClassVar = (DEALS,)
    counter_tables: ClassVar = (ORIGINS,)
    state_type: ClassVar = ClientSums

    def start(self, stream_id: UUID) -> ClientSums:
        return ClientSums(stream_id)

    def evolve(self, state: ClientSums, recorded: Recorded) -> ClientSums:
        match recorded.event:
            case ClientRegistered(origin=origin):
                return replace(state, origin=origin or "unknown")
            case ContactRecorded(summary=summary):
                if summary == FAILS_TO_FOLD:
                    raise ValueError("cannot fold")
                return replace(state, contacts=state.contacts + 1, words=(*state.words, summary or "")[-3:])
            case DealOpened(deal_id=key, amount=amount) | DealWon(deal_id=key, revenue=amount):
                return replace(state, deals={**(state.deals or {}), key: amount})
            case DealLost(deal_id=key):
                return replace(state, deals={k: v for k, v in (state.deals or {}).items() if k != key})
            case _:
                return replace(state, archived=True)

    def columns(self, state: ClientSums) -> Row | None:
        if FAILS_TO_SHOW in state.words:
            raise ValueError("cannot show")
        number: Any = None if FAILS_TO_WRITE in state.words else state.contacts
        return None if state.archived or not state.contacts else (number, list(state.words))

    def parts(self, state: ClientSums) -> Mapping[Table, Sequence[Row]]:
        return {DEALS: [(state.id, key, amount) for key, amount in (state.deals or {}).items()]}

    def counts(self, state: ClientSums) -> Mapping[Table, Counts]:
        return {ORIGINS: [((state.origin,), (1, sum((state.deals or {}).values(), Decimal())))]}


FAILS_TO_FOLD, FAILS_TO_SHOW, FAILS_TO_WRITE = "fails to fold", "fails to show", "fails to write"
SUMS_VIEW = SumsView()
