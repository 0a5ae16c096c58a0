"""The tables of the view of value, and what they are split by."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Index, Integer, Numeric, Table, Text, Uuid

from projections.kernel import metadata, view_table
from projections.value_totals import Sums

OVERALL = "category"
"""The dimension to sum over where nothing is split: each adds up to everything, and this has the fewest values."""
ANY_CURRENCY = ""
"""The currency of what is counted whatever the currency: clients, and years of planned retention."""
CARD_DIMENSIONS = ("industry", "region", "category", "origin", "size")
DIMENSIONS = (*CARD_DIMENSIONS, "employee")

_INSTANT = DateTime(timezone=True)
MEASURES = Sums._fields


def _measures() -> list[Column[Any]]:
    return [Column(name, BigInteger if name == "purchases" else Numeric, nullable=False) for name in MEASURES]


CLIENTS = view_table(
    "value",
    Column("name", Text),
    *(Column(name, Text) for name in CARD_DIMENSIONS),
    Column("employee", Uuid),
    Column("last_purchase_at", _INSTANT),
    Column("last_currency", Text),
    Column("interval_seconds", BigInteger),
    Column("interval_source", Text),
    Column("dormant_from", _INSTANT),
    Column("registered_at", _INSTANT),
    Column("not_begun", Boolean, nullable=False),
)
Index("value_not_begun", CLIENTS.c.registered_at, CLIENTS.c.id, postgresql_where=CLIENTS.c.not_begun)
Index("value_bought", CLIENTS.c.last_purchase_at, postgresql_where=CLIENTS.c.last_purchase_at.is_not(None))
"""`last_purchase_at` counts orders of a deal too. The interval is that expected of the client by its card or its own
purchases, `dormant_from` twice that after the last purchase; null where neither says it. `not_begun`: a lead that
nobody has contacted yet.
"""
ENTRIES = Table(
    "value_entries",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("entry_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("occurred_at", _INSTANT, nullable=False),
    Column("currency", Text, nullable=False),
    *_measures(),
    Index("value_entries_occurred", "occurred_at"),
)
"""Purchases and payments; each has what it adds to the sums."""
SUMS = Table(
    "value_sums",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("currency", Text, primary_key=True),
    *_measures(),
    Column("cohort", Date),
    Column("own_per_year", Numeric),
    Column("card_purchase", Numeric),
    Column("card_per_year", Integer),
    Column("retained_years", Numeric),
    Index("value_sums_revenue", "currency", "revenue", "client_id"),
    Index("value_sums_cohort", "currency", "cohort", "client_id"),
)
"""The sums of each client. `cohort`: the month of its first purchase in the currency; null where it has none.
What it is expected to bring: `own_per_year` by its own purchases, null where they are too few; by its card the amount
of a purchase in the currency, purchases per year, and years. All are null without a purchase.
"""
MONTHS = Table(
    "value_months",
    metadata,
    Column("dimension", Text, primary_key=True),
    Column("month", Date, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    *_measures(),
)
"""Sums by month (its first day, UTC) and value of a dimension; an unknown value is the empty text."""
SEGMENTS = Table(
    "value_segments",
    metadata,
    Column("dimension", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in ("clients", "purchases", "intervals", "span_seconds")),
    Column("revenue", Numeric, nullable=False),
    Column("planned_clients", BigInteger, nullable=False),
    Column("planned_years", Numeric, nullable=False),
)
"""All times, by value of a dimension: `clients` with purchases in the currency (or in any), the intervals between the
purchases of a client and how long they took together; how long clients are planned to stay. Of the dimension `year`,
which is the year of the purchase in UTC: only `clients`.
"""
COHORTS = Table(
    "value_cohorts",
    metadata,
    Column("dimension", Text, primary_key=True),
    Column("cohort", Date, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("since", Integer, primary_key=True, autoincrement=False),
    Column("buyers", BigInteger, nullable=False),
    *(column for column in _measures() if column.name != "paid"),
)
"""Cohorts of clients by the month of the first purchase in the currency, and what they bought `since` months later.

`buyers` bought in that month; in month 0 they are the whole cohort. What a won deal without revenue cost before the
first purchase is counted with month 0.
"""
BASE = Table(
    "value_base",
    metadata,
    Column("dimension", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in ("registered", "not_begun")),
)
"""Registered clients by value of a dimension of the card, without merged ones; leads that nobody has contacted yet."""
