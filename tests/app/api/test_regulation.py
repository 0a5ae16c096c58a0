"""The regulation over HTTP."""

from app.services import Services
from domain.types import Role
from tests.app.api.conftest import Api, Staff


class TestReadRegulation:
    async def test_the_defaults(self, api: Api) -> None:
        found = (await api.get("/regulation")).json()
        assert (found["version"], found["mode"], found["mode_costs"]) == (0, "separate", [])
        assert found["steps"]["first_deal"]["max_deals_before_handoff"] == 1
        assert set(found["known_costs"]) == {"separate", "lead_and_deal", "deal_and_service", "single"}

    async def test_an_earlier_version(self, api: Api) -> None:
        await api.made("/regulation/mode", {"mode": "single"})
        await api.made("/regulation/time-zone", {"time_zone": "Europe/Moscow"})
        now = (await api.get("/regulation")).json()
        first = (await api.get("/regulation", version=1)).json()
        assert (now["version"], now["mode"], now["time_zone"]) == (2, "single", "Europe/Moscow")
        assert (first["version"], first["mode"], first["time_zone"]) == (1, "single", "UTC")
        assert any("Saturation" in cost for cost in now["mode_costs"])

    async def test_a_version_that_does_not_exist_yet(self, api: Api) -> None:
        answer = await api.get("/regulation", version=7)
        assert (answer.status_code, answer.json()["facts"]["latest"]) == (404, 0)


class TestHistory:
    async def test_of_nothing(self, api: Api) -> None:
        assert (await api.get("/regulation/history")).json() == {"items": [], "next_cursor": None}

    async def test_the_newest_first_page_by_page(self, api: Api) -> None:
        await api.made("/regulation/mode", {"mode": "single"})
        await api.made("/regulation/time-zone", {"time_zone": "Europe/Moscow"})
        first = (await api.get("/regulation/history", limit=1)).json()
        rest = (await api.get("/regulation/history", limit=1, cursor=first["next_cursor"])).json()
        (newest,), (oldest,) = first["items"], rest["items"]
        assert (newest["topic"], newest["version"]) == ("regulation.time_zone_set", 2)
        assert (oldest["topic"], oldest["data"]) == ("regulation.mode_set", {"mode": "single"})
        assert rest["next_cursor"] is None


class TestSetStepRules:
    async def test_the_rules_of_one_step(self, api: Api) -> None:
        rules = {"max_deals_before_handoff": 2}
        answer = await api.post("/regulation/steps/first_deal", {"rules": rules})
        assert answer.status_code == 200
        now = (await api.get("/regulation/steps/first_deal")).json()
        before = (await api.get("/regulation/steps/first_deal", version=0)).json()
        assert (before["max_deals_before_handoff"], now["max_deals_before_handoff"]) == (1, 2)

    async def test_no_such_step(self, api: Api) -> None:
        answer = await api.post("/regulation/steps/zero", {"rules": {}})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["step"])

    async def test_a_value_out_of_bounds(self, api: Api) -> None:
        answer = await api.post("/regulation/steps/first_deal", {"rules": {"max_deals_before_handoff": 3}})
        assert list(answer.json()["errors"]) == ["rules.max_deals_before_handoff"]


class TestOtherRules:
    async def test_a_time_zone_that_does_not_exist(self, api: Api) -> None:
        errors = (await api.post("/regulation/time-zone", {"time_zone": "Moscow"})).json()["errors"]
        assert errors["time_zone"][0]["message"].startswith("is not an IANA time zone")

    async def test_an_attribute_can_be_used_once_declared(self, api: Api) -> None:
        attributes = {"attributes": {"fleet_size": 12}}
        refused = await api.post("/clients", {"name": "Cargo", "origin": "tender"} | attributes)
        await api.made("/regulation/attributes", {"attribute": {"name": "fleet_size", "kind": "number"}})
        accepted = await api.post("/clients", {"name": "Cargo", "origin": "tender"} | attributes)
        assert (refused.json()["code"], accepted.status_code) == ("unknown_attribute", 201)

    async def test_the_decision_carries_the_version_in_force(self, api: Api, services: Services) -> None:
        await api.made("/regulation/mode", {"mode": "single"})
        position = (await api.made("/clients", {"name": "Cargo", "origin": "tender"}))["position"]
        (recorded,) = await services.store.read_log(position - 1, 1)
        assert recorded.regulation_version == 1


class TestCompatibility:
    async def test_types_and_matrix_of_the_firm(self, api: Api) -> None:
        await api.made("/regulation/types", {"types": ["driver", "cat"]})
        matrix = {"driver": {"cat": "0.9"}, "cat": {"cat": 0}}
        await api.made("/regulation/compatibility", {"scores": matrix, "default_score": "0.25"})
        now, before = (await api.get("/regulation")).json(), (await api.get("/regulation", version=0)).json()
        assert now["compatibility"] == {
            "types": ["driver", "cat"],
            "scores": {"driver": {"cat": "0.9"}, "cat": {"cat": "0"}},
            "default_score": "0.25",
        }
        assert before["compatibility"]["scores"]["driver"]["amiable"] == "0.3"

    async def test_a_score_above_one_is_named(self, api: Api) -> None:
        answer = await api.post("/regulation/compatibility", {"scores": {"driver": {"amiable": "1.5"}}})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["scores.driver.amiable"])

    async def test_a_type_that_is_not_the_firms(self, api: Api) -> None:
        answer = await api.post("/regulation/compatibility", {"scores": {"driver": {"wolf": "0.5"}}})
        assert (answer.status_code, answer.json()["code"]) == (409, "unknown_personality_type")
        assert answer.json()["facts"]["unknown"] == ["wolf"]


async def test_a_version_beyond_all_numbers_is_named(api: Api) -> None:
    answer = await api.get("/regulation", version=10**20)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["version"])


async def test_only_heads_set_rules(staff: Staff) -> None:
    await staff.hire("seller", Role.COLD_CONTACT_MANAGER)
    answer = await (await staff.api("seller")).post("/regulation/mode", {"mode": "single"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
