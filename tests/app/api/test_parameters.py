"""What a GET understands: its own parameters, dates and instants, topics that exist."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.app.api.conftest import CONTACT, Api

ROUTES = (
    "/clients",
    "/board",
    "/handoffs",
    "/inquiries",
    "/tasks",
    "/worklists/without-next-step",
    "/reports/tasks",
    "/reports/response",
    "/reports/handoffs",
    "/reports/conversion",
    "/reports/conversion/clients",
    "/reports/time-in-step",
    "/reports/value",
    "/reports/value/clients",
    "/employees",
    "/regulation",
    "/categories/previews",
    "/worklists/overdue-contacts",
    "/scripts",
    "/reports/scripts",
    "/reports/norms",
    "/reports/norms/proposal",
    "/reports/selling-time",
    "/regulation/calendar",
    "/regulation/holiday-countries",
    "/me",
    "/health",
    "/problems",
    "/events/schemas",
    "/admin/projections",
)


@pytest.mark.parametrize("path", ROUTES)
async def test_an_unknown_parameter_is_refused(api: Api, path: str) -> None:
    answer = await api.get(path, form="2026-01-01")
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["form"])


async def test_an_unknown_parameter_of_one_client(api: Api) -> None:
    client = await api.lead()
    for path in (client, client + "/history", client + "/value"):
        assert list((await api.get(path, form="x")).json()["errors"]) == ["form"]


async def test_every_declared_parameter_is_known(api: Api) -> None:
    document = (await api.http.get("/openapi.json")).json()
    for path, operations in document["paths"].items():
        declared = operations.get("get", {}).get("parameters", [])
        names = [parameter["name"] for parameter in declared if parameter["in"] == "query"]
        answer = await api.get(path.removeprefix("/api/v1"), **dict.fromkeys(names, "x"))
        rules = [error["rule"] for errors in answer.json().get("errors", {}).values() for error in errors]
        assert "extra_forbidden" not in rules, (path, answer.text)


async def test_what_has_one_value_is_sent_once(api: Api) -> None:
    """Else all but one of the values would be dropped without a word."""
    document = (await api.http.get("/openapi.json")).json()
    for path, operations in document["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", []):
            if parameter["in"] == "query" and not parameter["name"].startswith("attribute."):
                answer = await api.get(path.removeprefix("/api/v1"), **{parameter["name"]: ["1", "2"]})
                errors = answer.json().get("errors", {}).get(parameter["name"], [])
                repeated = {"message": "Send this parameter once.", "rule": "repeated"} in errors
                assert repeated is ("array" not in json.dumps(parameter["schema"])), (path, parameter["name"])


@pytest.mark.parametrize("topic", ["contacts.recorded", "contacts.forgotten"])
async def test_topics_of_the_history(api: Api, topic: str) -> None:
    answer = await api.get(await api.lead() + "/history", topic=topic)
    known = topic == "contacts.recorded"
    assert (answer.status_code, list(answer.json().get("errors", {}))) == (
        200 if known else 422,
        [] if known else ["topic"],
    )


class TestPeriod:
    async def test_the_last_day_belongs_to_the_period(self, api: Api) -> None:
        made = await api.made("/clients", {"name": "A", "origin": "social", "occurred_at": "2024-03-31T23:30:00Z"})

        async def entered(**period: str) -> int:
            report = await api.get("/reports/conversion", after=made["position"], **period)
            return report.json()["total"]["entered"]

        assert await entered(**{"from": "2024-03-31", "to": "2024-03-31"}) == 1
        assert await entered(to="2024-03-30") == 0
        assert await entered(to="2024-03-31T00:00:00Z") == 0
        assert await entered(to="2024-03-31T23:30:00.000001Z") == 1
        assert await entered(**{"from": "2024-04-01"}) == 0

    async def test_dates_of_lists(self, api: Api) -> None:
        client = await api.lead(occurred_at="2024-03-31T23:30:00Z")
        made = await api.made(client + "/contacts", CONTACT | {"occurred_at": "2024-04-01T23:30:00Z"})
        after = made["position"]
        registered = {"registered_from": "2024-03-31", "registered_to": "2024-03-31"}
        assert len((await api.get("/clients", after=after, **registered)).json()["items"]) == 1
        assert (await api.get("/clients", after=after, last_contact_to="2024-03-31")).json()["items"] == []
        day = {"from": "2024-04-01", "to": "2024-04-01"}
        [entry] = (await api.get(client + "/history", **day)).json()["items"]
        assert entry["topic"] == "contacts.recorded"

    @pytest.mark.parametrize("bound", ["from", "to"])
    @pytest.mark.parametrize("sent", ["2024-02-30", "1700000000", "2024-01-01T00:00:00", "yesterday", "", "20240101"])
    async def test_what_is_no_bound_is_named_plainly(self, api: Api, bound: str, sent: str) -> None:
        for path in ("/reports/value", await api.lead() + "/history"):
            answer = await api.get(path, **{bound: sent})
            assert (answer.status_code, list(answer.json()["errors"])) == (422, [bound]), answer.text

    @pytest.mark.parametrize(
        ("path", "begin", "end"),
        [
            ("/reports/conversion", "from", "to"),
            ("/tasks", "from", "to"),
            ("/clients", "registered_from", "registered_to"),
            ("/clients", "last_contact_from", "last_contact_to"),
            ("/proposals", "sent_from", "sent_to"),
            ("/regulation/history", "from", "to"),
        ],
    )
    async def test_a_period_without_a_moment_in_it(self, api: Api, path: str, begin: str, end: str) -> None:
        noon = "2024-03-31T12:00:00Z"
        for first, last in (("2024-03-31", "2024-03-30"), (noon, "2024-03-31T11:00:00Z"), (noon, noon)):
            answer = await api.get(path, **{begin: first, end: last})
            assert (answer.status_code, list(answer.json()["errors"])) == (422, [end])
            wrong = {"message": "Send an end after the beginning.", "rule": "before_from"}
            assert answer.json()["errors"][end] == [wrong]
        assert (await api.get(path, **{begin: "2024-03-31", end: "2024-03-31"})).status_code == 200

    async def test_the_last_day_there_is(self, api: Api) -> None:
        assert list((await api.get("/reports/value", to="9999-12-31")).json()["errors"]) == ["to"]


class TestReportsAsOf:
    @pytest.mark.parametrize("path", ["/reports/handoffs", "/reports/time-in-step", "/handoffs"])
    async def test_nothing_was_known_then(self, api: Api, path: str) -> None:
        await api.lead()
        before: dict[str, Any] = (await api.get(path, as_of="2020-01-01T00:00:00Z")).json()
        total = before.get("total", {})
        assert (before["items"], total.get("offered", 0), total.get("still_in_step", 0)) == ([], 0, 0)
        now = datetime.now(UTC).isoformat()
        assert (await api.get(path, as_of=now)).status_code == 200


async def test_large_sums_are_written_out(api: Api) -> None:
    client = await api.lead(owner_id=(await api.get("/me")).json()["employee_id"], industry="steel")
    last = await api.made(client + "/payments", {"amount": "130000", "currency": "EUR"})
    for by in ("industry", "region", "category", "origin", "size", "employee", "year"):
        report = (await api.get("/reports/value", after=last["position"], by=by)).json()
        assert [item["paid"] for item in report["items"]] == ["130000.00"]
        assert report["total"]["currencies"]["EUR"]["paid"] == "130000.00"
    now = datetime.now(UTC).isoformat()
    then = (await api.get("/reports/value", as_of=now, **{"from": "2020-01-01"})).json()
    assert then["items"][0]["paid"] == "130000.00"
    [buyer] = (await api.get("/reports/value/clients")).json()["items"]
    assert (buyer["paid"], buyer["revenue"]) == ("130000.00", "0.00")
