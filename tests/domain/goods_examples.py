"""One command of every kind on goods: the catalogue, and the stock of its articles."""

from decimal import Decimal
from typing import Any

from domain.catalogue.articles import ChangeStocking, EnterArticle, RestoreArticle, RetireArticle, SetPrice
from domain.catalogue.price_lists import LimitPriceList, OpenPriceList
from domain.catalogue.products import AddArticle, AddProduct
from domain.kernel import Command
from domain.stock.commands import CancelArrival, ChangeArrival, CorrectStock, ExpectArrival, ReceiveStock
from domain.stock.events import PromisedSlice, Slice
from domain.stock.orders import IssueStock, ReleaseStock, RenewDays, RenewPromises, ReserveStock, TakeBackStock
from domain.stock.warehouses import CloseWarehouse, OpenWarehouse
from tests.domain.facts import ARRIVAL, ORDER, PERSON, SHIPMENT
from tests.spec import day

_OF_ORDER: dict[str, Any] = {
    "article": "BROOM-GREEN",
    "order_id": ORDER,
    "slices": (Slice(line=1, warehouse="main", quantity=Decimal(1)),),
}
GOODS_COMMANDS: tuple[Command, ...] = (
    AddProduct(code="BROOM", label="Broom", attributes=("colour",)),
    AddArticle(code="BROOM-GREEN", attributes={"colour": "green"}),
    EnterArticle(code="BROOM-GREEN", product="BROOM", label="Broom", unit="piece", attributes={"colour": "green"}),
    SetPrice(price_list="retail", price=Decimal("12.5"), valid_from=day(0).date()),
    RetireArticle(),
    RestoreArticle(),
    ChangeStocking(stocked=False),
    OpenPriceList(code="retail", label="Retail", currency="EUR", valid_from=day(0).date()),
    LimitPriceList(valid_until=day(9).date()),
    OpenWarehouse(code="main", label="Main warehouse"),
    CloseWarehouse(),
    ReceiveStock(article="BROOM-GREEN", warehouse="main", quantity=Decimal(100)),
    CorrectStock(article="BROOM-GREEN", warehouse="main", counted=Decimal(97)),
    ExpectArrival(article="BROOM-GREEN", warehouse="main", quantity=Decimal(50), expected_on=day(110).date()),
    ChangeArrival(article="BROOM-GREEN", arrival_id=ARRIVAL, expected_on=day(120).date()),
    CancelArrival(article="BROOM-GREEN", arrival_id=ARRIVAL),
    ReserveStock(
        article="BROOM-GREEN",
        order_id=ORDER,
        client_id=PERSON,
        slices=(PromisedSlice(line=1, warehouse="main", quantity=Decimal(1)),),
    ),
    RenewPromises(article="BROOM-GREEN"),
    RenewDays(
        article="BROOM-GREEN",
        order_id=ORDER,
        slices=(PromisedSlice(line=1, warehouse="main", quantity=Decimal(1)),),
    ),
    ReleaseStock(**_OF_ORDER),
    IssueStock(shipment_id=SHIPMENT, **_OF_ORDER),
    TakeBackStock(return_id=SHIPMENT, **_OF_ORDER),
)
