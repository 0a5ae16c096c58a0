"""Value: what each client bought and paid, what it is expected to bring, and sums by segment and month.

A purchase is a won deal with revenue, or an order that stands and fulfils no deal (a deal's revenue is counted with the
deal). A won deal without revenue is none, but what it cost counts. What was cancelled of an order, or came back of it,
is taken off that purchase. Amounts of different currencies are never added. What a client brought that was merged into
another one counts with the one that stands for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache, reduce
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Table

from domain.client.merging import ClientAbsorbed
from domain.kernel import Event, Recorded
from domain.types import PURCHASES_PER_YEAR, PurchaseInterval
from projections.kernel import Counts, Row, View
from projections.period import month_of, months_between
from projections.value_state import READS, ClientValue, ValueCard, absorbing, after
from projections.value_tables import (
    ANY_CURRENCY,
    BASE,
    CARD_DIMENSIONS,
    CLIENTS,
    COHORTS,
    ENTRIES,
    MONTHS,
    SEGMENTS,
    SUMS,
)
from projections.value_totals import ZERO, Payment, Purchase, Sums, rhythms, sums_by


class ValueView(View[ClientValue]):
    """Purchases and payments of each client, their sums by segment and month."""

    name: ClassVar = "value"
    revision: ClassVar = 9
    reads: ClassVar[frozenset[type[Event]]] = READS
    table: ClassVar = CLIENTS
    part_tables: ClassVar = (ENTRIES, SUMS)
    counter_tables: ClassVar = (MONTHS, SEGMENTS, COHORTS, BASE)
    looks_at_joined: ClassVar = True
    state_type = ClientValue

    def start(self, stream_id: UUID) -> ClientValue:
        return ClientValue(stream_id)

    def evolve(self, state: ClientValue, recorded: Recorded) -> ClientValue:
        if isinstance(recorded.event, ClientAbsorbed):
            other = self.start(recorded.event.client_id)
            return absorbing(state, reduce(self.after, recorded.joined, other))
        return after(state, recorded.event, recorded.occurred_at)

    def columns(self, state: ClientValue) -> Row:
        state = state.counted
        begun = (state.work.registered_at, state.not_begun)
        return (state.card.name, *_split(state.card), state.employee_id, *_dormancy(state), *begun)

    def parts(self, state: ClientValue) -> Mapping[Table, Sequence[Row]]:
        state = state.counted
        bought = [(state.id, p.id, p.kind, p.at, p.currency, *_adds(p)) for p in state.purchases]
        paid = [(state.id, p.id, "payment", p.at, p.currency, 0, ZERO, ZERO, ZERO, p.amount) for p in state.payments]
        bases = _bases(state)
        sums = [(state.id, currency, *sums, *bases.get(currency, NO_BASIS)) for currency, sums in state.sums().items()]
        return {ENTRIES: bought + paid, SUMS: sums}

    def counts(self, state: ClientValue) -> Mapping[Table, Counts]:
        if state.work.standing.merged_into:
            return dict.fromkeys(self.counter_tables, ())
        state = state.counted
        employee = as_text(state.employee_id) if state.employee_id else ""
        card = list(zip(CARD_DIMENSIONS, (value or "" for value in _split(state.card)), strict=True))
        split = (*card, ("employee", employee))
        segments = [
            ((dimension, currency, value), numbers)
            for currency, numbers in _segment_figures(state).items()
            for dimension, value in split
        ]
        years = {
            (month_of(p.at).year, currency)
            for p in state.purchases
            if p.number
            for currency in (p.currency, ANY_CURRENCY)
        }
        segments += [(("year", currency, str(year)), _ONE_CLIENT) for year, currency in years]
        by_month = sums_by(_month_and_currency, state.purchases, state.payments)
        months = [
            ((dimension, month, currency, value), sums)
            for (month, currency), sums in by_month.items()
            for dimension, value in split
        ]
        cohorts = [
            ((dimension, cohort, currency, value, since), figures)
            for cohort, currency, since, figures in _cohort_figures(state, by_month)
            for dimension, value in split
        ]
        base = [(key, (1, int(state.not_begun))) for key in card]
        return {MONTHS: months, SEGMENTS: segments, COHORTS: cohorts, BASE: base}


as_text = lru_cache(maxsize=10_000)(str)
"""The text of an employee's id; there are few, and each is asked for many times."""
_ONE_CLIENT = (1, 0, 0, 0, ZERO, 0, ZERO)


NO_BASIS = (None, None, None, None, None)


def _bases(state: ClientValue) -> dict[str, Row]:
    """By currency of purchases: the cohort, and what the expected value of the client follows from, as in `SUMS`."""
    card = state.card
    per_year = PURCHASES_PER_YEAR[PurchaseInterval(card.purchase_interval)] if card.purchase_interval else None
    return {
        currency: (
            month_of(rhythm.first_at),
            rhythm.expected_per_year,
            card.expected_purchase if card.currency == currency else None,
            per_year,
            card.retention_years,
        )
        for currency, rhythm in rhythms(state.purchases).items()
    }


def _dormancy(state: ClientValue) -> Row:
    """Last purchase and its currency, the expected interval and its source, when the client becomes dormant."""
    last, interval = state.last_bought, state.expected_interval
    expected = (int(interval.length.total_seconds()), interval.source.value) if interval else (None, None)
    if last is None:
        return (None, None, *expected, None)
    return (*last, *expected, interval.dormant_from(last[0]) if interval else None)


def _split(card: ValueCard) -> tuple[str | None, ...]:
    return (card.industry, card.region, card.category, card.origin, card.size)


def _adds(purchase: Purchase) -> tuple[int, Decimal, Decimal, Decimal, Decimal]:
    revenue, cost = purchase.revenue, purchase.cost
    if cost is None:
        return (purchase.number, revenue, ZERO, revenue, ZERO)
    return (purchase.number, revenue, revenue - cost, ZERO, ZERO)


def _month_and_currency(entry: Purchase | Payment) -> tuple[date, str]:
    return month_of(entry.at), entry.currency


def _segment_figures(state: ClientValue) -> dict[str, Row]:
    """What the client adds to its segments, by currency, in the order of the columns of `SEGMENTS`."""
    figures: dict[str, Row] = {
        currency: (1, rhythm.purchases, rhythm.purchases - 1, rhythm.span_seconds, rhythm.revenue, 0, ZERO)
        for currency, rhythm in rhythms(state.purchases).items()
    }
    years = state.card.retention_years
    if figures or years is not None:
        figures[ANY_CURRENCY] = (1 if figures else 0, 0, 0, 0, ZERO, 0 if years is None else 1, years or ZERO)
    return figures


def _cohort_figures(
    state: ClientValue, by_month: Mapping[tuple[date, str], Sums]
) -> Iterator[tuple[date, str, int, Row]]:
    """What the client adds to its cohorts: cohort, currency, months since, and numbers as in `COHORTS`."""
    first = {currency: month_of(rhythm.first_at) for currency, rhythm in rhythms(state.purchases).items()}
    for (month, currency), sums in by_month.items():
        cohort = first.get(currency)
        if cohort and (sums.purchases or sums.margin):
            numbers = (1 if sums.purchases else 0, *sums[:-1])
            yield cohort, currency, max(0, months_between(cohort, month)), numbers
