"""Categories over HTTP: assigned by people and by rules, previewed and applied to all clients."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from app.category_previews import CategoryPreviews
from app.services import Services
from domain.types import Role
from tests.app.api.conftest import CONTACT, Api, Staff

RULES = {
    "rules": {"rules": [{"name": "Large firms", "category": "A", "sizes": ["large"]}], "default": "C"},
}
PREVIEWS = "/categories/previews"


async def finished(api: Api, path: str, state: str) -> dict[str, Any]:
    """The preview, once it has come to this state."""
    found: dict[str, Any] = {}
    for _ in range(500):
        found = (await api.get(path)).json()
        if found["state"] in {state, "failed"}:
            break
        await asyncio.sleep(0.02)
    assert found["state"] == state, found
    return found


async def ready(api: Api) -> tuple[str, dict[str, Any]]:
    """The path of a new preview, and the preview."""
    answer = await api.post(PREVIEWS)
    assert answer.status_code == 202, answer.text
    path = f"{PREVIEWS}/{answer.json()['id']}"
    return path, await finished(api, path, "ready")


class TestOneClient:
    async def test_a_person_overrides_the_rules_until_it_is_released(self, api: Api) -> None:
        await api.made("/regulation/category-rules", RULES)
        client = await api.lead(size="large")
        await api.made(client + "/category/apply-rules")
        by_rule = (await api.get(client)).json()
        await api.made(client + "/category", {"category": "VIP", "reason": "Known everywhere"})
        refused = await api.post(client + "/category/apply-rules")
        overridden = (await api.get(client)).json()
        position = (await api.made(client + "/category/release"))["position"]
        released = (await api.get(client, after=position)).json()
        assert (by_rule["category"], by_rule["category_basis"]["rule"]) == ("A", "Large firms")
        assert (refused.status_code, refused.json()["code"]) == (409, "category_overridden")
        assert overridden["category"] == "VIP"
        assert overridden["category_basis"]["overridden_at"]
        assert (released["category"], released["category_basis"]["rule"]) == ("A", "Large firms")

    async def test_lists_and_reports_follow(self, api: Api) -> None:
        client = await api.lead()
        position = (await api.made(client + "/category", {"category": "VIP", "reason": "Known everywhere"}))["position"]
        for path in ("/clients", "/reports/conversion/clients"):
            found = (await api.get(path, after=position, category="VIP")).json()["items"]
            assert [item["id"] for item in found] == [client.removeprefix("/clients/")], path
        board = (await api.get("/board", after=position, category="VIP")).json()
        assert board["items"][0]["count"] == 1
        assert (await api.get("/board", category="")).json()["items"][0]["count"] == 0
        await api.made(client + "/payments", {"amount": "5", "currency": "EUR"})

    async def test_without_rules_nothing_is_assigned(self, api: Api) -> None:
        answer = await api.post(await api.lead() + "/category/apply-rules")
        assert answer.json()["code"] == "no_category_rules"
        assert (await api.post(PREVIEWS)).json()["code"] == "no_category_rules"


class TestPreviews:
    @pytest.fixture(autouse=True)
    async def _rules(self, api: Api) -> None:
        await api.made("/regulation/category-rules", RULES)

    async def test_nothing_moves_before_it_is_applied(self, api: Api) -> None:
        large, small, vip = await api.lead(size="large"), await api.lead(), await api.lead(category="VIP")
        path, preview = await ready(api)
        assert (await api.get(large)).json()["category"] is None
        assert preview["clients_done"] == 3
        assert [(item["from_category"], item["to_category"], item["clients"]) for item in preview["moves"]] == [
            (None, "A", 1),
            (None, "C", 1),
        ]
        await api.made(path + "/apply")
        applied = await finished(api, path, "applied")
        assert [item["applied"] for item in applied["moves"]] == [1, 1]
        after = applied["position"]
        cards = [(await api.get(client, after=after)).json() for client in (large, small, vip)]
        assert [card["category"] for card in cards] == ["A", "C", "VIP"]
        assert (await ready(api))[1]["moves"] == []

    async def test_the_clients_that_move(self, api: Api) -> None:
        await api.lead(name="Large", size="large", turnover="5", currency="EUR")
        await api.lead(name="Small")
        path, _ = await ready(api)
        first = (await api.get(path + "/moves", limit=1)).json()
        second = (await api.get(path + "/moves", limit=1, cursor=first["next_cursor"])).json()
        moves = {item["client_name"]: item for item in first["items"] + second["items"]}
        assert second["next_cursor"] is None
        assert (moves["Large"]["rule"], moves["Large"]["figures"]["turnover"]) == ("Large firms", {"EUR": "5"})
        assert (moves["Small"]["rule"], moves["Small"]["state"]) == ("default", "planned")
        only = (await api.get(path + "/moves", to_category="A", from_category="", state="planned")).json()["items"]
        assert [item["client_name"] for item in only] == ["Large"]
        assert (await api.get(path + "/moves", cursor="x")).status_code == 422

    async def test_a_client_that_has_changed_meanwhile_is_skipped(self, api: Api) -> None:
        client = await api.lead(size="large")
        path, _ = await ready(api)
        await api.made(client + "/card", {"size": "small"})
        await api.made(path + "/apply")
        assert (await finished(api, path, "applied"))["moves"][0]["skipped"] == 1
        assert (await api.get(path + "/moves")).json()["items"][0]["refusal"] == "category_differs"

    async def test_a_preview_is_applied_once(self, api: Api) -> None:
        await api.lead()
        path, _ = await ready(api)
        first = await api.post(path + "/apply", idempotency_key="one")
        again = await api.post(path + "/apply", idempotency_key="one")
        other = await api.post(path + "/apply")
        assert (first.status_code, again.status_code) == (202, 202)
        assert (again.headers["Idempotent-Replayed"], other.json()["code"]) == ("true", "preview_not_ready")
        await finished(api, path, "applied")

    async def test_not_under_other_rules(self, api: Api) -> None:
        path, _ = await ready(api)
        await api.made("/regulation/category-rules", {"rules": RULES["rules"] | {"default": "B"}})
        assert (await api.post(path + "/apply")).json()["code"] == "preview_outdated"

    async def test_the_same_key_asks_for_the_same_preview(self, api: Api) -> None:
        first, same = await asyncio.gather(*(api.post(PREVIEWS, idempotency_key="one") for _ in range(2)))
        again = await api.post(PREVIEWS, idempotency_key="one")
        assert first.json()["id"] == same.json()["id"]
        listed = (await api.get(PREVIEWS)).json()["items"]
        assert (again.json()["id"], again.headers["Idempotent-Replayed"]) == (first.json()["id"], "true")
        assert [item["id"] for item in listed] == [first.json()["id"]]

    async def test_only_heads(self, api: Api, staff: Staff) -> None:
        await staff.hire("seller", Role.COLD_CONTACT_MANAGER)
        path, _ = await ready(api)
        seller = await staff.api("seller")
        assert [(await seller.post(at)).status_code for at in (PREVIEWS, path + "/apply")] == [403, 403]
        assert (await seller.get(path)).status_code == 200

    async def test_there_is_no_such_preview(self, api: Api) -> None:
        path = f"{PREVIEWS}/7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11"
        for answer in (await api.get(path), await api.get(path + "/moves"), await api.post(path + "/apply")):
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    async def test_an_application_that_was_killed_is_finished_by_the_next_process(
        self, app: FastAPI, api: Api, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clients = [await api.lead() for _ in range(6)]
        path, _ = await ready(api)
        monkeypatch.setattr("app.category_previews.AT_ONCE", 2)
        moved, made = asyncio.Event(), 0
        work = CategoryPreviews._moved  # pyright: ignore[reportPrivateUsage]

        async def dying(self: CategoryPreviews, *move: Any) -> Any:
            nonlocal made
            answer = await work(self, *move)
            made += 1
            if made >= 3:
                moved.set()
                await asyncio.Event().wait()
            return answer

        monkeypatch.setattr(CategoryPreviews, "_moved", dying)
        await app.state.category_previews.stop()
        killed = asyncio.create_task(CategoryPreviews(services).run())
        await api.made(path + "/apply")
        await moved.wait()
        killed.cancel()
        await asyncio.wait([killed])
        half = (await api.get(path)).json()
        assert (half["state"], half["moves"][0]["applied"]) == ("applying", 2)
        monkeypatch.setattr(CategoryPreviews, "_moved", work)
        await CategoryPreviews(services).work()
        whole = (await api.get(path)).json()
        assert (whole["state"], whole["moves"][0]["applied"]) == ("applied", 6)
        cards = [(await api.get(client, after=whole["position"])).json() for client in clients]
        assert [(card["category"], card["version"]) for card in cards] == [("C", 2)] * 6


class TestOverdueContacts:
    async def test_by_the_standard_of_the_category(self, api: Api) -> None:
        long_ago = (datetime.now(UTC) - timedelta(days=20)).isoformat()
        client = await api.lead(category="VIP", occurred_at=long_ago)
        await api.lead(category="B", occurred_at=long_ago)
        standard = {"contact_every_days": 14, "channels": ["phone"], "role": "account_manager"}
        after = (await api.made("/regulation/standards/VIP", {"standard": standard}))["position"]
        regulation = (await api.get("/regulation")).json()
        [overdue] = (await api.get("/worklists/overdue-contacts", after=after)).json()["items"]
        assert regulation["standards"]["VIP"]["contact_every_days"] == 14
        assert overdue["id"] == client.removeprefix("/clients/")
        assert (overdue["days_overdue"], overdue["contact_every_days"], overdue["channels"]) == (6, 14, ["phone"])
        assert (overdue["last_contact_at"], overdue["role"]) == (None, "account_manager")
        position = (await api.made(client + "/contacts", CONTACT | {"channel": "email"}))["position"]
        assert len((await api.get("/worklists/overdue-contacts", after=position)).json()["items"]) == 1
        position = (await api.made(client + "/contacts", CONTACT))["position"]
        assert (await api.get("/worklists/overdue-contacts", after=position)).json()["items"] == []

    async def test_filters_and_pages(self, api: Api) -> None:
        await api.made("/regulation/standards/A", {"standard": {"contact_every_days": 1}})
        me = (await api.get("/me")).json()["employee_id"]
        for days in (5, 4, 3):
            then = (datetime.now(UTC) - timedelta(days=days)).isoformat()
            await api.lead(name=str(days), category="A", occurred_at=then)
        mine = {"name": "mine", "origin": "social", "category": "A", "owner_id": me}
        made = await api.made("/clients", mine | {"occurred_at": "2026-01-01T00:00:00Z"})
        path, after = "/worklists/overdue-contacts", made["position"]
        first = (await api.get(path, after=after, limit=2)).json()
        second = (await api.get(path, limit=2, cursor=first["next_cursor"])).json()
        names = [item["name"] for item in first["items"] + second["items"]]
        assert (names, second["next_cursor"]) == (["mine", "5", "4", "3"], None)
        assert [item["name"] for item in (await api.get(path, owner_id=me)).json()["items"]] == ["mine"]
        assert len((await api.get(path, unassigned=True, category="A")).json()["items"]) == 3
        assert (await api.get(path, step="first_deal")).json()["items"] == []
        assert (await api.get(path, cursor="x")).status_code == 422

    async def test_of_a_department(self, api: Api, staff: Staff) -> None:
        await api.made("/regulation/standards/A", {"standard": {"contact_every_days": 1}})
        caller = await staff.hire("caller", Role.COLD_CONTACT_MANAGER, department="callers")
        lead = {"origin": "social", "category": "A", "occurred_at": "2026-01-01T00:00:00Z"}
        await api.made("/clients", lead | {"name": "theirs", "owner_id": str(caller)})
        after = (await api.made("/clients", lead | {"name": "nobody's"}))["position"]
        for asked, names in [
            ({"department": "callers"}, ["theirs"]),
            ({"department": "callers", "unassigned": True}, ["theirs", "nobody's"]),
            ({"department": "callers", "owner_id": str(uuid4())}, []),
            ({"department": "nowhere"}, []),
        ]:
            found = (await api.get("/worklists/overdue-contacts", after=after, **asked)).json()["items"]
            assert {item["name"] for item in found} == set(names), asked
