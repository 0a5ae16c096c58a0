"""What holds for every command: answers, headers, idempotency, conditions, and several writers."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from app.api import BASE
from tests.app.api.conftest import CONTACT, LEAD, Api


class TestAnswer:
    async def test_a_new_client_has_an_address(self, api: Api) -> None:
        answer = await api.post("/clients", LEAD)
        body = answer.json()
        assert answer.status_code == 201
        assert answer.headers["Location"] == f"{BASE}/clients/{body['id']}"
        assert answer.headers["ETag"] == '"1"'
        assert UUID(answer.headers["X-Correlation-ID"])
        assert body == {"id": body["id"], "version": 1, "position": body["position"]}

    async def test_a_new_part_answers_201_and_a_change_200(self, api: Api) -> None:
        client = await api.lead()
        contact = await api.post(client + "/contacts", CONTACT)
        card = await api.post(client + "/card", {"category": "A"})
        assert (contact.status_code, card.status_code) == (201, 200)
        assert UUID(contact.json()["contact_id"])
        assert card.headers["ETag"] == '"3"'

    async def test_positions_grow(self, api: Api) -> None:
        client = await api.lead()
        first = await api.made(client + "/contacts", CONTACT)
        second = await api.made(client + "/contacts", CONTACT)
        assert second["position"] > first["position"]

    async def test_the_correlation_id_comes_back(self, api: Api) -> None:
        sent = str(uuid4())
        answer = await api.post("/clients", LEAD, x_correlation_id=sent)
        assert answer.headers["X-Correlation-ID"] == sent

    async def test_a_correlation_id_is_a_uuid(self, api: Api) -> None:
        answer = await api.post("/clients", LEAD, x_correlation_id="abc")
        assert answer.status_code == 422
        assert "X-Correlation-ID" in answer.json()["errors"]


class TestIdempotencyKey:
    async def test_the_same_request_gets_the_same_answer(self, api: Api) -> None:
        first = await api.post("/clients", LEAD, idempotency_key="k1")
        again = await api.post("/clients", LEAD, idempotency_key="k1")
        assert "Idempotent-Replayed" not in first.headers
        assert again.headers["Idempotent-Replayed"] == "true"
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert again.headers["Location"] == first.headers["Location"]
        assert again.headers["ETag"] == first.headers["ETag"]

    async def test_at_the_same_moment_one_is_recorded(self, api: Api) -> None:
        client = await api.lead()
        answers = await asyncio.gather(
            *(api.post(client + "/contacts", CONTACT, idempotency_key="k") for _ in range(8))
        )
        assert {answer.json()["version"] for answer in answers} == {2}
        assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 7

    async def test_another_body_is_refused(self, api: Api) -> None:
        await api.made("/clients", LEAD, idempotency_key="k2")
        answer = await api.post("/clients", LEAD | {"name": "Another"}, idempotency_key="k2")
        assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")

    async def test_another_path_is_refused(self, api: Api) -> None:
        one, other = await api.lead(), await api.lead()
        await api.made(one + "/contacts", CONTACT, idempotency_key="k3")
        answer = await api.post(other + "/contacts", CONTACT, idempotency_key="k3")
        assert answer.json()["code"] == "key_reused"

    async def test_a_refusal_is_not_kept(self, api: Api) -> None:
        client = await api.lead()
        refused = await api.post(client + "/restore", idempotency_key="k4")
        await api.made(client + "/archive")
        later = await api.post(client + "/restore", idempotency_key="k4")
        assert (refused.status_code, later.status_code) == (409, 200)

    async def test_a_key_has_at_most_200_characters(self, api: Api) -> None:
        for key, status in (("k" * 200, 201), ("k" * 201, 422), ("", 422)):
            answer = await api.post("/clients", LEAD, idempotency_key=key)
            assert answer.status_code == status


class TestIfMatch:
    async def test_the_present_version_passes(self, api: Api) -> None:
        client = await api.lead()
        for etag in ('"1"', "*"):
            assert (await api.post(client + "/contacts", CONTACT, if_match=etag)).status_code == 201

    async def test_a_stale_version_does_not(self, api: Api) -> None:
        client = await api.lead()
        await api.made(client + "/contacts", CONTACT)
        answer = await api.post(client + "/contacts", CONTACT, if_match='"1"')
        assert (answer.status_code, answer.json()["code"]) == (412, "version_stale")
        assert answer.json()["facts"] == {"version": 2}

    async def test_anything_but_one_strong_etag_is_malformed(self, api: Api) -> None:
        client = await api.lead()
        for etag in ("1", 'W/"1"', '"1", "2"', '"x"', ""):
            answer = await api.post(client + "/contacts", CONTACT, if_match=etag)
            assert answer.status_code == 422, etag
            assert "If-Match" in answer.json()["errors"]


class TestSeveralWriters:
    async def test_no_event_is_lost(self, api: Api) -> None:
        client = await api.lead()
        answers = await asyncio.gather(*(api.post(client + "/contacts", CONTACT) for _ in range(20)))
        assert sorted(answer.json()["version"] for answer in answers) == list(range(2, 22))

    async def test_one_of_two_with_the_same_condition_wins(self, api: Api) -> None:
        client = await api.lead()
        answers = await asyncio.gather(*(api.post(client + "/contacts", CONTACT, if_match='"1"') for _ in range(2)))
        assert sorted(answer.status_code for answer in answers) == [201, 412]

    async def test_one_of_two_that_exclude_each_other_wins(self, api: Api) -> None:
        client = await api.lead()
        answers = await asyncio.gather(*(api.post(client + "/archive") for _ in range(2)))
        assert sorted(answer.status_code for answer in answers) == [200, 409]


class TestOccurredAt:
    async def test_the_past_is_recorded(self, api: Api) -> None:
        client = await api.lead(occurred_at="2024-05-01T10:00:00+03:00")
        assert (await api.post(client + "/contacts", CONTACT | {"occurred_at": "2024-05-02T10:00:00Z"})).is_success

    async def test_before_the_registration_is_refused(self, api: Api) -> None:
        client = await api.lead(occurred_at="2024-05-01T10:00:00+03:00")
        answer = await api.post(client + "/contacts", CONTACT | {"occurred_at": "2024-04-30T10:00:00Z"})
        assert (answer.status_code, answer.json()["code"]) == (409, "before_registration")
        assert answer.json()["facts"]["registered_at"].startswith("2024-05-01T07:00:00")

    async def test_the_future_is_refused(self, api: Api) -> None:
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        answer = await api.post("/clients", LEAD | {"occurred_at": tomorrow})
        assert (answer.status_code, answer.json()["code"]) == (409, "in_future")

    async def test_an_offset_is_needed(self, api: Api) -> None:
        answer = await api.post("/clients", LEAD | {"occurred_at": "2024-05-01T10:00:00"})
        assert list(answer.json()["errors"]) == ["occurred_at"]
