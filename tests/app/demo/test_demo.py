"""The made-up firm: the same for the same seed, plausible, and marked as made up."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.demo.goods import SCARCE, SCARCE_ON_HAND, SOLD
from app.demo.load import begun_on, is_loaded, load_demo
from app.execute import STOCK
from app.services import Services
from domain.catalogue.codes import stock_id
from domain.client.order_events import OrderPlaced
from domain.client.owners import OWNERS
from domain.client.registration import ClientRegistered
from domain.kernel import Recorded, Refused
from domain.stock.events import ArrivalChanged, ArrivalExpected, PromiseMoved

UNTIL = date(2026, 3, 1)
CLIENTS = 40


async def load(services: Services, seed: int = 8, until: date = UNTIL) -> list[Recorded]:
    """Load a small firm; returns its events."""
    told: list[int] = []
    await load_demo(services, clients=CLIENTS, seed=seed, until=until, progress=told.append)
    assert sum(told) == CLIENTS
    return await services.store.read_log(0, 10_000)


def content(events: list[Recorded]) -> list[Any]:
    """What does not depend on when and in which order the events of clients were recorded."""
    clients = filter(_of_client, events)
    return sorted((str(e.stream_id), e.version, e.occurred_at, e.event.model_dump_json()) for e in clients)


async def test_the_same_seed_and_date_make_the_same_clients(services: Services, twin: Services) -> None:
    assert content(await load(services)) == content(await load(twin))


async def test_it_is_a_plausible_firm_marked_as_made_up(services: Services) -> None:
    events = await load(services)
    topics = Counter(recorded.event.topic for recorded in events)
    assert topics["employees.registered"] == 12
    assert topics["clients.registered"] == CLIENTS
    told = ("contacts.recorded", "handoffs.accepted", "deals.won", "orders.placed", "inquiries.answered")
    told += ("obligations.undertaken", "obligations.fulfilled", "approvals.given")
    told += ("proposals.sent", "proposals.accepted", "orders.shipped", "invoices.issued", "payments.allocated")
    assert [name for name in told if not topics[name]] == []
    assert topics["scripts.published"] == 2
    written = ("policy.published", "search_assignments.given", "team_work.started", "templates.published")
    assert [topics[name] for name in written] == [1, 4, 1, 4]
    assert all(recorded.occurred_at < datetime(2026, 3, 1, tzinfo=UTC) for recorded in events if _of_client(recorded))
    names = [e.event.external_id for e in events if isinstance(e.event, ClientRegistered)]
    assert all(name and name.startswith("demo-") for name in names)


async def test_the_last_orders_of_the_present_firm_wait_for_what_comes_in(services: Services) -> None:
    events = await load(services, until=datetime.now(UTC).date())
    expected = {recorded.event.expected_on for recorded in events if isinstance(recorded.event, ArrivalExpected)}
    ordered = [recorded.event for recorded in events if isinstance(recorded.event, OrderPlaced)]
    scarce = [order.lines[0].promised for order in ordered if order.lines[0].article == SCARCE]
    at_once = [part.quantity for promised in scarce for part in promised if part.promised_on is None]
    later = {part.promised_on for promised in scarce for part in promised if part.promised_on}
    assert sum(at_once) == SCARCE_ON_HAND
    assert later
    assert later < expected
    put_off = {recorded.event.expected_on for recorded in events if isinstance(recorded.event, ArrivalChanged)}
    moves = [recorded.event for recorded in events if isinstance(recorded.event, PromiseMoved)]
    assert put_off <= {part.promised_on for move in moves for part in move.slices}
    assert min(put_off) > min(later)


async def test_what_is_shipped_was_reserved(services: Services) -> None:
    await load(services)
    for article in SOLD:
        stock = await services.executor.read(STOCK, stock_id(article))
        assert all(shelf.on_hand >= shelf.reserved >= 0 for shelf in stock.shelves.values())


def _of_client(recorded: Recorded) -> bool:
    return type(recorded.event) in OWNERS


async def test_a_load_that_was_broken_off_goes_on(services: Services, twin: Services) -> None:
    whole = await load(twin)

    class BrokenOff(Exception):
        pass

    def stop(_: int) -> None:
        raise BrokenOff

    with pytest.raises(ExceptionGroup):
        await load_demo(services, clients=CLIENTS, seed=8, until=UNTIL, progress=stop)
    assert await begun_on(services.executor)
    assert not await is_loaded(services.executor)
    assert content(await load(services)) == content(whole)
    assert await is_loaded(services.executor)


async def test_it_is_not_loaded_twice(services: Services) -> None:
    await load(services)
    with pytest.raises(Refused, match="employee_exists"):
        await load(services)
