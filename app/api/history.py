"""The history of a stream: its events as they stand in the log, the newest first."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.absorbed import absorbed_by
from app.api.bounds import END, INCLUSIVE, Begin, End, period_between
from app.api.caller import Reader, services_of
from app.api.documented import problems_documented
from app.api.people import EmployeeRef, employee_ref
from app.api.reading import After, AsOf, At, past, wait_for
from app.auth import authorize
from app.problems import Problem, bad_cursor, invalid
from app.services import Services
from domain.client.registration import ClientRegistered
from domain.kernel import EVENTS, Actor, Event, Recorded
from projections.paging import DEFAULT_LIMIT, MAX_LIMIT, BadCursor, cursor_of, values_of

router = APIRouter()

_LAST_VERSION = 2**63 - 1
_ALONE = (int,)
_TOGETHER = ({"together": "together"}.__getitem__, int)
_FURTHER_PAGE = 500
"""Events read at once after the first page, where few of that match."""


class Moments(NamedTuple):
    """The moments a reader goes back to: what was recorded by `as_of`, what occurred by `at`."""

    as_of: datetime | None = None
    at: datetime | None = None

    def include(self, recorded: Recorded) -> bool:
        """Whether the event was there by these moments."""
        return (self.as_of is None or recorded.recorded_at <= self.as_of) and (
            self.at is None or recorded.occurred_at <= self.at
        )


class Beginning(NamedTuple):
    """The event that a kind of stream begins with, and the code of the problem where a stream does not."""

    event: type[Event]
    unknown: str


_CLIENT = Beginning(ClientRegistered, "unknown_client")


class HistoryEntry(BaseModel):
    """An event of a stream. `occurred_at` is business time, `recorded_at` when it was written down."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "stream_id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11",
                    "position": 4711,
                    "version": 3,
                    "topic": "contacts.recorded",
                    "occurred_at": "2030-03-10T12:00:00Z",
                    "recorded_at": "2030-03-10T15:40:12.123456Z",
                    "actor": {
                        "id": "5c9a4a55-6a10-5f0a-9d8b-0d5f7f1e2b3c",
                        "code": "ivanova",
                        "name": "Irina Ivanova",
                    },
                    "regulation_version": 2,
                    "correlation_id": "8b0f5c3e-6f39-4b7e-9d3b-2a1c4d5e6f70",
                    "causation_id": None,
                    "data": {
                        "contact_id": "b1a7f7a2-5d0e-4d0f-8a53-1f2f3c9f4e10",
                        "channel": "phone",
                        "direction": "outbound",
                        "outcome": "reached",
                        "summary": "Asked for a price list",
                        "key_person_id": None,
                        "duration_minutes": 7,
                        "agreed": None,
                    },
                }
            ]
        }
    )

    stream_id: Annotated[UUID, Field(description="Whose event it is: the client's, or that of one merged into it")]
    position: Annotated[int, Field(description="Place in the whole log")]
    version: Annotated[int, Field(description="Place on its own stream")]
    topic: str
    occurred_at: datetime
    recorded_at: datetime
    actor: EmployeeRef
    regulation_version: Annotated[int, Field(description="Of the regulation in force when it was decided")]
    correlation_id: UUID
    causation_id: UUID | None
    data: Annotated[dict[str, Any], Field(description="As `GET /events/schemas` describes it by topic")]


class HistoryPage(BaseModel):
    """A page of the history. `next_cursor` is null on the last page."""

    items: list[HistoryEntry]
    next_cursor: str | None


class HistoryQuery(BaseModel):
    """Which events to show."""

    topic: Annotated[list[str], Field(description="Any of these", examples=[["contacts.recorded"]])] = []
    occurred_from: Annotated[Begin | None, Field(alias="from", description=f"Business time. {INCLUSIVE}")] = None
    occurred_to: Annotated[End | None, Field(alias="to", description=f"Business time. {END}")] = None
    cursor: Annotated[str | None, Field(description="`next_cursor` of the page before")] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    after: After = None
    as_of: AsOf = None
    at: At = None

    def includes(self, recorded: Recorded) -> bool:
        """Whether the event was there by the moments asked for."""
        return Moments(self.as_of, self.at).include(recorded)

    def matches(self, recorded: Recorded) -> bool:
        """Whether the event is asked for."""
        at = recorded.occurred_at
        return (
            (not self.topic or recorded.event.topic in self.topic)
            and (self.occurred_from is None or at >= self.occurred_from)
            and (self.occurred_to is None or at < self.occurred_to)
        )


@router.get("/clients/{client_id}/history", responses=problems_documented({404: ["unknown_client"]}))
async def read_history(
    request: Request, actor: Reader, client_id: UUID, query: Annotated[HistoryQuery, Query()]
) -> HistoryPage:
    """All that was recorded on a client and on those merged into it, the newest first."""
    services = services_of(request)
    authorize(actor, "read")
    absorbed = await absorbed_by(services, client_id, query.includes)
    return await history_of(services, actor, client_id, query, _CLIENT, absorbed)


async def history_of(
    services: Services,
    actor: Actor,
    stream_id: UUID,
    query: HistoryQuery,
    beginning: Beginning | None = None,
    others: Sequence[UUID] = (),
) -> HistoryPage:
    """A page of the history of any stream, together with `others`. Without a `beginning` the stream may be empty.

    Raises:
        Problem: for a stream that does not begin as it has to, and for values of the query that make no sense.
    """
    authorize(actor, "read")
    _check_topics(query.topic)
    period_between(query.occurred_from, query.occurred_to)
    await wait_for(services, (), query.after)
    moments = Moments(past("as_of", query.as_of), past("at", query.at))
    before = _place_of(query.cursor, _TOGETHER if others else _ALONE)
    if beginning:
        await _check_beginning(services, stream_id, beginning, moments)
    entries: list[HistoryEntry] = []
    page = query.limit + 1
    found = (
        _newest_together(services, [stream_id, *others], before, page)
        if others
        else _newest_first(services, stream_id, before, page)
    )
    async for recorded in found:
        if moments.include(recorded) and query.matches(recorded):
            entries.append(_entry(recorded, services))
            if len(entries) > query.limit:
                return HistoryPage(items=entries[:-1], next_cursor=_cursor(entries[-2], together=bool(others)))
    return HistoryPage(items=entries, next_cursor=None)


def _check_topics(topics: list[str]) -> None:
    if unknown := sorted(set(topics) - EVENTS.keys()):
        raise invalid("topic", f"Send topics of GET /events/schemas; not known: {', '.join(unknown)}.", "unknown_topic")


def _cursor(last: HistoryEntry, *, together: bool) -> str:
    """A place on the one stream is a version; on several together it is a position."""
    return cursor_of(("together", last.position) if together else (last.version,))


def _place_of(cursor: str | None, kinds: Sequence[Callable[[str], Any]]) -> int | None:
    if cursor is None:
        return None
    try:
        place: int = values_of(cursor, kinds)[-1]
    except BadCursor:
        place = 0
    if not 0 < place <= _LAST_VERSION:
        raise bad_cursor()
    return place


async def _check_beginning(services: Services, stream_id: UUID, beginning: Beginning, moments: Moments) -> None:
    first = await services.store.read_stream(stream_id, limit=1)
    known = first and isinstance(first[0].event, beginning.event) and moments.include(first[0])
    if not known:
        raise Problem(beginning.unknown, status=404, facts={"id": stream_id})


async def _newest_first(services: Services, stream_id: UUID, before: int | None, page: int) -> AsyncIterator[Recorded]:
    """The stream's events before a version, read as they are needed."""
    while before is None or before > 1:
        events = await services.store.read_stream(stream_id, before_version=before, limit=page, newest_first=True)
        if not events:
            return
        for recorded in events:
            yield recorded
        before, page = events[-1].version, _FURTHER_PAGE


async def _newest_together(
    services: Services, stream_ids: Sequence[UUID], before: int | None, page: int
) -> AsyncIterator[Recorded]:
    """The events of several streams before a position, read as they are needed."""
    while events := await services.store.read_together(stream_ids, before, page):
        for recorded in events:
            yield recorded
        before, page = events[-1].position, _FURTHER_PAGE


def _entry(recorded: Recorded, services: Services) -> HistoryEntry:
    return HistoryEntry(
        stream_id=recorded.stream_id,
        position=recorded.position,
        version=recorded.version,
        topic=recorded.event.topic,
        occurred_at=recorded.occurred_at,
        recorded_at=recorded.recorded_at,
        actor=employee_ref(services, recorded.actor),
        regulation_version=recorded.regulation_version,
        correlation_id=recorded.correlation_id,
        causation_id=recorded.causation_id,
        data=recorded.event.model_dump(mode="json"),
    )
