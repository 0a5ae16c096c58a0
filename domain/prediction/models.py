"""Two standard models of repeat buying, with the answers they give for one client. Pure arithmetic; time is in weeks.

*How often*: BG/NBD. P. Fader, B. Hardie, K. Lee, "Counting Your Customers" the Easy Way: An Alternative to the
Pareto/NBD Model, Marketing Science 24 (2005), equations 6 and 10. While a client is alive it buys at random at a rate
of its own; after each purchase it may be lost for good, with a probability of its own. Rates follow a gamma
distribution over the clients (shape `r`, rate `alpha`), probabilities a beta distribution (`a`, `b`).

*For how much*: gamma-gamma. P. Fader, B. Hardie, The Gamma-Gamma Model of Monetary Value (2013). A client's purchases
vary around a mean of its own; the means follow a gamma distribution over the clients (`p`, `q`, `gamma`). It supposes
that the amount does not depend on how often a client buys.
"""

from math import exp, log
from typing import NamedTuple

DAYS_IN_WEEK = 7
MOST_TERMS = 1_000_000
LEAST_ALPHA = 1 / DAYS_IN_WEEK
"""A day: purchases of one day are one, so that nothing shorter is seen. It also bounds the terms of the series."""
EXACT = 1e-13
NEXT_TO_ONE = 1e-9
"""The expectation is the quotient of two numbers that vanish together where `a` is 1."""


class History(NamedTuple):
    """The purchases of a client, in weeks from the first one: `repeats` after it, the last at `recency`, now `age`.

    Several purchases on one day are one. `mean` is the average amount of the repeats; 0 where there are none.
    """

    repeats: int
    recency: float
    age: float
    mean: float = 0.0


class PurchaseModel(NamedTuple):
    """The parameters of BG/NBD."""

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, client: History) -> float:
        """The probability that the client is still one. 1 while it has not bought again: it is lost at a purchase."""
        if not client.repeats:
            return 1.0
        odds = log(self.a / (self.b + client.repeats - 1))
        odds += (self.r + client.repeats) * log((self.alpha + client.age) / (self.alpha + client.recency))
        return 1 / (1 + exp(odds)) if odds < 700 else 0.0

    def expected(self, client: History, weeks: float) -> float:
        """The expected number of purchases in the weeks to come.

        Equation 10 after Euler's transformation of the hypergeometric function, which keeps its terms small.
        """
        if not weeks:
            return 0.0
        r, alpha, a, b = self
        a = a if abs(a - 1) > NEXT_TO_ONE else 1 + NEXT_TO_ONE
        passed = (alpha + client.age) / (alpha + client.age + weeks)
        series = hypergeometric(a + b - 1 - r, a - 1, a + b + client.repeats - 1, 1 - passed)
        left = 1 - passed ** (a - 1) * series
        return (a + b + client.repeats - 1) / (a - 1) * left * self.alive(client)


class SpendModel(NamedTuple):
    """The parameters of gamma-gamma, in the currency they were fitted for."""

    p: float
    q: float
    gamma: float

    @property
    def mean(self) -> float:
        """The mean amount over all clients, also those that have not bought again."""
        return self.p * self.gamma / (self.q - 1)

    def expected(self, client: History) -> float:
        """The expected amount of the client's next purchase: its own mean, drawn to that of all the less it bought."""
        units = self.p * client.repeats
        return self.p * (self.gamma + client.repeats * client.mean) / (units + self.q - 1)


def hypergeometric(a: float, b: float, c: float, z: float) -> float:
    """Gauss's hypergeometric function by its series; 0 <= z < 1."""
    term = total = 1.0
    for n in range(MOST_TERMS):
        term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z
        total += term
        if abs(term) <= EXACT * abs(total):
            return total
    raise ArithmeticError(f"the series for {(a, b, c, z)} does not converge")
