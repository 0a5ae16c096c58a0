"""Employees over HTTP."""

from uuid import uuid4

from domain.employee import employee_id
from domain.types import Role, Step
from tests.app.api.conftest import Api, Staff

PETROV = {"code": "petrov", "name": "Petr Petrov", "roles": ["closing_manager"], "steps": ["first_deal"]}


class TestRegisterEmployee:
    async def test_he_has_an_address(self, api: Api) -> None:
        answer = await api.post("/employees", PETROV)
        found = await api.http.get(answer.headers["Location"], headers={"Authorization": f"Bearer {api.token}"})
        assert answer.status_code == 201
        assert answer.json()["id"] == str(employee_id("petrov"))
        assert found.json() | PETROV == found.json()

    async def test_a_code_is_used_once(self, api: Api) -> None:
        await api.made("/employees", PETROV)
        answer = await api.post("/employees", PETROV)
        assert (answer.status_code, answer.json()["code"]) == (409, "employee_exists")
        assert answer.json()["facts"]["id"] == str(employee_id("petrov"))


class TestChangeEmployee:
    async def test_what_was_sent_changes(self, api: Api) -> None:
        petrov = "/employees/" + (await api.made("/employees", PETROV))["id"]
        await api.made(petrov + "/change", {"capacity": 40, "department": "North"})
        found = (await api.get(petrov)).json()
        assert (found["capacity"], found["department"], found["name"]) == (40, "North", "Petr Petrov")
        assert found["version"] == 2

    async def test_nothing_to_change(self, api: Api) -> None:
        petrov = "/employees/" + (await api.made("/employees", PETROV))["id"]
        assert (await api.post(petrov + "/change", {})).json()["code"] == "nothing_to_change"


class TestLeaveFirm:
    async def test_once(self, api: Api) -> None:
        petrov = "/employees/" + (await api.made("/employees", PETROV))["id"]
        await api.made(petrov + "/leave", {"comment": "Moved away"})
        again = await api.post(petrov + "/leave")
        assert (again.status_code, again.json()["code"]) == (409, "employee_left")
        assert (await api.get(petrov)).json()["has_left"] is True


class TestReturnToFirm:
    async def test_who_never_left_cannot_return(self, api: Api) -> None:
        petrov = "/employees/" + (await api.made("/employees", PETROV))["id"]
        answer = await api.post(petrov + "/return")
        assert (answer.status_code, answer.json()["code"]) == (409, "employee_not_left")

    async def test_he_works_here_again(self, api: Api) -> None:
        petrov = "/employees/" + (await api.made("/employees", PETROV))["id"]
        await api.made(petrov + "/leave")
        await api.made(petrov + "/return", {"comment": "Back from abroad"})
        found = (await api.get(petrov)).json()
        assert (found["has_left"], found["version"], found["roles"]) == (False, 3, ["closing_manager"])

    async def test_his_tokens_work_again(self, api: Api, staff: Staff) -> None:
        path = f"/employees/{await staff.hire('leaver')}"
        his = await staff.api("leaver")
        await api.made(path + "/leave")
        assert (await his.get("/me")).status_code == 401
        await api.made(path + "/return")
        assert (await his.get("/me")).is_success


class TestHistory:
    async def test_the_newest_first_page_by_page(self, api: Api) -> None:
        petrov = "/employees/" + (await api.made("/employees", PETROV))["id"]
        await api.made(petrov + "/change", {"capacity": 40})
        await api.made(petrov + "/leave", {"comment": "Moved away"})
        first = (await api.get(petrov + "/history", limit=2)).json()
        rest = (await api.get(petrov + "/history", limit=2, cursor=first["next_cursor"])).json()
        assert [item["topic"] for item in first["items"] + rest["items"]] == [
            "employees.left",
            "employees.changed",
            "employees.registered",
        ]
        assert first["items"][0]["data"]["comment"] == "Moved away"
        assert first["items"][0]["actor"]["code"] == "head"
        assert rest["next_cursor"] is None

    async def test_nobody_has_none(self, api: Api) -> None:
        client = (await api.lead()).removeprefix("/clients/")
        for unknown in (uuid4(), client):
            answer = await api.get(f"/employees/{unknown}/history")
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_employee")


class TestListEmployees:
    async def test_by_step_role_and_whether_they_left(self, api: Api, staff: Staff) -> None:
        await staff.hire("a", Role.COLD_CONTACT_MANAGER, steps=frozenset({Step.LEAD_GENERATION}))
        closer = await staff.hire("b", Role.CLOSING_MANAGER, steps=frozenset({Step.FIRST_DEAL}))
        await api.made(f"/employees/{closer}/leave")

        async def codes(**wanted: object) -> list[str]:
            return [item["code"] for item in (await api.get("/employees", **wanted)).json()["items"]]

        assert await codes() == ["a", "b", "head"]
        assert await codes(step="lead_generation") == ["a", "head"]
        assert await codes(role="closing_manager") == ["b"]
        assert await codes(has_left=True) == ["b"]
        assert await codes(step="first_deal", has_left=False) == ["head"]

    async def test_page_by_page(self, api: Api, staff: Staff) -> None:
        for code in ("a", "b", "c"):
            await staff.hire(code)
        first = (await api.get("/employees", limit=3)).json()
        second = (await api.get("/employees", limit=3, cursor=first["next_cursor"])).json()
        assert [item["code"] for item in first["items"] + second["items"]] == ["a", "b", "c", "head"]
        assert second["next_cursor"] is None

    async def test_at_most_200(self, api: Api) -> None:
        assert (await api.get("/employees", limit=201)).status_code == 422


async def test_nobody_gives_himself_a_role(staff: Staff) -> None:
    seller = await staff.hire("seller", Role.WAREHOUSE)
    api = await staff.api("seller")
    answer = await api.post(f"/employees/{seller}/change", {"roles": ["administrator"]})
    assert (answer.status_code, answer.json()["facts"]["roles"]) == (403, ["administrator", "director", "head"])
    assert (await api.get(f"/employees/{seller}")).json()["roles"] == ["warehouse"]
