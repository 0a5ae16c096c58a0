"""What is available, when, and what could be sold instead."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from app.api.caller import Reader, services_of
from app.api.documented import problems_documented
from app.api.reading import After, wait_for
from app.auth import authorize
from app.execute import ARTICLE, PRODUCT, STOCK
from app.problems import Problem
from app.services import Services
from domain.catalogue.articles import Article
from domain.catalogue.codes import article_id, product_id, stock_id
from domain.stock.shelf import NOW, Shelf
from domain.stock.state import Stock
from domain.stock.warehouses import Warehouse
from domain.types import Quantity

router = APIRouter()
NOT_FOUND, MOST_ALTERNATIVES = 404, 20
Code = Annotated[str, Query(max_length=64, description="The code of the article")]


class AvailableBody(BaseModel):
    """An article in a warehouse: what there is of it, and on which day so much of it as was asked for is."""

    warehouse: str
    on_hand: Decimal
    reserved: Annotated[Decimal, Field(description="Promised to orders, for whatever day")]
    available: Annotated[Decimal, Field(description="What can be promised at once")]
    by_day: Annotated[dict[date, Decimal], Field(description="What can be promised for the days of arrivals")]
    now: Annotated[bool, Field(description="Whether the quantity is there at once")]
    on: Annotated[date | None, Field(description="The day for which it can be promised as a whole; today, if at once")]


class AlternativeBody(BaseModel):
    """Another variant of the product: where it is to be had soonest."""

    article: str
    attributes: Mapping[str, str]
    warehouse: str
    now: bool
    on: date


class AvailabilityBody(BaseModel):
    """Whether a quantity is there now, on which day it will be, and what could be sold instead."""

    article: str
    quantity: Decimal
    now: bool
    on: Annotated[date | None, Field(description="The first day in any warehouse; null: not foreseeable")]
    warehouses: Annotated[list[AvailableBody], Field(description="Those that are open, the soonest first")]
    alternatives: Annotated[list[AlternativeBody], Field(description="Where it is not there now; the soonest first")]


@router.get("/availability", tags=["Stock"], responses=problems_documented({NOT_FOUND: ["unknown_article"]}))
async def read_availability(
    request: Request,
    actor: Reader,
    article: Code,
    quantity: Annotated[Quantity, Query(description="In the unit of the article")] = Decimal(1),
    warehouse: Annotated[str | None, Query(max_length=64, description="Only this one")] = None,
    after: After = None,
) -> AvailabilityBody:
    """Whether so much of an article is there now, on which day it will be, and which variants could be sold instead."""
    services = services_of(request)
    authorize(actor, "read")
    await wait_for(services, (), after)
    await services.directory.refresh()
    found = await services.executor.read(ARTICLE, article_id(article))
    if not found.code:
        raise Problem("unknown_article", status=NOT_FOUND, facts={"article": article})
    places = await _places(services, found.code, quantity, warehouse)
    first = places[0] if places else None
    now = bool(first and first.now)
    return AvailabilityBody(
        article=found.code,
        quantity=quantity,
        now=now,
        on=first.on if first else None,
        warehouses=places,
        alternatives=[] if now else await _alternatives(services, found, quantity, warehouse),
    )


async def _places(services: Services, code: str, quantity: Decimal, wanted: str | None) -> list[AvailableBody]:
    """The article in each open warehouse, the soonest first."""
    stock = await services.executor.read(STOCK, stock_id(code))
    today = services.directory.today
    places = [
        _available(each.code, stock.shelf(each.code), quantity, today)
        for each in services.directory.all(Warehouse)
        if not each.closed and _is_meant(each, wanted, stock)
    ]
    return sorted(places, key=lambda place: (place.on is None, place.on or today, not place.now, place.warehouse))


def _is_meant(warehouse: Warehouse, wanted: str | None, stock: Stock) -> bool:
    if wanted is None:
        return warehouse.code in stock.shelves
    return warehouse.code.casefold() == wanted.strip().casefold()


def _available(warehouse: str, shelf: Shelf, quantity: Decimal, today: date) -> AvailableBody:
    free, on = shelf.free(today), shelf.day_for(quantity, today)
    return AvailableBody(
        warehouse=warehouse,
        on_hand=shelf.on_hand,
        reserved=shelf.reserved,
        available=free[0].quantity,
        by_day={each.day: each.quantity for each in free if each.day != NOW and each.day >= today},
        now=on == NOW,
        on=today if on == NOW else on,
    )


async def _alternatives(
    services: Services, article: Article, quantity: Decimal, warehouse: str | None
) -> list[AlternativeBody]:
    product = await services.executor.read(PRODUCT, product_id(article.product))
    found: list[AlternativeBody] = []
    for code in [code for code in product.variants.values() if code != article.code][:MOST_ALTERNATIVES]:
        variant = await services.executor.read(ARTICLE, article_id(code))
        places = [] if variant.retired else await _places(services, variant.code, quantity, warehouse)
        if places and places[0].on:
            first = places[0]
            found.append(
                AlternativeBody(
                    article=variant.code,
                    attributes=variant.attributes,
                    warehouse=first.warehouse,
                    now=first.now,
                    on=places[0].on,
                )
            )
    return sorted(found, key=lambda each: (each.on, not each.now, each.article))
