"""Makes a fit: the models are fitted in a process of their own, then the result is recorded."""

import asyncio
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete

from app.execute import PREDICTION, Call, Outcome
from app.prediction.task import Result, Task, carry_out
from app.problems import invalid
from app.services import Services
from app.tables import predictions
from domain.prediction.state import RecordFit, prediction_id, refuse_too_few
from domain.types import Currency, Moment


class FitOrder(BaseModel):
    """What to fit the models to: all purchases in a currency that had happened by `until`, by now when absent."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"currency": "EUR"}]})

    currency: Currency
    until: Annotated[Moment | None, Field(description="Purchases after it are left out; it has passed")] = None


async def make_fit(services: Services, order: FitOrder, call: Call) -> Outcome:
    """Fit the models to what is in the views now, and record the fit.

    Raises:
        Refused: too few clients have bought in the currency, or bought again.
        Problem: `invalid_request` for a moment in the future.
    """
    if earlier := await services.executor.replay(call):
        return earlier
    until = order.until or datetime.now(UTC)
    if until > datetime.now(UTC):
        raise invalid("until", "Send a moment that has passed.", "in_future")
    fit_id = uuid4()
    url = services.engine.url.render_as_string(hide_password=False)
    result = await asyncio.to_thread(_apart, Task(url, fit_id, order.currency, until))
    refuse_too_few(order.currency, result.clients, result.repeating)
    command = _command(order.currency, until, result)
    stream_id = prediction_id(order.currency)
    outcome = await services.executor.execute(PREDICTION, stream_id, command, call._replace(ids=lambda: lambda: fit_id))
    await _forget_superseded(services, stream_id)
    return outcome


def _apart(task: Task) -> Result:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(carry_out, task).result()


def _command(currency: str, until: datetime, result: Result) -> RecordFit:
    assert result.fitted
    purchases, log_likelihood, spend, correlation = result.fitted
    return RecordFit(
        currency=currency,
        until=until,
        clients=result.clients,
        repeating=result.repeating,
        log_likelihood=log_likelihood,
        correlation=correlation,
        **purchases._asdict(),
        **spend._asdict(),
    )


async def _forget_superseded(services: Services, stream_id: UUID) -> None:
    """Remove what earlier fits said of the clients: the last one is in force."""
    prediction = await services.executor.read(PREDICTION, stream_id)
    superseded = [fit.facts.fit_id for fit in prediction.fits[:-1]]
    async with services.engine.begin() as connection:
        await connection.execute(delete(predictions).where(predictions.c.fit_id.in_(superseded)))
