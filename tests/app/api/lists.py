"""Lists of leads that tests send."""

import asyncio
from typing import Any

import httpx

from app.api import BASE
from tests.app.api.conftest import Api

MAPPING = """
kind = "leads"
source = "expo"
[keys]
lead = ["Firm", "Phone"]
[card]
name = "Firm"
origin = { constant = "exhibition" }
phones = "Phone"
emails = "Mail"
tax_id = "INN"
"""
HEADER = ("Firm", "Phone", "Mail", "INN")
STEEL = ("Северная сталь", "+7 495 123-45-67", "info@steel.example", "7707083893")
WOOD = ("Woodworks", "+7 812 765-43-21", "", "")
PIPES = ("Pipes", "+7 343 222-33-44", "", "1234567890")


def csv_of(*rows: tuple[str, ...], encoding: str = "utf-8", separator: str = ",") -> bytes:
    return "\n".join(separator.join(row) for row in (HEADER, *rows)).encode(encoding)


async def send(api: Api, file: bytes, mapping: str | bytes = MAPPING, /, key: str | None = None, **form: str) -> Any:
    headers = {"Authorization": f"Bearer {api.token}"} | ({"Idempotency-Key": key} if key else {})
    data: dict[str, Any] = form | ({"mapping": mapping} if isinstance(mapping, str) else {})
    files: dict[str, Any] = {"file": ("expo.csv", file)}
    if isinstance(mapping, bytes):
        files["mapping"] = ("mapping.toml", mapping)
    return await api.http.post(f"{BASE}/imports", headers=headers, data=data, files=files)


async def done(api: Api, answer: httpx.Response) -> dict[str, Any]:
    """The import once it has ended."""
    assert answer.status_code == 202, answer.text
    return await ended(api, answer.headers["Location"].removeprefix(BASE), "state")


async def ended(api: Api, path: str, *names: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            found = (await api.get(path)).json()
            state: Any = found
            for name in names:
                state = state[name]
            if state != "running":
                return found
            await asyncio.sleep(0.05)


async def names(api: Api, after: int) -> list[str]:
    found = (await api.get("/clients", after=after, sort="name")).json()["items"]
    return [item["name"] for item in found]
