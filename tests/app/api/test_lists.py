"""Every list and report on GET has the one form: pages, `after`, cursors that are checked."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import insert

from app.api import BASE
from app.api.conversion_view import ConversionBy
from app.services import Services
from app.tables import jobs
from projections.conversion_facts import TIME_FORMATS
from tests.app.api.conftest import CONTACT, Api
from tests.app.api.test_documents import PATH

WITHOUT_PAGES = {
    "/board": "a page and a cursor for each step",
    "/clients/{client_id}/account": "three lists with a page each",
    "/clients/{client_id}/additional-sales": "as many as `most` says, of the articles of one client",
    "/clients/{client_id}/prediction": "one for each currency of one client",
    "/events/schemas": "the same for every installation",
    "/problems": "the same for every installation",
    "/regulation/calendar": "the days of at most a year, as asked for",
    "/regulation/holiday-countries": "the same for every installation",
    "/reports/norms/proposal": "one for each role",
}
"""The lists that are no pages, and why."""
UNCHANGING = {"/events/schemas", "/problems", "/regulation/holiday-countries"}
"""What no command changes has no `after`."""


@pytest.fixture
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def lists(document: dict[str, Any]) -> dict[str, set[str]]:
    """The parameters of every GET that answers with items."""
    found: dict[str, set[str]] = {}
    for path, operations in document["paths"].items():
        if "get" in operations and "items" in properties(document, operations["get"]):
            parameters = operations["get"].get("parameters", [])
            found[path.removeprefix(BASE)] = {each["name"] for each in parameters if each["in"] == "query"}
    return found


def properties(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    schema = operation["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"].get(name, schema).get("properties", {})


def test_every_list_has_pages_or_a_reason(document: dict[str, Any]) -> None:
    found = lists(document)
    assert len(found) > 60
    without = {path for path, names in found.items() if not {"limit", "cursor"} <= names}
    assert without <= WITHOUT_PAGES.keys()


def test_every_page_says_where_the_next_one_begins(document: dict[str, Any]) -> None:
    for path in lists(document).keys() - WITHOUT_PAGES.keys():
        assert "next_cursor" in properties(document, document["paths"][BASE + path]["get"]), path


def test_every_list_can_be_read_after_a_command(document: dict[str, Any]) -> None:
    assert {path for path, names in lists(document).items() if "after" not in names} <= UNCHANGING


def test_what_takes_an_id_is_named_so(document: dict[str, Any]) -> None:
    """`employee_id`: whose the row is; `owner_id`: who works the client; never without `_id`."""
    for path, operations in document["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", []):
            name = parameter["name"]
            assert name.endswith("_id") or '"uuid"' not in json.dumps(parameter["schema"]), (path, name)
            assert name not in {"employee", "owner", "seller", "client", "search_assignment", "search", "retired"}, path


@pytest.mark.parametrize("path", ["/reports/conversion", "/reports/conversion/clients", "/reports/time-in-step"])
def test_what_conversion_is_split_by_it_can_be_filtered_by(document: dict[str, Any], path: str) -> None:
    named = {"employee": {"employee_id"}, "search_assignment": {"search_assignment_id"}}
    named |= {"types": {"employee_type", "client_type"}} | {span: {"from", "to"} for span in TIME_FORMATS}
    for by in ConversionBy:
        assert named.get(by.value, {by.value}) <= lists(document)[path], by


async def test_a_cursor_that_is_none_is_named(api: Api, document: dict[str, Any]) -> None:
    await api.lead()
    for path in lists(document).keys() - WITHOUT_PAGES.keys():
        address = path.format_map(Anything(PATH, currency="EUR"))
        answer = await api.get(address, **needed(document, path), cursor="nonsense")
        rules = [error["rule"] for error in answer.json()["errors"].get("cursor", [])]
        assert answer.status_code == 404 or (answer.status_code, rules) == (422, ["bad_cursor"]), (path, answer.text)


NEEDED = {"employee_id": str(uuid4()), "currency": "EUR", "month": "2026-01", "cohort": "2026-01"}


def needed(document: dict[str, Any], path: str) -> dict[str, str]:
    parameters = document["paths"][BASE + path]["get"].get("parameters", [])
    return {each["name"]: NEEDED[each["name"]] for each in parameters if each["in"] == "query" and each["required"]}


async def test_a_cursor_of_the_board_or_of_a_history_that_is_none_is_named_alike(api: Api) -> None:
    for path, asked in (("/board", {"step": "first_deal"}), (await api.lead() + "/history", {})):
        answer = await api.get(path, **asked, cursor="nonsense")
        assert (answer.status_code, answer.json()["errors"]["cursor"][0]["rule"]) == (422, "bad_cursor")


class Anything(dict[str, Any]):
    """Ids of what is not there, for the names of an address that are not listed."""

    def __missing__(self, name: str) -> str:
        return "7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11"


class TestReports:
    async def test_the_pages_of_a_split_add_up(self, api: Api) -> None:
        for number, origin in enumerate(("social", "social", "tender", "referral")):
            await api.lead(name=f"Client {number}", origin=origin)
        me = (await api.get("/me")).json()["employee_id"]
        last = await api.made(await api.lead(name="Worked", owner_id=me) + "/contacts", CONTACT)
        asked = {"by": "origin", "after": last["position"], "limit": 3}
        first = (await api.get("/reports/conversion", **asked)).json()
        second = (await api.get("/reports/conversion", cursor=first["next_cursor"], **asked)).json()
        assert [item["origin"] for item in first["items"]] == ["social", "cold_base", "referral"]
        assert [item["origin"] for item in second["items"]] == ["tender"]
        assert (second["next_cursor"], second["total"]["entered"]) == (None, 5)
        other = await api.get("/reports/conversion", by="industry", cursor=first["next_cursor"])
        assert (other.status_code, other.json()["errors"]["cursor"][0]["rule"]) == (422, "bad_cursor")


async def test_jobs_are_listed_page_by_page(api: Api, services: Services) -> None:
    me = (await api.get("/me")).json()["employee_id"]
    job: dict[str, Any] = {"kind": "import", "requested_by": UUID(me), "state": "failed", "done": 0, "total": 0}
    job["request_digest"] = b""
    job["order"] = {"kind": "leads", "file_name": "a.csv", "dry_run": False, "allow_duplicates": False}
    moments = [datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2, 2)]
    rows = [job | {"id": uuid4(), "started_at": moment, "seen_at": moment} for moment in moments]
    async with services.engine.begin() as connection:
        await connection.execute(insert(jobs), rows)
    first = (await api.get("/imports", limit=2)).json()
    second = (await api.get("/imports", limit=2, cursor=first["next_cursor"])).json()
    newest = sorted(rows, key=lambda row: (row["started_at"], row["id"]), reverse=True)
    assert [item["id"] for item in first["items"] + second["items"]] == [str(row["id"]) for row in newest]
    assert (len(first["items"]), second["next_cursor"]) == (2, None)
