"""The category rules over all clients: who would move, and then the moves."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api import BASE
from app.api.caller import IDEMPOTENCY_HEADER, REPLAYED_HEADER, Caller, Reader, services_of
from app.api.documented import problems_documented
from app.api.people import EmployeeRef, employee_ref, optional_ref
from app.api.reading import After, wait_for
from app.api.reports import ListPage, cursors_checked
from app.auth import authorize
from app.category_lists import Moves, move_page, preview, preview_page
from app.category_previews import CategoryPreviews
from app.problems import Problem
from app.services import Services
from domain.regulation.categories import CategoryRules, ClientFigures
from domain.types import Category

router = APIRouter(tags=["Categories"])
ACCEPTED = 202
State = Literal["computing", "ready", "applying", "applied", "failed"]
MoveState = Literal["planned", "applied", "skipped"]
_HEADS_ONLY = problems_documented({}, "forbidden")


class MoveCount(BaseModel):
    """How many clients move from one category to another; null: from none."""

    model_config = ConfigDict(from_attributes=True)

    from_category: Category | None
    to_category: Category
    clients: int
    planned: int
    applied: int
    skipped: int


class PreviewBody(BaseModel):
    """A run of the rules over all clients. Nothing moves before it is applied."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "9b2f2b62-2f52-4b6d-8f5e-0d5c9f2f1a10",
                    "state": "ready",
                    "rules": {"rules": [], "default": "C"},
                    "position": 24716,
                    "clients_done": 1200,
                    "requested_by": {"id": "5d3c2a10-91a4-5b0e-8c57-3b1f6c2f4e01", "code": "head", "name": "Head"},
                    "requested_at": "2026-03-05T09:00:00Z",
                    "ready_at": "2026-03-05T09:00:02Z",
                    "applied_by": None,
                    "apply_requested_at": None,
                    "applied_at": None,
                    "error": None,
                    "moves": [
                        {
                            "from_category": "B",
                            "to_category": "A",
                            "clients": 40,
                            "planned": 40,
                            "applied": 0,
                            "skipped": 0,
                        }
                    ],
                }
            ]
        }
    )

    id: UUID
    state: State
    rules: CategoryRules
    position: Annotated[int, Field(description="Once it is applied: send it as `after` to see the moves")]
    clients_done: Annotated[int, Field(description="Clients that were looked at so far")]
    requested_by: EmployeeRef
    requested_at: datetime
    ready_at: datetime | None
    applied_by: EmployeeRef | None
    apply_requested_at: datetime | None
    applied_at: datetime | None
    error: str | None
    moves: Annotated[list[MoveCount], Field(description="The most frequent first")]


class PreviewPage(BaseModel):
    """Previews, the newest first."""

    items: list[PreviewBody]
    next_cursor: str | None


class MoveBody(BaseModel):
    """A client that moves, the rule that moves it and what the rule looked at; `refusal`: why it was skipped."""

    client_id: UUID
    client_name: str | None
    from_category: Category | None
    to_category: Category
    rule: str
    figures: ClientFigures
    state: MoveState
    refusal: str | None


class MovePage(BaseModel):
    """Moves of a preview."""

    items: list[MoveBody]
    next_cursor: str | None


def _previews(request: Request) -> CategoryPreviews:
    return request.app.state.category_previews


@router.post(
    "/categories/previews",
    status_code=ACCEPTED,
    responses=_HEADS_ONLY | problems_documented({}, "no_category_rules"),
    openapi_extra={"parameters": [IDEMPOTENCY_HEADER]},
)
async def request_category_preview(request: Request, response: Response, call: Caller) -> PreviewBody:
    """Find out who would change his category by the rules in force. Overridden and archived clients stay out of it."""
    authorize(call.actor, "recategorise")
    found = await _previews(request).find(call)
    if found:
        response.headers[REPLAYED_HEADER] = "true"
    preview_id = found or await _previews(request).request(call)
    response.headers["Location"] = f"{BASE}/categories/previews/{preview_id}"
    return await _read(services_of(request), preview_id)


@router.post(
    "/categories/previews/{preview_id}/apply",
    status_code=ACCEPTED,
    responses=_HEADS_ONLY | problems_documented({}, "not_found", "preview_not_ready", "preview_outdated"),
    openapi_extra={"parameters": [IDEMPOTENCY_HEADER]},
)
async def apply_category_preview(request: Request, response: Response, preview_id: UUID, call: Caller) -> PreviewBody:
    """Make the moves of a preview, each by the client as it is by then; a client that has changed is skipped."""
    authorize(call.actor, "recategorise")
    if not await _previews(request).apply(preview_id, call):
        response.headers[REPLAYED_HEADER] = "true"
    return await _read(services_of(request), preview_id)


@router.get("/categories/previews")
async def list_category_previews(request: Request, actor: Reader, page: ListPage, after: After = None) -> PreviewPage:
    """The previews, the newest first. They are never behind, so that `after` only has to exist."""
    services = await _opened(request, actor, after)
    async with services.engine.connect() as connection:
        with cursors_checked():
            found = await preview_page(connection, page)
    return PreviewPage(items=[_body(services, item) for item in found.items], next_cursor=found.next_cursor)


@router.get("/categories/previews/{preview_id}", responses=problems_documented({}, "not_found"))
async def read_category_preview(request: Request, actor: Reader, preview_id: UUID, after: After = None) -> PreviewBody:
    """One preview: how far it is, and how many clients move from where to where."""
    return await _read(await _opened(request, actor, after), preview_id)


@router.get("/categories/previews/{preview_id}/moves", responses=problems_documented({}, "not_found"))
async def list_category_moves(
    request: Request,
    actor: Reader,
    preview_id: UUID,
    page: ListPage,
    from_category: Annotated[Category | Literal[""] | None, Query(description="Empty: from no category")] = None,
    to_category: Category | None = None,
    state: MoveState | None = None,
    after: After = None,
) -> MovePage:
    """The clients that move, by id."""
    services = await _opened(request, actor, after)
    await _read(services, preview_id)
    async with services.engine.connect() as connection:
        with cursors_checked():
            found = await move_page(connection, preview_id, Moves(from_category, to_category, state), page)
    return MovePage(items=[MoveBody.model_validate(item) for item in found.items], next_cursor=found.next_cursor)


async def _opened(request: Request, actor: Any, after: int | None) -> Services:
    authorize(actor, "read")
    await wait_for(services_of(request), (), after)
    return services_of(request)


async def _read(services: Services, preview_id: UUID) -> PreviewBody:
    async with services.engine.connect() as connection:
        found = await preview(connection, preview_id)
    if found is None:
        raise Problem("not_found", facts={"id": preview_id})
    return _body(services, found)


def _body(services: Services, row: dict[str, Any]) -> PreviewBody:
    people: dict[str, Any] = {
        "requested_by": employee_ref(services, row["requested_by"]),
        "applied_by": optional_ref(services, row["applied_by"]),
    }
    return PreviewBody(**{name: row[name] for name in PreviewBody.model_fields} | people)
