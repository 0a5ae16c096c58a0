"""Pages of a list: a cursor names the last row of a page, so that the next one starts right after it (keyset)."""

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from heapq import nlargest
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Tuple, literal, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")

DEFAULT_LIMIT = 50
MAX_LIMIT = 200


class BadCursor(ValueError):
    """The cursor was not given out by this list, or with another sort order."""


class Page(NamedTuple):
    """Where a page starts (None: at the beginning) and how many rows it has at most."""

    cursor: str | None = None
    limit: int = DEFAULT_LIMIT


def cursor_of(values: Sequence[Any]) -> str:
    """The opaque cursor of a row, from its values of the sort columns; what is None stays so."""
    text = json.dumps([_text(value) for value in values], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def values_of(cursor: str, kinds: Sequence[Callable[[str], Any]]) -> tuple[Any, ...]:
    """The values of the sort columns in a cursor, read by one function per column.

    Raises:
        BadCursor: it is not a cursor with these columns.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        texts = json.loads(base64.urlsafe_b64decode(padded))
        return tuple(kind(text) for kind, text in zip(kinds, texts, strict=True))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise BadCursor(cursor) from error


def instant(text: str) -> datetime:
    """An instant in a cursor.

    Raises:
        ValueError: it is none, or has no offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("an instant needs its offset")
    return moment


def place(columns: Sequence[ColumnElement[Any]], values: Sequence[Any]) -> Tuple:
    """The values of the sort columns as a row, to be compared with those columns as a row."""
    return tuple_(*(literal(value, column.type) for column, value in zip(columns, values, strict=True)))


def newest(
    items: Iterable[T], place_of: Callable[[T], tuple[datetime, UUID]], page: Page
) -> tuple[list[T], str | None]:
    """A page of what is in memory, ordered by an instant and an id, the latest first; and the cursor of the next one.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    end = values_of(page.cursor, (instant, UUID)) if page.cursor else None
    left = (item for item in items if end is None or place_of(item) < end)
    found = nlargest(page.limit + 1, left, place_of)
    if len(found) <= page.limit:
        return found, None
    moment, key = place_of(found[page.limit - 1])
    return found[: page.limit], cursor_of((moment.isoformat(), key))


class Listed(NamedTuple):
    """A page of rows, and the cursor of the next one if there is one."""

    items: list[dict[str, Any]]
    next_cursor: str | None


async def listed(
    connection: AsyncConnection,
    query: Select[*tuple[Any, ...]],
    ordering: Sequence[ColumnElement[Any]],
    page: Page,
    kinds: Sequence[Callable[[str], Any]] = (instant, UUID),
) -> Listed:
    """A page of a list, the least first: ordered by an instant and an id, or by columns whose values `kinds` read.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    if page.cursor:
        query = query.where(tuple_(*ordering) > place(ordering, values_of(page.cursor, kinds)))
    rows = (await connection.execute(query.order_by(*ordering).limit(page.limit + 1))).mappings().all()
    items = [dict(row) for row in rows[: page.limit]]
    if len(rows) <= page.limit:
        return Listed(items, None)
    return Listed(items, cursor_of([items[-1][column.key or ""] for column in ordering]))


def page_of(rows: Sequence[T], names: Sequence[str], page: Page) -> tuple[Sequence[T], str | None]:
    """A page of rows that stand in their order already and are told apart by these attributes; and the next cursor.

    The next page begins after the last row of this one, wherever it stands by then; where it is gone, at its place. So
    pages of figures that change meanwhile may overlap, but never end early.

    Raises:
        BadCursor: the cursor is not of such rows, or not of this division of them.
    """
    start = _start(rows, names, page.cursor) if page.cursor else 0
    end = start + page.limit
    if end >= len(rows):
        return rows[start:], None
    return rows[start:end], cursor_of((type(rows[0]).__name__, *names, end, *_key(rows[end - 1], names)))


def _start(rows: Sequence[T], names: Sequence[str], cursor: str) -> int:
    count = len(names)
    kind, *values = values_of(cursor, (str, *(str,) * count, int, *(_text,) * count))
    rank, key = values[count], tuple(values[count + 1 :])
    if tuple(values[:count]) != tuple(names) or rank < 1 or (rows and type(rows[0]).__name__ != kind):
        raise BadCursor(cursor)
    return next((number for number, row in enumerate(rows, 1) if _key(row, names) == key), rank - 1)


def _key(row: Any, names: Sequence[str]) -> tuple[str | None, ...]:
    """What tells the row apart, as a cursor has it: of what has an id, that; None is the group of what is unknown."""
    values = (getattr(row, name) for name in names)
    return tuple(_text(getattr(value, "id", value)) for value in values)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
