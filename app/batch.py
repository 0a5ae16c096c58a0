"""What is appended at once: units of rows, as the SQL function `append_events` takes them, and what came of each."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

NO_POSITION = 2**63 - 1
"""Stands in a kept answer for the position, which is known only once the events are inserted. No event ever has it."""

_CONFLICT, _TAKEN = 1, 2
"""Outcomes of a command. A command that is refused only because another one of its unit is has a third."""


class VersionConflict(Exception):
    """The stream is not at the version at which the events were to be appended. Nothing was recorded."""

    def __init__(self, stream_id: UUID) -> None:
        super().__init__(stream_id)
        self.stream_id = stream_id


class KeyTaken(Exception):
    """A command with this idempotency key was recorded already. Nothing was recorded now."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class KeptAnswer(NamedTuple):
    """An answer to keep with the events; `NO_POSITION` in the response is replaced by the position of the last one."""

    actor: UUID
    key: str
    request_digest: bytes
    response: str
    recorded_at: datetime


class Rows(NamedTuple):
    """The events of one command, each a topic and a state, to follow on `expected_version` of their stream.

    `wrapped_key` is the data key made for the stream, where it had none. Without events the rows only make sure that
    the stream still is at that version.
    """

    stream_id: UUID
    expected_version: int
    events: Sequence[tuple[str, bytes]]
    wrapped_key: bytes | None = None
    answer: KeptAnswer | None = None


class Waiting(NamedTuple):
    """A unit: rows of different streams that are recorded together or not at all."""

    unit: Sequence[Rows]
    done: "asyncio.Future[list[int]]"

    @property
    def events(self) -> int:
        """How many events it has."""
        return sum(len(rows.events) for rows in self.unit)

    @property
    def marks(self) -> set[object]:
        """What only one unit of a batch may have: a stream, an idempotency key."""
        keys = ((rows.answer.actor, rows.answer.key) for rows in self.unit if rows.answer)
        return {*(rows.stream_id for rows in self.unit), *keys}


Batch = Sequence[Waiting]
Result = list[int] | VersionConflict | KeyTaken
"""The position of the first event of each rows of a unit, or why the unit was refused."""


def rows_of(batch: Batch) -> Iterator[Rows]:
    """All rows of the units, one after the other."""
    return (rows for item in batch for rows in item.unit)


def arguments(batch: Batch) -> tuple[object, ...]:
    """The arguments of `append_events`, in its order."""
    commands = list(rows_of(batch))
    events = [
        (number, rows.expected_version + nth, topic, state)
        for number, rows in enumerate(commands, 1)
        for nth, (topic, state) in enumerate(rows.events, 1)
    ]
    keys = [(number, rows.wrapped_key) for number, rows in enumerate(commands, 1) if rows.wrapped_key is not None]
    answers = [(number, *rows.answer) for number, rows in enumerate(commands, 1) if rows.answer is not None]
    units = [number for number, item in enumerate(batch) for _ in item.unit] if len(commands) > len(batch) else []
    return (
        [rows.stream_id for rows in commands],
        [rows.expected_version for rows in commands],
        *_columns(events, 4),
        *_columns(keys, 2),
        *_columns(answers, 6),
        str(NO_POSITION),
        units,
    )


def _columns(rows: Sequence[tuple[object, ...]], count: int) -> Sequence[Sequence[object]]:
    return list(zip(*rows, strict=True)) or [()] * count


def results_of(batch: Batch, head: int, outcomes: Sequence[int]) -> Iterator[Result]:
    """What came of each unit, by the answer of `append_events`."""
    start, position = 0, head + 1
    for unit, _ in batch:
        codes = outcomes[start : start + len(unit)]
        start += len(unit)
        if any(codes):
            yield _refusal(unit, codes)
            continue
        firsts: list[int] = []
        for rows in unit:
            firsts.append(position)
            position += len(rows.events)
        yield firsts


def _refusal(unit: Sequence[Rows], codes: Sequence[int]) -> VersionConflict | KeyTaken:
    if _TAKEN in codes:
        answer = unit[codes.index(_TAKEN)].answer
        assert answer is not None
        return KeyTaken(answer.key)
    return VersionConflict(unit[codes.index(_CONFLICT)].stream_id)
