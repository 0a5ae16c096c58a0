"""Running the service: its health, how far the views are, and building views anew."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row, select

from app.api import BASE
from app.api.caller import IDEMPOTENCY_HEADER, REPLAYED_HEADER, Caller, Reader, services_of
from app.api.documented import problems_documented
from app.api.people import EmployeeRef, employee_ref
from app.api.reading import NeverBehind
from app.api.reports import ListPage, cursors_checked
from app.auth import authorize
from app.jobs.jobs import Jobs
from app.problems import Problem, invalid
from domain.kernel import Actor
from projections.kernel import View
from projections.log import parked
from projections.registry import VIEWS

router = APIRouter(tags=["Administration"])
ACCEPTED = 202
_KIND = "rebuild"
STANDS_STILL_SECONDS = 30.0
"""A view that has not moved for so long, while an event waited for as long, stands still."""


class ViewBody(BaseModel):
    """How far a view is behind the log."""

    model_config = ConfigDict(from_attributes=True)

    view: str
    position: int
    positions_behind: int
    seconds_behind: Annotated[float, Field(description="Age of the oldest event that it has not taken in")]
    seconds_since_advance: float
    parked: Annotated[int, Field(description="Clients that stand still, because an event cannot be folded")]
    failing: Annotated[bool, Field(description="Whether the whole view stands still, because projection fails")]

    @property
    def is_well(self) -> bool:
        """Whether it goes on, with all of its clients."""
        stands_still = min(self.seconds_behind, self.seconds_since_advance) > STANDS_STILL_SECONDS
        return not (self.parked or self.failing or stands_still)


class ViewDetail(ViewBody):
    """The same, with the reason."""

    failure: Annotated[str | None, Field(description="Why projection fails; its traceback is in the service's log")]


class Health(BaseModel):
    """`degraded` where a view is missing, fails, stands still or has parked clients."""

    status: Annotated[str, Field(examples=["ok"])]
    position: Annotated[int, Field(description="The last position of the log")]
    views: list[ViewBody]


@router.get("/health", responses=problems_documented({}, "database_unavailable"))
async def read_health(request: Request) -> Health:
    """Whether the service can work: 503 where the database cannot be reached."""
    services = services_of(request)
    position = await services.store.head()
    views = [ViewBody.model_validate(lag) for lag in await services.projector.lag()]
    healthy = len(views) == len(VIEWS) and all(view.is_well for view in views)
    return Health(status="ok" if healthy else "degraded", position=position, views=views)


@router.get("/health/live")
async def read_liveness() -> dict[str, str]:
    """Whether the process answers at all."""
    return {"status": "ok"}


async def administrator(actor: Reader) -> Actor:
    """The caller, who may run the service."""
    authorize(actor, "administer")
    return actor


Administrator = Annotated[Actor, Depends(administrator)]
_ONLY_HEADS = problems_documented({}, "forbidden")


class ParkedClient(BaseModel):
    """A client that stands still in a view before the event at `position`."""

    model_config = ConfigDict(from_attributes=True)

    view: str
    stream_id: UUID
    position: int
    error: str
    since: datetime


class Projections(BaseModel):
    """The views and the clients that stand still in them."""

    views: list[ViewDetail]
    parked: Annotated[list[ParkedClient], Field(description="The first hundred, oldest first")]


@router.get("/admin/projections", responses=_ONLY_HEADS)
async def read_projections(request: Request, _: Administrator) -> Projections:
    """How far each view is, and which clients stand still and why."""
    services = services_of(request)
    async with services.engine.connect() as connection:
        rows = await connection.execute(select(parked).order_by(parked.c.since).limit(100))
    views = [ViewDetail.model_validate(lag) for lag in await services.projector.lag()]
    return Projections(views=views, parked=[ParkedClient.model_validate(row) for row in rows])


class RebuildOrder(BaseModel):
    """Which views to build anew; all of them, when none is named."""

    model_config = ConfigDict(extra="forbid")

    views: Annotated[list[str], Field(examples=[["conversion", "value"]])] = []


class RebuildBody(BaseModel):
    """A rebuild: `running`, `done` or `failed`."""

    id: UUID
    views: tuple[str, ...]
    state: str
    events_done: int
    events_total: int
    requested_by: EmployeeRef
    started_at: datetime
    finished_at: datetime | None
    error: str | None


class RebuildList(BaseModel):
    """Rebuilds, newest first."""

    items: list[RebuildBody]
    next_cursor: str | None


def _jobs(request: Request) -> Jobs:
    return request.app.state.jobs


@router.post(
    "/admin/rebuilds",
    status_code=ACCEPTED,
    responses=_ONLY_HEADS | problems_documented({}, "rebuild_running"),
    openapi_extra={"parameters": [IDEMPOTENCY_HEADER]},
)
async def start_rebuild(
    request: Request, response: Response, call: Caller, order: RebuildOrder | None = None
) -> RebuildBody:
    """Build views anew beside the running service. Readers see the old views until the new ones take their place."""
    authorize(call.actor, "administer")
    names = [view.name for view in _chosen(order.views if order else [])]

    def refuse(running: Sequence[Row[Any]]) -> None:
        for job in running:
            if shared := set(job.order["views"]) & set(names):
                raise Problem("rebuild_running", facts={"view": min(shared)})

    job, replayed = await _jobs(request).start(_KIND, {"views": names}, call, refuse)
    if replayed:
        response.headers[REPLAYED_HEADER] = "true"
    response.headers["Location"] = f"{BASE}/admin/rebuilds/{job.id}"
    return _body(request, job)


def _body(request: Request, job: Row[Any]) -> RebuildBody:
    return RebuildBody(
        id=job.id,
        views=job.order["views"],
        state=job.state,
        events_done=job.done,
        events_total=job.total,
        requested_by=employee_ref(services_of(request), job.requested_by),
        started_at=job.started_at,
        finished_at=job.finished_at,
        error=job.error,
    )


def _chosen(names: list[str]) -> list[View[Any]]:
    known: dict[str, View[Any]] = {view.name: view for view in VIEWS}
    for number, name in enumerate(names):
        if name not in known:
            raise invalid(f"views.{number}", f"Send names among {', '.join(known)}.", "unknown_view")
    return [known[name] for name in dict.fromkeys(names)] or list(known.values())


@router.get("/admin/rebuilds", responses=_ONLY_HEADS)
async def list_rebuilds(request: Request, _: Administrator, page: ListPage, __: NeverBehind) -> RebuildList:
    """The rebuilds, newest first, whichever process of the service was asked for them; the last fifty are kept."""
    with cursors_checked():
        found, next_cursor = await _jobs(request).page(_KIND, page)
    return RebuildList(items=[_body(request, job) for job in found], next_cursor=next_cursor)


@router.get("/admin/rebuilds/{rebuild_id}", responses=_ONLY_HEADS | problems_documented({}, "not_found"))
async def read_rebuild(request: Request, _: Administrator, rebuild_id: UUID) -> RebuildBody:
    """How far a rebuild has come."""
    job = await _jobs(request).get(_KIND, rebuild_id)
    if job is None:
        raise Problem("not_found", facts={"id": rebuild_id})
    return _body(request, job)
