"""The category rules over all clients: first who would move, then the moves, in the background and resumable.

Every process looks for unfinished previews and takes those that nobody works on: a lock of the database belongs to the
connection of whoever does, and is free again when that process ends.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.execute import CLIENT, Call, KeyReused, TooManyConflicts
from app.problems import Problem
from app.services import Services
from app.tables import category_moves as moves
from app.tables import category_previews as previews
from domain.client.categories import ApplyCategoryRules
from domain.kernel import Actor, Refused
from domain.regulation.categories import CategoryRules
from domain.types import Category
from projections.category_candidates import VIEWS, Candidate, candidates

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 5.0
WAIT_SECONDS = 5.0
AT_ONCE = 32
"""So many clients are moved at a time."""
BATCH = 256
_UNFINISHED = ("computing", "applying")


class CategoryPreviews:
    """Makes and applies previews. `run` works on all that are unfinished, whichever process they were asked of."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._engine = services.engine
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    async def request(self, call: Call) -> UUID:
        """Ask for a preview by the rules in force; the same idempotency key gets the same one.

        Raises:
            Problem: `no_category_rules`.
            KeyReused: the key belongs to another request.
        """
        await self._services.directory.refresh()
        rules = self._services.directory.regulation.category_rules
        if rules is None:
            raise Problem("no_category_rules")
        preview_id = uuid4()
        row = {
            "id": preview_id,
            "state": "computing",
            "rules": rules.model_dump(mode="json"),
            "position": await self._services.store.head(),
            "clients_done": 0,
            "requested_by": call.actor.employee_id,
            "requested_at": datetime.now(UTC),
            "request_key": call.idempotency_key,
            "request_digest": call.request_digest,
        }
        async with self._engine.begin() as connection:
            added = await connection.execute(
                insert(previews).values(row).on_conflict_do_nothing().returning(previews.c.id)
            )
            is_new = added.one_or_none() is not None
        self._woken.set()
        return preview_id if is_new else await self.find(call) or preview_id

    async def find(self, call: Call) -> UUID | None:
        """The preview that an earlier request with the same idempotency key asked for.

        Raises:
            KeyReused: that was another request.
        """
        if call.idempotency_key is None:
            return None
        query = select(previews.c.id, previews.c.request_digest).where(
            previews.c.requested_by == call.actor.employee_id, previews.c.request_key == call.idempotency_key
        )
        async with self._engine.connect() as connection:
            found = (await connection.execute(query)).one_or_none()
        if found is None:
            return None
        if found.request_digest != call.request_digest:
            raise KeyReused
        return found.id

    async def apply(self, preview_id: UUID, call: Call) -> bool:
        """Let the moves of a preview be made. False: an earlier request with the same idempotency key did.

        Raises:
            Problem: `not_found`; `preview_not_ready` unless it is ready; `preview_outdated` under other rules.
        """
        await self._services.directory.refresh()
        async with self._engine.begin() as connection:
            query = select(previews).where(previews.c.id == preview_id).with_for_update()
            found = (await connection.execute(query)).one_or_none()
            if found is None:
                raise Problem("not_found", facts={"id": preview_id})
            caller = (call.actor.employee_id, call.idempotency_key)
            if call.idempotency_key and (found.applied_by, found.apply_key) == caller:
                return False
            self._refuse_unless_ready(found)
            asked = dict(zip(("applied_by", "apply_key"), caller, strict=True))
            await _update(connection, preview_id, state="applying", apply_requested_at=datetime.now(UTC), **asked)
        self._woken.set()
        return True

    def _refuse_unless_ready(self, preview: Any) -> None:
        if preview.state != "ready":
            raise Problem("preview_not_ready", facts={"id": preview.id, "state": preview.state})
        if CategoryRules.model_validate(preview.rules) != self._services.directory.regulation.category_rules:
            raise Problem("preview_outdated", facts={"id": preview.id})

    def start(self) -> None:
        """Begin to work in the background."""
        self._task = asyncio.create_task(self.run())

    async def stop(self) -> None:
        """Leave what is unfinished to the next start, or to another process."""
        self._stopping = True
        self._woken.set()
        if self._task:
            await self._task

    async def run(self) -> None:
        """Work until stopped. A failing round is logged and tried again at the next."""
        while not self._stopping:
            try:
                await self.work()
            except Exception:
                logger.exception("a round of work on category previews failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK_EVERY_SECONDS)
            self._woken.clear()

    async def work(self) -> None:
        """Finish every preview that is unfinished and that no other process works on."""
        async with self._engine.connect() as holder:
            await holder.execution_options(isolation_level="AUTOCOMMIT")
            query = select(previews.c.id).where(previews.c.state.in_(_UNFINISHED)).order_by(previews.c.requested_at)
            for preview_id in (await holder.execute(query)).scalars().all():
                lock = literal(int.from_bytes(preview_id.bytes[:8], signed=True))
                if (await holder.execute(select(func.pg_try_advisory_lock(lock)))).scalar_one():
                    try:
                        await self._finish(preview_id)
                    finally:
                        await holder.execute(select(func.pg_advisory_unlock(lock)))

    async def _finish(self, preview_id: UUID) -> None:
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(previews).where(previews.c.id == preview_id))).one()
        try:
            if row.state == "computing":
                await self._compute(preview_id, CategoryRules.model_validate(row.rules), row.position)
            elif row.state == "applying":
                await self._apply(preview_id, row.applied_by)
        except Exception as error:
            logger.exception("category preview %s failed", preview_id)
            await self._set(preview_id, state="failed", error=str(error) or type(error).__name__)

    async def _compute(self, preview_id: UUID, rules: CategoryRules, position: int) -> None:
        """Look at every client; what an earlier attempt found is found anew."""
        while not await self._services.projector.wait_for(VIEWS, position, WAIT_SECONDS):
            if self._stopping:
                return
            logger.info("category preview %s waits for the views", preview_id)
        async with self._engine.begin() as connection:
            await connection.execute(delete(moves).where(moves.c.preview_id == preview_id))
        done = 0
        async with self._engine.connect() as reading:
            await reading.execution_options(isolation_level="AUTOCOMMIT")
            async for page in candidates(reading):
                if self._stopping:
                    return
                done += page.clients
                found = [move for each in page.candidates if (move := _move(preview_id, each, rules))]
                async with self._engine.begin() as connection:
                    if found:
                        await connection.execute(insert(moves), found)
                    await _update(connection, preview_id, clients_done=done)
        await self._set(preview_id, state="ready", clients_done=done, ready_at=datetime.now(UTC))

    async def _apply(self, preview_id: UUID, applied_by: UUID) -> None:
        """Make the moves that are still planned. One that was made before a killed attempt could say so counts."""
        call = Call(Actor(applied_by, frozenset()), correlation_id=preview_id)
        planned = select(moves.c.client_id, moves.c.to_category).where(
            moves.c.preview_id == preview_id, moves.c.state == "planned"
        )
        while True:
            async with self._engine.connect() as connection:
                batch = (await connection.execute(planned.order_by(moves.c.client_id).limit(BATCH))).all()
            if not batch:
                break
            for start in range(0, len(batch), AT_ONCE):
                if self._stopping:
                    return
                part = batch[start : start + AT_ONCE]
                answers = await asyncio.gather(*(self._moved(row.client_id, row.to_category, call) for row in part))
                await self._note(preview_id, [row.client_id for row in part], answers)
        position = await self._services.store.head()
        await self._set(preview_id, state="applied", position=position, applied_at=datetime.now(UTC))

    async def _moved(self, client_id: UUID, category: str, call: Call) -> tuple[str, str | None]:
        command = ApplyCategoryRules(expected=Category(category))
        try:
            await self._services.executor.execute(CLIENT, client_id, command, call)
        except Refused as refused:
            if refused.code != "nothing_to_change":
                return "skipped", refused.code
        except TooManyConflicts:
            return "planned", None
        return "applied", None

    async def _note(self, preview_id: UUID, clients: Sequence[UUID], answers: Sequence[tuple[str, str | None]]) -> None:
        by_answer: dict[tuple[str, str | None], list[UUID]] = {}
        for client_id, answer in zip(clients, answers, strict=True):
            by_answer.setdefault(answer, []).append(client_id)
        async with self._engine.begin() as connection:
            for (state, refusal), these in by_answer.items():
                change = update(moves).where(moves.c.preview_id == preview_id, moves.c.client_id.in_(these))
                await connection.execute(change.values(state=state, refusal=refusal))

    async def _set(self, preview_id: UUID, **values: Any) -> None:
        async with self._engine.begin() as connection:
            await _update(connection, preview_id, **values)


async def _update(connection: AsyncConnection, preview_id: UUID, **values: Any) -> None:
    await connection.execute(update(previews).where(previews.c.id == preview_id).values(values))


def _move(preview_id: UUID, candidate: Candidate, rules: CategoryRules) -> dict[str, Any] | None:
    verdict = rules.verdict(candidate.figures)
    if verdict.category == candidate.category:
        return None
    return {
        "preview_id": preview_id,
        "client_id": candidate.id,
        "from_category": candidate.category,
        "to_category": verdict.category.value,
        "rule": verdict.rule,
        "figures": candidate.figures.model_dump(mode="json"),
        "state": "planned",
    }
