"""Debts: what is owed of each invoice, and by when it was due. Currencies are never added."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    DateTime,
    Index,
    Numeric,
    Table,
    Text,
    Uuid,
    and_,
    func,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.client.account_events import InvoiceCredited, InvoiceIssued, PaymentAllocated, PaymentReleased
from domain.client.card import CardChanged
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from projections.kernel import Row, View, metadata, view_table
from projections.paging import Listed, Page, listed
from projections.place import PLACE_EVENTS, Place


class ClientDebts(NamedTuple):
    """One client: who works it, and what it owes by invoice; those of which nothing is owed are not kept."""

    id: UUID
    name: str | None = None
    place: Place = Place()
    owed: Mapping[UUID, Decimal] = {}

    def owing(self, invoice_id: UUID, amount: Decimal) -> "ClientDebts":
        """With so much more owed of an invoice, or less."""
        left = self.owed.get(invoice_id, Decimal()) + amount
        others = {key: each for key, each in self.owed.items() if key != invoice_id}
        return self._replace(owed={**others, invoice_id: left} if left else others)


CLIENTS = view_table("debt_clients", Column("name", Text), Column("owner_id", Uuid))
INVOICES = Table(
    "debt_invoices",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("invoice_id", Uuid, primary_key=True),
    Column("number", Text),
    Column("amount", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("order_id", Uuid),
    Column("deal_id", Uuid),
)
"""All invoices ever issued."""
OWED = Table(
    "debt_owed",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("invoice_id", Uuid, primary_key=True),
    Column("owed", Numeric, nullable=False),
    Index("debt_owed_invoice", "invoice_id"),
)
"""What is owed of those that are not settled."""


class DebtsView(View[ClientDebts]):
    """Invoices, and what is owed of them."""

    name: ClassVar = "debts"
    reads: ClassVar[frozenset[type[Event]]] = PLACE_EVENTS | {
        CardChanged,
        InvoiceIssued,
        InvoiceCredited,
        PaymentAllocated,
        PaymentReleased,
    }
    table: ClassVar = CLIENTS
    part_tables: ClassVar = (OWED,)
    growing_tables: ClassVar = (INVOICES,)
    state_type = ClientDebts

    def start(self, stream_id: UUID) -> ClientDebts:
        return ClientDebts(stream_id)

    def evolve(self, state: ClientDebts, recorded: Recorded) -> ClientDebts:
        match recorded.event:
            case ClientRegistered(name=name):
                return state._replace(name=name, place=state.place.evolve(recorded))
            case CardChanged(changed=changed, name=name):
                return state._replace(name=name) if "name" in changed else state
            case InvoiceIssued() | PaymentReleased() as event:
                return state.owing(event.invoice_id, event.amount)
            case InvoiceCredited() | PaymentAllocated() as event:
                return state.owing(event.invoice_id, -event.amount)
            case _:
                return state._replace(place=state.place.evolve(recorded))

    def columns(self, state: ClientDebts) -> Row | None:
        if state.place.since is None:
            return None
        return (state.name, state.place.owner)

    def parts(self, state: ClientDebts) -> Mapping[Table, Sequence[Row]]:
        return {OWED: [(state.id, key, amount) for key, amount in state.owed.items()]}

    def grown(self, recorded: Recorded) -> Mapping[Table, Row]:
        event = recorded.event
        if not isinstance(event, InvoiceIssued):
            return {}
        key = (recorded.stream_id, event.invoice_id, event.number, event.amount, event.currency)
        return {INVOICES: (*key, recorded.occurred_at, event.due_on, event.order_id, event.deal_id)}


class Age(StrEnum):
    """How long ago a debt was due, in days."""

    NOT_DUE = "not_due"
    DAYS_1_30 = "days_1_30"
    DAYS_31_60 = "days_31_60"
    DAYS_61_90 = "days_61_90"
    OVER_90 = "over_90"


_OVER = {Age.DAYS_1_30: 0, Age.DAYS_31_60: 30, Age.DAYS_61_90: 60, Age.OVER_90: 90}
"""More days than these past the due day."""
_OF_INVOICE = and_(OWED.c.client_id == INVOICES.c.client_id, OWED.c.invoice_id == INVOICES.c.invoice_id)
_DEBTS = INVOICES.join(OWED, _OF_INVOICE).join(CLIENTS, CLIENTS.c.id == INVOICES.c.client_id)


def _is_of(age: Age, today: date) -> ColumnElement[bool]:
    past = literal(today, Date) - INVOICES.c.due_on
    if age is Age.NOT_DUE:
        return past <= 0
    limits = [*_OVER.values(), None]
    until = limits[limits.index(_OVER[age]) + 1]
    return past > _OVER[age] if until is None else and_(past > _OVER[age], past <= until)


class Debts(NamedTuple):
    """What is owed in a currency to be collected by an employee (None: by nobody), by age."""

    owner_id: UUID | None
    currency: str
    invoices: int
    not_due: Decimal
    days_1_30: Decimal
    days_31_60: Decimal
    days_61_90: Decimal
    over_90: Decimal


async def debts_by_age(connection: AsyncConnection, today: date) -> list[Debts]:
    """What is owed on a day, by who works the client and currency, in the order of currencies."""
    sums = [func.coalesce(func.sum(OWED.c.owed).filter(_is_of(age, today)), 0) for age in Age]
    query = select(CLIENTS.c.owner_id, INVOICES.c.currency, func.count(), *sums).select_from(_DEBTS)
    query = query.group_by(CLIENTS.c.owner_id, INVOICES.c.currency).order_by(INVOICES.c.currency, CLIENTS.c.owner_id)
    rows: Sequence[Any] = (await connection.execute(query)).all()
    return [Debts(*row) for row in rows]


class WantedDebts(NamedTuple):
    """Which debts to list; None does not restrict. The owner is who works the client."""

    owner: UUID | None = None
    currency: str | None = None
    age: Age | None = None
    client_id: UUID | None = None


async def debts(connection: AsyncConnection, wanted: WantedDebts, page: Page, today: date) -> Listed:
    """Invoices of which something is owed, the oldest first.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    columns = (*INVOICES.c, OWED.c.owed, CLIENTS.c.name.label("client_name"), CLIENTS.c.owner_id)
    query = select(*columns).select_from(_DEBTS)
    if wanted.owner is not None:
        query = query.where(CLIENTS.c.owner_id == wanted.owner)
    if wanted.currency is not None:
        query = query.where(INVOICES.c.currency == wanted.currency)
    if wanted.age is not None:
        query = query.where(_is_of(wanted.age, today))
    if wanted.client_id is not None:
        query = query.where(INVOICES.c.client_id == wanted.client_id)
    return await listed(connection, query, (INVOICES.c.issued_at, INVOICES.c.invoice_id), page)
