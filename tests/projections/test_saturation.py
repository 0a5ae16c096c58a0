"""Who brings new clients, how large his own book is, and who has stopped: months counted by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.archive import ClientArchived, ClientRestored
from domain.client.assignment import EmployeeAssigned
from domain.client.deal_events import DealWon
from domain.client.order_events import OrderCancelled, OrderPlaced
from domain.client.registration import ClientRegistered
from domain.employee import Employee
from domain.kernel import Event
from domain.types import Step
from projections.book import MONTHS, SALES, SPELLS, BookView
from projections.book_state import Brought, ClientBook, Spell
from projections.paging import BadCursor, Page
from projections.saturation import Month, SaturationFigure, Stopped, clients_behind, months_of_everybody, stopped
from tests.domain.facts import accepted, offered
from tests.projections.filled import seen
from tests.projections.histories import Act, Fact, Firm, acts
from tests.projections.support import prepared, project
from tests.projections.test_value import folded
from tests.spec import CLOSER, MANAGER, SECOND_CLOSER, SELLER, at, day

VIEW = BookView()
DEAL_STEP, SERVICE = Step.FIRST_DEAL, Step.ACCOUNT_SERVICE


def on(month: int, number: int = 10) -> datetime:
    return datetime(2023, month, number, 9, tzinfo=UTC)


def won(number: int, revenue: str = "100") -> DealWon:
    return DealWon(deal_id=UUID(int=number), step=DEAL_STEP, revenue=Decimal(revenue), cost=Decimal(1), currency="EUR")


def handed(to_step: Step, by: Employee, number: int) -> Event:
    before = Step.LEAD_GENERATION if to_step is DEAL_STEP else DEAL_STEP
    return accepted(to_step, by, from_step=before, handoff_id=UUID(int=number)).event


def assigned(employee: Employee, step: Step) -> EmployeeAssigned:
    return EmployeeAssigned(employee_id=employee.id, step=step, reason="he knows them")


def served(number: int, accepted_on: datetime, won_on: datetime, served_on: datetime) -> list[Fact]:
    """A client found by the seller, won by the closer and served by him too."""
    key = UUID(int=200 + number)
    return [
        Fact(key, ClientRegistered(name=f"Client {number}"), on(1, 1)),
        Fact(key, assigned(SELLER, Step.LEAD_GENERATION), on(1, 1)),
        Fact(key, offered(DEAL_STEP, CLOSER).event, on(1, 2)),
        Fact(key, handed(DEAL_STEP, CLOSER, 1), accepted_on),
        Fact(key, won(number), won_on),
        Fact(key, handed(SERVICE, CLOSER, 2), served_on),
    ]


class TestFold:
    def test_a_client_is_in_the_book_of_whoever_serves_it_while_it_is_not_lost(self) -> None:
        state = seen(
            VIEW,
            [
                at(day(0), ClientRegistered(name="A")),
                at(day(1), assigned(SELLER, Step.LEAD_GENERATION)),
                at(day(2), handed(SERVICE, MANAGER, 1)),
                at(day(3), assigned(CLOSER, SERVICE)),
                at(day(4), ClientArchived(step=SERVICE)),
                at(day(5), ClientRestored(step=SERVICE)),
                at(day(6), handed(DEAL_STEP, SECOND_CLOSER, 2)),
            ],
        )
        assert state.spells == (
            Spell(MANAGER.id, day(2), day(3)),
            Spell(CLOSER.id, day(3), day(4)),
            Spell(CLOSER.id, day(5), day(6)),
        )
        assert state.employee_id is None

    def test_who_brought_it_and_only_the_first_time(self) -> None:
        state = seen(
            VIEW,
            [
                at(day(0), ClientRegistered(name="A")),
                at(day(1), offered(DEAL_STEP, CLOSER, sender=SELLER).event),
                at(day(2), handed(DEAL_STEP, CLOSER, 1)),
                at(day(3), won(1, "0")),
                at(day(4), won(2)),
                at(day(5), assigned(SECOND_CLOSER, DEAL_STEP)),
                at(day(6), won(3)),
            ],
        )
        assert state.brought == {
            "lead_accepted": Brought(SELLER.id, day(2)),
            "first_deal": Brought(CLOSER.id, day(4)),
        }

    def test_a_cancelled_order_leaves_no_article(self) -> None:
        lines = [{"article": "Pipe", "quantity": "1", "price": price} for price in ("2", "3")]
        placed = {"order_id": str(UUID(int=1)), "lines": lines, "amount": "5", "currency": "EUR"}
        history = [at(day(0), ClientRegistered(name="A")), at(day(1), OrderPlaced.model_validate(placed))]
        bought = seen(VIEW, history)
        assert [(sale.revenue, sale.articles) for sale in bought.sales] == [(5, ("Pipe",))]
        cancelled = seen(VIEW, [*history, at(day(2), OrderCancelled(order_id=UUID(int=1)))])
        assert (cancelled.sales, cancelled.first_bought_at) == ((), None)


@given(st.integers(0, 11), acts(clients=1))
@settings(max_examples=50, deadline=None)
def test_books_agree_with_what_decisions_see(way: int, script: list[Act]) -> None:
    """On whose client it is and on what it brought. The client is brought to account service first."""
    firm = Firm()
    facts = firm.play([*[Act(0, 0, way, 1)] * 12, *script])
    states = folded(VIEW, facts)
    for client in firm.clients.values():
        state = states[client.id]
        assert isinstance(state, ClientBook)
        sums: dict[str, Decimal] = {}
        for _, _, _, currency, revenue in VIEW.parts(state)[SALES]:
            sums[currency] = sums.get(currency, Decimal()) + revenue
        assert sums == client.realised
        lost = client.qualification.disqualified or client.archive.archived or client.merging.into
        serving = client.owner if client.step is SERVICE and not lost else None
        assert state.employee_id == serving
        assert all(spell.end is None or spell.end >= spell.begin for spell in state.spells)
        assert all(spell.end is not None for spell in state.spells[:-1])
        open_spells = sum(row[-1] is None for row in VIEW.parts(state)[SPELLS])
        changes = sum(numbers[2] - numbers[3] for _, numbers in VIEW.counts(state)[MONTHS])
        assert open_spells == changes == (1 if state.employee_id else 0)


def months(*brought: int) -> list[Month]:
    return [Month(date(2023, number, 1), deals, 0, 10 + number) for number, deals in enumerate(brought, 1)]


class TestStopped:
    def test_three_whole_months_and_the_present_one_without_a_new_client(self) -> None:
        assert stopped(months(2, 0, 1, 0, 0, 0, 0)) == Stopped(date(2023, 3, 1), 3, 3, 3, 13, 17)

    @pytest.mark.parametrize("brought", [(2, 0, 1, 0, 0, 0), (2, 0, 0, 0, 0, 1), (0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 5)])
    def test_a_shorter_time_or_nobody_ever_is_no_stop(self, brought: tuple[int, ...]) -> None:
        assert stopped(months(*brought)) is None

    def test_the_firm_may_be_less_patient(self) -> None:
        assert stopped(months(4, 0, 0), 2) is None
        assert stopped(months(4, 0, 0, 0), 2) == Stopped(date(2023, 1, 1), 2, 4, 1, 11, 14)


class TestReport:
    @pytest.fixture(autouse=True)
    async def _filled(self, engine: AsyncEngine) -> None:
        log = await prepared(engine, [VIEW])
        await log.add(
            [
                *served(1, on(1, 20), on(2), on(2, 28)),
                *served(2, on(2), on(3), on(3)),
                *served(3, on(2), on(3), on(5)),
                Fact(UUID(int=201), ClientArchived(step=SERVICE), on(4)),
            ]
        )
        await project(log, [VIEW])

    async def test_new_clients_and_the_book_month_by_month(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            found = await months_of_everybody(connection, date(2023, 6, 1))
        assert [tuple(month)[1:] for month in found[SELLER.id]] == [
            (0, 1, 0),
            (0, 2, 0),
            (0, 0, 0),
            (0, 0, 0),
            (0, 0, 0),
            (0, 0, 0),
        ]
        assert [tuple(month)[1:] for month in found[CLOSER.id]] == [
            (1, 0, 1),
            (2, 0, 2),
            (0, 0, 1),
            (0, 0, 2),
            (0, 0, 2),
        ]
        assert stopped(found[SELLER.id]) == Stopped(date(2023, 2, 1), 3, 3, 2, 0, 0)
        assert stopped(found[CLOSER.id]) is None
        assert stopped(found[CLOSER.id], 2) == Stopped(date(2023, 3, 1), 2, 3, 2, 2, 2)

    async def test_the_clients_behind(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            march = (connection, CLOSER.id, date(2023, 3, 1))
            first = await clients_behind(*march, SaturationFigure.BOOK, Page(limit=1))
            rest = await clients_behind(*march, SaturationFigure.BOOK, Page(first.next_cursor, 1))
            deals = await clients_behind(*march, SaturationFigure.FIRST_DEALS, Page())
            april = await clients_behind(connection, CLOSER.id, date(2023, 4, 1), SaturationFigure.BOOK, Page())
            leads = await clients_behind(
                connection, SELLER.id, date(2023, 2, 1), SaturationFigure.LEADS_ACCEPTED, Page()
            )
            with pytest.raises(BadCursor):
                await clients_behind(*march, SaturationFigure.BOOK, Page("nonsense"))
        assert [item["id"].int for item in (*first.items, *rest.items)] == [201, 202]
        assert [item["id"].int for item in deals.items] == [202, 203]
        assert [item["id"].int for item in april.items] == [202]
        assert [(item["id"].int, item["since"]) for item in leads.items] == [(202, on(2)), (203, on(2))]
