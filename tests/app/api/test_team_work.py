"""Teams and their worklists over HTTP; exchange of leads between sellers."""

from typing import Any
from uuid import uuid4

import pytest

from domain.types import Role, Step
from tests.app.api.conftest import Api, Staff

LEADS_ONLY = frozenset({Step.LEAD_GENERATION})


@pytest.fixture
async def sellers(staff: Staff, api: Api) -> dict[str, str]:
    """A driver, an amiable and an analytical seller of the north, by type; nobody else is in the step."""
    await api.made(f"/employees/{(await api.get('/me')).json()['employee_id']}/change", {"steps": []})
    ids: dict[str, str] = {}
    for name in ("driver", "amiable", "analytical"):
        ids[name] = str(await staff.hire(name, Role.COLD_CONTACT_MANAGER, steps=LEADS_ONLY))
        await api.made(f"/employees/{ids[name]}/change", {"personality_type": name, "department": "north"})
    return ids


async def lead(api: Api, owner: str | None = None, **fields: Any) -> str:
    return (await api.lead(owner_id=owner, **fields)).removeprefix("/clients/")


async def items(api: Api, path: str, **params: Any) -> list[dict[str, Any]]:
    answer = await api.get(path, **params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_a_team_is_led_through_its_stages(api: Api, staff: Staff, sellers: dict[str, str]) -> None:
    seller = await staff.api("driver")
    assert (await seller.post("/team-work", {"variant": "trusting"})).status_code == 403
    made = await api.made("/team-work", {"variant": "trusting", "department": "north"})
    path = f"/team-work/{made['team_id']}"
    team = (await api.get(path, after=made["position"])).json()
    assert (team["stage"], team["head"]["code"], team["deputy"]) == ("preparatory", "head", None)
    assert {each["code"] for each in team["sellers"]} == set(sellers)
    assert team["review_on"]
    assert [(each["code"], each["worklist"]) for each in team["duties"]] == [("draw_up_own_list", f"{path}/leads")]
    assert (await items(api, "/team-work", variant="trusting", at_work=True))[0]["id"] == team["id"]
    assert await items(api, "/team-work", at_work=False) == []

    other = await api.post("/team-work", {"variant": "democratic"})
    assert (other.status_code, other.json()["code"]) == (409, "seller_in_other_team")
    skipped = await api.post(path + "/stage", {"stage": "final"})
    assert (skipped.json()["code"], skipped.json()["facts"]["next"]) == ("stage_out_of_order", "main")
    await api.made(path + "/stage", {"stage": "main"})
    await api.made(path + "/change", {"deputy_id": sellers["driver"], "review_on": "2020-01-01"})
    russian = await api.http.get(
        "/api/v1" + path, headers={"Authorization": f"Bearer {api.token}", "Accept-Language": "ru"}
    )
    assert russian.json()["review_overdue"] is True
    assert [each["id"] for each in await items(api, "/team-work", review_overdue=True)] == [team["id"]]
    assert russian.json()["duties"][0]["text"].startswith("Работать")
    await api.made(path + "/hold-review", {"note": "All is under way"})
    assert (await api.get(path)).json()["review_overdue"] is False
    await api.made(path + "/end")
    assert (await api.post(path + "/stage", {"stage": "final"})).json()["code"] == "team_work_ended"
    topics = [each["topic"] for each in await items(api, "/team-work-history")]
    assert topics == [f"team_work.{what}" for what in ("ended", "reviewed", "changed", "stage_set", "started")]


async def test_bad_requests(api: Api, sellers: dict[str, str]) -> None:
    missing = f"/team-work/{uuid4()}"
    answers = [await api.get(missing + part) for part in ("", "/leads", "/calling-list", "/review")]
    answers.append(await api.post(missing + "/end"))
    assert {(each.status_code, each.json()["code"]) for each in answers} == {(404, "unknown_team")}
    wrong: list[tuple[Any, str]] = [
        ({"variant": "bossy"}, "variant"),
        ({"variant": "trusting", "step": "account_service"}, "step"),
        ({"variant": "trusting", "seller_ids": [sellers["driver"]] * 2}, "seller_ids"),
    ]
    for body, field in wrong:
        answer = await api.post("/team-work", body)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    nobody = await api.post("/team-work", {"variant": "trusting", "department": "south"})
    assert nobody.json()["code"] == "no_employees_to_give_to"
    team = (await api.made("/team-work", {"variant": "trusting"}))["team_id"]
    path = f"/team-work/{team}"
    await _bad_plans(api, sellers, team)
    stranger = await api.get(path + "/leads", seller_id=str(uuid4()))
    assert (stranger.status_code, list(stranger.json()["errors"])) == (422, ["seller_id"])


async def _bad_plans(api: Api, sellers: dict[str, str], team: str) -> None:
    """Nothing is planned where the order does not fit the team, its leads or its sellers."""
    mine, free = await lead(api, sellers["driver"]), await lead(api)
    driver, nobody, twice = sellers["driver"], str(uuid4()), {"client_id": mine, "failure_reason": "price"}
    wood, unclear = {"name": "Wood", "employee_id": driver}, {"method": "territory"}
    plans: list[tuple[Any, str]] = [
        ({"team_id": team, "step": "first_deal"}, "step"),
        ({"team_id": team, "variant": "democratic"}, "variant"),
        ({"team_id": team, "sellers": [{"employee_id": nobody}]}, "sellers.0.employee_id"),
        ({"territories": [wood]}, "body"),
        (unclear | {"territories": [wood | {"employee_id": nobody}]}, "territories.0.employee_id"),
        (unclear | {"territories": [wood, wood | {"name": "WOOD"}]}, "territories.1.name"),
    ]
    reviews: list[tuple[Any, str]] = [
        ({}, "failure_reason"),
        ({"failure_reason": "price", "client_ids": [mine, free]}, "client_ids.1"),
        ({"reasons": [twice | {"client_id": free}]}, "reasons.0.client_id"),
        ({"reasons": [twice, twice]}, "reasons.1.client_id"),
        ({"failure_reason": "bad_luck"}, "failure_reason"),
    ]
    asked = [("/distributions", *each) for each in plans]
    asked += [(f"/team-work/{team}/reviews", *each) for each in reviews]
    for path, body, field in asked:
        answer = await api.post(path, body)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field]), body
    unknown = await api.post("/distributions", {"team_id": nobody})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "unknown_team")
    missing = await api.post(f"/team-work/{nobody}/reviews", {"failure_reason": "price"})
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_team")
    assert await items(api, "/distributions", team_id=team) == []


async def test_own_lists_and_the_calling_list(api: Api, sellers: dict[str, str]) -> None:
    known = await lead(api, sellers["driver"], personality_type="amiable")
    await api.made(f"/clients/{known}/key-persons", {"name": "Anna", "role": "decides"})
    bare, free = await lead(api, sellers["amiable"]), await lead(api)
    path = "/team-work/" + (await api.made("/team-work", {"variant": "authoritarian"}))["team_id"]
    position = (await api.made(f"/clients/{known}/decisions", {"text": "Go on"}))["position"]
    own = await items(api, path + "/leads", after=position)
    assert [(each["id"], each["owner"]["code"], each["days"], each["days_since_contact"]) for each in own] == [
        (known, "driver", 0, None),
        (bare, "amiable", 0, None),
    ]
    assert (own[0]["score"], own[0]["best"]["employee"]["code"], own[0]["best"]["score"]) == ("0.3", "amiable", "0.8")
    called = {each["id"]: each["missing"] for each in await items(api, path + "/calling-list")}
    assert called == {key: ["key_person", "decision_role", "personality_type"] for key in (bare, free)}
    mine = await items(api, path + "/calling-list", seller_id=sellers["amiable"])
    assert [each["id"] for each in mine] == [bare]
    assert [each["id"] for each in await items(api, path + "/review")] == [known, bare]


@pytest.mark.parametrize("post", ["head_id", "deputy_id"])
async def test_who_leads_a_team_distributes_its_leads_and_takes_none_from_others(
    api: Api, staff: Staff, sellers: dict[str, str], post: str
) -> None:
    team = {"variant": "authoritarian", "seller_ids": [sellers["driver"], sellers["amiable"]], post: sellers["driver"]}
    order = {"team_id": (await api.made("/team-work", team))["team_id"]}
    free, own, others = await lead(api), await lead(api, sellers["amiable"]), await lead(api, sellers["analytical"])
    leader, failed = await staff.api("driver"), order | {"failure_reason": "poor_work"}

    async def planned(body: dict[str, Any]) -> set[str]:
        path = f"/distributions/{(await leader.made('/distributions', body))['id']}/lines"
        return {each["client_id"] for each in await items(leader, path)}

    assert (await planned(order), await planned(failed)) == ({free}, {free, own})
    wrong = await leader.post("/distributions", failed | {"client_ids": [own, others]})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["client_ids.1"])
    elsewhere = await leader.post("/distributions", {"failure_reason": "poor_work"})
    assert (elsewhere.status_code, elsewhere.json()["facts"]["action"]) == (403, "distribute")
    colleague = await (await staff.api("amiable")).post("/distributions", order)
    assert (colleague.status_code, colleague.json()["code"]) == (403, "forbidden")


async def test_a_lead_is_offered_declined_and_accepted(api: Api, staff: Staff, sellers: dict[str, str]) -> None:
    team = (await api.made("/team-work", {"variant": "democratic"}))["team_id"]
    client = await lead(api, sellers["driver"], personality_type="amiable")
    driver, amiable, analytical = [await staff.api(code) for code in ("driver", "amiable", "analytical")]
    offers = f"/clients/{client}/exchanges"
    assert (await amiable.post(offers)).json()["code"] == "not_the_owner"
    made = await driver.made(offers, {"comment": "He wants to talk"})
    offer = f"{offers}/{made['exchange_id']}"
    waiting = {"state": "waiting", "after": made["position"]}
    (mine,) = await items(amiable, "/exchanges", for_employee_id=sellers["amiable"], **waiting)
    assert (mine["from_employee"]["code"], mine["to_employee"], mine["score"]) == ("driver", None, "0.8")
    assert await items(driver, "/exchanges", for_employee_id=sellers["driver"]) == []

    card = (await api.get(f"/clients/{client}")).json()
    assert (card["exchange"]["id"], card["exchange"]["comment"]) == (made["exchange_id"], "He wants to talk")
    after = (await analytical.made(offer + "/decline", {"comment": "Not my type either"}))["position"]
    (by_me,) = await items(driver, "/exchanges", from_employee_id=sellers["driver"], after=after)
    assert (by_me["state"], [each["code"] for each in by_me["declined_by"]]) == ("waiting", ["analytical"])
    taken = await amiable.made(offer + "/accept")
    again = await amiable.post(offer + "/accept")
    assert (again.status_code, again.json()["facts"]["state"]) == (409, "accepted")

    done = await items(api, "/exchanges", client_id=client, after=taken["position"])
    assert (done[0]["state"], done[0]["accepted_by"]["code"]) == ("accepted", "amiable")
    card = (await api.get(f"/clients/{client}", after=taken["position"])).json()
    shown = {name: card["assignment"][name] for name in ("failure_reason", "variant", "score", "distribution_id")}
    assert shown == {
        "failure_reason": "types_incompatible",
        "variant": "democratic",
        "score": "0.8",
        "distribution_id": None,
    }
    assert (card["exchange"], card["assignment"]["previous"]["code"]) == (None, "driver")
    history = await items(api, f"/clients/{client}/history", limit=3)
    task, assignment, acceptance = (each["data"] for each in history)
    assert acceptance["exchange_id"] == made["exchange_id"]
    assert (
        assignment
        | {
            "employee_id": sellers["amiable"],
            "previous_id": sellers["driver"],
            "failure_reason": "types_incompatible",
            "score": "0.8",
            "variant": "democratic",
        }
        == assignment
    )
    assert (task["text"], task["employee_id"]) == ("Get in touch with the client", sellers["amiable"])
    back = await amiable.post(offers, {"to_employee_id": sellers["driver"]})
    assert (back.status_code, back.json()["code"]) == (409, "failed_with_lead")
    (own,) = await items(api, f"/team-work/{team}/leads")
    assert (own["owner"]["code"], [each["code"] for each in own["failed"]]) == ("amiable", ["driver"])
    assert own["best"]["employee"]["code"] == "analytical"
