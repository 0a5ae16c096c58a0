"""Every failure is a problem that says what to do."""

import logging
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import OperationalError

from app.errors import language_of
from app.problems import PROBLEMS
from app.services import Services
from domain.types import Role
from tests.app.api.conftest import CONTACT, LEAD, Api, Staff

NOBODY = "/clients/" + str(uuid4())


def problem_of(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["X-Correlation-ID"]
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "code", "facts", "errors"}
    assert body["status"] == status
    return body


class TestInvalidRequest:
    async def test_every_field_is_named(self, api: Api) -> None:
        body = {"channel": "pigeon", "direction": "outbound", "summary": "", "colour": "red"}
        errors = problem_of(await api.post(NOBODY + "/contacts", body), 422, "invalid_request")["errors"]
        assert set(errors) == {"channel", "outcome", "summary", "colour"}
        assert errors["outcome"] == [{"message": "Send this field.", "rule": "missing"}]
        assert errors["colour"][0]["rule"] == "extra_forbidden"
        assert "phone" in errors["channel"][0]["message"]

    async def test_a_nested_field_is_named_by_its_path(self, api: Api) -> None:
        body = {"currency": "EUR", "lines": [{"article": "Pipe", "quantity": "0", "price": "1"}]}
        answer = await api.post(NOBODY + "/orders", body)
        assert list(problem_of(answer, 422, "invalid_request")["errors"]) == ["lines.0.quantity"]

    async def test_a_rule_about_several_fields(self, api: Api) -> None:
        errors = problem_of(await api.post(NOBODY + "/orders", {"currency": "EUR"}), 422, "invalid_request")["errors"]
        assert errors["body"][0]["message"] == "send lines or amount"

    @pytest.mark.parametrize("content", [b"{", b'{"name": nope}', b"\xff\xfe", b"[" * 100_000, b"1" * 5000])
    async def test_malformed_json(self, api: Api, content: bytes) -> None:
        answer = await api.post("/clients", content=content, content_type="application/json")
        assert "body" in problem_of(answer, 422, "invalid_request")["errors"]

    @pytest.mark.parametrize("body", [[], "text", 5, None])
    async def test_a_body_that_is_no_object(self, api: Api, body: Any) -> None:
        problem_of(await api.post("/clients", body), 422, "invalid_request")

    async def test_a_body_that_is_not_declared_as_json(self, api: Api) -> None:
        answer = await api.post("/clients", content=b"name=x", content_type="application/x-www-form-urlencoded")
        errors = problem_of(answer, 422, "invalid_request")["errors"]
        assert "Content-Type: application/json" in errors["body"][0]["message"]

    @pytest.mark.parametrize("text", ["a\x00b", "x" * 301, "  "])
    async def test_text_that_cannot_be_kept(self, api: Api, text: str) -> None:
        answer = await api.post("/clients", LEAD | {"name": text})
        assert list(problem_of(answer, 422, "invalid_request")["errors"]) == ["name"]

    @pytest.mark.parametrize("content", [b'{"\\ud800": 1}', b'{"name": "\\ud800", "origin": "tender"}'])
    async def test_half_a_character(self, api: Api, content: bytes) -> None:
        problem_of(await api.post("/clients", content=content, content_type="application/json"), 422, "invalid_request")

    async def test_a_wrong_type_in_the_path(self, api: Api) -> None:
        errors = problem_of(await api.post("/clients/seven/contacts", CONTACT), 422, "invalid_request")["errors"]
        assert list(errors) == ["client_id"]

    async def test_a_wrong_type_in_the_query(self, api: Api) -> None:
        errors = problem_of(await api.get("/employees", limit="many"), 422, "invalid_request")["errors"]
        assert list(errors) == ["limit"]

    async def test_too_large_a_body(self, api: Api) -> None:
        content = b'{"name": "' + b"x" * 1_000_000 + b'"}'
        declared = await api.post("/clients", content=content, content_type="application/json")
        assert problem_of(declared, 413, "body_too_large")["facts"] == {"limit": 1_000_000}

    async def test_too_large_a_body_of_undeclared_length(self, api: Api) -> None:
        async def chunks() -> Any:
            for _ in range(20):
                yield b"x" * 100_000

        answer = await api.post("/clients", content=chunks(), content_type="application/json")
        problem_of(answer, 413, "body_too_large")


class TestNotFound:
    async def test_an_unknown_client(self, api: Api) -> None:
        problem_of(await api.post(NOBODY + "/contacts", CONTACT), 404, "unknown_client")

    @pytest.mark.parametrize(
        ("path", "body", "code"),
        [
            ("/deals/{}/win", {"revenue": "1", "cost": "1"}, "unknown_deal"),
            ("/handoffs/{}/accept", {}, "unknown_handoff"),
            ("/tasks/{}/complete", {}, "unknown_task"),
            ("/key-persons/{}/remove", {}, "unknown_key_person"),
            ("/orders/{}/cancel", {}, "unknown_order"),
        ],
    )
    async def test_an_unknown_part_in_the_path(self, api: Api, path: str, body: Any, code: str) -> None:
        client = await api.lead()
        problem_of(await api.post(client + path.format(uuid4()), body), 404, code)

    async def test_an_unknown_part_in_the_body_is_refused(self, api: Api) -> None:
        client = await api.lead()
        answer = await api.post(client + "/contacts", CONTACT | {"key_person_id": str(uuid4())})
        problem_of(answer, 409, "unknown_key_person")

    async def test_an_unknown_employee_as_the_target(self, api: Api) -> None:
        problem_of(await api.post(f"/employees/{uuid4()}/leave"), 404, "unknown_employee")
        problem_of(await api.get(f"/employees/{uuid4()}"), 404, "unknown_employee")

    async def test_an_unknown_employee_in_the_body_is_refused(self, api: Api) -> None:
        client = await api.lead()
        answer = await api.post(client + "/assignments", {"employee_id": str(uuid4())})
        problem_of(answer, 409, "unknown_employee")

    async def test_no_such_path(self, api: Api) -> None:
        problem_of(await api.get("/nothing"), 404, "not_found")

    async def test_no_such_method(self, api: Api) -> None:
        answer = await api.get(NOBODY + "/contacts")
        problem_of(answer, 405, "method_not_allowed")
        assert answer.headers["Allow"] == "POST"


class TestLanguage:
    async def test_titles_in_russian(self, api: Api) -> None:
        answer = await api.post(NOBODY + "/contacts", CONTACT, accept_language="ru-RU, en;q=0.8")
        assert answer.json()["title"] == "Нет такого клиента"
        assert answer.json()["detail"].startswith("Проверьте id клиента")

    def test_what_to_do_is_said_in_russian_for_every_problem(self) -> None:
        for kind in PROBLEMS.values():
            assert kind.russian_remedy.endswith(".")
            assert any("а" <= letter <= "я" for letter in kind.russian_remedy)

    async def test_titles_in_english(self, api: Api) -> None:
        assert (await api.post(NOBODY + "/contacts", CONTACT)).json()["title"] == "No such client"

    @pytest.mark.parametrize(
        ("accept", "language"),
        [
            ("", "en"),
            ("*", "en"),
            ("de, fr;q=0.7", "en"),
            ("ru", "ru"),
            ("en;q=0.5, ru;q=0.9", "ru"),
            ("ru;q=0.2, en", "en"),
            ("en-US,en;q=0.5,ru;q=0.9", "en"),
            ("ru;q=x", "en"),
            (";;,,", "en"),
        ],
    )
    def test_the_preferred_one(self, accept: str, language: str) -> None:
        assert language_of(accept) == language

    def test_the_default_where_none_is_named(self) -> None:
        assert language_of("de", "ru") == "ru"


class TestFailure:
    async def test_a_database_that_cannot_be_reached(self, api: Api, services: Services, monkeypatch: Any) -> None:
        for failure in (ConnectionRefusedError("refused"), TimeoutError(), OperationalError("", {}, ConnectionError())):

            async def fail(*_: Any, failure: Exception = failure) -> None:
                raise failure

            monkeypatch.setattr(services.executor, "execute", fail)
            answer = await api.post("/clients", LEAD)
            problem_of(answer, 503, "database_unavailable")
            assert answer.headers["Retry-After"] == "1"

    async def test_a_fault_is_logged_with_its_traceback(
        self, api: Api, services: Services, monkeypatch: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def fail(*_: Any) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(services.executor, "execute", fail)
        sent = str(uuid4())
        with caplog.at_level(logging.ERROR, "app.errors"):
            answer = await api.post("/clients", LEAD, x_correlation_id=sent)
        assert problem_of(answer, 500, "internal_error")["facts"] == {"correlation_id": sent}
        assert sent in caplog.text
        assert "ZeroDivisionError" in caplog.text

    async def test_forbidden(self, staff: Staff) -> None:
        await staff.hire("seller", Role.CLOSING_MANAGER)
        seller = await staff.api("seller")
        facts = problem_of(await seller.get("/admin/projections"), 403, "forbidden")["facts"]
        assert "administrator" in facts["roles"]


class TestTypes:
    async def test_the_type_of_a_problem_has_an_address(self, nobody: Api) -> None:
        for code, kind in PROBLEMS.items():
            found = (await nobody.get(f"/problems/{code}")).json()
            assert found["title"] == {"en": kind.english, "ru": kind.russian}

    async def test_all_of_them(self, nobody: Api) -> None:
        assert len((await nobody.get("/problems")).json()["items"]) == len(PROBLEMS)

    async def test_an_unknown_one(self, nobody: Api) -> None:
        problem_of(await nobody.get("/problems/nope"), 404, "not_found")
