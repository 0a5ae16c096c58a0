"""A long history, of which little matches."""

from typing import Any

import pytest

from app.services import Services
from tests.app.api.conftest import CONTACT, Api

MANY = 30


async def test_a_filter_that_nothing_matches_takes_few_reads(
    api: Api, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await api.lead()
    for _ in range(MANY):
        await api.made(client + "/contacts", CONTACT)
    read_stream, reads = services.store.read_stream, list[int]()

    async def counted(*arguments: Any, **options: Any) -> Any:
        events = await read_stream(*arguments, **options)
        reads.append(len(events))
        return events

    monkeypatch.setattr(services.store, "read_stream", counted)
    page = (await api.get(client + "/history", limit=1, topic="deals.won")).json()
    assert page == {"items": [], "next_cursor": None}
    assert sum(reads) >= MANY
    assert len(reads) <= 4
    first = (await api.get(client + "/history", limit=1, topic="clients.registered")).json()
    assert [entry["version"] for entry in first["items"]] == [1]
