"""Duplicates met at registration."""

import asyncio
from typing import Any

from app.api import BASE
from app.services import Services
from tests.app.api.conftest import CONTACT, LEAD, Api

TAX_ID = "7707083893"
WITHIN_LOOKS = 300


async def refused(api: Api, **fields: Any) -> list[dict[str, Any]]:
    """The candidates for which the registration is refused."""
    answer = await api.post("/clients", LEAD | fields)
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate_client"), answer.text
    return answer.json()["facts"]["candidates"]


async def in_region(api: Api, region: str, name: str = "Romashka") -> str:
    """A client whose region became known later, when nobody looked for others of the name."""
    client = await api.lead(name=name)
    await api.made(client + "/card", {"region": region})
    return client


class TestRegistration:
    async def test_a_tax_id_is_registered_once(self, api: Api) -> None:
        first = await api.lead(tax_id=TAX_ID)
        (candidate,) = await refused(api, name="Another", tax_id="ИНН 7707083893/770701001")
        assert candidate == {
            "id": first.removeprefix("/clients/"),
            "name": LEAD["name"],
            "reason": "tax_id",
            "score": 1.0,
        }

    async def test_phone_email_and_domain(self, api: Api) -> None:
        await api.lead(phones=["8 (495) 123-45-67"], emails=["sales@steel.example"])
        assert (await refused(api, name="A", phones=["+74951234567"]))[0]["reason"] == "phone"
        assert (await refused(api, name="A", emails=["Sales@Steel.example"]))[0]["reason"] == "email"
        assert (await refused(api, name="Northern Steel Ltd", site="www.steel.example"))[0]["reason"] == "domain"

    async def test_what_two_firms_may_share_is_no_duplicate(self, api: Api) -> None:
        await api.lead(phones=["8 (495) 123-45-67"], emails=["northern@mail.ru"], site="https://steel.example")
        await api.lead(phones=["8 (812) 123-45-67"], emails=["southern@mail.ru"])
        await api.lead(name="Garden centre", site="steel.example")
        await api.lead()

    async def test_the_same_name_in_the_same_region(self, api: Api) -> None:
        await api.lead(name="ООО «Хрустальный Колокол»", region="Саратов")
        await api.lead(name="Хрустальный Колокол, ЗАО", region="Пермь")
        [found] = await refused(api, name="Колокол Хрустальный, ЗАО", region="саратов")
        assert (found["reason"], found["score"]) == ("name", 1.0)

    async def test_a_typing_error_in_the_name(self, api: Api) -> None:
        first = await api.lead(name="ООО «Ромашка»", region="Саратов")
        for name, score in (("Рамашка", 0.8571), ("Ромакша, ООО", 0.8571), ("ромашкаа", 0.9333), ("Ромшка", 0.9231)):
            [found] = await refused(api, name=name, region="саратов")
            assert found == {
                "id": first.removeprefix("/clients/"),
                "name": "ООО «Ромашка»",
                "reason": "name",
                "score": score,
            }
        await api.lead(name="Рамашка", region="Пермь")
        await api.lead(name="Ромашка 2", region="Саратов")
        await api.lead(name="Рамашка", region="Саратов", allow_duplicate={"reason": "Another firm"})

    async def test_another_firm_with_a_generic_word_is_taken(self, api: Api) -> None:
        first = await api.lead(name="ООО Строительная компания Нева", region="Москва", tax_id=TAX_ID)
        anchor = LEAD | {"name": "ООО Строительная компания Якорь", "region": "Москва", "tax_id": "7736050003"}
        made = await api.made("/clients", anchor)
        message = f"Client {first.removeprefix('/clients/')} of the same region has a name much alike (0.8302)."
        assert made["warnings"] == [{"field": "name", "code": "similar_name", "message": message}]
        await api.lead(name="Johnson Metal Works", region="Leeds")
        await api.lead(name="Jackson Metal Works", region="Leeds")

    async def test_one_name_and_two_tax_ids_are_two_firms(self, api: Api) -> None:
        await api.lead(name="ООО Вектор", region="Москва", tax_id=TAX_ID)
        made = await api.made("/clients", LEAD | {"name": "Вектор", "region": "Москва", "tax_id": "7736050003"})
        assert [warning["code"] for warning in made["warnings"]] == ["similar_name"]
        assert len(await refused(api, name="Вектор", region="Москва")) == 2

    async def test_the_most_alike_come_first(self, api: Api) -> None:
        await api.lead(name="By phone", phones=["+7 495 123-45-67"])
        await api.lead(name="By tax id", tax_id=TAX_ID)
        found = await refused(api, tax_id=TAX_ID, phones=["+7 495 123-45-67"])
        assert [candidate["name"] for candidate in found] == ["By tax id", "By phone"]

    async def test_a_reason_overrides_and_stays(self, api: Api) -> None:
        first = await api.lead(tax_id=TAX_ID)
        second = await api.lead(tax_id=TAX_ID, allow_duplicate={"reason": "A branch with its own contract"})
        history = (await api.get(second + "/history")).json()["items"]
        assert [entry["topic"] for entry in history] == ["duplicates.allowed", "clients.registered"]
        assert history[0]["data"] == {
            "client_ids": [first.removeprefix("/clients/")],
            "reason": "A branch with its own contract",
        }

    async def test_an_override_needs_its_reason(self, api: Api) -> None:
        answer = await api.post("/clients", LEAD | {"allow_duplicate": {}})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["allow_duplicate.reason"])

    async def test_a_repeated_request_is_no_duplicate(self, api: Api) -> None:
        body = LEAD | {"tax_id": TAX_ID, "phones": ["+7 495 123-45-67"]}
        first = await api.post("/clients", body, idempotency_key="k")
        again = await api.post("/clients", body, idempotency_key="k")
        assert (again.status_code, again.json()) == (201, first.json())
        assert again.headers["Idempotent-Replayed"] == "true"

    async def test_a_tax_id_that_was_given_up_is_free(self, api: Api) -> None:
        first = await api.lead(tax_id=TAX_ID)
        await api.made(first + "/card", {"tax_id": "500100732259"})
        second = await api.lead(tax_id=TAX_ID)
        assert second != first
        assert [candidate["id"] for candidate in await refused(api, tax_id=TAX_ID)] == [
            second.removeprefix("/clients/")
        ]

    async def test_a_tax_id_that_came_later_is_found(self, api: Api) -> None:
        first = await api.lead()
        await api.made(first + "/card", {"tax_id": TAX_ID})
        assert len(await refused(api, tax_id=TAX_ID)) == 1

    async def test_an_archived_client_is_found(self, api: Api) -> None:
        first = await api.lead(tax_id=TAX_ID)
        await api.made(first + "/archive")
        assert len(await refused(api, tax_id=TAX_ID)) == 1


class TestAtTheSameMoment:
    async def test_one_tax_id_makes_one_client(self, api: Api) -> None:
        answers = await asyncio.gather(*(api.post("/clients", LEAD | {"tax_id": TAX_ID}) for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
        (made,) = [answer.json()["id"] for answer in answers if answer.is_success]
        for answer in answers:
            if not answer.is_success:
                assert made in [candidate["id"] for candidate in answer.json()["facts"]["candidates"]]

    async def test_also_where_the_view_stands_still(self, api: Api, services: Services) -> None:
        """The view is what other registrations look at; here it never hears of them."""
        services.projector.wait_for = _at_once  # pyright: ignore[reportAttributeAccessIssue]
        services.projector.wake = lambda: None
        answers = await asyncio.gather(*(api.post("/clients", LEAD | {"tax_id": TAX_ID}) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def _at_once(*_: Any) -> bool:
    return False


class TestWarnings:
    async def test_what_looks_wrong_is_said_and_taken(self, api: Api) -> None:
        made = await api.made(
            "/clients", LEAD | {"tax_id": "7701234567", "phones": ["12"]} | {"phones": ["123456789012345678"]}
        )
        assert [warning["field"] for warning in made["warnings"]] == ["tax_id", "phones.0"]
        card = (await api.get(f"/clients/{made['id']}", after=made["position"])).json()
        assert (card["tax_id"], card["phones"]) == ("7701234567", ["123456789012345678"])

    async def test_nothing_is_said_of_what_is_right(self, api: Api) -> None:
        made = await api.made("/clients", LEAD | {"tax_id": TAX_ID, "phones": ["8 495 123-45-67"]})
        assert "warnings" not in made


class TestDismissing:
    async def test_two_clients_are_told_apart(self, api: Api) -> None:
        first, second = await api.lead(), await api.lead()
        other = second.removeprefix("/clients/")
        path = f"{first}/duplicates/{other}/dismiss"
        await api.made(path, {"reason": "Two works of one holding"})
        again = await api.post(path, {"reason": "Two works of one holding"})
        assert (again.status_code, again.json()["code"]) == (409, "duplicate_dismissed")

    async def test_the_other_one_has_to_exist(self, api: Api) -> None:
        first = await api.lead()
        answer = await api.post(f"{first}/duplicates/{'0' * 32}/dismiss", {"reason": "No"})
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_client")


async def searched(api: Api) -> dict[str, Any]:
    """A search over all clients, to its end."""
    answer = await api.post("/duplicates/runs")
    assert answer.status_code == 202, answer.text
    path = answer.headers["Location"].removeprefix(BASE)
    run = (await api.get(path)).json()
    for _ in range(WITHIN_LOOKS):
        if run["state"] != "running":
            break
        await asyncio.sleep(0.1)
        run = (await api.get(path)).json()
    assert run["state"] == "done", run
    return run


class TestWorklist:
    async def test_pairs_of_the_whole_base(self, api: Api) -> None:
        steel = {"name": "ООО Северная сталь", "region": "Ural"}
        await api.lead(**steel, tax_id=TAX_ID)
        await api.lead(name="Another", tax_id="RU" + TAX_ID, allow_duplicate={"reason": "x"})
        typo = await in_region(api, "ural", "Северная стал")
        elsewhere = await api.lead(name="Северная Сталь АО", region="Altai")
        await api.lead(name="Garden centre", region="Ural")
        answer = await api.made(elsewhere + "/contacts", CONTACT)
        await api.get("/duplicates", after=answer["position"])
        run = await searched(api)
        assert run["steps_done"] == run["steps_total"] == 15
        items = (await api.get("/duplicates")).json()["items"]
        found = [
            (item["score"], item["reason"], {item[side]["name"] for side in ("client", "other")}) for item in items
        ]
        assert found == [
            (0.963, "name", {"ООО Северная сталь", "Северная стал"}),
            (0.85, "name", {"ООО Северная сталь", "Северная Сталь АО"}),
            (0.8185, "name", {"Северная стал", "Северная Сталь АО"}),
        ], "the pair that was allowed is not on the list"
        listed = (await api.get("/duplicates", client_id=typo.removeprefix("/clients/"))).json()["items"]
        assert [item["score"] for item in listed] == [0.963, 0.8185]

    async def test_pages_and_filters(self, api: Api) -> None:
        for number in range(4):
            await api.lead(name=f"Firm {'ABCD'[number]}", phones=["+7 495 123-45-67"], allow_duplicate={"reason": "x"})
        clients = [await in_region(api, region) for region in ("a", "a", "b")]
        await api.get("/duplicates", after=(await api.made(clients[0] + "/contacts", CONTACT))["position"])
        await searched(api)
        whole = (await api.get("/duplicates")).json()["items"]
        assert [item["score"] for item in whole] == [1.0, 0.85, 0.85]
        paged, cursor = [], None
        while cursor or not paged:
            page = (await api.get("/duplicates", limit=1, **({"cursor": cursor} if cursor else {}))).json()
            paged, cursor = paged + page["items"], page["next_cursor"]
        assert paged == whole
        assert len((await api.get("/duplicates", min_score=0.9)).json()["items"]) == 1
        assert not (await api.get("/duplicates", reason="phone")).json()["items"]
        assert (await api.get("/duplicates", cursor="x")).json()["errors"].keys() == {"cursor"}
        assert (await api.get("/duplicates", score=1)).status_code == 422

    async def test_a_dismissed_pair_leaves_the_list_and_stays_away(self, api: Api) -> None:
        first, second = [await in_region(api, "a") for _ in range(2)]
        await api.get("/duplicates", after=(await api.made(second + "/contacts", CONTACT))["position"])
        await searched(api)
        assert len((await api.get("/duplicates")).json()["items"]) == 1
        path = f"{second}/duplicates/{first.removeprefix('/clients/')}/dismiss"
        dismissed = await api.made(path, {"reason": "Two shops"})
        assert not (await api.get("/duplicates", after=dismissed["position"])).json()["items"]
        await searched(api)
        assert not (await api.get("/duplicates")).json()["items"]

    async def test_one_search_at_a_time(self, api: Api) -> None:
        first = await api.post("/duplicates/runs", idempotency_key="k")
        second = await api.post("/duplicates/runs")
        again = await api.post("/duplicates/runs", idempotency_key="k")
        assert (second.status_code, second.json()["code"]) == (409, "duplicate_run_running")
        assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
        assert again.headers["Idempotent-Replayed"] == "true"

    async def test_runs_are_listed(self, api: Api) -> None:
        ids = [(await searched(api))["id"] for _ in range(2)]
        assert [run["id"] for run in (await api.get("/duplicates/runs")).json()["items"]] == ids[::-1]
        assert (await api.get(f"/duplicates/runs/{'0' * 32}")).status_code == 404
