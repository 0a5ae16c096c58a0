"""Commands on expected arrivals that do not say of which article they are."""

import pytest
from fastapi import FastAPI
from sqlalchemy import delete

from app.services import Services
from projections.promises import ARRIVALS
from tests.app.api.conftest import Api
from tests.app.api.test_goods import LATER, expected, stocked


async def test_what_was_done_is_answered_though_nobody_knows_yet_of_which_article_the_arrival_is(
    api: Api, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def behind(*_: object) -> bool:
        return False

    await stocked(api)
    change, body = f"/stock/arrivals/{await expected(api)}/change", {"expected_on": LATER}
    made = await api.made(change, body, Idempotency_Key="once")
    async with services.engine.begin() as connection:
        await connection.execute(delete(ARRIVALS))
    monkeypatch.setattr(services.projector, "wait_for", behind)
    answer = await api.post(change, {"expected_on": LATER, "quantity": "5"})
    assert (answer.status_code, answer.json()["code"]) == (503, "view_behind")
    assert await api.made(change, body, Idempotency_Key="once") == made


@pytest.mark.parametrize("act", ["change", "cancel"])
def test_that_it_may_not_be_known_yet_is_documented(app: FastAPI, act: str) -> None:
    answers = app.openapi()["paths"][f"/api/v1/stock/arrivals/{{arrival_id}}/{act}"]["post"]["responses"]
    assert "view_behind" in answers["503"]["description"]
