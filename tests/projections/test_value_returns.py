"""What goods that came back do to the value of a client, and corrections of deals on top of that."""

from decimal import Decimal
from uuid import UUID

from domain.client.deal_events import DealCorrected
from domain.client.order_events import GoodsReturned
from projections.book import BookView
from projections.value_totals import Sums
from tests.projections.test_value import after, deal, order, registered
from tests.spec import CLIENT_ID, Fact, day, recorded


def returned(number: int, amount: str, cost: str) -> GoodsReturned:
    return GoodsReturned(
        return_id=UUID(int=number + 1000),
        order_id=UUID(int=number),
        lines=(),
        amount=Decimal(amount),
        cost=Decimal(cost),
        currency="EUR",
    )


def test_what_came_back_of_a_deal_stays_taken_off_when_the_deal_is_corrected() -> None:
    corrected = DealCorrected(
        deal_id=UUID(int=1),
        won_at=day(1),
        currency="EUR",
        revenue=Decimal(800),
        cost=Decimal(500),
        discount=Decimal(),
        previous_revenue=Decimal(900),
        previous_cost=Decimal(600),
        previous_discount=Decimal(),
        reason="misread",
    )
    history = (
        (day(0), registered()),
        (day(1), deal(1, "900", "600")),
        (day(2), order(2, "900", deal_id=UUID(int=1))),
        (day(3), returned(2, "100", "60")),
        (day(4), corrected),
    )
    assert after(*history).sums() == {"EUR": Sums(1, Decimal(700), Decimal(260))}
    books = BookView()
    state = books.start(CLIENT_ID)
    for event in recorded([Fact(event, on) for on, event in history]):
        state = books.evolve(state, event) if type(event.event) in books.reads else state
    assert [sale.revenue for sale in state.sales if sale.revenue] == [700]


def test_an_order_of_which_all_came_back_is_no_purchase_but_the_client_was_not_dormant() -> None:
    state = after(
        (day(0), registered(purchase_interval="monthly")),
        (day(1), order(1, "50", "30")),
        (day(2), returned(1, "50", "30")),
    )
    assert state.sums()["EUR"].purchases == 0
    assert state.last_bought == (day(1), "EUR")
