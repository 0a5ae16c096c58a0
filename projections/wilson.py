"""The interval in which a share lies, when few cases are known."""

from math import sqrt
from typing import NamedTuple

Z_95 = 1.959963984540054
"""The 97.5th percentile of the normal distribution: 2.5 % are left out on both sides."""


class Interval(NamedTuple):
    """Where the true share lies with 95 % confidence."""

    low: float
    high: float


def wilson(successes: int, trials: int) -> Interval | None:
    """The score interval of a share, to 4 places; None without trials.

    E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22 (1927). Unlike the
    textbook interval it stays within 0 and 1, and does not shrink to a point after one success in one trial.
    """
    if not trials:
        return None
    share, squared = successes / trials, Z_95**2
    middle = share + squared / (2 * trials)
    reach = Z_95 * sqrt(share * (1 - share) / trials + squared / (4 * trials**2))
    whole = 1 + squared / trials
    return Interval(round(max(0.0, (middle - reach) / whole), 4), round(min(1.0, (middle + reach) / whole), 4))
