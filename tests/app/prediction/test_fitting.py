"""The models are fitted as published: to the purchases of CDNOW's customers, and to simulated ones."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.special import hyp2f1

from app.prediction.fitting import fit, fit_purchases
from domain.prediction.models import History, PurchaseModel, SpendModel, hypergeometric

CDNOW = Path(__file__).with_name("cdnow.csv")
PUBLISHED = PurchaseModel(0.243, 4.414, 0.793, 2.426)
"""Fader, Hardie and Lee (2005), table 2."""


def customers() -> list[History]:
    with CDNOW.open(newline="") as file:
        return [History(int(row["frequency"]), float(row["recency"]), float(row["T"])) for row in csv.DictReader(file)]


def test_the_published_parameters_of_cdnow() -> None:
    model, log_likelihood = fit_purchases(customers())
    assert model == pytest.approx(PUBLISHED, rel=0.01)
    assert log_likelihood == pytest.approx(-9582.4, abs=0.1)


def test_the_models_find_what_a_simulation_was_made_with() -> None:
    """4,000 clients over three years: how often they buy, when they are lost, and for how much."""
    purchases, spend = PurchaseModel(0.8, 6.0, 0.9, 3.0), SpendModel(6.0, 4.0, 15_000.0)
    random = np.random.default_rng(1)
    found = fit([simulated(purchases, spend, random) for _ in range(4_000)])
    assert found.purchases == pytest.approx(purchases, rel=0.2)
    assert found.spend == pytest.approx(spend, rel=0.2)
    assert abs(found.correlation) < 0.1


def simulated(purchases: PurchaseModel, spend: SpendModel, random: np.random.Generator) -> History:
    age = float(random.uniform(52, 156))
    rate, lost = random.gamma(purchases.r, 1 / purchases.alpha), random.beta(purchases.a, purchases.b)
    repeats, recency, now = 0, 0.0, float(random.exponential(1 / rate))
    while now < age:
        repeats, recency = repeats + 1, now
        if random.random() < lost:
            break
        now += float(random.exponential(1 / rate))
    units = random.gamma(spend.q, 1 / spend.gamma)
    mean = random.gamma(spend.p * repeats, 1 / (units * repeats)) if repeats else 0.0
    return History(repeats, recency, age, float(mean))


@pytest.mark.parametrize("z", [0.0, 0.3, 0.9, 0.999])
@pytest.mark.parametrize(("a", "b", "c"), [(1.976, -0.207, 2.219), (0.5, 3.0, 8.0), (-0.4, -0.2, 40.0)])
def test_the_hypergeometric_function(a: float, b: float, c: float, z: float) -> None:
    assert hypergeometric(a, b, c, z) == pytest.approx(hyp2f1(a, b, c, z), rel=1e-9)
