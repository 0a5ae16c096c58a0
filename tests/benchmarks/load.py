"""A small load generator: keep-alive connections that each send the next request when the answer has come.

Written on asyncio protocols because it has to be several times faster than what it measures, on the same machine.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from math import inf
from typing import cast

END_OF_HEAD = b"\r\n\r\n"


@dataclass
class Load:
    """What a load came to: answers by status code, and each answer's time in seconds."""

    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict[int, int])
    times: list[float] = field(default_factory=list[float])

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """The time within which this share of the answers came, in milliseconds."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def request(method: str, path: str, body: bytes = b"", headers: tuple[tuple[str, str], ...] = ()) -> bytes:
    """The bytes of an HTTP/1.1 request to a server on this machine."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += ["Content-Type: application/json", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode() + END_OF_HEAD + body


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], load: Load, until: float, done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._load = load
        self._until = until
        self._done = done
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(END_OF_HEAD)
        if head_end < 0:
            return
        end = head_end + len(END_OF_HEAD) + _content_length(self._buffer[:head_end])
        if len(self._buffer) >= end:
            self._answered(int(self._buffer[9:12]))
            self._buffer = self._buffer[end:]

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("the server closed the connection"))

    def _send(self) -> None:
        following = next(self._requests, None)
        if following is None:
            self._end()
            return
        self._sent = time.perf_counter()
        self._transport.write(following)

    def _answered(self, status: int) -> None:
        now = time.perf_counter()
        self._load.times.append(now - self._sent)
        self._load.statuses[status] = self._load.statuses.get(status, 0) + 1
        if now < self._until:
            self._send()
        else:
            self._end()

    def _end(self) -> None:
        self._done.set_result(None)
        self._transport.close()


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def put_under_load(port: int, requests: list[bytes], *, connections: int, seconds: float) -> Load:
    """Send the requests round and round over so many connections for so many seconds."""
    return await _sent(port, cycle(requests), connections, seconds)


async def send_each(port: int, requests: Iterable[bytes], *, connections: int) -> Load:
    """Send each request once, over so many connections."""
    return await _sent(port, iter(requests), connections, inf)


async def _sent(port: int, source: Iterator[bytes], connections: int, seconds: float) -> Load:
    load, loop = Load(), asyncio.get_running_loop()
    started = time.perf_counter()
    until = started + seconds
    waiting: list[asyncio.Future[None]] = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        waiting.append(done)
        await loop.create_connection(
            lambda done=done: _Connection(source, load, until, done), host="127.0.0.1", port=port
        )
    await asyncio.gather(*waiting)
    load.seconds = time.perf_counter() - started
    return load
