"""What the clients of the made-up firm will buy: the models are fitted to what they bought."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from app.demo.firm import SERVICE, departments
from app.demo.goods import ROUBLES
from app.execute import Call
from app.prediction.making import FitOrder, make_fit
from app.services import Services
from domain.kernel import Actor
from domain.prediction.state import are_too_few
from projections.purchase_history import purchase_histories


async def predict(services: Services, until: datetime, call: Callable[[Actor, str], Call]) -> None:
    """Fit the models for each currency in which enough clients have bought."""
    await services.catch_up()
    head = departments()[SERVICE].head
    orders = [FitOrder(currency=currency, until=until) for currency in ROUBLES]
    enough = [order for order in orders if await _are_enough(services, order.currency, until)]
    await asyncio.gather(
        *(make_fit(services, order, call(head, f"fit {order.currency} {until:%Y-%m-%d}")) for order in enough)
    )


async def _are_enough(services: Services, currency: str, until: datetime) -> bool:
    async with services.engine.connect() as connection:
        histories = await purchase_histories(connection, currency, until)
    return not are_too_few(len(histories), sum(history.repeats > 0 for history in histories))
