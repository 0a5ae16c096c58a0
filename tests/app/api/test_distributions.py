"""Distributions over HTTP: planned, edited and applied."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.types import Role, Step
from tests.app.api.conftest import LEAD, Api, Staff, head

LEADS_ONLY = frozenset({Step.LEAD_GENERATION})


@pytest.fixture
async def sellers(staff: Staff, api: Api) -> dict[str, str]:
    """A driver with room for two clients and an amiable one with room for three; nobody else is in the step."""
    await api.made(f"/employees/{(await api.get('/me')).json()['employee_id']}/change", {"steps": []})
    ids: dict[str, str] = {}
    for name, room in (("driver", 2), ("amiable", 3)):
        ids[name] = str(await staff.hire(name, Role.COLD_CONTACT_MANAGER, steps=LEADS_ONLY))
        await api.made(f"/employees/{ids[name]}/change", {"personality_type": name, "capacity": room})
    return ids


async def leads(api: Api, *types: str | None, **fields: Any) -> list[str]:
    return [(await api.made("/clients", LEAD | fields | {"personality_type": each}))["id"] for each in types]


async def lines(api: Api, distribution: dict[str, Any], **params: Any) -> dict[str, dict[str, Any]]:
    answer = await api.get(f"/distributions/{distribution['id']}/lines", **params)
    assert answer.status_code == 200, answer.text
    return {item["client_id"]: item for item in answer.json()["items"]}


async def applied(api: Api, distribution: dict[str, Any]) -> dict[str, Any]:
    """The distribution, once it has been applied."""
    answer = await api.post(f"/distributions/{distribution['id']}/apply")
    assert answer.status_code == 202, answer.text
    found = answer.json()
    for _ in range(200):
        if found["stage"] == "applied":
            return found
        await asyncio.sleep(0.05)
        found = (await api.get(f"/distributions/{distribution['id']}")).json()
    raise AssertionError(found)


class TestPlan:
    async def test_everybody_gets_whom_he_suits_best(self, api: Api, sellers: dict[str, str]) -> None:
        first, second, third = await leads(api, "driver", "amiable", "amiable")
        answer = await api.post("/distributions", {"variant": "authoritarian"})
        plan = answer.json()
        assert answer.status_code == 201
        assert answer.headers["Location"].endswith(plan["id"])
        assert answer.headers["ETag"] == f'"{plan["version"]}"'
        assert (plan["stage"], plan["leads"], plan["given"], plan["unassigned"]) == ("planned", 3, 3, 0)
        assert (plan["total"], plan["greedy"]["given"], plan["variant"]) == ("2.4", 3, "authoritarian")
        assert {item["employee"]["code"]: item["leads"] for item in plan["employees"]} == {"driver": 1, "amiable": 2}
        found = await lines(api, plan)
        assert {key: line["employee"]["code"] for key, line in found.items()} == {
            first: "driver",
            second: "amiable",
            third: "amiable",
        }
        assert (found[first]["score"], found[first]["reason"], found[first]["assigned"]) == ("0.8", "best_score", None)
        assert found[first]["client_name"] == LEAD["name"]

    async def test_more_leads_than_room_stay_in_the_queue_and_it_says_so(
        self, api: Api, sellers: dict[str, str]
    ) -> None:
        await leads(api, *["driver"] * 7)
        plan = await api.made("/distributions")
        assert (plan["given"], plan["unassigned"], plan["total"]) == (5, 2, "2.5")
        reasons = [line["reason"] for line in (await lines(api, plan)).values()]
        assert sorted(reasons) == ["best_score"] * 2 + ["better_ones_full"] * 3 + ["no_capacity"] * 2
        assert len(await lines(api, plan, state="unassigned")) == 2
        assert len(await lines(api, plan, employee_id=sellers["driver"], state="given")) == 2

    async def test_what_they_work_already_takes_room(self, api: Api, sellers: dict[str, str]) -> None:
        await api.lead(owner_id=sellers["driver"])
        await leads(api, *["driver"] * 3)
        plan = await api.made("/distributions")
        shares = {item["employee"]["code"]: (item["working"], item["leads"]) for item in plan["employees"]}
        assert shares == {"driver": (1, 1), "amiable": (0, 2)}

    async def test_a_segment_and_named_employees(self, api: Api, sellers: dict[str, str]) -> None:
        (metal,) = await leads(api, "driver", industry="Metallurgy")
        await leads(api, "driver", industry="wood")
        order = {"industry": "metallurgy", "sellers": [{"employee_id": sellers["amiable"], "capacity": 9}]}
        plan = await api.made("/distributions", order)
        assert list(await lines(api, plan)) == [metal]
        assert [(item["employee"]["code"], item["capacity"]) for item in plan["employees"]] == [("amiable", 9)]

    async def test_never_back_to_who_failed(self, api: Api, sellers: dict[str, str]) -> None:
        (client,) = await leads(api, "driver")
        path = f"/clients/{client}/assignments"
        await api.made(path, {"employee_id": sellers["driver"]})
        failed = {"client_ids": [client], "failure_reason": "no_contact"}
        plan = await api.made("/distributions", failed)
        (line,) = (await lines(api, plan)).values()
        assert (line["employee"]["code"], line["owner"]["code"], line["reason"]) == ("amiable", "driver", "best_score")
        await api.made(path, {"employee_id": sellers["amiable"], "failure_reason": "no_contact"})
        (line,) = (await lines(api, await api.made("/distributions", failed))).values()
        assert (line["employee"], line["reason"]) == (None, "nobody_left")

    async def test_the_same_leads_give_the_same_plan(self, api: Api, sellers: dict[str, str]) -> None:
        ids = await leads(api, None, "driver", "amiable", "expressive")
        plans = [await api.made("/distributions", {"client_ids": order}) for order in (ids, ids[::-1])]
        one, other = [await lines(api, plan) for plan in plans]
        assert one == other
        assert sum(item["leads"] for item in plans[0]["employees"]) == 4

    async def test_the_same_key_gives_the_first_answer(self, api: Api, sellers: dict[str, str]) -> None:
        await leads(api, "driver")
        key = {"Idempotency_Key": "once"}
        first = await api.post("/distributions", {}, **key)
        again = await api.post("/distributions", {}, **key)
        assert (again.json()["id"], again.headers["Idempotent-Replayed"]) == (first.json()["id"], "true")


class TestBadOrders:
    async def test_no_leads(self, api: Api, sellers: dict[str, str]) -> None:
        answer = await api.post("/distributions")
        assert (answer.status_code, answer.json()["code"]) == (409, "no_leads")

    async def test_nobody_in_the_step(self, api: Api, sellers: dict[str, str]) -> None:
        await leads(api, "driver")
        for employee_id in sellers.values():
            await api.made(f"/employees/{employee_id}/change", {"steps": ["first_deal"]})
        assert (await api.post("/distributions")).json()["code"] == "no_employees_to_give_to"
        order = {"sellers": [{"employee_id": sellers["driver"]}]}
        assert (await api.post("/distributions", order)).json()["code"] == "employee_not_in_step"

    async def test_clients_that_are_no_leads_are_named(self, api: Api, sellers: dict[str, str]) -> None:
        (lead,) = await leads(api, "driver")
        (archived,) = await leads(api, "driver")
        await api.made(f"/clients/{archived}/archive")
        answer = await api.post("/distributions", {"client_ids": [lead, archived, str(uuid4())]})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["client_ids.1", "client_ids.2"])

    async def test_a_worked_client_needs_the_reason_of_failure(self, api: Api, sellers: dict[str, str]) -> None:
        client = (await api.lead(owner_id=sellers["driver"])).removeprefix("/clients/")
        answer = await api.post("/distributions", {"client_ids": [client]})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["failure_reason"])

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"sellers": []}, "sellers"),
            ({"client_ids": []}, "client_ids"),
            ({"client_ids": ["x"]}, "client_ids.0"),
            ({"variant": "bossy"}, "variant"),
            ({"sellers": [{"employee_id": str(UUID(int=1)), "capacity": -1}]}, "sellers.0.capacity"),
            ({"sellers": [{"employee_id": str(UUID(int=1))}] * 2}, "sellers"),
            ({"colour": "red"}, "colour"),
        ],
    )
    async def test_a_field_is_wrong(self, api: Api, body: Any, field: str) -> None:
        answer = await api.post("/distributions", body)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])

    async def test_who_sells_plans_no_distribution_but_assigns_single_leads(
        self, api: Api, staff: Staff, sellers: dict[str, str]
    ) -> None:
        ids = await leads(api, "driver")
        plan = await api.made("/distributions")
        seller, path = await staff.api("driver"), f"/distributions/{plan['id']}"
        for asked, body in [
            ("/distributions", {"sellers": [{"employee_id": sellers["driver"], "capacity": 9}]}),
            (path + "/edit", {"client_id": ids[0], "employee_id": sellers["driver"]}),
            (path + "/apply", None),
        ]:
            answer = await seller.post(asked, body)
            assert (answer.status_code, answer.json()["facts"]["action"]) == (403, "distribute"), asked
        await seller.made(f"/clients/{ids[0]}/assignments", {"employee_id": sellers["driver"]})
        await staff.hire("lists", Role.CLIENT_BASE_MANAGER, steps=frozenset())
        await (await staff.api("lists")).made(path + "/apply")

    async def test_no_such_distribution(self, api: Api) -> None:
        path = f"/distributions/{uuid4()}"
        answers = [
            await api.get(path),
            await api.get(path + "/lines"),
            await api.post(path + "/apply"),
            await api.post(path + "/edit", {"client_id": str(uuid4())}),
        ]
        assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "unknown_distribution")}


class TestEdit:
    async def test_a_lead_is_moved_and_taken_out(self, api: Api, sellers: dict[str, str]) -> None:
        moved, out = await leads(api, "driver", "driver")
        plan = await api.made("/distributions")
        path = f"/distributions/{plan['id']}"
        await api.made(path + "/edit", {"client_id": moved, "employee_id": sellers["amiable"]})
        await api.made(path + "/edit", {"client_id": out, "employee_id": None})
        after = (await api.get(path)).json()
        assert (after["given"], after["total"], plan["total"]) == (1, "0.3", "1.6")
        line = (await lines(api, plan, state="given"))[moved]
        assert (line["employee"]["code"], line["score"], line["reason"]) == ("amiable", "0.3", "edited")

    async def test_not_beyond_the_capacity(self, api: Api, sellers: dict[str, str]) -> None:
        ids = await leads(api, "driver", "driver", "amiable")
        plan = await api.made("/distributions")
        answer = await api.post(
            f"/distributions/{plan['id']}/edit", {"client_id": ids[2], "employee_id": sellers["driver"]}
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "no_capacity_left")


class TestApply:
    async def test_each_lead_carries_who_why_which_score_and_run(self, api: Api, sellers: dict[str, str]) -> None:
        first, second = await leads(api, "driver", "amiable")
        plan = await api.made("/distributions", {"variant": "democratic"})
        done = await applied(api, plan)
        assert (done["assigned"], done["skipped"]) == (2, 0)
        history = (await api.get(f"/clients/{first}/history", limit=1)).json()["items"][0]
        expected = {
            "step": "lead_generation",
            "employee_id": sellers["driver"],
            "distribution_id": plan["id"],
            "score": "0.8",
            "variant": "democratic",
        }
        assert (history["topic"], history["data"] | expected) == ("assignment.assigned", history["data"])
        card = (await api.get(f"/clients/{second}", after=history["position"])).json()
        assert card["owner"]["code"] == "amiable"

        by_variant = (await api.get("/reports/conversion", by="variant")).json()["items"]
        assert [(item["variant"], item["entered"]) for item in by_variant] == [("democratic", 2)]
        by_types = (await api.get("/reports/conversion", by="types", step="lead_generation")).json()["items"]
        pairs = {(item["employee_type"], item["client_type"]): item["in_step"] for item in by_types}
        assert pairs == {("driver", "driver"): 1, ("amiable", "amiable"): 1}
        times = (await api.get("/reports/time-in-step", by="types")).json()["items"]
        assert {(item["employee_type"], item["still_in_step"]) for item in times} == {("driver", 1), ("amiable", 1)}
        behind = (await api.get("/reports/conversion/clients", variant="democratic")).json()["items"]
        assert {item["id"] for item in behind} == {first, second}

    async def test_twice_is_refused(self, api: Api, sellers: dict[str, str]) -> None:
        (client,) = await leads(api, "driver")
        plan = await api.made("/distributions")
        await applied(api, plan)
        path = f"/distributions/{plan['id']}"
        again = await api.post(path + "/apply")
        assert (again.status_code, again.json()["code"]) == (409, "distribution_in_other_stage")
        assert (await api.post(path + "/edit", {"client_id": client})).status_code == 409

    async def test_what_changed_since_is_skipped_and_listed(self, api: Api, sellers: dict[str, str]) -> None:
        changed, fine, left = await leads(api, "driver", "driver", "amiable")
        plan = await api.made("/distributions")
        await api.made(f"/clients/{changed}/assignments", {"employee_id": sellers["amiable"]})
        await api.made(f"/employees/{sellers['amiable']}/leave")
        done = await applied(api, plan)
        assert (done["assigned"], done["skipped"]) == (1, 2)
        assert list(await lines(api, plan, state="assigned")) == [fine]
        skipped = {key: line["skipped_for"] for key, line in (await lines(api, plan, state="skipped")).items()}
        assert skipped == {changed: "lead_changed", left: "employee_left"}

    async def test_a_worked_lead_goes_on_with_its_reason_of_failure(self, api: Api, sellers: dict[str, str]) -> None:
        client = (await api.lead(owner_id=sellers["driver"], personality_type="driver")).removeprefix("/clients/")
        await applied(api, await api.made("/distributions", {"client_ids": [client], "failure_reason": "price"}))
        task, assignment = (await api.get(f"/clients/{client}/history", limit=2)).json()["items"]
        assert (task["topic"], task["data"]["employee_id"]) == ("tasks.set", sellers["amiable"])
        data = assignment["data"]
        assert (data["employee_id"], data["previous_id"]) == (sellers["amiable"], sellers["driver"])
        assert data["failure_reason"] == "price"

    async def test_a_plan_that_gives_nobody_anything_is_finished_at_once(
        self, api: Api, sellers: dict[str, str]
    ) -> None:
        await leads(api, "driver")
        full = {"sellers": [{"employee_id": sellers["driver"], "capacity": 0}]}
        done = await applied(api, await api.made("/distributions", full))
        assert (done["assigned"], done["skipped"], done["unassigned"]) == (0, 0, 1)


class TestList:
    async def test_the_newest_first_page_by_page(self, api: Api, sellers: dict[str, str]) -> None:
        await leads(api, "driver")
        older, newer = [await api.made("/distributions") for _ in range(2)]
        done = await applied(api, older)
        assert done["stage"] == "applied"
        first = (await api.get("/distributions", limit=1, after=await head(api))).json()
        rest = (await api.get("/distributions", limit=1, cursor=first["next_cursor"])).json()
        assert [item["id"] for item in first["items"]] == [newer["id"]]
        assert [item["id"] for item in rest["items"]] == [older["id"]]
        (only,) = (await api.get("/distributions", stage="applied")).json()["items"]
        assert (only["assigned"], only["planned_by"]["code"], only["total"]) == (1, "head", "0.8")

    async def test_lines_page_by_page(self, api: Api, sellers: dict[str, str]) -> None:
        ids = sorted(await leads(api, *["driver"] * 3), key=UUID)
        path = f"/distributions/{(await api.made('/distributions'))['id']}/lines"
        first = (await api.get(path, limit=2)).json()
        rest = (await api.get(path, limit=2, cursor=first["next_cursor"])).json()
        assert [item["client_id"] for item in (*first["items"], *rest["items"])] == ids
        assert rest["next_cursor"] is None
        assert (await api.get(path, cursor="nonsense")).status_code == 422
