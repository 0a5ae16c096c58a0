"""Observed compatibility over HTTP."""

from typing import Any

import pytest

from domain.types import Role, Step
from tests.app.api.conftest import Api, Staff

PRICE = {"failure_reason": "price"}


@pytest.fixture
async def tried(staff: Staff, api: Api) -> dict[str, Any]:
    """A driver has failed with a cat and given way to an amiable one; a wolf was won by the one who made the deal."""
    ids = {name: str(await staff.hire(name, Role.COLD_CONTACT_MANAGER)) for name in ("driver", "amiable")}
    for name, employee_id in ids.items():
        await api.made(f"/employees/{employee_id}/change", {"personality_type": name})
    cat = await api.lead(personality_type="cat", owner_id=ids["driver"], name="Cat")
    await api.made(cat + "/assignments", {"employee_id": ids["amiable"], **PRICE})
    wolf = await api.lead(name="Wolf")
    person = {"name": "Anna", "role": "decides", "personality_type": "wolf"}
    key_person_id = (await api.made(wolf + "/key-persons", person))["key_person_id"]
    contact = {"channel": "phone", "direction": "outbound", "outcome": "reached", "key_person_id": key_person_id}
    await api.made(wolf + "/contacts", contact | {"summary": "Wants pipes"})
    await api.made(wolf + "/qualify", {"need": "Pipes"})
    handoff = (await api.made(wolf + "/handoffs", {"to_employee_id": ids["amiable"]}))["handoff_id"]
    await api.made(f"{wolf}/handoffs/{handoff}/accept")
    deal = (await api.made(wolf + "/deals", {"amount": "10", "currency": "EUR"}))["deal_id"]
    won = await api.made(f"{wolf}/deals/{deal}/win", {"revenue": "10", "cost": "1"})
    return {**ids, "after": won["position"]}


async def report(api: Api, tried: dict[str, Any], **params: Any) -> dict[str, Any]:
    answer = await api.get("/reports/compatibility", after=tried["after"], **params)
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestReport:
    async def test_by_pairs_beside_the_matrix(self, api: Api, tried: dict[str, Any]) -> None:
        found = await report(api, tried)
        items = {(item["employee_type"], item["client_type"]): item for item in found["items"]}
        assert items["driver", "cat"] == {
            "employee_type": "driver",
            "client_type": "cat",
            "configured_score": "0.5",
            "trials": 1,
            "successes": 0,
            "rate": 0.0,
            "low": 0.0,
            "high": 0.7935,
        }
        assert (items["amiable", "wolf"]["successes"], items["amiable", "wolf"]["low"]) == (1, 0.2065)
        assert (items["driver", "driver"]["trials"], items["driver", "driver"]["configured_score"]) == (0, "0.8")
        assert (found["total"]["trials"], found["total"]["successes"]) == (2, 1)

    async def test_by_employee_and_step(self, api: Api, tried: dict[str, Any]) -> None:
        (only,) = (await report(api, tried, by="employee", step="first_deal"))["items"]
        assert only["employee"] == {"id": tried["amiable"], "code": "amiable", "name": "Amiable"}
        assert only["employee_type"] == "amiable"

    async def test_of_a_period(self, api: Api, tried: dict[str, Any]) -> None:
        assert (await report(api, tried, by="client_type", to="2020-12-31"))["items"] == []

    async def test_a_parameter_that_it_does_not_know(self, api: Api) -> None:
        answer = await api.get("/reports/compatibility", kind="cat")
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["kind"])

    async def test_each_employee_with_each_type_of_clients(self, api: Api, tried: dict[str, Any]) -> None:
        split = {"by": "employee_and_client_type"}
        names = ("employee_type", "client_type", "trials", "successes", "rate", "low", "high")
        found = await report(api, tried, **split)
        assert sorted((item["employee"]["name"], *(item[name] for name in names)) for item in found["items"]) == [
            ("Amiable", "amiable", "wolf", 1, 1, 1.0, 0.2065, 1.0),
            ("Driver", "driver", "cat", 1, 0, 0.0, 0.0, 0.7935),
        ]
        first = await report(api, tried, **split, limit=1)
        second = await report(api, tried, **split, limit=1, cursor=first["next_cursor"])
        assert (first["items"] + second["items"], second["next_cursor"]) == (found["items"], None)

    @pytest.mark.parametrize(
        ("params", "trials"),
        [
            ({"client_type": "cat"}, {("driver", "cat"): 1}),
            ({"employee_type": "amiable"}, {("amiable", "wolf"): 1}),
            ({"employee_type": ""}, {}),
            ({"client_type": "cat", "step": "first_deal"}, {}),
        ],
    )
    async def test_filtered(
        self, api: Api, tried: dict[str, Any], params: dict[str, str], trials: dict[tuple[str, str], int]
    ) -> None:
        found = await report(api, tried, **params)
        assert {(item["employee_type"], item["client_type"]): item["trials"] for item in found["items"]} == trials
        of_employee = await report(api, tried, by="client_type", employee_id=tried["driver"])
        assert [item["client_type"] for item in of_employee["items"]] == ["cat"]


class TestTrials:
    @pytest.mark.parametrize(
        ("params", "clients"),
        [
            ({}, ["Wolf", "Cat"]),
            ({"employee_type": "driver"}, ["Cat"]),
            ({"employee_type": ""}, []),
            ({"client_type": "wolf", "success": True}, ["Wolf"]),
            ({"step": Step.FIRST_DEAL.value}, ["Wolf"]),
        ],
    )
    async def test_behind_a_figure(
        self, api: Api, tried: dict[str, Any], params: dict[str, Any], clients: list[str]
    ) -> None:
        answer = await api.get("/reports/compatibility/trials", after=tried["after"], **params)
        assert [item["client_name"] for item in answer.json()["items"]] == clients

    async def test_of_an_employee(self, api: Api, tried: dict[str, Any]) -> None:
        params = {"after": tried["after"], "employee_id": tried["driver"]}
        (trial,) = (await api.get("/reports/compatibility/trials", **params)).json()["items"]
        assert (trial["employee"]["code"], trial["employee_type"], trial["client_type"]) == ("driver", "driver", "cat")
        assert (await api.get("/reports/compatibility/trials", employee_id="x")).status_code == 422
