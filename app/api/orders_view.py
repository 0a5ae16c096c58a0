"""One client's orders, as decisions see them: always with all that was recorded by now."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from app.api.account_view import UNKNOWN_CLIENT, client_of
from app.api.approvals_view import Percent
from app.api.caller import Reader, services_of
from app.api.people import EmployeeRef, optional_ref
from app.api.reading import After
from app.api.reports import ListPage, cursors_checked
from app.execute import STOCK, Executor
from app.services import Services
from domain.catalogue.codes import stock_id
from domain.client.order_events import PromisedPart
from domain.client.order_state import ZERO, Line, Order, as_money
from domain.client.state import Client
from domain.stock.promises import promise
from domain.stock.shelf import LineOfOrder
from domain.stock.state import Stock
from projections.money import Money
from projections.paging import newest

router = APIRouter(tags=["Clients: views"])


class LineBody(BaseModel):
    """A line of an order: ordered = shipped + open + cancelled."""

    line: int
    article: Annotated[str, Field(description="Empty where only an amount was ordered")]
    warehouse: str | None
    price: Money
    list_price: Annotated[Money | None, Field(description="Per unit; null: on no list")]
    ordered: Decimal
    shipped: Decimal
    open: Decimal
    cancelled: Decimal
    returned: Annotated[Decimal, Field(description="Of what was shipped")]
    promised: Annotated[
        list[PromisedPart],
        Field(description="When it was ordered: at once (no day), for the day of an arrival, or undated"),
    ]
    told: Annotated[list[PromisedPart], Field(description="What the client was told last, when these days had moved")]
    expected: Annotated[list[PromisedPart], Field(description="The same of what is open, as it stands now")]


class ShipmentBody(BaseModel):
    """A shipment of an order."""

    id: UUID
    amount: Money
    delivered: bool
    since: Annotated[datetime, Field(description="When it was delivered, else when it went out")]


class ApprovalOfOrder(BaseModel):
    """An approval that the order used; `GET /clients/{client_id}/orders/approvals` says what it was asked for."""

    id: UUID
    approved_by: EmployeeRef | None


class OrderBody(BaseModel):
    """An order: ordered = shipped + open + cancelled, in its currency."""

    id: UUID
    number: str | None
    placed_at: datetime
    currency: str
    state: Annotated[str, Field(description="placed, confirmed, partly_shipped, shipped or cancelled")]
    ordered: Money
    shipped: Money
    open: Money
    cancelled: Money
    returned: Annotated[Money, Field(description="Of what was shipped")]
    deal_id: UUID | None
    discount: Annotated[Money, Field(description="What its articles are below their list prices, of what stands")]
    discount_limit_percent: Annotated[Percent, Field(description="Of whoever placed it, then; null: no rule was set")]
    approvals: Annotated[list[ApprovalOfOrder], Field(description="By which it may be beyond the rules")]
    lines: list[LineBody]
    shipments: list[ShipmentBody]


class OrderList(BaseModel):
    """The orders of a client, the newest first."""

    items: list[OrderBody]
    next_cursor: str | None


@router.get("/clients/{client_id}/orders", responses=UNKNOWN_CLIENT)
async def list_client_orders(
    request: Request, actor: Reader, client_id: UUID, page: ListPage, after: After = None
) -> OrderList:
    """A client's orders, with what of each line was shipped, cancelled and returned."""
    client = await client_of(request, actor, client_id, after)
    with cursors_checked():
        orders, cursor = newest(client.orders.by_id.items(), lambda item: (item[1].placed_at, item[0]), page)
    services = services_of(request)
    stocks = await _stocks(services.executor, (order for _, order in orders))
    items = [_order(key, order, stocks, _approvals(order, client, services)) for key, order in orders]
    return OrderList(items=items, next_cursor=cursor)


Stocks = Mapping[str, Stock]


async def _stocks(executor: Executor, orders: Iterable[Order]) -> Stocks:
    """The stock of the articles of which anything is open, by code."""
    articles = sorted({line.article for order in orders for line in order.lines if line.warehouse and line.open})
    await executor.foresee(STOCK, [stock_id(article) for article in articles])
    return {article: await executor.read(STOCK, stock_id(article)) for article in articles}


def _approvals(order: Order, client: Client, services: Services) -> list[ApprovalOfOrder]:
    known = client.approvals.by_id
    return [
        ApprovalOfOrder(id=key, approved_by=optional_ref(services, known[key].answered_by)) for key in order.approvals
    ]


def _order(key: UUID, order: Order, stocks: Stocks, approvals: list[ApprovalOfOrder]) -> OrderBody:
    whole = [line._replace(cancelled=line.quantity) if order.cancelled else line for line in order.lines]
    lines = [
        LineBody(
            line=number,
            ordered=line.quantity,
            expected=_expected(LineOfOrder(key, number), line, stocks),
            **_fields_of_line(line),
        )
        for number, line in enumerate(whole, 1)
    ]
    amount = Decimal() if order.cancelled else order.amount
    return OrderBody(
        id=key,
        state=_state(order),
        ordered=order.ordered,
        shipped=order.shipped,
        open=amount - order.shipped,
        cancelled=order.ordered - amount,
        discount=_discount(whole),
        approvals=approvals,
        lines=lines,
        shipments=[ShipmentBody(id=each, **shipment._asdict()) for each, shipment in order.shipments.items()],
        **{name: getattr(order, name) for name in _AS_IT_IS},
    )


def _discount(lines: Iterable[Line]) -> Decimal:
    """What the articles that stand are below their list prices."""
    listed = ((line, line.list_price) for line in lines if line.list_price is not None)
    return as_money(sum((line.standing * max(price - line.price, ZERO) for line, price in listed), ZERO))


_AS_IT_IS = ("number", "placed_at", "currency", "returned", "deal_id", "discount_limit_percent")


def _expected(who: LineOfOrder, line: Line, stocks: Stocks) -> list[PromisedPart]:
    if line.warehouse is None or line.article not in stocks:
        return []
    parts = stocks[line.article].shelf(line.warehouse).promised_to(who)
    return [PromisedPart(**promise(part)) for part in parts]


def _fields_of_line(line: Any) -> dict[str, Any]:
    names = ("article", "warehouse", "price", "list_price", "shipped", "open", "cancelled", "returned")
    return {name: getattr(line, name) for name in names} | {
        "promised": list(line.promised),
        "told": list(line.told),
    }


def _state(order: Order) -> str:
    if order.cancelled:
        return "cancelled"
    if order.shipments:
        return "partly_shipped" if order.open else "shipped"
    return "confirmed" if order.confirmed else "placed"
