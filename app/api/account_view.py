"""One client's orders and account, as decisions see them: always with all that was recorded by now."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from app.api.caller import Reader, services_of
from app.api.documented import problems_documented
from app.api.reading import After, wait_for
from app.api.reports import ListPage, cursors_checked
from app.auth import authorize
from app.execute import CLIENT, STOCK, Executor
from app.problems import Problem
from domain.catalogue.codes import stock_id
from domain.client.account import Account, Invoice, Payment
from domain.client.order_events import PromisedPart
from domain.client.orders import Line, Order
from domain.client.state import Client
from domain.stock.promises import promise
from domain.stock.shelf import LineOfOrder
from domain.stock.state import Stock
from projections.money import Money
from projections.paging import newest

router = APIRouter(tags=["Clients: views"])
NOT_FOUND = 404
_UNKNOWN = problems_documented({NOT_FOUND: ["unknown_client"]})


class LineBody(BaseModel):
    """A line of an order: ordered = shipped + open + cancelled."""

    line: int
    article: Annotated[str, Field(description="Empty where only an amount was ordered")]
    warehouse: str | None
    price: Money
    ordered: Decimal
    shipped: Decimal
    open: Decimal
    cancelled: Decimal
    returned: Annotated[Decimal, Field(description="Of what was shipped")]
    promised: Annotated[
        list[PromisedPart],
        Field(description="When it was ordered: at once (no day), for the day of an arrival, or undated"),
    ]
    expected: Annotated[list[PromisedPart], Field(description="The same of what is open, as it stands now")]


class ShipmentBody(BaseModel):
    """A shipment of an order."""

    id: UUID
    amount: Money
    delivered: bool
    since: Annotated[datetime, Field(description="When it was delivered, else when it went out")]


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
    lines: list[LineBody]
    shipments: list[ShipmentBody]


class OrderList(BaseModel):
    """The orders of a client, the newest first."""

    items: list[OrderBody]
    next_cursor: str | None


class InvoiceBody(BaseModel):
    """An invoice: amount = paid + owed + credited."""

    id: UUID
    number: str | None
    issued_at: datetime
    due_on: date
    currency: str
    amount: Money
    paid: Money
    owed: Money
    credited: Money
    order_id: UUID | None
    deal_id: UUID | None
    shipment_id: UUID | None


class PaymentBody(BaseModel):
    """A payment: amount = allocated + refunded + free."""

    id: UUID
    received_at: datetime
    currency: str
    amount: Money
    allocated: Money
    refunded: Money
    free: Annotated[Money, Field(description="The client's credit")]
    order_id: UUID | None
    deal_id: UUID | None
    invoice_id: UUID | None


class AllocationBody(BaseModel):
    """What of a payment goes to an invoice."""

    payment_id: UUID
    invoice_id: UUID
    amount: Money


class Balance(BaseModel):
    """The sums of one currency: invoiced = paid + owed + credited; received = paid + refunded + credit."""

    invoiced: Money
    paid: Money
    owed: Money
    credited: Money
    received: Money
    refunded: Money
    credit: Money


class AccountBody(BaseModel):
    """What is asked of a client and what it paid: a page of invoices and payments together, the newest first."""

    invoices: list[InvoiceBody]
    payments: list[PaymentBody]
    allocations: Annotated[list[AllocationBody], Field(description="Of the payments of this page")]
    balance: Annotated[dict[str, Balance], Field(description="Of the whole account, by currency")]
    next_cursor: str | None


@router.get("/clients/{client_id}/orders", responses=_UNKNOWN)
async def list_client_orders(
    request: Request, actor: Reader, client_id: UUID, page: ListPage, after: After = None
) -> OrderList:
    """A client's orders, with what of each line was shipped, cancelled and returned."""
    client = await _client(request, actor, client_id, after)
    with cursors_checked():
        orders, cursor = newest(client.orders.by_id.items(), lambda item: (item[1].placed_at, item[0]), page)
    stocks = await _stocks(services_of(request).executor, (order for _, order in orders))
    return OrderList(items=[_order(key, order, stocks) for key, order in orders], next_cursor=cursor)


Stocks = Mapping[str, Stock]


async def _stocks(executor: Executor, orders: Iterable[Order]) -> Stocks:
    """The stock of the articles of which anything is open, by code."""
    articles = sorted({line.article for order in orders for line in order.lines if line.warehouse and line.open})
    await executor.foresee(STOCK, [stock_id(article) for article in articles])
    return {article: await executor.read(STOCK, stock_id(article)) for article in articles}


@router.get("/clients/{client_id}/account", responses=_UNKNOWN)
async def read_account(
    request: Request, actor: Reader, client_id: UUID, page: ListPage, after: After = None
) -> AccountBody:
    """A client's invoices and payments, which go to which, and what it owes or has as credit."""
    account = (await _client(request, actor, client_id, after)).account
    entries = (*account.invoices.values(), *account.payments.values())
    with cursors_checked():
        shown, cursor = newest(entries, _place, page)
    payments = {each.id: each for each in shown if isinstance(each, Payment)}
    return AccountBody(
        invoices=[InvoiceBody(**_fields(InvoiceBody, each)) for each in shown if isinstance(each, Invoice)],
        payments=[PaymentBody(**_fields(PaymentBody, each)) for each in payments.values()],
        allocations=[
            AllocationBody(**pair._asdict(), amount=amount)
            for pair, amount in account.allocations.items()
            if pair.payment_id in payments
        ],
        balance={currency: _balance(account, currency) for currency in sorted({each.currency for each in entries})},
        next_cursor=cursor,
    )


def _place(entry: Invoice | Payment) -> tuple[datetime, UUID]:
    return entry.issued_at if isinstance(entry, Invoice) else entry.received_at, entry.id


async def _client(request: Request, actor: Reader, client_id: UUID, after: int | None) -> Client:
    services = services_of(request)
    authorize(actor, "read")
    await wait_for(services, (), after)
    client = await services.executor.read(CLIENT, client_id)
    if client.registration.registered_at is None:
        raise Problem("unknown_client", status=NOT_FOUND, facts={"id": client_id})
    return client


def _fields(kind: type[BaseModel], source: Any) -> dict[str, Any]:
    return {name: getattr(source, name) for name in kind.model_fields}


def _balance(account: Account, currency: str) -> Balance:
    def total(items: Iterable[Any], name: str) -> Decimal:
        return sum((getattr(each, name) for each in items if each.currency == currency), Decimal())

    invoices, payments = account.invoices.values(), account.payments.values()
    return Balance(
        invoiced=total(invoices, "amount"),
        paid=total(invoices, "paid"),
        owed=total(invoices, "owed"),
        credited=total(invoices, "credited"),
        received=total(payments, "amount"),
        refunded=total(payments, "refunded"),
        credit=total(payments, "free"),
    )


def _order(key: UUID, order: Order, stocks: Stocks) -> OrderBody:
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
        lines=lines,
        shipments=[ShipmentBody(id=each, **shipment._asdict()) for each, shipment in order.shipments.items()],
        **{name: getattr(order, name) for name in ("number", "placed_at", "currency", "returned", "deal_id")},
    )


def _expected(who: LineOfOrder, line: Line, stocks: Stocks) -> list[PromisedPart]:
    if line.warehouse is None or line.article not in stocks:
        return []
    parts = stocks[line.article].shelf(line.warehouse).promised_to(who)
    return [PromisedPart(**promise(part)) for part in parts]


def _fields_of_line(line: Any) -> dict[str, Any]:
    names = ("article", "warehouse", "price", "shipped", "open", "cancelled", "returned")
    return {name: getattr(line, name) for name in names} | {"promised": list(line.promised)}


def _state(order: Order) -> str:
    if order.cancelled:
        return "cancelled"
    if order.shipments:
        return "partly_shipped" if order.open else "shipped"
    return "confirmed" if order.confirmed else "placed"
