"""Closing a warehouse: what orders still await from it is looked up first, in a view that is waited for.

The stock of each article is a stream of its own, so that only a view knows what of all of them is promised in one
warehouse. An order of the same moment may slip through; it waits there until it is cancelled.
"""

from uuid import UUID

from app.execute import WAREHOUSE, Call, Outcome
from app.other_clients import finding
from app.services import Services
from domain.stock.warehouses import AwaitedOrders, CloseWarehouse, Warehouse
from projections.promises import PromisesView
from projections.warehouse_query import awaited_orders

WAIT_SECONDS = 2.0
"""How long closing waits for the view; after that it looks at what is there."""


async def close_warehouse(
    services: Services, warehouse_id: UUID | None, command: CloseWarehouse, call: Call
) -> Outcome:
    """Close a warehouse from which no order awaits anything."""
    assert warehouse_id is not None
    await services.directory.refresh()
    if warehouse := services.directory.known(Warehouse, warehouse_id):
        call = call._replace(known=finding(services, await _awaited(services, warehouse.code)))
    return await services.executor.execute(WAREHOUSE, warehouse_id, command, call)


async def _awaited(services: Services, warehouse: str) -> AwaitedOrders:
    await services.projector.wait_for((PromisesView.name,), await services.store.head(), WAIT_SECONDS)
    async with services.engine.connect() as connection:
        return await awaited_orders(connection, warehouse)
