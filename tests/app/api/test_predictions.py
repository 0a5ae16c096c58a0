"""Prediction over HTTP: the models are fitted to what clients bought, and say what they will buy."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID, uuid4

from app.services import Services
from domain.client.account_events import PaymentReceived
from domain.client.order_events import OrderPlaced
from domain.client.registration import ClientRegistered
from domain.kernel import Event
from tests.app.api.conftest import Api, head
from tests.app.appending import append_of

CLIENTS = 80
BEGIN = datetime.now(UTC) - timedelta(days=700)


def history(client: int, random: Random) -> list[tuple[Event, datetime]]:
    """Every fourth client buys every other week and goes on; the others stop early."""
    register = ClientRegistered(name=f"Client {client}", origin="inbound", industry=("steel", "wood")[client % 2])
    faithful = not client % 4
    days = [random.randrange(30), *sorted(random.sample(range(31, 690 if faithful else 100), 40 if faithful else 2))]
    orders = [
        OrderPlaced(
            order_id=UUID(int=client * 1000 + number),
            amount=Decimal(random.randrange(500, 1500)),
            cost=Decimal(400),
            currency="EUR",
        )
        for number in range(len(days))
    ]
    bought = [(order, BEGIN + timedelta(days=day)) for day, order in zip(days, orders, strict=True)]
    return [(register, BEGIN), *bought]


async def bought(services: Services, clients: int) -> int:
    random = Random(1)
    appends = [append_of(UUID(int=number + 1))._replace(facts=history(number, random)) for number in range(clients)]
    appended = await asyncio.gather(*map(services.store.append, appends))
    return max(each.position for each in appended)


async def test_clients_are_predicted_by_the_fit_in_force(api: Api, services: Services) -> None:
    missing = await api.get("/reports/prediction", currency="EUR")
    assert (missing.status_code, missing.json()["code"]) == (404, "no_fit")
    position = await bought(services, CLIENTS)
    made = await api.made("/predictions/fits", {"currency": "EUR"}, Idempotency_Key="once")
    again = await api.post("/predictions/fits", {"currency": "EUR"}, Idempotency_Key="once")
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (made, "true")

    fits = (await api.get("/predictions/EUR/fits")).json()["items"]
    assert [(fit["id"], fit["clients"], fit["repeating"]) for fit in fits] == [(made["fit_id"], CLIENTS, CLIENTS)]
    assert fits[0]["actor"]["code"] == "head"

    faithful, lost = UUID(int=1), UUID(int=2)
    stays, went = [
        (await api.get(f"/clients/{key}/prediction", after=position, days=90)).json()["items"][0]
        for key in (faithful, lost)
    ]
    assert stays["fit_id"] == made["fit_id"]
    assert (stays["repeats"], went["repeats"]) == (40, 2)
    assert (await api.get(f"/clients/{faithful}/prediction")).json()["not_predicted"] == []
    assert stays["alive"] > 0.8
    assert went["alive"] < 0.3
    assert 3 < stays["purchases"] < 8
    assert Decimal(stays["revenue"]) > Decimal(stays["margin"]) > 0
    unfit = await api.get(f"/clients/{faithful}/prediction", as_of=(BEGIN + timedelta(days=1)).isoformat())
    assert unfit.json()["code"] == "unknown_client"

    report = (await api.get("/reports/prediction", currency="EUR")).json()
    assert {item["industry"]: item["clients"] for item in report["items"]} == {"steel": 40, "wood": 40}
    assert report["total"]["clients"] == CLIENTS
    assert sum(Decimal(item["revenue"]) for item in report["items"]) == Decimal(report["total"]["revenue"])

    query = {"currency": "EUR", "sort": "alive", "most_alive": 0.5, "industry": "wood", "limit": 7}
    first = (await api.get("/reports/prediction/clients", **query)).json()
    second = (await api.get("/reports/prediction/clients", **query, cursor=first["next_cursor"])).json()
    listed = [*first["items"], *second["items"]]
    assert [item["alive"] for item in listed] == sorted(item["alive"] for item in listed)
    assert len({item["id"] for item in listed}) == 14

    await api.made("/predictions/fits", {"currency": "EUR"})
    assert len((await api.get("/predictions/EUR/fits")).json()["items"]) == 2
    assert (await api.get("/reports/prediction/clients", currency="EUR", limit=200)).json()["fit_id"] != made["fit_id"]


async def test_too_little_was_bought(api: Api, services: Services) -> None:
    await bought(services, 3)
    refused = await api.post("/predictions/fits", {"currency": "EUR"})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_few_purchases")
    assert refused.json()["facts"] | {"clients": 3, "repeating": 3} == refused.json()["facts"]
    future = await api.post("/predictions/fits", {"currency": "EUR", "until": "2999-01-01T00:00:00Z"})
    assert (future.status_code, list(future.json()["errors"])) == (422, ["until"])
    assert (await api.get("/predictions/EUR/fits")).status_code == 404


async def test_why_nothing_is_predicted(api: Api, services: Services) -> None:
    async def reasons(client: object, after: int) -> list[tuple[str | None, str]]:
        answer = (await api.get(f"/clients/{client}/prediction", after=after)).json()
        assert not answer["items"]
        return [(each["currency"], each["reason"]) for each in answer["not_predicted"]]

    buyer = UUID(int=1)
    assert await reasons(buyer, await bought(services, 1)) == [("EUR", "no_fit")]
    path = await api.lead()
    lead, position = path.removeprefix("/clients/"), await head(api)
    assert await reasons(lead, position) == [(None, "no_purchase")]
    paid = PaymentReceived(payment_id=uuid4(), amount=Decimal(5), currency="GBP")
    appended = await services.store.append(append_of(buyer, paid, expected_version=42))
    assert await reasons(buyer, appended.position) == [("EUR", "no_fit"), ("GBP", "no_purchase")]
