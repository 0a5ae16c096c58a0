"""Pages of rows that are in memory: every row once, whatever the limit, and a next page that never ends early."""

from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.paging import BadCursor, Page, cursor_of, page_of


class Employee(NamedTuple):
    id: UUID


class Row(NamedTuple):
    origin: str | None
    currency: str
    employee: Employee | None = None


NAMES = ("origin", "currency")
ROWS = [Row(origin, currency) for origin in ("fair", "None", None, "social") for currency in ("EUR", "RUB")]


def pages(rows: list[Row], limit: int, *names: str) -> list[list[Row]]:
    found: list[list[Row]] = []
    cursor = None
    while cursor or not found:
        shown, cursor = page_of(rows, names, Page(cursor, limit))
        found.append(list(shown))
        assert len(found) <= max(len(rows), 1), "it never ends"
    return found


@given(st.integers(1, 8), st.lists(st.sampled_from(ROWS), unique=True))
def test_every_row_is_on_one_page(limit: int, rows: list[Row]) -> None:
    found = pages(rows, limit, *NAMES)
    assert [row for page in found for row in page] == rows
    assert all(len(page) == limit for page in found[:-1])


def test_an_employee_is_told_apart_by_his_id() -> None:
    rows = [Row(None, "EUR", Employee(UUID(int=number)) if number else None) for number in range(3)]
    assert pages(rows, 1, "employee") == [[row] for row in rows]


def test_the_next_page_follows_the_last_row_wherever_it_stands_by_then() -> None:
    _, cursor = page_of(ROWS, NAMES, Page(None, 2))
    moved = [*ROWS[2:4], *ROWS[:2], *ROWS[4:]]
    assert page_of(moved, NAMES, Page(cursor, 4)) == (ROWS[4:], None)


def test_where_the_last_row_is_gone_the_next_page_begins_at_its_place() -> None:
    _, cursor = page_of(ROWS, NAMES, Page(None, 2))
    assert page_of([ROWS[0], *ROWS[2:]], NAMES, Page(cursor, 10)) == (ROWS[2:], None)


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        cursor_of(("fair",)),
        cursor_of(("Row", *NAMES, 0, "fair", "EUR")),
        cursor_of(("Row", *NAMES, "two", "fair", "EUR")),
        cursor_of(("Row", "origin", "month", 1, "fair", "EUR")),
        cursor_of(("Employee", *NAMES, 1, "fair", "EUR")),
    ],
    ids=["no cursor", "of another form", "no rank", "rank no number", "of another split", "of another list"],
)
def test_a_cursor_of_something_else(cursor: str) -> None:
    with pytest.raises(BadCursor):
        page_of(ROWS, NAMES, Page(cursor, 2))
