"""Warehouses."""

import pytest

from domain.catalogue.codes import warehouse_id
from domain.stock.warehouses import (
    AwaitedOrders,
    CloseWarehouse,
    OpenWarehouse,
    Warehouse,
    WarehouseClosed,
    WarehouseOpened,
)
from tests.spec import Refusal, finds, given_stream, new, refusal

EMPTY = Warehouse.empty(warehouse_id("main"))
OPEN, OPENED = OpenWarehouse(code="main", label="Main"), WarehouseOpened(code="main", label="Main")
REFUSALS = [
    refusal("warehouse_exists", given_stream(EMPTY, OPENED), OPEN),
    refusal("unknown_warehouse", given_stream(EMPTY), CloseWarehouse()),
    refusal(
        "warehouse_awaited",
        given_stream(EMPTY, OPENED),
        CloseWarehouse(),
        {"warehouse": "main", "orders": 12, "order_ids": (new(1),)},
        known=finds(AwaitedOrders(12, (new(1),))),
    ),
    refusal("warehouse_closed", given_stream(EMPTY, OPENED, WarehouseClosed()), CloseWarehouse()),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_a_warehouse_is_opened_and_closed() -> None:
    given_stream(EMPTY).when(OPEN).then(OPENED)
    assert (
        given_stream(EMPTY, OPENED)
        .when(CloseWarehouse(note=""), known=finds(AwaitedOrders(0)))
        .then(WarehouseClosed())
        .closed
    )
