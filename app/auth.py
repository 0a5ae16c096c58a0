"""Who is calling: bearer tokens, each bound to an employee and kept as a hash only; and what he may do."""

import asyncio
import secrets
import time
from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from fastapi import Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from app.directory import Directory
from app.headers import header
from app.problems import Problem
from app.tables import tokens
from domain.employee import Employee
from domain.kernel import HEAD_ROLES, Actor
from domain.types import Role

PREFIX = "cnv_"
CACHED_SECONDS = 5.0
"""How long a revoked token may still work."""
_CACHED_TOKENS = 10_000
_ID_BYTES = 16


class Grant(NamedTuple):
    """What a token gives: the employee it stands for, and a role beside the employee's own ones."""

    employee_id: UUID
    role: str | None


class KnownToken(NamedTuple):
    """A token that works, as it may be shown: `id` is the beginning of its hash and lets nobody in."""

    id: UUID
    employee_id: UUID
    role: str | None
    created_at: datetime


async def create_token(engine: AsyncEngine, employee_id: UUID, role: str | None = None) -> str:
    """A new token of an employee. Only its hash is kept, so it cannot be shown again."""
    token = PREFIX + secrets.token_urlsafe(32)
    row = {"hash": _hash(token), "employee_id": employee_id, "role": role, "created_at": func.now()}
    async with engine.begin() as connection:
        await connection.execute(insert(tokens).values(row))
    return token


async def known_tokens(engine: AsyncEngine, employee_id: UUID | None = None) -> Sequence[KnownToken]:
    """The tokens that are not revoked, of one employee or of all, the newest first."""
    query = select(tokens).where(tokens.c.revoked_at.is_(None)).order_by(tokens.c.created_at.desc(), tokens.c.hash)
    if employee_id is not None:
        query = query.where(tokens.c.employee_id == employee_id)
    async with engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    return [KnownToken(_id(row.hash), row.employee_id, row.role, row.created_at) for row in rows]


async def revoke_token(engine: AsyncEngine, token_id: UUID, employee_id: UUID | None = None) -> bool:
    """End a token for good, everywhere within `CACHED_SECONDS`. False where there is none, or not of this employee."""
    begins_so = tokens.c.hash.between(token_id.bytes, token_id.bytes.ljust(sha256().digest_size, b"\xff"))
    revoked = update(tokens).where(begins_so, tokens.c.revoked_at.is_(None)).values(revoked_at=func.now())
    if employee_id is not None:
        revoked = revoked.where(tokens.c.employee_id == employee_id)
    async with engine.begin() as connection:
        return (await connection.execute(revoked.returning(tokens.c.hash))).first() is not None


def token_id(token: str) -> UUID:
    """The id by which a token is listed and revoked."""
    return _id(_hash(token))


def _id(key: bytes) -> UUID:
    return UUID(bytes=key[:_ID_BYTES])


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()


class Tokens:
    """Finds the actor of a token, mostly from memory. Whether the employee has left is looked up every time."""

    def __init__(self, engine: AsyncEngine, directory: Directory) -> None:
        self._engine = engine
        self._directory = directory
        self._grants: dict[bytes, tuple[Grant, float]] = {}
        self._reads: dict[bytes, asyncio.Task[Grant | None]] = {}

    async def actor(self, token: str) -> Actor:
        """The actor that the token stands for.

        Raises:
            Problem: `not_authenticated`, where nobody who works here holds the token.
        """
        key = _hash(token)
        cached = self._grants.get(key)
        grant = cached[0] if cached and cached[1] > time.monotonic() else await self._find(key)
        employee = grant and await self._employee(grant.employee_id)
        if not grant or not employee or employee.has_left:
            raise not_authenticated()
        return Actor(grant.employee_id, employee.roles | {grant.role} if grant.role else employee.roles)

    async def _find(self, key: bytes) -> Grant | None:
        """The grant as the database has it; all requests that come meanwhile with the same token wait for one read."""
        reading = self._reads.get(key)
        if reading is None:
            reading = self._reads[key] = asyncio.create_task(self._read(key))
            reading.add_done_callback(lambda _: self._reads.pop(key))
        return await asyncio.shield(reading)

    async def _read(self, key: bytes) -> Grant | None:
        query = select(tokens.c.employee_id, tokens.c.role).where(tokens.c.hash == key, tokens.c.revoked_at.is_(None))
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        self._grants.pop(key, None)
        if row is None:
            return None
        if len(self._grants) >= _CACHED_TOKENS:
            self._grants.clear()
        grant = Grant(*row)
        self._grants[key] = grant, time.monotonic() + CACHED_SECONDS
        return grant

    async def _employee(self, employee_id: UUID) -> Employee | None:
        known = self._directory.employee(employee_id)
        if known is None and await self._directory.refresh():
            return self._directory.employee(employee_id)
        return known


def not_authenticated() -> Problem:
    """The answer to a caller without a valid token."""
    return Problem("not_authenticated", headers={"WWW-Authenticate": "Bearer"})


class BearerToken(SecurityBase):
    """The dependency that answers 401 or yields the caller; documented in OpenAPI as the scheme `token`."""

    model = HTTPBearer(description="A token that an administrator made: here, or by `conveyor token create`")
    scheme_name = "token"

    async def __call__(self, request: Request) -> Actor:
        """The caller of this request."""
        scheme, _, token = (header(request.scope, b"authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise not_authenticated()
        tokens_of_service: Tokens = request.app.state.tokens
        return await tokens_of_service.actor(token.strip())


bearer_token = BearerToken()

HEADS_ONLY = frozenset(
    {"administer", "recategorise", "lead_team", "read_approvals", "GiveApproval", "RefuseApproval", "CorrectDeal"}
)
"""What only heads may do: to administer is to change the staff or the rules, to let the staff in, and to rebuild views;
to lead a team is to start, change and end it, to set its stage and to review it.

They answer who asks for terms beyond the rules, and correct what a won deal brought and cost.
"""
PREPARE_SALES = HEAD_ROLES | {Role.SENIOR_MANAGER.value, Role.CLIENT_BASE_MANAGER.value}
ROLES = {
    "import": HEAD_ROLES | {Role.CLIENT_BASE_MANAGER.value},
    "distribute": PREPARE_SALES,
    "give_search_assignments": PREPARE_SALES,
    "keep_scripts": HEAD_ROLES | {Role.SENIOR_MANAGER.value, Role.MARKETER.value},
    "keep_stock": HEAD_ROLES | {Role.WAREHOUSE.value, Role.SERVICE.value},
    "CreditInvoice": HEAD_ROLES | {Role.SERVICE.value},
    "CorrectPayment": HEAD_ROLES | {Role.SERVICE.value, Role.ACCOUNT_MANAGER.value},
    "RefundMoney": HEAD_ROLES | {Role.SERVICE.value, Role.ACCOUNT_MANAGER.value},
    "keep_catalogue": HEAD_ROLES | {Role.SERVICE.value, Role.MARKETER.value},
    "keep_templates": HEAD_ROLES | {Role.MARKETER.value},
}
"""Who else may do what not everybody may: lists are prepared by the manager of the client base, and who sells plans and
applies no distributions; he may assign clients one by one, with a reason each time another loses one. To keep stock is
to take goods in, count and expect them. Who sells does not take prices back by credit notes.
"""

BY_TEAM_LEADERS = frozenset({"distribute"})
"""What the head and the deputy of a team may do with it even if they only sell, and sell in it themselves."""

AT_THE_WAREHOUSE = frozenset(
    {"read", "keep_stock", "ConfirmOrder", "ShipOrder", "DeliverShipment", "TakeBackGoods", "CompleteTask"}
)
"""All that who only works at the warehouse may do."""

BOUND_TO = {Role.WAREHOUSE: AT_THE_WAREHOUSE, Role.AUDITOR: frozenset({"read", "MarkPolicyRead"})}
"""Roles that allow no more than this: auditors look at everything and change nothing."""


def authorize(actor: Actor, action: str, leaders: Collection[UUID] = ()) -> None:
    """Refuse what the actor's roles do not allow. The one place for permissions.

    `leaders` are those of the team that the action is about, if it is about one.

    Raises:
        Problem: `forbidden`, with the roles that would allow it.
    """
    if action in HEADS_ONLY and not actor.is_head:
        raise Problem("forbidden", facts={"action": action, "roles": sorted(HEAD_ROLES)})
    leads_the_team = action in BY_TEAM_LEADERS and actor.employee_id in leaders
    if action in ROLES and not leads_the_team and actor.roles.isdisjoint(ROLES[action]):
        raise Problem("forbidden", facts={"action": action, "roles": sorted(ROLES[action])})
    for role, actions in BOUND_TO.items():
        if actor.roles == frozenset({role}) and action not in actions:
            raise Problem("forbidden", facts={"action": action, "roles": sorted(set(Role) - BOUND_TO.keys())})
