"""The conveyor board: who waits in which step since when, with counters so that totals need no scan."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, Numeric, Table, Text, Uuid

from domain.client.card import CardChanged
from domain.client.category_events import CategoryAssigned
from domain.client.deal_events import DealChanged, DealLost, DealOpened, DealReopened, DealWon
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from projections.kernel import Counts, Row, View, metadata, view_table
from projections.place import PLACE_EVENTS, Place, Status

NOBODY = UUID(int=0)
"""The owner under whom clients without one are counted."""
NO_CURRENCY = ""
"""The currency under which clients are counted; amounts are counted under their own."""
NO_CATEGORY = ""
"""The category under which clients without one are counted."""


class BoardDeal(NamedTuple):
    """A deal with its expected amount; `lost` until it is reopened."""

    amount: Decimal
    currency: str
    lost: bool = False


class BoardCard(NamedTuple):
    """A client on the board, with its deals that are not won."""

    id: UUID
    name: str | None = None
    category: str | None = None
    place: Place = Place()
    deals: Mapping[UUID, BoardDeal] = {}

    @property
    def open_amounts(self) -> dict[str, tuple[int, Decimal]]:
        """By currency: how many deals are open, and what is expected of them in all."""
        sums: dict[str, tuple[int, Decimal]] = {}
        for deal in self.deals.values():
            if not deal.lost:
                count, amount = sums.get(deal.currency, (0, Decimal()))
                sums[deal.currency] = (count + 1, amount + deal.amount)
        return sums


BOARD = view_table(
    "board",
    Column("step", Text),
    Column("step_since", DateTime(timezone=True), nullable=False),
    Column("owner_id", Uuid),
    Column("category", Text),
    Index("board_step", "step", "step_since", "id"),
    Index("board_owner", "owner_id", "step", "step_since", "id"),
)
"""One row per client. `step` is NULL while the client is not on the board: disqualified or archived."""
BOARD_COUNTS = Table(
    "board_counts",
    metadata,
    Column("step", Text, primary_key=True),
    Column("owner_id", Uuid, primary_key=True),
    Column("category", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("clients", BigInteger, nullable=False),
    Column("deals", BigInteger, nullable=False),
    Column("amount", Numeric, nullable=False),
)
"""Clients on the board (counted under `NO_CURRENCY`), their open deals and what is expected of those by currency."""


class BoardView(View[BoardCard]):
    """The board by step."""

    name: ClassVar = "board"
    reads: ClassVar[frozenset[type[Event]]] = PLACE_EVENTS | {
        CardChanged,
        CategoryAssigned,
        DealOpened,
        DealChanged,
        DealWon,
        DealLost,
        DealReopened,
    }
    table: ClassVar = BOARD
    counter_tables: ClassVar = (BOARD_COUNTS,)
    state_type = BoardCard

    def start(self, stream_id: UUID) -> BoardCard:
        return BoardCard(stream_id)

    def evolve(self, state: BoardCard, recorded: Recorded) -> BoardCard:
        return _FOLDS.get(type(recorded.event), _moved)(state, recorded)

    def columns(self, state: BoardCard) -> Row | None:
        place = state.place
        if place.since is None:
            return None
        return (place.step if _is_shown(state) else None, place.since, place.owner, state.category)

    def counts(self, state: BoardCard) -> Mapping[Table, Counts]:
        if not _is_shown(state):
            return {}
        key = (state.place.step, state.place.owner or NOBODY, state.category or NO_CATEGORY)
        amounts = [((*key, currency), (0, *numbers)) for currency, numbers in state.open_amounts.items()]
        return {BOARD_COUNTS: [((*key, NO_CURRENCY), (1, 0, Decimal())), *amounts]}


def _is_shown(state: BoardCard) -> bool:
    return state.place.since is not None and state.place.status is Status.ACTIVE


def _registered(state: BoardCard, recorded: Recorded) -> BoardCard:
    event = recorded.event
    assert isinstance(event, ClientRegistered)
    return BoardCard(state.id, event.name, event.category, state.place.evolve(recorded), state.deals)


def _changed(state: BoardCard, recorded: Recorded) -> BoardCard:
    event = recorded.event
    assert isinstance(event, CardChanged)
    values = {name: getattr(event, name) for name in ("name", "category") if name in event.changed}
    return state._replace(**values) if values else state


def _categorised(state: BoardCard, recorded: Recorded) -> BoardCard:
    event = recorded.event
    assert isinstance(event, CategoryAssigned)
    return state._replace(category=event.category.value)


def _moved(state: BoardCard, recorded: Recorded) -> BoardCard:
    return BoardCard(state.id, state.name, state.category, state.place.evolve(recorded), state.deals)


def _traded(state: BoardCard, recorded: Recorded) -> BoardCard:
    return BoardCard(state.id, state.name, state.category, state.place, _deals_after(state.deals, recorded.event))


def _deals_after(deals: Mapping[UUID, BoardDeal], event: Event) -> Mapping[UUID, BoardDeal]:
    """The deals after one was opened, changed or closed. What is not known is passed over: it may be dated later."""
    after = dict(deals)
    match event:
        case DealOpened(deal_id=key, amount=amount, currency=currency):
            after[key] = BoardDeal(amount, currency)
        case DealChanged(deal_id=key, amount=amount) if key in after and amount is not None:
            after[key] = after[key]._replace(amount=amount)
        case DealWon(deal_id=key):
            after.pop(key, None)
        case DealLost(deal_id=key) | DealReopened(deal_id=key) if key in after:
            after[key] = after[key]._replace(lost=isinstance(event, DealLost))
        case _:
            pass
    return after


_FOLDS: Mapping[type[Event], Callable[[BoardCard, Recorded], BoardCard]] = {
    ClientRegistered: _registered,
    CardChanged: _changed,
    CategoryAssigned: _categorised,
    DealOpened: _traded,
    DealChanged: _traded,
    DealWon: _traded,
    DealLost: _traded,
    DealReopened: _traded,
}
"""How each event is taken in; the others say where the client stands."""
