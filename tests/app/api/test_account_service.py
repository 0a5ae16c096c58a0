"""The reports of account service over HTTP, after a client came all the way and bought again."""

from typing import Any, NamedTuple

import pytest

from domain.employee import employee_id
from domain.types import Role, Step
from tests.app.api.conftest import CONTACT, Api, Staff


class Served(NamedTuple):
    """A client in account service with a deal won and an order placed, and the position of the last command."""

    api: Api
    client: str
    position: int

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.api.get(path, after=self.position, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def client_id(self) -> str:
        return self.client.removeprefix("/clients/")


HISTORY = {
    "registered": "2024-01-05T09:00:00Z",
    "won": "2024-01-20T09:00:00Z",
    "handed": "2024-01-21T09:00:00Z",
    "ordered": "2024-03-10T09:00:00Z",
}


@pytest.fixture
async def served(staff: Staff, api: Api) -> Served:
    closer = str(await staff.hire("closer", Role.CLOSING_MANAGER, steps=frozenset({Step.FIRST_DEAL})))
    account = str(await staff.hire("account", Role.ACCOUNT_MANAGER, steps=frozenset({Step.ACCOUNT_SERVICE})))
    started, won, handed = (
        {"occurred_at": HISTORY["registered"]},
        {"occurred_at": HISTORY["won"]},
        {"occurred_at": HISTORY["handed"]},
    )
    client = await api.lead(industry="metallurgy", region="north", **started)
    person = {"name": "Anna Petrova", "role": "decides", "personality_type": "driver"}
    key_person_id = (await api.made(client + "/key-persons", person | started))["key_person_id"]
    await api.made(client + "/contacts", CONTACT | {"key_person_id": key_person_id} | started)
    await api.made(client + "/qualify", {"need": "Pipes"} | started)
    first = (await api.made(client + "/handoffs", {"to_employee_id": closer} | started))["handoff_id"]
    await api.made(f"{client}/handoffs/{first}/accept", started)
    deal = (await api.made(client + "/deals", {"amount": "12000", "currency": "EUR"} | started))["deal_id"]
    await api.made(f"{client}/deals/{deal}/win", {"revenue": "12000.50", "cost": "8000"} | won)
    second = (await api.made(client + "/handoffs", {"to_employee_id": account} | handed))["handoff_id"]
    await api.made(f"{client}/handoffs/{second}/accept", handed)
    lines = [{"text": "Pipe 40", "quantity": "10", "price": "100", "cost": "70"}]
    placed = await api.made(client + "/orders", {"currency": "EUR", "lines": lines, "occurred_at": HISTORY["ordered"]})
    return Served(api, client, placed["position"])


async def test_cohorts(served: Served) -> None:
    report = await served.get("/reports/cohorts", region="north", **{"from": "2024-01-01", "to": "2024-12-31"})
    (cohort,) = report["items"]
    assert (cohort["cohort"], cohort["currency"], cohort["clients"]) == ("2024-01", "EUR", 1)
    first, second, third = cohort["months"][:3]
    assert (first["revenue"], first["margin_per_client"], first["is_over"]) == ("12000.50", "4000.50", True)
    assert (second["clients"], second["share"], second["cumulative_revenue"]) == (0, 0.0, "12000.50")
    assert (third["month"], third["clients"], third["revenue_per_client"]) == ("2024-03", 1, "13000.50")
    assert report["total"]["EUR"][2]["share"] == 1.0
    asked = {"cohort": "2024-01", "currency": "EUR", "months_since": 1, "bought": False}
    lapsed = await served.get("/reports/cohorts/clients", **asked)
    assert [(item["id"], item["employee"]["code"]) for item in lapsed["items"]] == [(served.client_id, "account")]
    before = await served.get("/reports/cohorts", as_of="2024-01-31T00:00:00Z")
    assert before == {"items": [], "next_cursor": None, "total": {}}
    for cohort_month in ("2024-13", "2024-01-02", "January"):
        answer = await served.api.get("/reports/cohorts/clients", cohort=cohort_month, currency="EUR")
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["cohort"])


async def test_a_dormant_client_is_offered_back(served: Served) -> None:
    assert (await served.get("/worklists/dormant-clients"))["items"] == []
    await served.api.made(f"/employees/{employee_id('account')}/change", {"department": "service"})
    weekly = await served.api.made(served.client + "/card", {"purchase_interval": "weekly"})
    dormant = served._replace(position=weekly["position"])
    listed = {"department": "service", "currency": "EUR", "sort": "-revenue", "step": "account_service"}
    (item,) = (await dormant.get("/worklists/dormant-clients", **listed))["items"]
    assert (item["id"], item["owner"]["code"], item["interval_days"]) == (served.client_id, "account", 7.0)
    assert (item["interval_source"], item["last_purchase_at"]) == ("card", HISTORY["ordered"])
    assert item["dormant_from"].startswith("2024-03-24T")
    assert item["realised"] == [{"currency": "EUR", "revenue": "13000.50", "margin": "4300.50"}]
    card = await dormant.get(served.client)
    assert card["dormant_from"][:19] == item["dormant_from"][:19]
    assert (item["offer"], item["not_offered_because"]) == (None, None)
    offered = await served.api.made(item["offer_back"].removeprefix("/api/v1"), {"to_step": "lead_generation"})
    (item,) = (await dormant._replace(position=offered["position"]).get("/worklists/dormant-clients"))["items"]
    assert (item["offer"]["handoff_id"], item["offer"]["to_step"]) == (offered["handoff_id"], "lead_generation")
    assert item["offer_back"] is None
    assert item["not_offered_because"]
    nobody = await dormant.get("/worklists/dormant-clients", department="nowhere")
    assert nobody["items"] == []
    answer = await served.api.get("/worklists/dormant-clients", sort="-revenue")
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["currency"])


async def test_segments_and_their_leads_not_yet_worked(served: Served) -> None:
    api = served.api
    lead = await api.lead(industry="metallurgy", region="south")
    newest = await api.made("/clients", {"name": "Birch", "origin": "social", "industry": "wood"})
    seen = served._replace(position=newest["position"])
    report = await seen.get("/reports/segments", currency="EUR", **{"from": "2024-01-01", "to": "2024-02-01"})
    metal, wood = report["items"]
    assert (metal["segment"], metal["registered"], metal["clients"], metal["unworked_leads"]) == ("metallurgy", 2, 1, 1)
    assert (metal["share_of_clients"], wood["share_of_clients"], wood["currencies"]) == (1.0, 0.0, [])
    (euros,) = metal["currencies"]
    assert (euros["revenue"], euros["share_of_revenue"], euros["without_expectation"]) == ("12000.50", 1.0, 1)
    assert report["total"]["currencies"]["EUR"]["margin"] == "4000.50"
    leads = await seen.get("/reports/segments/unworked-leads", currency="EUR")
    assert (leads["segments"], [item["id"] for item in leads["items"]]) == (["metallurgy"], [lead.rpartition("/")[2]])
    by_name = await seen.get("/reports/segments/unworked-leads", segment="wood")
    assert [item["name"] for item in by_name["items"]] == ["Birch"]
    before = await seen.get("/reports/segments", at="2024-01-10T00:00:00Z", by="region")
    assert [(item["segment"], item["registered"], item["clients"]) for item in before["items"]] == [("north", 1, 0)]


async def test_saturation(served: Served) -> None:
    report = await served.get("/reports/saturation", **{"from": "2024-01-01", "to": "2024-03-31"})
    by_code = {item["employee"]["code"]: item for item in report["items"]}
    closer, account = by_code["closer"], by_code["account"]
    assert closer["has_stopped"] is True
    assert closer["reason"].startswith("No new client in ")
    assert "the last in 2024-01. New clients before: 1, months: 1." in closer["reason"]
    assert [month["first_deals"] for month in closer["months"]] == [1, 0, 0]
    assert (account["book"], account["has_stopped"], account["reason"]) == (
        1,
        False,
        "He has never brought a new client.",
    )
    assert [month["book"] for month in account["months"]] == [1, 1, 1]
    patient = await served.get("/reports/saturation", months_without=60, employee_id=closer["employee"]["id"])
    assert [item["has_stopped"] for item in patient["items"]] == [False]
    asked = {"employee_id": account["employee"]["id"], "month": "2024-02"}
    behind = await served.get("/reports/saturation/clients", **asked)
    assert [item["id"] for item in behind["items"]] == [served.client_id]
    before = await served.get("/reports/saturation", at="2024-01-20T23:00:00Z", department="nowhere")
    assert before["items"] == []


async def test_additional_sales(served: Served) -> None:
    found = await served.get(served.client + "/additional-sales", minimum_clients=1, minimum_group=1)
    assert (found["similarity"], found["group_clients"], found["buys"]) == (
        {"industry": "metallurgy", "region": "north"},
        1,
        1,
    )
    assert found["items"] == []
    account = str(employee_id("account"))
    book = await served.get("/reports/additional-sales", employee_id=account)
    assert [(item["id"], item["similarity"]) for item in book["items"]] == [(served.client_id, {})]
    unknown = await served.api.get(f"/clients/{employee_id('nobody')}/additional-sales")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_client")
    answer = await served.api.get("/reports/additional-sales", employee_id=account, minimum_support="2")
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["minimum_support"])


async def test_plan_and_fact_of_expansion(served: Served, staff: Staff) -> None:
    account = str(employee_id("account"))
    plan = {"employee_id": account, "month": "2024-03", "currency": "EUR", "revenue_growth": "2000"}
    seller = await staff.api("account")
    refused = await seller.post("/regulation/expansion-plans", plan)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    await served.api.made("/regulation/expansion-plans", plan)
    again = await served.api.post("/regulation/expansion-plans", plan)
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_change")
    report = await served.get("/reports/expansion", currency="EUR", month="2024-03")
    (item,) = report["items"]
    assert (item["employee"]["code"], item["clients"], item["revenue"]) == ("account", 1, "1000.00")
    assert (item["revenue_before"], item["growth"], item["planned_growth"]) == ("6000.25", "-5000.25", "2000.00")
    assert (item["growth_percent_of_plan"], item["articles_percent_of_plan"]) == (-250.0, None)
    assert (report["is_over"], report["total"]["growth"]) == (True, "-5000.25")
    behind = await served.get("/reports/expansion/clients", currency="EUR", month="2024-03", employee_id=account)
    assert [(each["id"], each["additional_articles"]) for each in behind["items"]] == [(served.client_id, [])]
    unknown = await served.api.post("/regulation/expansion-plans", plan | {"month": "March"})
    assert (unknown.status_code, list(unknown.json()["errors"])) == (422, ["month"])
