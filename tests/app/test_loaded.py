"""Streams in memory: as many as there is room for, by what they take."""

from uuid import UUID, uuid4

import pytest

from app.execute import CLIENT
from app.loaded import Loaded, LoadedStreams
from app.sizes import bytes_of
from app.store import Store
from domain.client.state import Client
from domain.kernel import Recorded

KILOBYTE = 1024


class Unread(Store):
    """A store that counts which streams are read, all of them empty."""

    def __init__(self) -> None:
        self.read: list[UUID] = []

    async def read_tail(self, stream_id: UUID, after_version: int) -> tuple[list[Recorded], bytes]:
        self.read.append(stream_id)
        return [], b""


def loaded(size: int, version: int = 1) -> Loaded[Client]:
    """A client that takes so many bytes, and a few hundred more."""
    return Loaded(Client.empty(uuid4()), version, bytes(size))


async def kept(streams: LoadedStreams, store: Unread, stream_id: UUID) -> bool:
    store.read.clear()
    await streams.load(CLIENT, stream_id)
    return not store.read


async def test_the_streams_not_met_for_longest_make_room() -> None:
    store = Unread()
    streams = LoadedStreams(store, 100 * KILOBYTE)
    first, second, third = uuid4(), uuid4(), uuid4()
    for stream_id in (first, second):
        streams.remember(stream_id, loaded(40 * KILOBYTE))
    assert await kept(streams, store, first)
    streams.remember(third, loaded(40 * KILOBYTE))
    assert [await kept(streams, store, stream_id) for stream_id in (first, second, third)] == [True, False, True]


async def test_many_small_streams_take_as_much_as_one_large_one() -> None:
    store = Unread()
    streams = LoadedStreams(store, 100 * KILOBYTE)
    small = [uuid4() for _ in range(10)]
    for stream_id in small:
        streams.remember(stream_id, loaded(1 * KILOBYTE))
    assert all([await kept(streams, store, stream_id) for stream_id in small])
    streams.remember(uuid4(), loaded(95 * KILOBYTE))
    assert not await kept(streams, store, small[0])


async def test_a_stream_is_measured_again_once_its_events_are_twice_as_many() -> None:
    store = Unread()
    streams = LoadedStreams(store, 100 * KILOBYTE)
    growing, other = uuid4(), uuid4()
    streams.remember(other, loaded(20 * KILOBYTE))
    streams.remember(growing, loaded(1 * KILOBYTE, version=10))
    streams.remember(growing, loaded(95 * KILOBYTE, version=19))
    assert await kept(streams, store, other)
    streams.remember(growing, loaded(95 * KILOBYTE, version=20))
    assert await kept(streams, store, growing)
    assert not await kept(streams, store, other)


@pytest.mark.parametrize("size", [0, 5_000])
def test_a_value_takes_what_it_holds(size: int) -> None:
    held = bytes(size)
    assert bytes_of((held, held)) == bytes_of((held,)) + 8
    assert size < bytes_of([{"of": held}]) < size + 500
    assert bytes_of(Client) == 0
