"""`conveyor serve`: the HTTP service, until SIGTERM or Ctrl-C."""

import gc
import logging
import signal
import socket
import sys
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn

from app.cli.data import load_demo_with_progress
from app.cli.failures import Failure
from app.cli.projecting import projecting_beside
from app.cli.session import open_services
from app.cli.tokens import issue_token
from app.demo.load import begun_on, is_loaded
from app.logs import configure_logs
from app.loop import run
from app.main import create_app
from app.services import Services
from app.settings import Settings, read_settings
from domain.client.registration import ClientRegistered
from domain.types import Role

TOKEN_FILE = "token"  # noqa: S105
FIRST_EMPLOYEE = "administrator"
GRACE_SECONDS = 20
BACKLOG = 2048
YOUNG_OBJECTS = 50_000
"""How many new objects bring the garbage collector on. Requests leave hardly any cycles behind, and every walk over
the cached clients holds up all requests."""


def serve(
    host: Annotated[str | None, typer.Option(help="Instead of CONVEYOR_HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Instead of CONVEYOR_PORT.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Load demo data at the first start.")] = False,
) -> None:
    """Serve the API; without DATABASE_URL on a PostgreSQL of its own."""
    given = {"host": host, "port": port, "demo": demo or None}
    settings = read_settings().model_copy(update={name: value for name, value in given.items() if value is not None})
    configure_logs(logging.INFO)
    run(_serve(settings))


async def _serve(settings: Settings) -> None:
    with _bind(settings) as listener:
        async with open_services(settings) as services, projecting_beside(services):
            services.project()
            token = await _prepare(services)
            services.work_by_rule()
            _listen(settings, listener)
            _announce(settings, listener, token)
            await _run(create_app(settings, lambda _: nullcontext(services)), listener)


def _bind(settings: Settings) -> socket.socket:
    """A socket that does not listen yet; taken before anything else, so that a taken port is found out at once."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with ExitStack() as on_failure:
            bound = on_failure.enter_context(socket.socket(family, kind))
            if sys.platform != "win32":
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            on_failure.pop_all()
    except OSError as error:
        raise _cannot_listen(settings, error) from error
    return bound


def _listen(settings: Settings, bound: socket.socket) -> None:
    """Listen; the event loop would not say that another program on the same address was faster."""
    try:
        bound.listen(BACKLOG)
    except OSError as error:
        raise _cannot_listen(settings, error) from error


def _cannot_listen(settings: Settings, error: OSError) -> Failure:
    return Failure(f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}")


async def _prepare(services: Services) -> str | None:
    """Demo data where there are no clients yet, and on the embedded database the token of its first employee."""
    settings = services.settings
    if settings.demo and await _needs_demo(services):
        await load_demo_with_progress(services, until=await begun_on(services.executor))
    if not settings.embedded:
        return None
    path = settings.data_dir / TOKEN_FILE
    return _read(path) or _kept(path, (await issue_token(services, FIRST_EMPLOYEE, Role.ADMINISTRATOR)).token)


async def _needs_demo(services: Services) -> bool:
    """Whether there is no client at all, or a load of demo data was broken off."""
    if await begun_on(services.executor):
        return not await is_loaded(services.executor)
    return not await services.store.read_log(0, 1, topics=(ClientRegistered.topic,))


def _read(path: Path) -> str | None:
    return path.read_text().strip() if path.exists() else None


def _kept(path: Path, token: str) -> str:
    path.touch(mode=0o600)
    path.write_text(f"{token}\n")
    return token


def _announce(settings: Settings, listener: socket.socket, token: str | None) -> None:
    address = f"http://{settings.host}:{listener.getsockname()[1]}"
    typer.echo(f"Conveyor     {address}/api/v1")
    typer.echo(f"API docs     {address}/docs")
    if token:
        typer.echo(f"Data folder  {settings.data_dir}")
        typer.echo(f"Token        {token}")
    else:
        typer.echo("Token        conveyor token create --employee CODE")


async def _run(app: Any, listener: socket.socket) -> None:
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    config = uvicorn.Config(
        app, access_log=False, log_config=None, proxy_headers=False, timeout_graceful_shutdown=GRACE_SECONDS
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _finish_quietly)
    await uvicorn.Server(config).serve(sockets=[listener])


def _finish_quietly(*_: object) -> None:
    """The server has stopped on the signal; what is left is to close the log and the database."""
