"""Order items become orders of the clients that the customer key leads to."""

from decimal import Decimal

import pytest

from domain.client.fulfilment import OrderPlaced
from tests.app.importer.conftest import Firm
from tests.app.importer.files import deal, lead, order


@pytest.fixture
async def shop(firm: Firm) -> Firm:
    """A firm whose first lead sells."""
    await firm.imports("leads", lead())
    await firm.imports("deals", deal())
    return firm


async def orders(firm: Firm) -> list[OrderPlaced]:
    return [recorded.event for recorded in await firm.history() if isinstance(recorded.event, OrderPlaced)]


async def test_items_are_grouped_into_an_order_even_when_they_stand_apart(shop: Firm):
    report = await shop.imports("orders", order(1), order(2), order(1, 2, price="0.25"))
    assert (report.rows, report.imported, report.records) == (3, 3, 2)
    first, second = await orders(shop)
    assert (first.number, first.amount, first.currency) == ("order1", Decimal("10.75"), "BRL")
    assert [(line.article, line.quantity, line.price) for line in first.lines] == [
        ("product1", 1, Decimal("10.50")),
        ("product2", 1, Decimal("0.25")),
    ]
    assert second.amount == Decimal("10.50")
    assert (await shop.told())[-1] == ("orders.placed", "2024-05-01 12:00:00")


@pytest.mark.parametrize(
    ("cells", "field", "reason"),
    [
        ({"price": "cheap"}, "price", "wrong_value"),
        ({"price": "-1"}, "price", "wrong_value"),
        ({"price": ""}, "price", "wrong_value"),
        ({"shipping_limit_date": "soon"}, "shipping_limit_date", "wrong_date"),
        ({"order_item_id": "1"}, "order_id, seller_id", "duplicate_key"),
    ],
)
async def test_an_order_with_a_bad_item_is_left_out_as_a_whole(
    shop: Firm, cells: dict[str, str], field: str, reason: str
):
    report = await shop.imports("orders", order(1), order(2), order(1, 2, **cells))
    partial, bad = report.errors
    assert (partial.line, partial.field) == (2, "row")
    assert partial.reason.startswith("incomplete_order: line 4 ")
    assert (bad.line, bad.field) == (4, field)
    assert bad.reason.startswith(f"{reason}: ")
    assert [event.number for event in await orders(shop)] == ["order2"]


async def test_a_copy_of_an_item_counts_once(shop: Firm):
    report = await shop.imports("orders", order(1), order(1))
    assert (report.imported, report.unchanged) == (1, 1)
    assert [event.amount for event in await orders(shop)] == [Decimal("10.50")]


async def test_an_order_of_nobody_is_an_error(shop: Firm):
    report = await shop.imports("orders", order(seller_id="stranger"))
    assert str(report.errors[0]).startswith("line 2, seller_id: unknown_client: ")


async def test_an_order_before_the_client_came_to_account_service_is_an_error(shop: Firm):
    report = await shop.imports("orders", order(shipping_limit_date="2024-04-05 10:20:29"))
    assert str(report.errors[0]).startswith("line 2, shipping_limit_date: before_its_cause: ")
    assert not await orders(shop)


async def test_an_order_of_a_client_that_is_not_in_account_service_is_an_error(shop: Firm):
    await shop.imports("leads", lead(2))
    mapping = shop.folder / "orders.toml"
    mapping.write_text(
        """
        kind = "orders"
        source = "olist"
        keys = { lead = "lead", order = "number" }
        order = { placed_at = "placed", amount = "amount", currency = { constant = "EUR" } }
        """
    )
    file = shop.folder / "plain.csv"
    file.write_text("lead,number,placed,amount\nlead2,1,2024-06-01,5\nlead1,2,2024-06-01,7\n")
    report = await shop.imports_file("orders", file, mapping)
    assert [str(error)[:28] for error in report.errors] == ["line 2, number: wrong_step: "]
    assert [(event.amount, event.currency) for event in await orders(shop)] == [(7, "EUR")]


async def test_an_order_that_was_imported_stays_as_it_is(shop: Firm):
    await shop.imports("orders", order(1), order(2))
    report = await shop.imports("orders", order(1, price="11"), order(2), order(3))
    assert (report.imported, report.unchanged, report.failed) == (1, 1, 1)
    assert report.errors[0].reason.startswith("changed: ")


async def test_a_client_with_very_many_orders_goes_in_by_pieces(shop: Firm):
    report = await shop.imports("orders", *(order(number) for number in range(1_100)))
    assert report.records == 1_100
    assert len({recorded.event.order_id for recorded in await shop.history()
                if isinstance(recorded.event, OrderPlaced)}) == 1_100  # fmt: skip
