"""Order items become orders of the clients that the customer key leads to."""

from decimal import Decimal

import pytest

from app.importer.mapping import find_mapping
from domain.client.archive import ArchiveClient
from domain.client.order_events import OrderPlaced
from domain.client.qualification import DisqualificationReason, DisqualifyClient
from domain.types import Step
from tests.app.importer.conftest import Firm
from tests.app.importer.files import ORDER_COLUMNS, deal, lead, order, write


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
        ({"price": ""}, "price", "missing_value"),
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


async def test_a_bad_item_is_named_and_not_the_good_one_with_its_key(shop: Firm):
    report = await shop.imports("orders", order(1, price="cheap"), order(1))
    assert [(error.line, error.reason.split(":")[0]) for error in report.errors] == [
        (2, "wrong_value"),
        (3, "incomplete_order"),
    ]


async def test_every_wrong_item_of_an_order_is_named(shop: Firm):
    rows = [order(1), order(1, 2, price="cheap", shipping_limit_date="soon"), order(1, 3, price="", order_item_id="")]
    report = await shop.imports("orders", *rows)
    assert [(error.line, error.field, error.reason.split(":")[0]) for error in report.errors] == [
        (2, "row", "incomplete_order"),
        (3, "shipping_limit_date", "wrong_date"),
        (3, "price", "wrong_value"),
        (4, "order_item_id", "missing_value"),
        (4, "price", "missing_value"),
    ]
    assert (report.failed, report.imported) == (3, 0)


async def test_what_is_wrong_with_the_whole_order_is_named_with_a_wrong_item(shop: Firm):
    mapping = shop.folder / "orders.toml"
    mapping.write_text(find_mapping("olist_orders").read_text().replace('{ constant = "BRL" }', '"freight_value"'))
    file = write(shop.folder / "orders.csv", ORDER_COLUMNS, [order(price="cheap", freight_value="reais")])
    report = await shop.imports_file("orders", file, mapping)
    assert [error.field for error in report.errors] == ["price", "freight_value"]


async def test_copies_of_an_order_that_is_left_out_are_left_out_too(shop: Firm):
    early = order(1, shipping_limit_date="2024-02-29 23:59:59")
    report = await shop.imports("orders", early, early)
    assert (report.unchanged, report.failed) == (0, 2)


async def test_an_order_of_nobody_is_an_error(shop: Firm):
    report = await shop.imports("orders", order(seller_id="stranger"))
    assert str(report.errors[0]).startswith("line 2, seller_id: unknown_client: ")


@pytest.mark.parametrize(
    ("date", "reason"), [("2024-02-29 23:59:59", "before_registration"), ("2190-01-01 00:00:00", "in_future")]
)
async def test_an_order_before_the_lead_or_in_the_future_is_an_error(shop: Firm, date: str, reason: str):
    report = await shop.imports("orders", order(shipping_limit_date=date))
    assert str(report.errors[0]).startswith(f"line 2, shipping_limit_date: {reason}: ")
    assert not await orders(shop)


async def test_an_order_goes_in_that_was_placed_before_the_deal_was_won(shop: Firm):
    report = await shop.imports("orders", order(shipping_limit_date="2024-03-01 00:00:00"))
    assert (report.failed, report.records) == (0, 1)
    assert (await shop.told())[-1] == ("orders.placed", "2024-03-01 00:00:00")


async def test_the_orders_of_a_client_go_in_after_it_was_given_up_but_not_once_it_is_archived(shop: Firm):
    await shop.command(DisqualifyClient(reason=DisqualificationReason.NO_NEED))
    report = await shop.imports("orders", order())
    assert (report.failed, report.records) == (0, 1)
    await shop.command(ArchiveClient())
    report = await shop.imports("orders", order(2))
    assert report.errors[0].reason.startswith("client_archived: ")


async def test_orders_without_items_name_the_client_by_its_lead_which_need_not_have_a_deal(shop: Firm):
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
    assert (report.failed, report.records) == (0, 2)
    assert [(event.amount, event.currency) for event in await orders(shop)] == [(7, "EUR")]
    without_deal = await shop.client("lead2")
    assert (without_deal.step, without_deal.realised) == (Step.LEAD_GENERATION, {"EUR": 5})
    report = await shop.imports("deals", deal(2, won_date="2024-07-01 00:00:00"))
    assert (report.failed, (await shop.client("lead2")).step) == (0, Step.ACCOUNT_SERVICE)
    file.write_text("lead,number,placed,amount\nlead1,3,soon,5\nlead1,3,2024-06-02,8\nlead1,3,2024-06-02,9\n")
    report = await shop.imports_file("orders", file, mapping)
    assert [(error.line, error.reason.split(":")[0]) for error in report.errors] == [
        (2, "wrong_date"),
        (4, "duplicate_key"),
    ]
    assert [event.amount for event in await orders(shop)] == [7, 8]


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
