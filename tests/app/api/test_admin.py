"""Health, the state of the views, and rebuilds."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import psutil
import pytest
from fastapi import FastAPI
from sqlalchemy import func, text, update

from app.jobs.jobs import DEAD_AFTER, Jobs
from app.jobs.kinds import KINDS
from app.services import Services
from app.tables import jobs as jobs_table
from domain.types import Role
from projections.registry import VIEWS
from projections.shadow import locked
from tests.app.api.conftest import LEAD, Api, Staff


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


async def told(nobody: Api, status: str) -> None:
    async with asyncio.timeout(10):
        while (await nobody.get("/health")).json()["status"] != status:  # noqa: ASYNC110 - as callers do
            await asyncio.sleep(0.02)


class TestFailingProjection:
    async def test_it_is_told_and_goes_on_once_it_can(
        self, api: Api, nobody: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def fail(*_: Any, **__: Any) -> None:
            raise RuntimeError("of Mr Petrov")

        with monkeypatch.context() as broken:
            broken.setattr("projections.folding.Folder.advance", fail)
            position = (await api.made("/clients", {"name": "Cargo", "origin": "tender"}))["position"]
            await told(nobody, "degraded")
            assert all(view["failing"] for view in (await nobody.get("/health")).json()["views"])
            assert "Petrov" not in (await nobody.get("/health")).text
            detail = (await api.get("/admin/projections")).json()["views"][0]
            assert detail["failure"].startswith("RuntimeError")
        assert "RuntimeError" in caplog.text
        assert "Traceback" in caplog.text
        assert (await api.get("/clients", after=position)).is_success
        await told(nobody, "ok")

    async def test_a_view_that_does_not_move_is_told(self, api: Api, nobody: Api, services: Services) -> None:
        services.projector.stand_back()
        position = (await api.made("/clients", {"name": "Cargo", "origin": "tender"}))["position"]
        async with services.engine.begin() as connection:
            await connection.execute(text("UPDATE checkpoints SET updated_at = now() - interval '1 minute'"))
            earlier = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
            state = orjson.dumps({"recorded_at": earlier})
            sql = "UPDATE events SET state = :state WHERE notification_id = :position"
            await connection.execute(text(sql).bindparams(state=state, position=position))
        assert (await nobody.get("/health")).json()["status"] == "degraded"


class TestProjections:
    async def test_how_far_they_are(self, api: Api) -> None:
        found = (await api.get("/admin/projections")).json()
        assert found["parked"] == []
        assert {"positions_behind", "seconds_behind", "seconds_since_advance", "failure"} < set(found["views"][0])


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

    async def test_a_failure_is_told(self, api: Api, services: Services) -> None:
        position = (await api.made("/clients", LEAD))["position"]
        async with services.engine.begin() as connection:
            broken = text("UPDATE events SET state = 'broken' WHERE notification_id = :position")
            await connection.execute(broken.bindparams(position=position))
        found = await rebuilt(api, "clients")
        assert found["state"] == "failed"
        assert "JSONDecodeError" in found["error"]

    async def test_another_process_is_at_it(self, api: Api, services: Services) -> None:
        async with locked(services.engine, ["rebuild_board"]):
            found = await rebuilt(api, "board")
        assert (found["state"], found["error"]) == ("failed", "view board is being rebuilt already")

    async def test_every_process_knows_it(self, api: Api, services: Services, app: FastAPI) -> None:
        job = await rebuilt(api, "clients")
        app.state.jobs = Jobs(services)
        assert (await api.get(f"/admin/rebuilds/{job['id']}")).json() == job
        async with services.engine.begin() as connection:
            await connection.execute(update(jobs_table).values(state="running", finished_at=None))
        assert (await api.post("/admin/rebuilds", {"views": ["clients"]})).json()["code"] == "rebuild_running"

    async def test_one_whose_process_was_killed_has_failed(self, api: Api) -> None:
        job = (await api.post("/admin/rebuilds", {"views": ["clients"]})).json()
        async with asyncio.timeout(10):
            while not (children := rebuilding()):  # noqa: ASYNC110 - as somebody would look
                await asyncio.sleep(0.02)
        for child in children:
            child.kill()
        found = await finished(api, f"/admin/rebuilds/{job['id']}")
        assert (found["state"], found["error"]) == ("failed", "its process ended with exit code -9")

    async def test_one_whose_service_was_killed_too_has_failed(self, api: Api, services: Services) -> None:
        job = await rebuilt(api, "clients")
        async with services.engine.begin() as connection:
            silent = {"state": "running", "finished_at": None, "seen_at": func.now() - 2 * DEAD_AFTER}
            await connection.execute(update(jobs_table).values(silent))
        found = (await api.get(f"/admin/rebuilds/{job['id']}")).json()
        assert (found["state"], found["error"]) == ("failed", "its process has died")
        assert found["finished_at"]

    async def test_one_is_given_up_when_the_service_stops(self, api: Api, app: FastAPI) -> None:
        job = (await api.post("/admin/rebuilds")).json()
        await app.state.jobs.stop()
        found = (await api.get(f"/admin/rebuilds/{job['id']}")).json()
        assert (found["state"], found["error"]) == ("failed", "the service was stopped")
        assert not rebuilding()

    async def test_old_ones_are_forgotten(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(KINDS, "rebuild", KINDS["rebuild"]._replace(kept=1))
        jobs = [await rebuilt(api, view) for view in ("clients", "board", "card")]
        statuses = [(await api.get(f"/admin/rebuilds/{job['id']}")).status_code for job in jobs]
        assert statuses == [404, 200, 200]


def rebuilding() -> list[psutil.Process]:
    """The processes that this one has started to rebuild views."""
    return [child for child in psutil.Process().children() if "app.jobs.process" in _command(child)]


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


async def rebuilt(api: Api, view: str) -> dict[str, Any]:
    job = (await api.post("/admin/rebuilds", {"views": [view]})).json()
    return await finished(api, f"/admin/rebuilds/{job['id']}")


async def finished(api: Api, address: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while (job := (await api.get(address)).json())["state"] == "running":  # noqa: ASYNC110 - as callers do
            await asyncio.sleep(0.02)
    return job
