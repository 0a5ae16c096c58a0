"""Card, list, board and conversion over HTTP, on a small and on a large client database."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import httpx

from app.cli.session import open_services
from app.settings import Settings
from projections.rebuild import rebuild
from projections.registry import VIEWS
from tests.benchmarks import servers
from tests.benchmarks.dataset import fill
from tests.benchmarks.load import put_under_load, request
from tests.benchmarks.table import Line

SAMPLES = 500
SECONDS = 6.0
CONNECTIONS = 4
BASE = "/api/v1"
Paths = Callable[[list[str]], list[str]]
_LISTS = (
    "/clients?limit=50",
    "/clients?limit=50&step=first_deal",
    "/clients?limit=50&industry=metallurgy&sort=name",
    "/clients?limit=50&step=account_service&sort=-last_contact_at",
)
_READS: dict[str, Paths] = {
    "card": lambda ids: [f"/clients/{client_id}" for client_id in ids],
    "list": lambda _: list(_LISTS),
    "board": lambda _: ["/board"],
    "conversion by origin": lambda _: ["/reports/conversion?by=origin"],
}


async def measure(small: Path, large: Path, sizes: tuple[int, int] = (10_000, 200_000)) -> list[Line]:
    """The median time of each read at both sizes; each size has a database of its own."""
    first, second = await _medians(small, sizes[0]), await _medians(large, sizes[1])
    return [
        Line(
            f"{name}, p50 at {sizes[0]:,} and at {sizes[1]:,} clients, {CONNECTIONS} connections",
            f"{first[name]:.2f} ms, {second[name]:.2f} ms",
            f"{second[name] / first[name]:.2f} × the time",
        )
        for name in _READS
    ]


async def _medians(folder: Path, clients: int) -> dict[str, float]:
    settings = Settings(data_dir=folder)
    async with open_services(settings) as services:
        await fill(services.engine, settings.key(), clients)
        await rebuild(services.engine, VIEWS, services.decode)
        with servers.service(folder) as server:
            return {name: await _median(server.port, folder, paths) for name, paths in _READS.items()}


async def _median(port: int, folder: Path, paths: Paths) -> float:
    headers = (("Authorization", f"Bearer {servers.token(folder)}"),)
    requests = [request("GET", f"{BASE}{path}", headers=headers) for path in paths(_some_ids(port, folder))]
    await put_under_load(port, requests, connections=CONNECTIONS, seconds=SECONDS / 3)
    load = await put_under_load(port, requests, connections=CONNECTIONS, seconds=SECONDS)
    if set(load.statuses) != {200}:
        raise RuntimeError(f"not every request was answered well: {load.statuses}")
    return load.percentile(0.5)


def _some_ids(port: int, folder: Path) -> list[str]:
    """Clients from all over the database: searched by numbers that are in their names."""
    headers, random, ids = {"Authorization": f"Bearer {servers.token(folder)}"}, Random(1), list[str]()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}{BASE}", headers=headers) as client:
        while len(ids) < SAMPLES:
            found = client.get("/clients", params={"q": str(random.randrange(1, 10_000)), "limit": 5})
            ids += [item["id"] for item in json.loads(found.raise_for_status().content)["items"]]
    return ids
