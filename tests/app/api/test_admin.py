"""Health, the state of the views, and rebuilds."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from app.services import Services
from domain.types import Role
from projections.registry import VIEWS
from tests.app.api.conftest import Api, Staff


class TestHealth:
    async def test_without_a_token(self, api: Api, nobody: Api) -> None:
        position = (await api.made("/clients", {"name": "Cargo", "origin": "tender"}))["position"]
        health = (await nobody.get("/health")).json()
        assert (health["status"], health["position"]) == ("ok", position)
        assert {view["view"] for view in health["views"]} == {view.name for view in VIEWS}

    async def test_without_the_database(self, nobody: Api, services: Services, monkeypatch: Any) -> None:
        async def fail() -> int:
            raise ConnectionRefusedError

        monkeypatch.setattr(services.store, "head", fail)
        assert (await nobody.get("/health")).status_code == 503
        assert (await nobody.get("/health/live")).status_code == 200


class TestProjections:
    async def test_how_far_they_are(self, api: Api) -> None:
        found = (await api.get("/admin/projections")).json()
        assert found["parked"] == []
        assert {"position", "positions_behind", "seconds_behind", "seconds_since_advance"} < set(found["views"][0])


class TestRebuild:
    async def test_until_it_is_done(self, api: Api) -> None:
        await api.lead()
        answer = await api.post("/admin/rebuilds", {"views": ["clients"]})
        address = answer.headers["Location"].removeprefix("/api/v1")
        assert answer.status_code == 202
        job = await finished(api, address)
        assert (job["state"], job["views"], job["error"]) == ("done", ["clients"], None)
        assert job["events_done"] == job["events_total"] >= 1
        assert [item["id"] for item in (await api.get("/admin/rebuilds")).json()["items"]] == [job["id"]]

    async def test_all_views_where_none_is_named(self, api: Api) -> None:
        answer = await api.post("/admin/rebuilds")
        assert len(answer.json()["views"]) == len(VIEWS)
        assert (await finished(api, f"/admin/rebuilds/{answer.json()['id']}"))["state"] == "done"

    async def test_one_at_a_time(self, api: Api) -> None:
        first, second = [await api.post("/admin/rebuilds", {"views": ["clients"]}) for _ in range(2)]
        assert (first.status_code, second.status_code) == (202, 409)
        assert second.json()["facts"] == {"view": "clients"}
        await finished(api, f"/admin/rebuilds/{first.json()['id']}")

    async def test_the_same_request_begins_one(self, api: Api) -> None:
        first, again = [await api.post("/admin/rebuilds", {"views": ["board"]}, idempotency_key="r") for _ in range(2)]
        other = await api.post("/admin/rebuilds", {"views": ["card"]}, idempotency_key="r")
        assert first.json()["id"] == again.json()["id"]
        assert again.headers["Idempotent-Replayed"] == "true"
        assert other.json()["code"] == "key_reused"
        await finished(api, f"/admin/rebuilds/{first.json()['id']}")

    async def test_only_heads_may(self, staff: Staff) -> None:
        await staff.hire("seller", Role.CLOSING_MANAGER)
        assert (await (await staff.api("seller")).post("/admin/rebuilds")).status_code == 403

    async def test_an_unknown_view(self, api: Api) -> None:
        answer = await api.post("/admin/rebuilds", {"views": ["clients", "nope"]})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["views.1"])

    async def test_an_unknown_rebuild(self, api: Api) -> None:
        assert (await api.get(f"/admin/rebuilds/{uuid4()}")).status_code == 404

    async def test_a_failure_is_told(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        async def fail(*_: Any) -> None:
            raise RuntimeError("no space left")

        monkeypatch.setattr("app.rebuilds.rebuild", fail)
        job = (await api.post("/admin/rebuilds")).json()
        found = await finished(api, f"/admin/rebuilds/{job['id']}")
        assert (found["state"], found["error"]) == ("failed", "no space left")


async def finished(api: Api, address: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while (job := (await api.get(address)).json())["state"] == "running":  # noqa: ASYNC110 - as callers do
            await asyncio.sleep(0.02)
    return job
