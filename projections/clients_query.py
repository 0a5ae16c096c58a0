"""Pages of the client database: filtered, searched, sorted, each client exactly once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Numeric,
    Select,
    Text,
    Uuid,
    case,
    cast,
    collate,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.clients import CLIENTS, FOLDED, NAME_KEY, WORDS, ClientEntry, ClientsView, folded
from projections.paging import Page, cursor_of, instant, values_of
from projections.period import Period
from projections.place import Status
from projections.searching import searched
from projections.words import attribute_word, exactly, search_query

ANY_TIME = Period()
FIRST_PAGE = Page()
SHOWN_BY_DEFAULT = (Status.ACTIVE, Status.DISQUALIFIED)
"""Archived and merged clients are listed only when they are asked for."""


class AttributeFilter(NamedTuple):
    """Which values of one of the firm's own attributes are wanted, in the spelling of its kind.

    Any of `values` will do, case aside; where there is a range, the value must lie in it as well, both ends included:
    numbers are compared as numbers, everything else as ISO dates.
    """

    name: str
    values: Sequence[str] = ()
    first: Decimal | str | None = None
    last: Decimal | str | None = None


@dataclass(frozen=True, slots=True)
class ClientFilter:
    """Which clients to list. Of several values of a field any will do; several fields must all hold.

    `values` are wanted values by column: kind, step, owner_id, industry, region, category, origin, personality_type.
    None among them stands for clients without a value. Industry and region are compared case aside.
    `q` are beginnings of words of name, phone, e-mail, tax id or external id.
    """

    values: Mapping[str, Sequence[Any]] = field(default_factory=dict[str, Sequence[Any]])
    statuses: Sequence[str] = SHOWN_BY_DEFAULT
    registered: Period = ANY_TIME
    last_contact: Period = ANY_TIME
    never_contacted: bool = False
    attributes: Sequence[AttributeFilter] = ()
    q: str | None = None


class _Sort(NamedTuple):
    key: ColumnElement[Any]
    of: Any
    read: Any
    type: Any


_INSTANT = DateTime(timezone=True)
_SORTS = {
    "registered_at": _Sort(CLIENTS.c.registered_at, CLIENTS.c.registered_at, instant, _INSTANT),
    "name": _Sort(NAME_KEY, CLIENTS.c.name_key, str, Text()),
    "last_contact_at": _Sort(CLIENTS.c.last_contact_at, CLIENTS.c.last_contact_at, instant, _INSTANT),
    "next_due_at": _Sort(CLIENTS.c.next_due_at, CLIENTS.c.next_due_at, instant, _INSTANT),
}
SORTS = tuple(direction + name for name in _SORTS for direction in ("", "-"))
"""The orders in which clients can be listed; "-" is descending. Clients without the value come last in both."""


class ClientPage(NamedTuple):
    """Clients, the cursor of the next page if there is one, and the number of all of them if it was asked for."""

    entries: list[ClientEntry]
    next_cursor: str | None
    total: int | None


class _Place(NamedTuple):
    """Where the last page ended: the value it was sorted by (None: among those without one) and the client."""

    value: Any
    id: UUID


async def client_page(
    connection: AsyncConnection,
    wanted: ClientFilter,
    sort: str = "-registered_at",
    page: Page = FIRST_PAGE,
    *,
    with_total: bool = False,
) -> ClientPage:
    """One page of the clients that are wanted, in the order `sort` (one of `SORTS`).

    Raises:
        BadCursor: the cursor was not given out with this order.
    """
    order, descending = _SORTS[sort.removeprefix("-")], sort.startswith("-")
    after = _read_cursor(page.cursor, sort, order) if page.cursor is not None else None
    conditions = [*_conditions(wanted), *await _searched(connection, wanted)]
    rows: list[Any] = []
    for query in _segments(order, descending, after):
        rest = page.limit + 1 - len(rows)
        if rest > 0:
            rows += (await connection.execute(query.where(*conditions).limit(rest))).all()
    total = await _count(connection, conditions) if with_total else None
    shown = rows[: page.limit]
    more = len(rows) > page.limit
    return ClientPage([_entry(row.state) for row in shown], _next_cursor(sort, shown[-1]) if more else None, total)


async def _count(connection: AsyncConnection, conditions: Sequence[ColumnElement[bool]]) -> int:
    return (await connection.execute(select(func.count()).select_from(CLIENTS).where(*conditions))).scalar_one()


def _segments(order: _Sort, descending: bool, after: _Place | None) -> Iterator[Select[Any, Any, Any]]:
    """The rows with a value to sort by, then those without; each walks an index from where the last page ended."""
    key, client_id = order.key, CLIENTS.c.id
    ends = (key.desc(), client_id.desc()) if descending else (key, client_id)
    query = select(CLIENTS.c.id, CLIENTS.c.state, order.of.label("value")).order_by(*ends)
    if after is None or after.value is not None:
        yield query.where(order.of.is_not(None) if after is None else _beyond(order, after, descending))
    if not order.of.nullable:
        return
    without = query.where(order.of.is_(None))
    if after is None or after.value is not None:
        yield without
    else:
        yield without.where(client_id < after.id if descending else client_id > after.id)


def _beyond(order: _Sort, after: _Place, descending: bool) -> ColumnElement[bool]:
    row = tuple_(order.key, CLIENTS.c.id)
    last = tuple_(literal(after.value, order.type), literal(after.id, Uuid()))
    return row < last if descending else row > last


def _next_cursor(sort: str, last: Any) -> str:
    value = last.value.isoformat() if isinstance(last.value, datetime) else last.value
    return cursor_of((sort, "" if value is None else f"={value}", last.id))


def _read_cursor(cursor: str, sort: str, order: _Sort) -> _Place:
    def read_value(text: str) -> Any:
        if text:
            return order.read(text.removeprefix("="))
        if order.of.nullable:
            return None
        raise ValueError("this order has no clients without a value")

    _, value, client_id = values_of(cursor, ({sort: sort}.__getitem__, read_value, UUID))
    return _Place(value, client_id)


def _entry(state: str) -> ClientEntry:
    return _VIEW.from_json(state)


_VIEW = ClientsView()


def _conditions(wanted: ClientFilter) -> Iterator[ColumnElement[bool]]:
    columns = CLIENTS.c
    if set(wanted.statuses) != set(Status):
        yield _any_of(columns.status, wanted.statuses)
    for name, values in wanted.values.items():
        if values:
            yield _any_of(columns[name], [folded(value) for value in values] if name in FOLDED else values)
    yield from wanted.registered.covers(columns.registered_at)
    yield from wanted.last_contact.covers(columns.last_contact_at)
    if wanted.never_contacted:
        yield columns.last_contact_at.is_(None)
    for attribute in wanted.attributes:
        yield from _within(attribute)


def _within(wanted: AttributeFilter) -> Iterator[ColumnElement[bool]]:
    text = CLIENTS.c.attributes[wanted.name].astext
    for bound, above in ((wanted.first, True), (wanted.last, False)):
        if bound is not None:
            value = _number(text) if isinstance(bound, Decimal) else collate(text, "C")
            yield value >= bound if above else value <= bound


def _number(text: ColumnElement[str]) -> ColumnElement[Any]:
    """A number written as text; null for any other text, which would fail the whole query."""
    return case((text.regexp_match(r"^-?[0-9]+(\.[0-9]+)?$"), cast(text, Numeric)))


def _any_of(column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Alternatives spelled out, because one wanted value can then be looked up in an index and stay in its order."""
    return or_(*(column == value for value in values))


async def _searched(connection: AsyncConnection, wanted: ClientFilter) -> list[ColumnElement[bool]]:
    """The condition for what is searched by words."""
    search = _search(wanted)
    if search is None:
        return []
    if not search:
        return [false()]
    return [await searched(connection, CLIENTS.c.id, WORDS, search)]


def _search(wanted: ClientFilter) -> str | None:
    """The tsquery of the words that are wanted; empty where no client can have them, None where any will do."""
    searches = [_any_value(attribute) for attribute in wanted.attributes if attribute.values]
    if wanted.q is not None:
        search = search_query(wanted.q)
        if search is None:
            return ""
        searches.append(search)
    return " & ".join(searches) or None


def _any_value(wanted: AttributeFilter) -> str:
    words = (exactly(attribute_word(wanted.name, value)) for value in wanted.values)
    return f"({' | '.join(words)})"
