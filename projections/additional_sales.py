"""Additional sales: articles that similar clients buy and a client does not, by association rules.

Rules and their support, confidence and lift: R. Agrawal, T. Imieliński, A. Swami, Mining Association Rules between Sets
of Items in Large Databases, SIGMOD 1993; lift as in S. Brin et al., SIGMOD 1997 (there: interest). A basket is all
that a client has ever ordered; a rule has one article on each side.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.book import ARTICLES, CLIENTS, SIMILAR_BY
from projections.paging import Page, cursor_of, values_of

LEVELS: tuple[tuple[str, ...], ...] = (SIMILAR_BY, ("industry", "category"), ("industry", "region"), ("industry",), ())
"""What clients of a group have in common, the most similar first; the last is everybody."""


class Buyer(NamedTuple):
    """A client, by what it is compared, and the articles that it buys."""

    id: UUID
    name: str | None
    industry: str | None
    category: str | None
    region: str | None
    articles: frozenset[str]


class Group(NamedTuple):
    """Clients that have these values in common; nothing in common: all clients."""

    shared: tuple[tuple[str, str], ...]

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions that a client of `CLIENTS` belongs to it."""
        return [CLIENTS.c.articles > 0, *(CLIENTS.c[name] == value for name, value in self.shared)]


class Baskets(NamedTuple):
    """What a group buys: how many clients order anything, by article, and by pair of articles."""

    clients: int
    buyers: Mapping[str, int]
    pairs: Mapping[tuple[str, str], int]


class Least(NamedTuple):
    """What a rule has to reach: its share of all clients of the group, clients that buy both, clients in the group."""

    support: float
    clients: int
    group: int


class Rule(NamedTuple):
    """Who buys `because` buys the article too. `because_clients` buy that one, `both_clients` both."""

    because: str
    because_clients: int
    both_clients: int
    support: float
    confidence: float
    lift: float


class Suggestion(NamedTuple):
    """An article that the client does not buy: how many of the group do, their share, and the best rule there is.

    Without a rule the share is all that speaks for it.
    """

    article: str
    clients: int
    share: float
    rule: Rule | None

    @property
    def likely(self) -> float:
        """How likely a client like this one buys it: the confidence of the rule, else the share."""
        return self.rule.confidence if self.rule else self.share


class Suggested(NamedTuple):
    """The suggestions for a client, the likeliest first, and the group from which they follow."""

    buyer: Buyer
    group: Group
    clients: int
    suggestions: Sequence[Suggestion]


async def buyer(connection: AsyncConnection, client_id: UUID) -> Buyer | None:
    """A client with its articles; None where there is no such client."""
    found = await _buyers(connection, [CLIENTS.c.id == client_id])
    return found[0] if found else None


async def book_of(connection: AsyncConnection, employee_id: UUID, page: Page) -> tuple[list[Buyer], str | None]:
    """The clients in an employee's book by id, a page of them, and the cursor of the next one.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    conditions = [CLIENTS.c.employee == employee_id]
    if page.cursor:
        (last,) = values_of(page.cursor, (UUID,))
        conditions.append(CLIENTS.c.id > last)
    found = await _buyers(connection, conditions, page.limit + 1)
    shown = found[: page.limit]
    return shown, cursor_of([shown[-1].id]) if len(found) > page.limit else None


async def _buyers(
    connection: AsyncConnection, conditions: Sequence[ColumnElement[bool]], limit: int | None = None
) -> list[Buyer]:
    columns = [CLIENTS.c.id, CLIENTS.c.name, *(CLIENTS.c[name] for name in SIMILAR_BY)]
    query = select(*columns).where(*conditions).order_by(CLIENTS.c.id).limit(limit)
    rows: Sequence[Any] = (await connection.execute(query)).all()
    ordered = select(ARTICLES.c.client_id, ARTICLES.c.article).where(ARTICLES.c.client_id.in_([row.id for row in rows]))
    articles: dict[UUID, set[str]] = {}
    for client_id, article in (await connection.execute(ordered)).all():
        articles.setdefault(client_id, set()).add(article)
    return [
        Buyer(row.id, row.name, row.industry, row.category, row.region, frozenset(articles.get(row.id, ())))
        for row in rows
    ]


class Similar:
    """Suggestions for several clients from one state of the views; what a group buys is read once."""

    def __init__(self, connection: AsyncConnection, clients: Sequence[Buyer], least: Least) -> None:
        self._connection, self._least = connection, least
        self._owned = frozenset(article for client in clients for article in client.articles)
        self._sizes: dict[Group, int] = {}
        self._baskets: dict[Group, Baskets] = {}

    async def suggested(self, client: Buyer, most: int) -> Suggested:
        """What the client does not buy and clients like it do."""
        group = await self._group_of(client)
        baskets = await self._bought_by(group)
        found = suggestions(client.articles, baskets, self._least)
        return Suggested(client, group, baskets.clients, found[:most])

    async def _group_of(self, client: Buyer) -> Group:
        """The most similar clients that are enough."""
        group = Group(())
        for group in groups_of(client):
            if group not in self._sizes:
                self._sizes[group] = await self._connection.scalar(_size(group)) or 0
            if self._sizes[group] >= self._least.group:
                break
        return group

    async def _bought_by(self, group: Group) -> Baskets:
        if group not in self._baskets:
            self._baskets[group] = await baskets_of(self._connection, group, self._owned)
        return self._baskets[group]


def groups_of(client: Buyer) -> Iterator[Group]:
    """The groups of a client, the most similar first. What is not known of it, it has in common with nobody."""
    for names in LEVELS:
        shared = tuple((name, getattr(client, name)) for name in names)
        if all(value for _, value in shared):
            yield Group(shared)


def _size(group: Group) -> Any:
    return select(func.count()).select_from(CLIENTS).where(*group.conditions)


async def baskets_of(connection: AsyncConnection, group: Group, causes: Collection[str]) -> Baskets:
    """What the clients of a group buy; pairs only of these causes with whatever else."""
    clients = await connection.scalar(_size(group)) or 0
    counted = select(ARTICLES.c.article, func.count()).group_by(ARTICLES.c.article)
    if group.shared:
        counted = counted.join(CLIENTS, CLIENTS.c.id == ARTICLES.c.client_id).where(*group.conditions)
    cause, other = ARTICLES.alias("cause"), ARTICLES.alias("other")
    pairs = select(cause.c.article, other.c.article, func.count()).join_from(
        cause, other, (other.c.client_id == cause.c.client_id) & (other.c.article != cause.c.article)
    )
    if group.shared:
        pairs = pairs.join(CLIENTS, CLIENTS.c.id == cause.c.client_id).where(*group.conditions)
    pairs = pairs.where(cause.c.article.in_(sorted(causes))).group_by(cause.c.article, other.c.article)
    buyers: Sequence[Any] = (await connection.execute(counted)).all()
    together: Sequence[Any] = (await connection.execute(pairs)).all() if causes else ()
    return Baskets(clients, dict(map(tuple, buyers)), {(a, b): count for a, b, count in together})


def suggestions(owned: Collection[str], baskets: Baskets, least: Least) -> list[Suggestion]:
    """The articles not owned that enough clients buy, each with its best rule; the likeliest first."""
    found = [
        Suggestion(article, count, round(count / baskets.clients, 4), _best_rule(article, owned, baskets, least))
        for article, count in baskets.buyers.items()
        if article not in owned and count >= least.clients and count / baskets.clients >= least.support
    ]
    return sorted(found, key=lambda each: (-each.likely, -each.clients, each.article))


def _best_rule(article: str, owned: Collection[str], baskets: Baskets, least: Least) -> Rule | None:
    """The rule with the highest confidence that leads from what the client has to the article."""
    rules = (_rule(cause, article, baskets) for cause in owned if (cause, article) in baskets.pairs)
    enough = (rule for rule in rules if rule.both_clients >= least.clients and rule.support >= least.support)
    return max(enough, key=lambda rule: (rule.confidence, rule.lift, rule.because), default=None)


def _rule(cause: str, article: str, baskets: Baskets) -> Rule:
    both, because = baskets.pairs[cause, article], baskets.buyers[cause]
    confidence = both / because
    lift = confidence / (baskets.buyers[article] / baskets.clients)
    support = both / baskets.clients
    return Rule(cause, because, both, round(support, 4), round(confidence, 4), round(lift, 4))
