"""The parameters under which the purchases of all clients are the most likely; see `domain.prediction.models`."""

from collections.abc import Callable, Sequence
from math import exp, log
from typing import Any

import numpy as np
from scipy.optimize import minimize  # pyright: ignore[reportUnknownVariableType] - it comes without types
from scipy.special import betaln, gammaln

from app.prediction.task import Fitted
from domain.prediction.models import LEAST_ALPHA, History, PurchaseModel, SpendModel

Numbers = np.ndarray[Any, np.dtype[np.float64]]
LARGEST_LOGARITHM = 15.0
"""Parameters are sought between its negative and itself: data without any variance have no finite optimum."""
_BOUNDS = (-LARGEST_LOGARITHM, LARGEST_LOGARITHM)
_minimize: Any = minimize  # pyright: ignore[reportUnknownVariableType]
_unique: Any = np.unique
_log_gamma: Callable[[Any], Numbers] = gammaln
_log_beta: Callable[[Any, Any], Numbers] = betaln


def fit(clients: Sequence[History]) -> Fitted:
    """Fit both models to the histories of all clients; some of them have to have bought again."""
    purchases, log_likelihood = fit_purchases(clients)
    return Fitted(purchases, log_likelihood, fit_spend(clients), _correlation(clients))


def fit_purchases(clients: Sequence[History]) -> tuple[PurchaseModel, float]:
    """BG/NBD by maximum likelihood (equation 6), and the logarithm of that likelihood."""
    rows: Numbers = np.array([client[:3] for client in clients], dtype=np.float64)
    distinct, times = _unique(rows, axis=0, return_counts=True)
    repeats, recency, age = distinct.T
    again = repeats > 0

    def unlikelihood(logarithms: Numbers) -> float:
        r, alpha, a, b = np.exp(logarithms)
        rate = _log_gamma(r + repeats) - _log_gamma(r) + r * np.log(alpha)
        stayed = _log_beta(a, b + repeats) - _log_beta(a, b) - (r + repeats) * np.log(alpha + age)
        left = _log_beta(a + 1, b + np.maximum(repeats, 1) - 1) - _log_beta(a, b)
        left = np.where(again, left - (r + repeats) * np.log(alpha + recency), -np.inf)
        return -float(np.average(rate + np.logaddexp(stayed, left), weights=times))

    bounds = [_BOUNDS, (log(LEAST_ALPHA), LARGEST_LOGARITHM), _BOUNDS, _BOUNDS]
    (r, alpha, a, b), least = _least(unlikelihood, bounds)
    return PurchaseModel(r, alpha, a, b), -least * len(clients)


def fit_spend(clients: Sequence[History]) -> SpendModel:
    """Gamma-gamma by maximum likelihood over the clients that bought again for some amount; `q` is above 1."""
    repeats, mean = _spending(clients)
    unit = float(mean.mean())
    mean = mean / unit

    def unlikelihood(logarithms: Numbers) -> float:
        p, above, gamma = map(exp, logarithms)
        q, units = 1 + above, p * repeats
        likelihood = _log_gamma(units + q) - _log_gamma(units) - _log_gamma(q) + q * np.log(gamma)
        likelihood += (units - 1) * np.log(mean) + units * np.log(repeats)
        likelihood -= (units + q) * np.log(gamma + repeats * mean)
        return -float(likelihood.mean())

    (p, above, gamma), _ = _least(unlikelihood, [_BOUNDS] * 3)
    return SpendModel(p, 1 + above, gamma * unit)


def _least(function: Callable[[Numbers], float], bounds: list[tuple[float, float]]) -> tuple[list[float], float]:
    """Where a function of positive parameters is least, given their logarithms and bounds, and its value there."""
    search = _minimize(function, np.zeros(len(bounds)), method="L-BFGS-B", bounds=bounds)
    return list(map(exp, search.x)), float(search.fun)


def _correlation(clients: Sequence[History]) -> float:
    """Pearson's, over the clients that bought again; 0 where either does not vary."""
    spending = _spending(clients)
    if min(np.ptp(row) for row in spending) == 0:
        return 0.0
    found: Any = np.corrcoef(spending)
    return min(1.0, max(-1.0, float(found[0, 1])))


def _spending(clients: Sequence[History]) -> Numbers:
    """Number and mean amount of the repeats, of the clients that bought again for some amount: two rows."""
    return np.array([(each.repeats, each.mean) for each in clients if each.mean > 0], dtype=np.float64).T
