"""Scripts over HTTP."""

from typing import Any

from tests.app.api.conftest import CONTACT, Api

STEPS = [{"key": "opening", "prompt": "Introduce yourself"}, {"key": "need", "prompt": "Ask what they buy"}]
FIRST_CALL = {"name": "First call", "step": "lead_generation", "channel": "phone", "steps": STEPS}


async def created(api: Api, **changes: Any) -> str:
    """The id of a new script."""
    return (await api.made("/scripts", FIRST_CALL | changes))["id"]


class TestScript:
    async def test_versions_stay_as_they_were(self, api: Api) -> None:
        answer = await api.post("/scripts", FIRST_CALL)
        script = "/scripts/" + answer.json()["id"]
        await api.made(script + "/publish", {"steps": STEPS[:1], "note": "Shorter"})
        found = (await api.get(script)).json()
        assert answer.headers["Location"] == "/api/v1" + script + ""
        assert (found["name"], found["latest"], found["is_retired"]) == ("First call", 2, False)
        assert [[step["key"] for step in version["steps"]] for version in found["versions"]] == [
            ["opening"],
            ["opening", "need"],
        ]

    async def test_there_is_no_such_script(self, api: Api) -> None:
        script = "/scripts/7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11"
        for answer in (await api.get(script), await api.post(script + "/publish", {"steps": STEPS})):
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_script")

    async def test_steps_need_keys_of_their_own(self, api: Api) -> None:
        answer = await api.post("/scripts", FIRST_CALL | {"steps": [STEPS[0], STEPS[0]]})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["steps"])


class TestListScripts:
    async def test_filters_and_pages(self, api: Api) -> None:
        first, second = await created(api), await created(api, category="VIP")
        third = await created(api, step="first_deal")
        await api.made(f"/scripts/{first}/retire")

        async def ids(**wanted: object) -> list[str]:
            return [item["id"] for item in (await api.get("/scripts", **wanted)).json()["items"]]

        assert await ids() == [first, second, third]
        assert await ids(is_retired=False, step="lead_generation") == [second]
        assert await ids(category="VIP", channel="phone") == [second]
        page = (await api.get("/scripts", limit=2)).json()
        assert await ids(limit=2, cursor=page["next_cursor"]) == [third]
        assert (await api.get("/scripts", cursor="x")).status_code == 422


class TestSuggestion:
    async def test_the_script_for_the_category_comes_before_one_for_any(self, api: Api) -> None:
        for_any, for_vip = await created(api), await created(api, category="VIP")
        vip, other = await api.lead(category="VIP"), await api.lead(category="B")

        async def suggested(client: str, channel: str) -> Any:
            script = (await api.get(client + "/script", channel=channel)).json()["script"]
            return script and script["id"]

        assert [await suggested(client, "phone") for client in (vip, other)] == [for_vip, for_any]
        assert await suggested(vip, "email") is None
        await api.made(f"/scripts/{for_vip}/retire")
        assert await suggested(vip, "phone") == for_any

    async def test_there_is_no_such_client(self, api: Api) -> None:
        answer = await api.get("/clients/7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11/script", channel="phone")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_client")


class TestReport:
    async def test_where_conversations_break_off(self, api: Api) -> None:
        script, client = await created(api), await api.lead()
        use = {"script_id": script, "version": 1}
        await api.made(client + "/contacts", CONTACT | {"script": use | {"steps_passed": ["opening", "need"]}})
        broken = CONTACT | {"outcome": "refused", "script": use | {"broke_off_at": "opening"}}
        after = (await api.made(client + "/contacts", broken))["position"]
        report = (await api.get("/reports/scripts", after=after)).json()
        [version] = report["items"]
        opening, need = version["steps"]
        assert (version["name"], version["version"], version["conversations"]) == ("First call", 1, 2)
        assert (opening["reached"], opening["broke_off"], opening["break_off_rate"]) == (2, 1, 0.5)
        assert opening["outcome_shares"] == {"reached": 0.5, "refused": 0.5}
        assert (need["reached"], need["broke_off"], need["outcomes"]) == (1, 0, {"reached": 1})
        assert report["total"] == {"conversations": 2, "completed": 1, "completion_rate": 0.5}
        assert (await api.get("/reports/scripts", channel="email")).json()["items"] == []
        [item] = (await api.get("/reports/conversion", by="script", after=after)).json()["items"]
        assert (item["script"], item["script_name"], item["entered"]) == (f"{script}/1", "First call", 1)

    async def test_page_by_page(self, api: Api) -> None:
        client, after = await api.lead(), 0
        for _ in range(3):
            use = {"script_id": await created(api), "version": 1, "steps_passed": ["opening", "need"]}
            after = (await api.made(client + "/contacts", CONTACT | {"script": use}))["position"]
        first = (await api.get("/reports/scripts", after=after, limit=2)).json()
        second = (await api.get("/reports/scripts", limit=2, cursor=first["next_cursor"])).json()
        ids = [item["script_id"] for item in first["items"] + second["items"]]
        assert (len(set(ids)), second["next_cursor"]) == (3, None)

    async def test_what_a_contact_may_not_say(self, api: Api) -> None:
        script, client = await created(api), await api.lead()
        for use, code in (
            ({"script_id": script, "version": 2}, "unknown_script_version"),
            ({"script_id": script, "version": 1, "steps_passed": ["price"]}, "wrong_script_steps"),
            ({"script_id": client.removeprefix("/clients/"), "version": 1}, "unknown_script"),
        ):
            answer = await api.post(client + "/contacts", CONTACT | {"script": use})
            assert (answer.status_code, answer.json()["code"]) == (409, code)
