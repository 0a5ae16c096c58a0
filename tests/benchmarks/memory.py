"""Memory of the service while it takes commands and answers reads for ten minutes."""

import asyncio
import json
from pathlib import Path

import httpx

from tests.benchmarks import servers
from tests.benchmarks.load import put_under_load, request
from tests.benchmarks.table import Line

MINUTES = 10
CLIENTS = 10_000
CONNECTIONS = 32


async def measure(folder: Path, minutes: int = MINUTES) -> list[Line]:
    """The memory of the service after each minute of load: of its process and the one that projects."""
    with servers.service(folder) as server:
        headers = (("Authorization", f"Bearer {servers.token(folder)}"),)
        requests = list(_requests(server.port, headers))
        seen: list[servers.Memory] = []
        for _ in range(minutes):
            await put_under_load(server.port, requests, connections=CONNECTIONS, seconds=60)
            seen.append(server.memory())
    most, half, end = max(seen), seen[len(seen) // 2], seen[-1]
    return [
        Line(
            f"memory of the service, {minutes} minutes of load at {CONNECTIONS} connections",
            f"{most.resident:,.0f} MB at most (shared pages once: {most.proportional:,.0f} MB)",
            f"{half.resident:,.0f} MB half-way, {end.resident:,.0f} MB at the end",
        )
    ]


def _requests(port: int, headers: tuple[tuple[str, str], ...]) -> list[bytes]:
    contact = {
        "channel": "phone",
        "direction": "outbound",
        "outcome": "reached",
        "summary": "Asked about it.",
    }
    body, made = json.dumps(contact).encode(), list[bytes]()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", headers=dict(headers)) as client:
        for number in range(CLIENTS):
            answer = client.post("/clients", json={"name": f"Client {number}", "origin": "other"}).raise_for_status()
            path = f"/api/v1/clients/{answer.json()['id']}"
            made += [request("POST", f"{path}/contacts", body, headers), request("GET", path, headers=headers)]
    return made


if __name__ == "__main__":
    with servers.data_folder() as data:
        print(asyncio.run(measure(data)))
