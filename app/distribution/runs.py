"""Applies distributions in the background: lead by lead, by commands, so that a run that was killed goes on."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast
from uuid import UUID

from app.execute import CLIENT, DISTRIBUTION, TEAM_WORK, Call, TooManyConflicts
from app.services import Services
from domain.client.assignment import TakePlannedLead
from domain.distribution.commands import RecordDistributed
from domain.distribution.lines import Line, Skipped
from domain.distribution.state import Distribution, Stage
from domain.kernel import Actor, Refused
from domain.team_work.commands import RecordReview
from domain.team_work.state import TEAM_WORK_ID
from projections.distributions_query import unfinished
from projections.log import driver

log = logging.getLogger(__name__)

AT_A_TIME = 1_000
"""Leads assigned between two records of progress."""
AT_ONCE = 250
"""Commands under way at the same time."""
LOOK_EVERY_SECONDS = 30.0
"""How often to look for runs that nobody carries on."""
_LOCK_SPACE = 0x44495354


class DistributionRuns:
    """The runs of this process. What another process began and left is taken over."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._running: dict[UUID, asyncio.Task[None]] = {}
        self._looking: asyncio.Task[None] | None = None

    def look_after(self) -> None:
        """Carry on what is unfinished, now and from time to time."""
        self._looking = asyncio.create_task(self._look())

    def start(self, distribution_id: UUID) -> None:
        """Carry the distribution on, unless this process does so already."""
        if distribution_id not in self._running:
            task = asyncio.create_task(self._run(distribution_id))
            self._running[distribution_id] = task
            task.add_done_callback(lambda _: self._running.pop(distribution_id, None))

    async def stop(self) -> None:
        """Leave off; what is unfinished is carried on at the next start."""
        tasks = [*self._running.values(), *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self) -> None:
        while True:
            try:
                async with self._services.engine.connect() as connection:
                    found = await unfinished(connection)
                for distribution_id in found:
                    self.start(distribution_id)
            except Exception:
                log.exception("looking for unfinished distributions failed")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _run(self, distribution_id: UUID) -> None:
        try:
            async with self._alone(distribution_id) as alone:
                if alone:
                    await carry_on(self._services, distribution_id)
        except Exception:
            log.exception("distribution %s stopped; it is carried on later", distribution_id)

    @asynccontextmanager
    async def _alone(self, distribution_id: UUID) -> AsyncGenerator[bool]:
        """Whether no other process carries the distribution on; it will not as long as this lasts."""
        key = int.from_bytes(distribution_id.bytes[:4], "big", signed=True)
        async with self._services.engine.connect() as connection:
            raw = await driver(connection)
            alone = cast("bool", await raw.fetchval("SELECT pg_try_advisory_lock($1, $2)", _LOCK_SPACE, key))
            try:
                yield alone
            finally:
                if alone:
                    await raw.execute("SELECT pg_advisory_unlock($1, $2)", _LOCK_SPACE, key)


async def carry_on(services: Services, distribution_id: UUID) -> None:
    """Assign the leads that are still to be assigned, and record how far that has come."""
    distribution = await services.executor.read(DISTRIBUTION, distribution_id)
    if distribution.is_review and distribution.stage is Stage.APPLYING:
        await _note_review(services, distribution)
    while distribution.stage is Stage.APPLYING:
        done = await _next(services, distribution)
        await services.executor.execute(DISTRIBUTION, distribution_id, done, _call(distribution))
        distribution = await services.executor.read(DISTRIBUTION, distribution_id)


async def _note_review(services: Services, distribution: Distribution) -> None:
    """Record on the team's side that the review was held; a run that was killed may have done so already."""
    assert distribution.team_id is not None
    command = RecordReview(team_id=distribution.team_id, distribution_id=distribution.id)
    try:
        await services.executor.execute(TEAM_WORK, TEAM_WORK_ID, command, _call(distribution))
    except Refused as refused:
        if refused.code != "nothing_to_change":
            log.warning("the review by distribution %s is not noted: %s", distribution.id, refused.code)


async def _next(services: Services, distribution: Distribution) -> RecordDistributed:
    """Assign the next leads, several at once."""
    lines, places = distribution.pending()[:AT_A_TIME], asyncio.Semaphore(AT_ONCE)
    await services.executor.foresee(CLIENT, [line.client_id for line in lines])

    async def one(line: Line) -> tuple[UUID, str | None]:
        async with places:
            return line.client_id, await _assign(services, distribution, line)

    outcomes = await asyncio.gather(*map(one, lines))
    return RecordDistributed(
        assigned=tuple(client_id for client_id, code in outcomes if code is None),
        skipped=tuple(Skipped(client_id=client_id, code=code) for client_id, code in outcomes if code is not None),
    )


async def _assign(services: Services, distribution: Distribution, line: Line) -> str | None:
    """Assign one lead; the code of the refusal if it was not possible. What was done before is done."""
    assert line.employee_id is not None
    assert line.score is not None
    command = TakePlannedLead(
        employee_id=line.employee_id,
        distribution_id=distribution.id,
        step=distribution.step,
        score=line.score,
        previous_id=line.owner_id,
        failure_reason=line.failure_reason or distribution.failure_reason,
        variant=distribution.variant,
        sets_task=distribution.sets_tasks,
        task_text=distribution.task_text,
        task_due_at=distribution.task_due_at,
    )
    try:
        await services.executor.execute(CLIENT, line.client_id, command, _call(distribution))
    except Refused as refused:
        return None if refused.code == "already_assigned" else refused.code
    except TooManyConflicts:
        return "lead_changed"
    return None


def _call(distribution: Distribution) -> Call:
    """What is assigned is assigned by whom had the plan applied."""
    assert distribution.started_by is not None
    return Call(Actor(distribution.started_by, frozenset()), correlation_id=distribution.id)
