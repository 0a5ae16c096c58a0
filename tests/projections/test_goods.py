"""The views of goods and money: the catalogue, the queue of the warehouses, debts by age."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.account_events import InvoiceIssued, PaymentAllocated, PaymentReleased
from domain.client.registration import ClientRegistered
from projections.catalogue import CatalogueView, WantedArticles, articles
from projections.debts import Age, DebtsView, WantedDebts, debts, debts_by_age
from projections.kernel import View
from projections.paging import Page
from projections.warehouse import WantedOrders, WarehouseView, queue
from tests.projections.goods import catalogue, ordering
from tests.projections.histories import Act, Fact, Firm, acts
from tests.projections.support import prepared, project
from tests.spec import SELLER, day, recorded
from tests.spec import Fact as Happened

VIEWS: Sequence[View[Any]] = (CatalogueView(), WarehouseView(), DebtsView())
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


async def test_the_views_answer_their_questions(engine: AsyncEngine) -> None:
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
