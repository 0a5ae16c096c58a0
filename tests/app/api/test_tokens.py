"""Access tokens over HTTP: who may make, see and end them, and what they give."""

import logging
from uuid import uuid4

import pytest

from app import auth
from app.auth import token_id
from domain.kernel import HEAD_ROLES
from domain.types import Role
from tests.app.api.conftest import Api, Staff

OTHERS = [role for role in Role if role not in HEAD_ROLES]


@pytest.fixture
async def seller(staff: Staff) -> str:
    """The path of the tokens of a seller, who has none."""
    return f"/employees/{await staff.hire('seller', Role.CLOSING_MANAGER)}/tokens"


async def ids(api: Api, path: str) -> list[str]:
    return [item["id"] for item in (await api.get(path)).json()["items"]]


class TestMakeToken:
    async def test_it_lets_the_employee_in_with_no_more_than_his_roles(
        self, api: Api, seller: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        answer = await api.post(seller)
        made = answer.json()
        me = (await Api(api.http, made["token"]).get("/me")).json()
        assert (answer.status_code, me["employee"]["code"], me["roles"]) == (201, "seller", ["closing_manager"])
        assert made["id"] == str(token_id(made["token"]))
        assert f"token {made['id']} of employee {me['employee_id']} was made by" in caplog.text
        assert made["token"] not in caplog.text

    async def test_a_role_cannot_be_asked_for(self, api: Api, seller: str) -> None:
        answer = await api.post(seller, {"role": "administrator"})
        assert (answer.status_code, answer.json()["errors"]["role"][0]["rule"]) == (422, "extra_forbidden")
        assert await ids(api, seller) == []

    async def test_who_has_left_gets_none(self, api: Api, seller: str) -> None:
        await api.made(seller.replace("/tokens", "/leave"))
        answer = await api.post(seller)
        assert (answer.status_code, answer.json()["code"]) == (409, "employee_left")
        assert await ids(api, seller) == []

    async def test_nobody_gets_none(self, api: Api) -> None:
        path = f"/employees/{uuid4()}/tokens"
        for answer in (await api.post(path), await api.get(path)):
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_employee")


class TestWhoMay:
    @pytest.mark.parametrize("role", sorted(HEAD_ROLES))
    async def test_heads(self, staff: Staff, seller: str, role: str) -> None:
        await staff.hire("chief", Role(role))
        chief = await staff.api("chief")
        made = await chief.made(seller)
        assert await ids(chief, seller) == [made["id"]]
        assert (await chief.delete(f"{seller}/{made['id']}")).status_code == 204

    @pytest.mark.parametrize("role", OTHERS)
    async def test_nobody_else_not_even_for_himself(self, api: Api, staff: Staff, role: Role) -> None:
        path = f"/employees/{await staff.hire('other', role)}/tokens"
        made = await api.made(path)
        other = Api(api.http, made["token"])
        for answer in (await other.post(path), await other.get(path), await other.delete(f"{path}/{made['id']}")):
            assert (answer.status_code, answer.json()["facts"]["roles"]) == (403, sorted(HEAD_ROLES))
        assert await ids(api, path) == [made["id"]]

    async def test_without_a_token(self, nobody: Api, seller: str) -> None:
        for answer in (await nobody.post(seller), await nobody.get(seller), await nobody.delete(f"{seller}/{uuid4()}")):
            assert answer.status_code == 401


class TestListTokens:
    async def test_the_newest_first_page_by_page_and_never_the_token(self, api: Api, staff: Staff, seller: str) -> None:
        made = [await api.made(seller) for _ in range(2)]
        with_role = await staff.api("seller", Role.AUDITOR)
        first = await api.get(seller, limit=2)
        second = await api.get(seller, limit=2, cursor=first.json()["next_cursor"])
        items = first.json()["items"] + second.json()["items"]
        assert [item["role"] for item in items] == ["auditor", None, None]
        assert [item["id"] for item in items[1:]] == [made[1]["id"], made[0]["id"]]
        assert second.json()["next_cursor"] is None
        assert not [each for each in (made[0]["token"], made[1]["token"], str(with_role.token)) if each in first.text]


class TestRevokeToken:
    async def test_it_lets_nobody_in_and_the_others_do(
        self, api: Api, seller: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(auth, "CACHED_SECONDS", 0.0)
        lost, kept = await api.made(seller), await api.made(seller)
        thief, his = (Api(api.http, made["token"]) for made in (lost, kept))
        assert (await thief.get("/me")).is_success
        answer = await api.delete(f"{seller}/{lost['id']}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert ((await thief.get("/me")).status_code, (await his.get("/me")).status_code) == (401, 200)
        assert await ids(api, seller) == [kept["id"]]

    async def test_once(self, api: Api, seller: str) -> None:
        path = f"{seller}/{(await api.made(seller))['id']}"
        assert (await api.delete(path)).status_code == 204
        again = await api.delete(path)
        assert (again.status_code, again.json()["code"]) == (404, "not_found")

    async def test_it_is_named_with_its_employee(self, api: Api, staff: Staff, seller: str) -> None:
        made = await api.made(seller)
        other = f"/employees/{await staff.hire('other')}/tokens"
        assert (await api.delete(f"{other}/{made['id']}")).status_code == 404
        assert await ids(api, seller) == [made["id"]]
