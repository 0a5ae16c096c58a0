"""What was let down and what came back: decisions and views agree on what is left, never less than nothing."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.client.account_events import CreditKind, InvoiceCredited, InvoiceIssued
from domain.client.order_events import GoodsReturned, OrderCancelled, OrderPlaced, OrderReduced
from domain.kernel import Event
from projections.book import SALES, BookView
from projections.card import CardView
from projections.value import ValueView
from tests.domain.facts import DEAL, IN_SERVICE
from tests.projections.filled import seen
from tests.projections.test_corrections import corrected
from tests.spec import Fact, at, day, given

CARD, VALUE, BOOK = CardView(), ValueView(), BookView()
OWN, CALLED_OFF = UUID(int=0xE1), UUID(int=0xE2)
EURO: dict[str, Any] = {"currency": "EUR"}
CREDIT_NOTES = count(1)
Step = tuple[str, UUID, int]


def invoiced(key: UUID) -> InvoiceIssued:
    of = {"deal_id": key} if key == DEAL else {"order_id": key}
    return InvoiceIssued(invoice_id=key, amount=Decimal(100), due_on=day(30).date(), **of, **EURO)


def allowance(key: UUID, amount: int) -> InvoiceCredited:
    of = {"deal_id": key} if key == DEAL else {"order_id": key}
    note = UUID(int=next(CREDIT_NOTES))
    return InvoiceCredited(
        credit_note_id=note, invoice_id=key, kind=CreditKind.ALLOWANCE, amount=Decimal(amount), **of, **EURO
    )


def returned(order_id: UUID, amount: int) -> GoodsReturned:
    return GoodsReturned(return_id=order_id, order_id=order_id, lines=(), amount=Decimal(amount), **EURO)


BEGUN = (
    *IN_SERVICE,
    at(day(10), OrderPlaced(order_id=OWN, amount=Decimal(100), **EURO)),
    at(day(10), OrderPlaced(order_id=CALLED_OFF, amount=Decimal(900), deal_id=DEAL, **EURO)),
    *(at(day(11), invoiced(key)) for key in (OWN, CALLED_OFF, DEAL)),
)


def happened(steps: list[Step]) -> list[Event | Fact]:
    facts: list[Event | Fact] = [*BEGUN]
    revenue = 900
    for number, (kind, key, amount) in enumerate(steps):
        event: Event = allowance(key, amount)
        if kind == "returned":
            event = returned(OWN if key == DEAL else key, amount)
        elif kind == "reduced":
            event = OrderReduced(order_id=OWN if key == DEAL else key, lines=(), amount=Decimal(amount), **EURO)
        elif kind == "corrected":
            before, after = ((Decimal(each), Decimal(600), Decimal()) for each in (revenue, 10 * amount))
            event, revenue = corrected(DEAL, before, after, 6), 10 * amount
        facts.append(at(day(12 + number), event))
    return facts


def brought(history: Sequence[Event | Fact]) -> Decimal:
    """What is left in euros, by decisions and by every view."""
    realised = given(*history).state.realised.get("EUR", Decimal())
    sales = [row[-1] for row in BOOK.parts(seen(BOOK, history))[SALES]]
    card, value = seen(CARD, history).trade.realised, seen(VALUE, history).sums()
    assert [card["EUR"], value["EUR"].revenue, sum(sales)] == [realised] * 3
    return realised


kinds = st.sampled_from(["allowed", "returned", "reduced", "corrected"])
steps = st.tuples(kinds, st.sampled_from([OWN, CALLED_OFF, DEAL]), st.integers(0, 120))


@for_all(st.lists(steps, max_size=8))
@settings(max_examples=60, deadline=None)
def test_decisions_and_views_agree_on_what_is_left(script: list[Step]) -> None:
    history = happened(script)
    assert brought(history) >= 0
    brought([*history, at(day(40), OrderCancelled(order_id=OWN))])


@pytest.mark.parametrize(
    ("events", "left"),
    [
        ([allowance(OWN, 20)], 980),
        ([allowance(OWN, 20), OrderCancelled(order_id=OWN)], 900),
        ([allowance(OWN, 20), returned(OWN, 100)], 900),
        ([returned(OWN, 100), allowance(OWN, 20)], 900),
        ([allowance(DEAL, 50), allowance(CALLED_OFF, 30), returned(CALLED_OFF, 100)], 100 + 900 - 180),
        ([allowance(DEAL, 50), returned(CALLED_OFF, 900)], 100),
    ],
)
def test_what_is_left(events: list[Event], left: int) -> None:
    assert brought([*BEGUN, *(at(day(12), event) for event in events)]) == left
