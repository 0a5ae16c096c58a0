"""Worklists of tasks over HTTP."""

from typing import Any

import pytest

from domain.types import Role
from tests.app.api.conftest import CONTACT, Api, Staff

EARLIER, LATER = "2026-03-01T09:00:00Z", "2030-01-15T10:00:00Z"
CALL = {"text": "Call", "due_at": "2026-03-05T10:00:00Z", "occurred_at": "2026-03-02T10:00:00Z"}


async def get(api: Api, path: str, after: int, **params: Any) -> Any:
    answer = await api.get(path, after=after, **params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def me(api: Api) -> str:
    return (await api.get("/me")).json()["employee_id"]


class TestTasks:
    async def test_open_and_overdue_until_it_is_done(self, api: Api) -> None:
        client = await api.lead(occurred_at=EARLIER)
        made = await api.made(client + "/tasks", CALL)
        later = await api.made(client + "/tasks", CALL | {"due_at": LATER})
        first, second = (await get(api, "/tasks", later["position"]))["items"]
        assert (first["id"], first["text"], first["overdue"]) == (made["task_id"], "Call", True)
        assert (second["id"], second["overdue"], second["state"]) == (later["task_id"], False, "open")
        assert (first["client_name"], first["employee"]["code"], first["owner"]) == ("Northern Steel", "head", None)
        last = await api.made(f"{client}/tasks/{made['task_id']}/complete", {"result": "Reached"})
        done = (await get(api, "/tasks", last["position"], state="done"))["items"]
        assert [(item["id"], item["ended_by"]["code"]) for item in done] == [(made["task_id"], "head")]
        assert (await get(api, "/tasks", last["position"], overdue=True))["items"] == []

    async def test_moved_and_cancelled(self, api: Api) -> None:
        client = await api.lead(occurred_at=EARLIER)
        task = (await api.made(client + "/tasks", CALL))["task_id"]
        last = await api.made(f"{client}/tasks/{task}/postpone", {"due_at": LATER})
        (item,) = (await get(api, "/tasks", last["position"], **{"from": "2030-01-15", "to": "2030-01-15"}))["items"]
        assert (item["postponed"], item["due_at"]) == (1, LATER)
        last = await api.made(f"{client}/tasks/{task}/cancel")
        assert [item["id"] for item in (await get(api, "/tasks", last["position"], state="cancelled"))["items"]] == [
            task
        ]

    async def test_as_it_stood(self, api: Api) -> None:
        client = await api.lead(occurred_at=EARLIER)
        last = await api.made(client + "/tasks", CALL)
        (before,) = (await get(api, "/tasks", last["position"], at="2026-03-05T09:00:00Z"))["items"]
        assert not before["overdue"]
        assert (await get(api, "/tasks", last["position"], at="2026-03-02T09:00:00Z"))["items"] == []

    async def test_filters_and_pages(self, api: Api, staff: Staff) -> None:
        colleague = str(await staff.hire("closer", Role.CLOSING_MANAGER))
        await api.made(f"/employees/{colleague}/change", {"department": "North"})
        client = await api.lead(occurred_at=EARLIER)
        mine = (await api.made(client + "/tasks", CALL))["task_id"]
        last = await api.made(client + "/tasks", CALL | {"employee_id": colleague})
        theirs, after = last["task_id"], last["position"]

        async def listed(**params: Any) -> list[str]:
            return [item["id"] for item in (await get(api, "/tasks", after, **params))["items"]]

        assert await listed(employee_id=colleague) == [theirs]
        assert await listed(department="North") == [theirs]
        assert await listed(department="") == [mine]
        assert await listed(department="North", employee_id=await me(api)) == []
        assert await listed(step="first_deal") == []
        assert await listed(to="2026-03-04") == []
        first = await get(api, "/tasks", after, limit=1)
        rest = await get(api, "/tasks", after, limit=1, cursor=first["next_cursor"])
        assert {first["items"][0]["id"], rest["items"][0]["id"]} == {mine, theirs}
        assert rest["next_cursor"] is None

    @pytest.mark.parametrize(
        ("field", "params"),
        [("cursor", {"cursor": "nonsense"}), ("state", {"state": "late"}), ("employee_id", {"employee_id": "closer"})],
    )
    async def test_bad_parameters_are_named(self, api: Api, field: str, params: dict[str, str]) -> None:
        answer = await api.get("/tasks", **params)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


class TestWithoutNextStep:
    async def test_the_longest_untouched_first(self, api: Api) -> None:
        owner = {"owner_id": await me(api)}
        contacted = await api.lead(occurred_at=EARLIER, **owner)
        untouched = await api.lead(occurred_at="2026-03-02T09:00:00Z", **owner)
        planned, nobodys = await api.lead(occurred_at=EARLIER, **owner), await api.lead(occurred_at=EARLIER)
        await api.made(planned + "/tasks", CALL)
        lost = await api.lead(occurred_at=EARLIER, **owner)
        await api.made(lost + "/disqualify", {"reason": "price"})
        last = await api.made(contacted + "/contacts", CONTACT | {"occurred_at": "2026-03-03T09:00:00Z"})
        found = (await get(api, "/worklists/without-next-step", last["position"]))["items"]
        assert ["/clients/" + item["id"] for item in found] == [untouched, contacted]
        assert [item["touched_at"] for item in found] == ["2026-03-02T09:00:00Z", "2026-03-03T09:00:00Z"]
        assert found[0]["owner"]["code"] == "head"
        assert nobodys not in found
        first = await get(api, "/worklists/without-next-step", last["position"], limit=1)
        rest = await get(api, "/worklists/without-next-step", last["position"], cursor=first["next_cursor"])
        assert [item["id"] for item in rest["items"]] == [found[1]["id"]]
        params = {"owner_id": owner["owner_id"], "step": "first_deal"}
        assert (await get(api, "/worklists/without-next-step", last["position"], **params))["items"] == []

    async def test_a_client_whose_last_task_is_done_is_back(self, api: Api) -> None:
        client = await api.lead(occurred_at=EARLIER, owner_id=await me(api))
        task = (await api.made(client + "/tasks", CALL))["task_id"]
        last = await api.made(f"{client}/tasks/{task}/complete", {"occurred_at": "2026-03-04T09:00:00Z"})
        (item,) = (await get(api, "/worklists/without-next-step", last["position"]))["items"]
        assert item["touched_at"] == "2026-03-04T09:00:00Z"

    async def test_tasks_of_others_are_none(self, api: Api, staff: Staff) -> None:
        colleague = str(await staff.hire("closer", Role.CLOSING_MANAGER))
        client = await api.lead(occurred_at=EARLIER, owner_id=await me(api))

        async def shown(after: int) -> tuple[int, Any]:
            idle = (await get(api, "/worklists/without-next-step", after))["items"]
            return len(idle), (await get(api, client, after))["next_step"]

        theirs = await api.made(client + "/tasks", CALL | {"employee_id": colleague})
        await api.made(f"/employees/{colleague}/leave")
        assert await shown(theirs["position"]) == (1, None)
        mine = await api.made(client + "/tasks", CALL | {"due_at": LATER})
        idle, next_step = await shown(mine["position"])
        assert (idle, next_step["id"]) == (0, mine["task_id"])

    async def test_what_one_who_left_had_to_do_is_passed_on(self, api: Api, staff: Staff) -> None:
        gone, owner = str(await staff.hire("closer", Role.CLOSING_MANAGER)), await me(api)
        client = await api.lead(occurred_at=EARLIER, owner_id=owner)
        task = (await api.made(client + "/tasks", CALL | {"employee_id": gone}))["task_id"]
        await api.made(f"/employees/{gone}/leave")
        last = await api.made(f"{client}/tasks/{task}/pass-on", {"employee_id": owner})
        (item,) = (await get(api, "/tasks", last["position"]))["items"]
        assert (item["id"], item["employee"]["id"], item["due_at"]) == (task, owner, CALL["due_at"])
        assert (await get(api, "/worklists/without-next-step", last["position"]))["items"] == []
        refused = await api.post(f"{client}/tasks/{task}/pass-on", {"employee_id": gone})
        assert (refused.status_code, refused.json()["code"]) == (409, "employee_left")


class TestReport:
    async def test_by_employee_and_by_department_with_its_heads(self, api: Api, staff: Staff) -> None:
        people = {code: str(await staff.hire(code, *roles)) for code, roles in HIRED.items()}
        for key in people.values():
            await api.made(f"/employees/{key}/change", {"department": "North"})
        client = await api.lead(occurred_at=EARLIER)
        for code in ("anna", "anna", "boris"):
            last = await api.made(client + "/tasks", CALL | {"employee_id": people[code]})
        mine = await api.made(client + "/tasks", CALL | {"due_at": LATER})
        done = f"{client}/tasks/{last['task_id']}/complete"
        after = (await api.made(done, {"occurred_at": "2026-03-06T10:00:00Z"}))["position"]
        report = await get(api, "/reports/tasks", after)
        counted = ("tasks", "open", "overdue", "done", "done_late")
        figures = {item["employee"]["code"]: tuple(item[name] for name in counted) for item in report["items"]}
        assert figures == {"anna": (2, 2, 2, 0, 0), "boris": (1, 0, 0, 1, 1), "head": (1, 1, 0, 0, 0)}
        assert tuple(report["total"][name] for name in counted) == (4, 3, 2, 1, 1)
        his = await get(api, "/reports/tasks", after, employee_id=people["boris"])
        assert [his["total"][name] for name in counted] == [1, 0, 0, 1, 1]
        of_north = await get(api, "/reports/tasks", after, department="North", step="lead_generation")
        assert [of_north["total"][name] for name in counted] == [3, 2, 2, 1, 1]
        assert (await get(api, "/reports/tasks", after, step="first_deal"))["items"] == []
        north, none = (await get(api, "/reports/tasks", after, by="department"))["items"]
        assert (north["department"], [head["code"] for head in north["heads"]]) == ("North", ["chief"])
        assert tuple(north[name] for name in counted) == (3, 2, 2, 1, 1)
        assert (north["overdue_since"], none["overdue_since"]) == ("2026-03-05T10:00:00Z", None)
        assert (none["department"], none["heads"], none["tasks"]) == (None, [], 1)
        due_in_march = await get(api, "/reports/tasks", mine["position"], to="2026-03-31")
        assert due_in_march["total"]["tasks"] == 3


HIRED = {"anna": (Role.CLOSING_MANAGER,), "boris": (Role.CLOSING_MANAGER,), "chief": (Role.HEAD,)}
