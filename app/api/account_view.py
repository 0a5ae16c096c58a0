"""One client's account, as decisions see it: always with all that was recorded by now."""

from collections.abc import Iterable
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
from app.execute import CLIENT
from app.problems import Problem
from domain.client.account import Account, Invoice, Payment
from domain.client.state import Client
from projections.money import Money
from projections.paging import newest

router = APIRouter(tags=["Clients: views"])
NOT_FOUND = 404
UNKNOWN_CLIENT = problems_documented({NOT_FOUND: ["unknown_client"]})


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


@router.get("/clients/{client_id}/account", responses=UNKNOWN_CLIENT)
async def read_account(
    request: Request, actor: Reader, client_id: UUID, page: ListPage, after: After = None
) -> AccountBody:
    """A client's invoices and payments, which go to which, and what it owes or has as credit."""
    account = (await client_of(request, actor, client_id, after)).account
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


async def client_of(request: Request, actor: Reader, client_id: UUID, after: int | None) -> Client:
    """The client as decisions see it.

    Raises:
        Problem: `unknown_client`, where there is none; `invalid_request` for a position that does not exist yet.
    """
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
