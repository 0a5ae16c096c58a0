"""A fit and the scores that follow from it, in a process of its own: it takes seconds, and libraries of many megabytes.

It reads amounts and dates only, so that it needs no key.
"""

import asyncio
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from app.prediction.fitting import fit
from app.prediction.task import Fitted, Result, Task
from app.tables import predictions
from domain.prediction.answers import predicted
from domain.prediction.state import are_too_few
from projections.log import driver
from projections.purchase_history import PurchaseHistory, purchase_histories

DAYS = 365
"""What the scores look ahead."""
_COLUMNS = tuple(column.name for column in predictions.columns)


def fit_and_score(task: Task) -> Result:
    """Fit the models, and keep under `fit_id` what they say of every client."""
    return asyncio.run(_fit(task))


async def _fit(task: Task) -> Result:
    engine = create_async_engine(task.database_url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            histories = await purchase_histories(connection, task.currency, task.until)
            repeating = sum(history.repeats > 0 and history.repeated > 0 for history in histories)
            if are_too_few(len(histories), repeating):
                return Result(len(histories), repeating, None)
            fitted = fit([history.by(task.until) for history in histories])
            await _keep_scores(connection, task, histories, fitted)
            return Result(len(histories), repeating, fitted)
    finally:
        await engine.dispose()


async def _keep_scores(
    connection: AsyncConnection, task: Task, histories: Sequence[PurchaseHistory], fitted: Fitted
) -> None:
    raw = await driver(connection)
    models = fitted.purchases, fitted.spend
    rows = [
        (task.fit_id, each.client_id, *predicted(*models, each.by(task.until), DAYS, each.margin_share))
        for each in histories
    ]
    await raw.copy_records_to_table(predictions.name, records=rows, columns=_COLUMNS, schema_name="public")
