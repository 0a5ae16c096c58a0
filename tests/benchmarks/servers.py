"""Servers to measure, each a process of its own on a free port, with a data folder that goes away."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import httpx
import psutil

START_WITHIN_SECONDS = 60


class Memory(NamedTuple):
    """Memory of several processes in MB: what each has in main memory added up, and with shared pages counted once.

    The second is known on Linux only; elsewhere it is the first.
    """

    resident: float
    proportional: float


@dataclass(frozen=True)
class Server:
    """A server that answers on this port."""

    port: int
    process: psutil.Process

    def memory(self) -> Memory:
        """The memory of its process and of those it started, the database's left out."""
        children = [child for child in self.process.children() if "postgres" not in child.name()]
        found = [each.memory_full_info() for each in (self.process, *children)]
        resident, proportional = (
            sum(info.rss for info in found),
            sum(getattr(info, "pss", info.rss) for info in found),
        )
        return Memory(resident / 2**20, proportional / 2**20)


@contextmanager
def data_folder() -> Generator[Path]:
    """A folder for an embedded database, set up by the service at its first use."""
    with tempfile.TemporaryDirectory(prefix="conveyor-bench-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def module(name: str, *arguments: str) -> Generator[Server]:
    """A module that takes its port as the first argument."""
    port = _free_port()
    yield from _running([sys.executable, "-m", name, str(port), *arguments], port, {})


@contextmanager
def service(folder: Path) -> Generator[Server]:
    """The service on the embedded database in a folder."""
    port = _free_port()
    settings = {"CONVEYOR_DATA_DIR": str(folder), "CONVEYOR_PORT": str(port)}
    yield from _running([str(Path(sys.executable).with_name("conveyor")), "serve"], port, settings)


def token(folder: Path) -> str:
    """The token that the service wrote into its data folder."""
    return (folder / "token").read_text().strip()


def _running(command: list[str], port: int, settings: dict[str, str]) -> Generator[Server]:
    process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield Server(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_WITHIN_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"http://127.0.0.1:{port}/", timeout=START_WITHIN_SECONDS)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server does not start")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
