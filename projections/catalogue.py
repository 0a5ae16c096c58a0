"""The catalogue: every article with its attributes and prices, to be found by words."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Column, Index, Text, collate, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.catalogue.articles import ArticleAdded, ArticleRestored, ArticleRetired, PriceSet, StockingChanged
from domain.kernel import Event, Recorded
from projections.kernel import Row, View, view_table
from projections.paging import Listed, Page, cursor_of, place, values_of
from projections.searching import searched
from projections.words import attribute_word, distinct, exactly, plain, search_query, words_of_text


class ListPrice(NamedTuple):
    """A price on a list, and the days on which it holds."""

    price_list: str
    currency: str
    price: Decimal
    valid_from: date
    valid_until: date | None = None


class CatalogueEntry(NamedTuple):
    """An article. Of prices of one list that begin on the same day the last one set stays."""

    id: UUID
    code: str = ""
    product: str = ""
    label: str = ""
    unit: str = ""
    attributes: Mapping[str, str] = {}
    retired: bool = False
    stocked: bool = True
    prices: tuple[ListPrice, ...] = ()


ARTICLES = view_table(
    "articles",
    Column("code_key", Text, nullable=False),
    Column("product_key", Text, nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("words", ARRAY(Text), nullable=False),
)
CODE_KEY = collate(ARTICLES.c.code_key, "C")
WORDS = func.array_to_tsvector(ARTICLES.c.words)
Index("articles_code", CODE_KEY, ARTICLES.c.id)
Index("articles_product", ARTICLES.c.product_key)
Index("articles_words", WORDS, postgresql_using="gin")


class CatalogueView(View[CatalogueEntry]):
    """Articles, one row each."""

    name: ClassVar = "catalogue"
    revision: ClassVar = 2
    reads: ClassVar[frozenset[type[Event]]] = frozenset(
        {ArticleAdded, PriceSet, ArticleRetired, ArticleRestored, StockingChanged}
    )
    table: ClassVar = ARTICLES
    state_type = CatalogueEntry

    def start(self, stream_id: UUID) -> CatalogueEntry:
        return CatalogueEntry(stream_id)

    def evolve(self, state: CatalogueEntry, recorded: Recorded) -> CatalogueEntry:
        match recorded.event:
            case ArticleAdded() as event:
                return state._replace(**event.model_dump())
            case PriceSet() as event:
                new = ListPrice(**event.model_dump())
                others = (p for p in state.prices if (p.price_list, p.valid_from) != (new.price_list, new.valid_from))
                prices = sorted((*others, new), key=lambda price: (price.price_list, price.valid_from))
                return state._replace(prices=tuple(prices))
            case StockingChanged(stocked=stocked):
                return state._replace(stocked=stocked)
            case event:
                return state._replace(retired=isinstance(event, ArticleRetired))

    def columns(self, state: CatalogueEntry) -> Row:
        named = [attribute_word(name, value) for name, value in state.attributes.items()]
        texts = (state.code, state.product, state.label, *state.attributes.values())
        words = distinct([*named, *(word for text in texts for word in words_of_text(text))])
        return (plain(state.code), plain(state.product), state.retired, words)


class WantedArticles(NamedTuple):
    """Which articles to list; None does not restrict. `q` are beginnings of words, `attributes` their very values."""

    q: str | None = None
    product: str | None = None
    attributes: Sequence[tuple[str, str]] = ()
    retired: bool | None = False


_VIEW = CatalogueView()


async def articles(connection: AsyncConnection, wanted: WantedArticles, page: Page) -> Listed:
    """Articles by code.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query = select(ARTICLES.c.code_key, ARTICLES.c.id, ARTICLES.c.state)
    if wanted.retired is not None:
        query = query.where(ARTICLES.c.retired.is_(wanted.retired))
    if wanted.product is not None:
        query = query.where(ARTICLES.c.product_key == plain(wanted.product))
    if search := _search(wanted):
        query = query.where(await searched(connection, ARTICLES.c.id, WORDS, search))
    if page.cursor:
        after = place((CODE_KEY, ARTICLES.c.id), values_of(page.cursor, (str, UUID)))
        query = query.where(tuple_(CODE_KEY, ARTICLES.c.id) > after)
    rows: Sequence[Any] = (
        await connection.execute(query.order_by(CODE_KEY, ARTICLES.c.id).limit(page.limit + 1))
    ).all()
    items = [entry_of(row.state) for row in rows[: page.limit]]
    more = len(rows) > page.limit
    last = rows[page.limit - 1] if more else None
    return Listed(items, cursor_of((last.code_key, last.id)) if last else None)


def _search(wanted: WantedArticles) -> str | None:
    parts = [exactly(attribute_word(name, value)) for name, value in wanted.attributes]
    if words := search_query(wanted.q or ""):
        parts.append(words)
    return " & ".join(parts) or None


async def article(connection: AsyncConnection, article_id: UUID) -> dict[str, Any] | None:
    """An article; None where there is none with this id."""
    query = select(ARTICLES.c.state).where(ARTICLES.c.id == article_id)
    state = (await connection.execute(query)).scalar_one_or_none()
    return None if state is None else entry_of(state)


def entry_of(state: str) -> dict[str, Any]:
    """An article as it is kept, by field."""
    entry = _VIEW.from_json(state)
    return entry._asdict() | {"prices": [price._asdict() for price in entry.prices]}
