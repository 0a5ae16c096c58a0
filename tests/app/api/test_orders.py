"""What may be ordered over HTTP, and at which price."""

from typing import Any

from domain.employee import employee_id
from domain.types import Role
from tests.app.api.conftest import Api, Staff
from tests.app.api.test_goods import in_service, order_of, read, refused, stocked


async def test_a_line_is_of_the_catalogue_or_free(api: Api) -> None:
    added = await stocked(api)
    client = await in_service(api)

    def line(**fields: Any) -> dict[str, Any]:
        return {"currency": "EUR", "lines": [{"quantity": "1", **fields}]}

    assert (await refused(api, f"{client}/orders", line(article="mop", price="1")))[0] == "unknown_article"
    code, facts = await refused(api, f"{client}/orders", line(article="broom-g", price="9") | {"currency": "USD"})
    assert (code, facts["article"]) == ("no_price", "BROOM-G")
    await api.made(f"{client}/orders", line(text="Sweeping, per hour", price="30"))
    await api.made(f"/articles/{added['article_id']}/stocking", {"stocked": False})
    assert (await refused(api, f"{client}/orders", order_of(1)))[0] == "article_not_stocked"
    last = await api.made(f"{client}/orders", line(article="broom-g"))
    (placed,) = (await read(api, f"{client}/orders", after=last["position"], limit=1))["items"][0]["lines"]
    assert (placed["price"], placed["warehouse"], placed["expected"]) == ("12.50", None, [])
    assert not (await read(api, f"/articles/{added['article_id']}", after=last["position"]))["stocked"]


async def test_an_order_below_the_list_price_is_asked_for_and_approved(api: Api, staff: Staff) -> None:
    await stocked(api)
    client = await in_service(api)
    limits = [{"role": "account_manager", "percent": "5"}]
    await api.made("/regulation/discounts", {"rules": {"limits": limits}})
    await staff.hire("seller", Role.ACCOUNT_MANAGER)
    seller = await staff.api("seller")

    def brooms(price: str) -> dict[str, Any]:
        return {"currency": "EUR", "lines": [{"article": "BROOM-G", "quantity": "2", "price": price}]}

    code, facts = await refused(seller, f"{client}/orders", brooms("0.01"))
    given = {name: float(facts[name]) for name in ("discount", "discount_percent", "discount_limit_percent")}
    assert (code, given) == (
        "approval_required",
        {"discount": 24.98, "discount_percent": 99.92, "discount_limit_percent": 5},
    )
    await seller.made(f"{client}/orders", brooms("12"))
    wanted = brooms("10")
    wanted["lines"][0]["cost"] = "8"
    wanted["lines"].append({"text": "Sweeping", "quantity": "1", "price": "100"})
    asked = await seller.made(f"{client}/orders/approvals", wanted | {"reason": "The last ones"})
    (waiting,) = (await read(api, "/approvals", after=asked["position"]))["items"]
    shown = [float(waiting[name]) for name in ("list_price", "goods_list_price", "discount", "discount_percent")]
    assert (waiting["deal_id"], shown) == (None, [125, 25, 5, 20])
    assert [(line["article"], line["price"], line["list_price"]) for line in waiting["lines"]] == [
        ("BROOM-G", "10.00", "12.50"),
        ("Sweeping", "100.00", None),
    ]
    assert (waiting["cost"], waiting["profit"], float(waiting["margin_percent"])) == (None, "4.00", 20)
    assert (await refused(seller, f"{client}/orders", brooms("10")))[0] == "approval_required"
    await api.made(f"{client}/approvals/{asked['approval_id']}/give", {"reason": "Well"})
    last = await seller.made(f"{client}/orders", brooms("10"))
    assert (await refused(seller, f"{client}/orders", brooms("10")))[0] == "approval_required"
    assert (await read(api, "/approvals", after=last["position"]))["items"] == []
    event = (await read(api, f"{client}/history", after=last["position"], limit=1))["items"][0]
    assert (event["topic"], event["data"]["approvals"]) == ("orders.placed", [asked["approval_id"]])

    first, second = (await read(seller, f"{client}/orders", after=last["position"]))["items"]
    assert (first["discount"], first["discount_limit_percent"], second["approvals"]) == ("5.00", "5", [])
    assert (first["lines"][0]["list_price"], second["discount"]) == ("12.50", "1.00")
    (approval,) = first["approvals"]
    assert (approval["id"], approval["approved_by"]["code"]) == (asked["approval_id"], "head")
    total = (await read(api, "/reports/discounts", after=last["position"]))["total"]["currencies"]["EUR"]
    figures = ("deals", "orders", "list_price", "discount", "discount_percent", "above_limit", "approved", "excess")
    assert [total[name] for name in figures] == [1, 2, "1050.00", "106.00", "10.10", 1, 1, "3.75"]
    behind = (await read(api, "/reports/discounts/deals", after=last["position"], approved=True))["items"]
    assert [(each["kind"], each["order_id"], each["deal_id"]) for each in behind] == [("order", first["id"], None)]
    assert (behind[0]["discount"], behind[0]["given_with_deal"]) == ("5.00", "0.00")
    assert behind[0]["discount_approved_by"]["code"] == "head"
    assert behind[0]["given_by"]["code"] == "seller"

    cancelled = await seller.made(f"{client}/orders/{first['id']}/cancel", {})
    assert (await read(api, f"{client}/orders", after=cancelled["position"]))["items"][0]["discount"] == "0.00"
    asked_of_orders = {"after": cancelled["position"], "kind": "order"}
    (left,) = (await read(api, "/reports/discounts/deals", **asked_of_orders))["items"]
    assert left["discount"] == "1.00"


async def test_a_seller_follows_the_approvals_that_he_asked_for(api: Api, staff: Staff) -> None:
    await stocked(api)
    client = await in_service(api)
    await api.made("/regulation/discounts", {"rules": {"limits": [{"role": "account_manager", "percent": "5"}]}})
    me = await staff.hire("seller", Role.ACCOUNT_MANAGER)
    seller = await staff.api("seller")
    below = {"currency": "EUR", "lines": [{"article": "BROOM-G", "quantity": "2", "price": "10"}]}
    ids = [
        (await seller.made(f"{client}/orders/approvals", below | {"reason": reason}))["approval_id"]
        for reason in ("The last ones", "The very last", "And more")
    ]
    await api.made(f"{client}/approvals/{ids[0]}/give", {"reason": "Well"})
    await api.made(f"{client}/approvals/{ids[1]}/refuse", {"reason": "Enough"})
    order = await seller.made(f"{client}/orders", below)

    async def listed(path: str, **asked: Any) -> list[tuple[str, str, str | None]]:
        items = (await read(seller, path, after=order["position"], **asked))["items"]
        return [(each["id"], each["state"], each["order_id"]) for each in items]

    all_three = [(ids[0], "used", order["order_id"]), (ids[1], "refused", None), (ids[2], "waiting", None)]
    assert await listed(f"{client}/orders/approvals") == all_three
    assert await listed(f"{client}/orders/approvals", state="used") == all_three[:1]
    assert await listed("/approvals", state="all", employee_id=me) == all_three
    for others in ({}, {"employee_id": str(employee_id("head"))}):
        assert (await seller.get("/approvals", **others)).json()["code"] == "forbidden"
    unknown = await seller.get(f"/clients/{me}/orders/approvals")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_client")


async def test_what_orders_await_keeps_their_client_and_their_warehouse_until_it_is_cancelled(api: Api) -> None:
    await stocked(api)
    client = await in_service(api)
    order = (await api.made(client + "/orders", order_of(12)))["order_id"]
    warehouse = (await read(api, "/warehouses"))["items"][0]["id"]
    close = f"/warehouses/{warehouse}/close"
    merge = {"into_id": (await api.lead()).rpartition("/")[2], "reason": "One firm"}
    assert await refused(api, close) == ("warehouse_awaited", {"warehouse": "main", "orders": 1, "order_ids": [order]})
    for path, body in ((client + "/archive", None), (client + "/merge", merge)):
        assert await refused(api, path, body) == ("orders_open", {"order_ids": [order]})
    await api.made(f"{client}/orders/{order}/cancel")
    await api.made(close)
    await api.made(client + "/archive")
