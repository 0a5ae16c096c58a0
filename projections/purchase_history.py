"""What clients bought in one currency, as the prediction models want it: on how many days, since when, for how much."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Date, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.prediction.models import DAYS_IN_WEEK, History
from projections.value_tables import CLIENTS, ENTRIES, SUMS


class PurchaseHistory(NamedTuple):
    """A client's purchases in one currency; those of one day (UTC) are one.

    `repeats`: the days after the first on which it bought, `repeated`: the revenue of these days. `costed` is the
    revenue, and `margin` the margin, of all purchases whose cost is known.
    """

    client_id: UUID
    repeats: int
    first_on: date
    last_on: date
    repeated: Decimal
    costed: Decimal
    margin: Decimal

    def by(self, until: datetime) -> History:
        """The history in the models' terms, at a moment."""
        age = (until.astimezone(UTC).date() - self.first_on).days / DAYS_IN_WEEK
        recency = (self.last_on - self.first_on).days / DAYS_IN_WEEK
        mean = float(max(self.repeated, Decimal())) / self.repeats if self.repeats else 0.0
        return History(self.repeats, recency, age, mean)

    @property
    def margin_share(self) -> Decimal | None:
        """The share of margin in the revenue whose cost is known; None where there is none."""
        return self.margin / self.costed if self.costed > 0 else None


async def purchase_histories(
    connection: AsyncConnection, currency: str, until: datetime, client_id: UUID | None = None
) -> list[PurchaseHistory]:
    """The histories of all clients that had bought by a moment, or of one client; in no order."""
    day = cast(func.timezone("UTC", ENTRIES.c.occurred_at), Date)
    sums = [func.sum(ENTRIES.c[name]).label(name) for name in ("revenue", "revenue_without_cost", "margin")]
    first = func.min(day).over(partition_by=ENTRIES.c.client_id).label("first_on")
    days = select(ENTRIES.c.client_id, day.label("day"), first, *sums)
    days = days.where(ENTRIES.c.currency == currency, ENTRIES.c.purchases > 0, ENTRIES.c.occurred_at <= until)
    if client_id is not None:
        days = days.where(ENTRIES.c.client_id == client_id)
    bought = days.group_by(ENTRIES.c.client_id, day).subquery()
    repeated = func.sum(bought.c.revenue).filter(bought.c.day > bought.c.first_on)
    query = select(
        bought.c.client_id,
        func.count() - 1,
        func.min(bought.c.day),
        func.max(bought.c.day),
        func.coalesce(repeated, 0),
        func.sum(bought.c.revenue - bought.c.revenue_without_cost),
        func.sum(bought.c.margin),
    ).group_by(bought.c.client_id)
    rows: Sequence[Any] = (await connection.execute(query)).all()
    return [PurchaseHistory(*row) for row in rows]


async def currencies_of(connection: AsyncConnection, client_id: UUID) -> list[str] | None:
    """The currencies in which a client has bought or paid; None where there is no such client."""
    if not (await connection.execute(select(CLIENTS.c.id).where(CLIENTS.c.id == client_id))).first():
        return None
    query = select(SUMS.c.currency).where(SUMS.c.client_id == client_id).order_by(SUMS.c.currency)
    return list((await connection.execute(query)).scalars())
