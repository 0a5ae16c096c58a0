"""The catalogue, stock and orders of its articles over HTTP: never more is promised than there is and comes."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.employee import employee_id
from domain.types import Role
from tests.app.api.conftest import CONTACT, Api, Staff

SOON, LATER = ((datetime.now(UTC) + timedelta(days=days)).date().isoformat() for days in (5, 9))


async def in_service(api: Api) -> str:
    """The path of a client in account service, whose first deal over 900 EUR was won; all by one person."""
    client, head = await api.lead(), {"to_employee_id": str(employee_id("head"))}
    person = {"name": "Anna Petrova", "role": "decides", "personality_type": "driver"}
    key_person_id = (await api.made(client + "/key-persons", person))["key_person_id"]
    await api.made(client + "/contacts", CONTACT | {"key_person_id": key_person_id})
    await api.made(client + "/qualify", {"need": "Brooms"})
    for step in ("first_deal", "account_service"):
        await api.made(client + "/handoffs", head)
        if step == "first_deal":
            deal = await api.made(client + "/deals", {"amount": "1000", "currency": "EUR"})
            await api.made(f"{client}/deals/{deal['deal_id']}/win", {"revenue": "900", "cost": "600"})
    return client


async def stocked(api: Api, article: str = "BROOM-G", quantity: str = "10") -> dict[str, Any]:
    """A broom in the main warehouse, with a price of 12.50 on a list; the ids of what was made."""
    product = await api.made("/products", {"code": f"P-{article}", "label": "Broom", "attributes": ["colour"]})
    added = await api.made(f"/products/{product['id']}/articles", {"code": article, "attributes": {"colour": "green"}})
    await api.post("/warehouses", {"code": "main", "label": "Main"})
    await api.post("/price-lists", {"code": "retail", "label": "Retail", "currency": "EUR", "valid_from": "2020-01-01"})
    price = {"price_list": "retail", "price": "12.50", "valid_from": "2020-01-01"}
    await api.made(f"/articles/{added['article_id']}/prices", price)
    await api.made("/stock/receipts", {"article": article, "warehouse": "main", "quantity": quantity})
    return added


def order_of(quantity: int, article: str = "broom-g") -> dict[str, Any]:
    return {"currency": "EUR", "lines": [{"article": article, "quantity": str(quantity), "warehouse": "main"}]}


async def test_fifty_sellers_order_one_article_at_once_and_the_stock_ends_exact(api: Api, staff: Staff) -> None:
    await stocked(api, quantity="100")
    expected = {"article": "BROOM-G", "warehouse": "main", "quantity": "20", "expected_on": SOON}
    await api.made("/stock/arrivals", expected)
    clients = [await in_service(api) for _ in range(5)]
    sellers = [
        await staff.hire(f"seller{number}", Role.ACCOUNT_MANAGER) and await staff.api(f"seller{number}")
        for number in range(50)
    ]
    answers = await asyncio.gather(
        *(
            seller.post(f"{clients[number % 5]}/orders", order_of(1 + number % 5))
            for number, seller in enumerate(sellers)
        )
    )
    assert {answer.status_code for answer in answers} == {201}
    promised: Counter[str] = Counter()
    for client in clients:
        orders = (await read(api, f"{client}/orders"))["items"]
        for part in (part for order in orders for line in order["lines"] for part in line["promised"]):
            promised["undated" if part["undated"] else part["promised_on"] or "at once"] += int(part["quantity"])
    assert promised == {"at once": 100, SOON: 20, "undated": 30}
    code, facts = await refused(api, f"{clients[0]}/orders", order_of(1) | {"back_order": False})
    assert (code, facts["available_now"], facts["by_day"]) == ("not_enough_stock", "0", {SOON: "0"})
    there = (await read(api, "/availability", article="BROOM-G"))["warehouses"][0]
    assert [there[name] for name in ("on_hand", "reserved", "available")] == ["100", "150", "0"]


async def expected(api: Api, quantity: str = "20") -> str:
    """The id of an arrival of brooms."""
    body = {"article": "BROOM-G", "warehouse": "main", "quantity": quantity, "expected_on": SOON}
    return (await api.made("/stock/arrivals", body))["arrival_id"]


async def refused(api: Api, path: str, body: Any = None) -> tuple[str, dict[str, Any]]:
    """The code and the facts of a refusal."""
    answer = await api.post(path, body)
    assert answer.status_code == 409, answer.text
    return answer.json()["code"], answer.json()["facts"]


async def read(api: Api, path: str, **params: Any) -> Any:
    answer = await api.get(path, **params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def days_of(parts: list[dict[str, Any]]) -> list[tuple[str, str | None, bool]]:
    """How much for which day, and whether it has none."""
    return [(part["quantity"], part["promised_on"], part["undated"]) for part in parts]


async def check_pages(api: Api, path: str, *lists: str, counts: str = "") -> list[Any]:
    """Pages of one entry are the list in its order; returns it, or another list that is parted among the pages."""
    whole, found, cursor = await read(api, path), dict[str, list[Any]](), None
    while cursor or not found:
        page = await read(api, path, limit=1, **({"cursor": cursor} if cursor else {}))
        assert sum(len(page[name]) for name in lists) == 1
        found = {name: [*found.get(name, ()), *page[name]] for name in (*lists, *filter(None, [counts]))}
        cursor = page["next_cursor"]
    assert {name: whole[name] for name in found} == found
    assert whole["next_cursor"] is None
    assert (await api.get(path, cursor="nonsense")).status_code == 422
    return found[counts or lists[0]]


async def check_every_amount(api: Api, client: str, position: int) -> None:
    """The amounts of the client that bought twice, worked out by hand."""
    newer, older = await check_pages(api, f"{client}/orders", "items")
    allocations = await check_pages(api, f"{client}/account", "invoices", "payments", counts="allocations")
    assert [float(each["amount"]) for each in allocations] == [137.5]
    amounts = [
        [float(order[name]) for name in ("ordered", "shipped", "open", "cancelled", "returned")]
        for order in (older, newer)
    ]
    assert amounts == [[150, 150, 0, 0, 12.5], [50, 0, 37.5, 12.5, 0]]
    balance = (await read(api, f"{client}/account"))["balance"]["EUR"]
    assert {name: float(amount) for name, amount in balance.items()} == {
        "invoiced": 200, "paid": 137.5, "owed": 50, "credited": 12.5, "received": 200, "refunded": 62.5, "credit": 0
    }  # fmt: skip
    (value,) = (await read(api, f"{client}/value", after=position))["realised"]
    assert (float(value["revenue"]), float(value["paid"])) == (900 + 150 - 12.5 + 37.5, 200 - 62.5)
    report = await read(api, "/reports/debts", after=position)
    assert [(float(item["owed"]), float(item["not_due"])) for item in report["items"]] == [(50, 50)]
    (debt,) = (await read(api, "/reports/debts/invoices", client_id=client[-36:], age="not_due"))["items"]
    assert (float(debt["owed"]), debt["days_overdue"]) == (50, 0)
    assert (await api.get("/reports/debts", **{"in": "USD"})).json()["code"] == "no_rate"
    today = datetime.now(UTC).date().isoformat()
    await api.made("/regulation/exchange-rates", {"currency": "USD", "to": "EUR", "day": today, "rate": "0.8"})
    (rate,) = (await read(api, "/regulation/exchange-rates", day="2199-01-01"))["items"]
    assert (rate["rate"], rate["recorded_for"]) == ("0.8", today)
    converted = await read(api, "/reports/debts", **{"in": "USD"})
    assert (float(converted["total"]["USD"]["owed"]), float(converted["rates"][0]["rate"])) == (62.5, 1.25)
    worth = (await read(api, "/reports/value", **{"in": "USD"}))["total"]["converted"]
    assert [float(worth[name]) for name in ("revenue", "paid")] == [1.25 * (900 + 900 + 175), 171.88]
    there = (await read(api, "/availability", article="BROOM-G", quantity="16"))["warehouses"][0]
    assert [float(there[name]) for name in ("on_hand", "reserved", "available")] == [19, 3, 16]


async def test_repeat_orders_part_shipments_over_payment_return_and_refund_with_every_amount(
    api: Api, staff: Staff
) -> None:
    await stocked(api)
    arrival = await expected(api)
    client = await in_service(api)
    await staff.hire("keeper", Role.WAREHOUSE, steps=frozenset())
    keeper = await staff.api("keeper")

    first = f"{client}/orders/{(await api.made(f'{client}/orders', order_of(12)))['order_id']}"
    assert (await keeper.post(f"{client}/orders", order_of(1))).json()["code"] == "forbidden"
    placed = await keeper.made(f"{first}/confirm")
    (line,) = (await read(api, f"{client}/orders", after=placed["position"]))["items"][0]["lines"]
    promised = [(part["quantity"], part["promised_on"]) for part in line["promised"]]
    assert promised == [("10", None), ("2", SOON)]
    (queued,) = (await read(keeper, "/worklists/warehouse", after=placed["position"], warehouse="main"))["items"]
    assert (queued["confirmed"], queued["lines"][0]["open"], queued["promised_on"]) == (True, "12", SOON)
    assert days_of(queued["lines"][0]["parts"]) == [("10", None, False), ("2", SOON, False)]
    ten = await keeper.made(f"{first}/shipments", {"lines": [{"line": 1, "quantity": "10"}]})
    assert (await refused(keeper, f"{first}/shipments"))[0] == "not_in_stock"
    assert (await refused(keeper, f"{first}/shipments", {"lines": [{"line": 1, "quantity": "3"}]}))[0] == "exceeds_open"
    receipt = {"article": "BROOM-G", "warehouse": "main", "quantity": "20", "arrival_id": arrival}
    await keeper.made("/stock/receipts", receipt)
    two = await keeper.made(f"{first}/shipments")
    await keeper.made(f"{first}/shipments/{ten['shipment_id']}/deliver")
    assert (await read(keeper, "/worklists/warehouse", after=two["position"]))["items"] == []

    invoice = (await api.made(f"{client}/invoices", {"order_id": first[-36:], "number": "I-1"}))["invoice_id"]
    assert (await refused(api, f"{client}/invoices", {"order_id": first[-36:]}))[0] == "nothing_to_invoice"
    await api.made(f"{client}/payments", {"amount": "200", "currency": "EUR"})
    taken_back = await keeper.made(f"{first}/returns", {"lines": [{"line": 1, "quantity": "1"}]})
    returned = {"kind": "return", "return_id": taken_back["return_id"]}
    await api.made(f"{client}/invoices/{invoice}/credit-notes", returned)
    code, facts = await refused(api, f"{client}/refunds", {"amount": "62.51", "currency": "EUR"})
    paid = {name: float(facts[name]) for name in ("paid", "allocated", "refunded", "free")}
    assert (code, paid) == ("refund_exceeds_credit", {"paid": 200, "allocated": 137.5, "refunded": 0, "free": 62.5})
    await api.made(f"{client}/refunds", {"amount": "62.50", "currency": "EUR", "reason": "Paid too much"})

    second = f"{client}/orders/{(await api.made(f'{client}/orders', order_of(4)))['order_id']}"
    await api.made(f"{client}/invoices", {"order_id": second[-36:]})
    other = await in_service(api)
    wrong = {"amount": "1", "currency": "EUR", "invoice_id": invoice}
    assert (await refused(api, f"{other}/payments", wrong))[0] == "unknown_invoice"
    last = await api.made(f"{second}/cancel", {"lines": [{"line": 1, "quantity": "1"}]})

    await check_every_amount(api, client, last["position"])


async def test_a_shortage_waits_gets_its_day_and_loses_it_and_the_seller_knows_whom_to_call(
    api: Api, staff: Staff
) -> None:
    await stocked(api)
    client = await in_service(api)
    await api.made(f"{client}/orders", {"currency": "EUR", "lines": [{"article": "BROOM-G", "quantity": "12"}]})
    second = await api.made(f"{client}/orders", order_of(5) | {"number": "S-2"})
    (queued,) = (await read(api, "/worklists/warehouse", after=second["position"], undated=True, limit=1))["items"]
    assert days_of(queued["lines"][0]["parts"]) == [("10", None, False), ("2", None, True)]

    async def of_second(after: int) -> list[tuple[str, str | None, bool]]:
        """The order as it stands now; the queue says the same."""
        newer = (await read(api, f"{client}/orders", after=after))["items"][0]
        items = (await read(api, "/worklists/warehouse", after=after))["items"]
        (in_queue,) = [item for item in items if item["number"] == "S-2"]
        days = days_of(newer["lines"][0]["expected"])
        assert (days_of(newer["lines"][0]["promised"]), days_of(in_queue["lines"][0]["parts"])) == (
            [("5", None, True)],
            days,
        )
        return days

    arrival = await api.made(
        "/stock/arrivals", {"article": "BROOM-G", "warehouse": "main", "quantity": "4", "expected_on": SOON}
    )
    assert await of_second(arrival["position"]) == [("2", SOON, False), ("3", None, True)]
    assert (await read(api, "/worklists/broken-promises", after=arrival["position"]))["items"] == []
    change = {"article": "BROOM-G", "expected_on": LATER}
    later = await api.made(f"/stock/arrivals/{arrival['arrival_id']}/change", change)
    assert await of_second(later["position"]) == [("2", LATER, False), ("3", None, True)]
    broken = (await read(api, "/worklists/broken-promises", after=later["position"]))["items"]
    told = [(each["line"], each["quantity"], each["promised_on"], each["expected_on"]) for each in broken]
    assert told == [(1, "2", SOON, LATER)] * 2
    assert {(each["client_id"], each["owner"]["code"]) for each in broken} == {(client[-36:], "head")}
    gone = await api.made(f"/stock/arrivals/{arrival['arrival_id']}/cancel")
    assert await of_second(gone["position"]) == [("5", None, True)]
    pages = await read(api, "/worklists/broken-promises", after=gone["position"], limit=1)
    assert (pages["items"][0]["expected_on"], len(pages["items"])) == (None, 1)
    (other,) = (await read(api, "/worklists/broken-promises", cursor=pages["next_cursor"]))["items"]
    assert {pages["items"][0]["order_id"], other["order_id"]} == {each["order_id"] for each in broken}
    nobody = str(employee_id("nobody"))
    assert (await read(api, "/worklists/broken-promises", employee_id=nobody))["items"] == []
    assert (await api.get("/worklists/broken-promises", cursor="nonsense")).status_code == 422


async def test_who_was_told_of_a_delay_is_no_work_until_it_is_delayed_again(api: Api) -> None:
    await stocked(api)
    client = await in_service(api)
    arrival = f"/stock/arrivals/{await expected(api)}"
    placed = await api.made(f"{client}/orders", order_of(12))
    order = f"{client}/orders/{placed['order_id']}"

    async def broken(after: dict[str, Any]) -> list[tuple[str, str, str]]:
        items = (await read(api, "/worklists/broken-promises", after=after["position"]))["items"]
        return [(each["quantity"], each["promised_on"], each["expected_on"]) for each in items]

    late = await api.made(f"{arrival}/change", {"expected_on": LATER})
    assert await broken(late) == [("2", SOON, LATER)]
    assert (await refused(api, f"{order}/tell-delay", {"line": 2}))[0] == "unknown_line"
    told = await api.made(f"{order}/tell-delay", {"line": 1})
    assert await broken(told) == []
    (line,) = (await read(api, f"{client}/orders", after=told["position"]))["items"][0]["lines"]
    assert days_of(line["told"]) == days_of(line["expected"]) == [("10", None, False), ("2", LATER, False)]
    assert days_of(line["promised"]) == [("10", None, False), ("2", SOON, False)]
    latest = (date.fromisoformat(LATER) + timedelta(1)).isoformat()
    later = await api.made(f"{arrival}/change", {"article": "broom-g", "expected_on": latest})
    assert await broken(later) == [("2", LATER, latest)]
    for path, body in ((arrival, {"article": "mop"}), (f"/stock/arrivals/{client[-36:]}", {})):
        answer = await api.post(f"{path}/cancel", body)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_arrival")


async def test_what_is_available_now_later_or_instead(api: Api) -> None:
    added = await stocked(api)
    product = added["id"]
    brown = await api.made(f"/products/{product}/articles", {"code": "BROOM-B", "attributes": {"colour": "brown"}})
    last = await api.made("/stock/receipts", {"article": "BROOM-B", "warehouse": "main", "quantity": "30"})
    await expected(api)
    found = await read(api, "/availability", article="broom-g", quantity="12")
    assert (found["now"], found["on"], found["warehouses"][0]["available"]) == (False, SOON, "10")
    (instead,) = found["alternatives"]
    assert (instead["article"], instead["now"], instead["attributes"]) == ("BROOM-B", True, {"colour": "brown"})
    assert (await read(api, "/availability", article="broom-g", quantity="10"))["now"]
    far = await read(api, "/availability", article="broom-g", quantity="31")
    assert (far["now"], far["on"]) == (False, None)
    assert (await api.get("/availability", article="mop")).status_code == 404

    listed = await read(api, "/articles", q="broom gre", after=last["position"])
    (green,) = listed["items"]
    assert (green["code"], green["prices"][0]["price"]) == ("BROOM-G", "12.50")
    pages = await read(api, "/articles", product="p-broom-g", limit=1)
    rest = await read(api, "/articles", product="p-broom-g", limit=1, cursor=pages["next_cursor"])
    assert [page["items"][0]["code"] for page in (pages, rest)] == ["BROOM-B", "BROOM-G"]
    assert [each["code"] for each in (await read(api, "/articles", attribute="colour=Brown"))["items"]] == ["BROOM-B"]
    counted = {"article": "BROOM-B", "warehouse": "main", "counted": "0", "note": "All of them broken"}
    await api.made("/stock/counts", counted)
    retired = await api.made(f"/articles/{brown['article_id']}/retire", {"note": "Nobody makes it any more"})
    gone = await read(api, f"/articles/{brown['article_id']}", after=retired["position"])
    assert gone["retired"]
    assert (await api.get(f"/articles/{product}")).status_code == 404
    assert (await api.get("/articles", attribute="colour")).status_code == 422
    assert [each["code"] for each in (await read(api, "/warehouses"))["items"]] == ["main"]
    assert [each["currency"] for each in (await read(api, "/price-lists"))["items"]] == ["EUR"]
