"""A catalogue of 100,000 articles: how fast it is entered, and how fast it is read beside one of 1,000."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import httpx

from domain.catalogue.codes import article_id, product_id
from tests.benchmarks import servers
from tests.benchmarks.load import Load, put_under_load, request, send_each
from tests.benchmarks.table import Line

SIZES = 1_000, 100_000
VARIANTS = 20
"""Of each product."""
WRITERS, READERS = 64, 4
SAMPLES, SECONDS = 500, 6.0
SEED = 20_260_101
BASE = "/api/v1"
COLOURS = ("green", "brown", "red", "blue", "white", "black", "grey", "yellow", "orange", "violet")
Paths = Callable[[list[int]], list[str]]
_READS: dict[str, Paths] = {
    "availability of an article": lambda some: [f"/availability?article={_code(each)}&quantity=5" for each in some],
    "list of articles": lambda _: ["/articles?limit=50"],
    "articles by code": lambda some: [f"/articles?limit=50&q={_code(each)}" for each in some],
    "articles by attribute": lambda _: [f"/articles?limit=50&attribute=colour={colour}" for colour in COLOURS],
}


async def measure(small: Path, large: Path, sizes: tuple[int, int] = SIZES) -> list[Line]:
    """Rates of entering the large catalogue, and the median time of each read at both sizes.

    Each size has a database of its own.
    """
    _, few = await _measured(small, sizes[0])
    entered, many = await _measured(large, sizes[1])
    return [
        *(Line(f"{what}, catalogue of {sizes[1]:,}", f"{rate:,.0f}/s") for what, rate in entered.items()),
        *(
            Line(
                f"{name}, p50 at {sizes[0]:,} and at {sizes[1]:,} articles, {READERS} connections",
                f"{few[name]:.2f} ms, {many[name]:.2f} ms",
                f"{many[name] / few[name]:.2f} × the time",
            )
            for name in _READS
        ),
    ]


async def _measured(folder: Path, articles: int) -> tuple[dict[str, float], dict[str, float]]:
    """Rates of entering so many articles, and median times of reading them in milliseconds."""
    some = Random(SEED).sample(range(articles), min(SAMPLES, articles))
    with servers.service(folder) as server:
        token = servers.token(folder)
        entered = await _enter(server.port, token, articles, some)
        return entered, {name: await _median(server.port, token, paths(some)) for name, paths in _READS.items()}


async def _enter(port: int, token: str, articles: int, stocked: Iterable[int]) -> dict[str, float]:
    """All articles with a price each; goods of some. Neighbouring requests are for different products."""
    products = articles // VARIANTS
    await _post(port, token, [("/warehouses", {"code": "main", "label": "Main"})])
    await _post(port, token, [("/price-lists", _LIST)])
    await _post(port, token, (("/products", _product(number)) for number in range(products)))
    added = await _post(port, token, (_variant(number, products) for number in range(articles)))
    priced = await _post(port, token, (_priced(number) for number in range(articles)))
    await _post(port, token, (("/stock/receipts", _receipt(number)) for number in stocked))
    _wait_for_view(port, token)
    return {"POST of an article": added.per_second, "POST of a price": priced.per_second}


async def _post(port: int, token: str, posts: Iterable[tuple[str, dict[str, Any]]]) -> Load:
    load = await send_each(port, _requests(token, posts), connections=WRITERS)
    if set(load.statuses) - {200, 201}:
        raise RuntimeError(f"not every request was answered well: {load.statuses}")
    return load


def _requests(token: str, posts: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[bytes]:
    headers = (("Authorization", f"Bearer {token}"),)
    for path, body in posts:
        yield request("POST", f"{BASE}{path}", json.dumps(body).encode(), headers)


_LIST = {"code": "retail", "label": "Retail", "currency": "EUR", "valid_from": "2020-01-01"}


def _code(number: int) -> str:
    return f"A-{number:06}"


def _product(number: int) -> dict[str, Any]:
    return {"code": f"P-{number:05}", "label": f"Broom {number}", "attributes": ["colour", "size"]}


def _variant(number: int, products: int) -> tuple[str, dict[str, Any]]:
    product, nth = number % products, number // products
    attributes = {"colour": COLOURS[nth % len(COLOURS)], "size": str(nth)}
    return f"/products/{product_id(f'P-{product:05}')}/articles", {"code": _code(number), "attributes": attributes}


def _priced(number: int) -> tuple[str, dict[str, Any]]:
    price = {"price_list": "retail", "price": str(1 + number % 90), "valid_from": "2020-01-01"}
    return f"/articles/{article_id(_code(number))}/prices", price


def _receipt(number: int) -> dict[str, Any]:
    return {"article": _code(number), "warehouse": "main", "quantity": "100"}


def _wait_for_view(port: int, token: str) -> None:
    """Until the views have taken everything in."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}{BASE}", headers=headers) as api:
        body = {"code": "last", "label": "Last"}
        position = api.post("/warehouses", json=body).raise_for_status().json()["position"]
        while api.get("/articles", params={"after": position, "limit": 1}).is_error:
            time.sleep(1)


async def _median(port: int, token: str, paths: list[str]) -> float:
    requests = [request("GET", f"{BASE}{path}", headers=(("Authorization", f"Bearer {token}"),)) for path in paths]
    await put_under_load(port, requests, connections=READERS, seconds=SECONDS / 3)
    load = await put_under_load(port, requests, connections=READERS, seconds=SECONDS)
    if set(load.statuses) != {200}:
        raise RuntimeError(f"not every request was answered well: {load.statuses}")
    return load.percentile(0.5)
