"""Reading one's own writes, and reading in time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.services import Services
from tests.app.api.conftest import LEAD, Api

TOMORROW = datetime.now(UTC) + timedelta(days=1)


class TestAfter:
    async def test_the_own_write_is_there(self, api: Api) -> None:
        for _ in range(5):
            made = await api.made("/clients", LEAD)
            items = (await api.get("/clients", after=made["position"])).json()["items"]
            assert made["id"] in {item["id"] for item in items}

    async def test_a_position_that_does_not_exist_yet(self, api: Api) -> None:
        answer = await api.get("/clients", after=1_000_000)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["after"])
        history = await api.get(await api.lead() + "/history", after=1_000_000)
        assert history.status_code == 422

    async def test_a_view_that_is_behind(self, api: Api, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
        async def behind(*_: Any) -> bool:
            return False

        monkeypatch.setattr(services.projector, "wait_for", behind)
        position = (await api.made("/clients", LEAD))["position"]
        answer = await api.get("/clients", after=position)
        assert (answer.status_code, answer.json()["code"]) == (503, "view_behind")
        assert answer.headers["Retry-After"] == "1"

    @pytest.mark.parametrize("after", ["-1", "x", "1.5"])
    async def test_no_position(self, api: Api, after: str) -> None:
        assert list((await api.get("/clients", after=after)).json()["errors"]) == ["after"]


class TestInTime:
    async def test_as_of_does_not_see_what_was_recorded_later(self, api: Api) -> None:
        first = await api.made("/clients", LEAD)
        moment = datetime.now(UTC)
        second = await api.made("/clients", LEAD)
        then = (await api.get("/board", as_of=moment.isoformat())).text
        now = (await api.get("/board", after=second["position"])).text
        assert first["id"] in then
        assert second["id"] not in then
        assert second["id"] in now

    async def test_at_does_not_see_what_occurred_later(self, api: Api) -> None:
        old = await api.made("/clients", LEAD | {"occurred_at": "2024-01-10T00:00:00Z"})
        new = await api.made("/clients", LEAD | {"occurred_at": "2024-03-10T00:00:00Z"})
        then = (await api.get("/board", at="2024-02-01T00:00:00Z")).text
        assert old["id"] in then
        assert new["id"] not in then

    @pytest.mark.parametrize("name", ["as_of", "at"])
    async def test_the_future_is_not_known(self, api: Api, name: str) -> None:
        answer = await api.get("/board", **{name: TOMORROW.isoformat()})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [name])

    async def test_an_offset_is_needed(self, api: Api) -> None:
        assert (await api.get("/board", as_of="2024-01-01T00:00:00")).status_code == 422

    @pytest.mark.parametrize("name", ["as_of", "at"])
    async def test_a_client_that_was_not_there_yet(self, api: Api, name: str) -> None:
        answer = await api.get(await api.lead(), **{name: "2020-01-01T00:00:00Z"})
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_client")
        assert f"`{name}`" in answer.json()["detail"]
