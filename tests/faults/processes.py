"""Processes of the service in an installation of their own: started, killed without warning, and started again."""

import os
import re
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from collections.abc import AsyncGenerator, Generator, Iterable, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import psutil
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app import embedded
from app.settings import DRIVER, KEY_FILE

START_WITHIN_SECONDS = 60
END_WITHIN_SECONDS = 60
LOOK_SECONDS = 0.02
_CONVEYOR = str(Path(sys.executable).with_name("conveyor"))
_ADDRESS = re.compile(r"^Conveyor +http://127\.0\.0\.1:(\d+)/api/v1$", re.MULTILINE)


@dataclass(frozen=True)
class Service:
    """A process that serves at `url`, until it is killed or stopped."""

    url: str
    process: "subprocess.Popen[str]"

    def kill(self, *, with_children: bool = False) -> None:
        """kill -9 of the service alone, whose children end by themselves, or of all of them at once."""
        children = _kill(self.process, with_children=with_children)
        self.process.wait(END_WITHIN_SECONDS)
        _, left = psutil.wait_procs(children, END_WITHIN_SECONDS)
        assert not left, "a child outlives the service"

    def stop(self) -> int:
        """As an operator stops it; returns its exit code."""
        self.process.terminate()
        return self.process.wait(END_WITHIN_SECONDS)

    def wait_until_it_answers(self) -> None:
        """It listens a little after it has said where."""
        deadline = time.monotonic() + START_WITHIN_SECONDS
        while True:
            try:
                assert self.get("/health").status_code == 200
            except httpx.ConnectError:
                assert self.process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(LOOK_SECONDS)
            else:
                return

    def get(self, path: str, token: str | None = None, **params: Any) -> httpx.Response:
        """The answer to a GET."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.get(self.url + path, params=params, headers=headers, timeout=20)

    def post(self, path: str, token: str, body: Any = None) -> httpx.Response:
        """The answer to a command."""
        return httpx.post(self.url + path, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=20)


@dataclass(frozen=True)
class Installation:
    """A data folder, the settings of the processes that work on it, and a file for what they write on stderr."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def token(self) -> str:
        """The token that the service on its embedded database wrote down."""
        return (self.folder / "token").read_text().strip()

    @property
    def key(self) -> bytes:
        """The master key."""
        return b64decode(self.settings.get("CONVEYOR_MASTER_KEY") or (self.folder / KEY_FILE).read_text())

    @property
    def log(self) -> Path:
        """What the services have written on standard error."""
        return self.folder.with_name(f"{self.folder.name}.stderr")

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A command from its beginning to its end."""
        command = [_CONVEYOR, *arguments]
        return subprocess.run(
            command, env=self._environment(), capture_output=True, text=True, timeout=END_WITHIN_SECONDS, check=False
        )

    def done(self, *arguments: str) -> str:
        """What a command printed that has to succeed."""
        ended = self.run(*arguments)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    @contextmanager
    def begun(self, *arguments: str) -> Generator["subprocess.Popen[str]"]:
        """A command on its way; killed at the end of the context, if it still runs."""
        with (
            self.log.open("a") as errors,
            subprocess.Popen(
                [_CONVEYOR, *arguments], env=self._environment(), stdout=subprocess.PIPE, stderr=errors, text=True
            ) as process,
        ):
            try:
                yield process
            finally:
                psutil.wait_procs(_kill(process, with_children=True), END_WITHIN_SECONDS)

    @contextmanager
    def serving(self) -> Generator[Service]:
        """The service, once it answers; killed at the end of the context, if it still runs."""
        with self.begun("serve") as process:
            assert process.stdout
            address = _ADDRESS.match(process.stdout.readline())
            assert address, self.log.read_text()
            service = Service(f"http://127.0.0.1:{address[1]}/api/v1", process)
            service.wait_until_it_answers()
            yield service

    def _environment(self) -> dict[str, str]:
        ours = {"CONVEYOR_DATA_DIR": str(self.folder), "CONVEYOR_PORT": "0", **self.settings}
        inherited = {n: v for n, v in os.environ.items() if not n.startswith("CONVEYOR_") and n != "DATABASE_URL"}
        return inherited | _bytecode() | ours

    @asynccontextmanager
    async def database(self) -> AsyncGenerator[AsyncEngine]:
        """Its database, whether a service uses it or not."""
        given = self.settings.get("DATABASE_URL")
        url = make_url(given).set(drivername=DRIVER) if given else embedded.start(self.folder)
        engine = create_async_engine(url)
        try:
            yield engine
        finally:
            await engine.dispose()
            if not given:
                embedded.stop(self.folder)

    def postgres(self) -> list[psutil.Process]:
        """Every process of the embedded server, the one that started the others first."""
        folder = str((self.folder / embedded.FOLDER).resolve())
        processes = psutil.process_iter(["name", "cmdline"])
        known = [process for process in processes if process.info["name"].startswith("postgres")]
        servers = [process for process in known if folder in (process.info["cmdline"] or ())]
        return [process for server in servers for process in (server, *server.children(recursive=True))]

    def kill_postgres(self) -> None:
        """kill -9 of the whole embedded server."""
        processes = self.postgres()
        _kill_all(processes)
        psutil.wait_procs(processes, END_WITHIN_SECONDS)

    def shut_down(self) -> None:
        """Stop the embedded server that killed services left running."""
        try:
            if (self.folder / embedded.FOLDER).exists():
                embedded.start(self.folder)
                embedded.stop(self.folder)
        finally:
            self.kill_postgres()


def _kill(process: "subprocess.Popen[str]", *, with_children: bool) -> list[psutil.Process]:
    """kill -9, if it still runs; returns its children."""
    if process.poll() is not None:
        return []
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    if with_children:
        _kill_all(children)
    return children


def _kill_all(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


@cache
def _bytecode() -> dict[str, str]:
    """Where bytecode may not be kept beside the source, it is kept elsewhere: many processes are started here."""
    if not sys.dont_write_bytecode:
        return {}
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "conveyor-pycache")}


def foreign(url: URL) -> str:
    """The value of DATABASE_URL."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
