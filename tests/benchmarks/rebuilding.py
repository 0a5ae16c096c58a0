"""Rebuild of all views against a bare read of the same events, and against the library's `ProjectionRunner`."""

import json
import os
import time
from pathlib import Path
from statistics import median

from eventsourcing.projection import ProjectionRunner
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from app import embedded
from app.cli.session import open_services, view_worker
from app.settings import Settings
from projections.log import driver
from projections.parallel import Workers
from projections.rebuild import rebuild
from projections.registry import VIEWS
from tests.benchmarks.dataset import fill
from tests.benchmarks.stock import StockClient, StockClients, StockProjection, StockView, environment
from tests.benchmarks.table import Line, ratio

PAGE = 10_000
PROCESSES = max(2, os.cpu_count() or 1)
LIBRARY_SECONDS = 10
LIBRARY_CLIENTS, LIBRARY_CONTACTS = 200, 100


async def measure(folder: Path, clients: int = 25_000, rounds: int = 3) -> list[Line]:
    """The ratios are medians of rounds in which all are measured one after the other."""
    settings, url = Settings(data_dir=folder), embedded.start(folder)
    _fill_stock(url)
    rates: dict[str, list[float]] = {"rebuild": [], "parallel": [], "bare": [], "library": []}
    async with open_services(settings) as services:
        events = await fill(services.engine, settings.key(), clients)
        workers = Workers(PROCESSES, view_worker(services.engine, settings.key()))
        for number in range(rounds):
            rates["bare"].append(events / await _bare_read(services.engine))
            for name, helpers in (("rebuild", None), ("parallel", workers)):
                started = time.perf_counter()
                await rebuild(services.engine, VIEWS, services.decode, workers=helpers)
                rates[name].append(events / (time.perf_counter() - started))
            rates["library"].append(_library(url, number))
    return _lines(rates, events)


def _lines(rates: dict[str, list[float]], events: int) -> list[Line]:
    mine = rates["rebuild"]
    return [
        Line(
            f"rebuild of all {len(VIEWS)} views, {events:,} events, one process",
            f"{median(mine):,.0f} events/s",
        ),
        Line(
            f"the same with {PROCESSES} processes on {os.cpu_count()} cores, their start included",
            f"{median(rates['parallel']):,.0f} events/s",
            f"{ratio(rates['parallel'], mine):.1f} × one process",
        ),
        Line(
            "bare SELECT and JSON decode of the same events",
            f"{median(rates['bare']):,.0f} events/s",
            f"the rebuild reaches {ratio(mine, rates['bare']):.0%}",
        ),
        Line(
            "the library's `ProjectionRunner`, one view that counts",
            f"{median(rates['library']):,.0f} events/s",
            f"the rebuild is {ratio(mine, rates['library']):.0f} × as fast",
        ),
    ]


async def _bare_read(engine: AsyncEngine) -> float:
    """Seconds to read all events page by page and parse their JSON."""
    sql = "SELECT notification_id, state FROM public.events WHERE notification_id > $1 ORDER BY 1 LIMIT $2"
    started, position = time.perf_counter(), 0
    async with engine.connect() as connection:
        raw = await driver(connection)
        while rows := await raw.fetch(sql, position, PAGE):
            for row in rows:
                json.loads(row["state"])
            position = rows[-1]["notification_id"]
    return time.perf_counter() - started


def _fill_stock(url: URL) -> None:
    application = StockClients(env=environment(url))
    for number in range(LIBRARY_CLIENTS):
        client = StockClient(f"Client {number}")
        for _ in range(LIBRARY_CONTACTS):
            client.record_contact("phone", "outbound", "reached", "Asked about the next delivery.")
        application.save(client)


def _library(url: URL, number: int) -> float:
    """Events per second in the first seconds of a new view of the library's."""
    view = type(f"StockView{number}", (StockView,), {})
    projection = type(f"StockProjection{number}", (StockProjection,), {"name": f"stockview{number}"})
    runner = ProjectionRunner[StockClients, StockView](
        application_class=StockClients, projection_class=projection, view_class=view, env=environment(url)
    )
    with runner:
        started = time.perf_counter()
        time.sleep(LIBRARY_SECONDS)
        done = runner.view.max_tracking_id(StockClients.name) or 0
        return done / (time.perf_counter() - started)
