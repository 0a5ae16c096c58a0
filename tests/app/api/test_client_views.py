"""The card, the history and the board over HTTP."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete

from app.services import Services
from domain.types import Role
from projections.card import CARDS
from tests.app.api.conftest import CONTACT, LEAD, Api, Staff, head

JANUARY, FEBRUARY, MARCH = (f"2024-{month:02}-01T00:00:00Z" for month in (1, 2, 3))


async def check_packet(api: Api, path: str) -> None:
    """The offer has the packet that was frozen with it."""
    found = (await api.get(path)).json()
    assert (path.rpartition("/")[2], found["state"], found["overdue"]) == (found["id"], "waiting", False)
    assert (found["comment"], found["packet"]["need"], found["to_employee"]["code"]) == ("Soon", "Pipes", "closer")
    assert [person["name"] for person in found["packet"]["key_persons"]] == ["Anna"]
    unknown = await api.get(path[:-12] + "0" * 12)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_handoff")
    nobody = await api.get("/clients/0190f3a0-3c1e-4b52-8c0e-5a1f5c0f7a11/handoffs/" + found["id"])
    assert (nobody.status_code, nobody.json()["code"]) == (404, "unknown_client")


class TestCard:
    async def test_everything_at_once(self, api: Api) -> None:
        me = (await api.get("/me")).json()["employee_id"]
        client = await api.lead(phones=["+7 495 1"], category="A", owner_id=me)
        await api.made(client + "/key-persons", {"name": "Anna", "role": "decides", "personality_type": "driver"})
        await api.made(client + "/contacts", CONTACT)
        task = {"text": "Call", "due_at": "2030-01-15T10:00:00Z"}
        last = await api.made(client + "/tasks", task)
        answer = await api.get(client, after=last["position"])
        card = answer.json()
        assert answer.headers["ETag"] == '"5"'
        expected: dict[str, Any] = {
            "version": 5,
            "name": "Northern Steel",
            "category": "A",
            "status": "active",
            "money": [],
        }
        assert card | expected == card
        assert card["next_step"] == card["tasks"][0]
        assert card["next_step"]["text"] == "Call"
        assert card["contacts"][0]["employee"]["code"] == "head"
        assert card["key_persons"][0]["name"] == "Anna"
        assert (card["counts"]["contacts"], card["counts"]["open_tasks"]) == (1, 1)

    async def test_a_client_that_the_view_does_not_have_yet(self, api: Api, services: Services) -> None:
        client = await api.lead()
        await api.get(client, after=await head(api))
        async with services.engine.begin() as connection:
            await connection.execute(delete(CARDS))
        answer = await api.get(client)
        assert (answer.json()["name"], answer.headers["ETag"]) == ("Northern Steel", '"1"')

    async def test_the_etag_serves_a_command(self, api: Api) -> None:
        client = await api.lead()
        etag = (await api.get(client, after=await head(api))).headers["ETag"]
        assert (await api.post(client + "/contacts", CONTACT, If_Match=etag)).status_code == 201
        assert (await api.post(client + "/contacts", CONTACT, If_Match=etag)).status_code == 412

    async def test_money_and_the_waiting_handoff(self, api: Api, staff: Staff) -> None:
        other = await staff.hire("closer", Role.CLOSING_MANAGER)
        client = await api.lead()
        person = {"name": "Anna", "role": "decides", "personality_type": "driver"}
        key_person_id = (await api.made(client + "/key-persons", person))["key_person_id"]
        await api.made(client + "/contacts", CONTACT | {"key_person_id": key_person_id})
        await api.made(client + "/qualify", {"need": "Pipes"})
        offer = await api.made(client + "/handoffs", {"to_employee_id": str(other), "comment": "Soon"})
        waiting = (await api.get(client, after=offer["position"])).json()
        assert waiting["handoff"]["to_employee"]["code"] == "closer"
        assert waiting["qualification"]["comment"] == "Pipes"
        await check_packet(api, f"{client}/handoffs/{offer['handoff_id']}")
        await api.made(f"{client}/handoffs/{offer['handoff_id']}/accept")
        deal = await api.made(client + "/deals", {"amount": "100", "currency": "EUR"})
        opened = (await api.get(client, after=deal["position"])).json()
        assert opened["money"][0] | {"expected": "100.00", "open_deals": 1, "paid": "0.00"} == opened["money"][0]
        won = await api.made(f"{client}/deals/{deal['deal_id']}/win", {"revenue": "90.50", "cost": "60"})
        card = (await api.get(client, after=won["position"])).json()
        money = {"revenue": "90.50", "cost": "60.00", "margin": "30.50", "won_deals": 1, "expected": "0.00"}
        assert card["money"][0] | money == card["money"][0]
        assert (card["last_purchase"]["kind"], card["last_purchase"]["amount"]) == ("deal", "90.50")
        assert (card["handoff"], card["need"], card["orders"]) == (None, "Pipes", [])
        [shown] = card["deals"]
        assert (shown["id"], shown["state"], shown["amount"]) == (deal["deal_id"], "won", "90.50")
        [handed] = card["handoffs"]
        assert (handed["id"], handed["state"]) == (offer["handoff_id"], "accepted")

    async def test_as_it_stood_and_as_it_was_known(self, api: Api) -> None:
        client = await api.lead(occurred_at=JANUARY)
        known = datetime.now(UTC).isoformat()
        await api.made(client + "/contacts", CONTACT | {"occurred_at": FEBRUARY})
        await api.made(client + "/contacts", CONTACT | {"occurred_at": MARCH})

        async def contacts(**moments: str) -> int:
            answer = await api.get(client, **moments)
            assert "ETag" not in answer.headers
            return answer.json()["counts"]["contacts"]

        assert await contacts(at=FEBRUARY) == 1
        assert await contacts(as_of=known) == 0
        assert await contacts(as_of=known, at=MARCH) == 0
        assert await contacts(as_of=datetime.now(UTC).isoformat(), at=MARCH) == 2

    async def test_a_client_that_is_not_there(self, api: Api) -> None:
        unknown = "/clients/0190f3a0-3c1e-4b52-8c0e-5a1f5c0f7a11"
        client = await api.lead(occurred_at=FEBRUARY)
        employee = (await api.get("/me")).json()["employee_id"]
        for path in (unknown, f"/clients/{employee}"):
            for suffix in ("", "/history"):
                answer = await api.get(path + suffix)
                assert (answer.status_code, answer.json()["code"]) == (404, "unknown_client")
        for suffix in ("", "/history"):
            assert (await api.get(client + suffix, at=JANUARY)).status_code == 404
            assert (await api.get(client + suffix, as_of=JANUARY)).status_code == 404
        assert (await api.get("/clients/x")).status_code == 422


class TestHistory:
    async def test_the_newest_first_page_by_page(self, api: Api) -> None:
        client = await api.lead()
        made = [await api.made(client + "/contacts", CONTACT) for _ in range(4)]
        first = (await api.get(client + "/history", limit=3, after=made[-1]["position"])).json()
        rest = (await api.get(client + "/history", limit=3, cursor=first["next_cursor"])).json()
        assert [entry["version"] for entry in first["items"] + rest["items"]] == [5, 4, 3, 2, 1]
        assert rest["next_cursor"] is None

    async def test_an_entry(self, api: Api) -> None:
        client = await api.lead(occurred_at=JANUARY)
        made = await api.made(client + "/contacts", CONTACT | {"occurred_at": FEBRUARY})
        entry = (await api.get(client + "/history")).json()["items"][0]
        assert (entry["position"], entry["version"]) == (made["position"], 2)
        assert (entry["topic"], entry["occurred_at"]) == ("contacts.recorded", FEBRUARY)
        assert entry["actor"]["code"] == "head"
        assert entry["data"]["summary"] == CONTACT["summary"]

    async def test_filters_and_moments(self, api: Api) -> None:
        client = await api.lead(occurred_at=JANUARY)
        known = datetime.now(UTC).isoformat()
        await api.made(client + "/contacts", CONTACT | {"occurred_at": FEBRUARY})
        await api.made(client + "/decisions", {"text": "Go on", "occurred_at": MARCH})

        async def topics(**params: Any) -> list[str]:
            return [entry["topic"] for entry in (await api.get(client + "/history", **params)).json()["items"]]

        assert await topics(topic=["contacts.recorded", "decisions.made"]) == ["decisions.made", "contacts.recorded"]
        assert await topics(**{"from": FEBRUARY, "to": MARCH}) == ["contacts.recorded"]
        assert await topics(at=FEBRUARY) == ["contacts.recorded", "clients.registered"]
        assert await topics(as_of=known) == ["clients.registered"]
        assert await topics(topic="deals.won") == []

    @pytest.mark.parametrize("cursor", ["x", "WyIwIl0", "WyItMSJd", "WyI5OTk5OTk5OTk5OTk5OTk5OTk5OTk5Il0"])
    async def test_a_broken_cursor(self, api: Api, cursor: str) -> None:
        answer = await api.get(await api.lead() + "/history", cursor=cursor)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["cursor"])


class TestBoard:
    async def test_columns_and_their_pages(self, api: Api) -> None:
        ids = [(await api.made("/clients", LEAD | {"occurred_at": at}))["id"] for at in (FEBRUARY, JANUARY, MARCH)]
        board = (await api.get("/board", limit=2, after=await head(api))).json()["items"]
        assert [(column["step"], column["count"]) for column in board] == [
            ("lead_generation", 3),
            ("first_deal", 0),
            ("account_service", 0),
        ]
        assert [card["id"] for card in board[0]["items"]] == [ids[1], ids[0]]
        [rest] = (await api.get("/board", step="lead_generation", cursor=board[0]["next_cursor"])).json()["items"]
        assert ([card["id"] for card in rest["items"]], rest["count"]) == ([ids[2]], 3)

    @pytest.mark.parametrize(
        ("params", "field"),
        [({"cursor": "x"}, "step"), ({"cursor": "x", "step": "first_deal"}, "cursor"), ({"limit": 500}, "limit")],
    )
    async def test_bad_parameters_are_named(self, api: Api, params: dict[str, Any], field: str) -> None:
        answer = await api.get("/board", **params)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
