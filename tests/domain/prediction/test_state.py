"""Fits as facts: which are recorded, and which is in force when."""

from typing import Any
from uuid import UUID

import pytest

from domain.prediction.state import Prediction, PredictionFitted, RecordFit, prediction_id
from tests.spec import Refusal, at, day, folded, given_stream, new, recorded, refusal

PARAMETERS: dict[str, Any] = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "p": 6.25, "q": 3.74, "gamma": 15.44}
QUALITY: dict[str, Any] = {"log_likelihood": -9582.4, "correlation": 0.1}
RECORD = RecordFit(currency="EUR", until=day(50), clients=50, repeating=20, **PARAMETERS, **QUALITY)
ID = prediction_id("EUR")
NOTHING = given_stream(Prediction(ID))


def fitted(number: int) -> PredictionFitted:
    return PredictionFitted(
        fit_id=new(number), currency="EUR", until=day(50), clients=50, repeating=20, **PARAMETERS, **QUALITY
    )


def test_a_fit_is_recorded_with_its_parameters() -> None:
    NOTHING.when(RECORD).then(fitted(1))


REFUSALS = [
    refusal("too_few_purchases", NOTHING, RECORD.model_copy(update={"clients": 49}), {"clients": 49}),
    refusal("too_few_purchases", NOTHING, RECORD.model_copy(update={"repeating": 19}), {"least_repeating": 20}),
    refusal("in_future", NOTHING, RECORD.model_copy(update={"until": day(101)})),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_the_fit_in_force_is_the_last_one_by_then() -> None:
    prediction = folded(Prediction(ID), recorded([at(day(1), fitted(1)), at(day(9), fitted(2))], ID))
    found = [fit.facts.fit_id if (fit := prediction.fit_by(day(number))) else None for number in (0, 1, 5, 9, 20)]
    assert found == [None, new(1), new(1), new(2), new(2)]


def test_each_currency_has_a_stream_of_its_own() -> None:
    assert prediction_id("EUR") != prediction_id("USD")
    assert isinstance(prediction_id("EUR"), UUID)
