"""The catalogue to be searched, price lists and warehouses."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.caller import Reader
from app.api.documented import problems_documented
from app.api.reading import NeverBehind, Reading, reader
from app.api.reports import ListPage, cursors_checked, page_by
from app.auth import authorize
from app.problems import Problem, invalid
from app.services import Services
from domain.catalogue.price_lists import PriceList
from domain.kernel import Actor
from domain.stock.warehouses import Warehouse
from domain.types import Category
from projections.catalogue import CatalogueView, WantedArticles, article, articles
from projections.money import Money

router = APIRouter(tags=["Catalogue"])
CatalogueReading = Annotated[Reading, reader(CatalogueView.name)]
NOT_FOUND = 404
_UNKNOWN = problems_documented({NOT_FOUND: ["unknown_article"]})


class PriceBody(BaseModel):
    """A price on a list, and the days on which it holds."""

    price_list: str
    currency: str
    price: Money
    valid_from: date
    valid_until: date | None


class ArticleBody(BaseModel):
    """An article of the catalogue with its attributes and prices."""

    id: UUID
    code: str
    product: str
    label: str
    unit: str
    attributes: Mapping[str, str]
    retired: bool
    stocked: Annotated[bool, Field(description="Whether it is kept in stock, so that orders of it are reserved")]
    prices: list[PriceBody]


class ArticlePage(BaseModel):
    """Articles by code."""

    items: list[ArticleBody]
    next_cursor: str | None


@router.get("/articles")
async def list_articles(
    reading: CatalogueReading,
    page: ListPage,
    q: Annotated[str | None, Query(max_length=300, description="Beginnings of words of code, name, attributes")] = None,
    product: Annotated[str | None, Query(max_length=64, description="The code of the product")] = None,
    attribute: Annotated[list[str] | None, Query(max_length=20, description="name=value; all have to be so")] = None,
    is_retired: Annotated[bool | None, Query(description="Only retired ones, or only those that are sold")] = False,
) -> ArticlePage:
    """Articles of the catalogue, found by words, product and attributes."""
    wanted = WantedArticles(q, product, [_attribute(text) for text in attribute or ()], is_retired)
    with cursors_checked():
        found = await articles(reading.connection, wanted, page)
    return ArticlePage(items=[ArticleBody(**item) for item in found.items], next_cursor=found.next_cursor)


def _attribute(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise invalid("attribute", "Send name=value, such as colour=green.", "attribute")
    return name, value


@router.get("/articles/{article_id}", responses=problems_documented({NOT_FOUND: ["unknown_article"]}))
async def read_article(reading: CatalogueReading, article_id: UUID) -> ArticleBody:
    """One article with its attributes and prices."""
    found = await article(reading.connection, article_id)
    if found is None:
        raise Problem("unknown_article", status=NOT_FOUND, facts={"id": article_id})
    return ArticleBody(**found)


class PriceListBody(BaseModel):
    """A price list, and the days on which it holds; for clients of a category where one is named."""

    id: UUID
    version: int
    code: str
    label: str
    currency: str
    valid_from: date
    valid_until: date | None
    category: Category | None


class PriceListPage(BaseModel):
    """All price lists, by code."""

    items: list[PriceListBody]
    next_cursor: str | None


class WarehouseBody(BaseModel):
    """A warehouse."""

    id: UUID
    version: int
    code: str
    label: str
    closed: bool


class WarehousePage(BaseModel):
    """All warehouses, by code."""

    items: list[WarehouseBody]
    next_cursor: str | None


def _fields(kind: type[BaseModel], source: Any) -> dict[str, Any]:
    return {name: getattr(source, name) for name in kind.model_fields}


@router.get("/price-lists")
async def list_price_lists(actor: Reader, services: NeverBehind, page: ListPage) -> PriceListPage:
    """All price lists, by code."""
    found, next_cursor = page_by(await _all(services, actor, PriceList), page, "code")
    items = [PriceListBody(**_fields(PriceListBody, each)) for each in found]
    return PriceListPage(items=items, next_cursor=next_cursor)


@router.get("/warehouses")
async def list_warehouses(actor: Reader, services: NeverBehind, page: ListPage) -> WarehousePage:
    """All warehouses, by code."""
    found, next_cursor = page_by(await _all(services, actor, Warehouse), page, "code")
    items = [WarehouseBody(**_fields(WarehouseBody, each)) for each in found]
    return WarehousePage(items=items, next_cursor=next_cursor)


async def _all(services: Services, actor: Actor, kind: type[Any]) -> list[Any]:
    authorize(actor, "read")
    await services.directory.refresh()
    return sorted(services.directory.all(kind), key=lambda each: each.code)
