"""Inquiries and the response rule over HTTP."""

from typing import Any

import pytest

from domain.types import Role
from tests.app.api.conftest import CONTACT, Api, Staff

EARLIER = "2026-03-01T09:00:00Z"
ASKED = {"channel": "email", "subject": "Pipes", "text": "How much?", "occurred_at": "2026-03-02T10:00:00Z"}
ANSWERED_LATE = "2026-03-02T16:30:00Z"


async def client_of(api: Api) -> str:
    """A client of the caller's own, from before everything."""
    employee = (await api.get("/me")).json()["employee_id"]
    return await api.lead(occurred_at=EARLIER, owner_id=employee)


async def listed(api: Api, after: int, **params: Any) -> list[dict[str, Any]]:
    answer = await api.get("/inquiries", after=after, **params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


class TestWorklist:
    async def test_an_inquiry_is_due_after_working_hours_and_then_overdue(self, api: Api) -> None:
        client = await client_of(api)
        made = await api.made(client + "/inquiries", ASKED)
        (item,) = await listed(api, made["position"])
        assert (item["id"], item["due_at"], item["state"]) == (made["inquiry_id"], "2026-03-02T14:00:00Z", "open")
        assert (item["overdue"], item["owner"]["code"], item["client_name"]) == (True, "head", "Northern Steel")
        assert item["subject"] == "Pipes"
        assert await listed(api, made["position"], overdue=False) == []
        assert await listed(api, made["position"], at="2026-03-02T13:59:00Z", overdue=True) == []
        card = (await api.get(client)).json()
        assert [inquiry["text"] for inquiry in card["inquiries"]] == ["How much?"]
        assert card["counts"]["open_inquiries"] == 1

    async def test_answered_by_a_contact(self, api: Api) -> None:
        client = await client_of(api)
        inquiry = (await api.made(client + "/inquiries", ASKED))["inquiry_id"]
        answer = CONTACT | {"answers_inquiry_id": inquiry, "occurred_at": ANSWERED_LATE}
        made = await api.made(client + "/contacts", answer)
        assert await listed(api, made["position"]) == []
        (item,) = await listed(api, made["position"], state="answered", in_time=False)
        assert (item["contact_id"], item["working_minutes"]) == (made["contact_id"], 390)
        assert (await api.get(client)).json()["inquiries"] == []
        topics = [entry["topic"] for entry in (await api.get(client + "/history")).json()["items"]]
        assert topics[:2] == ["inquiries.answered", "contacts.recorded"]

    async def test_answered_in_writing_and_closed(self, api: Api) -> None:
        client = await client_of(api)
        first = (await api.made(client + "/inquiries", ASKED))["inquiry_id"]
        second = (await api.made(client + "/inquiries", ASKED))["inquiry_id"]
        await api.made(f"{client}/inquiries/{first}/answer", {"text": "920", "occurred_at": "2026-03-02T10:30:00Z"})
        made = await api.made(f"{client}/inquiries/{second}/close", {"reason": "duplicate"})
        ended = await listed(api, made["position"], state="all")
        assert {(item["id"], item["state"], item["in_time"], item["reason"]) for item in ended} == {
            (first, "answered", True, None),
            (second, "closed", None, "duplicate"),
        }

    async def test_an_answer_to_nothing(self, api: Api) -> None:
        client = await api.lead()
        unknown = f"{client}/inquiries/5f6c1f0a-2b4e-4f9a-8c3d-7a1e9b0d2c44"
        answer = await api.post(unknown + "/answer", {"text": "920"})
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_inquiry")
        inquiry = (await api.made(client + "/inquiries", {"channel": "phone", "text": "How much?"}))["inquiry_id"]
        nobody = CONTACT | {"answers_inquiry_id": inquiry, "outcome": "no_answer"}
        refused = await api.post(client + "/contacts", nobody, accept_language="ru")
        assert (refused.status_code, refused.json()["code"]) == (409, "nobody_answered")
        assert "не может быть ответом" in refused.json()["title"]
        assert [item["id"] for item in (await api.get(client)).json()["inquiries"]] == [inquiry]

    async def test_filters_and_pages(self, api: Api, staff: Staff) -> None:
        colleague = str(await staff.hire("closer", Role.CLOSING_MANAGER))
        mine, theirs = await client_of(api), await api.lead(occurred_at=EARLIER, owner_id=colleague, category="VIP")
        nobodys = await api.lead(occurred_at=EARLIER)
        made = [(await api.made(client + "/inquiries", ASKED)) for client in (mine, theirs, nobodys)]
        ids, after = [item["inquiry_id"] for item in made], made[-1]["position"]
        assert [item["id"] for item in await listed(api, after, employee_id=colleague)] == [ids[1]]
        assert [item["id"] for item in await listed(api, after, employee_id="")] == [ids[2]]
        assert [item["id"] for item in await listed(api, after, category="VIP", channel="email")] == [ids[1]]
        assert len(await listed(api, after, category="")) == 2
        assert await listed(api, after, step="first_deal") == []
        assert await listed(api, after, **{"from": "2026-03-03"}) == []
        first = (await api.get("/inquiries", limit=2)).json()
        rest = (await api.get("/inquiries", limit=2, cursor=first["next_cursor"])).json()
        assert {item["id"] for item in first["items"] + rest["items"]} == set(ids)

    async def test_of_a_department(self, api: Api, staff: Staff) -> None:
        closer = str(await staff.hire("closer", Role.CLOSING_MANAGER, department="closers"))
        theirs = await api.lead(occurred_at=EARLIER, owner_id=closer)
        made = [await api.made(client + "/inquiries", ASKED) for client in (theirs, await client_of(api))]
        ids, after = [item["inquiry_id"] for item in made], made[-1]["position"]
        assert [item["id"] for item in await listed(api, after, department="closers")] == [ids[0]]
        assert [item["id"] for item in await listed(api, after, department="")] == [ids[1]]
        assert await listed(api, after, department="nowhere") == []
        report = (await api.get("/reports/response", department="closers")).json()
        assert ([item["employee"]["id"] for item in report["items"]], report["total"]["received"]) == ([closer], 1)

    @pytest.mark.parametrize(
        ("field", "params"),
        [
            ("cursor", {"cursor": "nonsense"}),
            ("state", {"state": "lost"}),
            ("employee_id", {"employee_id": "closer"}),
            ("channel", {"channel": "pigeon"}),
            ("overdue", {"overdue": "perhaps"}),
        ],
    )
    async def test_bad_parameters_are_named(self, api: Api, field: str, params: dict[str, str]) -> None:
        answer = await api.get("/inquiries", **params)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])

    async def test_a_category_that_there_is_not(self, api: Api) -> None:
        answer = await api.get("/inquiries", category="D")
        assert answer.status_code == 422
        assert all(name.startswith("category") for name in answer.json()["errors"])


class TestRule:
    async def test_vip_by_messenger_within_half_an_hour(self, api: Api) -> None:
        await api.made("/regulation/response-times", {"category": "VIP", "working_hours": "2"})
        rule = {"category": "VIP", "channel": "messenger", "working_hours": "0.5"}
        made = await api.made("/regulation/response-times", rule)
        client = await api.lead(occurred_at=EARLIER, category="VIP")
        last = await api.made(client + "/inquiries", ASKED | {"channel": "messenger"})
        (item,) = await listed(api, last["position"])
        assert (item["due_at"], item["working_hours"]) == ("2026-03-02T10:30:00Z", "0.5")
        assert item["regulation_version"] == made["version"]
        rules = (await api.get("/regulation")).json()["response_times"]
        assert [rule["working_hours"] for rule in rules] == ["4", "2", "0.5"]

    async def test_a_later_rule_moves_no_due_time(self, api: Api) -> None:
        client = await api.lead(occurred_at=EARLIER)
        await api.made(client + "/inquiries", ASKED)
        made = await api.made("/regulation/response-times", {"working_hours": "1"})
        (item,) = await listed(api, made["position"])
        assert item["due_at"] == "2026-03-02T14:00:00Z"


class TestReport:
    async def test_response_by_employee_channel_category_and_month(self, api: Api) -> None:
        client = await client_of(api)
        waits = [(await api.made(client + "/inquiries", ASKED))["inquiry_id"] for _ in range(3)]
        await api.made(f"{client}/inquiries/{waits[0]}/answer", {"text": "920", "occurred_at": "2026-03-02T11:00:00Z"})
        made = await api.made(f"{client}/inquiries/{waits[1]}/answer", {"text": "920", "occurred_at": ANSWERED_LATE})
        for by, key in (("employee", None), ("channel", "email"), ("category", None), ("month", "2026-03")):
            report = (await api.get("/reports/response", by=by, after=made["position"])).json()
            (item,) = report["items"]
            assert by == "employee" or item[by] == key
            assert (item["received"], item["answered"], item["in_breach"], item["share_in_time"]) == (3, 2, 1, 0.3333)
            assert (item["median_working_hours"], item["p90_working_hours"]) == (3.75, 5.95)
            assert report["total"]["received"] == 3
        by_employee = (await api.get("/reports/response")).json()
        assert by_employee["items"][0]["employee"]["name"] == "Head"
        me = (await api.get("/me")).json()["employee_id"]
        for filters, received in (
            ({"channel": "email", "step": "lead_generation"}, 3),
            ({"channel": "phone"}, 0),
            ({"category": ""}, 3),
            ({"category": "VIP"}, 0),
            ({"employee_id": me}, by_employee["items"][0]["received"]),
        ):
            assert (await api.get("/reports/response", **filters)).json()["total"]["received"] == received, filters
        outside = (await api.get("/reports/response", to="2026-03-01")).json()
        assert (outside["items"], outside["total"]["received"]) == ([], 0)
        before = (await api.get("/reports/response", at="2026-03-02T12:00:00Z")).json()
        assert (before["total"]["answered"], before["total"]["in_breach"]) == (1, 0)

    async def test_a_dimension_that_there_is_not(self, api: Api) -> None:
        answer = await api.get("/reports/response", by="weather")
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["by"])
