"""The worklist of duplicates over the whole base, and the searches that fill it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row

from app.api import BASE
from app.api.caller import IDEMPOTENCY_HEADER, REPLAYED_HEADER, Caller, Reader, services_of
from app.api.documented import problems_documented
from app.api.people import EmployeeRef, employee_ref
from app.api.reading import NeverBehind, Reading, reader
from app.api.reports import ListPage, cursors_checked
from app.auth import authorize
from app.duplicate_lists import Wanted, pair_page
from app.jobs.jobs import Jobs
from app.problems import Problem
from app.services import Services
from projections.duplicates import DuplicatesView, Identity

router = APIRouter(tags=["Duplicates"])
ACCEPTED = 202
_KIND = "duplicates"
Reason = Literal["tax_id", "phone", "email", "domain", "name"]


class RunBody(BaseModel):
    """A search for duplicates in the whole base. Its pairs are listed once it is done."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "9b2f2b62-2f52-4b6d-8f5e-0d5c9f2f1a10",
                    "state": "running",
                    "steps_done": 240000,
                    "steps_total": 600000,
                    "pairs": 0,
                    "requested_by": {"id": "5d3c2a10-91a4-5b0e-8c57-3b1f6c2f4e01", "code": "head", "name": "Head"},
                    "started_at": "2026-03-05T09:00:00Z",
                    "finished_at": None,
                    "error": None,
                }
            ]
        }
    )

    id: UUID
    state: Literal["running", "done", "failed"]
    steps_done: Annotated[int, Field(description="Each client is a step, several times over")]
    steps_total: int
    pairs: Annotated[int, Field(description="How many were found; known when it is done")]
    requested_by: EmployeeRef
    started_at: datetime
    finished_at: datetime | None
    error: str | None


class RunList(BaseModel):
    """Searches, the newest first."""

    items: list[RunBody]
    next_cursor: str | None


class AlikeBody(BaseModel):
    """One of two clients that may be the same."""

    id: UUID
    name: str | None
    region: str | None
    tax_id: str | None
    phones: list[str]
    emails: list[str]
    site: str | None
    archived: bool


class PairBody(BaseModel):
    """Two clients that may be one. `score`: from 0 to 1; `reason`: the strongest of what they share."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "client": {
                        "id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11",
                        "name": "Northern Steel Ltd",
                        "region": "Ural",
                        "tax_id": "7707083893",
                        "phones": ["+7 495 123-45-67"],
                        "emails": [],
                        "site": None,
                        "archived": False,
                    },
                    "other": {
                        "id": "7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11",
                        "name": "Nothern Steel",
                        "region": "Ural",
                        "tax_id": None,
                        "phones": [],
                        "emails": [],
                        "site": None,
                        "archived": False,
                    },
                    "score": 0.963,
                    "reason": "name",
                }
            ]
        }
    )

    client: AlikeBody
    other: AlikeBody
    score: float
    reason: Reason


class PairPageBody(BaseModel):
    """Pairs, the most alike first."""

    items: list[PairBody]
    next_cursor: str | None


def _jobs(request: Request) -> Jobs:
    return request.app.state.jobs


@router.post(
    "/duplicates/runs",
    status_code=ACCEPTED,
    responses=problems_documented({}, "duplicate_run_running"),
    openapi_extra={"parameters": [IDEMPOTENCY_HEADER]},
)
async def start_duplicate_run(request: Request, response: Response, call: Caller) -> RunBody:
    """Search the whole base for duplicates, in the background. The worklist changes when the search is done."""
    authorize(call.actor, "search_duplicates")

    def refuse(running: Sequence[Row[Any]]) -> None:
        for other in running:
            raise Problem("duplicate_run_running", facts={"run_id": other.id})

    run, replayed = await _jobs(request).start(_KIND, {}, call, refuse)
    if replayed:
        response.headers[REPLAYED_HEADER] = "true"
    response.headers["Location"] = f"{BASE}/duplicates/runs/{run.id}"
    return _run(run, services_of(request))


@router.get("/duplicates/runs")
async def list_duplicate_runs(request: Request, actor: Reader, page: ListPage, services: NeverBehind) -> RunList:
    """The searches, the newest first; the last fifty are kept."""
    authorize(actor, "read")
    with cursors_checked():
        found, next_cursor = await _jobs(request).page(_KIND, page)
    return RunList(items=[_run(run, services) for run in found], next_cursor=next_cursor)


@router.get("/duplicates/runs/{run_id}", responses=problems_documented({}, "not_found"))
async def read_duplicate_run(request: Request, actor: Reader, run_id: UUID, services: NeverBehind) -> RunBody:
    """How far a search has come."""
    authorize(actor, "read")
    run = await _jobs(request).get(_KIND, run_id)
    if run is None:
        raise Problem("not_found", facts={"id": run_id})
    return _run(run, services)


@router.get("/duplicates")
async def list_duplicates(
    reading: Annotated[Reading, reader(DuplicatesView.name)],
    page: ListPage,
    min_score: Annotated[float, Query(ge=0, le=1)] = 0.0,
    reason: Reason | None = None,
    client_id: Annotated[UUID | None, Query(description="Pairs with this client")] = None,
) -> PairPageBody:
    """The pairs of the last search that is done; those merged or told apart since have left the list."""
    with cursors_checked():
        found = await pair_page(reading.connection, Wanted(min_score, reason, client_id), page)
    items = [
        PairBody(client=_alike(item.client), other=_alike(item.other), score=item.score, reason=item.reason)  # pyright: ignore[reportArgumentType]
        for item in found.items
    ]
    return PairPageBody(items=items, next_cursor=found.next_cursor)


def _run(run: Any, services: Services) -> RunBody:
    return RunBody(
        id=run.id,
        state=run.state,
        steps_done=run.done,
        steps_total=run.total,
        pairs=run.result["pairs"] if run.result else 0,
        requested_by=employee_ref(services, run.requested_by),
        started_at=run.started_at,
        finished_at=run.finished_at,
        error=run.error,
    )


def _alike(identity: Identity) -> AlikeBody:
    values: dict[str, Any] = {name: getattr(identity, name) for name in AlikeBody.model_fields if name != "archived"}
    return AlikeBody(**values, archived=identity.standing.archived)
