"""How every view is read: the caller's own writes included, and at an earlier moment where the view allows it."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request
from pydantic import BeforeValidator
from sqlalchemy.ext.asyncio import AsyncConnection

from app.api.bounds import with_its_plus
from app.api.caller import Reader, services_of
from app.auth import authorize
from app.errors import RETRY_SOON
from app.problems import Problem, invalid
from app.services import Services
from domain.kernel import Actor
from domain.types import EARLIEST, Instant
from projections.registry import VIEWS
from projections.snapshots import ReaderGone, SnapshotLate, TooManySnapshots
from projections.still import standing_still

WAIT_SECONDS = 5.0
RETRY_SNAPSHOT = {"Retry-After": "5"}
_VIEWS = {view.name: view for view in VIEWS}
MOST_WAITS_SECONDS = 0.1
"""Most views are there by then; only after it the position is checked against the log."""

After = Annotated[
    int | None, Query(ge=0, description="A `position` that a command answered: the answer includes what it did")
]
_Sent = Annotated[Instant, BeforeValidator(with_its_plus)]
AsOf = Annotated[_Sent | None, Query(description="What was known then: only what was recorded by this moment")]
At = Annotated[
    _Sent | None,
    Query(description="How it stood then by what is known now: only what occurred by this moment"),
]


@dataclass(frozen=True, slots=True)
class Reading:
    """A connection on which the views stand as the caller asked for, and the services; `now`: the moment asked for."""

    connection: AsyncConnection
    services: Services
    now: datetime

    @property
    def today(self) -> date:
        """The firm's day at that moment, in its time zone."""
        return self.now.astimezone(ZoneInfo(self.services.directory.regulation.time_zone)).date()


async def wait_for(services: Services, views: tuple[str, ...], after: int | None) -> None:
    """Wait until the views have passed a position. Without views, only see that the position exists.

    Raises:
        Problem: `view_behind` after five seconds; `invalid_request` for a position that does not exist yet.
    """
    if not after or (views and await services.projector.wait_for(views, after, MOST_WAITS_SECONDS)):
        return
    head = await services.store.head()
    if after > head:
        raise invalid("after", f"Send a position that a command has answered; the last is {head}.", "beyond_the_log")
    if not await services.projector.wait_for(views, after, WAIT_SECONDS):
        raise Problem("view_behind", facts={"after": after, "views": views}, headers=RETRY_SOON)


async def _never_behind(request: Request, _: Reader, after: After = None) -> Services:
    services = services_of(request)
    await wait_for(services, (), after)
    return services


NeverBehind = Annotated[Services, Depends(_never_behind)]
"""The services, for a GET that reads no view: what it shows is never behind, so that `after` only has to exist."""


def past(name: str, moment: datetime | None) -> datetime | None:
    """The moment, if it has passed.

    Raises:
        Problem: `invalid_request` for a moment in the future, or before there was any business time.
    """
    if moment is not None and moment < EARLIEST:
        raise invalid(name, f"Send a moment from {EARLIEST.year} on.", "too_early")
    if moment is not None and moment > datetime.now(UTC):
        raise invalid(name, "Send a moment that has passed.", "in_future")
    return moment


def reader(*views: str, in_time: bool = False) -> Any:
    """The dependency of a GET that reads these views; `in_time` lets it take `as_of` and `at`."""

    async def now(request: Request, actor: Reader, after: After = None) -> AsyncGenerator[Reading]:
        async with _opened(request, actor, views, after) as reading:
            yield reading

    async def then(
        request: Request, actor: Reader, after: After = None, as_of: AsOf = None, at: At = None
    ) -> AsyncGenerator[Reading]:
        recorded_by, occurred_by = past("as_of", as_of), past("at", at)
        async with _opened(request, actor, views, after, recorded_by, occurred_by) as reading:
            yield reading

    return Depends(then if in_time else now, scope="function")


@asynccontextmanager
async def _opened(
    request: Request,
    actor: Actor,
    views: tuple[str, ...],
    after: int | None,
    as_of: datetime | None = None,
    at: datetime | None = None,
) -> AsyncGenerator[Reading]:
    services = services_of(request)
    authorize(actor, "read")
    await wait_for(services, views, after)
    try:
        async with _connected(request, services, views, as_of, at) as connection:
            yield Reading(connection, services, at or as_of or datetime.now(UTC))
    except TooManySnapshots:
        raise Problem("too_many_requests", headers=RETRY_SNAPSHOT) from None
    except (SnapshotLate, ReaderGone):
        facts = {"views": views, "as_of": as_of, "at": at}
        raise Problem("view_behind", facts=facts, headers=RETRY_SNAPSHOT) from None


def _connected(
    request: Request, services: Services, views: tuple[str, ...], as_of: datetime | None, at: datetime | None
) -> AbstractAsyncContextManager[AsyncConnection]:
    """A connection on which the views stand still, as they are now or as they were."""
    if as_of or at:
        return services.snapshots.opened(views[0], as_of=as_of, at=at, gone=request.is_disconnected)
    return standing_still(services.engine, [_VIEWS[name] for name in views])
