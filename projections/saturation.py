"""Saturation: who brings new clients, against the size of his own book, and who has stopped bringing any."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.book import BROUGHT, CLIENTS, MONTHS, SPELLS
from projections.book_state import FIRST_DEAL, LEAD_ACCEPTED
from projections.paging import Listed, Page, cursor_of, instant, place, values_of
from projections.period import month_after, months_between

MONTHS_WITHOUT = 3
"""So many whole months without a new client, and the present one, say that somebody has stopped."""


class Month(NamedTuple):
    """What an employee brought in a month, and how many clients were in his book at its end."""

    month: date
    first_deals: int = 0
    leads_accepted: int = 0
    book: int = 0

    @property
    def brought(self) -> int:
        """First deals and accepted leads together."""
        return self.first_deals + self.leads_accepted


async def months_of_everybody(connection: AsyncConnection, now: date) -> dict[UUID, list[Month]]:
    """The months of each employee who ever brought a client or had one, without a gap from his first to the present."""
    query = select(MONTHS).where(MONTHS.c.month <= now).order_by(MONTHS.c.employee, MONTHS.c.month)
    rows: Sequence[Any] = (await connection.execute(query)).all()
    found: dict[UUID, dict[date, tuple[int, ...]]] = {}
    for employee, month, *numbers in rows:
        found.setdefault(employee, {})[month] = tuple(numbers)
    return {employee: list(_without_gap(numbers, now)) for employee, numbers in found.items()}


def _without_gap(numbers: Mapping[date, tuple[int, ...]], now: date) -> Iterator[Month]:
    first, book = min(numbers), 0
    for place_ in range(months_between(first, now) + 1):
        month = month_after(first, place_)
        first_deals, leads, came, went = numbers.get(month, (0, 0, 0, 0))
        book += came - went
        yield Month(month, first_deals, leads, book)


class Stopped(NamedTuple):
    """Somebody has brought nobody since a month, though he did before.

    `months_without` are whole months, `before` the new clients up to then, in so many months.
    """

    last_brought: date
    months_without: int
    before: int
    months_before: int
    book_then: int
    book_now: int


def stopped(months: Sequence[Month], most_without: int = MONTHS_WITHOUT) -> Stopped | None:
    """Whether there was no new client in so many whole months, nor in the present one, after there had been some."""
    brought = [place_ for place_, month in enumerate(months) if month.brought]
    if not brought or len(months) - 2 - brought[-1] < most_without:
        return None
    last = brought[-1]
    return Stopped(
        months[last].month,
        len(months) - 2 - last,
        sum(month.brought for month in months),
        last - brought[0] + 1,
        months[last].book,
        months[-1].book,
    )


class SaturationFigure(StrEnum):
    """A figure of the report."""

    FIRST_DEALS = "first_deals"
    LEADS_ACCEPTED = "leads_accepted"
    BOOK = "book"


_HOW = {SaturationFigure.FIRST_DEALS: FIRST_DEAL, SaturationFigure.LEADS_ACCEPTED: LEAD_ACCEPTED}


async def clients_behind(
    connection: AsyncConnection, employee_id: UUID, month: date, figure: SaturationFigure, page: Page
) -> Listed:
    """The clients behind a figure with id, name and since: when they were brought, or came into the book.

    Raises:
        BadCursor: the cursor is not of such a list.
    """
    begin = datetime.combine(month, time.min, UTC)
    end = datetime.combine(month_after(month), time.min, UTC)
    how = _HOW.get(figure)
    found = (_brought(employee_id, how, begin, end) if how else in_book(employee_id, end)).subquery()
    query, order = select(found), [found.c.since, found.c.id]
    if page.cursor:
        query = query.where(tuple_(*order) > place(order, values_of(page.cursor, (instant, UUID))))
    rows = [dict(row) for row in (await connection.execute(query.order_by(*order).limit(page.limit + 1))).mappings()]
    items = rows[: page.limit]
    more = len(rows) > page.limit
    return Listed(items, cursor_of([items[-1]["since"].isoformat(), items[-1]["id"]]) if more else None)


def _brought(employee_id: UUID, how: str, begin: datetime, end: datetime) -> Select[*tuple[Any, ...]]:
    query = select(CLIENTS.c.id, CLIENTS.c.name, BROUGHT.c.brought_at.label("since"))
    query = query.join(BROUGHT, BROUGHT.c.client_id == CLIENTS.c.id)
    at = BROUGHT.c.brought_at
    return query.where(BROUGHT.c.employee == employee_id, BROUGHT.c.how == how, at >= begin, at < end)


def in_book(employee_id: UUID, end: datetime) -> Select[*tuple[Any, ...]]:
    """The clients in an employee's book just before a moment: id, name, and since when."""
    query = select(CLIENTS.c.id, CLIENTS.c.name, SPELLS.c.begun_at.label("since"))
    query = query.join(SPELLS, SPELLS.c.client_id == CLIENTS.c.id)
    lasts = SPELLS.c.ended_at.is_(None) | (SPELLS.c.ended_at >= end)
    return query.where(SPELLS.c.employee == employee_id, SPELLS.c.begun_at < end, lasts)
