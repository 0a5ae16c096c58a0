"""The OpenAPI document and the schemas of events."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from app.problems import MEDIA_TYPE, PROBLEMS
from domain.client.owners import OWNERS
from domain.kernel import EVENTS, Command
from tests.app.api.conftest import Api
from tests.domain.examples import COMMANDS

WITHOUT_BODY = "204"
PATH: dict[str, Any] = {
    "policy_version": 1,
    "step": "first_deal",
    "category": "VIP",
    "day": "2026-03-02",
} | dict.fromkeys(
    (
        "key_person_id",
        "inquiry_id",
        "task_id",
        "handoff_id",
        "deal_id",
        "obligation_id",
        "approval_id",
        "order_id",
        "other_id",
        "team_id",
        "exchange_id",
        "order_id",
        "other_id",
        "shipment_id",
        "arrival_id",
        "invoice_id",
        "payment_id",
        "proposal_id",
    ),
    "7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11",
)
"""What the address of a command may carry."""
KINDS = [type(command) for command in COMMANDS]


@pytest.fixture
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def references(document: dict[str, Any]) -> set[str]:
    return set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(document)))


class TestOpenApi:
    async def test_it_is_served(self, nobody: Api) -> None:
        found = (await nobody.http.get("/openapi.json")).json()
        assert found["openapi"].startswith("3.1")
        assert found["info"]["title"] == "Conveyor"

    def test_every_reference_leads_somewhere(self, document: dict[str, Any]) -> None:
        for reference in references(document):
            part: Any = document
            for name in reference.removeprefix("#/").split("/"):
                part = part[name]

    def test_every_operation_is_named_once_and_described(self, document: dict[str, Any]) -> None:
        found = dict(operations(document))
        names = [operation["operationId"] for operation in found.values()]
        assert len(set(names)) == len(names)
        for name, operation in found.items():
            assert operation["summary"], name
            assert operation["description"], name
            assert operation["tags"], name

    def test_every_answer_has_a_type(self, document: dict[str, Any]) -> None:
        for name, operation in operations(document):
            for status, answer in operation["responses"].items():
                if int(status) < 400 and status != WITHOUT_BODY:
                    assert any(media["schema"] for media in answer["content"].values()), name

    def test_every_problem_is_documented_with_its_codes(self, document: dict[str, Any]) -> None:
        for name, operation in operations(document):
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    schema = answer["content"][MEDIA_TYPE]["schema"]
                    codes = schema["properties"]["code"]["enum"]
                    assert set(codes) <= set(PROBLEMS), (name, status)
                    assert len(set(codes)) == len(codes), (name, status)

    def test_everything_but_health_and_problems_needs_a_token(self, document: dict[str, Any]) -> None:
        open_to_all = {name for name, operation in operations(document) if "security" not in operation}
        base = "GET /api/v1"
        assert open_to_all == {
            f"{base}/health",
            f"{base}/health/live",
            f"{base}/problems",
            f"{base}/problems/{{code}}",
        }

    def test_commands_name_their_headers(self, document: dict[str, Any]) -> None:
        contact = document["paths"]["/api/v1/clients/{client_id}/contacts"]["post"]
        names = {parameter["name"] for parameter in contact["parameters"]}
        assert names >= {"client_id", "Idempotency-Key", "If-Match", "X-Correlation-ID", "Accept-Language"}

    def test_what_the_path_names_is_not_in_the_body(self, document: dict[str, Any]) -> None:
        win = document["components"]["schemas"]["WinDeal"]
        assert set(win["properties"]) == {"revenue", "cost", "discount", "reason", "comment", "occurred_at"}


class TestExamples:
    @pytest.mark.parametrize("command", KINDS, ids=lambda command: command.__name__)
    def test_every_example_is_a_body_that_works(self, command: type[Command]) -> None:
        for example in command.examples:
            needed = {name for name, field in command.model_fields.items() if field.is_required()}
            command.model_validate({name: PATH[name] for name in PATH if name in needed} | example)

    def test_every_command_of_the_api_that_needs_a_body_has_one(self, document: dict[str, Any]) -> None:
        published = {operation["operationId"] for _, operation in operations(document)}
        for command in KINDS:
            needed = {name for name, field in command.model_fields.items() if field.is_required()} - set(PATH)
            name = re.sub(r"(?<!^)(?=[A-Z])", "_", command.__name__).lower()
            assert command.examples or not needed or name not in published, command


class TestEventSchemas:
    async def test_every_topic(self, api: Api) -> None:
        items = {item["topic"]: item for item in (await api.get("/events/schemas")).json()["items"]}
        assert set(items) == set(EVENTS)
        assert {event.topic for event in OWNERS} < set(items)

    async def test_what_is_personal(self, api: Api) -> None:
        items = {item["topic"]: item for item in (await api.get("/events/schemas")).json()["items"]}
        contact = items["contacts.recorded"]
        assert contact["personal_fields"] == ["agreed", "summary"]
        assert contact["schema_version"] == 2
        assert contact["json_schema"]["properties"]["duration_minutes"]
