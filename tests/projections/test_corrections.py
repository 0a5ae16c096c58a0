"""Corrections of won deals: every view shows what it would show had the deal been won with these amounts."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.client.deal_events import DealCorrected, DealOpened, DealWon
from domain.client.obligations import ObligationFulfilled, ObligationUndertaken, ObligationWaived
from domain.client.order_events import GoodsReturned, OrderPlaced
from domain.types import Step
from projections.book import SALES, BookView
from projections.card import CardView
from projections.card_trade_rows import DEALS_ON_CARD
from projections.deals import DEALS, DealsView
from projections.value import ValueView
from projections.value_tables import ENTRIES, MONTHS, SEGMENTS, SUMS
from tests.domain.facts import DEAL, IN_SERVICE, ORDER, REGISTERED
from tests.projections.filled import seen
from tests.projections.histories import Act, Firm, acts
from tests.spec import CLOSER, HEAD, Fact, at, day

VALUE, CARD, DEALS_VIEW, BOOK = ValueView(), CardView(), DealsView(), BookView()
SERVICE = Step.ACCOUNT_SERVICE
_LOWERED = DEALS.c.keys().index("lowered")
"""What happened to the list price before the win is no matter of its amounts: no correction changes it."""
Amounts = tuple[Decimal, Decimal, Decimal]
amounts = st.tuples(*(st.sampled_from([Decimal(0), Decimal(40), Decimal(121)]) for _ in range(3)))


def opened(key: UUID) -> DealOpened:
    return DealOpened(deal_id=key, step=SERVICE, amount=Decimal(5), currency="EUR")


def won(key: UUID, terms: Amounts) -> DealWon:
    revenue, cost, discount = terms
    return DealWon(deal_id=key, step=SERVICE, revenue=revenue, cost=cost, discount=discount, currency="EUR")


def corrected(key: UUID, before: Amounts, after: Amounts, won_on: float) -> DealCorrected:
    revenue, cost, discount = after
    previous_revenue, previous_cost, previous_discount = before
    return DealCorrected(
        deal_id=key,
        won_at=day(won_on),
        currency="EUR",
        revenue=revenue,
        cost=cost,
        discount=discount,
        previous_revenue=previous_revenue,
        previous_cost=previous_cost,
        previous_discount=previous_discount,
        reason="Misread",
    )


def shown(history: list[Fact]) -> list[Any]:
    """What the views show of a client, in any order."""
    value, card, deals = seen(VALUE, history), seen(CARD, history), seen(DEALS_VIEW, history)
    rows, counts = VALUE.parts(value), VALUE.counts(value)
    return [
        *(sorted(map(repr, rows[table])) for table in (ENTRIES, SUMS)),
        *(sorted(map(repr, counts[table])) for table in (MONTHS, SEGMENTS)),
        *(card.trade.money, card.trade.last_purchase, card.trade.rhythm, card.trade.last_deals, card.trade.realised),
        *(row[:_LOWERED] + row[_LOWERED + 1 :] for row in DEALS_VIEW.parts(deals)[DEALS]),
        sorted(map(repr, BOOK.parts(seen(BOOK, history))[SALES])),
    ]


@given(amounts, amounts)
def test_what_came_back_of_the_deal_stays_taken_off(first: Amounts, last: Amounts) -> None:
    placed = OrderPlaced(order_id=ORDER, amount=Decimal(40), currency="EUR", deal_id=DEAL)
    back = GoodsReturned(return_id=ORDER, order_id=ORDER, lines=(), amount=Decimal(15), cost=Decimal(4), currency="EUR")
    begun = [at(day(0), REGISTERED), at(day(9), opened(DEAL))]
    returned = [at(day(11), placed), at(day(12), back)]
    first, last = ((revenue + 40, cost + 4, discount) for revenue, cost, discount in (first, last))
    told = [*begun, at(day(10), won(DEAL, first)), *returned, at(day(20), corrected(DEAL, first, last, 10))]
    assert shown(told) == shown([*begun, at(day(10), won(DEAL, last)), *returned])


@given(acts(at_most=60))
def test_the_card_knows_what_a_client_has_brought_as_decisions_do(script: list[Act]) -> None:
    firm = Firm()
    facts = firm.play(script)
    for client in firm.clients.values():
        history = [Fact(event, on) for key, event, on in facts if key == client.id]
        brought = seen(CARD, history, stream_id=client.id).trade.realised
        assert {currency: amount for currency, amount in brought.items() if amount} == client.realised


@given(amounts, amounts, amounts, amounts)
def test_as_if_it_had_been_won_so(other: Amounts, first: Amounts, second: Amounts, last: Amounts) -> None:
    neighbour = UUID(int=77)
    begun = [at(day(0), REGISTERED), at(day(9), opened(DEAL)), at(day(9), opened(neighbour))]
    neighbours = at(day(12), won(neighbour, other), CLOSER)
    told = [*begun, at(day(10), won(DEAL, first), CLOSER), neighbours]
    told += [
        at(day(20), corrected(DEAL, first, second, 10), HEAD),
        at(day(21), corrected(DEAL, second, last, 10), HEAD),
    ]
    assert shown(told) == shown([*begun, at(day(10), won(DEAL, last), CLOSER), neighbours])


def test_the_sums_follow_even_where_the_card_does_not_show_the_deal_any_more() -> None:
    history: list[Any] = [*IN_SERVICE]
    small: Amounts = (Decimal(2), Decimal(1), Decimal())
    for number in range(1, DEALS_ON_CARD + 3):
        key = UUID(int=number)
        history += [
            at(day(10 + number), opened(key)),
            at(day(10 + number), won(key, small)),
        ]
    before = seen(CARD, history).trade
    change = corrected(UUID(int=1), small, (Decimal(7), Decimal(2), Decimal()), 11)
    after = seen(CARD, [*history, at(day(90), change)]).trade
    assert UUID(int=1) not in before.deals
    assert after.deals == before.deals
    assert after.money["EUR"].revenue - before.money["EUR"].revenue == 5
    assert after.money["EUR"].cost - before.money["EUR"].cost == 1


def test_the_row_of_a_deal_has_what_its_obligations_cost_and_what_is_left() -> None:
    def obligation(number: int, cost: int, deal_id: UUID = DEAL) -> ObligationUndertaken:
        return ObligationUndertaken(
            obligation_id=UUID(int=number),
            deal_id=deal_id,
            text="Train",
            due_at=day(30),
            cost=Decimal(cost),
            currency="EUR",
            employee_id=CLOSER.id,
        )

    def row(*history: Any) -> tuple[Any, Any]:
        state = seen(DEALS_VIEW, [at(day(0), REGISTERED), at(day(9), opened(DEAL)), *history])
        (only,) = DEALS_VIEW.parts(state)[DEALS]
        named = dict(zip(DEALS.c.keys(), only, strict=True))
        return named["obligations"], named["profit"]

    owed = [at(day(9), obligation(1, 30)), at(day(9), obligation(2, 5)), at(day(9), obligation(3, 9, UUID(int=5)))]
    signed = at(day(10), won(DEAL, (Decimal(100), Decimal(60), Decimal(10))))
    assert row(*owed) == (35, None)
    assert row(*owed, signed) == (35, 5)
    fulfilled = ObligationFulfilled(obligation_id=UUID(int=1), cost=Decimal(42))
    assert row(*owed, signed, at(day(11), fulfilled)) == (47, -7)
    waived = ObligationWaived(obligation_id=UUID(int=1), reason="Not wanted")
    assert row(*owed, signed, at(day(11), waived)) == (5, 35)
    assert row(at(day(11), fulfilled), signed) == (0, 40)
