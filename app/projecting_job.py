"""The process beside the service that keeps the views up to date, so that folding does not hold up requests.

It imports no more than that takes: neither the HTTP interface nor the command line.
"""

import asyncio
import gc
import logging
import sys

from pydantic import BaseModel, ConfigDict

from app.child import on_leash
from app.logs import configure_logs
from app.loop import run
from app.mapper import decoder_for_views
from app.vault import Vault
from projections.connections import engine_on
from projections.registry import VIEWS
from projections.runner import Projector

ENTRY = "from app.projecting_job import main; main()"
READY = b"ready\n"
CONNECTIONS = 4
"""One to project, one for the keys, one to say what fails, and one to spare."""


class Order(BaseModel):
    """What to work on, as one line on standard input, where no other program can read it."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", hide_input_in_errors=True)

    database_url: str
    master_key: bytes


def main() -> None:
    """Read the order, and project until standard input ends. Says so on standard output once that is settled."""
    configure_logs(logging.INFO)
    gc.freeze()
    run(_project(Order.model_validate_json(sys.stdin.buffer.readline())))


async def _project(order: Order) -> None:
    stop = asyncio.Event()
    on_leash(stop.set)
    engine = engine_on(order.database_url, pool_size=CONNECTIONS, max_overflow=0, hide_parameters=True)
    projector = Projector(engine, VIEWS, decoder_for_views(Vault(order.master_key, engine), engine))
    try:
        projecting = asyncio.create_task(projector.run(stop))
        await projector.settled.wait()
        sys.stdout.buffer.write(READY)
        sys.stdout.buffer.flush()
        await projecting
    finally:
        await engine.dispose()
