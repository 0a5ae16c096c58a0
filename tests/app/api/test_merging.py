"""Merging clients over HTTP: what is refused, and what is shown."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.app.api.conftest import CONTACT, LEAD, Api
from tests.app.api.test_goods import in_service

WHY = {"reason": "One firm"}


def id_of(path: str) -> str:
    return path.removeprefix("/clients/")


async def two(api: Api, **fields: Any) -> tuple[str, str]:
    """A loser and a survivor."""
    loser = await api.lead(name="Loser", **fields)
    survivor = await api.lead(name="Survivor", **fields)
    return loser, survivor


async def merged(api: Api, loser: str, survivor: str) -> dict[str, Any]:
    return await api.made(loser + "/merge", WHY | {"into_id": id_of(survivor)})


async def topics(api: Api, path: str) -> list[str]:
    return [entry["topic"] for entry in (await api.get(path + "/history")).json()["items"]]


class TestLoser:
    async def test_commands_on_it_name_the_survivor(self, api: Api) -> None:
        loser, survivor = await two(api)
        await merged(api, loser, survivor)
        answer = await api.post(loser + "/contacts", CONTACT)
        assert (answer.status_code, answer.json()["code"]) == (409, "client_merged")
        assert answer.json()["facts"]["into_id"] == id_of(survivor)
        again = await api.post(loser + "/merge", WHY | {"into_id": id_of(survivor)})
        assert (again.status_code, again.json()["code"]) == (409, "client_merged")

    async def test_its_card_is_still_read_and_names_the_survivor(self, api: Api) -> None:
        loser, survivor = await two(api)
        answer = await merged(api, loser, survivor)
        card = (await api.get(loser, after=answer["position"])).json()
        assert (card["name"], card["status"], card["merged_into"]) == ("Loser", "merged", id_of(survivor))
        assert (await api.get(survivor)).json()["merged_into"] is None

    async def test_it_leaves_lists_and_board(self, api: Api) -> None:
        loser, survivor = await two(api)
        answer = await merged(api, loser, survivor)
        listed = (await api.get("/clients", after=answer["position"])).json()["items"]
        assert [item["name"] for item in listed] == ["Survivor"]
        asked_for = (await api.get("/clients", status="merged")).json()["items"]
        assert [item["name"] for item in asked_for] == ["Loser"]
        board = (await api.get("/board", after=answer["position"])).json()
        assert sum(column["count"] for column in board["items"]) == 1


class TestSurvivor:
    async def test_its_history_has_both(self, api: Api) -> None:
        loser, survivor = await two(api)
        await api.made(loser + "/contacts", CONTACT)
        await api.made(survivor + "/contacts", CONTACT)
        await merged(api, loser, survivor)
        assert await topics(api, survivor) == [
            "clients.absorbed",
            "clients.merged",
            "contacts.recorded",
            "contacts.recorded",
            "clients.registered",
            "clients.registered",
        ]
        assert await topics(api, loser) == ["clients.merged", "contacts.recorded", "clients.registered"]

    async def test_its_history_is_paged_and_names_whose_event_it_is(self, api: Api) -> None:
        loser, survivor = await two(api)
        for _ in range(3):
            await api.made(loser + "/contacts", CONTACT)
            await api.made(survivor + "/contacts", CONTACT)
        await merged(api, loser, survivor)
        whole = (await api.get(survivor + "/history")).json()["items"]
        assert [entry["position"] for entry in whole] == sorted((e["position"] for e in whole), reverse=True)
        assert {entry["stream_id"] for entry in whole} == {id_of(loser), id_of(survivor)}
        paged, cursor = [], None
        while cursor or not paged:
            page = (await api.get(survivor + "/history", limit=3, **({"cursor": cursor} if cursor else {}))).json()
            paged, cursor = paged + page["items"], page["next_cursor"]
        assert paged == whole
        contacts = (await api.get(survivor + "/history", topic="contacts.recorded")).json()["items"]
        assert len(contacts) == 6

    async def test_a_chain_of_merges_is_followed(self, api: Api) -> None:
        loser, survivor = await two(api)
        last = await api.lead(name="Last")
        await merged(api, loser, survivor)
        await merged(api, survivor, last)
        found = (await api.get(last + "/history")).json()["items"]
        assert {entry["stream_id"] for entry in found} == {id_of(loser), id_of(survivor), id_of(last)}

    async def test_a_registration_is_led_to_it(self, api: Api) -> None:
        loser = await api.lead(name="Loser", tax_id="7707083893")
        survivor = await api.lead(name="Survivor")
        await merged(api, loser, survivor)
        answer = await api.post("/clients", LEAD | {"tax_id": "7707083893"})
        assert [candidate["id"] for candidate in answer.json()["facts"]["candidates"]] == [id_of(survivor)]


SOLD = {"amount": "100.00", "cost": "60.00", "currency": "EUR"}
PAID = {"amount": "40.00", "currency": "EUR"}


async def served(api: Api, name: str) -> str:
    """A client that signed a deal over 900, ordered for 100 and paid 40."""
    path = await in_service(api)
    await api.made(path + "/card", {"name": name})
    await api.made(path + "/orders", SOLD)
    await api.made(path + "/payments", PAID)
    return path


async def revenues(api: Api, **asked: Any) -> dict[str, str]:
    """What each client brought, by name."""
    listed = (await api.get("/reports/value/clients", **asked)).json()["items"]
    return {item["name"]: item["revenue"] for item in listed}


class TestValue:
    async def test_what_the_loser_brought_is_the_survivors(self, api: Api) -> None:
        loser, survivor = await served(api, "Loser"), await served(api, "Survivor")
        merge = await merged(api, loser, survivor)
        after = merge["position"]
        value = (await api.get(survivor + "/value", after=after)).json()
        assert [(each["purchases"], each["revenue"], each["paid"]) for each in value["realised"]] == [
            (4, "2000.00", "80.00")
        ]
        card = (await api.get(survivor, after=after)).json()
        (money,) = card["money"]
        assert (money["won_deals"], money["ordered"], money["paid"], card["counts"]["orders"]) == (
            2,
            "200.00",
            "80.00",
            2,
        )
        listed = (await api.get("/reports/value/clients", after=after)).json()["items"]
        assert [(item["name"], item["revenue"]) for item in listed] == [("Survivor", "2000.00")]
        own = (await api.get(loser + "/value", after=after)).json()
        assert (own["merged_into"], own["realised"][0]["revenue"]) == (id_of(survivor), "1000.00")

    async def test_taken_back_each_has_its_own_again(self, api: Api) -> None:
        loser, survivor = await served(api, "Loser"), await served(api, "Survivor")
        await merged(api, loser, survivor)
        parted = await api.made(loser + "/unmerge", {"reason": "Two firms"})
        listed = (await api.get("/reports/value/clients", after=parted["position"])).json()["items"]
        assert {(item["name"], item["revenue"]) for item in listed} == {("Survivor", "1000.00"), ("Loser", "1000.00")}
        (money,) = (await api.get(survivor)).json()["money"]
        assert (money["orders"], money["ordered"]) == (1, "100.00")

    async def test_a_chain_has_all_of_it_and_is_taken_back_from_its_end(self, api: Api) -> None:
        first, second, last = [await served(api, name) for name in ("First", "Second", "Last")]
        await merged(api, first, second)
        merge = await merged(api, second, last)
        (money,) = (await api.get(last, after=merge["position"])).json()["money"]
        assert (money["orders"], money["paid"]) == (3, "120.00")
        refused = await api.post(first + "/unmerge", {"reason": "Two firms"})
        assert (refused.status_code, refused.json()["code"]) == (409, "survivor_merged")
        assert refused.json()["facts"]["merged_into"] == id_of(last)
        await api.made(second + "/unmerge", {"reason": "Two firms"})
        await api.made(first + "/unmerge", {"reason": "Two firms"})

    async def test_the_card_takes_what_others_brought_from_their_stored_cards(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second, last = [await served(api, name) for name in ("First", "Second", "Last")]
        await merged(api, first, second)
        merge = await merged(api, second, last)
        await api.get(last, after=merge["position"])
        monkeypatch.delattr("app.store.Store.read_stream")
        (money,) = (await api.get(last)).json()["money"]
        assert (money["orders"], money["ordered"], money["paid"]) == (3, "300.00", "120.00")

    async def test_a_past_moment_has_only_what_had_happened_by_then(self, api: Api) -> None:
        """The merge is said to have been before the loser's last order."""
        loser, survivor = await served(api, "Loser"), await served(api, "Survivor")
        merged_at, moment = datetime.now(UTC), datetime.now(UTC)
        await api.made(loser + "/orders", SOLD | {"amount": "5000.00"})
        merge = await api.made(
            loser + "/merge", WHY | {"into_id": id_of(survivor), "occurred_at": merged_at.isoformat()}
        )
        listed = await revenues(api, after=merge["position"], at=moment.isoformat())
        (money,) = (await api.get(survivor, at=moment.isoformat())).json()["money"]
        assert (listed, money["ordered"]) == ({"Survivor": "2000.00"}, "200.00")


class TestPosition:
    """Whoever sends the position that was answered finds what was done."""

    async def test_of_a_merge_and_of_its_end_is_the_survivors(self, api: Api) -> None:
        loser, survivor = await two(api)
        merge = await merged(api, loser, survivor)
        absorbed, *_ = (await api.get(survivor + "/history", topic="clients.absorbed")).json()["items"]
        assert merge["position"] == absorbed["position"]
        parted = await api.made(loser + "/unmerge", {"reason": "Two firms"})
        released, *_ = (await api.get(survivor + "/history", topic="clients.released")).json()["items"]
        assert parted["position"] == released["position"]

    @pytest.mark.parametrize("end", [False, True], ids=["merge", "unmerge"])
    async def test_of_a_request_that_is_sent_again_is_the_same(self, api: Api, end: bool) -> None:
        loser, survivor = await two(api)
        path, body = loser + "/merge", WHY | {"into_id": id_of(survivor)}
        if end:
            await api.made(path, body)
            path, body = loser + "/unmerge", dict(WHY)
        first = await api.post(path, body, idempotency_key="once")
        again = await api.post(path, body, idempotency_key="once")
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.json()["position"] == first.json()["position"]


class TestRefused:
    async def test_into_a_client_that_cannot_take_it(self, api: Api) -> None:
        loser, survivor = await two(api)
        await api.made(survivor + "/archive")
        answer = await api.post(loser + "/merge", WHY | {"into_id": id_of(survivor)})
        assert (answer.status_code, answer.json()["code"]) == (409, "survivor_not_open")

    async def test_into_nobody(self, api: Api) -> None:
        loser = await api.lead()
        answer = await api.post(loser + "/merge", WHY | {"into_id": str(uuid4())})
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_client")


class TestUnmerge:
    async def test_all_is_as_before(self, api: Api) -> None:
        loser, survivor = await two(api)
        await merged(api, loser, survivor)
        answer = await api.made(loser + "/unmerge", {"reason": "Two firms"})
        await api.made(loser + "/contacts", CONTACT)
        listed = (await api.get("/clients", after=answer["position"])).json()["items"]
        assert {item["name"] for item in listed} == {"Loser", "Survivor"}
        card = (await api.get(loser)).json()
        assert (card["status"], card["merged_into"]) == ("active", None)
        assert await topics(api, survivor) == ["clients.released", "clients.absorbed", "clients.registered"]

    async def test_only_what_was_merged(self, api: Api) -> None:
        answer = await api.post(await api.lead() + "/unmerge", {"reason": "Two firms"})
        assert (answer.status_code, answer.json()["code"]) == (409, "client_not_merged")
