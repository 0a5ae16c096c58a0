"""What has to hold after every fault."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from app.mapper import decoder_for_views
from app.vault import Vault
from app.verify import verify
from domain.catalogue.codes import stock_id
from domain.client.owners import OWNERS
from domain.client.state import Client
from domain.stock.events import StockReceived
from domain.stock.shelf import total
from domain.stock.state import Stock
from projections import log
from projections.log import driver
from projections.rebuild import rebuild
from projections.registry import VIEWS
from tests.faults.load import Acknowledged, Caller, Journal
from tests.faults.processes import Installation, Service
from tests.projections.support import all_rows

CATCH_UP_WITHIN_SECONDS = 20
REPEATED = 60


async def check_everything(installation: Installation, service: Service, caller: Caller) -> None:
    """Nothing acknowledged is lost, nothing is there twice, the log is whole, and every view equals a rebuild."""
    await check_repetitions(caller)
    await caught_up(service)
    async with installation.database() as engine:
        vault = Vault(installation.key, engine)
        await check_history(engine, caller.journal)
        assert await verify(engine, lambda _, __: None, vault) == []
        await check_stock(engine, decoder_for_views(vault, engine))
        await check_views(engine, lambda: rebuild(engine, VIEWS, decoder_for_views(vault, engine)))


async def check_repetitions(caller: Caller) -> None:
    """The same key and request get the same answer. What is in doubt is settled by sending it again."""
    keyed = [known for known in caller.journal.acknowledged if known.sent.key]
    for sent in caller.journal.in_doubt:
        answer = await caller.post(sent)
        assert answer.is_success, (sent, answer.text)
        keyed.append(Acknowledged(sent, answer.json()))
        caller.journal.acknowledged.append(keyed[-1])
    settled = keyed[len(keyed) - len(caller.journal.in_doubt) :]
    for known in [*random.sample(keyed, min(REPEATED, len(keyed))), *settled]:
        again = await caller.post(known.sent)
        assert again.headers.get("Idempotent-Replayed") == "true", (known, again.text)
        assert again.json() == known.answer


async def caught_up(service: Service) -> None:
    """Wait until every view is at the end of the log, and none has a parked client."""
    health = service.get("/health").json()
    async with asyncio.timeout(CATCH_UP_WITHIN_SECONDS):
        while any(view["positions_behind"] for view in health["views"]):
            await asyncio.sleep(0.05)
            health = service.get("/health").json()
    assert health["status"] == "ok"
    assert {view["view"] for view in health["views"]} == {view.name for view in VIEWS}


async def check_history(engine: AsyncEngine, journal: Journal) -> None:
    """Every acknowledged command stands at its version and position, and positions have no gaps."""
    sql = "SELECT originator_id, originator_version, notification_id, state FROM public.events ORDER BY 3"
    async with engine.connect() as connection:
        rows = await (await driver(connection)).fetch(sql)
    assert [row[2] for row in rows] == list(range(1, len(rows) + 1))
    found: dict[tuple[UUID, int], tuple[int, bytes]] = {(row[0], row[1]): (row[2], row[3]) for row in rows}
    for known in journal.acknowledged:
        assert known.place in found, f"lost: {known}"
        position, _ = found[known.place]
        assert position == known.answer["position"], known
        stream_id, version = known.place
        states = b"".join(found.get((stream_id, earlier), (0, b""))[1] for earlier in (version - 1, version))
        assert all(part.encode() in states for part in known.parts), known
    assert len({known.answer["position"] for known in journal.acknowledged}) == len(journal.acknowledged)


async def check_stock(engine: AsyncEngine, decode: Callable[..., Awaitable[Any]]) -> None:
    """Orders and stock agree: just the open parts of what was ordered are promised, and the shipped ones are gone."""
    async with engine.connect() as connection:
        events = await decode(await log.read_log(connection, 0, log.NO_END, None, log.NO_END))
    streams: dict[UUID, Any] = {stock_id("BROOM"): Stock.empty(stock_id("BROOM"))}
    for recorded in events:
        key = recorded.stream_id
        if recorded.version == 1 and type(recorded.event) in OWNERS:
            streams[key] = Client.empty(key)
        if key in streams:
            streams[key] = streams[key].evolve(recorded)
    shelf = streams.pop(stock_id("BROOM")).shelf("main")
    orders = {key: order for client in streams.values() for key, order in client.orders.by_id.items()}
    lines = {key: order.lines[0] for key, order in orders.items() if order.lines[0].warehouse}
    promised = {key: line.open for key, line in lines.items() if line.open and not orders[key].cancelled}
    assert {who.order_id: total(parts) for who, parts in shelf.promised.items()} == promised
    received = sum(each.event.quantity for each in events if isinstance(each.event, StockReceived))
    assert shelf.on_hand == received - sum(line.shipped for line in lines.values())


async def check_views(engine: AsyncEngine, build_anew: Callable[[], Awaitable[object]]) -> None:
    """Every live view has the rows that a rebuild gives it."""
    live = await all_rows(engine, VIEWS)
    await build_anew()
    rebuilt = await all_rows(engine, VIEWS)
    async with engine.connect() as connection:
        parked = await (await driver(connection)).fetch("SELECT * FROM public.parked")
    assert live[VIEWS[0].table.name]
    differing = {
        table: [pair for pair in zip(live[table], rows, strict=False) if pair[0] != pair[1]]
        for table, rows in rebuilt.items()
        if live[table] != rows
    }
    assert not differing, (differing, {table: (len(live[table]), len(rebuilt[table])) for table in differing})
    assert parked == []
