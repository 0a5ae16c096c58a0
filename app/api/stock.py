"""Commands on the stock of articles: goods come in, are counted, are expected."""

from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from app.api.commands import Streams, command_route
from app.api.reading import wait_for
from app.execute import STOCK, Call, Outcome
from app.services import Services
from domain.catalogue.codes import stock_id
from domain.kernel import Refused
from domain.stock.commands import CancelArrival, ChangeArrival, CorrectStock, ExpectArrival, OfArrival, ReceiveStock
from projections.promises import PromisesView
from projections.warehouse_query import stock_of_arrival

router = APIRouter(tags=["Stock"])


def _stock_of(command: Any) -> UUID:
    return stock_id(command.article)


async def _on_arrival(services: Services, _: UUID | None, command: OfArrival, call: Call) -> Outcome:
    """Carry the command out on the stock of the article that is sent, else of that which the arrival is of."""
    if earlier := await services.executor.replay(call):
        return earlier
    found = stock_id(command.article) if command.article else await _found(services, command.arrival_id)
    return await services.executor.execute(STOCK, found, command, call)


async def _found(services: Services, arrival_id: UUID) -> UUID:
    """The stock of an arrival; one that is not in the view yet is waited for."""
    for after in (None, await services.store.head()):
        await wait_for(services, (PromisesView.name,), after)
        async with services.engine.connect() as connection:
            if found := await stock_of_arrival(connection, arrival_id):
                return found
    raise Refused("unknown_arrival", arrival_id=arrival_id)


_add = partial(command_route, router, streams=Streams(STOCK, "stock", begin=_stock_of, action="keep_stock"))

_add("/stock/receipts", ReceiveStock)
_add("/stock/counts", CorrectStock)
_add("/stock/arrivals", ExpectArrival, creates="arrival_id")
_of_arrival = partial(_add, carry_out=_on_arrival, problems=("view_behind",))
_of_arrival("/stock/arrivals/{arrival_id}/change", ChangeArrival)
_of_arrival("/stock/arrivals/{arrival_id}/cancel", CancelArrival)
