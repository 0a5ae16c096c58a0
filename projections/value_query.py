"""The value of one client: what it bought and paid, by year, and what it is expected to bring."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.money import Money
from projections.period import month_of
from projections.value import ValueView
from projections.value_expected import EXAMPLE, ExpectedValue, Segment, expected_values
from projections.value_state import ClientValue
from projections.value_tables import ANY_CURRENCY, CLIENTS, SEGMENTS
from projections.value_totals import Payment, Purchase, rhythms, sums_by

_VIEW = ValueView()


_MARGIN = "Revenue less cost, over the purchases whose cost is known; less what won deals without revenue cost"


class RealisedSums(BaseModel):
    """Amounts in the currency named beside them."""

    purchases: int
    revenue: Money
    margin: Annotated[Money, Field(description=_MARGIN)]
    revenue_without_cost: Annotated[Money, Field(description="Revenue of the purchases whose cost is not known")]
    paid: Money


class YearOfValue(RealisedSums):
    """A calendar year (UTC)."""

    year: int


class Realised(RealisedSums):
    """What the client has brought so far, in one currency."""

    currency: str
    first_purchase_at: datetime | None
    last_purchase_at: datetime | None
    by_year: list[YearOfValue]


_EXAMPLE_SUMS: dict[str, JsonValue] = {
    "purchases": 5,
    "revenue": "50000.00",
    "margin": "20000.00",
    "revenue_without_cost": "0.00",
    "paid": "40000.00",
}


class ValueOfClient(BaseModel):
    """A client's value: realised, and expected by the formula, per currency; currencies are never added.

    It is with what the clients brought that were merged into this one.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11",
                    "name": "Ural Steel",
                    "realised": [
                        {
                            "currency": "EUR",
                            **_EXAMPLE_SUMS,
                            "first_purchase_at": "2024-01-10T09:00:00Z",
                            "last_purchase_at": "2025-01-10T09:00:00Z",
                            "by_year": [{"year": 2024, **_EXAMPLE_SUMS}],
                        }
                    ],
                    "expected": [EXAMPLE],
                }
            ]
        }
    )

    id: UUID
    name: str | None
    merged_into: Annotated[
        UUID | None, Field(description="The client that stands for this one: reports count with it what is said here")
    ] = None
    realised: list[Realised]
    expected: list[ExpectedValue]


async def client_value(connection: AsyncConnection, client_id: UUID) -> ValueOfClient | None:
    """The value of a client; None where there is no such client."""
    query = select(CLIENTS.c.state).where(CLIENTS.c.id == client_id)
    state = (await connection.execute(query)).scalar_one_or_none()
    if state is None:
        return None
    client = _VIEW.from_json(state)
    segments = await _segments(connection, client.card.industry)
    whole = client.together
    return ValueOfClient(
        id=client.id,
        name=client.card.name,
        merged_into=client.work.standing.merged_into,
        realised=realised(whole),
        expected=expected_values(whole, segments),
    )


async def _segments(connection: AsyncConnection, industry: str | None) -> dict[str, Segment]:
    """The figures of an industry by currency, each with the planned retention, which has no currency."""
    if not industry:
        return {}
    columns = [SEGMENTS.c[name] for name in Segment._fields]
    query = select(SEGMENTS.c.currency, *columns)
    query = query.where(SEGMENTS.c.dimension == "industry", SEGMENTS.c.value == industry)
    rows: Sequence[Any] = (await connection.execute(query)).all()
    found = {currency: Segment(*numbers) for currency, *numbers in rows}
    planned = found.pop(ANY_CURRENCY, Segment())
    plan = {"planned_clients": planned.planned_clients, "planned_years": planned.planned_years}
    return {currency: segment._replace(**plan) for currency, segment in {ANY_CURRENCY: Segment(), **found}.items()}


def realised(client: ClientValue) -> list[Realised]:
    """What the client bought and paid, by currency and year."""
    years: dict[str, list[YearOfValue]] = {}
    for (currency, year), sums in sorted(sums_by(_currency_and_year, client.purchases, client.payments).items()):
        years.setdefault(currency, []).append(YearOfValue(year=year, **sums._asdict()))
    bought = rhythms(client.purchases)
    return [
        Realised(
            currency=currency,
            **sums._asdict(),
            first_purchase_at=bought[currency].first_at if currency in bought else None,
            last_purchase_at=bought[currency].last_at if currency in bought else None,
            by_year=years[currency],
        )
        for currency, sums in sorted(client.sums().items())
    ]


def _currency_and_year(entry: Purchase | Payment) -> tuple[str, int]:
    return entry.currency, month_of(entry.at).year
