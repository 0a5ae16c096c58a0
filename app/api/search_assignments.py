"""Search assignments: giving, changing and closing them, and what was found for them."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from typing import Annotated, NamedTuple
from uuid import UUID, uuid4

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.commands import Streams, command_route
from app.api.documented import problems_documented
from app.api.people import EmployeeRef, optional_ref
from app.api.reading import Reading, reader
from app.api.reports import ListPage, page_by
from app.execute import SEARCH_ASSIGNMENT
from app.problems import Problem
from domain.search_assignment import (
    ChangeSearchAssignment,
    CloseSearchAssignment,
    GiveSearchAssignment,
    SearchAssignment,
)
from projections.conversion import ConversionView
from projections.search_results import NOTHING_FOUND, Found, search_results

router = APIRouter(tags=["Search assignments"])
SearchReading = Annotated[Reading, reader(ConversionView.name)]
_add = partial(
    command_route,
    router,
    streams=Streams(
        SEARCH_ASSIGNMENT,
        "search_assignment",
        begin=lambda _: uuid4(),
        refusals=("in_future", "unknown_search_assignment"),
        action="give_search_assignments",
    ),
)


class SearchState(StrEnum):
    """How a search assignment stands. An overdue one is open, its day has passed and too few were found."""

    OPEN = "open"
    OVERDUE = "overdue"
    CLOSED = "closed"


class SearchAssignmentBody(BaseModel):
    """A search assignment, plan and fact."""

    id: UUID
    version: int
    title: str | None
    industry: str | None
    region: str | None
    size: str | None
    note: str | None
    employee: Annotated[EmployeeRef | None, Field(description="Null: the whole department")]
    given_at: datetime
    due_on: date
    closed_at: datetime | None
    state: SearchState
    wanted: Annotated[int, Field(description="Plan: how many leads are to be found")]
    found: Annotated[int, Field(description="Fact: leads registered for it")]
    converted: Annotated[int, Field(description="Of those found: brought to account service")]
    lost: Annotated[int, Field(description="Of those found: lost on the way")]
    fulfilment: Annotated[float, Field(description="Found per wanted, to 4 places")]


class SearchAssignmentPage(BaseModel):
    """Search assignments, the earliest due first."""

    items: list[SearchAssignmentBody]
    next_cursor: str | None


class Wanted(NamedTuple):
    """Which search assignments to list; None does not restrict."""

    state: SearchState | None
    employee: UUID | None
    industry: str | None
    region: str | None


@router.get("/search-assignments")
async def list_search_assignments(
    reading: SearchReading,
    page: ListPage,
    state: SearchState | None = None,
    employee_id: Annotated[UUID | None, Query(description="To whom it was given")] = None,
    industry: str | None = None,
    region: str | None = None,
) -> SearchAssignmentPage:
    """Search assignments with what was found for them, the earliest due first."""
    await reading.services.directory.refresh()
    results, wanted = await search_results(reading.connection), Wanted(state, employee_id, industry, region)
    listed = [body for body in _bodies(reading, results) if _is_wanted(body, wanted)]
    listed.sort(key=lambda body: (body.due_on, body.id))
    items, next_cursor = page_by(listed, page, "id")
    return SearchAssignmentPage(items=items, next_cursor=next_cursor)


@router.get(
    "/search-assignments/{search_assignment_id}",
    responses=problems_documented({404: ["unknown_search_assignment"]}),
)
async def read_search_assignment(reading: SearchReading, search_assignment_id: UUID) -> SearchAssignmentBody:
    """One search assignment, plan and fact."""
    await reading.services.directory.refresh()
    assignment = reading.services.directory.known(SearchAssignment, search_assignment_id)
    if assignment is None:
        raise Problem("unknown_search_assignment", status=404, facts={"id": search_assignment_id})
    results = await search_results(reading.connection)
    return _body(reading, assignment, results.get(search_assignment_id, NOTHING_FOUND))


def _bodies(reading: Reading, results: dict[UUID, Found]) -> Iterator[SearchAssignmentBody]:
    for assignment in reading.services.directory.all(SearchAssignment):
        yield _body(reading, assignment, results.get(assignment.id, NOTHING_FOUND))


def _body(reading: Reading, assignment: SearchAssignment, found: Found) -> SearchAssignmentBody:
    assert assignment.given_at
    return SearchAssignmentBody(
        id=assignment.id,
        version=assignment.version,
        title=assignment.title,
        industry=assignment.industry,
        region=assignment.region,
        size=assignment.size,
        note=assignment.note,
        employee=optional_ref(reading.services, assignment.employee_id),
        given_at=assignment.given_at,
        due_on=assignment.due_on,
        closed_at=assignment.closed_at,
        state=_state(assignment, found.found, reading.today),
        wanted=assignment.wanted,
        **found._asdict(),
        fulfilment=round(found.found / assignment.wanted, 4),
    )


def _state(assignment: SearchAssignment, found: int, today: date) -> SearchState:
    if assignment.closed_at:
        return SearchState.CLOSED
    is_late = assignment.due_on < today and found < assignment.wanted
    return SearchState.OVERDUE if is_late else SearchState.OPEN


def _is_wanted(body: SearchAssignmentBody, wanted: Wanted) -> bool:
    return (
        wanted.state in {None, body.state}
        and (wanted.employee is None or (body.employee is not None and body.employee.id == wanted.employee))
        and wanted.industry in {None, body.industry}
        and wanted.region in {None, body.region}
    )


_add("/search-assignments", GiveSearchAssignment, creates="id")
_add("/search-assignments/{search_assignment_id}/change", ChangeSearchAssignment)
_add("/search-assignments/{search_assignment_id}/close", CloseSearchAssignment)
