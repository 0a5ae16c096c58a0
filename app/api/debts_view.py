"""Debts by age, and the invoices behind them."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.converted import Converter, In, RateBody, Rates
from app.api.documented import problems_documented
from app.api.people import EmployeeRef, optional_ref
from app.api.reading import Reading, reader
from app.api.reports import ListPage, cursors_checked, page_by
from domain.types import Currency
from projections.debts import Age, Debts, DebtsView, WantedDebts, debts, debts_by_age
from projections.money import Money

router = APIRouter(tags=["Reports"])
DebtsReading = Annotated[Reading, reader(DebtsView.name, in_time=True)]
AGES = tuple(age.value for age in Age)


class DebtFigures(BaseModel):
    """What is owed in one currency, by how many days ago it was due."""

    currency: str
    invoices: int
    owed: Money
    not_due: Money
    days_1_30: Money
    days_31_60: Money
    days_61_90: Money
    over_90: Money


class DebtItem(DebtFigures):
    """What the clients of an employee owe; null: of nobody."""

    owner: EmployeeRef | None


class DebtReport(BaseModel):
    """Debts by age; the items of a currency add up to its total."""

    day: date
    items: list[DebtItem]
    next_cursor: str | None
    total: dict[str, DebtFigures]
    rates: Rates


@router.get("/reports/debts", responses=problems_documented({}, "no_rate"))
async def report_debts(reading: DebtsReading, page: ListPage, to: In = None) -> DebtReport:
    """What is owed by age and by who works the client, on the day of the report, which `as_of` or `at` may set.

    Currencies are never added, unless all are converted into one: by the rates recorded for the day.
    """
    day = reading.today
    found, rates = await debts_by_age(reading.connection, day), list[RateBody]()
    if to:
        converter = Converter(reading.services, to, day, {each.currency for each in found})
        found, rates = [_converted(each, converter) for each in found], list(converter.rates.values())
    items = [
        DebtItem(owner=optional_ref(reading.services, owner), **figures.model_dump())
        for (owner, _), figures in _summed([((each.owner_id, each.currency), each) for each in found]).items()
    ]
    total = {key: figures for (_, key), figures in _summed([((None, each.currency), each) for each in found]).items()}
    shown, next_cursor = page_by(items, page, "currency", "owner")
    return DebtReport(day=day, items=shown, next_cursor=next_cursor, total=total, rates=rates)


def _converted(each: Debts, converter: Converter) -> Debts:
    amounts = {name: converter(getattr(each, name), each.currency) for name in AGES}
    return each._replace(currency=converter.to, **amounts)


def _summed(found: list[tuple[tuple[UUID | None, str], Debts]]) -> dict[tuple[UUID | None, str], DebtFigures]:
    sums: defaultdict[tuple[UUID | None, str], list[Any]] = defaultdict(lambda: [0, *(Decimal() for _ in AGES)])
    for key, each in found:
        numbers = (each.invoices, *(getattr(each, name) for name in AGES))
        sums[key] = [known + new for known, new in zip(sums[key], numbers, strict=True)]
    return {
        key: DebtFigures(
            currency=key[1],
            invoices=invoices,
            owed=sum(amounts, Decimal()),
            **dict(zip(AGES, amounts, strict=True)),
        )
        for key, (invoices, *amounts) in sums.items()
    }


class DebtBody(BaseModel):
    """An invoice of which something is owed."""

    model_config = ConfigDict(extra="forbid")

    client_id: UUID
    client_name: str | None
    owner: Annotated[EmployeeRef | None, Field(description="Who works the client in its present step")]
    invoice_id: UUID
    number: str | None
    order_id: UUID | None
    deal_id: UUID | None
    issued_at: datetime
    due_on: date
    days_overdue: Annotated[int, Field(description="Whole days since `due_on`; 0 where it is not due yet")]
    amount: Money
    owed: Money
    currency: str


class DebtPage(BaseModel):
    """Invoices, the oldest first."""

    items: list[DebtBody]
    next_cursor: str | None


@router.get("/reports/debts/invoices")
async def list_debts(
    reading: DebtsReading,
    page: ListPage,
    owner_id: UUID | None = None,
    currency: Currency | None = None,
    age: Age | None = None,
    client_id: UUID | None = None,
) -> DebtPage:
    """The invoices behind a figure of the report on debts, the oldest first."""
    day = reading.today
    with cursors_checked():
        found = await debts(reading.connection, WantedDebts(owner_id, currency, age, client_id), page, day)
    items = [
        DebtBody(
            owner=optional_ref(reading.services, item.pop("owner_id")),
            days_overdue=max((day - item["due_on"]).days, 0),
            **item,
        )
        for item in found.items
    ]
    return DebtPage(items=items, next_cursor=found.next_cursor)
