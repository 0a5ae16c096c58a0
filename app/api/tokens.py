"""Access tokens of employees: made, listed and revoked by those who administer."""

import logging
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.admin import Administrator
from app.api.caller import services_of
from app.api.documented import problems_documented
from app.api.employees import known_employee
from app.api.reading import NeverBehind
from app.api.reports import ListPage, page_by
from app.auth import create_token, known_tokens, revoke_token, token_id
from app.problems import Problem

router = APIRouter(tags=["Employees"])
log = logging.getLogger(__name__)
CREATED, NO_CONTENT, NOT_FOUND = 201, 204, 404
_TOKENS = "/employees/{employee_id}/tokens"
_UNKNOWN = {NOT_FOUND: ["unknown_employee"]}


class TokenOrder(BaseModel):
    """Nothing to choose: over HTTP a token gives the employee's own roles and no other."""

    model_config = ConfigDict(extra="forbid")


class MadeToken(BaseModel):
    """A new token."""

    id: Annotated[UUID, Field(description="By which it is listed and revoked; lets nobody in")]
    token: Annotated[str, Field(description="Shown this once: only its hash is kept")]


@router.post(_TOKENS, status_code=CREATED, responses=problems_documented(_UNKNOWN, "forbidden", "employee_left"))
async def make_employee_token(
    request: Request, actor: Administrator, employee_id: UUID, _: TokenOrder | None = None
) -> MadeToken:
    """Make a token that lets the employee in, in his own roles. Each request makes another one."""
    services = services_of(request)
    employee = await known_employee(services, employee_id)
    if employee.has_left:
        raise Problem("employee_left", facts={"id": employee_id})
    token = await create_token(services.engine, employee_id)
    log.info("token %s of employee %s was made by %s", token_id(token), employee_id, actor.employee_id)
    return MadeToken(id=token_id(token), token=token)


class TokenBody(BaseModel):
    """A token as it may be shown."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    role: Annotated[str | None, Field(description="What it gives beside the employee's own roles")]
    created_at: datetime


class TokenPage(BaseModel):
    """Tokens of an employee, the newest first."""

    items: list[TokenBody]
    next_cursor: str | None


@router.get(_TOKENS, responses=problems_documented(_UNKNOWN, "forbidden"))
async def list_employee_tokens(services: NeverBehind, _: Administrator, employee_id: UUID, page: ListPage) -> TokenPage:
    """The tokens of an employee that are not revoked. While he has left they let nobody in."""
    await known_employee(services, employee_id)
    found = [TokenBody.model_validate(token) for token in await known_tokens(services.engine, employee_id)]
    items, next_cursor = page_by(found, page, "id")
    return TokenPage(items=items, next_cursor=next_cursor)


@router.delete(
    _TOKENS + "/{token_id}", status_code=NO_CONTENT, responses=problems_documented({}, "forbidden", "not_found")
)
async def revoke_employee_token(request: Request, actor: Administrator, employee_id: UUID, token_id: UUID) -> None:
    """End a token for good; it may work for 5 seconds yet."""
    if not await revoke_token(services_of(request).engine, token_id, employee_id):
        raise Problem("not_found", facts={"id": token_id})
    log.info("token %s of employee %s was revoked by %s", token_id, employee_id, actor.employee_id)
