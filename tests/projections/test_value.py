"""Value: realised and expected value of a client, segments, and the clients behind them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.client.account_events import PaymentReceived
from domain.client.assignment import EmployeeAssigned
from domain.client.card import CardChanged
from domain.client.deal_events import DealWon
from domain.client.handoff_events import HandoffAccepted
from domain.client.order_events import GoodsReturned, LinePart, OrderCancelled, OrderPlaced, OrderReduced
from domain.client.registration import ClientRegistered
from domain.kernel import Event
from domain.types import Step
from projections.card import CardView
from projections.kernel import View
from projections.value import ValueView
from projections.value_expected import ExpectedValue, Segment, Source, expected_values
from projections.value_query import realised
from projections.value_state import ClientValue
from projections.value_tables import CLIENTS, DIMENSIONS, ENTRIES, MEASURES, MONTHS, OVERALL, SEGMENTS
from projections.value_totals import Sums, sums_by
from tests.projections.histories import Act, Fact, Firm, acts
from tests.spec import CLIENT_ID, MANAGER, SELLER, day, recorded
from tests.spec import Fact as Happened

S = TypeVar("S")
VIEW = ValueView()
QUARTERS = [datetime(2023, month, 1, 9, tzinfo=UTC) for month in (1, 4, 7, 10)]
YEAR_AFTER = datetime(2024, 1, 1, 9, tzinfo=UTC)


def registered(**card: Any) -> ClientRegistered:
    return ClientRegistered(name="Steelworks", **card)


def order(
    number: int, amount: str = "10000", cost: str | None = None, currency: str = "EUR", **more: Any
) -> OrderPlaced:
    paid = None if cost is None else Decimal(cost)
    return OrderPlaced(order_id=UUID(int=number), amount=Decimal(amount), cost=paid, currency=currency, **more)


def deal(number: int, revenue: str, cost: str, currency: str = "EUR") -> DealWon:
    return DealWon(
        deal_id=UUID(int=number),
        step=Step.FIRST_DEAL,
        revenue=Decimal(revenue),
        cost=Decimal(cost),
        currency=currency,
    )


def payment(number: int, amount: str, currency: str = "EUR") -> PaymentReceived:
    return PaymentReceived(payment_id=UUID(int=number), amount=Decimal(amount), currency=currency)


Story = Sequence[tuple[datetime, Event]]


def after(*story: tuple[datetime, Event]) -> ClientValue:
    state = VIEW.start(CLIENT_ID)
    for event in recorded([Happened(event, on) for on, event in story]):
        state = VIEW.evolve(state, event)
    return state


def quarterly(**card: Any) -> ClientValue:
    """Five orders of 10 000, one a quarter: a year from the first to the last."""
    orders = [(on, order(number)) for number, on in enumerate([*QUARTERS, YEAR_AFTER])]
    return after((QUARTERS[0], registered(**card)), *orders)


def expected(client: ClientValue, **segments: Segment) -> ExpectedValue:
    (found,) = expected_values(client, segments)
    return found


def sources(value: ExpectedValue) -> tuple[Source | None, ...]:
    return (value.average_purchase.source, value.purchases_per_year.source, value.retained_years.source)


class TestFold:
    def test_won_deals_and_orders_are_purchases(self) -> None:
        state = after((day(0), registered()), (day(1), deal(1, "900", "600")), (day(2), order(2, "100.50", "60.25")))
        assert state.sums() == {"EUR": Sums(2, Decimal("1000.50"), Decimal("340.25"))}

    def test_an_order_that_fulfils_a_deal_is_not_counted_again(self) -> None:
        state = after((day(0), registered()), (day(1), deal(1, "900", "600")), (day(2), order(2, deal_id=UUID(int=1))))
        assert state.sums()["EUR"].revenue == 900

    def test_a_deal_without_revenue_is_no_purchase_but_its_cost_counts(self) -> None:
        assert after((day(0), registered()), (day(1), deal(1, "0", "0"))).sums() == {}
        state = after((day(0), registered()), (day(1), deal(1, "0", "3")))
        assert state.sums() == {"EUR": Sums(0, Decimal(0), Decimal(-3))}
        (euros,) = realised(state)
        assert (euros.purchases, euros.margin, euros.first_purchase_at) == (0, -3, None)
        assert euros.by_year[0].margin == -3
        assert VIEW.counts(state)[SEGMENTS] == []

    def test_a_deal_without_revenue_is_not_in_the_rhythm(self) -> None:
        state = quarterly(retention_years=Decimal(3))
        won = recorded([Happened(deal(9, "0", "3"), YEAR_AFTER + timedelta(days=365))])[0]
        assert expected(VIEW.evolve(state, won)) == expected(state)

    def test_a_cancelled_order_counts_no_more(self) -> None:
        state = after((day(0), registered()), (day(1), order(1)), (day(2), OrderCancelled(order_id=UUID(int=1))))
        assert state.sums() == {}

    def test_what_was_cancelled_of_an_order_or_came_back_is_taken_off_it(self) -> None:
        part = (LinePart(line=1, quantity=Decimal(1)),)
        less: dict[str, Any] = {"lines": part, "currency": "EUR"}
        one, two, of_deal = UUID(int=1), UUID(int=2), UUID(int=4)
        client = after(
            (day(0), deal(3, "900", "600")),
            (day(1), order(1, "100", "70")),
            (day(1), order(2, "50", "40")),
            (day(1), order(4, "300", deal_id=UUID(int=3))),
            (day(2), OrderReduced(order_id=one, amount=Decimal(30), cost=Decimal(21), **less)),
            (day(3), GoodsReturned(return_id=one, order_id=one, amount=Decimal(10), cost=Decimal(7), **less)),
            (day(3), GoodsReturned(return_id=one, order_id=two, amount=Decimal(50), **less)),
            (day(3), OrderReduced(order_id=of_deal, amount=Decimal(100), **less)),
            (day(3), GoodsReturned(return_id=one, order_id=of_deal, amount=Decimal(60), **less)),
        )
        assert client.sums() == {"EUR": Sums(2, Decimal(900), Decimal(900 - 600 - 42 - 40))}

    def test_margin_leaves_out_purchases_whose_cost_is_not_known(self) -> None:
        state = after((day(0), registered()), (day(1), order(1, "100", "70")), (day(2), order(2, "40")))
        assert state.sums()["EUR"] == Sums(2, Decimal(140), Decimal(30), Decimal(40))

    def test_currencies_are_never_added(self) -> None:
        state = after((day(0), registered()), (day(1), order(1, "100")), (day(2), order(2, "7", currency="USD")))
        assert {currency: sums.revenue for currency, sums in state.sums().items()} == {"EUR": 100, "USD": 7}

    def test_who_works_the_client_now(self) -> None:
        handed = HandoffAccepted(
            handoff_id=UUID(int=9),
            from_step=Step.FIRST_DEAL,
            to_step=Step.ACCOUNT_SERVICE,
            employee_id=MANAGER.id,
        )
        assigned = EmployeeAssigned(step=Step.LEAD_GENERATION, employee_id=SELLER.id)
        assert after((day(0), registered()), (day(0), assigned)).employee_id == SELLER.id
        assert after((day(0), registered()), (day(0), assigned), (day(1), handed)).employee_id == MANAGER.id

    def test_a_changed_card_changes_only_what_was_changed(self) -> None:
        state = after(
            (day(0), registered(industry="metal", region="north")),
            (day(1), CardChanged(changed=("region",), region=None)),
        )
        assert (state.card.industry, state.card.region) == ("metal", None)

    def test_realised_value_by_calendar_year_in_utc(self) -> None:
        last_moment = datetime(2024, 1, 1, 1, 30, tzinfo=UTC) - timedelta(hours=2)
        state = after(
            (QUARTERS[0], registered()),
            (last_moment, order(1, "100", "60")),
            (YEAR_AFTER, order(2, "50", "20")),
            (YEAR_AFTER, payment(3, "120")),
        )
        (euros,) = realised(state)
        assert (euros.revenue, euros.margin, euros.paid, euros.purchases) == (150, 70, 120, 2)
        assert (euros.first_purchase_at, euros.last_purchase_at) == (last_moment, YEAR_AFTER)
        by_year = [(year.year, year.revenue, year.margin, year.paid, year.purchases) for year in euros.by_year]
        assert by_year == [(2023, 100, 40, 0, 1), (2024, 50, 30, 120, 1)]


class TestExpectedValue:
    def test_ten_thousand_a_quarter_for_three_years_are_120_000(self) -> None:
        value = expected(quarterly(retention_years=Decimal(3)))
        assert (value.per_year, value.value) == (Decimal("40000.00"), Decimal("120000.00"))
        assert sources(value) == (Source.OWN, Source.OWN, Source.CARD)
        assert value.missing == []

    def test_the_same_from_the_card(self) -> None:
        card = {"expected_purchase": Decimal(10000), "purchase_interval": "quarterly", "retention_years": Decimal(3)}
        value = expected(after((day(0), registered(**card, currency="EUR"))))
        assert (value.currency, value.per_year, value.value) == ("EUR", Decimal(40000), Decimal(120000))
        assert sources(value) == (Source.CARD,) * 3

    def test_the_same_from_the_segment(self) -> None:
        segment = Segment(5, 25, 20, 5 * 365 * 86_400, Decimal(250_000), 5, Decimal(15))
        value = expected(after((day(0), registered(industry="metal"))), EUR=segment)
        assert (value.currency, value.value) == ("EUR", Decimal(120_000))
        assert sources(value) == (Source.SEGMENT,) * 3

    def test_a_segment_of_four_clients_says_nothing(self) -> None:
        segment = Segment(4, 25, 20, 5 * 365 * 86_400, Decimal(250_000), 4, Decimal(15))
        value = expected(after((day(0), registered(industry="metal"))), EUR=segment)
        assert (value.currency, value.value) == (None, None)
        assert value.missing == ["average_purchase", "purchases_per_year", "retained_years"]

    def test_the_card_is_asked_for_the_retention_first(self) -> None:
        segment = Segment(planned_clients=5, planned_years=Decimal(50))
        assert expected(quarterly(retention_years=Decimal(3)), EUR=segment).value == 120_000
        assert expected(quarterly(), EUR=segment).value == 400_000

    def test_without_retention_the_value_is_missing_but_not_that_of_a_year(self) -> None:
        value = expected(quarterly())
        assert (value.per_year, value.value, value.missing) == (Decimal(40_000), None, ["retained_years"])

    @pytest.mark.parametrize("days", [(0, 100), (0, 44, 89)])
    def test_too_few_own_purchases_or_too_short_a_time(self, days: tuple[int, ...]) -> None:
        orders = [(day(on), order(number, "1")) for number, on in enumerate(days)]
        card = registered(currency="EUR", expected_purchase=Decimal(10), purchase_interval="monthly")
        value = expected(after((day(0), card), *orders))
        assert sources(value)[:2] == (Source.CARD, Source.CARD)
        assert value.per_year == 120

    def test_three_purchases_in_ninety_days_are_enough(self) -> None:
        value = expected(after((day(0), registered()), *((day(on), order(on, "90")) for on in (0, 45, 90))))
        assert sources(value)[:2] == (Source.OWN, Source.OWN)
        assert value.purchases_per_year.value == Decimal("8.1111")
        assert value.per_year == Decimal("730.00")

    def test_the_card_speaks_for_its_own_currency_only(self) -> None:
        state = after(
            (day(0), registered(currency="EUR", expected_purchase=Decimal(10))), (day(1), order(1, "5", currency="USD"))
        )
        euros, dollars = expected_values(state, {})
        assert (euros.average_purchase.value, dollars.average_purchase.value) == (10, None)

    def test_the_card_names_the_currency_of_a_client_without_purchases(self) -> None:
        segments = {currency: Segment(9, 18, 9, 10**8, Decimal(900)) for currency in ("EUR", "USD")}
        new = after((day(0), registered(currency="EUR")))
        assert [value.currency for value in expected_values(new, segments)] == ["EUR"]
        buyer = after((day(0), registered(currency="EUR")), (day(1), order(1, "5", currency="USD")))
        assert [value.currency for value in expected_values(buyer, segments)] == ["USD"]


def folded(view: View[S], facts: Iterable[Fact]) -> dict[UUID, S]:
    found: dict[UUID, S] = {}
    for fact in facts:
        if type(fact.event) in view.reads:
            event = recorded([Happened(fact.event, fact.occurred_at)], fact.stream_id)[0]
            found[fact.stream_id] = view.evolve(found.get(fact.stream_id) or view.start(fact.stream_id), event)
    return found


def states(script: Iterable[Act]) -> list[ClientValue]:
    return list(folded(VIEW, Firm().play(script)).values())


@given(acts())
@settings(max_examples=100, deadline=None)
def test_counters_of_every_dimension_equal_the_sums_of_the_entries(script: list[Act]) -> None:
    direct: dict[str, list[Any]] = {}
    counted: dict[tuple[str, str], list[Any]] = {}
    for state in states(script):
        for row in VIEW.parts(state)[ENTRIES]:
            _add(direct, row[4], row[5:])
        for (dimension, _, currency, _), numbers in VIEW.counts(state)[MONTHS]:
            _add(counted, (dimension, currency), numbers)
    for dimension in (OVERALL, *DIMENSIONS):
        assert {currency: sums for (name, currency), sums in counted.items() if name == dimension} == direct


@given(st.integers(0, 11), acts(clients=1))
@settings(max_examples=100, deadline=None)
def test_value_agrees_with_the_card_and_with_what_decisions_see(way: int, script: list[Act]) -> None:
    """With the card on what won deals brought and cost, with decisions on what the client brought in all.

    The client is brought to account service first, in one of several ways: a few random acts rarely get there.
    """
    firm = Firm()
    facts = firm.play([*[Act(0, 0, way, 1)] * 12, *script])
    cards = folded(CardView(), facts)
    values = folded(VIEW, facts)
    for client in firm.clients.values():
        state = values[client.id]
        revenue = {currency: sums.revenue for currency, sums in state.sums().items() if sums.revenue}
        assert revenue == client.realised
        deals = sums_by(attrgetter("currency"), (each for each in state.purchases if each.kind != "order"), ())
        margins = {currency: money.revenue - money.cost for currency, money in cards[client.id].trade.money.items()}
        assert {currency: deals.get(currency, Sums()).margin for currency in margins} == margins
        if client.merging.into:  # what it brought counts with the one that stands for it
            continue
        shown = dict(zip(CLIENTS.columns.keys()[2:], VIEW.columns(state), strict=True))
        assert shown["dormant_from"] == cards[client.id].dormant_from == client.dormant_from
        assert state.expected_interval == cards[client.id].expected_interval == client.expected_interval


def _add(sums: dict[Any, list[Any]], key: Any, numbers: Sequence[Any]) -> None:
    known = sums.get(key, [0] * len(MEASURES))
    sums[key] = [total + number for total, number in zip(known, numbers, strict=True)]
