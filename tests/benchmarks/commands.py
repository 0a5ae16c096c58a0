"""POST of a contact at 64 connections: the service, a bare endpoint, the stock library, and raw INSERTs."""

import asyncio
import json
import time
from pathlib import Path
from statistics import median
from uuid import UUID, uuid4

import httpx
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app import embedded
from projections.log import driver
from tests.benchmarks import servers
from tests.benchmarks.load import Load, put_under_load, request
from tests.benchmarks.stock import StockClients, environment
from tests.benchmarks.table import Line, ratio

CONNECTIONS = 64
CLIENTS = 1_000
INSERTERS = 16
BODY = {"channel": "phone", "direction": "outbound", "outcome": "reached", "summary": "Asked about the next delivery."}

_CREATE = "CREATE TABLE IF NOT EXISTS raw_inserts (id uuid PRIMARY KEY, version bigint, topic text, state bytea)"
_INSERT = "INSERT INTO raw_inserts VALUES ($1, 1, 'contacts.recorded', $2)"


async def measure(folder: Path, rounds: int = 5, seconds: float = 6) -> list[Line]:
    """Each round measures all four, one after the other; ratios are medians of the rounds."""
    url = embedded.start(folder)
    host = str(url.query["host"])
    stock_ids = _stock_clients(url)
    with (
        servers.service(folder) as service,
        servers.module("tests.benchmarks.bare") as bare,
        servers.module("tests.benchmarks.stock", host) as stock,
    ):
        ours = _requests(_register(service.port, servers.token(folder)), servers.token(folder))
        await put_under_load(service.port, ours, connections=CONNECTIONS, seconds=seconds)
        rates: dict[str, list[float]] = {"service": [], "bare": [], "stock": [], "insert": []}
        for _ in range(rounds):
            rates["bare"].append(await _rate(bare.port, ours, seconds))
            rates["service"].append(await _rate(service.port, ours, seconds))
            rates["stock"].append(await _rate(stock.port, _requests(stock_ids, ""), seconds))
            rates["insert"].append(await _inserts(url, seconds))
    return _lines(rates)


def _lines(rates: dict[str, list[float]]) -> list[Line]:
    service = rates["service"]
    return [
        Line("POST of a contact, bare FastAPI endpoint", f"{median(rates['bare']):,.0f}/s"),
        Line(
            "POST of a contact, Conveyor", f"{median(service):,.0f}/s", f"{ratio(service, rates['bare']):.0%} of bare"
        ),
        Line(
            "POST of a contact, stock `eventsourcing` application",
            f"{median(rates['stock']):,.0f}/s",
            f"Conveyor is {ratio(service, rates['stock']):.1f} × as fast",
        ),
        Line(
            f"raw single-row INSERTs, {INSERTERS} connections, no HTTP",
            f"{median(rates['insert']):,.0f}/s",
            f"Conveyor reaches {ratio(service, rates['insert']):.0%}",
        ),
    ]


async def _rate(port: int, requests: list[bytes], seconds: float) -> float:
    load = await put_under_load(port, requests, connections=CONNECTIONS, seconds=seconds)
    _refuse_errors(load)
    return load.per_second


def _refuse_errors(load: Load) -> None:
    if set(load.statuses) - {200, 201}:
        raise RuntimeError(f"not every request was answered well: {load.statuses}")


def _requests(client_ids: list[UUID], token: str) -> list[bytes]:
    body, headers = json.dumps(BODY).encode(), (("Authorization", f"Bearer {token}"),)
    return [request("POST", f"/api/v1/clients/{client_id}/contacts", body, headers) for client_id in client_ids]


def _register(port: int, token: str) -> list[UUID]:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", headers=headers) as client:
        bodies = ({"name": f"Client {number}", "origin": "other"} for number in range(CLIENTS))
        return [UUID(client.post("/clients", json=body).raise_for_status().json()["id"]) for body in bodies]


def _stock_clients(url: URL) -> list[UUID]:
    application = StockClients(env=environment(url))
    return [application.register(f"Client {number}") for number in range(CLIENTS)]


async def _inserts(url: URL, seconds: float) -> float:
    """Single-row INSERTs of a contact's size, each in a transaction of its own."""
    engine = create_async_engine(url, pool_size=INSERTERS)
    try:
        async with engine.connect() as connection:
            await (await driver(connection)).execute(_CREATE)
        until, started = time.perf_counter() + seconds, time.perf_counter()
        done = sum(await asyncio.gather(*(_insert(engine, until) for _ in range(INSERTERS))))
        return done / (time.perf_counter() - started)
    finally:
        await engine.dispose()


async def _insert(engine: AsyncEngine, until: float) -> int:
    done = 0
    async with engine.connect() as connection:
        statement = await (await driver(connection)).prepare(_INSERT)
        while time.perf_counter() < until:
            await statement.fetch(uuid4(), bytes(600))
            done += 1
    return done
