"""What the models answer for one client, by figures published or worked out by hand."""

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from domain.prediction.models import LEAST_ALPHA, History, PurchaseModel, SpendModel

CDNOW = PurchaseModel(0.243, 4.414, 0.793, 2.426)
SPEND = SpendModel(6.25, 3.74, 15.44)
"""Fader and Hardie (2013)."""


def test_the_example_of_the_authors() -> None:
    """Customer 1 of CDNOW in the 39 weeks to come; Hardie's note on the model in a spreadsheet: 1.226."""
    assert CDNOW.expected(History(2, 30.43, 38.86), 39) == pytest.approx(1.226, abs=0.001)


def test_who_has_not_bought_again_has_not_been_lost() -> None:
    assert CDNOW.alive(History(0, 0, 38.86)) == 1


def test_long_silence_after_many_purchases_is_loss() -> None:
    """0.793 / (2.426 + 9) * ((4.414 + 38) / (4.414 + 10)) ** 10.243 = 0.0694 * 63,600 = 4,410 to 1."""
    assert CDNOW.alive(History(10, 10, 38)) == pytest.approx(1 / 4411, rel=0.02)
    assert CDNOW.alive(History(2_000, 1, 3_000)) == 0


def test_the_mean_amount_is_drawn_to_that_of_all() -> None:
    """6.25 * 15.44 / 2.74 = 35.22 of all; with one repeat of 100: 6.25 * (15.44 + 100) / (6.25 + 2.74) = 80.26."""
    assert SPEND.mean == pytest.approx(35.22, abs=0.01)
    assert SPEND.expected(History(0, 0, 30)) == pytest.approx(SPEND.mean)
    assert SPEND.expected(History(1, 5, 30, 100)) == pytest.approx(80.26, abs=0.01)


POSITIVE = some.floats(0.05, 50)
MODELS = some.builds(PurchaseModel, POSITIVE, some.floats(LEAST_ALPHA, 50), POSITIVE, POSITIVE)


@settings(max_examples=200, deadline=None)
@given(
    some.builds(PurchaseModel, POSITIVE, some.floats(LEAST_ALPHA, 50), POSITIVE, POSITIVE),
    some.integers(0, 300),
    some.data(),
)
def test_more_weeks_bring_no_less(model: PurchaseModel, repeats: int, data: some.DataObject) -> None:
    age = data.draw(some.floats(0, 600))
    recency = data.draw(some.floats(0, age)) if repeats else 0.0
    client = History(repeats, recency, age)
    assert 0 <= model.alive(client) <= 1
    earlier = -1e-6
    for weeks in (0, 1, 13, 52, 260):
        expected = model.expected(client, weeks)
        assert earlier - 1e-6 <= expected < inf
        earlier = expected
