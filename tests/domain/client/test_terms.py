"""The terms of deals: profit and margin, discounts within limits, and what an approval covers."""

from decimal import Decimal

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from domain.client.terms import Judged, Terms

amounts = st.decimals(0, 10**6, places=2)
terms = st.builds(Terms, amounts, amounts, amounts, amounts)


def money(*numbers: float) -> tuple[Decimal, ...]:
    return tuple(Decimal(str(number)) for number in numbers)


@pytest.mark.parametrize(
    ("revenue", "discount", "cost", "obligations", "list_price", "profit", "margin", "given"),
    [
        (9500, 500, 6000, 600, 10000, 2900, "30.53", "5.00"),
        (1000, 0, 1200, 50, 1000, -250, "-25.00", "0.00"),
        (0, 100, 30, 0, 100, -30, None, "100.00"),
        (0, 0, 0, 0, 0, 0, None, None),
    ],
)
def test_worked_out_by_hand(
    revenue: int,
    discount: int,
    cost: int,
    obligations: int,
    list_price: int,
    profit: int,
    margin: str | None,
    given: str | None,
) -> None:
    found = Terms(*money(revenue, discount, cost, obligations))
    assert (found.list_price, found.profit) == (list_price, profit)
    assert found.margin_percent == (margin and Decimal(margin))
    assert found.discount_percent == (given and Decimal(given))


@hypothesis_given(terms)
def test_the_list_price_is_spent_on_discount_cost_and_obligations_and_the_rest_is_profit(found: Terms) -> None:
    assert found.cost is not None
    assert found.profit is not None
    assert found.discount + found.cost + found.obligations + found.profit == found.list_price
    assert found.profit == found.revenue - found.cost - found.obligations


@hypothesis_given(terms, terms)
def test_terms_never_allow_worse_ones(agreed: Terms, wanted: Terms) -> None:
    """Neither in any amount nor in what follows from them."""
    if agreed.allow_margin_of(wanted):
        assert wanted.cost is not None
        assert agreed.cost is not None
        assert wanted.revenue >= agreed.revenue
        assert wanted.discount <= agreed.discount
        assert wanted.cost <= agreed.cost
        assert wanted.obligations <= agreed.obligations
        assert wanted.profit is not None
        assert agreed.profit is not None
        assert wanted.profit >= agreed.profit
        assert (
            wanted.margin_percent is None
            or agreed.margin_percent is None
            or (wanted.margin_percent >= agreed.margin_percent)
        )
    if agreed.allow_discount_of(wanted):
        assert wanted.discount <= agreed.discount
        assert (
            not wanted.list_price
            or not agreed.list_price
            or (wanted.discount * agreed.list_price <= agreed.discount * wanted.list_price)
        )


@hypothesis_given(terms, st.sampled_from(Terms._fields), st.decimals("0.01", 1000, places=2))
def test_what_is_worse_in_a_single_amount_is_not_allowed(agreed: Terms, field: str, by: Decimal) -> None:
    assert agreed.allow_margin_of(agreed)
    worse = agreed._replace(**{field: getattr(agreed, field) + (-by if field == "revenue" else by)})
    better = agreed._replace(**{field: getattr(agreed, field) + (by if field == "revenue" else -by)})
    assert not agreed.allow_margin_of(worse)
    assert agreed.allow_margin_of(better)
    assert agreed.allow_discount_of(worse) is (field in {"cost", "obligations"})


def test_without_a_cost_only_the_discount_is_judged() -> None:
    expected = Terms(*money(900, 100))
    assert (expected.profit, expected.margin_percent) == (None, None)
    found = Judged(expected, needed_margin_percent=Decimal(99), discount_limit_percent=Decimal("9.99"))
    assert (found.lacks_margin, found.exceeds_discount) == (False, True)
    known = expected._replace(cost=Decimal(1))
    assert not expected.allow_margin_of(known)
    assert not known.allow_margin_of(expected)


@pytest.mark.parametrize(
    ("revenue", "cost", "needed", "lacks"),
    [(100, 85, 15, False), (100, "85.01", 15, True), (0, 1, 0, True), (0, 0, 15, False), (100, 101, 0, True)],
)
def test_the_minimum_margin_may_just_be_reached(revenue: int, cost: int, needed: int, *, lacks: bool) -> None:
    found = Judged(Terms(Decimal(revenue), cost=Decimal(cost)), Decimal(needed), None)
    assert found.lacks_margin is lacks


@pytest.mark.parametrize(("discount", "limit", "exceeds"), [(10, 10, False), ("10.01", 10, True), (0, 0, False)])
def test_the_limit_of_a_discount_may_just_be_reached(discount: int, limit: int, *, exceeds: bool) -> None:
    given = Decimal(discount)
    found = Judged(Terms(100 - given, given), None, Decimal(limit))
    assert found.exceeds_discount is exceeds


@pytest.mark.parametrize(("discount", "exceeds"), [("3.01", False), ("3.02", True)])
def test_a_discount_is_rounded_as_its_limit_is(discount: str, *, exceeds: bool) -> None:
    """3 % of 100.30 are 3.009."""
    given = Decimal(discount)
    assert Judged(Terms(Decimal("100.30") - given, given), None, Decimal(3)).exceeds_discount is exceeds


def test_where_nothing_is_ruled_everything_is_allowed() -> None:
    found = Judged(Terms(*money(0, 100, 50, 0)), None, None)
    assert not found.lacks_margin
    assert not found.exceeds_discount
