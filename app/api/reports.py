"""What the reports have in common: their period, their pages and how they name employees."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Query

from app.api.bounds import END, INCLUSIVE, Begin, End, period_between
from app.api.people import optional_ref
from app.api.reading import Reading
from app.problems import bad_cursor, invalid
from projections.paging import DEFAULT_LIMIT, MAX_LIMIT, BadCursor, Page, page_of
from projections.period import Period

T = TypeVar("T")


async def _period(
    begin: Annotated[Begin | None, Query(alias="from", description=INCLUSIVE)] = None,
    end: Annotated[End | None, Query(alias="to", description=END)] = None,
) -> Period:
    return period_between(begin, end)


ReportPeriod = Annotated[Period, Depends(_period)]
"""The period of a report, on business time; open on a side that is not given."""


async def _page(
    cursor: Annotated[str | None, Query(max_length=1000, description="The `next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> Page:
    return Page(cursor, limit)


ListPage = Annotated[Page, Depends(_page)]
"""Which page of a list is asked for."""


@contextmanager
def cursors_checked() -> Generator[None]:
    """Turns a cursor that is none into a problem of that field."""
    try:
        yield
    except BadCursor:
        raise bad_cursor() from None


def page_by(rows: Sequence[T], page: Page, *names: str) -> tuple[list[T], str | None]:
    """A page of the rows of a report in their order, and the next cursor. These attributes tell the rows apart.

    Raises:
        Problem: `invalid_request` for a cursor of another list, or of another split of the same report.
    """
    with cursors_checked():
        shown, next_cursor = page_of(rows, names, page)
    return list(shown), next_cursor


def dimension_filters(sent: Mapping[str, str | None], employee_id: str | None) -> dict[str, Any]:
    """The filters of a drill-down: those sent; the empty text asks for clients whose value is not known.

    Raises:
        Problem: `invalid_request` where the employee is not an id.
    """
    filters: dict[str, Any] = {name: value or None for name, value in sent.items() if value is not None}
    if employee_id is None:
        return filters
    try:
        return {**filters, "employee": UUID(employee_id) if employee_id else None}
    except ValueError:
        raise invalid("employee_id", "Send the id of an employee, or nothing for none.", "uuid_parsing") from None


def of_employee(reading: Reading, item: dict[str, Any], name: str = "employee") -> dict[str, Any]:
    """A row of a report with its employee, whose id may be text, by name; as it is, where rows are no employees'."""
    if name not in item:
        return item
    employee_id = UUID(str(item[name])) if item[name] else None
    return item | {name: optional_ref(reading.services, employee_id)}
