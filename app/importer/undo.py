"""An import taken back: leads are withdrawn, orders cancelled; what was worked since stays, and is listed."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Row, func, select, update

from app.execute import CLIENT, Call, StaleVersion, TooManyConflicts
from app.importer.noting import IMPORTED, KEPT, UNDONE
from app.jobs.kinds import Task
from app.tables import import_records as records
from domain.client.order_changes import CancelOrder
from domain.client.registration import RegistrationWithdrawn, WithdrawRegistration
from domain.kernel import Actor, Command, Refused
from projections.log import read_whole

BATCH = 500
WORKED = "worked_since"
_NOTHING_LEFT = {"order_cancelled", "unknown_order"}


class _Stands(NamedTuple):
    """A client's version, and its events since it was registered: those of the import (or its undo) and of others."""

    version: int = 0
    mine: int = 0
    others: tuple[bytes, ...] = ()

    def touched(self, part_id: UUID) -> bool:
        """Whether anything else than the import says something of this part of the client."""
        name = str(part_id).encode()
        return any(name in state for state in self.others)


async def undo_import(task: Task) -> dict[str, Any]:
    """Take back what the import of the order brought. Broken off, it goes on with the rows that are left."""
    undo = _Undo(task, UUID(task.order["import_id"]))
    await undo.run()
    return {**await undo.counts(), "position": await task.services.store.head()}


class _Undo:
    def __init__(self, task: Task, import_id: UUID) -> None:
        self._task, self._import_id = task, import_id
        self._services, self._engine = task.services, task.services.engine

    async def run(self) -> None:
        counts = await self.counts()
        total = sum(counts.values())
        done = total - counts[IMPORTED]
        while rows := await self._left():
            self._task.note(done, total, "undoing")
            clients = [row.client_id for row in rows]
            standing = await self._standing(clients)
            await self._services.executor.foresee(CLIENT, clients)
            reasons = await asyncio.gather(*(self._undone(row, standing) for row in rows))
            await self._note(rows, reasons)
            done += len(rows)
        self._task.note(done, total, "undoing")

    async def counts(self) -> dict[str, int]:
        """How many rows stand as they were imported, were undone, were kept."""
        query = select(records.c.state, func.count()).where(records.c.import_id == self._import_id)
        async with self._engine.connect() as connection:
            found = dict((await connection.execute(query.group_by(records.c.state))).all())  # pyright: ignore[reportArgumentType]
        return {state: found.get(state, 0) for state in (IMPORTED, UNDONE, KEPT)}

    async def _standing(self, client_ids: Sequence[UUID]) -> dict[UUID, _Stands]:
        async with self._engine.connect() as connection:
            rows = await read_whole(connection, set(client_ids))
        found: dict[UUID, _Stands] = {}
        of_import = {str(self._import_id), str(self._task.id)}
        for row in rows:
            before = found.get(row.stream_id, _Stands())
            if row.topic == RegistrationWithdrawn.topic:
                found[row.stream_id] = _Stands(row.version)
            elif orjson.loads(row.state)["correlation_id"] in of_import:
                found[row.stream_id] = before._replace(version=row.version, mine=before.mine + 1)
            else:
                found[row.stream_id] = before._replace(version=row.version, others=(*before.others, row.state))
        return found

    async def _left(self) -> Sequence[Row[Any]]:
        query = select(records).where(records.c.import_id == self._import_id, records.c.state == IMPORTED)
        async with self._engine.connect() as connection:
            return (await connection.execute(query.order_by(records.c.line).limit(BATCH))).all()

    async def _undone(self, row: Row[Any], standing: Mapping[UUID, _Stands]) -> str | None:
        """Take one row back. Returns why it is kept; None where nothing of it is left."""
        stands = standing.get(row.client_id, _Stands())
        if row.part_id is not None:
            if stands.touched(row.part_id):
                return WORKED
            return await self._execute(row.client_id, CancelOrder(order_id=row.part_id, reason="Import undone"), None)
        if stands.others:
            return WORKED
        if not stands.mine:
            return None
        return await self._execute(row.client_id, WithdrawRegistration(import_id=self._import_id), stands.version)

    async def _execute(self, client_id: UUID, command: Command, version: int | None) -> str | None:
        call = Call(Actor(self._task.requested_by, frozenset()), self._task.id, if_match=version)
        try:
            await self._services.executor.execute(CLIENT, client_id, command, call)
        except Refused as refused:
            return None if refused.code in _NOTHING_LEFT else refused.code
        except (StaleVersion, TooManyConflicts):
            return WORKED
        return None

    async def _note(self, rows: Sequence[Row[Any]], reasons: Sequence[str | None]) -> None:
        by_reason: dict[str | None, list[int]] = {}
        for row, reason in zip(rows, reasons, strict=True):
            by_reason.setdefault(reason, []).append(row.line)
        async with self._engine.begin() as connection:
            for reason, lines in by_reason.items():
                mine = (records.c.import_id == self._import_id, records.c.state == IMPORTED)
                these = update(records).where(*mine, records.c.line.in_(lines))
                await connection.execute(these.values(state=KEPT if reason else UNDONE, reason=reason))
