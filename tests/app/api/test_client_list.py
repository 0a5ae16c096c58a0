"""The client database over HTTP: filters, search, order, pages."""

from typing import Any

import pytest

from domain.types import Role
from tests.app.api.conftest import CONTACT, LEAD, Api, Staff, head

JANUARY, FEBRUARY, MARCH = (f"2024-{month:02}-01T00:00:00Z" for month in (1, 2, 3))


async def listed(api: Api, **params: Any) -> list[str]:
    """The names of the clients listed."""
    answer = await api.get("/clients", after=await head(api), **params)
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


async def declare(api: Api) -> None:
    """Attributes of every kind."""
    for name, kind in {"fleet": "number", "size": "text", "since": "date"}.items():
        await api.made("/regulation/attributes", {"attribute": {"name": name, "kind": kind}})
    choice = {"name": "grade", "kind": "choice", "choices": ["A", "B"]}
    await api.made("/regulation/attributes", {"attribute": choice})


class TestClients:
    async def test_an_item(self, api: Api, staff: Staff) -> None:
        owner = await staff.hire("ivanova", Role.COLD_CONTACT_MANAGER)
        client = await api.lead(owner_id=str(owner), phones=["+7 495 1"], occurred_at=JANUARY)
        contact = CONTACT | {"next_step": {"text": "Call", "due_at": MARCH}, "occurred_at": FEBRUARY}
        after = (await api.made(client + "/contacts", contact))["position"]
        [item] = (await api.get("/clients", after=after)).json()["items"]
        assert item | {"attributes": {}} == item
        assert client == f"/clients/{item['id']}"
        assert item["owner"] == {"id": str(owner), "code": "ivanova", "name": "Ivanova"}
        expected = {
            "status": "active",
            "step": "lead_generation",
            "registered_at": JANUARY,
            "step_since": JANUARY,
            "last_contact_at": FEBRUARY,
            "next_due_at": MARCH,
            "open_tasks": 1,
            "phones": ["+7 495 1"],
        }
        assert item | expected == item

    async def test_filters_search_and_sort(self, api: Api) -> None:
        await api.made("/regulation/attributes", {"attribute": {"name": "size", "kind": "text"}})
        await api.lead(name="Ёлка", industry="wood", category="A", occurred_at=JANUARY, attributes={"size": "L"})
        await api.lead(name="beta", industry="steel", region="Ural", occurred_at=FEBRUARY)
        await api.lead(name="Alpha", industry="steel", occurred_at=MARCH)
        assert await listed(api) == ["Alpha", "beta", "Ёлка"]
        assert await listed(api, sort="name") == ["Alpha", "beta", "Ёлка"]
        assert await listed(api, sort="registered_at") == ["Ёлка", "beta", "Alpha"]
        assert await listed(api, industry=["steel", "wood"], region="Ural") == ["beta"]
        assert await listed(api, q="елк") == ["Ёлка"]
        assert await listed(api, registered_from=FEBRUARY, registered_to=MARCH) == ["beta"]
        assert await listed(api, unassigned=True, category="A") == ["Ёлка"]
        assert await listed(api, never_contacted=True, step="first_deal") == []
        assert await listed(api, **{"attribute.size": "L"}) == ["Ёлка"]

    async def test_filters_do_not_look_at_case(self, api: Api) -> None:
        await api.lead(name="A", region="Урал", industry="Steel")
        await api.lead(name="B", region="Ural")
        assert await listed(api, region="урал", industry="STEEL") == ["A"]

    async def test_the_empty_text_asks_for_clients_without_a_value(self, api: Api) -> None:
        await api.lead(name="A", region="Ural", industry="steel", category="A", personality_type="driver")
        await api.lead(name="B", region="Ural", category="VIP")
        for name in ("industry", "personality_type"):
            assert await listed(api, **{name: ""}) == ["B"]
        assert await listed(api, industry=["", "steel"], region="Ural") == ["B", "A"]
        assert await listed(api, category=["", "VIP"]) == ["B"]
        assert await listed(api, region="") == await listed(api, origin="") == []

    async def test_my_clients(self, api: Api, staff: Staff) -> None:
        owner = await staff.hire("ivanova", Role.COLD_CONTACT_MANAGER)
        await api.lead(name="Hers", owner_id=str(owner))
        await api.lead(name="Nobody's")
        hers = await staff.api("ivanova")
        after = await head(api)
        for params, names in (
            ({"owner_id": "me"}, {"Hers"}),
            ({"owner_id": "me", "unassigned": True}, {"Hers", "Nobody's"}),
        ):
            answer = (await hers.get("/clients", after=after, **params)).json()
            assert {item["name"] for item in answer["items"]} == names
        assert await listed(api, owner_id="me") == []
        assert await listed(api, owner_id=["me", str(owner)]) == ["Hers"]

    async def test_whole_days(self, api: Api) -> None:
        await api.lead(name="A", occurred_at="2024-02-01T23:30:00Z")
        await api.lead(name="B", occurred_at="2024-02-02T00:00:00Z")
        assert await listed(api, registered_from="2024-02-01", registered_to="2024-02-01") == ["A"]
        assert await listed(api, registered_to="2024-02-01T23:30:00Z") == []

    async def test_filters_by_own_attributes(self, api: Api) -> None:
        await declare(api)
        first = {"fleet": "40.0", "size": "Large", "grade": "A", "since": "2024-02-29"}
        await api.lead(name="A", attributes=first)
        await api.lead(name="B", attributes={"fleet": "7", "grade": "B"})
        for sent, names in (
            ({"fleet": "+40.00"}, ["A"]),
            ({"fleet": ["40", "7.0"]}, ["B", "A"]),
            ({"fleet_from": "7", "fleet_to": "39.9"}, ["B"]),
            ({"fleet_from": "7.5"}, ["A"]),
            ({"size": " lARGE"}, ["A"]),
            ({"grade": ["A", "B"], "since": "20240229"}, ["A"]),
            ({"since_from": "2024-02-29", "since_to": "2024-02-29"}, ["A"]),
            ({"since_to": "2024-02-28"}, []),
        ):
            assert await listed(api, **{f"attribute.{key}": value for key, value in sent.items()}) == names, sent

    @pytest.mark.parametrize(
        ("name", "value", "rule"),
        [
            ("fleet", "many", "wrong_attribute_value"),
            ("fleet_to", "many", "wrong_attribute_value"),
            ("since", "2024-02-30", "wrong_attribute_value"),
            ("grade", "C", "wrong_attribute_value"),
            ("size_from", "L", "no_range"),
            ("fleet_from", ["1", "2"], "repeated"),
            ("colour", "red", "unknown_attribute"),
        ],
    )
    async def test_values_of_another_kind_are_refused(self, api: Api, name: str, value: Any, rule: str) -> None:
        await declare(api)
        answer = await api.get("/clients", **{f"attribute.{name}": value})
        errors = answer.json()["errors"]
        assert (answer.status_code, [errors[f"attribute.{name}"][0]["rule"]]) == (422, [rule])

    async def test_archived_clients_are_listed_when_asked_for(self, api: Api) -> None:
        await api.made(await api.lead() + "/archive")
        assert await listed(api) == []
        assert await listed(api, status="archived") == ["Northern Steel"]

    async def test_pages(self, api: Api) -> None:
        ids = [(await api.made("/clients", LEAD | {"name": f"Client {number}"}))["id"] for number in range(5)]
        found: list[str] = []
        params: dict[str, Any] = {"limit": 2, "sort": "name", "with_total": True, "after": await head(api)}
        while True:
            page = (await api.get("/clients", **params)).json()
            found += [item["id"] for item in page["items"]]
            assert page["total"] == 5
            if not page["next_cursor"]:
                break
            params["cursor"] = page["next_cursor"]
        assert found == ids

    @pytest.mark.parametrize(
        ("params", "field"),
        [
            ({"cursor": "x"}, "cursor"),
            ({"limit": 0}, "limit"),
            ({"limit": 201}, "limit"),
            ({"sort": "size"}, "sort"),
            ({"step": "fourth"}, "step.0"),
            ({"registered_from": "2024-01-01T00:00:00"}, "registered_from"),
            ({"attribute.unknown": "1"}, "attribute.unknown"),
            ({"owner_id": "mine"}, "owner_id.0"),
            ({"q": "x" * 201}, "q"),
            ({"industry": "\x00"}, "query"),
        ],
    )
    async def test_bad_parameters_are_named(self, api: Api, params: dict[str, Any], field: str) -> None:
        answer = await api.get("/clients", **params)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])

    async def test_a_token_is_needed(self, nobody: Api) -> None:
        for path in ("/clients", "/board", "/clients/0190f3a0-3c1e-4b52-8c0e-5a1f5c0f7a11"):
            assert (await nobody.get(path)).status_code == 401
