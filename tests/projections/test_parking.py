"""A client that a view cannot take stands still in that view; the other clients and the other views go on."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.contacts import ContactRecorded, Direction, Outcome
from domain.client.deal_events import DealOpened
from domain.client.registration import ClientRegistered
from domain.kernel import Recorded
from domain.types import Channel, Step
from projections.card import CardView
from projections.kernel import View
from projections.loading import RebuildFailed
from projections.log import StoredRow, driver
from projections.rebuild import rebuild
from tests.projections import sums
from tests.projections.firm import client_id
from tests.projections.histories import Fact
from tests.projections.support import all_rows, prepared, project, running
from tests.spec import START

BAD, GOOD = client_id(1), client_id(2)
VIEWS: tuple[View[Any], ...] = (sums.SUMS_VIEW, CardView())


def registered(client: UUID) -> Fact:
    return Fact(client, ClientRegistered(name="Somebody", origin="social"), START)


def contacted(client: UUID, summary: str) -> Fact:
    event = ContactRecorded(
        contact_id=client, channel=Channel.PHONE, direction=Direction.INBOUND, outcome=Outcome.REACHED, summary=summary
    )
    return Fact(client, event, START)


def deal(client: UUID) -> Fact:
    event = DealOpened(deal_id=client, step=Step.FIRST_DEAL, amount=Decimal(5), currency="EUR")
    return Fact(client, event, START)


async def parked(engine: AsyncEngine) -> list[tuple[str, UUID, int]]:
    async with engine.connect() as connection:
        raw = await driver(connection)
        return [tuple(row) for row in await raw.fetch("SELECT view, stream_id, position FROM parked ORDER BY 1, 2")]


@pytest.mark.parametrize("page", [1, 3, 100])
async def test_a_client_that_cannot_be_folded_waits_and_the_others_go_on(engine: AsyncEngine, page: int) -> None:
    log = await prepared(engine, VIEWS)
    await log.add([registered(BAD), registered(GOOD), contacted(BAD, "fine"), contacted(BAD, sums.FAILS_TO_FOLD)])
    await log.add([deal(BAD), deal(GOOD), contacted(GOOD, "fine")])
    await project(log, VIEWS, page)
    assert await parked(engine) == [("test_sums", BAD, 4)]
    rows = await all_rows(engine, VIEWS)
    assert {row[0] for row in rows["test_sums"]} == {BAD, GOOD}
    assert rows["test_sums_deals"] == [(GOOD, GOOD, Decimal(5))]
    assert rows["test_sums_origins"] == [("social", 2, Decimal(5))]
    assert {row[0] for row in rows["cards"]} == {BAD, GOOD}


@pytest.mark.parametrize("failing", [sums.FAILS_TO_SHOW, sums.FAILS_TO_WRITE])
@pytest.mark.parametrize("page", [1, 100])
async def test_a_client_that_cannot_be_shown_or_written_waits(engine: AsyncEngine, failing: str, page: int) -> None:
    log = await prepared(engine, VIEWS)
    await log.add([registered(BAD), registered(GOOD), contacted(GOOD, "fine"), contacted(BAD, failing), deal(GOOD)])
    await project(log, VIEWS, page)
    assert [(view, client) for view, client, _ in await parked(engine)] == [("test_sums", BAD)]
    rows = await all_rows(engine, VIEWS)
    assert [row[0] for row in rows["test_sums"]] == [GOOD]
    assert rows["test_sums_deals"] == [(GOOD, GOOD, Decimal(5))]


async def test_an_event_that_cannot_be_decoded_parks_its_client_in_the_views_that_read_it(engine: AsyncEngine) -> None:
    log = await prepared(engine, VIEWS)
    await log.add([registered(BAD), registered(GOOD), contacted(BAD, "fine"), contacted(GOOD, "fine")])
    async with engine.connect() as connection:
        await (await driver(connection)).execute("UPDATE events SET state = 'not JSON' WHERE notification_id = 3")
    await project(log, VIEWS)
    assert await parked(engine) == [("card", BAD, 3), ("test_sums", BAD, 3)]
    assert [row[0] for row in (await all_rows(engine, VIEWS))["test_sums"]] == [GOOD]


@pytest.mark.parametrize("failing", [sums.FAILS_TO_FOLD, sums.FAILS_TO_SHOW, sums.FAILS_TO_WRITE])
async def test_a_parked_client_goes_on_once_the_view_has_learnt_to_take_it(
    engine: AsyncEngine, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = await prepared(engine, VIEWS)
    await log.add([registered(BAD), contacted(BAD, "fine"), deal(BAD)])
    await project(log, VIEWS)
    await log.add([contacted(BAD, failing), contacted(BAD, "fine")])
    await project(log, VIEWS)
    assert await parked(engine)
    for name in ("FAILS_TO_FOLD", "FAILS_TO_SHOW", "FAILS_TO_WRITE"):
        monkeypatch.setattr(sums, name, "nothing")
    async with running(log, VIEWS) as projector:
        await log.add([contacted(BAD, "the last")])
        projector.wake()
        assert await projector.wait_for(["test_sums"], log.head, 5)
    assert await parked(engine) == []
    live = await all_rows(engine, VIEWS)
    await rebuild(engine, VIEWS, log.decode)
    assert await all_rows(engine, VIEWS) == live


@pytest.mark.parametrize("failing", [sums.FAILS_TO_FOLD, sums.FAILS_TO_SHOW, sums.FAILS_TO_WRITE])
async def test_a_rebuild_fails_loudly_and_leaves_everything_as_it_was(engine: AsyncEngine, failing: str) -> None:
    log = await prepared(engine, VIEWS)
    await log.add([registered(GOOD), contacted(GOOD, "fine")])
    await project(log, VIEWS)
    await log.add([registered(BAD), contacted(BAD, failing)])
    before = await all_rows(engine, VIEWS)
    with pytest.raises(RebuildFailed) as failed:
        await rebuild(engine, VIEWS, log.decode)
    assert failed.value.view == "test_sums"
    assert await all_rows(engine, VIEWS) == before
    async with engine.connect() as connection:
        sql = "SELECT count(*) FROM pg_namespace WHERE starts_with(nspname::text, 'rebuild_')"
        assert await (await driver(connection)).fetchval(sql) == 0


async def test_a_failing_database_parks_nobody(engine: AsyncEngine) -> None:
    log = await prepared(engine, VIEWS)
    await log.add([registered(GOOD), contacted(GOOD, "fine")])
    answers, as_usual = [OSError("no connection"), TimeoutError()], log.decode

    async def decode(rows: Sequence[StoredRow]) -> list[Recorded]:
        if answers:
            raise answers.pop()
        return await as_usual(rows)

    log.decode = decode
    async with running(log, VIEWS) as projector:
        assert await projector.wait_for(["test_sums", "card"], log.head, 5)
    assert await parked(engine) == []
