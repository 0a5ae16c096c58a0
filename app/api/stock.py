"""Commands on the stock of articles: goods come in, are counted, are expected."""

from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from app.api.commands import Streams, command_route
from app.execute import STOCK
from domain.catalogue.codes import stock_id
from domain.stock.commands import CancelArrival, ChangeArrival, CorrectStock, ExpectArrival, ReceiveStock

router = APIRouter(tags=["Stock"])


def _stock_of(command: Any) -> UUID:
    return stock_id(command.article)


_add = partial(command_route, router, streams=Streams(STOCK, "stock", begin=_stock_of, action="keep_stock"))

_add("/stock/receipts", ReceiveStock)
_add("/stock/counts", CorrectStock)
_add("/stock/arrivals", ExpectArrival, creates="arrival_id")
_add("/stock/arrivals/{arrival_id}/change", ChangeArrival)
_add("/stock/arrivals/{arrival_id}/cancel", CancelArrival)
