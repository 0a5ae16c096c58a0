"""A client from the first proposal to dormancy, on its own dates, with every amount worked out by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.employee import employee_id
from tests.app.api.conftest import CONTACT, LEAD, Api
from tests.app.api.test_proposals import OFFER

BEGIN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=300)
PERSON = {"name": "Anna Petrova", "role": "decides", "personality_type": "driver"}
CARD = {"purchase_interval": "monthly", "expected_purchase": "1000", "retention_years": "2", "currency": "EUR"}


def on(day: int, **fields: Any) -> dict[str, Any]:
    return fields | {"occurred_at": (BEGIN + timedelta(days=day)).isoformat()}


async def to_first_deal(api: Api) -> str:
    client = "/clients/" + (await api.made("/clients", LEAD | CARD | on(0)))["id"]
    key_person_id = (await api.made(client + "/key-persons", PERSON | on(1)))["key_person_id"]
    await api.made(client + "/contacts", CONTACT | on(2, key_person_id=key_person_id))
    await api.made(client + "/qualify", on(3, need="Pipes"))
    await api.made(client + "/handoffs", on(4, to_employee_id=str(employee_id("head"))))
    return client


async def win_with_proposal(api: Api, client: str) -> None:
    """A proposal of twice 1,150 less 10 %, accepted and won."""
    template = (await api.made("/templates", OFFER))["id"]
    deal = (await api.made(client + "/deals", on(5, amount="2300", currency="EUR")))["deal_id"]
    lines = [{"article": "P-40", "text": "Pipe", "quantity": "2", "price": "1150"}]
    valid = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    draft = {"lines": lines, "currency": "EUR", "valid_until": valid, "discount": "10", "deal_id": deal} | on(6)
    proposal = f"{client}/proposals/{(await api.made(client + '/proposals', draft))['proposal_id']}"
    await api.made(proposal + "/send", on(7, template_id=template, channel="email"))
    after = (await api.made(proposal + "/accept", on(8)))["position"]
    total = (await api.get(proposal, after=after)).json()["total"]
    assert total == "2070.00"
    await api.made(f"{client}/deals/{deal}/win", on(10, cost="1500"))
    await api.made(client + "/handoffs", on(11, to_employee_id=str(employee_id("head"))))


async def stock(api: Api) -> None:
    """30 pieces of an article at 100."""
    product = await api.made("/products", on(0, code="PIPE", label="Pipe", attributes=["diameter"]))
    body = on(0, code="P-40", attributes={"diameter": "40"})
    article = (await api.made(f"/products/{product['id']}/articles", body))["article_id"]
    await api.made("/warehouses", on(0, code="main", label="Main"))
    await api.made("/price-lists", on(0, code="retail", label="Retail", currency="EUR", valid_from="2020-01-01"))
    await api.made(f"/articles/{article}/prices", on(0, price_list="retail", price="100", valid_from="2020-01-01"))
    await api.made("/stock/receipts", on(1, article="P-40", warehouse="main", quantity="30"))


async def ordered(api: Api, client: str, day: int, quantity: int, cost: str) -> dict[str, Any]:
    """An order of pieces at 100 each, shipped in two parts."""
    line = {"article": "P-40", "quantity": str(quantity), "warehouse": "main", "cost": cost}
    order = await api.made(client + "/orders", on(day, currency="EUR", lines=[line]))
    path = f"{client}/orders/{order['order_id']}"
    await api.made(path + "/confirm", on(day))
    await api.made(path + "/shipments", on(day, lines=[{"line": 1, "quantity": "6"}]))
    more = await api.post(path + "/shipments", on(day, lines=[{"line": 1, "quantity": str(quantity - 5)}]))
    assert more.json()["code"] == "exceeds_open"
    await api.made(path + "/shipments", on(day + 1))
    return order


async def buy_twice(api: Api, client: str) -> int:
    """Orders of 1,000 and 1,200; the first is paid 1,050 of which 50 go back, the second 700. The last position."""
    for day, quantity, cost, paid in ((20, 10, "60", "1050"), (50, 12, "66.67", "700")):
        order = await ordered(api, client, day, quantity, cost)
        await api.made(client + "/invoices", on(day + 1, order_id=order["order_id"]))
        await api.made(client + "/payments", on(day + 2, amount=paid, currency="EUR"))
        if paid == "1050":
            refund = await api.post(client + "/refunds", on(day + 3, amount="50.01", currency="EUR"))
            assert refund.json()["code"] == "refund_exceeds_credit"
            await api.made(client + "/refunds", on(day + 3, amount="50", currency="EUR"))
    return (await api.made(client + "/contacts", CONTACT | on(60)))["position"]


async def test_from_a_proposal_to_a_dormant_client(api: Api) -> None:
    await stock(api)
    client = await to_first_deal(api)
    await win_with_proposal(api, client)
    after = await buy_twice(api, client)

    [realised] = (await api.get(client + "/value", after=after)).json()["realised"]
    assert (realised["purchases"], realised["revenue"], realised["margin"]) == (3, "4270.00", "1369.96")
    assert realised["paid"] == "1700.00"
    balance = (await api.get(client + "/account")).json()["balance"]["EUR"]
    amounts = {name: float(amount) for name, amount in balance.items()}
    assert (amounts["invoiced"], amounts["paid"], amounts["owed"], amounts["refunded"]) == (2200, 1700, 500, 50)

    [dormant] = (await api.get("/worklists/dormant-clients")).json()["items"]
    assert (dormant["interval_source"], dormant["offer_back"]) == ("card", "/api/v1" + client + "/handoffs")
    assert datetime.fromisoformat(dormant["dormant_from"]).date() == (BEGIN + timedelta(days=50 + 2 * 365 / 12)).date()
    back = await api.made(client + "/handoffs", {"to_step": "first_deal", "to_employee_id": str(employee_id("head"))})
    assert (await api.get(client, after=back["position"])).json()["step"] == "first_deal"
