"""Books: whose clients they are and were, what they buy by article, and who brought new ones."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, DateTime, Index, Integer, Numeric, SmallInteger, Table, Text, Uuid

from domain.kernel import Recorded
from projections.book_state import FIRST_DEAL, READS, ClientBook, after
from projections.kernel import Counts, Row, View, metadata, view_table
from projections.period import month_of

_INSTANT = DateTime(timezone=True)
SIMILAR_BY = ("industry", "category", "region")
CLIENTS = view_table(
    "book",
    Column("name", Text),
    *(Column(name, Text) for name in SIMILAR_BY),
    Column("employee", Uuid),
    Column("first_bought_at", _INSTANT),
    Column("articles", Integer, nullable=False),
    Index("book_employee", "employee", "id"),
    Index("book_similar", "industry", "category", "region"),
)
"""`employee`: in whose book the client is, if in any; `articles`: how many it has ordered."""
SPELLS = Table(
    "book_spells",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("employee", Uuid, nullable=False),
    Column("begun_at", _INSTANT, nullable=False),
    Column("ended_at", _INSTANT),
    Index("book_spells_employee", "employee", "begun_at"),
)
"""In whose book a client was, from when to when."""
BROUGHT = Table(
    "book_brought",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("how", Text, primary_key=True),
    Column("employee", Uuid, nullable=False),
    Column("brought_at", _INSTANT, nullable=False),
    Index("book_brought_employee", "employee", "brought_at"),
)
"""Who brought a client: won its first deal, or found it as a lead that was accepted."""
SALES = Table(
    "book_sales",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("sale_id", Uuid, primary_key=True),
    Column("occurred_at", _INSTANT, nullable=False),
    Column("currency", Text, nullable=False),
    Column("revenue", Numeric, nullable=False),
    Index("book_sales_occurred", "occurred_at"),
)
"""What clients bought for."""
ARTICLES = Table(
    "book_articles",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("article", Text, primary_key=True),
    Column("orders", BigInteger, nullable=False),
    Column("first_at", _INSTANT, nullable=False),
    Column("last_at", _INSTANT, nullable=False),
    Index("book_articles_article", "article", "client_id"),
    Index("book_articles_first", "first_at"),
)
"""What clients ordered: every article of the orders that stand, in how many, first and last when."""
MEASURES = ("first_deals", "leads_accepted", "came", "went")
MONTHS = Table(
    "book_months",
    metadata,
    Column("employee", Uuid, primary_key=True),
    Column("month", Date, primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in MEASURES),
)
"""By employee and month (UTC): new clients that he brought, and clients that came into his book and left it."""


class Ordered(NamedTuple):
    """An article in a client's orders."""

    orders: int
    first_at: datetime
    last_at: datetime


class BookView(View[ClientBook]):
    """In whose book each client is and was, what it buys, and who brought it."""

    name: ClassVar = "book"
    revision: ClassVar = 4
    reads: ClassVar = READS
    table: ClassVar = CLIENTS
    part_tables: ClassVar = (SPELLS, BROUGHT, SALES, ARTICLES)
    counter_tables: ClassVar = (MONTHS,)
    state_type = ClientBook

    def start(self, stream_id: UUID) -> ClientBook:
        return ClientBook(stream_id)

    def evolve(self, state: ClientBook, recorded: Recorded) -> ClientBook:
        return after(state, recorded)

    def columns(self, state: ClientBook) -> Row:
        articles = {article for sale in state.sales for article in sale.articles}
        return (*state.card, state.employee_id, state.first_bought_at, len(articles))

    def parts(self, state: ClientBook) -> Mapping[Table, Sequence[Row]]:
        key = state.id
        return {
            SPELLS: [(key, number, *spell) for number, spell in enumerate(state.spells, 1)],
            BROUGHT: [(key, how, *brought) for how, brought in state.brought.items()],
            SALES: [(key, sale.id, sale.at, sale.currency, sale.revenue) for sale in state.sales if sale.revenue],
            ARTICLES: [(key, article, *ordered) for article, ordered in _articles(state).items()],
        }

    def counts(self, state: ClientBook) -> Mapping[Table, Counts]:
        return {MONTHS: [((employee, month), numbers) for employee, month, numbers in _months(state)]}


def _articles(state: ClientBook) -> dict[str, Ordered]:
    found: dict[str, Ordered] = {}
    for sale in state.sales:
        for article in sale.articles:
            known = found.get(article, Ordered(0, sale.at, sale.at))
            found[article] = Ordered(known.orders + 1, min(known.first_at, sale.at), max(known.last_at, sale.at))
    return found


def _months(state: ClientBook) -> Iterator[tuple[UUID, date, Row]]:
    for how, brought in state.brought.items():
        yield brought.employee_id, month_of(brought.at), (1, 0, 0, 0) if how == FIRST_DEAL else (0, 1, 0, 0)
    for spell in state.spells:
        yield spell.employee_id, month_of(spell.begin), (0, 0, 1, 0)
        if spell.end:
            yield spell.employee_id, month_of(spell.end), (0, 0, 0, 1)
