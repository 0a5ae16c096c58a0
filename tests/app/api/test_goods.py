"""The catalogue, stock and orders of its articles over HTTP: never more is promised than there is and comes."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.employee import employee_id
from tests.app.api.conftest import CONTACT, Api

SOON = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()


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


async def test_fifty_sellers_order_one_article_at_once_and_the_stock_ends_exact(api: Api) -> None:
    await stocked(api, quantity="100")
    expected = {"article": "BROOM-G", "warehouse": "main", "quantity": "20", "expected_on": SOON}
    await api.made("/stock/arrivals", expected)
    clients = [await in_service(api) for _ in range(5)]
    answers = await asyncio.gather(
        *(api.post(f"{clients[number % 5]}/orders", order_of(1 + number % 5)) for number in range(50))
    )
    refused = [answer for answer in answers if not answer.is_success]
    assert {answer.status_code for answer in answers} == {201, 409}
    assert {answer.json()["code"] for answer in refused} == {"not_enough_stock"}
    taken = sum(1 + number % 5 for number, answer in enumerate(answers) if answer.is_success)
    assert 116 <= taken <= 120
    free = (await api.post(f"{clients[0]}/orders", order_of(100))).json()["facts"]
    assert (float(free["available_now"]), float(free["by_day"][SOON])) == (0, 120 - taken)
