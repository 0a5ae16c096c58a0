"""Templates, proposals, documents and questionnaires over HTTP."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pypdfium2

from app.documents.keeping import find_kept
from app.services import Services
from app.worker import expire_proposals
from domain.types import Role
from tests.app.api.conftest import Api, Staff
from tests.app.api.test_deals_view import in_first_deal

OFFER = {
    "name": "КП на трубы",
    "kind": "proposal",
    "content": {
        "title": "КП № {{proposal.number}}",
        "body": "# Предложение для {{client.name}}\n\n| № | Что | Сумма |\n"
        "{{#lines}}| {{number}} | {{text}} | {{amount}} |\n{{/lines}}\nИтого {{proposal.total}} {{proposal.currency}}",
    },
}
ANSWERS = {
    "name": "Анкета",
    "kind": "questionnaire",
    "content": {
        "title": "Анкета {{client.name}}",
        "body": "{{#questions}}{{number}}. {{text}}\n\n{{/questions}}",
        "questions": [
            {"key": "industry", "text": "Чем вы занимаетесь?", "field": "industry", "required": True},
            {"key": "trucks", "text": "Сколько машин?", "attribute": "trucks"},
        ],
    },
}
LETTER = {"name": "Письмо", "kind": "reminder_letter", "content": {"title": "Письмо", "body": "{{client.name}}"}}
LINES = [{"text": "Труба", "quantity": "2", "price": "1150"}]
LATER = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


async def template(api: Api, body: dict[str, Any]) -> str:
    return (await api.made("/templates", body))["id"]


class TestTemplates:
    async def test_versions_lists_and_previews(self, api: Api) -> None:
        offer = await template(api, OFFER)
        shorter = {"content": {"title": "КП", "body": "{{client.name}}: {{proposal.total}}"}, "note": "Shorter"}
        after = (await api.made(f"/templates/{offer}/publish", shorter))["position"]
        found = (await api.get(f"/templates/{offer}", after=after)).json()
        assert (found["name"], found["latest"], [each["number"] for each in found["versions"]]) == (
            "КП на трубы",
            2,
            [2, 1],
        )
        assert found["versions"][1]["title"] == "КП № {{proposal.number}}"
        await template(api, LETTER)
        first = (await api.get("/templates", limit=1)).json()
        second = (await api.get("/templates", limit=1, cursor=first["next_cursor"])).json()
        assert [each["kind"] for each in first["items"] + second["items"]] == ["proposal", "reminder_letter"]
        assert (await api.get("/templates", kind="presentation")).json()["items"] == []
        sample = (await api.get(f"/templates/{offer}/preview", template_version=1)).json()
        assert sample["text"].startswith("Предложение для [client.name]\n№ | Что | Сумма\n[number 1] | [text 1]")
        client = await api.lead(name="Северная сталь")
        filled = (await api.get(f"/templates/{offer}/preview", client_id=client.removeprefix("/clients/"))).json()
        assert (filled["title"], filled["text"], filled["pages"]) == ("КП", "Северная сталь:", 1)
        pdf = await api.get(f"/templates/{offer}/preview.pdf", template_version=1)
        assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
        await api.made(f"/templates/{offer}/retire", {"reason": "Over"})
        retired = (await api.get("/templates", is_retired=True)).json()["items"]
        assert [each["id"] for each in retired] == [offer]

    async def test_sellers_use_templates_that_marketers_write(self, api: Api, staff: Staff) -> None:
        await staff.hire("seller", Role.CLOSING_MANAGER)
        await staff.hire("writer", Role.MARKETER)
        seller, writer = await staff.api("seller"), await staff.api("writer")
        offer = await template(writer, OFFER)
        for path, body in (("/templates", LETTER), (f"/templates/{offer}/retire", {})):
            answer = await seller.post(path, body)
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
            assert answer.json()["facts"]["roles"] == ["administrator", "director", "head", "marketer"]
        assert (await seller.get(f"/templates/{offer}/preview")).json()["title"] == "КП № [proposal.number]"

    async def test_what_cannot_be_a_template(self, api: Api) -> None:
        for body in ("x\n{% for i in range(10**9) %}x{% endfor %}", "x\n{{> /etc/passwd}}", "x\n{{client.__class__}}"):
            answer = await api.post("/templates", OFFER | {"content": {"title": "x", "body": body}})
            problem = answer.json()
            assert (answer.status_code, problem["code"], problem["facts"]["line"]) == (409, "template_not_valid", 2)
            assert problem["facts"]["rule"] == "not_of_the_language"
        assert (await api.get("/templates")).json()["items"] == []

    async def test_previews_of_what_is_not_there(self, api: Api) -> None:
        offer, client, nobody = await template(api, OFFER), await api.lead(), str(uuid4())
        client_id = client.removeprefix("/clients/")
        for path, params, status, code in (
            (f"/templates/{nobody}/preview", {}, 404, "unknown_template"),
            (f"/templates/{nobody}", {}, 404, "unknown_template"),
            (f"/templates/{offer}/preview", {"client_id": nobody}, 404, "unknown_client"),
            (f"/templates/{offer}/preview", {"template_version": 9}, 409, "unknown_template_version"),
            (f"/templates/{offer}/preview", {"client_id": client_id, "deal_id": nobody}, 409, "unknown_deal"),
            (
                f"/templates/{offer}/preview.pdf",
                {"client_id": client_id, "proposal_id": nobody},
                409,
                "unknown_proposal",
            ),
        ):
            answer = await api.get(path, **params)
            assert (answer.status_code, answer.json()["code"]) == (status, code)


async def sent(api: Api, client: str, offer: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    """The id of a proposal that was drafted and sent, and the answer to the sending."""
    draft = {"lines": LINES, "currency": "EUR", "valid_until": LATER} | fields
    proposal = (await api.made(client + "/proposals", draft))["proposal_id"]
    return proposal, await api.made(f"{client}/proposals/{proposal}/send", {"template_id": offer, "channel": "email"})


class TestProposals:
    async def test_from_the_draft_to_the_answer(self, api: Api, services: Services) -> None:
        client, offer = await in_first_deal(api, name="Северная сталь"), await template(api, OFFER)
        deal = (await api.made(client + "/deals", {"amount": "2300", "currency": "EUR"}))["deal_id"]
        proposal, answer = await sent(api, client, offer, deal_id=deal, discount="10")
        [document] = (await api.get(client + "/documents", after=answer["position"])).json()["items"]
        assert (document["id"], document["title"]) == (answer["document_id"], "КП № 1")
        content = await api.get(f"{client}/documents/{document['id']}/content")
        assert sha256(content.content).hexdigest() == document["content_hash"] == content.headers["ETag"].strip('"')
        text = pypdfium2.PdfDocument(content.content)[0].get_textpage().get_text_range()
        assert "Предложение для Северная сталь" in text
        assert "2 070,00 EUR" in text.replace("\N{NO-BREAK SPACE}", " ")

        card = (await api.get(client, after=answer["position"])).json()
        assert [(each["id"], each["state"], each["total"]) for each in card["proposals"]] == [
            (proposal, "sent", "2070.00")
        ]
        await api.made(f"{client}/proposals/{proposal}/revise", {"discount": "15", "comment": "By phone"})
        waiting = await api.post(f"{client}/proposals/{proposal}/accept")
        assert (waiting.status_code, waiting.json()["code"]) == (409, "proposal_not_sent")
        await api.made(f"{client}/proposals/{proposal}/send", {"template_id": offer})
        after = (await api.made(f"{client}/proposals/{proposal}/accept", {"comment": "Signed"}))["position"]
        found = (await api.get(f"{client}/proposals/{proposal}", after=after)).json()
        assert (found["state"], found["revision"], found["total"]) == ("accepted", 2, "1955.00")
        assert [(each["revision"], each["total"], len(each["documents"])) for each in found["revisions"]] == [
            (1, "2070.00", 1),
            (2, "1955.00", 1),
        ]
        report = (await api.get("/reports/proposals", after=after)).json()
        [item] = report["items"]
        assert (item["template_name"], item["template_version"], item["sent"], item["accepted"]) == (
            "КП на трубы",
            1,
            1,
            1,
        )
        [listed] = (await api.get("/proposals", q="труба", state="accepted")).json()["items"]
        assert (listed["id"], listed["client_name"], listed["template_name"]) == (
            proposal,
            "Северная сталь",
            "КП на трубы",
        )

        client_id = UUID(client.removeprefix("/clients/"))
        await services.vault.destroy(client_id)
        assert await find_kept(services.engine, services.vault, client_id, document["content_hash"]) is None
        gone = await api.get(f"{client}/documents/{document['id']}/content")
        assert (gone.status_code, gone.json()["code"]) == (404, "unknown_document")
        letter = await template(api, LETTER)
        for path, body in (("documents", {"template_id": letter}), ("decisions", {"text": "Call him"})):
            erased = await api.post(f"{client}/{path}", body)
            assert (erased.status_code, erased.json()["code"]) == (409, "client_erased")

    async def test_what_is_refused(self, api: Api) -> None:
        client, offer = await in_first_deal(api), await template(api, OFFER)
        deal = (await api.made(client + "/deals", {"amount": "10", "currency": "EUR"}))["deal_id"]
        rubles = {"lines": LINES, "currency": "RUB", "valid_until": LATER, "deal_id": deal}
        mixed = await api.post(client + "/proposals", rubles)
        assert (mixed.status_code, mixed.json()["code"]) == (409, "currencies_mixed")
        assert mixed.json()["facts"] == {"deal_id": deal, "deal_currency": "EUR", "currency": "RUB"}
        over = await api.post(client + "/proposals", rubles | {"currency": "EUR", "valid_until": "2020-01-01"})
        assert over.json()["code"] == "validity_over"
        nothing = await api.post(f"{client}/proposals/{uuid4()}/send", {"template_id": offer})
        assert (nothing.status_code, nothing.json()["code"]) == (404, "unknown_proposal")
        unknown = await api.post(client + "/documents", {"template_id": str(uuid4())})
        assert (unknown.status_code, unknown.json()["code"]) == (409, "unknown_template")
        assert (await api.get(client + "/documents")).json()["items"] == []
        missing = await api.get(f"{client}/documents/{uuid4()}/content")
        assert (missing.status_code, missing.json()["code"]) == (404, "unknown_document")

    async def test_an_expired_one_cannot_be_accepted(self, api: Api, services: Services) -> None:
        """Drafted and sent in the past; the service lets it expire at its time."""
        long_ago = datetime.now(UTC) - timedelta(days=5)
        client = (
            "/clients/"
            + (await api.made("/clients", {"name": "A", "origin": "tender", "occurred_at": long_ago.isoformat()}))["id"]
        )
        offer = await template(api, OFFER)
        until = (long_ago + timedelta(days=1)).date().isoformat()
        draft = {"lines": LINES, "currency": "EUR", "valid_until": until, "occurred_at": long_ago.isoformat()}
        proposal = (await api.made(client + "/proposals", draft))["proposal_id"]
        await api.made(
            f"{client}/proposals/{proposal}/send", {"template_id": offer, "occurred_at": long_ago.isoformat()}
        )
        late = await api.post(f"{client}/proposals/{proposal}/accept")
        assert (late.status_code, late.json()["code"]) == (409, "proposal_expired")
        assert late.json()["facts"]["valid_until"] == until
        await services.catch_up()
        assert await expire_proposals(services.engine, services.executor) == 1
        after = await services.catch_up()
        [found] = (await api.get("/proposals", state="expired", after=after)).json()["items"]
        assert (found["id"], found["answered_at"][:10]) == (proposal, (long_ago + timedelta(days=2)).date().isoformat())
        assert await expire_proposals(services.engine, services.executor) == 0

    async def test_the_same_request_again_is_answered_from_the_first(self, api: Api) -> None:
        client, offer = await api.lead(), await template(api, OFFER)
        draft = {"lines": LINES, "currency": "EUR", "valid_until": LATER}
        proposal = (await api.made(client + "/proposals", draft))["proposal_id"]
        path, body = f"{client}/proposals/{proposal}/send", {"template_id": offer}
        first, second = [await api.post(path, body, Idempotency_Key="one") for _ in range(2)]
        assert (second.json(), second.headers["Idempotent-Replayed"]) == (first.json(), "true")
        assert len((await api.get(client + "/documents")).json()["items"]) == 1

    async def test_sent_proposals_count_for_the_norms(self, api: Api, staff: Staff) -> None:
        await staff.hire("seller", Role.CLOSING_MANAGER)
        seller, client = await staff.api("seller"), await api.lead()
        _, answer = await sent(seller, client, await template(api, OFFER))
        today = datetime.now(UTC).date().isoformat()
        report = (await api.get("/reports/norms", to=today, after=answer["position"], by="employee")).json()
        assert [item["fact"]["proposals"] for item in report["items"] if item["employee"]["code"] == "seller"] == [1]


class TestQuestionnaires:
    async def test_answers_land_on_the_card(self, api: Api) -> None:
        await api.made("/regulation/attributes", {"attribute": {"name": "trucks", "kind": "number"}})
        asked, client = await template(api, ANSWERS), await api.lead()
        await api.made(client + "/documents", {"template_id": asked})
        answers = {"template_id": asked, "answers": {"industry": "metallurgy", "trucks": "40"}}
        after = (await api.made(client + "/questionnaires", answers))["position"]
        card = (await api.get(client, after=after)).json()
        assert (card["industry"], card["attributes"]) == ("metallurgy", {"trucks": "40"})
        [kept] = (await api.get(client + "/questionnaires")).json()["items"]
        assert (kept["answers"], kept["template_name"]) == (answers["answers"], "Анкета")
        wrong = await api.post(client + "/questionnaires", answers | {"answers": {"trucks": "40"}})
        assert (wrong.status_code, wrong.json()["code"]) == (409, "answers_missing")

    async def test_papers_are_listed_by_pages_and_as_they_were(self, api: Api) -> None:
        await api.made("/regulation/attributes", {"attribute": {"name": "trucks", "kind": "number"}})
        asked, letter, client = await template(api, ANSWERS), await template(api, LETTER), await api.lead(name="Acme")
        await api.made(client + "/documents", {"template_id": asked})
        between = datetime.now(UTC).isoformat()
        for need in ("metallurgy", "farming"):
            await api.made(client + "/documents", {"template_id": letter})
            await api.made(client + "/questionnaires", {"template_id": asked, "answers": {"industry": need}})
        titles = [each["title"] for each in await all_of(api, client + "/documents")]
        assert titles == ["Письмо", "Письмо", "Анкета Acme"]
        answers = [each["answers"] for each in await all_of(api, client + "/questionnaires")]
        assert answers == [{"industry": "farming"}, {"industry": "metallurgy"}]
        for moment in ("as_of", "at"):
            then = (await api.get(client + "/documents", **{moment: between})).json()
            assert ([each["title"] for each in then["items"]], then["next_cursor"]) == (["Анкета Acme"], None)
            assert (await api.get(client + "/questionnaires", **{moment: between})).json()["items"] == []
        before = await api.get(client + "/documents", as_of="2020-01-01T00:00:00Z")
        assert (before.status_code, before.json()["code"]) == (404, "unknown_client")
        wrong = await api.get(client + "/questionnaires", cursor="x")
        assert (wrong.status_code, wrong.json()["errors"]["cursor"][0]["rule"]) == (422, "bad_cursor")


async def all_of(api: Api, path: str) -> list[dict[str, Any]]:
    """All items of a list, read in pages of one."""
    page = (await api.get(path, limit=1)).json()
    items = page["items"]
    while page["next_cursor"]:
        page = (await api.get(path, limit=1, cursor=page["next_cursor"])).json()
        assert len(page["items"]) == 1
        items += page["items"]
    return items
