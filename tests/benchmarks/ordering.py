"""Orders that reserve stock at 64 connections, against one article and against many, beside a plain contact."""

import json
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from tests.benchmarks import servers
from tests.benchmarks.commands import BODY as CONTACT
from tests.benchmarks.load import Load, put_under_load, request
from tests.benchmarks.table import Line, ratio

SELLERS, CLIENTS = 64, 256
BASE = "/api/v1"
ON_HAND = Decimal(900_000_000)
_CARD = {"name": "Client", "origin": "other"}
_PERSON = {"name": "Anna Petrova", "role": "decides", "personality_type": "driver"}
_DEAL = {"amount": "12000", "currency": "EUR"}
_WON = {"revenue": "12000", "cost": "8000"}


async def measure(folder: Path, rounds: int = 5, seconds: float = 6) -> list[Line]:
    """Each round measures all three, one after the other; ratios are medians of the rounds.

    Raises:
        RuntimeError: an order was refused, or more or less is reserved than was ordered.
    """
    rates: dict[str, list[float]] = {"contact": [], "one": [], "many": []}
    with servers.service(folder) as service, _api(service.port, servers.token(folder)) as api:
        ids = [_in_account_service(api, number) for number in range(CLIENTS)]
        _stock_up(api)
        loads = _loads(ids, servers.token(folder))
        for requests in loads.values():
            await put_under_load(service.port, requests, connections=SELLERS, seconds=seconds / 3)
        before = _reserved(api)
        ordered = 0
        for _ in range(rounds):
            for name, requests in loads.items():
                load = await put_under_load(service.port, requests, connections=SELLERS, seconds=seconds)
                _refuse_errors(load)
                rates[name].append(load.per_second)
                ordered += len(load.times) if name == "one" else 0
        if _reserved(api) != before + ordered:
            raise RuntimeError(f"{ordered} were ordered, {_reserved(api) - before} are reserved")
    return _lines(rates, before + ordered)


def _lines(rates: dict[str, list[float]], reserved: Decimal) -> list[Line]:
    contact = rates["contact"]
    kinds = {"one": f"one article, {reserved:,} reserved in the end", "many": f"{CLIENTS} articles"}
    return [
        Line("POST of a contact, beside orders", f"{median(contact):,.0f}/s"),
        *(
            Line(
                f"order that reserves, {SELLERS} sellers, {what}",
                f"{median(rates[kind]):,.0f}/s",
                f"{ratio(rates[kind], contact):.0%} of contacts",
            )
            for kind, what in kinds.items()
        ),
    ]


def _api(port: int, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{port}{BASE}", headers=headers, timeout=60)


def _post(api: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    return api.post(path, json=body).raise_for_status().json()


def _in_account_service(api: httpx.Client, number: int) -> str:
    """A client that was handed over twice; its id."""
    client = _post(api, "/clients", {**_CARD, "name": f"Client {number}"})["id"]
    path = f"/clients/{client}"
    person = _post(api, f"{path}/key-persons", _PERSON)["key_person_id"]
    _post(api, f"{path}/contacts", {**CONTACT, "key_person_id": person})
    _post(api, f"{path}/qualify", {"need": "Brooms"})
    _hand_over(api, path)
    deal = _post(api, f"{path}/deals", _DEAL)["deal_id"]
    _post(api, f"{path}/deals/{deal}/win", _WON)
    _hand_over(api, path)
    return client


def _hand_over(api: httpx.Client, path: str) -> None:
    handoff = _post(api, f"{path}/handoffs", {})["handoff_id"]
    _post(api, f"{path}/handoffs/{handoff}/accept", {})


def _code(number: int) -> str:
    return f"BROOM-{number}"


def _stock_up(api: httpx.Client) -> None:
    """Articles with a price, and more of each than anybody orders."""
    _post(api, "/warehouses", {"code": "main", "label": "Main"})
    prices = {"code": "retail", "label": "Retail", "currency": "EUR", "valid_from": "2020-01-01"}
    _post(api, "/price-lists", prices)
    product = _post(api, "/products", {"code": "BROOM", "label": "Broom", "attributes": ["number"]})["id"]
    for number in range(1 + CLIENTS):
        added = {"code": _code(number), "attributes": {"number": str(number)}}
        article = _post(api, f"/products/{product}/articles", added)["article_id"]
        price = {"price_list": "retail", "price": "12.50", "valid_from": "2020-01-01"}
        _post(api, f"/articles/{article}/prices", price)
        received = {"article": _code(number), "warehouse": "main", "quantity": str(ON_HAND)}
        _post(api, "/stock/receipts", received)


def _loads(ids: list[str], token: str) -> dict[str, list[bytes]]:
    """The requests by what is measured; neighbours are of different clients."""
    headers = (("Authorization", f"Bearer {token}"),)

    def posts(path: str, bodies: list[Any]) -> list[bytes]:
        return [
            request("POST", f"{BASE}/clients/{client}/{path}", json.dumps(body).encode(), headers)
            for client, body in zip(ids, bodies, strict=True)
        ]

    return {
        "contact": posts("contacts", [CONTACT] * CLIENTS),
        "one": posts("orders", [_order(0)] * CLIENTS),
        "many": posts("orders", [_order(1 + number) for number in range(CLIENTS)]),
    }


def _order(number: int) -> dict[str, Any]:
    line = {"article": _code(number), "quantity": "1", "warehouse": "main"}
    return {"currency": "EUR", "lines": [line]}


def _reserved(api: httpx.Client) -> Decimal:
    found = api.get("/availability", params={"article": _code(0)}).raise_for_status().json()
    return Decimal(found["warehouses"][0]["reserved"])


def _refuse_errors(load: Load) -> None:
    if set(load.statuses) != {201}:
        raise RuntimeError(f"not every request was answered well: {load.statuses}")
