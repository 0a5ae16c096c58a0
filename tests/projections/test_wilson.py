"""The interval of a share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.wilson import Interval, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "interval"),
    [
        (0, 0, None),
        (1, 1, Interval(0.2065, 1.0)),
        (0, 10, Interval(0.0, 0.2775)),
        (5, 10, Interval(0.2366, 0.7634)),
        (81, 263, Interval(0.2553, 0.3662)),
    ],
)
def test_known_intervals(successes: int, trials: int, interval: Interval | None) -> None:
    """The last one is the worked example of R. Newcombe, Statistics in Medicine 17 (1998), method 3."""
    assert wilson(successes, trials) == interval


@given(st.integers(1, 1000), st.data())
def test_the_share_lies_in_its_interval(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    interval, ten_times = wilson(successes, trials), wilson(10 * successes, 10 * trials)
    assert interval is not None
    assert ten_times is not None
    assert 0 <= interval.low <= round(successes / trials, 4) <= interval.high <= 1
    assert ten_times.high - ten_times.low < interval.high - interval.low
