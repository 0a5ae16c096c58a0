"""Streams as they stand: folded from their events and kept in memory, as many as there is room for."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar
from uuid import UUID

from app.sizes import bytes_of, parts_of
from app.store import Store
from domain.kernel import Command, Event, Recorded
from domain.regulation.state import RuleContext
from domain.types import EARLIEST


class State(Protocol):
    """What the events of a stream come to."""

    def evolve(self, recorded: Recorded) -> Self: ...


S = TypeVar("S", bound=State)


@dataclass(frozen=True, slots=True)
class Aggregate(Generic[S]):
    """A kind of stream: its state before the first event, and how commands are decided on it.

    `in_directory`: decisions on other streams look at it, by the directory.
    """

    state: type[S]
    empty: Callable[[UUID], S]
    decide: Callable[[Command, S, RuleContext], list[Event]]
    in_directory: bool = False


class Loaded(NamedTuple, Generic[S]):
    """A stream as it stands: `digest` and `recorded_at` are of its last event."""

    state: S
    version: int
    digest: bytes
    recorded_at: datetime = EARLIEST


class _Kept(NamedTuple):
    """A stream in memory. `size` in bytes, as it was measured at version `measured`."""

    loaded: Loaded[Any]
    size: int
    measured: int


class LoadedStreams:
    """The streams met last. Others may have appended to them since: an append at a stale version fails.

    They take up to about `most` bytes. A stream is measured when it comes in, and again whenever it has twice as many
    events; what it shares with a stream without events is not counted.
    """

    def __init__(self, store: Store, most: int) -> None:
        self._store, self._most = store, most
        self._streams: OrderedDict[UUID, _Kept] = OrderedDict()
        self._size = 0

    async def load(self, aggregate: Aggregate[S], stream_id: UUID) -> Loaded[S]:
        """The stream as it is remembered, or else as it is stored."""
        known = self._known(aggregate, stream_id)
        return known or await self.refresh(stream_id, Loaded(aggregate.empty(stream_id), 0, b""))

    async def load_all(self, aggregate: Aggregate[Any], stream_ids: Collection[UUID]) -> None:
        """Remember these streams, those that are not remembered yet by one query for all."""
        absent = [stream_id for stream_id in stream_ids if self._known(aggregate, stream_id) is None]
        for stream_id, (events, digest) in (await self._store.read_streams(absent)).items():
            self._after(stream_id, Loaded(aggregate.empty(stream_id), 0, b""), events, digest)

    async def refresh(self, stream_id: UUID, loaded: Loaded[S]) -> Loaded[S]:
        """The stream with what others appended meanwhile; the very same object when there is nothing new."""
        tail, digest = await self._store.read_tail(stream_id, loaded.version)
        return self._after(stream_id, loaded, tail, digest) if tail else loaded

    def remember(self, stream_id: UUID, loaded: Loaded[Any]) -> None:
        """Keep the stream, and forget those not met for longest where they take too much."""
        known = self._streams.pop(stream_id, None)
        kept = self._streams[stream_id] = _measured(loaded, known)
        self._size += kept.size - (known.size if known else 0)
        while self._size > self._most:
            self._size -= self._streams.popitem(last=False)[1].size

    def _known(self, aggregate: Aggregate[S], stream_id: UUID) -> Loaded[S] | None:
        known = self._streams.get(stream_id)
        if known is None or not isinstance(known.loaded.state, aggregate.state):
            return None
        self._streams.move_to_end(stream_id)
        return known.loaded

    def _after(self, stream_id: UUID, loaded: Loaded[S], tail: Sequence[Recorded], digest: bytes) -> Loaded[S]:
        last = tail[-1]
        fresh = Loaded(folded(loaded.state, tail), last.version, digest, last.recorded_at)
        self.remember(stream_id, fresh)
        return fresh


def _measured(loaded: Loaded[Any], known: _Kept | None) -> _Kept:
    if known and loaded.version < 2 * known.measured:
        return _Kept(loaded, known.size, known.measured)
    return _Kept(loaded, bytes_of(loaded, _in_every(loaded.state.__class__)[1]), loaded.version)


@cache
def _in_every(kind: Any) -> tuple[State, frozenset[int]]:
    """A state without events, which is kept so that its parts stay where they are, and the ids of those parts."""
    empty = kind.empty(UUID(int=0))
    return empty, frozenset(map(id, parts_of(empty)))


def folded(state: S, recorded: Sequence[Recorded]) -> S:
    """The state after the events."""
    for item in recorded:
        state = state.evolve(item)
    return state
