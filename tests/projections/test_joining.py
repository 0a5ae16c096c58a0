"""What a merged client brought counts with the survivor, and with itself again after they are parted."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.client.merging import ClientAbsorbed, ClientMerged, ClientReleased, ClientUnmerged
from projections.cohorts import CohortQuestion, cohorts
from projections.duplicates import DuplicatesView
from projections.kernel import View
from projections.log import StoredRow, read_histories
from projections.paging import Page
from projections.period import Period
from projections.purchase_history import purchase_histories
from projections.rebuild import rebuild
from projections.segments import SegmentBy, segments
from projections.value_clients import Buyers, buyers
from projections.value_report import ValueBy, ValueQuestion, value_by_segment
from tests.projections.histories import Fact
from tests.projections.log_of_facts import Log
from tests.projections.support import prepared, project, rows_of
from tests.projections.test_value import QUARTERS, VIEW, YEAR_AFTER, order, payment, registered
from tests.projections.test_value_query import story

LOSER, SURVIVOR, LAST = (UUID(int=100 + number) for number in range(3))
EVER = Period()
MOMENT = datetime(2025, 1, 1, 9, tzinfo=UTC)
FACTS = [
    *story(
        0,
        registered(industry="wood"),
        (QUARTERS[0], order(1, "1000", "600")),
        (QUARTERS[1], order(2, "2000", "1200")),
        (QUARTERS[1], payment(3, "500")),
    ),
    *story(1, registered(industry="metal"), (QUARTERS[2], order(11, "4000")), (YEAR_AFTER, order(12, "70"))),
    *story(2, registered(industry="stone"), (YEAR_AFTER, order(21, "5"))),
]


def merges(loser: UUID, survivor: UUID) -> list[Fact]:
    return [
        Fact(loser, ClientMerged(into_id=survivor), MOMENT),
        Fact(survivor, ClientAbsorbed(client_id=loser), MOMENT),
    ]


def parts(loser: UUID, survivor: UUID) -> list[Fact]:
    return [
        Fact(loser, ClientUnmerged(from_id=survivor), MOMENT),
        Fact(survivor, ClientReleased(client_id=loser), MOMENT),
    ]


@pytest.fixture
async def log(engine: AsyncEngine) -> Log:
    log = await prepared(engine, [VIEW])
    await log.add(FACTS)
    return log


async def happened(log: Log, facts: Sequence[Fact], page: int = 2000) -> None:
    await log.add(facts)
    await project(log, [VIEW], page)


async def by_industry(engine: AsyncEngine, period: Period = EVER) -> tuple[dict[str, Decimal], Any]:
    async with engine.connect() as connection:
        report = await value_by_segment(connection, ValueQuestion(ValueBy.INDUSTRY, period))
    return {item["industry"]: item["revenue"] for item in report.items}, report.total


async def listed(engine: AsyncEngine) -> dict[UUID, tuple[int, Decimal, Decimal]]:
    async with engine.connect() as connection:
        page = await buyers(connection, Buyers(), Page())
    return {item["id"]: (item["purchases"], item["revenue"], item["paid"]) for item in page.items}


async def test_purchases_and_payments_move_to_the_survivor_and_the_sums_stay(engine: AsyncEngine, log: Log) -> None:
    await happened(log, [])
    apart, total = await by_industry(engine)
    await happened(log, merges(LOSER, SURVIVOR))
    merged, same = await by_industry(engine)
    assert apart == {"wood": 3000, "metal": 4070, "stone": 5}
    assert merged == {"metal": 7070, "stone": 5}
    assert {**same, "clients": 3, "currencies": {"EUR": {**same["currencies"]["EUR"], "clients": 3}}} == total
    assert same["clients"] == 2
    assert await listed(engine) == {SURVIVOR: (4, 7070, 500), LAST: (1, 5, 0)}
    half, _ = await by_industry(engine, Period(QUARTERS[1], datetime(2023, 7, 20, tzinfo=UTC)))
    assert half == {"metal": 6000}


async def test_its_cohort_its_rhythm_and_its_segment_are_of_all_purchases(engine: AsyncEngine, log: Log) -> None:
    await happened(log, merges(LOSER, SURVIVOR))
    async with engine.connect() as connection:
        first, *_ = await cohorts(connection, CohortQuestion(date(2024, 1, 1)))
        history = {each.client_id: each for each in await purchase_histories(connection, "EUR", MOMENT)}
        found = {each.value: each for each in await segments(connection, SegmentBy.INDUSTRY, Period())}
    assert (first.month, first.clients, first.months[-1].revenue) == (date(2023, 1, 1), 1, 7070)
    assert (history[SURVIVOR].repeats, history[SURVIVOR].first_on) == (3, QUARTERS[0].date())
    assert LOSER not in history
    assert (found["metal"].clients, found["metal"].registered) == (1, 1)
    assert "wood" not in found


async def test_parted_all_is_as_before(engine: AsyncEngine, log: Log) -> None:
    await happened(log, [])
    before = await by_industry(engine), await listed(engine)
    await happened(log, [*merges(LOSER, SURVIVOR), *parts(LOSER, SURVIVOR)])
    assert (await by_industry(engine), await listed(engine)) == before


async def test_a_chain_brings_everything_to_its_end(engine: AsyncEngine, log: Log) -> None:
    chain = [*merges(LOSER, SURVIVOR), *merges(SURVIVOR, LAST)]
    await happened(log, chain)
    assert await listed(engine) == {LAST: (5, 7075, 500)}
    await happened(log, [*parts(SURVIVOR, LAST), *parts(LOSER, SURVIVOR)])
    assert set(await listed(engine)) == {LOSER, SURVIVOR, LAST}


@pytest.mark.parametrize("page", [1, 3, 2000])
async def test_live_equals_rebuilt_wherever_pages_end(engine: AsyncEngine, log: Log, page: int) -> None:
    await happened(log, [*merges(LOSER, SURVIVOR), *merges(SURVIVOR, LAST)], page)
    live = await rows_of(engine, VIEW)
    await rebuild(engine, [VIEW], log.decode)
    assert await rows_of(engine, VIEW) == live


@pytest.mark.parametrize(("view", "queries"), [(VIEW, 2), (DuplicatesView(), 0)], ids=["value", "duplicates"])
async def test_histories_are_read_together_and_only_for_views_that_look_at_them(
    engine: AsyncEngine, log: Log, monkeypatch: pytest.MonkeyPatch, view: View[Any], queries: int
) -> None:
    """Two for a chain of two, however many merges a page has."""
    others = [UUID(int=500 + number) for number in range(20)]
    await log.add([Fact(other, registered(), MOMENT) for other in others])
    await log.add([fact for other in others for fact in merges(other, LOSER)])
    await log.add(merges(LOSER, SURVIVOR))
    asked: list[int] = []

    async def counted(connection: AsyncConnection, clients: Sequence[UUID], *rest: Any) -> list[StoredRow]:
        asked.append(len(clients))
        return await read_histories(connection, clients, *rest)

    monkeypatch.setattr("projections.joining.read_histories", counted)
    await rebuild(engine, [view], log.decode)
    assert len(asked) == queries


async def test_what_came_after_the_merge_was_parted_is_the_losers(engine: AsyncEngine, log: Log) -> None:
    """Nothing is recorded on a merged client; once it is one of its own again its purchases are its own."""
    again = [Fact(LOSER, order(4, "9"), MOMENT)]
    await happened(log, [*merges(LOSER, SURVIVOR), *parts(LOSER, SURVIVOR), *again, *merges(LOSER, LAST)])
    assert await listed(engine) == {SURVIVOR: (2, 4070, 0), LAST: (4, 3014, 500)}


async def test_clients_that_were_merged_into_each_other_in_turn_are_counted_once(engine: AsyncEngine, log: Log) -> None:
    back_and_forth = [
        fact
        for one, other in [(LOSER, SURVIVOR), (SURVIVOR, LOSER)] * 6
        for fact in (*merges(one, other), *parts(one, other))
    ]
    await happened(log, [*back_and_forth, *merges(LOSER, SURVIVOR)], page=5)
    assert await listed(engine) == {SURVIVOR: (4, 7070, 500), LAST: (1, 5, 0)}
