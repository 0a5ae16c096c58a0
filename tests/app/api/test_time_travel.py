"""Views as of a moment that cannot be answered at once, and answers made of several statements."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.api import board_view
from app.services import Services
from projections import snapshots
from tests.app.api.conftest import CONTACT, LEAD, Api

LONG_AGO = "2024-01-01T00:00:00Z"


async def test_too_many_moments_at_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "MOST_AT_WORK", 0)
    answer = await api.get("/board", as_of=LONG_AGO)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert answer.headers["Retry-After"] == "5"
    assert (await api.get("/board")).status_code == 200


async def test_a_moment_that_takes_too_long(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "PATIENCE_SECONDS", 0)
    answer = await api.get("/board", at=LONG_AGO)
    assert (answer.status_code, answer.json()["code"]) == (503, "view_behind")
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize("path", ["/board", "/reports/conversion", "/reports/value", "/handoffs"])
async def test_a_client_that_cannot_be_folded_leaves_the_others(api: Api, services: Services, path: str) -> None:
    broken, whole = [(await api.made("/clients", LEAD))["id"] for _ in range(2)]
    for client in (broken, whole):
        await api.made(f"/clients/{client}/contacts", CONTACT)
    spoil = text("UPDATE events SET state = 'not JSON' WHERE originator_id = :id AND originator_version = 1")
    async with services.engine.begin() as connection:
        await connection.execute(spoil, {"id": UUID(broken)})
    now = datetime.now(UTC).isoformat()
    for moment in ({"as_of": now}, {"at": now}):
        answer = await api.get(path, **moment)
        assert answer.status_code == 200, answer.text
        assert broken not in answer.text
        if path == "/board":
            assert whole in answer.text


async def test_all_statements_of_an_answer_see_one_state(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    await api.made("/clients", LEAD)
    board, seen = board_view.board, list[Any]()

    async def disturbed(*arguments: Any) -> Any:
        seen.append(await board(*arguments))
        made = await api.made("/clients", LEAD)
        assert made["id"] in (await api.get("/clients", after=made["position"])).text
        seen.append(await board(*arguments))
        return seen[0]

    monkeypatch.setattr(board_view, "board", disturbed)
    assert (await api.get("/board")).status_code == 200
    assert seen[0] == seen[1]
