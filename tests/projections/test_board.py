"""The board: events in, rows and counters out; and its columns, on a real database."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.archive import ClientArchived, ClientRestored
from domain.client.card import CardChanged
from domain.client.deal_events import DealChanged, DealLost, DealReopened
from domain.client.deal_reasons import LossReason
from domain.client.qualification import ClientDisqualified, DisqualificationReason
from domain.types import STEPS, Step
from projections.board import BOARD_COUNTS, NO_CATEGORY, NO_CURRENCY, NOBODY, BoardCard, BoardDeal, BoardView
from projections.board_query import BoardFilter, OpenAmount, board
from projections.paging import BadCursor
from projections.place import Place
from projections.standing import Standing
from tests.domain.facts import ASSIGNED, DEAL, IN_FIRST_DEAL, REGISTERED, WITH_DEAL, WITH_WON_DEAL
from tests.projections.filled import fill, seen
from tests.spec import CLIENT_ID, CLOSER, MANAGER, SELLER, START, at, day

VIEW = BoardView()
LEADS, FIRST, SERVICE = STEPS
Shown = tuple[int, list[int], list[OpenAmount]]
LOST = DealLost(deal_id=DEAL, reason=LossReason.PRICE)
HIDDEN = (
    ClientArchived(step=Step.LEAD_GENERATION),
    ClientDisqualified(step=Step.LEAD_GENERATION, reason=DisqualificationReason.NO_NEED),
)


def row(*history: Any) -> Any:
    """The row of a client with this history: step, since, owner, category."""
    return VIEW.columns(seen(VIEW, history))


def counts(*history: Any) -> Any:
    """What a client with this history adds to the counters."""
    return dict(VIEW.counts(seen(VIEW, history)).get(BOARD_COUNTS, ()))


class TestFold:
    def test_a_client_that_is_not_registered_is_not_there(self) -> None:
        assert VIEW.columns(VIEW.start(CLIENT_ID)) is None
        assert VIEW.counts(VIEW.start(CLIENT_ID)) == {}

    def test_a_new_client_waits_from_its_registration(self) -> None:
        assert row(at(day(1), REGISTERED)) == (LEADS, day(1), None, None)
        assert row(REGISTERED, ASSIGNED) == (LEADS, START, SELLER.id, None)

    def test_a_handoff_moves_the_client(self) -> None:
        assert row(*IN_FIRST_DEAL) == (FIRST, day(4), CLOSER.id, None)

    def test_name_and_category_follow_the_card(self) -> None:
        changed = CardChanged(changed=("category", "name"), name="New", category="VIP")
        assert row(REGISTERED, changed)[3] == "VIP"
        assert seen(VIEW, [REGISTERED, changed]).name == "New"

    @pytest.mark.parametrize("event", HIDDEN)
    def test_a_client_that_is_not_worked_is_hidden_but_kept(self, event: Any) -> None:
        assert row(REGISTERED, ASSIGNED, event) == (None, START, SELLER.id, None)
        assert counts(REGISTERED, event) == {}

    def test_a_restored_client_is_back(self) -> None:
        assert row(REGISTERED, HIDDEN[0], ClientRestored(step=Step.LEAD_GENERATION))[0] == LEADS

    def test_open_deals_are_counted_under_their_currency(self) -> None:
        client = {(FIRST, CLOSER.id, "", NO_CURRENCY): (1, 0, 0)}
        assert counts(*IN_FIRST_DEAL) == client
        opened = client | {(FIRST, CLOSER.id, "", "EUR"): (0, 1, Decimal(1000))}
        assert counts(*WITH_DEAL) == opened
        assert counts(*WITH_DEAL, LOST) == client
        assert counts(*WITH_DEAL, LOST, DealReopened(deal_id=DEAL)) == opened
        assert counts(*WITH_WON_DEAL) == client

    def test_the_counters_follow_what_is_expected_of_a_deal(self) -> None:
        changed = DealChanged(deal_id=DEAL, changed=("amount",), amount=Decimal(1500))
        renamed = DealChanged(deal_id=DEAL, changed=("title",), title="Rails")
        assert counts(*WITH_DEAL, changed, renamed)[FIRST, CLOSER.id, "", "EUR"] == (0, 1, 1500)
        assert counts(*IN_FIRST_DEAL, changed) == counts(*IN_FIRST_DEAL)

    def test_nobody_and_no_category_have_counters_of_their_own(self) -> None:
        assert counts(REGISTERED) == {(LEADS, NOBODY, "", NO_CURRENCY): (1, 0, 0)}

    def test_a_deal_that_is_not_known_is_passed_over(self) -> None:
        assert counts(*IN_FIRST_DEAL, LOST) == counts(*IN_FIRST_DEAL)


def client(number: int, step: str = LEADS.value, since: float = 0, **fields: Any) -> BoardCard:
    """A client on the board."""
    owner, standing = fields.pop("owner", None), fields.pop("standing", Standing())
    place = Place(step, day(since), {step: owner} if owner else {}, standing)
    return BoardCard(UUID(int=number), f"Client {number}", place=place, **fields)


def deals(*amounts: tuple[int, str]) -> dict[UUID, BoardDeal]:
    """Open deals."""
    return {UUID(int=number): BoardDeal(Decimal(amount), code) for number, (amount, code) in enumerate(amounts)}


async def fill_board(engine: AsyncEngine, clients: list[BoardCard]) -> None:
    """A board with these clients."""
    await fill(engine, VIEW, [(each.id, each) for each in clients])


async def test_columns(engine: AsyncEngine) -> None:
    await fill_board(
        engine,
        [
            client(1, since=3, owner=SELLER.id),
            client(2, since=1, category="A"),
            client(3, since=2, standing=Standing(archived=True)),
            client(4, FIRST.value, owner=CLOSER.id, category="A", deals=deals((10, "EUR"), (5, "USD"), (7, "EUR"))),
            client(5, FIRST.value, since=1, owner=MANAGER.id, deals=deals((1, "EUR"))),
        ],
    )

    async def shown(wanted: BoardFilter) -> list[Shown]:
        async with engine.connect() as connection:
            columns = await board(connection, wanted)
        assert [column.step for column in columns] == list(STEPS)
        return [(each.clients, [card.id.int for card in each.cards], each.open_amounts) for each in columns]

    usd = OpenAmount("USD", 1, Decimal(5))
    nothing: Shown = (0, [], [])
    assert await shown(BoardFilter()) == [
        (2, [2, 1], []),
        (2, [4, 5], [OpenAmount("EUR", 3, Decimal(18)), usd]),
        nothing,
    ]
    first = (1, [4], [OpenAmount("EUR", 2, Decimal(17)), usd])
    assert await shown(BoardFilter(owner_ids=[CLOSER.id])) == [nothing, first, nothing]
    assert await shown(BoardFilter(categories=["A"])) == [(1, [2], []), first, nothing]
    without = (1, [5], [OpenAmount("EUR", 1, Decimal(1))])
    assert await shown(BoardFilter(categories=[NO_CATEGORY])) == [(1, [1], []), without, nothing]
    assert await shown(BoardFilter(categories=["A", NO_CATEGORY])) == await shown(BoardFilter())
    assert await shown(BoardFilter(unassigned=True)) == [(1, [2], []), nothing, nothing]
    assert await shown(BoardFilter([SELLER.id], unassigned=True)) == [(2, [2, 1], []), nothing, nothing]
    assert await shown(BoardFilter([SELLER.id], categories=["A"])) == [nothing] * 3


async def test_a_cursor_belongs_to_its_step(engine: AsyncEngine) -> None:
    await fill_board(engine, [client(number) for number in (1, 2)])
    async with engine.connect() as connection:
        [column] = await board(connection, BoardFilter(), [LEADS], limit=1)
        for cursor in (column.next_cursor, "", "x"):
            with pytest.raises(BadCursor):
                await board(connection, BoardFilter(), [FIRST], cursor=cursor)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(waits=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3)), max_size=15), limit=st.integers(1, 4))
async def test_pages_of_a_column_bring_every_client_once_and_in_order(
    engine: AsyncEngine, waits: list[tuple[Step, int]], limit: int
) -> None:
    clients = [client(number, step.value, since) for number, (step, since) in enumerate(waits, start=1)]
    await fill_board(engine, clients)
    async with engine.connect() as connection:
        for step in STEPS:
            found: list[UUID] = []
            [column] = await board(connection, BoardFilter(), [step], limit)
            found += [card.id for card in column.cards]
            while column.next_cursor:
                [column] = await board(connection, BoardFilter(), [step], limit, column.next_cursor)
                found += [card.id for card in column.cards]
            ordered = sorted((c for c in clients if c.place.step == step), key=lambda c: (c.place.since, c.id))
            assert found == [each.id for each in ordered]
            assert column.clients == len(found)
