"""Search assignments over HTTP: plan and fact."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.app.api.conftest import Api

TODAY = datetime.now(UTC).date()
FOUNDRIES = {"title": "Foundries", "industry": "metallurgy", "region": "Ural", "wanted": 4, "due_on": str(TODAY)}


async def given(api: Api, **fields: Any) -> str:
    return (await api.made("/search-assignments", FOUNDRIES | fields))["id"]


async def listed(api: Api, **params: Any) -> list[str]:
    return [item["title"] for item in (await api.get("/search-assignments", **params)).json()["items"]]


async def test_fact_against_plan(api: Api) -> None:
    key = await given(api)
    await api.lead()
    for _ in range(2):
        await api.lead(search_assignment_id=key)
    last = await api.lead(search_assignment_id=key)
    position = (await api.made(last + "/disqualify", {"reason": "no_need"}))["position"]
    found = (await api.get(f"/search-assignments/{key}", after=position)).json()
    figures = ("wanted", "found", "converted", "lost", "fulfilment", "state")
    assert [found[name] for name in figures] == [4, 3, 0, 1, 0.75, "open"]
    report = (await api.get("/reports/conversion", by="search_assignment", after=position)).json()
    named = ("search_assignment", "search_assignment_title", "entered")
    assert {tuple(item[name] for name in named) for item in report["items"]} == {
        (key, found["title"], 3),
        (None, None, 1),
    }
    clients = (await api.get("/reports/conversion/clients", search_assignment_id=key)).json()["items"]
    assert len(clients) == 3
    times = (await api.get("/reports/time-in-step", by="search_assignment")).json()["items"]
    assert (key, found["title"]) in {(item["search_assignment"], item["search_assignment_title"]) for item in times}


async def test_the_list_by_state_and_pages(api: Api) -> None:
    late = str(TODAY - timedelta(days=1))
    first = await given(api, title="Late", due_on=late)
    await given(api, title="Open")
    closed = await given(api, title="Closed", region="Volga")
    await api.made(f"/search-assignments/{closed}/close", {"comment": "Enough"})
    assert await listed(api, state="overdue") == ["Late"]
    assert await listed(api, state="open") == ["Open"]
    assert await listed(api, state="closed") == ["Closed"]
    assert await listed(api, region="Volga") == ["Closed"]
    page = (await api.get("/search-assignments", limit=1)).json()
    assert [item["id"] for item in page["items"]] == [first]
    assert len(await listed(api, cursor=page["next_cursor"])) == 2
    refused = await api.post("/clients", {"name": "A", "origin": "other", "search_assignment_id": closed})
    assert (refused.status_code, refused.json()["code"]) == (409, "search_assignment_closed")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
async def test_the_day_is_over_in_the_time_zone_of_the_firm(api: Api, zone: str) -> None:
    """In one of the two the day is always another one than in UTC."""
    await api.made("/regulation/time-zone", {"time_zone": zone})
    today = datetime.now(ZoneInfo(zone)).date()
    await given(api, title="Today", due_on=str(today))
    await given(api, title="Yesterday", due_on=str(today - timedelta(days=1)))
    assert await listed(api, state="overdue") == ["Yesterday"]


async def test_one_that_is_not_there(api: Api) -> None:
    path = "/search-assignments/00000000-0000-0000-0000-000000000001"
    assert (await api.get(path)).json()["code"] == "unknown_search_assignment"
    answer = await api.post(path + "/close")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_search_assignment")
