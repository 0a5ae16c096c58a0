"""Who gets in, and in which roles."""

import asyncio
from collections.abc import Iterator
from contextlib import nullcontext
from uuid import uuid4

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from app import auth
from app.auth import Tokens, authorize, create_token
from app.problems import Problem
from app.tables import tokens
from domain.employee import employee_id
from domain.kernel import HEAD_ROLES, Actor
from domain.types import Role
from tests.app.api.conftest import LEAD, Api, Staff


class TestToken:
    async def test_none(self, nobody: Api) -> None:
        answer = await nobody.post("/clients", LEAD)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    @pytest.mark.parametrize("path", ["/me", "/employees", "/regulation", "/events/schemas", "/admin/rebuilds"])
    async def test_none_on_a_get(self, nobody: Api, path: str) -> None:
        assert (await nobody.get(path)).status_code == 401

    @pytest.mark.parametrize("header", ["Bearer nope", "Bearer ", "Basic abc", "cnv_x", "Bearer \xff"])
    async def test_an_invalid_one(self, api: Api, header: str) -> None:
        answer = await Api(api.http).post("/clients", LEAD, authorization=header)
        assert answer.status_code == 401

    async def test_before_the_body_is_judged(self, nobody: Api) -> None:
        assert (await nobody.post("/clients", {})).status_code == 401

    async def test_only_its_hash_is_kept(self, engine: AsyncEngine) -> None:
        token = await create_token(engine, uuid4())
        async with engine.connect() as connection:
            row = (await connection.execute(select(tokens))).one()
        assert token.startswith("cnv_")
        assert token.encode() not in row.hash
        assert len(row.hash) == 32

    async def test_of_nobody(self, staff: Staff) -> None:
        stranger = Api(staff.http, await create_token(staff.services.engine, uuid4()))
        assert (await stranger.get("/me")).status_code == 401

    async def test_a_revoked_one(self, api: Api, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(auth, "CACHED_SECONDS", 0.0)
        assert (await api.get("/me")).is_success
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE tokens SET revoked_at = now()"))
        assert (await api.get("/me")).status_code == 401


class TestManyAtOnce:
    """A token whose time in memory is over is looked up once, however many requests come with it."""

    @pytest.fixture
    def reads(self, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
        monkeypatch.setattr(auth, "CACHED_SECONDS", 0.0)
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if "FROM public.tokens" in statement:
                statements.append(statement)

        event.listen(engine.sync_engine, "before_cursor_execute", note)
        yield statements
        event.remove(engine.sync_engine, "before_cursor_execute", note)

    async def test_one_read(self, staff: Staff, reads: list[str]) -> None:
        known, tokens = await self.known(staff, "anna", "boris")
        actors = await asyncio.gather(*(known.actor(token) for token in tokens * 20))
        assert [actor.employee_id for actor in actors] == [employee_id("anna"), employee_id("boris")] * 20
        assert len(reads) == 2
        await known.actor(tokens[0])
        assert len(reads) == 3

    async def test_who_goes_away_takes_nobody_along(self, staff: Staff, reads: list[str]) -> None:
        known, (token,) = await self.known(staff, "anna")
        first, second = [asyncio.create_task(known.actor(token)) for _ in range(2)]
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).employee_id == employee_id("anna")
        assert (len(reads), first.cancelled()) == (1, True)

    async def known(self, staff: Staff, *codes: str) -> tuple[Tokens, list[str]]:
        for code in codes:
            await staff.hire(code)
        tokens = [await create_token(staff.services.engine, employee_id(code)) for code in codes]
        return Tokens(staff.services.engine, staff.services.directory), tokens


class TestEmployeeLeft:
    async def test_access_ends_at_once(self, api: Api, staff: Staff) -> None:
        leaver = await staff.hire("leaver", Role.CLOSING_MANAGER)
        his = await staff.api("leaver")
        assert (await his.post("/clients", LEAD)).is_success
        await api.made(f"/employees/{leaver}/leave")
        assert (await his.post("/clients", LEAD)).status_code == 401
        assert (await his.get("/me")).status_code == 401


class TestAuditor:
    async def test_he_reads_and_changes_nothing(self, api: Api, staff: Staff) -> None:
        client = await api.lead()
        await staff.hire("auditor", Role.AUDITOR)
        auditor = await staff.api("auditor")
        assert (await auditor.get(client)).status_code == 200
        for path, body in (("/clients", LEAD), (client + "/card", {"name": "X"}), ("/duplicates/runs", None)):
            assert (await auditor.post(path, body)).json()["code"] == "forbidden"


class TestMe:
    async def test_the_roles_of_the_employee_and_of_the_token(self, staff: Staff) -> None:
        await staff.hire("seller", Role.CLOSING_MANAGER)
        seller = await staff.api("seller", Role.AUDITOR)
        me = (await seller.get("/me")).json()
        assert me["roles"] == ["auditor", "closing_manager"]
        assert me["employee_id"] == str(employee_id("seller"))
        assert me["employee"]["code"] == "seller"
        assert me["is_head"] is False

    async def test_the_actor_is_on_the_event(self, staff: Staff) -> None:
        await staff.hire("seller")
        seller = await staff.api("seller")
        position = (await seller.made("/clients", LEAD))["position"]
        (recorded,) = await staff.services.store.read_log(position - 1, 1)
        assert recorded.actor == employee_id("seller")


@pytest.mark.parametrize(
    ("action", "keepers"),
    [
        ("CreditInvoice", HEAD_ROLES | {"service"}),
        ("CorrectPayment", HEAD_ROLES | {"service", "account_manager"}),
        ("RefundMoney", HEAD_ROLES | {"service", "account_manager"}),
    ],
)
def test_money_is_given_back_by_who_keeps_the_accounts(action: str, keepers: frozenset[str]) -> None:
    for role in Role:
        allowed = nullcontext() if role in keepers else pytest.raises(Problem, match="forbidden")
        with allowed:
            authorize(Actor(uuid4(), frozenset({role.value})), action)


def test_who_leads_a_team_distributes_in_it_unless_he_may_only_look_on() -> None:
    leader = uuid4()
    for role in Role:
        bound = role in {Role.AUDITOR, Role.WAREHOUSE}
        with pytest.raises(Problem, match="forbidden") if bound else nullcontext():
            authorize(Actor(leader, frozenset({role.value})), "distribute", leaders={leader})
    with pytest.raises(Problem, match="forbidden"):
        authorize(Actor(leader, frozenset({Role.CLOSING_MANAGER.value})), "keep_templates", leaders={leader})


@pytest.mark.parametrize(
    ("action", "others"),
    [
        ("distribute", {Role.CLIENT_BASE_MANAGER, Role.SENIOR_MANAGER}),
        ("give_search_assignments", {Role.CLIENT_BASE_MANAGER, Role.SENIOR_MANAGER}),
        ("keep_scripts", {Role.MARKETER, Role.SENIOR_MANAGER}),
    ],
)
def test_sales_are_prepared_by_heads_and_who_prepares_them(action: str, others: set[Role]) -> None:
    for role in Role:
        allowed = role in others or role in HEAD_ROLES
        with nullcontext() if allowed else pytest.raises(Problem, match="forbidden"):
            authorize(Actor(uuid4(), frozenset({role.value})), action)
