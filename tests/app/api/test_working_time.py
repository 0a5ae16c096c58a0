"""The working calendar over HTTP."""

import pytest

from tests.app.api.conftest import Api

MARCH_9 = {"from": "2026-03-09", "to": "2026-03-09"}


class TestCalendar:
    async def test_the_default_week(self, api: Api) -> None:
        found = (await api.get("/regulation/calendar", **{"from": "2026-03-02", "to": "2026-03-08"})).json()
        assert [item["working"] for item in found["items"]] == [True] * 5 + [False] * 2
        assert found["items"][0]["hours"] == {"begins": "09:00:00", "ends": "18:00:00"}
        assert (found["total"], found["time_zone"]) == ({"days": 7, "working_days": 5}, "UTC")

    async def test_public_holidays_and_exceptions(self, api: Api) -> None:
        await api.made("/regulation/public-holidays", {"country": "RU"})
        (holiday,) = (await api.get("/regulation/calendar", **MARCH_9)).json()["items"]
        assert (holiday["working"], holiday["name"]) == (False, "International Women's Day (observed)")
        await api.made(
            "/regulation/calendar/2026-03-09", {"hours": {"begins": "10:00", "ends": "14:00"}, "name": "Stocktaking"}
        )
        (worked,) = (await api.get("/regulation/calendar", **MARCH_9)).json()["items"]
        assert (worked["working"], worked["exception"], worked["name"]) == (True, True, "Stocktaking")
        regulation = (await api.get("/regulation")).json()
        assert regulation["public_holidays"] == {"country": "RU", "subdivision": None}
        assert list(regulation["calendar_days"]) == ["2026-03-09"]
        await api.made("/regulation/calendar/2026-03-09/clear")
        assert not (await api.get("/regulation/calendar", **MARCH_9)).json()["items"][0]["working"]

    async def test_another_week(self, api: Api) -> None:
        await api.made("/regulation/working-hours", {"week": {"sunday": {"begins": "09:00", "ends": "00:00"}}})
        found = (await api.get("/regulation/calendar", **{"from": "2026-03-02", "to": "2026-03-08"})).json()
        assert found["total"]["working_days"] == 1
        assert list((await api.get("/regulation")).json()["working_week"]) == ["sunday"]

    @pytest.mark.parametrize(
        ("field", "params"),
        [
            ("from", {"to": "2026-03-09"}),
            ("to", {"from": "2026-03-09", "to": "2026-03-08"}),
            ("to", {"from": "2026-03-09", "to": "2027-03-10"}),
            ("from", {"from": "1066-03-09", "to": "2027-03-10"}),
        ],
    )
    async def test_a_bad_span(self, api: Api, field: str, params: dict[str, str]) -> None:
        answer = await api.get("/regulation/calendar", **params)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


class TestRules:
    async def test_a_country_that_nobody_knows(self, api: Api) -> None:
        answer = await api.post("/regulation/public-holidays", {"country": "ZZ"})
        assert (answer.status_code, answer.json()["code"]) == (409, "unknown_country")
        assert "RU" in answer.json()["facts"]["known"]
        known = (await api.get("/regulation/holiday-countries")).json()["items"]
        assert "BY" in next(item["subdivisions"] for item in known if item["country"] == "DE")

    async def test_a_day_that_is_no_exception(self, api: Api) -> None:
        answer = await api.post("/regulation/calendar/2026-03-09/clear")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_day")

    async def test_a_day_that_is_no_date(self, api: Api) -> None:
        answer = await api.post("/regulation/calendar/tomorrow", {"hours": None})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["day"])

    async def test_an_offer_is_due_on_a_working_day(self, api: Api) -> None:
        """Offered on the Friday before a long week end, to be accepted within a working day."""
        await api.made("/regulation/public-holidays", {"country": "RU"})
        employee = (await api.get("/me")).json()["employee_id"]
        friday = {"occurred_at": "2026-03-06T12:00:00Z"}
        client = await api.lead(occurred_at="2026-03-02T12:00:00Z")
        await api.made("/regulation/steps/lead_generation", {"rules": {"qualification_criteria": []}})
        await api.made(client + "/qualify", {"need": "Pipes"} | friday)
        made = await api.made(client + "/handoffs", {"to_employee_id": employee} | friday)
        found = (await api.get(f"{client}/handoffs/{made['handoff_id']}")).json()
        assert found["due_at"] == "2026-03-10T12:00:00Z"
