"""Histories to measure on: the demo's clients, decided in memory and copied into the log. Fixed seed, fixed dates."""

import asyncio
from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from random import Random
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from app.acts import Act, Part
from app.demo.books import entries
from app.demo.entry import Entry
from app.demo.firm import LEADS, departments, registrations
from app.demo.life import Beat, Chapter, Life
from app.demo.story import story
from app.execute import AGGREGATES, CLIENT
from app.loaded import Aggregate, Loaded
from app.mapper import NO_DIGEST, Envelope, digest, encode
from app.vault import NewKey, Vault
from domain.documents.filled import Rendered
from domain.employee import Employee
from domain.kernel import Event, JointCommand, Recorded
from domain.regulation.state import REGULATION_ID, Regulation, RuleContext
from projections.log import driver

SEED = 20_260_101
END = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 540
_SPAN = timedelta(days=DAYS)
_BEGIN = END - _SPAN
CLIENTS_AT_ONCE = 500
MOST_CLIENTS = 200_000
_PAGES = Rendered("0" * 64, 50_000, 1)
T = TypeVar("T")
_STAFF = departments()
_EMPLOYEES = {
    stream_id: Employee(id=stream_id, version=1, steps=command.steps) for stream_id, command in registrations()
}


class History(NamedTuple):
    """A client's events as they are stored: topic and state of each, and the wrapped data key."""

    client_id: UUID
    events: list[tuple[str, bytes]]
    wrapped_key: bytes


def live(number: int) -> tuple[UUID, list[tuple[Beat, list[Event]]]]:
    """What happened to client `number`; always the same for the same number."""
    random = Random(SEED + number)
    client_id = UUID(int=random.getrandbits(128), version=4)
    start = _BEGIN + timedelta(hours=random.randrange(DAYS * 24))
    life = Life(random, number, start, _STAFF, (_BEGIN, _SPAN))
    return client_id, list(_lived(client_id, story(life), random))


def _lived(client_id: UUID, beats: Chapter[None], random: Random) -> Iterator[tuple[Beat, list[Event]]]:
    """The client's life; of the stock it sees only its own orders."""
    books = ChainMap[UUID, Any]({}, _books())
    try:
        beat = next(beats)
        while beat.at < END:
            events = _carried_out(Entry(CLIENT, client_id, beat.command), beat, random, books)
            yield beat, events
            beat = beats.send({name: str(value) for event in events for name, value in event if name.endswith("_id")})
    except StopIteration:
        return


def _carried_out(entry: Entry, beat: Beat, random: Random, books: MutableMapping[UUID, Any]) -> list[Event]:
    """Let the command change all streams that it reaches; returns the events of its own."""
    changes = _act(entry, books).decided(entry.command, _context(beat, random, books))
    for change in changes:
        stream_id, state = change.part.stream_id, change.part.loaded.state
        for event in change.events:
            state = state.evolve(_recorded(event, stream_id, state.version, beat))
        books[stream_id] = state
    return list(changes[-1].events)


def _context(beat: Beat, random: Random, books: Mapping[UUID, Any]) -> RuleContext:
    return RuleContext(
        now=END,
        occurred_at=beat.at,
        actor=beat.actor,
        regulation=books.get(REGULATION_ID) or Regulation(),
        employee=_EMPLOYEES.get,
        new_id=lambda: UUID(int=random.getrandbits(128), version=4),
        known=partial(_known, books),
    )


def _known(books: Mapping[UUID, Any], kind: type[T], key: UUID) -> T | None:
    """What is in the books. Every document is on pages, which nobody makes."""
    if isinstance(_PAGES, kind):
        return _PAGES
    found = books.get(key)
    return found if isinstance(found, kind) else None


@cache
def _books() -> dict[UUID, Any]:
    """What the firm has written down, as it came out in the end: scripts, searches, rules."""
    books: dict[UUID, Any] = {}
    for entry in entries(_BEGIN, _SPAN, MOST_CLIENTS):
        beat = Beat(_BEGIN + entry.after, entry.by or _STAFF[LEADS].head, entry.command)
        _carried_out(entry, beat, Random(SEED), books)
    return books


def _act(entry: Entry, books: Mapping[UUID, Any]) -> Act:
    """The stream of an entry and those that its command reaches, as the books have them."""

    def part(aggregate: Aggregate[Any], stream_id: UUID) -> Part:
        return Part(aggregate, stream_id, Loaded(books.get(stream_id) or aggregate.empty(stream_id), 0, b""))

    main, command = part(entry.aggregate, entry.stream_id), entry.command
    reached = command.reach(main.loaded.state) if isinstance(command, JointCommand) else ()
    return Act(main, {reach.stream_id: part(AGGREGATES[reach.kind], reach.stream_id) for reach in reached})


def _recorded(event: Event, stream_id: UUID, version: int, beat: Beat) -> Recorded:
    actor = beat.actor.employee_id
    return Recorded(event, stream_id, version + 1, 0, beat.at, END, actor, 0, stream_id, None)


def stored(number: int, vault: Vault) -> History:
    """The history of client `number`, encoded and sealed."""
    client_id, lived = live(number)
    key, previous, events = vault.new_key(client_id), NO_DIGEST, list[tuple[str, bytes]]()
    for beat, made in lived:
        for event in made:
            state = _state(event, client_id, len(events) + 1, beat, previous, key)
            previous = digest(client_id, len(events) + 1, event.topic, state)
            events.append((event.topic, state))
    return History(client_id, events, key.wrapped)


def _state(event: Event, client_id: UUID, version: int, beat: Beat, previous: bytes, key: NewKey) -> bytes:
    actor = beat.actor.employee_id
    envelope = Envelope(client_id, END, actor, 0, client_id, None)
    return encode(event, version, beat.at, previous, envelope, key.cipher)


def _stored_range(numbers: range, master_key: bytes, vault: Vault | None = None) -> list[History]:
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

    vault = vault or Vault(master_key, create_async_engine("postgresql+asyncpg://"))
    return [stored(number, vault) for number in numbers]


async def fill(engine: AsyncEngine, master_key: bytes, clients: int, first: int = 1) -> int:
    """Copy the histories of so many clients into an empty log (or behind what is there). Returns the events written."""
    loop, position = asyncio.get_running_loop(), await _head(engine)
    begun = position
    chunks = [
        range(low, min(low + CLIENTS_AT_ONCE, first + clients))
        for low in range(first, first + clients, CLIENTS_AT_ONCE)
    ]
    with ProcessPoolExecutor(2) as pool:
        for numbers in [loop.run_in_executor(pool, _stored_range, chunk, master_key) for chunk in chunks]:
            position = await _copy(engine, await numbers, position)
    async with engine.connect() as connection:
        await (await driver(connection)).execute("ANALYZE public.events")
    return position - begun


async def _head(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        found = await (await driver(connection)).fetchval("SELECT max(notification_id) FROM public.events")
    return found or 0


async def _copy(engine: AsyncEngine, histories: list[History], position: int) -> int:
    rows = list[tuple[UUID, int, str, bytes, int]]()
    for history in histories:
        for version, (topic, state) in enumerate(history.events, start=1):
            position += 1
            rows.append((history.client_id, version, topic, state, position))
    keys = [(history.client_id, history.wrapped_key) for history in histories]
    async with engine.begin() as connection:
        raw = await driver(connection)
        await raw.copy_records_to_table(
            "data_keys", schema_name="public", records=keys, columns=("stream_id", "wrapped")
        )
        columns = ("originator_id", "originator_version", "topic", "state", "notification_id")
        await raw.copy_records_to_table("events", schema_name="public", records=rows, columns=columns)
    return position
