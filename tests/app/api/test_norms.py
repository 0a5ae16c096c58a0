"""Norms, proposals of norms and selling time over HTTP."""

from typing import Any

import pytest
from fastapi import FastAPI

from domain.types import Role
from tests.app.api.conftest import CONTACT, Api, Staff

MONDAY = {"from": "2026-03-02", "to": "2026-03-02"}
MARCH_WEEK = {"from": "2026-03-02", "to": "2026-03-08"}
NORMS = {"cold_calls": "2", "reached_calls": "1", "meetings": "0.5"}
FOR_CALLERS = {"role": "cold_contact_manager", "effective_from": "2026-03-01", "norms": NORMS}


@pytest.fixture
async def caller(api: Api, staff: Staff) -> Api:
    """A caller who has worked here since February."""
    body = {"code": "anna", "name": "Anna", "roles": ["cold_contact_manager"], "department": "north"}
    await api.made("/employees", body | {"occurred_at": "2026-02-02T09:00:00Z"})
    await api.made("/regulation/norms", FOR_CALLERS)
    return await staff.api("anna")


async def called(caller: Api, at: str, **changes: Any) -> int:
    """The position of a contact with a new client."""
    client = await caller.lead(occurred_at="2026-03-01T00:00:00Z")
    return (await caller.made(client + "/contacts", CONTACT | {"occurred_at": at} | changes))["position"]


class TestNorms:
    async def test_plan_and_fact(self, api: Api, caller: Api) -> None:
        await called(caller, "2026-03-02T09:00:00Z", duration_minutes=12)
        after = await called(caller, "2026-03-02T10:00:00Z", outcome="no_answer")
        report = (await api.get("/reports/norms", after=after, **MONDAY)).json()
        [item] = report["items"]
        assert (item["begins"], item["employee"]["code"], item["working_days"]) == ("2026-03-02", "anna", 1)
        assert item["plan"] == {"cold_calls": "2", "reached_calls": "1", "meetings": "0.5", "proposals": "0"}
        assert (item["fact"]["cold_calls"], item["fact"]["minutes"], item["fact"]["by_channel"]) == (
            2,
            12,
            {"phone": 2},
        )
        assert item["fulfilment_percent"] == {
            "cold_calls": 100.0,
            "reached_calls": 100.0,
            "meetings": 0.0,
            "proposals": None,
        }
        assert report["total"]["fact"]["contacts"] == 2

    async def test_working_days_of_the_calendar(self, api: Api, caller: Api) -> None:
        await api.made("/regulation/calendar/2026-03-06", {"hours": None, "name": "Ours"})
        for by, group in (("role", "cold_contact_manager"), ("department", "north")):
            [item] = (await api.get("/reports/norms", by=by, per="week", **MARCH_WEEK)).json()["items"]
            assert (item[by], item["working_days"], item["plan"]["cold_calls"]) == (group, 4, "8")

    async def test_filters_and_pages(self, api: Api, caller: Api) -> None:
        first = (await api.get("/reports/norms", limit=3, **MARCH_WEEK)).json()
        second = (await api.get("/reports/norms", limit=3, cursor=first["next_cursor"], **MARCH_WEEK)).json()
        days = [item["begins"][-2:] for item in first["items"] + second["items"]]
        assert (days, second["next_cursor"]) == (["02", "03", "04", "05", "06"], None)
        assert (await api.get("/reports/norms", department="south", **MARCH_WEEK)).json()["items"] == []
        assert len((await api.get("/reports/norms", role="cold_contact_manager", **MARCH_WEEK)).json()["items"]) == 5
        assert (await api.get("/reports/norms", cursor="x")).status_code == 422

    async def test_days_are_the_firms(self, api: Api, caller: Api) -> None:
        after = await called(caller, "2026-03-01T21:30:00Z")
        before = (await api.get("/reports/norms", after=after, **MONDAY)).json()
        await api.made("/regulation/time-zone", {"time_zone": "Europe/Moscow"})
        now = (await api.get("/reports/norms", **MONDAY)).json()
        assert [report["total"]["fact"]["contacts"] for report in (before, now)] == [0, 1]

    @pytest.mark.parametrize(
        ("asked", "field"),
        [
            ({"from": "2026-03-02", "to": "2026-03-01"}, "to"),
            ({"from": "2020-03-02", "to": "2026-03-01"}, "from"),
            ({"from": "soon"}, "from"),
            ({"by": "colour"}, "by"),
        ],
    )
    async def test_what_cannot_be_asked(self, api: Api, asked: dict[str, str], field: str) -> None:
        answer = await api.get("/reports/norms", **asked)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])

    async def test_only_heads_set_norms(self, api: Api, caller: Api) -> None:
        refused = await caller.post("/regulation/norms", FOR_CALLERS | {"effective_from": "2026-04-01"})
        again = await api.post("/regulation/norms", FOR_CALLERS)
        assert (refused.status_code, again.json()["code"]) == (403, "nothing_to_change")
        [shown] = (await api.get("/regulation")).json()["norms"]
        assert (shown["role"], shown["norms"]["meetings"]) == ("cold_contact_manager", "0.5")


def test_what_counts_as_a_call_is_documented(app: FastAPI) -> None:
    models = app.openapi()["components"]["schemas"].items()
    counted = {name: model["properties"] for name, model in models if "cold_calls" in model.get("properties", {})}
    assert counted.keys() >= {"Amounts", "Fact", "Fulfilment"}
    for name, fields in counted.items():
        assert "nobody had spoken before" in fields["cold_calls"]["description"], name
        assert "spoken to" in fields["reached_calls"]["description"], name


class TestProposal:
    async def test_what_was_reached_on_days_at_work(self, api: Api, caller: Api) -> None:
        after = 0
        for at in ("02T09", "02T10", "02T11", "04T09"):
            after = await called(caller, f"2026-03-{at}:00:00Z")
        found = (await api.get("/reports/norms/proposal", after=after, **MARCH_WEEK)).json()
        [item] = found["items"]
        assert (item["role"], item["employees"], item["days"]) == ("cold_contact_manager", 1, 2)
        assert item["cold_calls"] == {"p25": 1.5, "median": 2.0, "p75": 2.5, "p90": 2.8}
        other = await api.get("/reports/norms/proposal", role="closing_manager", **MARCH_WEEK)
        assert other.json()["items"] == []


class TestSellingTime:
    async def test_against_the_rule(self, api: Api, caller: Api) -> None:
        await called(caller, "2026-03-02T09:00:00Z", duration_minutes=450)
        after = await called(caller, "2026-03-02T17:00:00Z")
        report = (await api.get("/reports/selling-time", after=after, **MONDAY)).json()
        [item] = report["items"]
        assert (item["minutes"], item["working_minutes"], item["share"]) == (450, 540, 0.8333)
        assert (item["sells_enough"], item["contacts"], item["contacts_without_duration"]) == (True, 2, 1)
        assert (report["wanted_share"], report["total"]["minutes"]) == (0.8, 450)

    async def test_page_by_page(self, api: Api, staff: Staff) -> None:
        for code in ("a", "b", "c"):
            await staff.hire(code, Role.CLOSING_MANAGER)
        first = (await api.get("/reports/selling-time", limit=2)).json()
        second = (await api.get("/reports/selling-time", limit=2, cursor=first["next_cursor"])).json()
        codes = {item["employee"]["code"] for item in first["items"] + second["items"]}
        assert (codes, second["next_cursor"]) == ({"a", "b", "c"}, None)
