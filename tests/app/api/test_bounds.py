"""The bounds of periods and the moments to go back to."""

import pytest

from app.api import BASE
from app.api.bounds import with_its_plus
from tests.app.api.conftest import Api


@pytest.mark.parametrize("report", ["conversion", "value", "handoffs", "time-in-step"])
@pytest.mark.parametrize("field", ["from", "to"])
@pytest.mark.parametrize(
    "bound", ["9999-12-15", "2200-01-01", "1899-12-31", "0001-01-01", "9999-12-31T23:59:59Z", "2200-01-01T00:00:00Z"]
)
async def test_beyond_business_time(api: Api, report: str, field: str, bound: str) -> None:
    answer = await api.get(f"/reports/{report}", **{field: bound})
    assert answer.status_code == 422
    problem = answer.json()["errors"][field][0]
    assert problem == {"message": "Send a date or an instant from 1900 to 2199.", "rule": "out_of_range"}


@pytest.mark.parametrize("report", ["conversion", "value", "handoffs", "time-in-step"])
async def test_all_of_business_time(api: Api, report: str) -> None:
    assert (await api.get(f"/reports/{report}", **{"from": "1900-01-01", "to": "2199-12-31"})).status_code == 200


@pytest.mark.parametrize("path", ["/reports/time-in-step", "/board", "/reports/value"])
@pytest.mark.parametrize("name", ["as_of", "at"])
async def test_a_moment_before_business_time(api: Api, path: str, name: str) -> None:
    answer = await api.get(path, **{name: "0001-01-01T00:00:00+14:00"})
    assert (answer.status_code, answer.json()["errors"][name][0]["rule"]) == (422, "too_early")


@pytest.mark.parametrize("path", ["/reports/time-in-step", "/board", "/clients/00000000-0000-0000-0000-000000000000"])
@pytest.mark.parametrize("name", ["as_of", "at"])
@pytest.mark.parametrize("sent", ["100", "1700000000", "1.7e9"])
async def test_a_number_is_no_moment(api: Api, path: str, name: str, sent: str) -> None:
    answer = await api.get(path, **{name: sent})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [name])
    assert "ISO 8601" in answer.json()["errors"][name][0]["message"]


@pytest.mark.parametrize("path", ["/board?as_of=", "/board?at=", "/reports/conversion?from="])
async def test_the_plus_of_an_offset_may_be_sent_as_it_is(api: Api, path: str) -> None:
    await api.lead(occurred_at="2024-03-10T09:30:00Z")
    headers = {"Authorization": f"Bearer {api.token}"}
    for offset in ("+01:00", "%2B01:00", "+0100", ".5+01:00"):
        answer = await api.http.get(f"{BASE}{path}2024-03-10T10:00:00{offset}", headers=headers)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("sent", ["2024-03-10 10:00", "2024-03-10 10:00:00", "2024-03-10T10:00:00Z", "soon", None])
def test_no_plus_is_put_where_none_was(sent: str | None) -> None:
    assert with_its_plus(sent) == sent
    assert with_its_plus("2024-03-10 10:00:00 03:00") == "2024-03-10 10:00:00+03:00"
