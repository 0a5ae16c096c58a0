"""The catalogue: commands on products, articles, price lists and warehouses."""

from functools import partial

from fastapi import APIRouter

from app.api.commands import Streams, command_route
from app.closing import close_warehouse
from app.execute import ARTICLE, PRICE_LIST, PRODUCT, WAREHOUSE
from domain.catalogue.articles import ChangeStocking, RestoreArticle, RetireArticle, SetPrice
from domain.catalogue.codes import article_id, price_list_id, product_id, warehouse_id
from domain.catalogue.price_lists import LimitPriceList, OpenPriceList
from domain.catalogue.products import AddArticle, AddProduct
from domain.stock.warehouses import CloseWarehouse, OpenWarehouse

router = APIRouter(tags=["Catalogue"])
ACTION = "keep_catalogue"
_product = partial(
    command_route,
    router,
    streams=Streams(
        PRODUCT,
        "product",
        begin=lambda command: product_id(command.code),
        refusals=("in_future", "unknown_product"),
        action=ACTION,
    ),
)
_article = partial(
    command_route,
    router,
    streams=Streams(
        ARTICLE,
        "article",
        begin=lambda command: article_id(command.code),
        refusals=("in_future", "unknown_article"),
        action=ACTION,
    ),
)
_price_list = partial(
    command_route,
    router,
    streams=Streams(
        PRICE_LIST,
        "price_list",
        begin=lambda command: price_list_id(command.code),
        refusals=("in_future", "unknown_price_list"),
        action="administer",
    ),
)
_warehouse = partial(
    command_route,
    router,
    streams=Streams(
        WAREHOUSE,
        "warehouse",
        begin=lambda command: warehouse_id(command.code),
        refusals=("in_future", "unknown_warehouse"),
        action="administer",
    ),
)

_product("/products", AddProduct, creates="id")
_product("/products/{product_id}/articles", AddArticle, creates="article_id")
_article("/articles/{article_id}/prices", SetPrice)
_article("/articles/{article_id}/retire", RetireArticle)
_article("/articles/{article_id}/restore", RestoreArticle)
_article("/articles/{article_id}/stocking", ChangeStocking)
_price_list("/price-lists", OpenPriceList, creates="id")
_price_list("/price-lists/{price_list_id}/limit", LimitPriceList)
_warehouse("/warehouses", OpenWarehouse, creates="id")
_warehouse("/warehouses/{warehouse_id}/close", CloseWarehouse, carry_out=close_warehouse)
