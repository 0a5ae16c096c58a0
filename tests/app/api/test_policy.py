"""The client policy over HTTP: published by a head, read by everybody."""

from typing import Any

from domain.types import Role
from tests.app.api.conftest import Api, Staff

TEXT: dict[str, Any] = {
    "target_clients": "Metal works",
    "vip_clients": "Large ones",
    "rules": "No client without a next step",
}


async def readers(api: Api, version: int, **params: Any) -> list[str]:
    answer = (await api.get(f"/policy/versions/{version}/readers", **params)).json()
    return [item["employee"]["code"] for item in answer["items"]]


async def test_who_has_read_which_version(api: Api, staff: Staff) -> None:
    await staff.hire("anna", Role.COLD_CONTACT_MANAGER)
    await staff.hire("boris", Role.CLOSING_MANAGER)
    anna = await staff.api("anna")
    assert (await anna.post("/policy/publish", TEXT)).status_code == 403

    await api.made("/policy/publish", TEXT)
    await anna.made("/policy/versions/1/read")
    assert (await anna.post("/policy/versions/1/read")).json()["code"] == "policy_read_already"
    assert (await anna.post("/policy/versions/2/read")).status_code == 404
    held = (await anna.get("/policy")).json()
    assert (held["number"], held["rules"], held["published_by"]["code"]) == (1, TEXT["rules"], "head")
    assert (held["read_by"], held["not_read_by"]) == (1, 2)
    assert held["read_at"]
    assert (await readers(api, 1, is_read=True), await readers(api, 1, is_read=False)) == (["anna"], ["boris", "head"])
    first = (await api.get("/policy/versions/1/readers", limit=2)).json()
    assert await readers(api, 1, cursor=first["next_cursor"]) == ["head"]

    position = (await api.made("/policy/publish", TEXT | {"rules": "Call back within a day"}))["position"]
    held = (await anna.get("/policy", after=position)).json()
    assert (held["number"], held["read_at"]) == (2, None)
    versions = (await anna.get("/policy/versions")).json()["items"]
    assert [(item["number"], item["is_latest"], item["read_by"]) for item in versions] == [(2, True, 0), (1, False, 1)]
    assert (await anna.get("/policy/versions/1")).json()["rules"] == TEXT["rules"]
    assert (await anna.get("/policy/versions/0")).status_code == 422
    assert (await anna.post("/policy/versions/x/read")).status_code == 422


async def test_a_firm_without_a_policy_is_told_how_to_publish_one(api: Api) -> None:
    for path in ("/policy", "/policy/versions/1", "/policy/versions/1/readers"):
        answer = await api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_policy")
        assert "POST /policy/publish" in answer.json()["detail"]
    unread = (await api.post("/policy/versions/1/read")).json()
    assert (unread["code"], unread["facts"]["latest"]) == ("unknown_policy_version", 0)
    assert "POST /policy/publish" in unread["detail"]
    await api.made("/policy/publish", TEXT)
    assert (await api.get("/policy/versions/2")).json()["code"] == "unknown_policy_version"
