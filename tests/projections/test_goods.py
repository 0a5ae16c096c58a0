"""The views of goods and money: the catalogue, the queue of the warehouses, debts by age."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.catalogue.codes import stock_id
from domain.client.account_events import InvoiceIssued, PaymentAllocated, PaymentReleased
from domain.client.assignment import EmployeeAssigned
from domain.client.registration import ClientRegistered
from domain.kernel import Event
from domain.stock.events import (
    ArrivalExpected,
    DaysRenewed,
    PromisedSlice,
    PromiseMoved,
    Slice,
    StockIssued,
    StockReleased,
    StockReserved,
)
from domain.stock.shelf import UNDATED, LineOfOrder, total
from domain.types import Step
from projections import searching
from projections.catalogue import CatalogueView, WantedArticles, articles
from projections.debts import Age, DebtsView, WantedDebts, debts, debts_by_age
from projections.kernel import View
from projections.paging import Page
from projections.promises import PROMISES, PromisesView
from projections.warehouse import WarehouseView
from projections.warehouse_query import (
    WantedOrders,
    WantedPromises,
    broken_promises,
    overdue_articles,
    queue,
    stock_of_arrival,
)
from tests.domain.stock.histories import ARTICLE, WAREHOUSE, histories
from tests.projections.goods import catalogue, ordering
from tests.projections.histories import Act, Fact, Firm, acts
from tests.projections.support import prepared, project
from tests.spec import SELLER, day, recorded
from tests.spec import Fact as Happened

VIEWS: Sequence[View[Any]] = (CatalogueView(), WarehouseView(), PromisesView(), DebtsView())
TODAY = date(2026, 6, 1)
DEBTOR = UUID(int=0xDEB)


def owing() -> list[Fact]:
    """A client with one invoice of each age, and one that was paid and taken back in part."""
    past = (0, 1, 30, 31, 60, 61, 90, 91)
    invoices = [
        InvoiceIssued(
            invoice_id=UUID(int=number), amount=Decimal(2**number), currency="EUR", due_on=TODAY - timedelta(days)
        )
        for number, days in enumerate(past)
    ]
    paid = PaymentAllocated(payment_id=UUID(int=99), invoice_id=UUID(int=7), amount=Decimal(128), currency="EUR")
    back = PaymentReleased(payment_id=UUID(int=99), invoice_id=UUID(int=7), amount=Decimal(28), currency="EUR")
    events = (ClientRegistered(name="Debtor", origin="social"), *invoices, paid, back)
    return [Fact(DEBTOR, event, day(number)) for number, event in enumerate(events)]


@pytest.mark.parametrize("few", [0, searching.FEW], ids=["many", "few"])
async def test_the_views_answer_their_questions(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(searching, "FEW", few)
    log = await prepared(engine, VIEWS)
    await log.add([*catalogue(), *ordering(), *owing()])
    await project(log, VIEWS, page=3)
    async with engine.connect() as connection:
        found = await articles(connection, WantedArticles(q="метл", attributes=[("colour", "green")]), Page())
        assert [(item["code"], item["prices"][0]["price"]) for item in found.items] == [("green", Decimal("9.5"))]
        every = await articles(connection, WantedArticles(retired=None), Page(limit=1))
        assert ([item["code"] for item in every.items], every.next_cursor is None) == (["brown"], False)

        open_orders = (await queue(connection, WantedOrders(), Page())).items
        shown = [
            (item["warehouse"], item["confirmed"], [line["open"] for line in item["lines"]]) for item in open_orders
        ]
        assert sorted(shown) == [("far", True, ["9"]), ("main", True, ["2"])]
        assert not (await queue(connection, WantedOrders("main", confirmed=False), Page())).items
        assert not (await queue(connection, WantedOrders(promised_by=TODAY), Page())).items

        (ages,) = await debts_by_age(connection, TODAY)
        assert ages == (None, "EUR", 8, 1, 2 + 4, 8 + 16, 32 + 64, 28)
        for age, owed in ((Age.NOT_DUE, [1]), (Age.DAYS_31_60, [8, 16]), (Age.OVER_90, [28])):
            behind = await debts(connection, WantedDebts(age=age, client_id=DEBTOR), Page(), TODAY)
            assert [item["owed"] for item in behind.items] == owed


SOON, LATER, LATEST = (TODAY + timedelta(days) for days in (5, 9, 20))
OPEN_ORDER, SWEEPERS = UUID(int=0xB1), UUID(int=0xB0)


def slices(warehouse: str, line: int, **days: int) -> tuple[PromisedSlice, ...]:
    """Parts of a line: at once, soon, later, latest or without a day."""
    dates = {"soon": SOON, "later": LATER, "latest": LATEST}
    return tuple(
        PromisedSlice(
            line=line,
            warehouse=warehouse,
            quantity=Decimal(quantity),
            promised_on=dates.get(name),
            undated=name == "undated",
        )
        for name, quantity in days.items()
    )


def promising() -> list[Fact]:
    """The stock behind the open order of `ordering`: nine are open of its second line, two of its first."""
    own: dict[str, Any] = {"article": "green", "order_id": OPEN_ORDER}
    ten = Slice(line=1, warehouse="main", quantity=Decimal(4)), Slice(line=2, warehouse="far", quantity=Decimal(1))
    events = [
        StockReserved(
            client_id=SWEEPERS,
            slices=(*slices("main", 1, now=4, soon=6), *slices("far", 2, now=4, soon=3, undated=3)),
            **own,
        ),
        PromiseMoved(slices=(*slices("main", 1, now=4, soon=6), *slices("far", 2, now=4, soon=3, later=3)), **own),
        StockIssued(shipment_id=UUID(int=0xB9), slices=ten, **own),
        StockReleased(slices=ten[:1], **own),
        PromiseMoved(slices=(*slices("main", 1, now=2), *slices("far", 2, now=3, later=2, latest=1, undated=3)), **own),
    ]
    return [Fact(stock_id("green"), event, day(20)) for event in events]


async def test_a_day_for_each_part_of_a_line_and_the_promises_that_cannot_be_kept(engine: AsyncEngine) -> None:
    log = await prepared(engine, VIEWS)
    owner = EmployeeAssigned(step=Step.LEAD_GENERATION, employee_id=SELLER.id)
    await log.add([*ordering(), *promising(), Fact(SWEEPERS, owner, day(30))])
    await project(log, VIEWS, page=3)
    async with engine.connect() as connection:
        far, main = sorted((await queue(connection, WantedOrders(), Page())).items, key=lambda item: item["warehouse"])
        days = [(part.quantity, part.promised_on, part.undated) for part in far["lines"][0]["parts"]]
        assert days == [(3, None, False), (2, LATER, False), (1, LATEST, False), (3, None, True)]
        assert (far["promised_on"], far["undated"]) == (LATEST, True)
        assert (main["promised_on"], main["undated"], len(main["lines"][0]["parts"])) == (None, False, 1)
        waiting = (await queue(connection, WantedOrders(undated=True), Page())).items
        assert [item["warehouse"] for item in waiting] == ["far"]
        assert len((await queue(connection, WantedOrders(promised_by=TODAY), Page())).items) == 2
        first = await queue(connection, WantedOrders(), Page(limit=1))
        (second,) = (await queue(connection, WantedOrders(), Page(first.next_cursor, 1))).items
        assert {first.items[0]["warehouse"], second["warehouse"]} == {"far", "main"}

        broken = (await broken_promises(connection, WantedPromises(), Page(), TODAY)).items
        assert [(item["quantity"], item["promised_on"], item["expected_on"]) for item in broken] == [
            (2, SOON, LATER),
            (1, SOON, LATEST),
            (3, LATER, None),
        ]
        assert {(item["client_name"], item["owner_id"], item["line"]) for item in broken} == {
            ("Sweepers", SELLER.id, 2)
        }
        paged = await broken_promises(connection, WantedPromises(), Page(limit=2), TODAY)
        rest = await broken_promises(connection, WantedPromises(), Page(paged.next_cursor), TODAY)
        assert [*paged.items, *rest.items] == broken
        none = [
            WantedPromises(owners=[SWEEPERS]),
            WantedPromises(client_id=SELLER.id),
            WantedPromises(article="brown"),
            WantedPromises(warehouse="main"),
        ]
        assert [(await broken_promises(connection, wanted, Page(), TODAY)).items for wanted in none] == [[]] * 4
        assert await overdue_articles(connection, LATER, 10) == []
        assert await overdue_articles(connection, LATER + timedelta(1), 10) == ["green"]
        passed = (await broken_promises(connection, WantedPromises(), Page(), LATEST)).items
        assert [item["expected_on"] for item in passed] == [None, LATEST, None]


def test_what_the_client_was_told_is_promised_until_it_moves_again() -> None:
    own: dict[str, Any] = {"article": "green", "order_id": OPEN_ORDER}
    view = PromisesView()
    events: list[Event] = [
        StockReserved(client_id=SWEEPERS, slices=slices("main", 1, now=4, soon=6), **own),
        PromiseMoved(slices=slices("main", 1, now=4, later=3, undated=3), **own),
        DaysRenewed(slices=slices("main", 1, now=4, later=3, undated=3), **own),
        PromiseMoved(slices=slices("main", 1, now=4, later=3, latest=3), **own),
        PromiseMoved(slices=slices("main", 1, now=4, latest=6), **own),
        DaysRenewed(slices=slices("main", 1, latest=10), **own),
    ]
    state, broken = view.start(stock_id("green")), list[Any]()
    for event in recorded(events, state.id):
        state = view.evolve(state, event)
        broken.append([row[-3:] for row in view.parts(state)[PROMISES] if row[-1] > row[-2]])
    assert broken == [[], [(3, SOON, LATER), (3, SOON, UNDATED)], [], [], [(3, LATER, LATEST)], []]


async def test_of_which_stock_an_arrival_is(engine: AsyncEngine) -> None:
    log = await prepared(engine, VIEWS)
    expected = ArrivalExpected(
        arrival_id=UUID(int=1), article="green", warehouse="main", quantity=Decimal(1), expected_on=SOON
    )
    await log.add([Fact(stock_id("green"), expected, day(20))])
    await project(log, VIEWS)
    async with engine.connect() as connection:
        found = [await stock_of_arrival(connection, UUID(int=number)) for number in (1, 2)]
    assert found == [stock_id("green"), None]


async def test_articles_whose_promises_passed_first_come_first(engine: AsyncEngine) -> None:
    days = (("blue", 2), ("red", 1), ("blue", 4), ("green", 3))
    await prepared(engine, VIEWS)
    rows = [
        (UUID(int=number), DEBTOR, 1, 1, DEBTOR, article, "main", 1, TODAY, TODAY + timedelta(later))
        for number, (article, later) in enumerate(days)
    ]
    async with engine.begin() as connection:
        await connection.execute(insert(PROMISES).values(rows))
        found = [await overdue_articles(connection, TODAY + timedelta(9), limit) for limit in (1, 9)]
    assert found == [["red"], ["red", "blue", "green"]]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 60))
def test_what_is_promised_is_what_decisions_see(seed: int, commands: int) -> None:
    view = PromisesView()
    state = view.start(stock_id(ARTICLE))
    for events, stock in histories(seed, commands):
        for event in recorded(events, state.id):
            state = view.evolve(state, event) if type(event.event) in view.reads else state
        lines = {LineOfOrder(line.order_id, line.line): line for line in state.lines}
        assert {who: line.expected for who, line in lines.items()} == stock.shelf(WAREHOUSE).promised
        assert all(total(line.promised) == total(line.expected) for line in state.lines)
        assert all(row[-1] == UNDATED for row in view.parts(state)[PROMISES] if row[-2] == UNDATED)


@settings(max_examples=60, deadline=None)
@given(acts(clients=2, at_most=60))
def test_what_is_owed_is_what_decisions_see(script: list[Act]) -> None:
    firm, view = Firm(), DebtsView()
    facts = firm.play(script)
    for client in firm.clients.values():
        own = [Happened(fact.event, fact.occurred_at, SELLER.id) for fact in facts if fact.stream_id == client.id]
        state = view.start(client.id)
        for event in recorded(own, client.id):
            state = view.evolve(state, event) if type(event.event) in view.reads else state
        assert state.owed == {key: each.owed for key, each in client.account.invoices.items() if each.owed}
