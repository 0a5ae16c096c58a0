"""Expansion of the existing base: what the clients in a book bought in a month, against what they bought before.

The book is that of the end of the month, or of now; of it only clients that had bought before the month began. What one
bought before is its mean month: the revenue of the months before, by how many there were since its first purchase.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Numeric, Select, Subquery, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.book import ARTICLES, CLIENTS, SALES, SPELLS
from projections.paging import Listed, Page, cursor_of, place, values_of
from projections.period import month_after
from projections.value_totals import ZERO

MONTHS_BEFORE = 12
_PLACES = 2


class ExpansionQuestion(NamedTuple):
    """What is asked: the month, the currency, and how many months before it are looked at."""

    month: date
    currency: str
    months_before: int = MONTHS_BEFORE
    employee_id: UUID | None = None

    @property
    def begin(self) -> datetime:
        """When the month begins."""
        return datetime.combine(self.month, time.min, UTC)

    @property
    def end(self) -> datetime:
        """When it is over."""
        return datetime.combine(month_after(self.month), time.min, UTC)

    @property
    def begin_before(self) -> datetime:
        """From when on purchases before the month are looked at."""
        return datetime.combine(month_after(self.month, -self.months_before), time.min, UTC)


class BookMonth(NamedTuple):
    """A book in a month. `before`: the mean months of its clients, added up."""

    clients: int = 0
    revenue: Decimal = ZERO
    before: Decimal = ZERO
    additional_articles: int = 0

    @property
    def growth(self) -> Decimal:
        """How much more was bought than before."""
        return self.revenue - self.before

    def plus(self, other: "BookMonth") -> "BookMonth":
        """Both books together."""
        return BookMonth(
            self.clients + other.clients,
            self.revenue + other.revenue,
            self.before + other.before,
            self.additional_articles + other.additional_articles,
        )


async def expansion(connection: AsyncConnection, question: ExpansionQuestion) -> dict[UUID, BookMonth]:
    """The month of each book with clients that had bought before."""
    client = _clients(question)
    sums = (func.sum(client.c[name]) for name in ("revenue", "before", "additional"))
    query = select(client.c.employee, func.count(), *sums).group_by(client.c.employee)
    rows: Sequence[Any] = (await connection.execute(query)).all()
    return {
        employee: BookMonth(clients, revenue, before, int(articles))
        for employee, clients, revenue, before, articles in rows
    }


async def expansion_clients(connection: AsyncConnection, question: ExpansionQuestion, page: Page) -> Listed:
    """The clients behind a figure: id, name, revenue, before, growth and the additional `articles`; most growth first.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    client = _clients(question)
    query, order = select(client), [client.c.growth, client.c.id]
    if page.cursor:
        query = query.where(tuple_(*order) < place(order, values_of(page.cursor, (Decimal, UUID))))
    query = query.order_by(*(column.desc() for column in order)).limit(page.limit + 1)
    rows = [dict(row) for row in (await connection.execute(query)).mappings()]
    items = rows[: page.limit]
    articles = await _articles(connection, question, (item["id"] for item in items if item["additional"]))
    shown = [item | {"articles": articles.get(item["id"], [])} for item in items]
    more = len(rows) > page.limit
    return Listed(shown, cursor_of([items[-1]["growth"], items[-1]["id"]]) if more else None)


def _clients(question: ExpansionQuestion) -> Subquery:
    """The clients in the books, with their month, their mean month before and how many articles were new to them."""
    bought, added = _bought(question).subquery(), _added(question).subquery()
    revenue = func.coalesce(bought.c.revenue, 0)
    months = func.least(question.months_before, _months_since_first(question))
    before = func.round(cast(func.coalesce(bought.c.before, 0), Numeric) / months, _PLACES)
    query = select(
        CLIENTS.c.id,
        CLIENTS.c.name,
        SPELLS.c.employee,
        revenue.label("revenue"),
        before.label("before"),
        (revenue - before).label("growth"),
        func.coalesce(added.c.articles, 0).label("additional"),
    )
    query = query.join_from(SPELLS, CLIENTS, CLIENTS.c.id == SPELLS.c.client_id)
    query = query.outerjoin(bought, bought.c.client_id == CLIENTS.c.id)
    query = query.outerjoin(added, added.c.client_id == CLIENTS.c.id)
    served = SPELLS.c.ended_at.is_(None) | (SPELLS.c.ended_at >= question.end)
    query = query.where(SPELLS.c.begun_at < question.end, served, CLIENTS.c.first_bought_at < question.begin)
    return (query.where(SPELLS.c.employee == question.employee_id) if question.employee_id else query).subquery()


def _months_since_first(question: ExpansionQuestion) -> Any:
    """How many months before this one the client bought first; at least one."""
    first, month = func.timezone("UTC", CLIENTS.c.first_bought_at), question.month
    return 12 * (month.year - func.extract("year", first)) + month.month - func.extract("month", first)


def _bought(question: ExpansionQuestion) -> Select[*tuple[Any, ...]]:
    at, revenue = SALES.c.occurred_at, func.sum(SALES.c.revenue)
    query = select(
        SALES.c.client_id,
        revenue.filter(at >= question.begin).label("revenue"),
        revenue.filter(at < question.begin).label("before"),
    )
    query = query.where(SALES.c.currency == question.currency, at >= question.begin_before, at < question.end)
    return query.group_by(SALES.c.client_id)


def _added(question: ExpansionQuestion) -> Select[*tuple[Any, ...]]:
    """Articles that a client had never ordered before; nobody knows that of one whose orders named none before."""
    at = ARTICLES.c.first_at
    query = select(ARTICLES.c.client_id, func.count().filter(at >= question.begin).label("articles"))
    return query.where(at < question.end).group_by(ARTICLES.c.client_id).having(func.min(at) < question.begin)


async def _articles(
    connection: AsyncConnection, question: ExpansionQuestion, ids: Iterable[UUID]
) -> dict[UUID, list[str]]:
    query = select(ARTICLES.c.client_id, ARTICLES.c.article).order_by(ARTICLES.c.article)
    first = ARTICLES.c.first_at
    query = query.where(ARTICLES.c.client_id.in_(list(ids)), first >= question.begin, first < question.end)
    found: dict[UUID, list[str]] = {}
    for client_id, article in (await connection.execute(query)).all():
        found.setdefault(client_id, []).append(article)
    return found


def percent(fact: Decimal | int, plan: Decimal | int | None) -> float | None:
    """The fact in per cent of the plan, to one place; None where nothing was planned."""
    return round(float(100 * Decimal(fact) / Decimal(plan)), 1) if plan else None
