"""Handoffs, conversion and value over HTTP, after clients went through the steps."""

from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from domain.types import Role, Step
from tests.app.api.conftest import CONTACT, Api, Staff


class Walk(NamedTuple):
    """What a client's way left: its path, its handoffs, who worked it, and the position of the last command."""

    api: Api
    client: str
    handoffs: tuple[str, str]
    closer: str
    position: int

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.api.get(path, after=self.position, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def client_id(self) -> str:
        return self.client.removeprefix("/clients/")


@pytest.fixture
async def walk(staff: Staff, api: Api) -> Walk:
    """A client served in the end, and one just registered."""
    closer = str(await staff.hire("closer", Role.CLOSING_MANAGER, steps=frozenset({Step.FIRST_DEAL})))
    account = str(await staff.hire("account", Role.ACCOUNT_MANAGER, steps=frozenset({Step.ACCOUNT_SERVICE})))
    await api.lead(origin="social")
    client = await api.lead(industry="metallurgy", retention_years="3")
    person = {"name": "Anna Petrova", "role": "decides", "personality_type": "driver"}
    key_person_id = (await api.made(client + "/key-persons", person))["key_person_id"]
    await api.made(client + "/contacts", CONTACT | {"key_person_id": key_person_id})
    await api.made(client + "/qualify", {"need": "Pipes"})
    first = (await api.made(client + "/handoffs", {"to_employee_id": closer}))["handoff_id"]
    await api.made(f"{client}/handoffs/{first}/accept")
    deal = (await api.made(client + "/deals", {"amount": "12000", "currency": "EUR"}))["deal_id"]
    await api.made(f"{client}/deals/{deal}/win", {"revenue": "12000.50", "cost": "8000"})
    second = (await api.made(client + "/handoffs", {"to_employee_id": account}))["handoff_id"]
    await api.made(f"{client}/handoffs/{second}/accept")
    last = await api.made(client + "/payments", {"amount": "5000", "currency": "EUR"})
    return Walk(api, client, (first, second), closer, last["position"])


class TestHandoffs:
    async def test_the_offers_of_a_client(self, walk: Walk) -> None:
        page = await walk.get("/handoffs", client_id=walk.client_id, limit=1)
        rest = await walk.get("/handoffs", client_id=walk.client_id, limit=1, cursor=page["next_cursor"])
        assert [item["id"] for item in (*page["items"], *rest["items"])] == [*reversed(walk.handoffs)]
        first = rest["items"][0]
        assert (first["state"], first["outcome"], first["overdue"]) == ("accepted", "converted", False)
        assert first["to_employee"] == {"id": walk.closer, "code": "closer", "name": "Closer"}
        assert first["client_name"] == "Northern Steel"

    async def test_quality(self, walk: Walk) -> None:
        report = await walk.get("/reports/handoffs")
        assert [(item["from_step"], item["to_step"], item["accepted"]) for item in report["items"]] == [
            ("first_deal", "account_service", 1),
            ("lead_generation", "first_deal", 1),
        ]
        assert report["total"]["handed_over"] == {"accepted": 2, "converted": 1, "lost": 0, "rate": 1.0}
        by_employee = await walk.get("/reports/handoffs", by="to_employee")
        assert {item["to_employee"]["name"] for item in by_employee["items"]} == {"Closer", "Account"}

    async def test_a_bad_cursor_names_its_field(self, api: Api) -> None:
        answer = await api.get("/handoffs", cursor="nonsense")
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["cursor"])


class TestConversion:
    async def test_by_step(self, walk: Walk) -> None:
        report = await walk.get("/reports/conversion")
        assert report["items"][0] == {
            "step": "lead_generation",
            "entered": 2,
            "converted": 1,
            "lost": 0,
            "returned": 0,
            "in_step": 1,
            "rate": 0.5,
        }
        assert [item["rate"] for item in report["items"]] == [0.5, 1.0, None]
        assert report["total"]["steps"]["account_service"]["in_step"] == 1

    async def test_by_a_dimension_and_its_clients(self, walk: Walk) -> None:
        report = await walk.get("/reports/conversion", by="origin", basis="period")
        assert {item["origin"]: item["converted"] for item in report["items"]} == {"cold_base": 1, "social": 0}
        behind = await walk.get("/reports/conversion/clients", figure="converted", origin="cold_base")
        assert [item["id"] for item in behind["items"]] == [walk.client_id]
        unknown = await walk.get("/reports/conversion/clients", industry="")
        assert len(unknown["items"]) == 1
        worked = await walk.get("/reports/conversion/clients", step="first_deal", employee_id=walk.closer)
        assert worked["items"][0]["employee"]["code"] == "closer"

    @pytest.mark.parametrize(
        ("filters", "entered"),
        [
            ({"origin": "social"}, 1),
            ({"origin": "cold_base", "industry": "metallurgy"}, 1),
            ({"origin": "social", "industry": "metallurgy"}, 0),
            ({"industry": ""}, 1),
            ({"client_type": "driver"}, 1),
            ({"personality_type": "driver"}, 1),
            ({"client_type": "", "employee_type": ""}, 1),
            ({"employee_type": "driver"}, 0),
        ],
    )
    async def test_filtered(self, walk: Walk, filters: dict[str, str], entered: int) -> None:
        report = await walk.get("/reports/conversion", by="month", **filters)
        times = await walk.get("/reports/time-in-step", step="lead_generation", **filters)
        behind = await walk.get("/reports/conversion/clients", **filters)
        assert report["total"]["entered"] == len(behind["items"]) == entered
        assert times["total"]["count"] + times["total"]["still_in_step"] == entered

    async def test_filtered_by_employee_and_moment(self, walk: Walk) -> None:
        mine = {"step": "first_deal", "employee_id": walk.closer}
        assert (await walk.get("/reports/conversion", **mine))["total"]["converted"] == 1
        assert (await walk.get("/reports/time-in-step", **mine))["total"]["count"] == 1
        before = await walk.get("/reports/conversion", at="2020-01-01T00:00:00Z", **mine)
        assert before["total"]["entered"] == 0
        refused = await walk.api.get("/reports/time-in-step", employee_id="closer")
        assert list(refused.json()["errors"]) == ["employee_id"]

    async def test_by_employee(self, walk: Walk) -> None:
        report = await walk.get("/reports/conversion", by="employee", step="first_deal")
        assert [item["employee"] for item in report["items"]] == [
            {"id": walk.closer, "code": "closer", "name": "Closer"}
        ]

    async def test_before_anything_was_recorded(self, walk: Walk) -> None:
        report = await walk.get("/reports/conversion", as_of="2020-01-01T00:00:00Z", by="origin")
        assert (report["items"], report["total"]["entered"]) == ([], 0)

    async def test_time_in_step(self, walk: Walk) -> None:
        report = await walk.get("/reports/time-in-step", by="step")
        assert [(item["step"], item["count"]) for item in report["items"]] == [
            ("lead_generation", 1),
            ("first_deal", 1),
            ("account_service", 0),
        ]
        assert report["total"]["still_in_step"] == 2

    @pytest.mark.parametrize(
        ("field", "params"),
        [
            ("by", {"by": "weather"}),
            ("from", {"from": "yesterday"}),
            ("from", {"from": "2026-01-01T00:00:00"}),
            ("to", {"from": "2026-02-01", "to": "2026-01-01T00:00:00+03:00"}),
            ("as_of", {"as_of": "2999-01-01T00:00:00Z"}),
        ],
    )
    async def test_bad_parameters_are_named(self, api: Api, field: str, params: dict[str, str]) -> None:
        answer = await api.get("/reports/conversion", **params)
        assert answer.status_code == 422
        assert list(answer.json()["errors"]) == [field]


class TestValue:
    async def test_of_a_client(self, walk: Walk) -> None:
        value = await walk.get(walk.client + "/value")
        (euros,) = value["realised"]
        assert (euros["revenue"], euros["margin"], euros["paid"]) == ("12000.50", "4000.50", "5000.00")
        assert value["expected"][0]["retained_years"] == {"value": "3.0000", "source": "card"}
        assert value["expected"][0]["missing"] == ["average_purchase", "purchases_per_year"]

    async def test_of_nobody(self, api: Api) -> None:
        answer = await api.get(f"/clients/{uuid4()}/value")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_client")

    async def test_by_industry_and_its_clients(self, walk: Walk) -> None:
        report = await walk.get("/reports/value")
        (item,) = report["items"]
        assert (item["industry"], item["clients"], item["revenue"], item["share_of_revenue"]) == (
            "metallurgy",
            1,
            "12000.50",
            1.0,
        )
        assert report["total"]["currencies"]["EUR"]["paid"] == "5000.00"
        behind = await walk.get("/reports/value/clients", industry="metallurgy", currency="EUR")
        assert [item["id"] for item in behind["items"]] == [walk.client_id]

    async def test_by_year_and_employee(self, walk: Walk) -> None:
        by_year = await walk.get("/reports/value", by="year", **{"from": "2020-01-01"})
        assert by_year["items"][0]["year"] >= 2026
        by_employee = await walk.get("/reports/value", by="employee")
        assert by_employee["items"][0]["employee"]["name"] == "Account"

    async def test_an_employee_that_is_no_id(self, api: Api) -> None:
        answer = await api.get("/reports/value/clients", employee_id="closer")
        assert list(answer.json()["errors"]) == ["employee_id"]
